"""A scenario as the text of a file."""

from __future__ import annotations

import re
from typing import Any

import yaml

from partsim.model.scenario import Scenario


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Quotes every text that YAML 1.1 or 1.2 takes for something else."""


_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+.]?[0-9][-+.0-9eE]*$"), list("-+.0123456789")
)


def write_scenario_text(scenario: Scenario) -> str:
    """
    Write a scenario, with all its defaults and without tables, as YAML.

    Parameters
    ----------
    scenario : Scenario
        Any.

    Returns
    -------
    str
        Text of a file that reads back as an equal scenario.

    Examples
    --------
    >>> from partsim.scenario_file.template import init_text
    >>> from partsim.scenario_file.yaml_nodes import read_yaml
    >>> scenario = Scenario.model_validate(read_yaml(init_text(), "init").tree)
    >>> write_scenario_text(scenario).splitlines()[0]
    'partsim: 1'
    """
    tree: dict[str, Any] = scenario.to_tree()
    return str(yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000))

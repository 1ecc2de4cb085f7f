"""Reading a scenario file, with its tables and the changes to it; and a plan for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from partsim.errors import InputError, Problem
from partsim.model.scenario import Scenario
from partsim.model.units import show
from partsim.scenario_file.changes import change_tables, change_values
from partsim.scenario_file.expansion import expand_tables
from partsim.scenario_file.plan_table import read_plan as read_plan
from partsim.scenario_file.sentences import check_tree, in_file_order
from partsim.scenario_file.text_files import read_text
from partsim.scenario_file.yaml_nodes import read_yaml


def read_scenario(path: str | Path, changes: Sequence[str] = ()) -> Scenario:
    """
    Read a scenario file, its tables, and changes to it.

    Parameters
    ----------
    path : str or Path
        YAML file; docs/scenario_format.md has its keys and units.
    changes : sequence of str
        Such as ``tiers.gold.promise.share=97 %``, played after the file is read.

    Returns
    -------
    Scenario
        Complete and free of contradictions.

    Raises
    ------
    InputError
        With every problem of the file, its tables and the changes, in the order of the file.

    Examples
    --------
    >>> read_scenario("no/such/case.yaml")
    Traceback (most recent call last):
    partsim.errors.InputError: no/such/case.yaml: expected a file, there is none of this name
    """
    document = read_yaml(read_text(Path(path)), str(path))
    if not isinstance(document.tree, dict):
        got = "an empty file" if document.tree == "" else show(document.tree)
        hint = "; `partsim init` writes a scenario to start from"
        message = f"expected a mapping of keys such as 'parts:', got {got}{hint}"
        raise InputError(*document.problems, Problem(message, file=str(path)))
    change_tables(document, changes)
    expand_tables(document)
    change_values(document, changes)
    scenario, problems = check_tree(document)
    problems = [*document.problems, *problems]
    if scenario is None or problems:
        raise InputError(*in_file_order(problems, document))
    return scenario


def input_files(path: str | Path, changes: Sequence[str] = ()) -> list[Path]:
    """
    Name the files that a scenario is made of: its own, then its tables.

    Parameters
    ----------
    path : str or Path
        YAML file of a scenario that `read_scenario` reads.
    changes : sequence of str
        As for `read_scenario`; they may name other tables.

    Returns
    -------
    list of Path
        In the order of the file.
    """
    document = read_yaml(read_text(Path(path)), str(path))
    change_tables(document, changes)
    expand_tables(document)
    files = dict.fromkeys([str(path), *(place.file for place in document.values.values())])
    return [Path(file) for file in files if not file.startswith("--set ")]

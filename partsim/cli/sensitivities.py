"""The command that asks which assumption of a scenario matters most."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partsim.cli.options import FILE
from partsim.cli.output import DONE, INTERRUPTED, complain, say, say_json, show_progress
from partsim.cli.plans import interrupt_sentence
from partsim.cli.what_if import Asked, what_if_options

if TYPE_CHECKING:
    from partsim.model.sensitivity import Sensitivity


@click.command()
@FILE
@click.option("--by", default="20 %", show_default=True, metavar="SHARE",
              help="How far each assumption is off.")  # fmt: skip
@what_if_options
def sensitivity(*, file: Path, by: str, asked: Asked) -> int:
    """Change one assumption at a time: what becomes of cost and promises, and which matters most.

    Prices, lives, rates of demand, lead times, phone fixes, calls that may break a promise, hours
    promised.
    """
    from partsim.model.units import parse_share

    started = datetime.now(UTC)
    try:
        share = parse_share(by)
        if not 0 < share < 1:
            raise ValueError(f"expected a share above 0 % and below 100 %, got {by}")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--by'") from None
    scenario = asked.scenario(file)

    from partsim.model.outcome import Interrupted
    from partsim.planning.sensitivity import find_sensitivity
    from partsim.report.folder import default_folder, manifest, whole_folder, write_manifest
    from partsim.report.sensitivity_folder import write_sensitivity
    from partsim.scenario_file.reading import input_files
    from partsim.scenario_file.writing import write_scenario_text

    text = write_scenario_text(scenario)
    name = f"{scenario.name or file.stem} sensitivity"
    target = asked.output or default_folder(name, text, started)
    facts = manifest(
        command=["partsim", *sys.argv[1:]],
        seed=scenario.simulation.seed,
        inputs=input_files(file, asked.changes),
        scenario_text=text,
        started=started,
    )
    try:
        with whole_folder(target) as folder, show_progress(quiet=asked.quiet) as progress:
            found = find_sensitivity(
                scenario, by=share, jobs=asked.who.jobs, engine=asked.who.engine(),
                resume=asked.resume, time_limit=asked.time_limit, progress=progress,
            )  # fmt: skip
            write_sensitivity(found, folder, title=name, manifest=facts)
            write_manifest(folder, facts)
    except Interrupted as stop:
        complain(interrupt_sentence(stop, asked.resume))
        return INTERRUPTED
    _show(found, target, as_json=asked.as_json)
    return DONE


def _show(found: Sensitivity, target: Path, *, as_json: bool) -> None:
    from partsim.report.sensitivity_folder import findings, sensitivity_text

    if as_json:
        say_json(found.summary | {"findings": findings(found), "folder": str(target),
                                   "report": str(target / "sensitivity.html")})  # fmt: skip
    else:
        say(f"{sensitivity_text(found)}\nreport: {target / 'sensitivity.html'}")

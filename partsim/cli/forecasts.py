"""The command that forecasts demand from the machines in the field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from partsim.cli.options import FILE, JSON, OUTPUT, SET, whole_number
from partsim.cli.output import DONE, say, say_json


@click.command()
@FILE
@OUTPUT
@SET
@click.option("--months", type=whole_number(1, 120), default=12, show_default=True,
              help="Months from the start of the simulation.")  # fmt: skip
@click.option("--share", "percent", type=whole_number(1, 99), default=90, show_default=True,
              help="Per cent of the months that shall lie within the interval.")  # fmt: skip
@JSON
def forecast(
    *, file: Path, output: Path | None, changes: Sequence[str], months: int, percent: int,
    as_json: bool,
) -> int:  # fmt: skip
    """Forecast demand by part and month from the ages of machines; -o writes a folder."""
    from partsim.scenario_file.reading import read_scenario

    scenario = read_scenario(file, changes)

    from partsim.planning.forecast import forecast_demand
    from partsim.report.folder import whole_folder
    from partsim.report.forecast_folder import forecast_text, write_forecast

    found = forecast_demand(scenario, months=months, share=percent / 100)
    if output is not None:
        with whole_folder(output) as folder:
            write_forecast(found, folder)
    if as_json:
        tables = {"demand": found.demand, "machines": found.machines}
        say_json({"share": found.share}
                 | {name: table.to_dict("records") for name, table in tables.items()})  # fmt: skip
    else:
        say(forecast_text(found))
        if output is not None:
            say(f"written      {output}")
    return DONE

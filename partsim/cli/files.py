"""Commands that write a file to start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from partsim.cli.options import OUTPUT, table
from partsim.cli.output import DONE, say, say_or_write

if TYPE_CHECKING:
    from partsim.tables.encodings import Encoding
    from partsim.tables.headings import Dictionary


@click.command()
@OUTPUT
def schema(output: Path | None) -> int:
    """Print the JSON Schema of scenario files, for editors."""
    from partsim.scenario_file.editor_schema import editor_schema_text

    say_or_write(editor_schema_text(), output)
    return DONE


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default="scenario.yaml")
@table("parts", "Parts, with prices, lead times, lives as far as the table has them.")
@table("depots", "Depots and what supplies them.")
@table("machines", "Machine types and how many of each part one has.")
@table("fleets", "Machines in the field: type, depot, customers, count.")
@table("stock", "Today's stock: part, depot, maximum, on hand.")
@table("demand", "Demand where nobody knows machines: what fit-demand wrote, or a history.")
@click.option("--columns", type=click.Choice(["english", "sap", "chinese"]),
              help="Whose headings the tables have; found if not given.")  # fmt: skip
@click.option("--encoding", metavar="NAME",
              help="Encoding of CSV tables, such as cp1252; UTF-8, UTF-16 and GB18030 are told "
                   "apart if not given.")  # fmt: skip
def init(
    path: Path, columns: Dictionary | None, encoding: str | None, **tables: Path | None
) -> int:
    """Write a small scenario to start from (scenario.yaml, or PATH), or one from your tables.

    Tables are CSV files or Excel workbooks. What they do not say is marked '# assumed'.
    """
    given = {"today" if key == "stock" else key: table for key, table in tables.items() if table}
    if given and "parts" not in given:
        raise click.UsageError("expected --parts with the other tables, got none")
    if given:
        notes = _draft(given, columns, path, _encoding(encoding))
    else:
        from partsim.scenario_file.template import init_text

        say_or_write(init_text(), path)
        notes = []
    for note in notes:
        say(note)
    say(f"next: partsim run {path}")
    return DONE


def _draft(
    tables: dict[str, Path], columns: Dictionary | None, path: Path, encoding: Encoding | None
) -> list[str]:
    """Write a scenario from tables; a history of demand becomes a table of rates beside it."""
    from partsim.report.folder import refuse_existing
    from partsim.scenario_file.draft import draft_scenario
    from partsim.scenario_file.draft_branches import has_rates

    refuse_existing(path)
    history, notes = tables.get("demand"), []
    rates = path.with_name(f"{path.stem}_demand.csv")
    made = history is not None and not has_rates(history, columns, encoding)
    if history is not None and made:
        notes = _write_rates(history, rates)
        tables = tables | {"demand": rates}
    try:
        text, more = draft_scenario(tables, columns, path, encoding)
        say_or_write(text, path)
    except BaseException:
        if made:
            rates.unlink()
        raise
    return notes + more


def _write_rates(history: Path, target: Path) -> list[str]:
    """Estimate demand from its history and write the table; give what there is to note."""
    from partsim.history import demand_estimates
    from partsim.report.folder import whole_file
    from partsim.report.tables import csv_text

    found = demand_estimates.fit_demand(history)
    whole_file(target, csv_text(demand_estimates.demand_rows(found)), encoding="utf-8-sig")
    return [f"{target}: demand by `partsim fit-demand {history}`", *found.notes]


def _encoding(name: str | None) -> Encoding | None:
    """Find an encoding by its name, or say which there are."""
    from partsim.tables.encodings import ENCODINGS

    if name is None:
        return None
    for encoding in ENCODINGS:
        if encoding == name.casefold():
            return encoding
    expected = f"expected one of {', '.join(ENCODINGS)}, got '{name}'"
    raise click.BadParameter(expected, param_hint="'--encoding'")

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
    from partsim.scenario_file.schema import scenario_schema_text

    say_or_write(scenario_schema_text(), output)
    return DONE


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default="scenario.yaml")
@table("parts", "Parts, with prices, lead times, lives as far as the table has them.")
@table("depots", "Depots and what supplies them.")
@table("machines", "Machine types and how many of each part one has.")
@table("fleets", "Machines in the field: type, depot, customers, count.")
@table("stock", "Today's stock: part, depot, maximum, on hand.")
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
        from partsim.scenario_file.draft import draft_scenario

        text, notes = draft_scenario(given, columns, path, _encoding(encoding))
    else:
        from partsim.scenario_file.template import init_text

        text, notes = init_text(), []
    say_or_write(text, path)
    for note in notes:
        say(note)
    say(f"next: partsim run {path}")
    return DONE


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

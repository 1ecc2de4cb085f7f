"""Tables that a scenario names, put into its tree in the place of their names."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from partsim.errors import InputError
from partsim.model.units import show
from partsim.scenario_file.sentences import explain
from partsim.scenario_file.table_forms import TABLE_FORMS, TableForm
from partsim.scenario_file.yaml_nodes import Document, problem_at
from partsim.tables.cells import Place
from partsim.tables.table_options import TableOptions
from partsim.tables.table_rows import drop_rows, fill_defaults, read_numbers, read_prices
from partsim.tables.tables import Table, missing_columns, read_table, unknown_columns

OPTIONS = tuple(TableOptions.model_fields)
_LISTS = ("fleets", "demand", "limits")
"""Lost, they have no rows; that they were there still counts."""


def expand_tables(document: Document) -> None:
    """
    Replace every `{table: file.csv}` of a scenario's tree by what the file says.

    Parameters
    ----------
    document : Document
        Changed in place. Paths are relative to the file that names them; a table that cannot
        be read is a problem, and its branch is lost.
    """
    for key, form in TABLE_FORMS.items():
        node = document.tree.get(key)
        if not isinstance(node, dict) or isinstance(node.get("table", {}), dict):
            continue
        place = document.values.get((key, "table"), document.values[key,])
        for other in [other for other in node if _clashes(key, other)]:
            where = document.keys.get((key, other), place)
            close = get_close_matches(other, OPTIONS, n=1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            message = f"expected no '{other}' beside 'table', got both{hint}"
            document.problems.append(problem_at(where, (key, other), message))
        options = _options(document, key, node, form)
        table = _read(document, (key, "table"), options, form, place) if options else None
        if options and table and _fits(document, key, table, options, form):
            form.put_rows(document, table, options)
            document.notes += table.notes
        else:
            document.lost.add((key,))
            if key not in _LISTS:
                del document.tree[key]


def _clashes(key: str, other: str) -> bool:
    """Tell whether a key may not stand beside 'table'; norms may stand beside today's table."""
    return other == "stock" if key == "today" else other not in OPTIONS


def _options(
    document: Document, key: str, node: dict[str, Any], form: TableForm
) -> TableOptions | None:
    """Read what stands beside 'table', or say what is wrong with it."""
    path, name = (key, "table"), node["table"]
    place = document.values.get(path, document.values[key,])
    if not isinstance(name, str) or not name:
        message = f"expected the name of a CSV file, got {show(name)}"
        document.problems.append(problem_at(place, path, message))
        return None
    try:
        options = TableOptions.model_validate({k: v for k, v in node.items() if k in OPTIONS})
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            below, where, message = explain({**detail, "loc": (key, *detail["loc"])}, document)
            document.problems.append(problem_at(where, below, message))
        return None
    strangers = []
    for option in ("columns", "units", "defaults", "drop_without"):
        value = node.get(option)
        names = value if isinstance(value, list) else list(value if isinstance(value, dict) else ())
        for i, column in enumerate(names):
            if column not in form.columns:
                below = (key, option, i if isinstance(value, list) else column)
                close = get_close_matches(str(column), form.columns, n=1)
                known = ", ".join(form.columns)
                hint = f"did you mean '{close[0]}'?" if close else f"known are {known}"
                message = f"unknown column '{column}'; {hint}"
                where = document.keys.get(below, place)
                strangers.append(problem_at(where, below, message))
    document.problems += strangers
    return None if strangers else options


def _read(
    document: Document, path: tuple[str, str], options: TableOptions, form: TableForm, place: Place
) -> Table | None:
    # A name on the command line is relative to where the command runs.
    folder = Path() if place.file.startswith("--set ") else Path(place.file).parent
    file = folder / options.table
    try:
        table = read_table(file, options, form.columns)
    except InputError as error:
        # A file that is not there is a problem of the line that names it.
        document.problems += [
            problem if problem.line else problem_at(place, path, str(problem))
            for problem in error.problems
        ]
        return None
    document.files.append(str(file))
    return table


def _fits(
    document: Document, key: str, table: Table, options: TableOptions, form: TableForm
) -> bool:
    """Make the rows ready; tell whether every column that must be there is."""
    read_numbers(table, form.numbers, options)
    if key == "parts":
        read_prices(table)
    places = {name: document.values.get((key, "defaults", name), document.values[key,])
              for name in options.defaults}  # fmt: skip
    fill_defaults(table, options.defaults, places)
    names = {column: document.tree.get(f"{column}s") for column in ("part", "depot", "machine")}
    drop_rows(table, options, names)
    spared = form.or_demand if "demand" in document.tree else ()
    needed = tuple(column for column in form.required if column not in spared)
    lacking = missing_columns(table, needed)
    document.problems += lacking + table.problems
    if not lacking:
        document.problems += unknown_columns(table, form.columns)
    return not lacking

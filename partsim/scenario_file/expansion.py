"""Tables that a scenario names, put into its tree in the place of their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partsim.errors import InputError
from partsim.model.checks import unknown_name
from partsim.model.durations import DurationSpec
from partsim.model.units import show
from partsim.scenario_file.tables import (
    Cell,
    Table,
    missing_columns,
    read_table,
    unknown_columns,
)
from partsim.scenario_file.yaml_nodes import Document, Place, problem_at

Row = dict[str, Cell]


@dataclass(frozen=True)
class TableForm:
    """
    What a table in a scenario looks like.

    Attributes
    ----------
    required, optional : tuple of str
        Columns; an empty cell in an optional column means the default.
    put_rows : function
        Puts the rows of a table into the tree.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    put_rows: Callable[[Document, Table], None]


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
            message = f"expected no '{other}' beside 'table', got both"
            document.problems.append(problem_at(where, (key, other), message))
        table = _read(document, (key, "table"), node["table"], place)
        lacking = missing_columns(table, form.required) if table else []
        document.problems += lacking + (table.problems if table else [])
        if table and not lacking:
            document.problems += unknown_columns(table, form.required + form.optional)
            form.put_rows(document, table)
        else:
            document.lost.add((key,))
            del document.tree[key]


def _clashes(key: str, other: str) -> bool:
    """Tell whether a key may not stand beside 'table'; norms may stand beside today's table."""
    return other == "stock" if key == "today" else other != "table"


def _read(document: Document, path: tuple[str, str], name: object, place: Place) -> Table | None:
    if not isinstance(name, str) or not name:
        message = f"expected the name of a CSV file, got {show(name)}"
        document.problems.append(problem_at(place, path, message))
        return None
    # A name on the command line is relative to where the command runs.
    folder = Path() if place.file.startswith("--set ") else Path(place.file).parent
    try:
        return read_table(folder / name)
    except InputError as error:
        # A file that is not there is a problem of the line that names it.
        document.problems += [
            problem if problem.line else problem_at(place, path, str(problem))
            for problem in error.problems
        ]
        return None


def _put_entry(
    document: Document, path: tuple[str | int, ...], row: Row, columns: tuple[str, ...]
) -> None:
    """Put one row as a mapping; cells of optional columns may be empty."""
    document.put(path, {}, next(iter(row.values())).place)
    for column in columns:
        cell = row.get(column)
        if cell is not None:
            document.put((*path, column), cell.text, cell.place)


def _put_parts(document: Document, table: Table) -> None:
    table_place = document.values["parts", "table"]
    document.put(("parts",), {}, document.keys["parts",])
    first: dict[str, int] = {}
    for row in table.rows:
        part = row["part"]
        if not part.text or part.text in first:
            got = f"'{part.text}' also in line {first[part.text]}" if part.text else "nothing"
            message = f"expected a part number of its own in each row, got {got}"
            document.problems.append(problem_at(part.place, ("parts",), message))
            continue
        first[part.text] = part.place.line
        columns = ("price", "supplier", *_filled(row, "name", "difficulty", "customer_held"))
        _put_entry(document, ("parts", part.text), row, columns)
        _put_lifetime(document, ("parts", part.text, "lifetime"), row)
    if not table.rows:
        document.keys["parts",] = table_place


def _filled(row: Row, *columns: str) -> tuple[str, ...]:
    return tuple(column for column in columns if column in row and row[column].text)


def _put_lifetime(document: Document, path: tuple[str, str, str], row: Row) -> None:
    kind, mean = row["lifetime"], row["mean_life"]
    document.put(path, {}, kind.place)
    if kind.text not in DurationSpec.model_fields:
        message = unknown_name(kind.text, DurationSpec.model_fields, "a distribution")
        document.problems.append(problem_at(kind.place, path, message))
        document.lost.add(path)
    elif kind.text == "fixed":
        document.put((*path, "fixed"), mean.text, mean.place)
    else:
        document.put((*path, kind.text), {}, kind.place)
        document.put((*path, kind.text, "mean"), mean.text, mean.place)
        for column in _filled(row, "shape", "cv"):
            document.put((*path, kind.text, column), row[column].text, row[column].place)


def _put_list(document: Document, path: tuple[str, ...], table: Table, form: TableForm) -> None:
    document.put(path, [], document.keys[path[:1]])
    rows: list[Any] = [None] * len(table.rows)
    document.put(path, rows, document.keys[path[:1]])
    for i, row in enumerate(table.rows):
        _put_entry(document, (*path, i), row, form.required + _filled(row, *form.optional))


def _put_fleets(document: Document, table: Table) -> None:
    _put_list(document, ("fleets",), table, TABLE_FORMS["fleets"])


def _put_today(document: Document, table: Table) -> None:
    del document.tree["today"]["table"]
    document.tree["today"].pop("stock", None)
    _put_list(document, ("today", "stock"), table, TABLE_FORMS["today"])


TABLE_FORMS = {
    "parts": TableForm(
        ("part", "price", "lifetime", "mean_life", "supplier"),
        ("shape", "cv", "difficulty", "customer_held", "name"),
        _put_parts,
    ),
    "fleets": TableForm(("machine", "depot", "customers", "count"), (), _put_fleets),
    "today": TableForm(
        ("part", "depot", "base_stock", "on_hand"),
        ("on_order", "order_quantity"),
        _put_today,
    ),
}

"""What the tables of a scenario look like, and where their rows go in its tree."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from partsim.model.durations import DurationSpec
from partsim.model.tree_branches import unknown_name
from partsim.scenario_file.storage_locations import add_storage_locations
from partsim.scenario_file.yaml_nodes import Document, Path, problem_at
from partsim.tables.cells import Cell
from partsim.tables.number_texts import plain_number
from partsim.tables.table_options import TableOptions
from partsim.tables.tables import Row, Table, dropped_notes

_PART_FIELDS = ("difficulty", "criticality", "customer_held", "group", "volume", "name")
_LIFE = ("lifetime", "mean_life")
_FLEET = ("machine", "depot", "customers", "retire_at")
_READ_ONLY = {"reorder_point", "storage_location"}
"""Columns of today's stock that become other values of the scenario."""
_PRICES = ("price_unit", "moving_price", "standard_price", "price_control")


@dataclass(frozen=True)
class TableForm:
    """
    What a table in a scenario looks like.

    Attributes
    ----------
    required, optional : tuple of str
        Columns; an empty cell in an optional column means the default.
    numbers : tuple of str
        Columns of numbers, with or without unit.
    put_rows : function
        Puts the rows of a table into the tree.
    or_demand : tuple of str
        Columns that may be missing where the scenario has demand.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    numbers: tuple[str, ...]
    put_rows: Callable[[Document, Table, TableOptions], None]
    or_demand: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the table may have."""
        return self.required + self.optional


def _put_cell(document: Document, path: Path, cell: Cell) -> None:
    document.put(path, cell.text, cell.place)
    if cell.wrong:
        document.lost.add(path)


def _put_entry(document: Document, path: Path, row: Row, columns: tuple[str, ...]) -> None:
    """Put one row as a mapping; cells of optional columns may be empty."""
    document.put(path, {}, next(iter(row.values())).place)
    for column in columns:
        cell = row.get(column)
        if cell is not None:
            _put_cell(document, (*path, column), cell)


def _own_rows(document: Document, table: Table, key: str, options: TableOptions) -> list[Row]:
    """Give the rows that name something of their own; exports repeat parts, plant by plant."""
    column, what = key.removesuffix("s"), {"parts": "part number"}.get(key, "name")
    first: dict[str, Row] = {}
    repeated: list[int] = []
    for row in table.rows:
        name, place = row[column].text, row[column].place
        same = first.setdefault(name, row) if name else row
        if name and same is row:
            continue
        if name and options.columns and _texts(row) == _texts(same):
            repeated.append(place.line)
            continue
        got = f"'{name}' also in line {same[column].place.line}" if name else "nothing"
        message = f"expected a {what} of its own in each row, got {got}"
        document.problems.append(problem_at(place, (key,), message))
    if repeated:
        table.notes.extend(dropped_notes(table.start.file, {"the same row again": repeated}))
    return list(first.values())


def _texts(row: Row) -> dict[str, str]:
    return {column: cell.text for column, cell in row.items()}


def _put_parts(document: Document, table: Table, options: TableOptions) -> None:
    table_place = document.values["parts", "table"]
    document.put(("parts",), {}, document.keys["parts",])
    for row in _own_rows(document, table, "parts", options):
        path = ("parts", row["part"].text)
        filled = _filled(row, *_PART_FIELDS)
        _put_entry(document, path, row, ("price", "supplier", *filled))
        if _filled(row, "lifetime", "mean_life") or "demand" not in document.tree:
            _put_lifetime(document, (*path, "lifetime"), row)
        _put_lead_time(document, path, row)
    if not table.rows:
        document.keys["parts",] = table_place


def _filled(row: Row, *columns: str) -> tuple[str, ...]:
    return tuple(column for column in columns if column in row and row[column].text)


def _put_lifetime(document: Document, path: tuple[str, str, str], row: Row) -> None:
    kind, mean = (row.get(column, row["part"]._replace(text="")) for column in _LIFE)
    document.put(path, {}, kind.place)
    if kind.text not in DurationSpec.model_fields:
        message = unknown_name(kind.text, DurationSpec.model_fields, "a distribution")
        document.problems.append(problem_at(kind.place, path, message))
        document.lost.add(path)
    elif kind.text == "fixed":
        _put_cell(document, (*path, "fixed"), mean)
    else:
        document.put((*path, kind.text), {}, kind.place)
        _put_cell(document, (*path, kind.text, "mean"), mean)
        for column in _filled(row, "shape", "cv"):
            _put_cell(document, (*path, kind.text, column), row[column])


def _put_lead_time(document: Document, path: tuple[str, str], row: Row) -> None:
    """Give a part with a lead time of its own a supplier of its own: its supplier, but for that."""
    cell, suppliers = row.get("lead_time"), document.tree.get("suppliers")
    read = plain_number(cell.text) if cell else None
    entry = suppliers.get(row["supplier"].text) if isinstance(suppliers, dict) else None
    # Zero means that nobody has kept the field.
    if cell is None or not cell.text or not isinstance(entry, dict):
        return
    if read and not float(read[0]):
        return
    name = f"{row['supplier'].text} {cell.text}"
    document.put((*path, "supplier"), name, row["supplier"].place)
    if name in suppliers:
        return
    document.put(("suppliers", name), deepcopy(entry), row["supplier"].place)
    mean: Path = ("suppliers", name, "lead_time")
    for kind, law in entry["lead_time"].items() if isinstance(entry.get("lead_time"), dict) else ():
        mean = (*mean, kind, "mean") if isinstance(law, dict) else (*mean, kind)
    _put_cell(document, mean, cell)


def _put_depots(document: Document, table: Table, options: TableOptions) -> None:
    document.put(("depots",), {}, document.keys["depots",])
    form = TABLE_FORMS["depots"]
    for row in _own_rows(document, table, "depots", options):
        columns = ("supplied_by", *_filled(row, *form.optional))
        _put_entry(document, ("depots", row["depot"].text), row, columns)


def _put_machines(document: Document, table: Table, _: TableOptions) -> None:
    document.put(("machines",), {}, document.keys["machines",])
    for row in table.rows:
        machine, part = row["machine"], row["part"]
        path = ("machines", machine.text)
        if machine.text not in document.tree["machines"]:
            document.put(path, {}, machine.place)
            document.put((*path, "positions"), {}, machine.place)
        if part.text in document.tree["machines"][machine.text]["positions"]:
            message = f"expected each part of a machine once, got '{part.text}' again"
            document.problems.append(problem_at(part.place, (*path, "positions"), message))
        else:
            _put_cell(document, (*path, "positions", part.text), row["count"])


def _put_list(document: Document, path: tuple[str, ...], table: Table, form: TableForm) -> None:
    document.put(path, [], document.keys[path[:1]])
    rows: list[Any] = [None] * len(table.rows)
    document.put(path, rows, document.keys[path[:1]])
    for i, row in enumerate(table.rows):
        columns = form.required + _filled(row, *form.optional)
        _put_entry(document, (*path, i), row, tuple(c for c in columns if c not in _READ_ONLY))


def _put_fleets(document: Document, table: Table, _: TableOptions) -> None:
    """Put one fleet for each row; rows that differ only in the day of delivery are one fleet."""
    fleets: dict[tuple[str, ...], list[Row]] = {}
    for i, row in enumerate(table.rows):
        same = tuple(row[c].text if c in row else "" for c in _FLEET) if _days(row) else (str(i),)
        fleets.setdefault(same, []).append(row)
    document.put(("fleets",), [None] * len(fleets), document.keys["fleets",])
    for i, rows in enumerate(fleets.values()):
        path = ("fleets", i)
        _put_entry(document, path, rows[0], ("machine", "depot", "customers", "count"))
        for column in _filled(rows[0], "retire_at"):
            _put_cell(document, (*path, column), rows[0][column])
        if _days(rows[0]):
            _put_deliveries(document, path, rows)


def _days(row: Row) -> tuple[str, ...]:
    return _filled(row, "delivered")


def _put_deliveries(document: Document, path: Path, rows: list[Row]) -> None:
    """Put machines by day of delivery, and their number."""
    document.put((*path, "delivered"), {}, rows[0]["delivered"].place)
    days: dict[str, int] = {}
    for row in rows:
        day, count = row["delivered"].text, row["count"]
        if not count.text.isdecimal() or not int(count.text):
            message = f"expected a whole number >= 1, got '{count.text}'"
            document.problems.append(problem_at(count.place, (*path, "count"), message))
            document.lost.add(path)
            continue
        days[day] = days.get(day, 0) + int(count.text)
        document.put((*path, "delivered", day), days[day], row["delivered"].place)
    document.put((*path, "count"), sum(days.values()), rows[0]["count"].place)


def _put_limits(document: Document, table: Table, _: TableOptions) -> None:
    _put_list(document, ("limits",), table, TABLE_FORMS["limits"])


def _put_demand(document: Document, table: Table, _: TableOptions) -> None:
    """Put the rows; parts without a lifetime that no row names are ordered by nobody, and noted.

    Records name only what was asked for.
    """
    parts = document.tree.get("parts")
    entries = parts if isinstance(parts, dict) and table.rows else {}
    named = {row["part"].text for row in table.rows}
    never = [
        str(part)
        for part, entry in entries.items()
        if isinstance(entry, dict) and part not in named and entry.get("lifetime") is None
    ]
    if never:
        listed = ", ".join(never[:5]) + (", ..." if len(never) > 5 else "")
        table.notes.append(
            f"{table.start.file}: no row for {len(never):,} of the parts without a lifetime, taken "
            f"as ordered by nobody ({listed})"
        )
    for part in never:
        first = table.rows[0]
        nobody = {"part": part, "rate": "0 per year"}
        row = {column: first[column] for column in ("part", "depot", "customers")}
        row |= {c: first["part"]._replace(text=text, wrong=False) for c, text in nobody.items()}
        table.rows.append(row)
    _put_list(document, ("demand",), table, TABLE_FORMS["demand"])


def _put_today(document: Document, table: Table, _: TableOptions) -> None:
    for option in ("stock", *TableOptions.model_fields):
        document.tree["today"].pop(option, None)
    table = replace(table, rows=add_storage_locations(document, table))
    unused: list[int] = []
    for row in table.rows:
        _put_lot(document, row, unused)
    if unused:
        where = ", ".join(map(str, unused[:5])) + (", ..." if len(unused) > 5 else "")
        table.notes.append(
            f"{table.start.file}: reorder_point is not used at depots that another depot "
            f"supplies (row {where})"
        )
    _put_list(document, ("today", "stock"), table, TABLE_FORMS["today"])


def _put_lot(document: Document, row: Row, unused: list[int]) -> None:
    """Take the lot from the reorder point: an order at that point fills up to the base stock."""
    point, base = row.get("reorder_point"), row["base_stock"]
    lot = row.get("order_quantity")
    if point is None or not point.text or (lot is not None and lot.text):
        return
    depots = document.tree.get("depots")
    depot = depots.get(row["depot"].text) if isinstance(depots, dict) else None
    if isinstance(depot, dict) and depot.get("supplied_by") != "suppliers":
        unused.append(point.place.line)
        return
    try:
        units = max(1, int(base.text) - int(point.text))
    except ValueError:
        message = f"expected whole numbers, got '{point.text}' and base_stock '{base.text}'"
        document.problems.append(problem_at(point.place, ("today", "stock"), message))
    else:
        row["order_quantity"] = point._replace(text=str(units))


TABLE_FORMS = {
    "parts": TableForm(
        ("part", "price", *_LIFE, "supplier"),
        ("shape", "cv", *_PART_FIELDS, "lead_time", *_PRICES),
        ("price", *_PRICES[:3], "mean_life", "shape", "cv", "customer_held", "volume", "lead_time"),
        _put_parts,
        or_demand=_LIFE,
    ),
    "depots": TableForm(
        ("depot", "supplied_by"),
        ("name", "market", "transport_time", "travel_time", "max_waiting_time"),
        ("transport_time", "travel_time", "max_waiting_time"),
        _put_depots,
    ),
    "machines": TableForm(("machine", "part", "count"), (), ("count",), _put_machines),
    "fleets": TableForm(
        ("machine", "depot", "customers", "count"),
        ("delivered", "retire_at"),
        ("count", "retire_at"),
        _put_fleets,
    ),
    "demand": TableForm(
        ("part", "depot", "customers", "rate"),
        ("variance_to_mean",),
        ("rate", "variance_to_mean"),
        _put_demand,
    ),
    "limits": TableForm(("part", "depot"), ("min", "max"), ("min", "max"), _put_limits),
    "today": TableForm(
        ("part", "depot", "base_stock", "on_hand"),
        ("on_order", "order_quantity", "reorder_point", "storage_location"),
        ("base_stock", "on_hand", "on_order", "order_quantity", "reorder_point"),
        _put_today,
    ),
}

"""A table of stock levels to a plan of a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from partsim.errors import InputError, Problem
from partsim.model.grading_checks import one_of
from partsim.model.plan import Plan
from partsim.model.scenario import Scenario
from partsim.model.tree_branches import unknown_name
from partsim.model.units import show
from partsim.tables.cells import Cell, problem_in
from partsim.tables.excel_rows import is_workbook, sheet_names
from partsim.tables.table_options import TableOptions
from partsim.tables.tables import missing_columns, read_table
from partsim.tables.text_files import read_bytes

COLUMNS = ("part", "depot", "grade", "base_stock", "order_quantity")
MOST = 1_000_000
"""As in limits: tables of the formulas are as long as the greatest level."""

_SHEET = "Stock"

Row = dict[str, Cell]
Rows = dict[tuple[str, str], Row]


def read_plan(path: str | Path, scenario: Scenario) -> Plan:
    """
    Read the stock levels that partsim wrote, or a planner.

    Parameters
    ----------
    path : str or Path
        CSV table, or workbook, with the columns part, depot, grade, base_stock, order_quantity,
        in any order; reorder_point may be there and must be base_stock - order_quantity. Others
        are for the eye and not read. Of a workbook the sheet Stock is read, with the headings of
        the plan.xlsx that partsim writes, or else the first.
    scenario : Scenario
        Each of its parts must have exactly one row for each of its depots.

    Returns
    -------
    Plan
        Without certificate.

    Raises
    ------
    InputError
        With every unknown part or depot, repeated or missing row, wrong number, lot that the
        supplier does not deliver, and part with two grades.
    """
    table = read_table(Path(path), _sheet_of_stock(Path(path)), (*COLUMNS, "reorder_point"))
    lacking = missing_columns(table, COLUMNS)
    if lacking:
        raise InputError(*lacking)
    rows: Rows = {}
    problems = list(table.problems)
    grades: dict[str, Cell] = {}
    unknown: set[tuple[str, str]] = set()
    for row in table.rows:
        problems += _strangers(row, scenario, unknown)
        problems += _numbers(row)
        problems += _lot(row, scenario)
        problems += _grade(row, grades, scenario.grade_ids)
        problems += _twice(row, rows)
        rows.setdefault((row["part"].text, row["depot"].text), row)
    problems.sort(key=lambda problem: problem.line)
    problems += _absent(rows, scenario, str(path))
    if problems:
        raise InputError(*problems)
    return _plan(rows, scenario)


def _sheet_of_stock(path: Path) -> TableOptions | None:
    """Say how to read a workbook with a sheet of stock, as partsim writes it."""
    content = read_bytes(path)
    if not is_workbook(content) or _SHEET not in sheet_names(content, str(path)):
        return None
    return TableOptions(table=str(path), sheet=_SHEET, columns="english")


def _plan(rows: Rows, scenario: Scenario) -> Plan:
    def levels(column: str) -> np.ndarray:
        return np.array(
            [
                [int(rows[part, depot][column].text) for depot in scenario.depot_ids]
                for part in scenario.part_ids
            ]
        )

    first = scenario.depot_ids[0]
    return Plan(
        scenario.part_ids,
        scenario.depot_ids,
        tuple(rows[part, first]["grade"].text for part in scenario.part_ids),
        levels("base_stock"),
        levels("order_quantity"),
        grade_ids=scenario.grade_ids,
    )


def _at(cell: Cell, path: str, message: str) -> Problem:
    return problem_in(cell.place, message, path)


def _strangers(row: Row, scenario: Scenario, unknown: set[tuple[str, str]]) -> Iterator[Problem]:
    """Say each unknown name once."""
    for column, known in (("part", scenario.parts), ("depot", scenario.depots)):
        cell = row[column]
        if cell.text not in known and (column, cell.text) not in unknown:
            unknown.add((column, cell.text))
            yield _at(cell, column, unknown_name(cell.text, known, f"a {column} of the scenario"))


def _whole(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None


def _numbers(row: Row) -> Iterator[Problem]:
    right = True
    for column, least in (("base_stock", 0), ("order_quantity", 1)):
        number = _whole(row[column].text)
        if number is None or not least <= number <= MOST:
            right = False
            limits = f"from {least} to {MOST:,}"
            message = f"expected a whole number {limits}, got {show(row[column].text)}"
            yield _at(row[column], column, message)
    reorder_point = row.get("reorder_point")
    if right and reorder_point is not None and reorder_point.text:
        point = int(row["base_stock"].text) - int(row["order_quantity"].text)
        if _whole(reorder_point.text) != point:
            message = (
                f"expected {point} (base_stock - order_quantity), got {show(reorder_point.text)}"
            )
            yield _at(reorder_point, "reorder_point", message)
    if right and int(row["order_quantity"].text) > int(row["base_stock"].text) + 1:
        message = (
            f"expected at most base_stock + 1, got {show(row['order_quantity'].text)}; "
            "a machine could wait for a lot that nobody orders"
        )
        yield _at(row["order_quantity"], "order_quantity", message)


def _lot(row: Row, scenario: Scenario) -> Iterator[Problem]:
    """Refuse a lot that the supplier does not deliver, but for stock that is kept and not used."""
    name, place = row["part"].text, row["depot"].text
    part, depot = scenario.parts.get(name), scenario.depots.get(place)
    lot, level = (_whole(row[column].text) for column in ("order_quantity", "base_stock"))
    if part is None or depot is None or depot.supplied_by != "suppliers":
        return
    if lot is None or level is None or lot < 1:
        return  # another problem says so
    kept = scenario.least_stock[scenario.part_ids.index(name), scenario.depot_ids.index(place)]
    least, pack = part.least_order, part.order_multiple
    if (lot < least or lot % pack) and not (lot == 1 and level <= kept):
        lots = f"{least} or more" + (f" in multiples of {pack}" if pack > 1 else "")
        message = f"expected {lots} (min_order, order_multiple of '{name}'), got {lot}"
        yield _at(row["order_quantity"], "order_quantity", message)


def _grade(row: Row, grades: dict[str, Cell], known: Sequence[str]) -> Iterator[Problem]:
    cell = row["grade"]
    first = grades.setdefault(row["part"].text, cell)
    if cell.text not in known:
        yield _at(cell, "grade", f"expected {one_of(known)}, got {show(cell.text)}")
    elif cell.text != first.text and first.text in known:
        message = (
            f"expected one grade for part '{row['part'].text}', got {cell.text} and, "
            f"in line {first.place.line}, {first.text}"
        )
        yield _at(cell, "grade", message)


def _twice(row: Row, rows: Rows) -> Iterator[Problem]:
    part, depot = row["part"], row["depot"]
    if (part.text, depot.text) in rows:
        line = rows[part.text, depot.text]["part"].place.line
        message = (
            f"expected one row for '{part.text}' at '{depot.text}', got another in line {line}"
        )
        yield _at(part, "", message)


def _absent(rows: Rows, scenario: Scenario, file: str) -> Iterator[Problem]:
    for part in scenario.part_ids:
        depots = [depot for depot in scenario.depot_ids if (part, depot) not in rows]
        if depots:
            where = "any depot" if len(depots) == len(scenario.depot_ids) else ", ".join(depots)
            message = f"expected a row for part '{part}' at each depot, got none at {where}"
            yield Problem(message, file=file)

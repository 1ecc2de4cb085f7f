"""Rows of a table made ready: numbers read, prices per unit, defaults filled in, rows dropped."""

from __future__ import annotations

from collections.abc import Mapping

from partsim.model.units import show
from partsim.tables.cells import Cell, Place, problem_in
from partsim.tables.number_texts import DecimalMark, divided, plain_number, shortened
from partsim.tables.table_options import TableOptions
from partsim.tables.tables import Row, Table, dropped_notes


def read_numbers(table: Table, columns: tuple[str, ...], options: TableOptions) -> None:
    """
    Write the numbers of some columns as a scenario has them, with units.

    Parameters
    ----------
    table : Table
        Changed in place. A number that needs the other decimal mark is a problem; any other
        text stays, for the checks of the scenario.
    columns : tuple of str
        Columns of numbers.
    options : TableOptions
        Its units come before those of the headings.
    """
    mark: DecimalMark = options.decimal_mark
    other: DecimalMark = "." if mark == "," else ","
    unclear: list[Cell] = []
    sure = False
    for column in columns:
        unit = options.units.get(column, table.units.get(column, ""))
        for row in table.rows:
            cell = row.get(column)
            if cell is None or not cell.text or cell.wrong:
                continue
            read = plain_number(cell.text, "." if cell.is_number else mark)
            otherwise = read if cell.is_number else plain_number(cell.text, other)
            if read is not None:
                row[column] = cell._replace(text=_with_unit(*read, unit))
                sure = sure or otherwise is None
                unclear += [cell] if otherwise not in (None, read) else []
            elif otherwise is not None:
                row[column] = cell._replace(wrong=True)
                message = f"expected a number, got {show(cell.text)}; {_hint(other)}"
                table.problems.append(problem_in(cell.place, message))
    if unclear and not sure:
        table.notes.append(
            f"{table.start.file}: '{other}' in numbers such as '{unclear[0].text}' is read as mark "
            f"of thousands; {_hint(other)}"
        )


def _hint(mark: DecimalMark) -> str:
    word = "comma" if mark == "," else "point"
    return f"if '{mark}' is the decimal mark, write 'decimal: {word}' beside 'table'"


def decimal_of(rows: list[list[Cell]]) -> tuple[DecimalMark, bool]:
    """
    Tell the decimal mark of a file from all its numbers.

    Parameters
    ----------
    rows : list of list of Cell
        Every column counts: exports use one mark throughout.

    Returns
    -------
    mark : str
        The one under which more cells are numbers; the point if there is no difference.
    sure : bool
        False if some numbers read differently under the other one, and none tells.
    """
    only = {",": 0, ".": 0}
    unclear = False
    for cell in (cell for row in rows for cell in row if not cell.is_number):
        point, comma = plain_number(cell.text, "."), plain_number(cell.text, ",")
        only["."] += comma is None and point is not None
        only[","] += point is None and comma is not None
        unclear = unclear or (point != comma and None not in (point, comma))
    return "," if only[","] > only["."] else ".", any(only.values()) or not unclear


def _with_unit(number: str, written: str, unit: str) -> str:
    if not written and unit == "share":
        number, written = divided(number, "0.01") or number, "%"
    return f"{shortened(number)} {written or unit}".rstrip()


def read_prices(table: Table) -> None:
    """
    Give each row the price of one unit, where the table has prices of another kind.

    SAP has a moving and a standard price, of which price_control (V or S) names the one that
    holds, for as many units as price_unit says.
    """
    missing: list[int] = []
    for row in table.rows:
        cell = row.get("price") or _held_price(row)
        if cell is None:
            continue
        row["price"] = cell
        per = row.get("price_unit")
        if per is None or not cell.text or cell.wrong:
            continue
        read = plain_number(cell.text)
        if not per.text:
            missing.append(per.place.line)
        elif read is not None:
            one = divided(read[0], per.text)
            if one is None:
                message = f"expected a number of units > 0 such as 1 or 100, got {show(per.text)}"
                table.problems.append(problem_in(per.place, message))
            row["price"] = cell._replace(text=f"{one} {read[1]}".rstrip(), wrong=one is None)
    for column in ("moving_price", "standard_price"):
        if column in table.header:
            table.header.setdefault("price", table.header[column])
    if missing:
        many = "1 price" if len(missing) == 1 else f"{len(missing)} prices"
        table.notes.append(
            f"{table.start.file}: {many} without price_unit, taken as the price of one unit "
            f"(row {', '.join(map(str, missing[:5]))}{', ...' if len(missing) > 5 else ''})"
        )


def _held_price(row: Row) -> Cell | None:
    moving, standard = row.get("moving_price"), row.get("standard_price")
    control = row.get("price_control")
    if moving is None or standard is None:
        return moving or standard
    return moving if control is None or control.text.upper() == "V" else standard


def fill_defaults(table: Table, defaults: Mapping[str, str], places: Mapping[str, Place]) -> None:
    """Fill empty cells, and columns that are not there, with the scenario's own values."""
    for column, text in defaults.items():
        default = Cell(text, places[column])
        table.header.setdefault(column, places[column])
        for row in table.rows:
            if column not in row or not row[column].text:
                row[column] = default


def drop_rows(table: Table, options: TableOptions, known: Mapping[str, object]) -> None:
    """
    Drop the rows that the scenario does not want, and note how many and why.

    Parameters
    ----------
    table : Table
        Changed in place.
    options : TableOptions
        Which empty cells and which unknown names drop a row.
    known : mapping of str to names
        Names by column; a column that is not there drops nothing.
    """
    dropped: dict[str, list[int]] = {}
    kept: list[Row] = []
    for row in table.rows:
        reason = _reason(row, options, known)
        if reason:
            dropped.setdefault(reason, []).append(next(iter(row.values())).place.line)
        else:
            kept.append(row)
    table.rows[:] = kept
    table.notes.extend(dropped_notes(table.start.file, dropped))


def _reason(row: Row, options: TableOptions, known: Mapping[str, object]) -> str:
    for column in options.drop_without:
        text = row[column].text if column in row else ""
        if not text or (column == "price" and _is_zero(text)):
            return f"no {column}"
    for column in options.drop_unknown:
        names = known.get(column)
        if isinstance(names, dict) and column in row and row[column].text not in names:
            return f"{column} not in the scenario"
    return ""


def _is_zero(text: str) -> bool:
    read = plain_number(text)
    return read is not None and not float(read[0])

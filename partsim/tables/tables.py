"""Tables in files to rows of cells by column, whatever wrote the file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from partsim.errors import InputError, Problem
from partsim.tables.cells import Cell, Place, problem_in
from partsim.tables.csv_rows import NAMES, csv_rows, delimiter_of
from partsim.tables.encodings import decode_table
from partsim.tables.excel_rows import is_workbook, sheet_rows
from partsim.tables.headings import TOTALS, bare, columns_of
from partsim.tables.number_texts import plain_number
from partsim.tables.table_options import TableOptions
from partsim.tables.text_files import read_bytes

OTHER_WORKBOOKS = {".xlsb", ".ods", ".numbers"}
Row = dict[str, Cell]
Rows = list[list[Cell]]


@dataclass(frozen=True)
class Table:
    """
    A table as text.

    Attributes
    ----------
    start : Place
        First cell of the header.
    header : dict of str to Place
        Columns that are read.
    units : dict of str to str
        Units that headings name, by column.
    rows : list of dict of str to Cell
        Cells by column; rows without any text are left out.
    problems : list of Problem
        Rows that do not fit the header.
    notes : list of str
        How the file was read, which rows were dropped and which columns are not read.
    """

    start: Place
    header: dict[str, Place]
    units: dict[str, str]
    rows: list[Row]
    problems: list[Problem]
    notes: list[str] = field(default_factory=list)


def read_table(
    path: Path, options: TableOptions | None = None, known: tuple[str, ...] = ()
) -> Table:
    """
    Read a table with a header from a CSV file or a workbook.

    Parameters
    ----------
    path : Path
        Text with `,`, `;`, tab or `|` between the cells, or an Excel workbook; told apart by
        content. Cells are stripped of blanks; an apostrophe before one of = + - @ at the
        beginning, which keeps spreadsheets from calculating, is dropped.
    options : TableOptions, optional
        Sheet, header row, headings and encoding.
    known : tuple of str
        Columns that the table may have; used where the options name headings.

    Returns
    -------
    Table
        With problems for rows that are too long or short and columns that appear twice.

    Raises
    ------
    InputError
        If it cannot be read, has no header or a quotation mark without its other half.
    """
    options = options or TableOptions(table=str(path))
    rows, note = read_rows(path, options)
    if not rows:
        raise InputError(Problem("expected a table with a header, got nothing", file=str(path)))
    headings = [cell.text for cell in rows[0]]
    found = columns_of(headings, options.columns, known)
    names = [name for name, _ in found]
    table = Table(rows[0][0].place, {}, {name: unit for name, unit in found if unit}, [], [], [])
    idle = _idle_columns(rows)
    table.problems.extend(_header_problems(rows[0], names, idle, options))
    for k, (name, cell) in enumerate(zip(names, rows[0], strict=True)):
        if k not in idle and (options.columns is None or name in known):
            table.header.setdefault(name, cell.place)
    dropped: dict[str, list[int]] = {}
    for row in rows[1:]:
        reason = _why_dropped(row, headings)
        if reason:
            dropped.setdefault(reason, []).append(row[0].place.line)
        elif len(row) != len(names):
            hint = "; quote a cell with a comma in it" if len(row) > len(names) else ""
            message = f"expected {len(names)} cells as in the header, got {len(row)}{hint}"
            table.problems.append(problem_in(row[0].place, message))
        else:
            cells = {name: cell for name, cell in zip(names, row, strict=True)
                     if name in table.header}  # fmt: skip
            table.rows.append(cells)
            table.problems.extend(
                problem_in(cell.place, f"expected a value, got {cell.text}")
                for cell in cells.values()
                if cell.wrong
            )
    table.notes.append(f"{path}: {note}, {len(rows) - 1} rows below the header")
    table.notes.extend(dropped_notes(str(path), dropped))
    unread = [h for k, (h, name) in enumerate(zip(headings, names, strict=True))
              if name not in table.header and k not in idle]  # fmt: skip
    if unread:
        table.notes.append(f"{path}: columns that are not read: {', '.join(unread)}")
    return table


def read_rows(path: Path, options: TableOptions) -> tuple[Rows, str]:
    """
    Read the rows of a file that are not empty, from its header row on.

    Returns
    -------
    rows : list of list of Cell
        The header first; none if the file is empty.
    note : str
        What was told about the file: sheet or encoding and delimiter, line of the header.
    """
    if path.suffix.lower() in OTHER_WORKBOOKS:
        message = f"expected a .csv, .xlsx or .xls table, got {path.suffix}; save it as .xlsx"
        raise InputError(Problem(message, file=str(path)))
    content = read_bytes(path)
    if is_workbook(content):
        sheet, rows = sheet_rows(content, str(path), options.sheet)
        note = f"sheet '{sheet}'"
        rows = rows[(options.header_row or 1) - 1 :]
    else:
        if options.sheet is not None:
            message = f"expected a workbook with a sheet '{options.sheet}', got a text file"
            raise InputError(Problem(message, file=str(path)))
        text, encoding = decode_table(content, str(path), options.encoding)
        lines = text.split("\n")
        first = next((i for i, line in enumerate(lines, start=1) if line.strip()), 1)
        header_row = options.header_row or first
        rows = list(csv_rows(text, str(path), header_row))
        header = lines[header_row - 1] if header_row <= len(lines) else ""
        note = f"{encoding} text, {NAMES[delimiter_of(header)]} between cells"
    if rows and options.header_row and not any(cell.text for cell in rows[0]):
        message = f"expected the names of columns in row {options.header_row}, got nothing"
        raise InputError(problem_in(rows[0][0].place, message))
    rows = [row for row in rows if any(cell.text for cell in row)]
    return rows, f"{note}, header in row {rows[0][0].place.line if rows else 1}"


def dropped_notes(file: str, dropped: Mapping[str, list[int]]) -> list[str]:
    """Say how many rows were dropped, why, and where the first ones stand."""
    notes = []
    for reason, lines in dropped.items():
        where = ", ".join(map(str, lines[:5])) + (", ..." if len(lines) > 5 else "")
        many = "1 row" if len(lines) == 1 else f"{len(lines)} rows"
        notes.append(f"{file}: {many} dropped: {reason} (row {where})")
    return notes


def missing_columns(table: Table, required: Collection[str]) -> list[Problem]:
    """Say which columns a table lacks."""
    listed = ", ".join(table.header) or "others"
    return [
        problem_in(table.start, f"expected a column '{name}', got only {listed}")
        for name in required
        if name not in table.header
    ]


def unknown_columns(table: Table, known: Collection[str]) -> list[Problem]:
    """Say which columns of a table mean nothing."""
    problems = []
    for name, place in table.header.items():
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(known)}"
            problems.append(problem_in(place, f"unknown column '{name}'; {hint}"))
    return problems


def _idle_columns(rows: Rows) -> set[int]:
    """Find columns without a heading or any text: exports end their lines with delimiters."""
    idle = {k for k, cell in enumerate(rows[0]) if not cell.text}
    for row in rows[1:]:
        idle -= {k for k in idle if k < len(row) and row[k].text}
    return idle


def _header_problems(
    header: list[Cell], names: list[str], idle: set[int], options: TableOptions
) -> list[Problem]:
    problems = [
        problem_in(cell.place, f"expected each column once, got '{names[k]}' twice")
        for k, cell in enumerate(header)
        if k not in idle and names[k] in names[:k]
    ]
    written = {bare(cell.text) for cell in header}
    listed = ", ".join(cell.text for cell in header if cell.text)
    for heading in options.columns.values() if isinstance(options.columns, dict) else ():
        if bare(heading) not in written:
            message = f"expected a column headed '{heading}', got only {listed}"
            problems.append(problem_in(header[0].place, message))
    return problems


def _why_dropped(row: list[Cell], headings: list[str]) -> str:
    """Tell totals, and headers of further pages, from rows of data."""
    texts = [cell.text for cell in row]
    if texts == headings:
        return "the header once more"
    words = [text for text in texts if text and plain_number(text) is None
             and plain_number(text, ",") is None]  # fmt: skip
    total = len(words) == 1 and words[0].rstrip(":：").strip().casefold() in TOTALS
    return "totals" if total else ""

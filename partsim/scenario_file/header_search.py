"""Where the header of a table stands, and whose headings it has: found, not asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from partsim.errors import InputError, Problem
from partsim.scenario_file.table_forms import TableForm
from partsim.tables.csv_rows import csv_rows
from partsim.tables.encodings import Encoding, decode_table
from partsim.tables.excel_rows import is_workbook, sheet_names, sheet_rows
from partsim.tables.headings import HEADINGS, Dictionary, columns_of
from partsim.tables.table_options import TableOptions
from partsim.tables.text_files import read_bytes

DEEPEST = 20
"""Rows in which a header is looked for."""


def find_header(
    path: Path,
    form: TableForm,
    least: str,
    columns: Dictionary | None,
    encoding: Encoding | None = None,
) -> TableOptions:
    """
    Find the sheet, row and dictionary under which most columns of a table are known.

    Parameters
    ----------
    path : Path
        CSV file or workbook.
    form : TableForm
        Columns that the table may have.
    least : str
        Column that must be there.
    columns : str or None
        Dictionary to use; None tries each.
    encoding : str or None
        Encoding of a CSV file; None tells those apart that can be.

    Returns
    -------
    TableOptions
        With table, columns, the encoding that was given for a CSV file, and where they are not
        the first, sheet and header row.

    Raises
    ------
    InputError
        If the file cannot be read, or no row in the first 20 has the column.
    """
    dictionaries: tuple[Dictionary, ...] = (columns,) if columns else get_args(Dictionary)
    best, options = 0, None
    content = read_bytes(path)
    if is_workbook(content):
        encoding = None
    seen: list[str] = []
    for sheet, row, headings in _rows(path, content, encoding):
        seen = seen or [heading for heading in headings if heading]
        for dictionary in dictionaries:
            found = {name for name, _ in columns_of(headings, dictionary, form.columns)}
            found &= set(form.columns)
            if least in found and len(found) > best:
                best = len(found)
                options = TableOptions(
                    table=str(path),
                    sheet=sheet,
                    header_row=row,
                    columns=dictionary,
                    encoding=encoding,
                )
    if options is None:
        listed = [text.split("; ")[0] for name in dictionaries
                  if (text := HEADINGS[name].get(least, ""))]  # fmt: skip
        message = (
            f"expected a heading for '{least}' (such as {', '.join([least, *listed])}) in the "
            f"first {DEEPEST} rows, got {', '.join(seen[:12]) or 'nothing'}"
        )
        raise InputError(Problem(message, file=str(path)))
    return options


def _rows(
    path: Path, content: bytes, encoding: Encoding | None
) -> Iterator[tuple[str | None, int | None, list[str]]]:
    """Give sheet, row and texts of rows that may be headers; None for what comes first."""
    file = str(path)
    if not is_workbook(content):
        text, _ = decode_table(content, file, encoding)
        lines = [(i, line) for i, line in enumerate(text.split("\n"), start=1) if line.strip()]
        for k, (i, line) in enumerate(lines[:DEEPEST]):
            try:
                cells = next(csv_rows(line, file, 1), [])
            except InputError:
                continue  # a title with half a quotation mark is no header
            yield None, i if k else None, [cell.text for cell in cells]
        return
    for s, sheet in enumerate(sheet_names(content, file)):
        rows = [row for row in sheet_rows(content, file, sheet)[1] if any(c.text for c in row)]
        for k, row in enumerate(rows[:DEEPEST]):
            texts = [cell.text for cell in row]
            yield sheet if s else None, row[0].place.line if k else None, texts

"""Sheets of Excel workbooks as rows of cells: values as they stand, nothing calculated."""

from __future__ import annotations

import io
from datetime import date
from difflib import get_close_matches
from typing import Any

from partsim.errors import InputError, Problem
from partsim.tables.cells import Cell, Place, shown
from partsim.tables.excel_xml import faulty_cells
from partsim.tables.old_workbooks import old_sheets

_XLSX, _XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def is_workbook(content: bytes) -> bool:
    """Tell by its first bytes whether a file is a workbook, whatever its name says."""
    return content.startswith((_XLSX, _XLS))


def sheet_names(content: bytes, file: str) -> list[str]:
    """Give the names of the sheets of a workbook."""
    if content.startswith(_XLS):
        names = list(old_sheets(content, file))
    else:
        names = [str(name) for name in _workbook(content, file).sheet_names]
    if not names:
        raise InputError(Problem("expected a workbook with a sheet, got none", file=file))
    return names


def sheet_rows(content: bytes, file: str, sheet: str | None) -> tuple[str, list[list[Cell]]]:
    """
    Read the cells of one sheet of a workbook.

    Parameters
    ----------
    content : bytes
        An .xlsx, .xlsm or .xls file.
    file : str
        Its name in problems.
    sheet : str or None
        None for the first.

    Returns
    -------
    sheet : str
        Its name.
    rows : list of list of Cell
        All of one length, from cell A1 on. Numbers are as short as they can be: 12345, not
        12345.0. A formula is what the spreadsheet last calculated. Errors such as #N/A, and
        formulas that were never calculated, are marked as wrong; in .xls files they are empty.

    Raises
    ------
    InputError
        If it is no workbook that can be read, has no such sheet, or is too large.
    """
    names = sheet_names(content, file)
    name = names[0] if sheet is None else sheet
    if name not in names:
        close = get_close_matches(name, names, n=1)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        message = f"expected the name of a sheet ({', '.join(names)}), got '{name}'{hint}"
        raise InputError(Problem(message, file=file))
    faults: dict[tuple[int, int], str] = {}
    if content.startswith(_XLS):
        values = old_sheets(content, file)[name]
    else:
        try:
            faults = faulty_cells(content, file, name)
            grid = _workbook(content, file).get_sheet_by_name(name)
            values = grid.to_python(skip_empty_area=False)
        except BaseException as error:
            raise _unreadable(error, file) from None
    return name, [
        [_cell(value, Place(file, i, k, name), faults) for k, value in enumerate(row, start=1)]
        for i, row in enumerate(values, start=1)
    ]


def _cell(value: object, place: Place, faults: dict[tuple[int, int], str]) -> Cell:
    fault = faults.get((place.line, place.column))
    if fault:
        return Cell(fault, place, wrong=True)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Cell(_text(value), place, is_number=is_number)


def _workbook(content: bytes, file: str) -> Any:  # noqa: ANN401
    from python_calamine import CalamineWorkbook

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except BaseException as error:
        raise _unreadable(error, file) from None


def _unreadable(error: BaseException, file: str) -> BaseException:
    """Say that a workbook cannot be read; a panic of its reader is no Exception."""
    if isinstance(error, InputError | KeyboardInterrupt | MemoryError | SystemExit):
        return error
    message = f"expected an Excel workbook (.xlsx, no password), got: {error}"
    return InputError(Problem(message, file=file))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, date):
        return value.isoformat()
    return shown(str(value))

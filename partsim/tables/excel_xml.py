"""What the reader of workbooks does not tell: cells far away, errors, formulas without a value."""

from __future__ import annotations

import io
import re
from functools import lru_cache, reduce
from html import unescape
from zipfile import ZipFile

from partsim.errors import InputError, Problem
from partsim.tables.cells import column_letters

MOST_CELLS = 20_000_000
MOST_UNPACKED = 2**29

_CELL = re.compile(
    rb"<(?:\w+:)?c\s(?P<attributes>[^>]*?)(?:/>|>(?P<inside>.*?)</(?:\w+:)?c>)", re.DOTALL
)
_AT = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]+)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_TAG = re.compile(r"<(?:\w+:)?(?:sheet|Relationship)\s[^>]*>")


def faulty_cells(content: bytes, file: str, sheet: str) -> dict[tuple[int, int], str]:
    """
    Find the cells of a sheet that have no value: errors, and formulas never calculated.

    Parameters
    ----------
    content : bytes
        An .xlsx file.
    file : str
        Its name in problems.
    sheet : str
        Name of the sheet.

    Returns
    -------
    dict of (row, column) to str
        Counted from 1; what stands there, such as ``#N/A``.

    Raises
    ------
    InputError
        If the file unpacks to more than 512 MB, or the sheet's last cell is so far away that
        the reader, which makes room for every cell up to it, could run out of memory.
    """
    with ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
            message = "expected a workbook of at most 512 MB unpacked, got a larger one"
            raise InputError(Problem(message, file=file))
        xml = archive.read(_entry(archive, sheet))
    width = height = 0
    faults: dict[tuple[int, int], str] = {}
    for cell in _CELL.finditer(xml):
        at = _AT.search(cell["attributes"])
        if at is None:
            continue
        column, row = _column(at[1]), int(at[2])
        width, height = max(width, column), max(height, row)
        fault = _fault(cell["attributes"], cell["inside"] or b"")
        if fault:
            faults[row, column] = fault
    if width * height > MOST_CELLS:
        message = (
            f"expected a sheet of at most {MOST_CELLS:,} cells, got one that reaches to "
            f"{column_letters(width)}{height}; delete what stands far from the table"
        )
        raise InputError(Problem(message, file=file))
    return faults


def _entry(archive: ZipFile, sheet: str) -> str:
    """Give the name under which a workbook keeps a sheet."""
    ids = {_attribute(tag, "name"): _attribute(tag, r"\w+:id")
           for tag in _tags(archive, "xl/workbook.xml")}  # fmt: skip
    targets = {_attribute(tag, "Id"): _attribute(tag, "Target")
               for tag in _tags(archive, "xl/_rels/workbook.xml.rels")}  # fmt: skip
    target = targets[ids[sheet]]
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _tags(archive: ZipFile, name: str) -> list[str]:
    return _TAG.findall(archive.read(name).decode())


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"""\s{name}=(["'])(.*?)\1""", tag)
    return unescape(found[2]) if found else ""


def _fault(attributes: bytes, inside: bytes) -> str:
    value = _VALUE.search(inside)
    if b't="e"' in attributes:
        return value[1].decode() if value else "an error"
    uncalculated = value is None and b't="str"' not in attributes and _FORMULA.search(inside)
    return "a formula without a value" if uncalculated else ""


@lru_cache
def _column(letters: bytes) -> int:
    return reduce(lambda column, letter: 26 * column + letter - 64, letters, 0)

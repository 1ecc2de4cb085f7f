"""CSV tables to rows of cells that know their places."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from partsim.errors import InputError, Problem
from partsim.scenario_file.text_files import read_text
from partsim.scenario_file.yaml_nodes import Place

SPREADSHEETS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers"}


class Cell(NamedTuple):
    """The text of a cell and where it begins."""

    text: str
    place: Place


@dataclass(frozen=True)
class Table:
    """
    A table as text.

    Attributes
    ----------
    header : dict of str to Place
        Columns, in lower case.
    rows : list of dict of str to Cell
        Cells by column; rows without any text are left out.
    problems : list of Problem
        Rows that do not fit the header.
    """

    header: dict[str, Place]
    rows: list[dict[str, Cell]]
    problems: list[Problem]


def read_table(path: Path) -> Table:
    """
    Read a CSV table with a header line; `,`, `;` or tab between the cells.

    Parameters
    ----------
    path : Path
        UTF-8 text. Cells are stripped of blanks; an apostrophe before one of = + - @ at the
        beginning, which keeps spreadsheets from calculating, is dropped.

    Returns
    -------
    Table
        With problems for rows that are too long or short and columns that appear twice.

    Raises
    ------
    InputError
        If it is no readable text, has no header or a quotation mark without its other half.
    """
    if path.suffix.lower() in SPREADSHEETS:
        message = "spreadsheets are not yet supported; save the sheet as 'CSV UTF-8'"
        raise InputError(Problem(message, file=str(path)))
    text = read_text(path)
    lines = [row for row in _lines(text, str(path)) if any(cell.text for cell in row)]
    if not lines:
        raise InputError(Problem("expected a table with a header, got nothing", file=str(path)))
    names = [cell.text.lower() for cell in lines[0]]
    problems = [
        _wrong(cell.place, f"expected each column once, got '{names[i]}' twice")
        for i, cell in enumerate(lines[0])
        if names[i] in names[:i]
    ]
    for row in lines[1:]:
        if len(row) != len(names):
            hint = "; quote a cell with a comma in it" if len(row) > len(names) else ""
            message = f"expected {len(names)} cells as in the header, got {len(row)}{hint}"
            problems.append(_wrong(row[0].place, message))
    rows = [dict(zip(names, row, strict=True)) for row in lines[1:] if len(row) == len(names)]
    header: dict[str, Place] = {}
    for name, cell in zip(names, lines[0], strict=True):
        header.setdefault(name, cell.place)
    return Table(header, rows, problems)


def missing_columns(table: Table, required: Collection[str]) -> list[Problem]:
    """Say which columns a table lacks."""
    first = next(iter(table.header.values()))
    return [
        _wrong(first, f"expected a column '{name}', got only {', '.join(table.header)}")
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
            problems.append(_wrong(place, f"unknown column '{name}'; {hint}"))
    return problems


def _wrong(place: Place, message: str) -> Problem:
    return Problem(message, "", *place)


def _lines(text: str, file: str) -> Iterator[list[Cell]]:
    """Split text into lines of cells; the csv module would not say where a cell begins."""
    first = text.partition("\n")[0]
    ends = max(",;\t", key=first.count) + "\n"
    quoted = re.compile(r' *"((?:[^"]|"")*)" *')
    plain = re.compile(rf"([^{ends}]*)")
    cells: list[Cell] = []
    at = line_start = 0
    line = 1
    while at < len(text):
        place = Place(file, line, at - line_start + 1)
        match = quoted.match(text, at) or plain.match(text, at)
        assert match is not None  # plain matches nothing, too
        content = match[1]
        at = match.end()
        half = match.re is plain and content.lstrip().startswith('"')
        if half or (at < len(text) and text[at] not in ends):
            message = "expected a quotation mark at both ends of the cell, got one half"
            raise InputError(_wrong(place, message))
        if match.re is quoted:
            line += content.count("\n")
            line_start = max(line_start, text.rfind("\n", 0, at) + 1)
            content = content.replace('""', '"')
        cells.append(Cell(_shown(content), place))
        if at == len(text) or text[at] == "\n":
            yield cells
            cells, line, line_start = [], line + 1, at + 1
        elif at + 1 == len(text):  # the file ends with an empty cell
            yield [*cells, Cell("", Place(file, line, at - line_start + 2))]
        at += 1


def _shown(content: str) -> str:
    """Drop blanks and the apostrophe of a cell that spreadsheets would calculate."""
    text = content.strip()
    return text[1:] if re.match(r"'+[=+\-@\t\r]", text) else text

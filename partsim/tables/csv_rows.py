"""Text of a CSV table as rows of cells; the csv module would not say where a cell begins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from partsim.errors import InputError
from partsim.tables.cells import Cell, Place, problem_in, shown

DELIMITERS = ",;\t|"
NAMES = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}


def delimiter_of(header: str) -> str:
    r"""
    Tell the delimiter from the header: the one that is there most often, outside quotes.

    Examples
    --------
    >>> delimiter_of('part;"price, net, each"')
    ';'
    """
    return max(DELIMITERS, key=re.sub(r'"[^"]*"', "", header).count)


def csv_rows(text: str, file: str, header_row: int) -> Iterator[list[Cell]]:
    """
    Split text into rows of cells.

    Parameters
    ----------
    text : str
        The whole table.
    file : str
        Its name in places.
    header_row : int
        Line that the rows begin with, counted from 1; it decides the delimiter.

    Yields
    ------
    list of Cell
        One row, also an empty one.

    Raises
    ------
    InputError
        If a cell has a quotation mark without its other half.
    """
    at = line_start = 0
    for _ in range(header_row - 1):
        at = line_start = text.find("\n", at) + 1 or len(text)
    ends = delimiter_of(text[at:].partition("\n")[0]) + "\n"
    quoted = re.compile(r' *"((?:[^"]|"")*)" *')
    plain = re.compile(rf"([^{re.escape(ends)}]*)")
    cells: list[Cell] = []
    line = header_row
    while at < len(text):
        place = Place(file, line, at - line_start + 1)
        match = quoted.match(text, at) or plain.match(text, at)
        assert match is not None  # plain matches nothing, too
        content = match[1]
        at = match.end()
        half = match.re is plain and content.lstrip().startswith('"')
        if half or (at < len(text) and text[at] not in ends):
            message = "expected a quotation mark at both ends of the cell, got one half"
            raise InputError(problem_in(place, message))
        if match.re is quoted:
            line += content.count("\n")
            line_start = max(line_start, text.rfind("\n", 0, at) + 1)
            content = content.replace('""', '"')
        cells.append(Cell(shown(content), place))
        if at == len(text) or text[at] == "\n":
            yield cells
            cells, line, line_start = [], line + 1, at + 1
        elif at + 1 == len(text):  # the file ends with an empty cell
            yield [*cells, Cell("", Place(file, line, at - line_start + 2))]
        at += 1

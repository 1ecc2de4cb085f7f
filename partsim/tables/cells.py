"""Cells of tables and places in files, and problems that name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from partsim.errors import Problem


class Place(NamedTuple):
    """Where something stands, counted from 1; 0 when it stands in no line."""

    file: str
    line: int
    column: int
    sheet: str = ""


class Cell(NamedTuple):
    """
    The text of a cell and where it begins.

    Attributes
    ----------
    wrong : bool
        A problem speaks of it already.
    is_number : bool
        A number of a workbook, whose text has a decimal point whatever other cells have.
    """

    text: str
    place: Place
    wrong: bool = False
    is_number: bool = False


@dataclass(frozen=True)
class SheetProblem(Problem):
    """
    One thing that is wrong in a workbook; line and column are those of the cell.

    Examples
    --------
    >>> print(SheetProblem("expected money > 0, got -5", "parts.a.price", "p.xlsx", 3, 2, "Parts"))
    p.xlsx!Parts!B3: parts.a.price: expected money > 0, got -5
    """

    sheet: str = ""

    def __str__(self) -> str:
        place = f"{self.file}!{self.sheet}!{column_letters(self.column)}{self.line}"
        return ": ".join(text for text in (place, self.path, self.message) if text)


def problem_in(place: Place, message: str, path: str = "") -> Problem:
    """Make a problem of a place and a sentence."""
    if place.sheet:
        return SheetProblem(message, path, *place)
    return Problem(message, path, *place[:3])


def column_letters(column: int) -> str:
    """
    Give the letters of a column, counted from 1.

    Examples
    --------
    >>> column_letters(1), column_letters(28), column_letters(16384)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def shown(content: str) -> str:
    """Drop blanks and the apostrophe of a cell that spreadsheets would calculate."""
    text = content.strip()
    return text[1:] if re.match(r"'+[=+\-@\t\r]", text) else text

"""CSV tables of records to columns; every wrong cell named by file, line and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.errors import InputError, Problem

MOST_SHOWN = 20
"""Wrong cells that are named one by one in a column; of more, their number is said."""


EPOCH = pd.Timestamp(0, tz="UTC")


@dataclass
class RecordTable:
    """
    A table of records as text, read column by column.

    Attributes
    ----------
    columns : dict of str to list of str
        Cells without surrounding blanks, by the name the rest of partsim uses.
    problems : list of Problem
        Grows while columns are read; `refuse` raises them.
    """

    file: str
    text: str
    headings: list[str]
    delimiter: str
    lines: list[int]
    places: dict[str, int]
    columns: dict[str, list[str]]
    problems: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines)

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def texts(self, name: str, default: str = "") -> list[str]:
        """Give a column as text, the default where there is no such column."""
        return self.columns.get(name) or [default] * len(self)

    def names(self, name: str) -> list[str]:
        """Give a column of ids; an empty cell is a problem."""
        texts = self.texts(name)
        self.complain(name, [i for i, text in enumerate(texts) if not text], "a name")
        return texts

    def numbers(self, name: str, default: float = np.nan) -> NDArray[np.float64]:
        """Give a column of numbers >= 0, the default where the cell is empty."""
        texts = self.texts(name)
        read = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce")
        numbers = np.array(read, float)
        empty = np.array([not text for text in texts], bool)
        wrong = ~empty & ~((numbers >= 0) & np.isfinite(numbers))
        self.complain(name, np.flatnonzero(wrong), "a number >= 0 such as 1250.5")
        numbers[empty] = default
        return numbers

    def days(self, name: str, date_format: str = "ISO8601") -> NDArray[np.float64]:
        """Give a column of dates as days since 1970, not a number where the cell is empty."""
        texts = pd.Series(self.texts(name), dtype=object)
        dates = _dates(texts, date_format)
        wrong = dates.isna().to_numpy() & (texts != "").to_numpy()
        example = "such as 2024-03-31"
        if date_format != "ISO8601":
            example = f"of the form {date_format}"
        elif dates.isna().all():
            example += ", or --date-format, such as '%d.%m.%Y'"
        self.complain(name, np.flatnonzero(wrong), f"a date {example}")
        return np.array((dates - EPOCH) / pd.Timedelta(days=1), float)

    def complain(self, name: str, rows: Collection[int] | NDArray[np.intp], expected: str) -> None:
        """Say of the cells in these rows what was expected; of very many only the first."""
        for i in list(rows)[:MOST_SHOWN]:
            text = self.columns[name][i]
            got = f"'{text}'" if text else "nothing"
            self.problems.append(self._at(i, self.places[name], f"expected {expected}, got {got}"))
        if len(rows) > MOST_SHOWN:
            more = f"and {len(rows) - MOST_SHOWN:,} more cells of this column alike"
            self.problems.append(self._at(list(rows)[MOST_SHOWN], self.places[name], more))

    def require(self, *names: str) -> None:
        """Take it as a problem if none of these columns is there."""
        if not any(name in self for name in names):
            close = get_close_matches(names[0], self.headings, n=1)
            hint = f"; say which it is, such as --columns {names[0]}={close[0]}" if close else ""
            listed, wanted = ", ".join(self.headings), "' or '".join(names)
            message = f"expected a column '{wanted}', got only {listed}{hint}"
            self.problems.append(Problem(message, file=self.file, line=1, column=1))

    def refuse(self) -> None:
        """Raise every problem, in the order of the file."""
        if self.problems:
            raise InputError(*sorted(self.problems, key=lambda p: (p.line, p.column)))

    def _at(self, row: int, place: int, message: str) -> Problem:
        first = self.lines[row]
        line, column = _cell_place(self.text, first, place, self.delimiter)
        return Problem(message, file=self.file, line=line, column=column)


def read_record_table(
    path: Path, known: Collection[str], columns: Mapping[str, str] | None = None
) -> RecordTable:
    """
    Read a CSV table with a header line; `,`, `;` or tab between the cells.

    Parameters
    ----------
    path : Path
        UTF-8 text.
    known : collection of str
        Columns that mean something; others are left aside (exports have many).
    columns : mapping of str to str, optional
        Heading in the file by known name, such as {"machine": "Equipment"}; headings are
        compared without regard to case.

    Returns
    -------
    RecordTable
        Rows that are not empty. Rows too long or short are among its problems.

    Raises
    ------
    InputError
        If it is no readable text or table, or a column in `columns` is missing.
    """
    file = str(path)
    text = _read_text(path)
    header_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=header_line.count)
    rows = csv.reader(StringIO(text), delimiter=delimiter, strict=True, skipinitialspace=True)
    headings = [cell.strip() for cell in next(rows, [])]
    places = _places(headings, known, columns or {}, file)
    lines: list[int] = []
    cells: dict[str, list[str]] = {name: [] for name in places}
    same: dict[str, str] = {}  # machines and parts come again and again: keep each text once
    problems: list[Problem] = []
    taken = [(place, cells[name]) for name, place in places.items()]
    line = 2
    try:
        for row in rows:
            if not any(map(str.strip, row)):
                pass
            elif len(row) == len(headings):
                lines.append(line)
                for place, column in taken:
                    cell = row[place].strip()
                    column.append(same.setdefault(cell, cell))
            elif len(problems) < MOST_SHOWN:
                message = f"expected {len(headings)} cells as in the header, got {len(row)}"
                problems.append(Problem(message, file=file, line=line, column=1))
            line = rows.line_num + 1
    except csv.Error as error:
        message = f"expected a table with quotation marks in pairs, got: {error}"
        raise InputError(*problems, Problem(message, file=file, line=line, column=1)) from None
    if not lines and not problems:
        raise InputError(Problem("expected records below the header, got none", file=file))
    return RecordTable(file, text, headings, delimiter, lines, places, cells, problems)


def read_headings(path: Path) -> list[str]:
    """Give the headings of a CSV table, as `read_record_table` finds them."""
    text = _read_text(path).partition("\n")[0]
    delimiter = max(",;\t", key=text.count)
    cells = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])
    return [cell.strip() for cell in cells]


def day_of(name: str, text: str, date_format: str) -> float:
    """
    Read a date as days since 1970; not a number for an empty text.

    Raises
    ------
    InputError
        If it is no date of the form.

    Examples
    --------
    >>> day_of("until", "1970-01-11", "ISO8601")
    10.0
    """
    if not text:
        return float("nan")
    dates = _dates(pd.Series([text], dtype=object), date_format)
    if dates.hasnans:
        message = f"{name}: expected a date in the form of the table's dates, got '{text}'"
        raise InputError(Problem(message))
    return float((dates[0] - EPOCH) / pd.Timedelta(days=1))


def _dates(texts: pd.Series[str], date_format: str) -> pd.Series[pd.Timestamp]:
    try:
        return pd.to_datetime(texts, format=date_format, errors="coerce", utc=True)
    except ValueError:
        message = f"date-format: expected a form such as '%d.%m.%Y', got '{date_format}'"
        raise InputError(Problem(message)) from None


def text_of(day: float) -> str:
    """
    Write days since 1970 as a date.

    Examples
    --------
    >>> text_of(10.5)
    '1970-01-11'
    """
    return f"{EPOCH + pd.Timedelta(days=day):%Y-%m-%d}"


def _places(
    headings: list[str], known: Collection[str], columns: Mapping[str, str], file: str
) -> dict[str, int]:
    """Find the known columns among the headings, or say all that is wrong with them."""
    plain = [heading.casefold() for heading in headings]
    wrong = [
        f"expected a column name ({', '.join(known)}) before '=', got '{name}'"
        for name in columns
        if name not in known
    ]
    places = {}
    for name in known:
        heading = columns.get(name, name)
        count = plain.count(heading.casefold())
        if count > 1:
            wrong.append(f"expected the column '{heading}' once, got it {count} times")
        elif count:
            places[name] = plain.index(heading.casefold())
        elif name in columns:
            close = get_close_matches(heading, headings, n=1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            wrong.append(f"expected a column '{heading}', got only {', '.join(headings)}{hint}")
    if wrong:
        raise InputError(*(Problem(message, file=file, line=1, column=1) for message in wrong))
    return places


def _read_text(path: Path) -> str:
    file = str(path)
    if path.suffix.lower() in {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}:
        message = "expected a CSV table; save the sheet as 'CSV UTF-8'"
        raise InputError(Problem(message, file=file))
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason: object = "none of this name" if isinstance(error, FileNotFoundError) else error
        reason = "a folder" if path.is_dir() else reason
        message = f"expected a file that can be read, got: {reason}"
        raise InputError(Problem(message, file=file)) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        message = "expected UTF-8 text, got another encoding; save the table as 'CSV UTF-8'"
        raise InputError(Problem(message, file=file, line=line, column=column)) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cell_place(text: str, line: int, place: int, delimiter: str) -> tuple[int, int]:
    """Find line and column of a cell: only a wrong cell pays for its place."""
    at = 0
    for _ in range(line - 1):
        at = text.index("\n", at) + 1
    cell = re.compile(rf' *"(?:[^"]|"")*" *|[^{delimiter}\n]*')
    begin = at
    for _ in range(place):
        match = cell.match(text, at)
        assert match is not None  # it matches nothing, too
        at = match.end() + 1
    within = text[begin:at]
    return line + within.count("\n"), at - (begin + within.rfind("\n"))

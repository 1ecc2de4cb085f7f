"""Records of demand to counts by part and period: wide tables, long tables, returns, births."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.errors import InputError, Problem
from partsim.history.record_tables import EPOCH, RecordTable, read_headings, read_record_table
from partsim.history.wording import counted

Floats = NDArray[np.float64]
Period = Literal["week", "month"]

LONG = ("part", "depot", "date", "quantity")
"""Columns of a table with a row for each withdrawal; a wide one has periods as columns."""
DAYS: dict[Period, float] = {"week": 7.0, "month": 365 / 12}

_LABEL = re.compile(r"\D{0,8}\d{1,4}")
_SHORT = {"week": (6.5, 7.5), "month": (27.5, 31.5)}
"""Days from one period to the next by which dated columns are told to be weeks or months."""


@dataclass(frozen=True)
class DemandHistory:
    """
    Demand by part and period.

    Attributes
    ----------
    parts, depots : tuple of str
        One row each; depots are empty where the table has none.
    counts : ndarray of float, shape (row, period)
        Units, oldest first, 0 or more; not a number where nothing was recorded.
    days : float
        Length of a period [days].
    notes : tuple of str
        What was found missing, returned or taken as new.
    """

    parts: tuple[str, ...]
    depots: tuple[str, ...]
    counts: Floats
    days: float
    notes: tuple[str, ...]


def read_demand(
    path: Path,
    columns: Mapping[str, str] | None = None,
    *,
    date_format: str = "ISO8601",
    period: Period | None = None,
    births: Literal["records", "first_demand"] = "records",
) -> DemandHistory:
    """
    Read what was withdrawn, consumed or sold.

    Parameters
    ----------
    path : Path
        CSV table with a column `part`, perhaps `depot`, and either a column for each period,
        headed by its first day or by a number (m01, m02, ...), or `date` and `quantity`.
    columns : mapping of str to str, optional
        Heading in the file by column name of `LONG`.
    date_format : str
        Form of the dates, ISO 8601 by default.
    period : {"week", "month"}, optional
        Needed where the headings of periods are no dates; a table of dates and quantities is
        counted by month by default.
    births : {"records", "first_demand"}
        Whether a part was there from the first period of the records (where the first cells of
        its row are not empty), or from its first demand on.

    Returns
    -------
    DemandHistory
        Returns (negative quantities) are taken off the latest demand before them.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    headings = [heading.casefold() for heading in read_headings(path)]
    named = {(columns or {}).get(name, name).casefold() for name in ("date", "quantity")}
    if named & set(headings):
        history = _read_long(path, columns, date_format, period or "month")
    else:
        history = _read_wide(path, columns, date_format, period)
    history = _without_returns(history)
    if births == "records":
        return history
    before = np.cumsum(np.nan_to_num(history.counts), axis=1) == 0
    late = int((before[:, 0] & ~before[:, -1]).sum())
    note = f"{counted(late, 'part')} taken as new at the first demand"
    counts = np.where(before & ~before[:, -1:], np.nan, history.counts)
    return replace(history, counts=counts, notes=(*history.notes, note))


def _read_wide(
    path: Path, columns: Mapping[str, str] | None, date_format: str, period: Period | None
) -> DemandHistory:
    ids = ("part", "depot")
    headings = read_headings(path)
    taken = {(columns or {}).get(name, name).casefold() for name in ids}
    others = [heading for heading in headings if heading.casefold() not in taken]
    dates = pd.to_datetime(pd.Series(others, dtype=object), format=date_format, errors="coerce",
                           utc=True)  # fmt: skip
    dated = dates.notna().to_numpy()
    names = [n for n, d in zip(others, dated, strict=True) if d]
    if not names:
        names = [heading for heading in others if _LABEL.fullmatch(heading)]
    table = read_record_table(path, (*ids, *names), columns)
    table.require("part")
    if len(names) < 2:
        message = (
            "expected columns of periods headed by dates (2024-03-01) or numbers (m01), or the "
            f"columns 'date' and 'quantity', got only {', '.join(headings[:8])}"
        )
        table.problems.append(Problem(message, file=str(path), line=1, column=1))
    elif not dated.any() and period is None:
        message = f"expected --period week or month, since the columns {names[0]}, ... are no dates"
        table.problems.append(Problem(message, file=str(path), line=1, column=1))
    table.refuse()
    counts = np.column_stack([_quantities(table, name) for name in names])
    table.refuse()
    rows = _rows(table)
    places, days = np.arange(len(names)), DAYS[period or "month"]
    if dated.any():
        places, days = _periods(
            np.array((dates[dated] - EPOCH) / pd.Timedelta(days=1), float), path
        )
    order = np.argsort(places, kind="stable")
    spread = np.full((len(table), int(places.max()) + 1), np.nan)
    spread[:, places[order]] = counts[:, order]
    missing = int(np.isnan(counts).sum())
    notes = [f"{counted(missing, 'empty cell')} taken as not recorded"] if missing else []
    lacking = spread.shape[1] - len(names)
    notes += [f"{counted(lacking, 'period')} without a column"] if lacking else []
    return DemandHistory(*rows, spread, days, tuple(notes))


def _read_long(
    path: Path, columns: Mapping[str, str] | None, date_format: str, period: Period
) -> DemandHistory:
    table = read_record_table(path, LONG, columns)
    for name in ("part", "date", "quantity"):
        table.require(name)
    table.refuse()
    days = table.days("date", date_format)
    table.complain("date", np.flatnonzero([not text for text in table.texts("date")]), "a date")
    quantity = _quantities(table, "quantity")
    rows = pd.MultiIndex.from_arrays([table.names("part"), table.texts("depot")])
    table.refuse()
    place = _months(days) if period == "month" else np.floor((days - 4) / 7)  # from Monday on
    place = (place - place.min()).astype(int)
    codes, cells = pd.factorize(np.array(rows.to_flat_index(), object))
    shape = (len(cells), int(place.max()) + 1)
    flat = codes * shape[1] + place
    sums = np.bincount(flat, np.nan_to_num(quantity), shape[0] * shape[1])
    counts: Floats = sums.astype(float).reshape(shape)
    silent = np.setdiff1d(np.arange(shape[1]), place)
    counts[:, silent] = np.nan
    notes = []
    if silent.size:
        notes.append(f"{counted(silent.size, 'period')} without any row taken as not recorded")
    parts, depots = zip(*cells, strict=True)
    return DemandHistory(parts, depots, counts, DAYS[period], tuple(notes))


def _months(days: Floats) -> Floats:
    dates = pd.DatetimeIndex(EPOCH + pd.to_timedelta(days, unit="D"))
    return np.asarray(dates.year * 12 + dates.month, float)


def _periods(days: Floats, path: Path) -> tuple[NDArray[np.int64], float]:
    """Give the places in time of periods that begin on these days, and their length."""
    step = float(np.diff(np.sort(days)).min())  # of months that are missing, some are neighbours
    for name, (least, most) in _SHORT.items():
        if least <= step <= most:
            period: Period = "week" if name == "week" else "month"
            places = _months(days) if period == "month" else np.round(days / 7)
            places = (places - places.min()).astype(np.int64)
            if len(set(places.tolist())) == len(places):
                return places, DAYS[period]
    message = f"expected columns a week or a month apart, got dates {step:g} days apart"
    raise InputError(Problem(message, file=str(path), line=1, column=1))


def _rows(table: RecordTable) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give part and depot of each row, each pair once."""
    parts, depots = table.names("part"), table.texts("depot")
    pairs = pd.MultiIndex.from_arrays([parts, depots])
    again = np.flatnonzero(pairs.duplicated())
    where = "part" if not any(depots) else "part at a depot"
    table.complain("part", again, f"each {where} in one row")
    table.refuse()
    return tuple(parts), tuple(depots)


def _quantities(table: RecordTable, name: str) -> Floats:
    """Give a column of numbers, not a number where the cell is empty; a minus may trail."""
    texts = [f"-{text[:-1]}" if text.endswith("-") else text for text in table.texts(name)]
    numbers = np.array(pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce"), float)
    wrong = np.array([bool(text) for text in texts], bool) & ~np.isfinite(numbers)
    table.complain(name, np.flatnonzero(wrong), "a number such as 12 or -1")
    return numbers


def _without_returns(history: DemandHistory) -> DemandHistory:
    """Take what came back off the latest demand before it."""
    counts = history.counts.copy()
    returned = np.nansum(np.where(counts < 0, -counts, 0.0))
    if not returned:
        return history
    left = 0.0
    for row in np.flatnonzero((counts < 0).any(axis=1)):
        left += _settle(counts[row])
    notes = [f"{counted(returned, 'returned unit')} taken off the demand before"]
    if left:
        notes.append(f"{counted(left, 'unit')} of them without demand before: left out")
    return replace(history, counts=counts, notes=(*history.notes, *notes))


def _settle(counts: Floats) -> float:
    """Settle the returns of one part in place; give what no demand before stands against."""
    owed = 0.0
    for t in range(counts.size - 1, -1, -1):
        if counts[t] < 0:
            owed -= counts[t]
            counts[t] = 0.0
        elif owed and counts[t] > 0:
            taken = min(owed, counts[t])
            counts[t] -= taken
            owed -= taken
    return owed

"""Seasons of use: how fast machines work, and age, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_YEAR = 365.0


class Season:
    """
    Working time as a function of the calendar, the same every year.

    Parameters
    ----------
    factors : sequence of float, length 12
        Working time per day in each month, a twelfth of the year; not all zero.
    start_date : str, optional
        Day at time zero; the first of January if not given.

    Examples
    --------
    >>> season = Season([0.0] * 6 + [2.0] * 6)
    >>> season.worked([182.5, 365.0, 730.0])
    array([  0., 365., 730.])
    >>> season.moment(100.0)
    array(232.5)
    """

    __slots__ = ("_before", "_edges", "_passed", "_rising", "_total", "_worked", "mean")

    def __init__(self, factors: Sequence[float], start_date: str | None = None) -> None:
        self._edges = np.linspace(0.0, _YEAR, 13)
        self._worked = np.append(0.0, np.cumsum(np.array(factors, float) * _YEAR / 12))
        self._total = float(self._worked[-1])
        self.mean = self._total / _YEAR
        self._passed = day_of_year(start_date)
        self._before = float(np.interp(self._passed, self._edges, self._worked))
        # Months without work would leave several moments: np.interp needs a rising axis.
        rising = np.append(True, np.diff(self._worked) > 0)
        rising[:-1] |= rising[1:]
        self._rising = self._worked[rising], self._edges[rising]

    def worked(self, times: ArrayLike) -> Floats:
        """Give the working time from the start to moments, zero or more [days]."""
        years, day = np.divmod(np.asarray(times, float) + self._passed, _YEAR)
        worked = np.interp(day, self._edges, self._worked)
        return np.asarray(years * self._total + worked - self._before)

    def moment(self, worked: ArrayLike) -> Floats:
        """Give a moment at which so much working time has passed [days]."""
        years, rest = np.divmod(np.asarray(worked, float) + self._before, self._total)
        day = np.interp(rest, *self._rising)
        return np.asarray(years * _YEAR + day - self._passed)


def day_of_year(start_date: str | None) -> float:
    """
    Give the days of the year that have passed at the start.

    Examples
    --------
    >>> day_of_year(None), day_of_year("2026-02-01")
    (0.0, 31.0)
    """
    if start_date is None:
        return 0.0
    day = date.fromisoformat(start_date)
    return float(min((day - day.replace(month=1, day=1)).days, 364))

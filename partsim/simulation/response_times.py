"""Response times of any number of calls in bounded memory: classes of nearly equal times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.simulation.call_log import ROUNDING

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]
RESOLUTION = 2.0**-12
"""Most by which two times of one class differ, as a share of the shorter one."""
_CLASS_BITS = 52 - 12
"""Bits at the end of a float, of 52, that times of one class need not have in common."""
FEWEST_TO_SORT = 2048
"""Times that are sorted into classes together, at least."""


@dataclass(frozen=True, eq=False)
class ResponseTimes:
    """
    Times of calls in classes, each class under the longest of its times.

    Times that are alone or equal in their class are exact, others at most `RESOLUTION` too long.

    Attributes
    ----------
    values : ndarray of float, shape (class,)
        Longest time of each class, rising [days].
    calls : ndarray of int, shape (class,)
        How many calls are in it.
    days : float
        Exact sum of the times of all calls.
    """

    values: Floats
    calls: Counts
    days: float

    def __len__(self) -> int:
        """Count the calls."""
        return int(self.calls.sum())

    def within(self, time: float) -> int:
        """
        Count the calls that took no longer than a time [days].

        Exact for the time at which the classes were parted; at another, calls of the one class
        that the time falls into count as longer.
        """
        return int(self.calls[: self.values.searchsorted(time + ROUNDING, side="right")].sum())

    def each(self) -> Floats:
        """Give a time for every call, rising [days]."""
        return np.repeat(self.values, self.calls)

    def least_for(self, share: float) -> float:
        """
        Give the least time that a share of the calls does not exceed [days].

        Examples
        --------
        >>> ResponseTimes(np.array([1.0, 2.0]), np.array([3, 1]), 5.0).least_for(0.75)
        1.0
        """
        last = len(self) - 1
        # One less before it is rounded up: 0.07 of 100 is a little more than 7.
        return float(self._ranked(np.clip(np.ceil(share * (last + 1) - 1), 0, last)))

    def quantiles(self, shares: Floats) -> Floats:
        """Give times for a curve, between two calls on the line that joins them [days]."""
        at = shares * (len(self) - 1)
        below = self._ranked(np.floor(at))
        return below + (self._ranked(np.ceil(at)) - below) * (at % 1)

    def _ranked(self, ranks: Floats) -> Floats:
        """Give the times of some calls by their rank, from 0."""
        return self.values[self.calls.cumsum().searchsorted(ranks, side="right")]


class GrowingTimes:
    """
    Times of calls that come block by block.

    Parameters
    ----------
    within : float
        The time promised: no class has calls on both sides of it [days].

    Examples
    --------
    >>> times = GrowingTimes(within=1.0)
    >>> times.add(np.array([0.1, 0.1, 0.1, 1.0, 1.0001]))
    >>> times.so_far().values, times.so_far().calls.tolist()
    (array([0.1   , 1.    , 1.0001]), [3, 1, 1])
    """

    __slots__ = ("_fresh", "_limit", "_sorted")

    def __init__(self, within: float) -> None:
        self._limit = within + ROUNDING
        self._sorted = ResponseTimes(np.empty(0), np.empty(0, np.int32), 0.0)
        self._fresh: list[Floats] = []

    def add(self, times: Floats) -> None:
        """Take some more."""
        self._fresh.append(times)
        # As many as there are classes already, so that no time is sorted often.
        if sum(map(len, self._fresh)) >= max(FEWEST_TO_SORT, len(self._sorted.values)):
            self.so_far()

    def so_far(self) -> ResponseTimes:
        """Give those that have come."""
        old = self._sorted
        fresh, self._fresh = np.concatenate([np.empty(0), *self._fresh]), []
        if len(fresh):
            times = np.concatenate([old.values, np.sort(fresh)])
            counts = np.concatenate([old.calls, np.ones(len(fresh), np.int32)])
            self._sorted = self._in_classes(times, counts, old.days + float(fresh.sum()))
        return self._sorted

    def _in_classes(self, times: Floats, counts: Counts, days: float) -> ResponseTimes:
        order = np.argsort(times, kind="stable")  # which merges what is sorted already
        times, counts = times[order], counts[order]
        # Numbers with the same first bits are neighbours, and are so close that they are one class.
        of = times.view(np.int64) >> _CLASS_BITS
        last = np.append(of[1:] != of[:-1], True)
        kept = times.searchsorted(self._limit, side="right")
        if kept:
            last[kept - 1] = True
        ends = np.flatnonzero(last)
        calls = np.diff(counts.cumsum()[ends], prepend=0)
        return ResponseTimes(times[ends], calls.astype(np.int32), days)


def together(members: Sequence[ResponseTimes]) -> ResponseTimes:
    """
    Give the times of all members as one.

    Examples
    --------
    >>> one = ResponseTimes(np.array([1.0, 2.0]), np.array([3, 1]), 5.0)
    >>> together([one, one]).each()
    array([1., 1., 1., 1., 1., 1., 2., 2.])
    """
    values = np.concatenate([np.empty(0), *(times.values for times in members)])
    calls = np.concatenate([np.empty(0, np.int32), *(times.calls for times in members)])
    order = np.argsort(values)
    return ResponseTimes(values[order], calls[order], sum(times.days for times in members))


@dataclass(frozen=True, eq=False)
class WeighedTimes:
    """
    Times of calls that do not all count alike.

    Attributes
    ----------
    values : ndarray of float, shape (class,)
        Longest time of each class, rising [days].
    reached : ndarray of float, shape (class,)
        Share of all calls up to there.
    """

    values: Floats
    reached: Floats

    def __len__(self) -> int:
        """Count the classes."""
        return len(self.values)

    def least_for(self, share: float) -> float:
        """Give the least time that a share of the calls does not exceed [days]."""
        return float(self.quantiles(np.array([share]))[0])

    def quantiles(self, shares: Floats) -> Floats:
        """Give the least time for each of some shares [days]."""
        # Sums of weights are rounded: a share reached but for that is reached.
        places = self.reached.searchsorted(shares - _SLACK)
        return self.values[np.minimum(places, len(self) - 1)]


_SLACK = 1e-12


def weighed_together(members: Sequence[ResponseTimes], weights: Floats) -> WeighedTimes:
    """
    Give the times of all members, each as often as it counts.

    Examples
    --------
    >>> one = ResponseTimes(np.array([1.0, 2.0]), np.array([3, 1]), 5.0)
    >>> other = ResponseTimes(np.array([3.0]), np.array([4]), 12.0)
    >>> weighed_together([one, other], np.array([1.5, 0.5])).reached
    array([0.5625, 0.75  , 1.    ])
    """
    values = np.concatenate([times.values for times in members])
    calls = np.concatenate(
        [times.calls * weight for times, weight in zip(members, weights, strict=True)]
    )
    order = np.argsort(values)
    order = order[calls[order] > 0]
    reached = calls[order].cumsum()
    return WeighedTimes(values[order], reached / reached[-1:])

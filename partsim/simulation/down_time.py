"""Time in which the machines of a fleet stand, from stops that may overlap."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.simulation.events import Clock

Floats = NDArray[np.float64]
FEWEST_TO_SETTLE = 1024
"""Stops that are settled together, at least."""


class DownTime:
    """
    Stops of a fleet's machines, kept until nothing that is still to come can overlap with them.

    A machine without an open call is settled up to now, for the calls to come begin later.

    Parameters
    ----------
    clock : Clock
        With the window.

    Examples
    --------
    >>> down = DownTime(Clock(0.0, 20.0))
    >>> down.add(np.array([[0, 0, 1], [9.0, 11.0, 18.0], [12.0, 13.0, 25.0]]), [0, 0])
    >>> down.days()
    6.0
    """

    __slots__ = ("_clock", "_days", "_enough", "_stops")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._days = 0.0
        self._enough = FEWEST_TO_SETTLE
        self._stops = [np.empty((3, 0))]

    def add(self, stops: Floats, open_calls: ArrayLike) -> None:
        """
        Take some stops.

        Parameters
        ----------
        stops : ndarray of float, shape (3, stop)
            Number of the machine, begin and end [days].
        open_calls : array of int, shape (machine,)
            Calls of each machine that have begun, and whose stops are still to be added.
        """
        self._stops.append(stops)
        if sum(block.shape[1] for block in self._stops) >= self._enough:
            left = self._settle(np.asarray(open_calls) == 0)
            self._stops = [left]
            # Twice as many as are left, so that none is looked at often.
            self._enough = max(FEWEST_TO_SETTLE, 2 * left.shape[1])

    def _settle(self, closed: NDArray[np.bool_]) -> Floats:
        """Count what machines without an open call stood until now; give what is left."""
        now = self._clock.now
        machine, began, ended = np.concatenate(self._stops, axis=1)
        sure = closed[machine.astype(np.int64)]
        past = np.array([machine, np.minimum(began, now), np.minimum(ended, now)])
        self._days += down_time(past[:, sure], self._clock)
        rest = np.array([machine, np.where(sure, np.maximum(began, now), began), ended])
        return rest[:, ~sure | (ended > now)]

    def days(self) -> float:
        """Give the time in the window with at least one open call [machine days], as known."""
        return self._days + down_time(np.concatenate(self._stops, axis=1), self._clock)


def down_time(stood: Floats, clock: Clock) -> float:
    """
    Sum over machines the time in the window in which they stand.

    Parameters
    ----------
    stood : ndarray of float, shape (3, stop)
        Number of the machine, begin and end [days]; stops of one machine may overlap.
    clock : Clock
        With the window.

    Returns
    -------
    float
        Machine days.

    Examples
    --------
    >>> stops = np.array([[0, 0, 1], [9.0, 11.0, 18.0], [12.0, 13.0, 25.0]])
    >>> down_time(stops, Clock(10.0, 20.0))
    5.0
    """
    # Machine after machine on one axis: stops of different machines cannot meet.
    offset = stood[0] * (clock.window + 1)
    begin, end = np.clip(stood[1:], clock.start, clock.end) + offset
    order = np.argsort(begin, kind="stable")
    begin, end = begin[order], end[order]
    covered = np.maximum.accumulate(np.concatenate([[0.0], end[:-1]]))
    return float(np.maximum(end - np.maximum(begin, covered), 0.0).sum())

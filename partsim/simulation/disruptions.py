"""Disruptions: times in which a supplier works on nothing."""

from __future__ import annotations

from collections import deque

from partsim.lifetimes import Distribution, Exponential
from partsim.simulation.events import Clock
from partsim.simulation.streams import Streams


class Disruptions:
    """
    Times in which no work of a supplier goes on: all its parts are delayed at once.

    They come whatever is ordered, so their dates are drawn ahead as far as they are asked for,
    and work is dated by the time in which the supplier works. They start in equilibrium, and
    nobody asks for what is past.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    every : float
        Mean time from the end of one to the beginning of the next, exponential [days].
    lasting : Distribution
        How long one lasts.
    streams : Streams
        The random numbers of the replication.
    supplier : str
        Whose they are.
    """

    __slots__ = ("_begins", "_clock", "_ends", "_gaps", "_lasts", "_past")

    def __init__(
        self, clock: Clock, every: float, lasting: Distribution, streams: Streams, supplier: str
    ) -> None:
        self._clock = clock
        self._gaps = streams.draws(Exponential(every).quantile, "disruption gap", supplier)
        self._lasts = streams.draws(lasting.quantile, "disruption", supplier)
        self._begins: deque[float] = deque()
        self._ends: deque[float] = deque()
        self._past = 0
        now, of_now, left = streams.uniforms("first disruption", supplier, shape=(3,))
        if now * (every + lasting.mean) < lasting.mean:
            # One is under way: what is left of a disruption met at a random moment.
            self._begins.append(0.0)
            self._ends.append(float(left * lasting.length_biased_quantile(of_now)))

    def _number_at(self, time: float) -> int:
        """Give the place of the disruption under way at a time from now on, or of the next one."""
        while len(self._ends) > 1 and self._ends[0] <= self._clock.now:
            self._begins.popleft()
            self._ends.popleft()
            self._past += 1
        while not self._ends or self._ends[-1] <= time:
            k = self._past + len(self._ends)
            begins = (self._ends[-1] if self._ends else 0.0) + self._gaps.draw(0, k)
            self._begins.append(begins)
            self._ends.append(begins + self._lasts.draw(0, k))
        k = len(self._ends) - 1
        while k and self._ends[k - 1] > time:
            k -= 1
        return k

    def under_way(self, time: float) -> bool:
        """Tell whether one is under way."""
        return self._begins[self._number_at(time)] <= time

    def end_of(self, begins: float, work: float) -> float:
        """Give when a work ends that goes on outside disruptions only."""
        k = self._number_at(begins)
        time, left = max(begins, self._ends[k]) if self._begins[k] <= begins else begins, work
        while True:
            k = self._number_at(time)
            free = self._begins[k] - time
            if left <= free:
                return time + left
            left -= free
            time = self._ends[k]

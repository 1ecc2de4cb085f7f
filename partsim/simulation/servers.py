"""Servers: c of them work off what comes, first come first served."""

from __future__ import annotations

from heapq import heapreplace
from math import inf

from partsim.simulation.disruptions import Disruptions
from partsim.simulation.events import Clock

ROUNDING = 1e-9
"""Ends are sums: one that equals what is promised but for rounding keeps it [days]."""


class Servers:
    """
    People or places that work on one thing each, in the order of arrival.

    Nothing is cancelled and nobody jumps the queue, so the end of a work is known on arrival
    (Kiefer and Wolfowitz); arrivals must come in the order of time.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    count : int, optional
        Servers; without a number nothing waits.
    disruptions : Disruptions, optional
        Times in which no work goes on.
    promised : float
        Time from arrival to end that is promised [days].

    Attributes
    ----------
    jobs, in_time : int
        Arrivals in the window, and those of them that end within the promised time.
    days : float
        Their time from arrival to end [days].
    held_days : float
        Time in the window that servers are held by work, whenever it arrived, also while a
        disruption keeps it [server days].

    Examples
    --------
    >>> desk = Servers(Clock(0.0, 10.0), 1)
    >>> desk.accept(0.0, 2.0), desk.accept(1.0, 2.0)
    (2.0, 4.0)
    """

    __slots__ = (
        "_clock",
        "_free",
        "_promised",
        "days",
        "disruptions",
        "held_days",
        "in_time",
        "jobs",
    )

    def __init__(
        self,
        clock: Clock,
        count: int | None,
        disruptions: Disruptions | None = None,
        promised: float = inf,
    ) -> None:
        self._clock = clock
        self._free = [0.0] * (count or 0)
        self.disruptions = disruptions
        self._promised = promised + ROUNDING
        self.jobs = 0
        self.in_time = 0
        self.days = 0.0
        self.held_days = 0.0

    @property
    def queues(self) -> bool:
        """Whether the order of arrival matters."""
        return bool(self._free)

    def end_of(self, arrives: float, work: float) -> float:
        """Give when a work that arrives then would end."""
        return self._end(self._begin(arrives), work)

    def _begin(self, arrives: float) -> float:
        return max(arrives, self._free[0]) if self._free else arrives

    def _end(self, begins: float, work: float) -> float:
        return self.disruptions.end_of(begins, work) if self.disruptions else begins + work

    def accept(self, arrives: float, work: float) -> float:
        """Take a work and give when it ends."""
        begins = self._begin(arrives)
        ends = self._end(begins, work)
        self.held_days += self._clock.between(begins, ends)
        if self._free:
            heapreplace(self._free, ends)
        if self._clock.measures(arrives):
            self.jobs += 1
            self.days += ends - arrives
            self.in_time += ends - arrives <= self._promised
        return ends

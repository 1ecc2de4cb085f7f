"""Technicians: who takes which call, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from math import floor
from typing import TYPE_CHECKING, NamedTuple

from simpy import Event

from partsim.simulation.events import Clock, EventOrder, Moment

if TYPE_CHECKING:
    from partsim.model.technicians import Shift

DAYS_PER_WEEK = 7
ROUNDING = 1e-9
"""Moments are sums: the first one of a shift is in it but for rounding [days]."""
Rank = tuple[bool, int]
"""Smaller is served first; equal ranks in the order in which they asked."""


def next_start(shift: Shift | None, time: float) -> float:
    """
    Give the first moment, from a time on, at which a call may be begun.

    Examples
    --------
    >>> from partsim.model.technicians import Shift
    >>> office = Shift(days=5, start="8 h", end="18 h")
    >>> [next_start(office, day) * 24 for day in (0.0, 0.5, 0.75, 4.75)]
    [8.0, 12.0, 32.0, 176.0]
    >>> night = Shift(days=5, start="22 h", end="6 h")
    >>> [next_start(night, day) * 24 for day in (0.0, 0.25, 1.125, 5.125, 5.25)]
    [22.0, 22.0, 27.0, 123.0, 190.0]
    """
    if shift is None:
        return time
    # The shift of the night before may go on.
    day = floor(time + ROUNDING) - shift.passes_midnight
    while True:
        if day % DAYS_PER_WEEK < shift.days:
            if time - day < shift.start - ROUNDING:
                return day + shift.start
            if time - day < shift.last_moment:
                return time
        day += 1


class Trip(NamedTuple):
    """
    One way to a machine.

    Attributes
    ----------
    before : int
        Visits of the same call before it.
    work : float
        At the machine [days].
    ends : bool
        Whether it ends the call.
    """

    before: int
    work: float
    ends: bool


class Request:
    """A call that waits for somebody of one of several groups."""

    __slots__ = ("_receive", "asked", "crew", "trip")

    def __init__(self, asked: float, trip: Trip, receive: Callable[[], None]) -> None:
        self.asked = asked
        self.trip = trip
        self.crew: Crew | None = None
        self._receive = receive

    def take(self, crew: Crew) -> None:
        """Have somebody of that group, now."""
        self.crew = crew
        self._receive()


class Crew:
    """
    The technicians of one group: who is free, and which calls wait.

    Attributes
    ----------
    shift : Shift, optional
        When calls are begun; without it always.
    free : int
        Who has nothing to do.
    busy_days : float
        Time of technicians on calls in the window [technician days].
    jobs : int
        Visits begun in the window.
    waited : float
        What these waited for a technician [days].
    calls, fixed : int
        First visits among them, and those of these that ended their call.
    """

    __slots__ = (
        "_alarm", "_clock", "_numbers", "_priority", "_waiting", "busy_days", "calls",
        "fixed", "free", "jobs", "shift", "waited",
    )  # fmt: skip

    def __init__(self, clock: Clock, number: int, technicians: int, shift: Shift | None) -> None:
        self._clock = clock
        self.shift = shift
        self._priority = EventOrder.SHIFT.priority(number)
        self._waiting: list[tuple[Rank, int, Request]] = []
        self._numbers = count()
        self._alarm = False
        self.free = technicians
        self.busy_days = 0.0
        self.jobs = 0
        self.waited = 0.0
        self.calls = 0
        self.fixed = 0

    @property
    def counts(self) -> tuple[float, int, float, int, int]:
        """Time on calls, visits, their waits, first visits, and those that ended their call."""
        return self.busy_days, self.jobs, self.waited, self.calls, self.fixed

    @property
    def is_asked(self) -> bool:
        """Whether calls wait that no other group has begun."""
        return any(request.crew is None for *_, request in self._waiting)

    def queue(self, rank: Rank, request: Request) -> None:
        """Send somebody now, or let the call wait."""
        heappush(self._waiting, (rank, next(self._numbers), request))
        self._serve()

    def release(self) -> None:
        """Have somebody back, who takes the next call."""
        self.free += 1
        self.busy_days -= self._clock.left(self._clock.now)
        self._serve()

    def _serve(self) -> None:
        """Begin calls while somebody is free: now, or when the next shift begins."""
        waiting, now = self._waiting, self._clock.now
        while self.free and waiting:
            if waiting[0][2].crew:  # by another group
                heappop(waiting)
            elif (start := next_start(self.shift, now)) > now:
                self._wake(start)
                return
            else:
                self._take(heappop(waiting)[2])

    def _wake(self, start: float) -> None:
        if not self._alarm:
            self._alarm = True
            Moment(self._clock, start, self._priority).callbacks.append(self._begin_shift)

    def _begin_shift(self, _: Event) -> None:
        self._alarm = False
        self._serve()

    def _take(self, request: Request) -> None:
        clock = self._clock
        now = clock.now
        self.free -= 1
        self.busy_days += clock.left(now)
        if clock.measures(now):
            self.jobs += 1
            self.waited += now - request.asked
            first = request.trip.before == 0
            self.calls += first
            self.fixed += first and request.trip.ends
        request.take(self)


@dataclass(frozen=True)
class Dispatch:
    """
    Who can go to the failures of one part in one fleet.

    Attributes
    ----------
    crews : tuple of Crew
        In the order in which they are asked; none if there is always somebody.
    ranks : tuple of int
        Place in the queue of each of them: smaller goes first.
    """

    crews: tuple[Crew, ...]
    ranks: tuple[int, ...]

    def ask(self, request: Request, *, last: bool) -> None:
        """Ask the groups: the first that has somebody free, else the first to have."""
        for crew, rank in zip(self.crews, self.ranks, strict=True):
            crew.queue((last, rank), request)
            if request.crew:
                return

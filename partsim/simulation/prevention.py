"""Planned replacements: no call, and the part is ordered for the day."""

from __future__ import annotations

from collections.abc import Iterable

from partsim.simulation.calls import Over, ServedPosition
from partsim.simulation.events import Clock, EventOrder


class PreventionLog:
    """
    What prevention did to one fleet, in the window.

    Attributes
    ----------
    failures, planned : dict of int by part
        Failures, and planned replacements, those that inspections led to included.
    inspections : int
        Of single machines.

    Examples
    --------
    >>> PreventionLog(["pump"]).planned
    {'pump': 0}
    """

    __slots__ = ("failures", "inspections", "planned")

    def __init__(self, parts: Iterable[str]) -> None:
        self.failures = dict.fromkeys(parts, 0)
        self.planned = dict.fromkeys(self.failures, 0)
        self.inspections = 0


class MaintainedPosition:
    """
    A position some of whose units are put in as planned, at no failure.

    That takes no call and no time of the machine, and it never waits: its unit is ordered for
    the day, which the depot sees as a refill of that day.

    Attributes
    ----------
    part : str
        What is in it.
    row : int
        Its number among the positions of its part and fleet.
    """

    __slots__ = ("_clock", "_demand", "_log", "_position", "part", "row")

    def __init__(
        self, clock: Clock, log: PreventionLog, part: str, position: ServedPosition, row: int,
        number: int,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._log = log
        self.part = part
        self._position = position
        self.row = row
        self._demand = EventOrder.DEMAND.priority(number)

    def life(self, k: int) -> float:
        """Give the time to event k since the one before."""
        return self._position.life(k)

    def answer(self, k: int, began: float, over: Over) -> None:
        """Answer the call, or put the unit in."""
        counts = self._clock.measures(began)
        if self.fails:
            self._log.failures[self.part] += counts
            self._position.answer(k, began, over)
            return
        self._log.planned[self.part] += counts

        def replace() -> None:
            self._put_in()
            over(0.0)

        self._clock.when(began, self._demand, replace)

    def _put_in(self) -> None:
        """Put a new unit in, whose place on the shelf is refilled."""
        item = self._position.service.item
        item.shelf.request(_refill, item.refill)

    @property
    def fails(self) -> bool:
        """Whether the event that comes next is a failure."""
        return not self._position.service.lives.planned[self.row]

    def replace_now(self) -> None:
        """Put a new unit in before it fails."""
        self._log.planned[self.part] += self._clock.measured
        self._put_in()


def _refill(_date: float) -> None:
    """Receive a unit that no call waits for."""

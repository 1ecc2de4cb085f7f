"""Shelves: the stock of one part at one depot, and who waits for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from partsim.simulation.events import Clock

if TYPE_CHECKING:
    pass


class Tally:
    """Unit requests in the measured period: how many, how many from the shelf, total wait."""

    __slots__ = ("from_shelf", "requests", "waited")

    def __init__(self) -> None:
        self.requests = 0
        self.from_shelf = 0
        self.waited = 0.0


class Source(Protocol):
    """
    Where a shelf's lots come from.

    Attributes
    ----------
    measured_orders : int
        Orders to suppliers in the window.
    transit_days : float
        Time integral of the units between depots over the window [unit days].
    """

    measured_orders: int
    transit_days: float

    def order(self) -> None:
        """Order one lot."""


class Shelf:
    """
    Stock of one part at one depot: a counter, and a queue first come first served.

    Whenever on hand, less waiting, plus on order falls to the reorder point r, a lot Q is
    ordered; one-for-one is Q = 1 and r = S - 1.

    Attributes
    ----------
    on_hand, on_order : int
        Units on the shelf, and ordered but not received.
    waiting : deque of (time, receive, tally)
        Requests without a unit, the oldest first.
    machine_side, depot_side : Tally
        Requests of calls and refills, and of the depots supplied from here.
    on_hand_days, backorder_days : float
        Time integrals over the window [unit days].
    """

    __slots__ = (
        "_clock",
        "backorder_days",
        "depot_side",
        "machine_side",
        "on_hand",
        "on_hand_days",
        "on_order",
        "order_quantity",
        "reorder_point",
        "source",
        "waiting",
    )
    source: Source

    def __init__(self, clock: Clock, on_hand: int, reorder_point: int, order_quantity: int) -> None:
        self._clock = clock
        self.on_hand = on_hand
        self.on_order = 0
        self.reorder_point = reorder_point
        self.order_quantity = order_quantity
        self.waiting: deque[tuple[float, Callable[[], None], Tally]] = deque()
        self.machine_side = Tally()
        self.depot_side = Tally()
        self.on_hand_days = on_hand * clock.window
        self.backorder_days = 0.0

    def request(self, receive: Callable[[], None], tally: Tally) -> bool:
        """
        Ask for one unit.

        Parameters
        ----------
        receive : callable
            Called when a unit is allocated, if there is none on the shelf now.
        tally : Tally
            Where the request counts.

        Returns
        -------
        bool
            Whether the unit comes from the shelf at once; `receive` is not called then.
        """
        clock = self._clock
        now = clock.now
        measured = clock.measures(now)
        if measured:
            tally.requests += 1
        from_shelf = self.on_hand > 0
        if from_shelf:
            self.on_hand -= 1
            self.on_hand_days -= clock.left(now)
            if measured:
                tally.from_shelf += 1
        else:
            self.waiting.append((now, receive, tally))
            self.backorder_days += clock.left(now)
            clock.unfinished += now < clock.end
        if self.on_hand - len(self.waiting) + self.on_order <= self.reorder_point:
            self.on_order += self.order_quantity
            self.source.order()
        return from_shelf

    def receive(self, units: int) -> None:
        """Take units in: to those who wait, the rest to the shelf."""
        self.on_order -= units
        for _ in range(units):
            if self.waiting:
                self._serve_the_first()
            else:
                self.on_hand += 1
                self.on_hand_days += self._clock.left(self._clock.now)

    def _serve_the_first(self) -> None:
        clock = self._clock
        now = clock.now
        requested, receive, tally = self.waiting.popleft()
        self.backorder_days -= clock.left(now)
        clock.unfinished -= requested < clock.end
        if clock.measures(requested):
            tally.waited += now - requested
        receive()

"""Shelves: the stock of one part at one depot, and who waits for it."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable
from typing import Protocol

from partsim.simulation.claims import AnyClaim, Claim, Request, Tally
from partsim.simulation.events import Clock

NEVER = -(2**62)
"""Reorder point of a shelf that orders at reviews only."""


class Source(Protocol):
    """Where a shelf's lots come from."""

    @property
    def measured_orders(self) -> int:
        """Orders to suppliers in the window."""

    @property
    def transit_days(self) -> float:
        """Time integral of the units between depots over the window [unit days]."""

    @property
    def under_way(self) -> int:
        """Units ordered and neither received nor waited for at another depot."""

    def order(self, units: int) -> None:
        """Order units."""


class Shelf:
    """
    Stock of one part at one depot: a counter, and a queue first come first served.

    Whenever on hand, less waiting, plus on order falls to the reorder point r, a lot Q is
    ordered; one-for-one is Q = 1 and r = S - 1.

    Attributes
    ----------
    on_hand, on_order : int
        Units on the shelf, and ordered but not received.
    waiting : deque of (time, receive, claim)
        Requests without a unit, the oldest first.
    machine_side, depot_side : Claim
        Requests of calls and refills, and of the depots supplied from here.
    tiers : dict of str to Claim
        Claims of calls by tier, where tiers differ; they count in the machine side.
    due : list of float, optional
        Dates of the units on their way, in order; kept where a sourcing rule looks at them.
    next_in_line : callable, optional
        Gives the place in the queue of the next to be served, if anybody may be; without it
        the oldest.
    on_hand_days, backorder_days : float
        Time integrals over the window [unit days].
    """

    __slots__ = (
        "_clock",
        "backorder_days",
        "depot_side",
        "due",
        "machine_side",
        "next_in_line",
        "on_hand",
        "on_hand_days",
        "on_order",
        "order_quantity",
        "reorder_point",
        "source",
        "tiers",
        "waiting",
    )
    source: Source

    def __init__(self, clock: Clock, on_hand: int, reorder_point: int, order_quantity: int) -> None:
        self._clock = clock
        self.on_hand = on_hand
        self.on_order = 0
        self.reorder_point = reorder_point
        self.order_quantity = order_quantity
        self.waiting: deque[Request] = deque()
        self.machine_side = Claim(Tally())
        self.depot_side = Claim(Tally())
        self.tiers: dict[str, Claim] = {}
        self.due: list[float] | None = None
        self.next_in_line: Callable[[deque[Request], int], int | None] | None = None
        self.on_hand_days = on_hand * clock.window
        self.backorder_days = 0.0

    @property
    def position(self) -> int:
        """Units on hand and on order, less those that are waited for."""
        return self.on_hand - len(self.waiting) + self.on_order

    def claim_of(self, tier: str) -> Claim:
        """Give the claim by which calls of a tier ask."""
        return self.tiers.get(tier, self.machine_side)

    def request(self, receive: Callable[[], None], claim: AnyClaim) -> bool:
        """
        Ask for one unit.

        Parameters
        ----------
        receive : callable
            Called when a unit is allocated, or comes from elsewhere, if there is none on the
            shelf now.
        claim : Claim
            Who asks.

        Returns
        -------
        bool
            Whether the unit comes from the shelf at once; `receive` is not called then.
        """
        clock, tally = self._clock, claim.tally
        if clock.measured:
            tally.requests += 1
        if self.on_hand > claim.kept_back:
            if clock.measured:
                tally.from_shelf += 1
            self.give()
            return True
        if claim.elsewhere and self._is_shipped(receive, claim):
            return False
        self.waiting.append((clock.now, receive, claim))
        self.backorder_days += clock.remaining
        if clock.now < clock.end:
            clock.unfinished += 1
        if self.on_hand - len(self.waiting) + self.on_order <= self.reorder_point:
            self.place_order(self.order_quantity)
        return False

    def _is_shipped(self, receive: Callable[[], None], claim: AnyClaim) -> bool:
        """Have the unit shipped from the first place that can."""
        clock = self._clock
        for place in claim.elsewhere:
            wait = place.ship(receive)
            if wait is not None:
                claim.tally.waited += wait * clock.measured
                self.backorder_days += clock.remaining - clock.left(clock.now + wait)
                return True
        return False

    def has_for(self, claim: AnyClaim) -> bool:
        """Tell whether there is a unit for this claim."""
        return self.on_hand > claim.kept_back

    def give(self) -> None:
        """Take a unit from the shelf."""
        self.on_hand -= 1
        self.on_hand_days -= self._clock.remaining
        if self.on_hand - len(self.waiting) + self.on_order <= self.reorder_point:
            self.place_order(self.order_quantity)

    def place_order(self, units: int) -> None:
        """Order units from the source."""
        self.on_order += units
        self.source.order(units)

    def expect(self, units: int, date: float) -> None:
        """Note when units on their way will be here."""
        if self.due is not None:
            for _ in range(units):
                insort(self.due, date)

    def lend(self, claim: AnyClaim) -> bool:
        """
        Lend a unit, if there is one for this claim, until `take_back`.

        It counts as on order, so that nothing is ordered in its place; it is no request.
        """
        if self.on_hand <= claim.kept_back:
            return False
        self.on_hand -= 1
        self.on_hand_days -= self._clock.remaining
        self.on_order += 1
        return True

    def receive(self, units: int) -> None:
        """Take units in: to those who wait and may have them, the rest to the shelf."""
        self.on_order -= units
        if self.due:
            del self.due[:units]
        if not self.waiting:
            self.on_hand += units
            self.on_hand_days += units * self._clock.remaining
            return
        for _ in range(units):
            self._put()

    def take_back(self) -> None:
        """Take in a unit that was lent."""
        self.on_order -= 1
        self._put()

    def _put(self) -> None:
        if self.waiting and self._serve_the_next():
            return
        self.on_hand += 1
        self.on_hand_days += self._clock.remaining

    def _serve_the_next(self) -> bool:
        """Give a unit that came in to the next who waits, unless it is kept from all of them."""
        clock, waiting = self._clock, self.waiting
        if self.next_in_line is None:
            requested, receive, claim = waiting.popleft()
        else:
            place = self.next_in_line(waiting, self.on_hand)
            if place is None:
                return False
            requested, receive, claim = waiting[place]
            del waiting[place]
        self.backorder_days -= clock.remaining
        if requested < clock.end:
            clock.unfinished -= 1
            if requested >= clock.start:
                claim.tally.waited += clock.now - requested
        receive()
        return True

"""Shelves: the stock of one part at one depot, and who waits for it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable
from functools import partial
from math import inf
from typing import Protocol

from partsim.simulation.claims import AnyClaim, Claim, Receive, Request, Tally
from partsim.simulation.events import Clock, EventOrder

NEVER = -(2**62)
"""Reorder point of a shelf that orders at reviews only."""


class Source(Protocol):
    """Where a shelf's lots come from."""

    @property
    def keeps_order(self) -> bool:
        """Whether no unit overtakes another, and none comes at once."""

    @property
    def measured_orders(self) -> int:
        """Orders to suppliers in the window."""

    @property
    def measured_units(self) -> int:
        """Units of these orders."""

    @property
    def transit_days(self) -> float:
        """Time integral of the units between depots over the window [unit days]."""

    @property
    def undated(self) -> int:
        """Units ordered that the shelf does not expect yet, nor waits for at another depot."""

    def order(self, units: int) -> None:
        """Order units."""


class Shelf:
    """
    Stock of one part at one depot: a counter, and a queue first come first served.

    Whenever on hand, less waiting, plus on order falls to the reorder point r, a lot Q is
    ordered; one-for-one is Q = 1 and r = S - 1.

    A receipt that nobody waits for concerns nobody: it is no event, and the next who looks at
    the shelf finds the units there. While somebody waits every receipt is one, unless the shelf
    foresees who will get which unit: then he is told as soon as its date is known.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    cell : int
        Number of the shelf.
    on_hand, reorder_point, order_quantity : int
        Units at the start, r and Q.

    Attributes
    ----------
    position : int
        Units on hand, lent and on order, less those that are waited for.
    foresees : bool
        Whether units come in the order in which they are expected, and go first come first
        served.
    machine_side, depot_side : Claim
        Requests of calls and refills, and of the depots supplied from here.
    tiers : dict of str to Claim
        Claims of calls by tier, where tiers differ.
    next_in_line : callable, optional
        Gives the place in the queue of the next to be served, if anybody may be; without it
        the oldest.
    lent : int
        Units that technicians have with them and do not need.
    lent_days : float
        Time integral of these over the window [unit days].
    """

    __slots__ = (
        "_alarm", "_backorder_days", "_clock", "_due", "_no_alarm", "_on_hand", "_on_hand_days",
        "_priority", "_told", "_waiting", "depot_side", "foresees", "lent", "lent_days",
        "machine_side", "next_in_line", "order_quantity", "position", "reorder_point", "source",
        "tiers",
    )  # fmt: skip
    source: Source

    def __init__(
        self, clock: Clock, cell: int, on_hand: int, reorder_point: int, order_quantity: int
    ) -> None:
        self._clock = clock
        self._priority = EventOrder.RECEIPT.priority(cell)
        self._on_hand = on_hand
        self._on_hand_days = on_hand * clock.window
        self.position = on_hand
        # Dates of the units on their way, and from which on a receipt is left to its event.
        self._due: list[float] = []
        self._alarm = self._no_alarm = -inf if clock.eventful else inf
        self.reorder_point = reorder_point
        self.order_quantity = order_quantity
        # Requests without a unit, the oldest first; so many of them know when theirs will come.
        self._waiting: deque[Request] = deque()
        self._told = 0
        self.foresees = False
        self.machine_side = Claim(Tally())
        self.depot_side = Claim(Tally())
        self.tiers: dict[str, Claim] = {}
        self.next_in_line: Callable[[deque[Request], int], int | None] | None = None
        self.lent = 0
        self.lent_days = 0.0
        self._backorder_days = 0.0

    @property
    def on_hand(self) -> int:
        """Units on the shelf."""
        self._catch_up()
        return self._on_hand

    @property
    def on_order(self) -> int:
        """Units ordered but not received."""
        return self.position - self.on_hand - self.lent + len(self._waiting)

    @property
    def on_hand_days(self) -> float:
        """Time integral of the units on the shelf over the window [unit days]."""
        self._catch_up()
        return self._on_hand_days

    @property
    def backorder_days(self) -> float:
        """Time integral of who waits over the window [unit days]."""
        self._catch_up()
        return self._backorder_days

    @property
    def expected(self) -> int:
        """Units on order whose dates are known."""
        self._catch_up()
        return len(self._due)

    @property
    def waiting(self) -> deque[Request]:
        """Requests without a unit, the oldest first: time, receive, claim."""
        self._catch_up()
        return self._waiting

    @property
    def untold(self) -> list[Request]:
        """Those who wait and do not know yet when their units will come."""
        return list(self.waiting)[self._told :]

    @property
    def machine_tallies(self) -> list[Tally]:
        """What calls and refills asked for, of each tier where tiers differ."""
        return [self.machine_side.tally, *(claim.tally for claim in self.tiers.values())]

    def claim_of(self, tier: str) -> Claim:
        """Give the claim by which calls of a tier ask."""
        return self.tiers.get(tier, self.machine_side)

    def date_after(self, units: int) -> float:
        """Give when the unit will come that follows so many others; infinite if not known."""
        self._catch_up()
        return self._due[units] if units < len(self._due) else inf

    def request(self, receive: Receive, claim: AnyClaim) -> bool:
        """
        Ask for one unit.

        Parameters
        ----------
        receive : callable
            Called with the date of the unit when that is sure, if there is none on the shelf
            now: at the date, or before.
        claim : Claim
            Who asks.

        Returns
        -------
        bool
            Whether the unit comes from the shelf at once; `receive` is not called then.
        """
        clock, due = self._clock, self._due
        if due and due[0] <= clock.now:
            self._catch_up()
        if clock.measured:
            claim.tally.requests += 1
        if self._on_hand > claim.kept_back:
            if clock.measured:
                claim.tally.from_shelf += 1
            self.give()
            return True
        if not (claim.elsewhere and self._is_shipped(receive, claim)):
            self._keep_waiting(receive, claim)
        return False

    def _keep_waiting(self, receive: Receive, claim: AnyClaim) -> None:
        clock = self._clock
        self._waiting.append((clock.now, receive, claim))
        self._backorder_days += clock.remaining
        if clock.now < clock.end:
            clock.unfinished += 1
        if self.foresees:
            self._tell()
        self.position -= 1
        if self.position <= self.reorder_point:
            self.position += self.order_quantity
            self.source.order(self.order_quantity)
        if self._due and not self.foresees:
            self._wake()

    def _is_shipped(self, receive: Receive, claim: AnyClaim) -> bool:
        """Have the unit shipped from the first place that can."""
        clock = self._clock
        for place in claim.elsewhere:
            wait = place.ship(receive)
            if wait is not None:
                claim.tally.waited += wait * clock.measured
                self._backorder_days += clock.remaining - clock.left(clock.now + wait)
                return True
        return False

    def has_for(self, claim: AnyClaim) -> bool:
        """Tell whether there is a unit for this claim."""
        return self.on_hand > claim.kept_back

    def give(self) -> None:
        """Take a unit that is known to be on the shelf."""
        self._on_hand -= 1
        self._on_hand_days -= self._clock.remaining
        self.position -= 1
        if self.position <= self.reorder_point:
            self.position += self.order_quantity
            self.source.order(self.order_quantity)

    def place_order(self, units: int) -> None:
        """Order units from the source."""
        self.position += units
        self.source.order(units)

    def lend(self, claim: AnyClaim) -> bool:
        """
        Lend a unit, if there is one for this claim, until `take_back`.

        It stays in the position, so that nothing is ordered in its place; it is no request.
        """
        if self.on_hand <= claim.kept_back:
            return False
        self._on_hand -= 1
        self._on_hand_days -= self._clock.remaining
        self.lent += 1
        self.lent_days += self._clock.remaining
        return True

    def take_back(self) -> None:
        """Take in a unit that was lent."""
        self._catch_up()
        self.lent -= 1
        self.lent_days -= self._clock.remaining
        self._put()

    def expect(self, units: int, date: float) -> None:
        """Have units come in at a date, now at the earliest."""
        due, clock = self._due, self._clock
        comes_at_once = date <= clock.now
        if comes_at_once:
            self._catch_up()
        if units == 1 and not (due and date < due[-1]):
            due.append(date)
        else:
            place = bisect_right(due, date)
            due[place:place] = [date] * units
        if self.foresees:
            if self._told < len(self._waiting):
                self._tell()
            return
        # What comes at once comes after what happens now, so it is an event too.
        if comes_at_once or clock.eventful:
            self._alarm = min(self._alarm, date)
            clock.at(date, self._priority, partial(self._receive, units))
        elif self._waiting:
            self._wake()

    def _tell(self) -> None:
        """Tell those who wait when their units will come, as far as that is known."""
        waiting, due, end = self._waiting, self._due, self._clock.end
        while self._told < len(waiting) and self._told < len(due):
            date = due[self._told]
            requested, receive, claim = waiting[self._told]
            self._told += 1
            if requested < end:
                self._clock.unfinished -= 1
                if requested >= self._clock.start:
                    claim.tally.waited += date - requested
            receive(date)

    def _wake(self) -> None:
        """Make the receipt of the next unit an event."""
        date = self._due[0]
        if date < self._alarm:
            self._alarm = date
            self._clock.at(date, self._priority, partial(self._receive, 1))

    def _receive(self, units: int) -> None:
        """Take units in: to those who wait and may have them, the rest to the shelf."""
        due, now = self._due, self._clock.now
        if now < self._alarm:
            return  # an earlier event has taken its place
        self._alarm = self._no_alarm
        for _ in range(min(units, bisect_right(due, now))):
            del due[0]
            self._put()
        if self._waiting and due:
            self._wake()

    def _catch_up(self) -> None:
        """Take in what came while nobody waited for it, or who did knew when it would come."""
        due, clock, alarm = self._due, self._clock, self._alarm
        now = clock.now
        units = bisect_right(due, now) if now < alarm else bisect_left(due, alarm)
        for date in due[:units]:
            # All that is asked of `left` here, but for the function.
            left = clock.end - date if clock.start <= date < clock.end else clock.left(date)
            if self._told:
                self._waiting.popleft()
                self._told -= 1
                self._backorder_days -= left
            else:
                self._on_hand += 1
                self._on_hand_days += left
        del due[:units]

    def _put(self) -> None:
        if self._waiting and self._serve_the_next():
            return
        self._on_hand += 1
        self._on_hand_days += self._clock.remaining

    def _serve_the_next(self) -> bool:
        """Give a unit that came in to the next who waits, unless it is kept from all of them."""
        clock, waiting = self._clock, self._waiting
        if self.next_in_line is None:
            requested, receive, claim = waiting.popleft()
        else:
            place = self.next_in_line(waiting, self._on_hand)
            if place is None:
                return False
            requested, receive, claim = waiting[place]
            del waiting[place]
        self._backorder_days -= clock.remaining
        if requested < clock.end:
            clock.unfinished -= 1
            if requested >= clock.start:
                claim.tally.waited += clock.now - requested
        receive(clock.now)
        return True

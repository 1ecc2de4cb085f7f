"""Sources: where a shelf's lots come from, a supplier or another depot."""

from __future__ import annotations

from functools import partial

from partsim.simulation.claims import AnyClaim
from partsim.simulation.events import Clock, EventOrder
from partsim.simulation.shelves import Shelf
from partsim.simulation.streams import Draws


class Supplier:
    """Lots from outside: approval, then an independent lead time for the whole lot."""

    __slots__ = (
        "_approval_time",
        "_clock",
        "_lead_times",
        "_orders",
        "_priority",
        "_shelf",
        "measured_orders",
        "transit_days",
        "under_way",
    )

    def __init__(
        self,
        clock: Clock,
        shelf: Shelf,
        cell: int,
        approval_time: float,
        lead_times: Draws,
    ) -> None:
        self._clock = clock
        self._shelf = shelf
        self._priority = EventOrder.RECEIPT.priority(cell)
        self._approval_time = approval_time
        self._lead_times = lead_times
        self._orders = 0
        self.measured_orders = 0
        self.transit_days = 0.0
        self.under_way = 0

    def order(self, units: int) -> None:
        """Order units, which come together; they may overtake an earlier order."""
        clock = self._clock
        now = clock.now
        lead_time = self._approval_time + self._lead_times.draw(0, self._orders)
        self._orders += 1
        self.measured_orders += clock.measured
        self.under_way += units
        arrives = now + lead_time
        if self._shelf.due is not None:
            self._shelf.expect(units, arrives)
        clock.at(arrives, self._priority, partial(self._receive, units))

    def _receive(self, units: int) -> None:
        self.under_way -= units
        self._shelf.receive(units)


class Route:
    """Units from another depot: each travels as soon as it is allocated there."""

    __slots__ = (
        "_clock",
        "_parent",
        "_priority",
        "_shelf",
        "_transport_time",
        "claim",
        "measured_orders",
        "transit_days",
        "under_way",
    )

    def __init__(
        self,
        clock: Clock,
        shelf: Shelf,
        cell: int,
        parent: Shelf,
        transport_time: float,
    ) -> None:
        self._clock = clock
        self._shelf = shelf
        self._priority = EventOrder.RECEIPT.priority(cell)
        self._parent = parent
        self._transport_time = transport_time
        self.claim: AnyClaim = parent.depot_side
        self.measured_orders = 0
        self.transit_days = 0.0
        self.under_way = 0

    def order(self, units: int) -> None:
        """Request units at the parent."""
        parent = self._parent
        for _ in range(units):
            if parent.request(self._ship, self.claim):
                self._ship()

    def _ship(self) -> None:
        clock = self._clock
        arrives = clock.now + self._transport_time
        self.transit_days += clock.remaining - clock.left(arrives)
        self.under_way += 1
        if self._shelf.due is not None:
            self._shelf.expect(1, arrives)
        clock.at(arrives, self._priority, self._receive)

    def _receive(self) -> None:
        self.under_way -= 1
        self._shelf.receive(1)

"""Sources: where a shelf's lots come from, a supplier or another depot."""

from __future__ import annotations

from partsim.simulation.claims import AnyClaim
from partsim.simulation.events import Clock
from partsim.simulation.lead_times import LeadTimes
from partsim.simulation.shelves import Shelf


class Supplier:
    """Lots from outside: approval, then an independent lead time for the whole lot."""

    __slots__ = (
        "_approval_time",
        "_clock",
        "_lead_times",
        "_orders",
        "_shelf",
        "keeps_order",
        "measured_orders",
        "measured_units",
        "transit_days",
        "undated",
    )

    def __init__(
        self, clock: Clock, shelf: Shelf, approval_time: float, lead_times: LeadTimes
    ) -> None:
        self._clock = clock
        self._shelf = shelf
        self._approval_time = approval_time
        self._lead_times = lead_times
        self.keeps_order = lead_times.constant and approval_time + lead_times.mean > 0
        self._orders = 0
        self.measured_orders = 0
        self.measured_units = 0
        self.transit_days = 0.0
        self.undated = 0

    def order(self, units: int) -> None:
        """Order units, which come together; they may overtake an earlier order."""
        clock = self._clock
        lead_time = self._approval_time + self._lead_times.draw(self._orders, units)
        self._orders += 1
        if clock.measured:
            self.measured_orders += 1
            self.measured_units += units
        self._shelf.expect(units, clock.now + lead_time)


class Route:
    """Units from another depot: each travels as soon as it is allocated there."""

    __slots__ = (
        "_clock",
        "_parent",
        "_shelf",
        "_transport_time",
        "claim",
        "internal_orders",
        "keeps_order",
        "measured_orders",
        "measured_units",
        "transit_days",
        "undated",
    )

    def __init__(self, clock: Clock, shelf: Shelf, parent: Shelf, transport_time: float) -> None:
        self._clock = clock
        self._shelf = shelf
        self._parent = parent
        self._transport_time = transport_time
        self.keeps_order = transport_time > 0
        self.claim: AnyClaim = parent.depot_side
        self.internal_orders = 0
        self.measured_orders = 0
        self.measured_units = 0
        self.transit_days = 0.0
        self.undated = 0

    def order(self, units: int) -> None:
        """Request units at the parent."""
        parent = self._parent
        self.internal_orders += self._clock.measured
        for _ in range(units):
            if parent.request(self._ship, self.claim):
                self._ship(self._clock.now)

    def _ship(self, date: float) -> None:
        clock = self._clock
        arrives = date + self._transport_time
        self.transit_days += clock.between(date, arrives)
        self._shelf.expect(1, arrives)

"""Orders to suppliers that queue, are disrupted, keep their order, or go to a second source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from partsim.simulation.events import Clock, EventOrder
from partsim.simulation.lead_times import LeadTimes
from partsim.simulation.servers import Servers
from partsim.simulation.shelves import Shelf
from partsim.simulation.streams import Draws


@dataclass(frozen=True)
class SupplierDesk:
    """
    One supplier in one replication.

    Attributes
    ----------
    works : Servers
        Its capacity and its disruptions, shared by all that is ordered from it.
    sequential : bool
        Whether what was ordered first comes first, part by part.
    """

    works: Servers
    sequential: bool


@dataclass(frozen=True)
class SecondSource:
    """
    Another supplier for orders that the first would keep waiting.

    Attributes
    ----------
    desk : SupplierDesk
        The other supplier.
    lead_times : LeadTimes
        Its own.
    longer_than : float, optional
        Orders go there that the first would take longer for [days]; without it, those that
        reach the first while it is disrupted.
    """

    desk: SupplierDesk
    lead_times: LeadTimes
    longer_than: float | None

    def is_better(self, first: SupplierDesk, arrives: float, work: float) -> bool:
        """Tell whether an order goes here."""
        if self.longer_than is None:
            disruptions = first.works.disruptions
            return disruptions is not None and disruptions.under_way(arrives)
        return first.works.end_of(arrives, work) - arrives > self.longer_than


class SupplierOrders:
    """
    The source of one shelf: approval, then a supplier, where either may be busy.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    shelf : Shelf
        Who orders.
    cell : int
        Its number.
    approval : float or (Servers, Draws)
        Approval time [days], or those who approve and the work of each order of this cell.
    desk : SupplierDesk
        Who delivers.
    lead_times : LeadTimes
        Lead times, or works, of its orders.
    second : SecondSource, optional
        Who delivers instead.

    Attributes
    ----------
    measured_orders, measured_units, second_units : int
        Orders in the window, their units, and units of those that went to the second source.
    transit_days : float
        Zero: what suppliers send is not ours yet.
    undated : int
        Units whose order is not approved yet.
    keeps_order : bool
        Never taken for granted.
    """

    __slots__ = (
        "_approval",
        "_clock",
        "_desk",
        "_last",
        "_lead_times",
        "_orders",
        "_priority",
        "_second",
        "_shelf",
        "measured_orders",
        "measured_units",
        "second_units",
        "transit_days",
        "undated",
    )
    keeps_order = False

    def __init__(
        self,
        clock: Clock,
        shelf: Shelf,
        cell: int,
        approval: float | tuple[Servers, Draws],
        desk: SupplierDesk,
        lead_times: LeadTimes,
        second: SecondSource | None = None,
    ) -> None:
        self._clock = clock
        self._shelf = shelf
        self._priority = EventOrder.RECEIPT.priority(cell)
        self._approval = approval
        self._desk = desk
        self._lead_times = lead_times
        self._second = second
        self._orders = 0
        self._last: dict[int, float] = {}
        self.measured_orders = 0
        self.measured_units = 0
        self.second_units = 0
        self.transit_days = 0.0
        self.undated = 0

    def order(self, units: int) -> None:
        """Order units, which come together."""
        clock, k = self._clock, self._orders
        self._orders += 1
        self.undated += units
        if clock.measures(clock.now):
            self.measured_orders += 1
            self.measured_units += units
        if isinstance(self._approval, float):
            approved = clock.now + self._approval
        else:
            approvers, works = self._approval
            approved = approvers.accept(clock.now, works.draw(0, k))
        # An order takes its place in a supplier's queue when it is approved.
        clock.at(approved, self._priority, partial(self._place, units, k))

    def _place(self, units: int, k: int) -> None:
        now, desk = self._clock.now, self._desk
        self.undated -= units
        work = self._lead_times.draw(k, units)
        if self._second and self._second.is_better(desk, now, work):
            desk, work = self._second.desk, self._second.lead_times.draw(k, units)
            self.second_units += units * self._clock.measures(now)
        arrives = desk.works.accept(now, work)
        if desk.sequential:
            arrives = self._last[id(desk)] = max(arrives, self._last.get(id(desk), 0.0))
        self._shelf.expect(units, arrives)

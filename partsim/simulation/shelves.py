"""Shelves: the stock of one part at one depot, who waits for it, and where it comes from."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from simpy import Event

from partsim.simulation.events import Clock, EventOrder, Moment
from partsim.simulation.streams import Draws, Streams

if TYPE_CHECKING:
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario

ORDERS_AT_ONCE = 64
"""Supplier lead times drawn together."""


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

    def order(self) -> None:
        """Order one lot; it may overtake an earlier one."""
        now = self._clock.now
        lead_time = self._approval_time + self._lead_times.draw(0, self._orders)
        self._orders += 1
        self.measured_orders += self._clock.measures(now)
        receipt = Moment(self._clock, now + lead_time, self._priority)
        receipt.callbacks.append(self._receive)

    def _receive(self, _: Event) -> None:
        self._shelf.receive(self._shelf.order_quantity)


class Route:
    """Units from another depot: each travels as soon as it is allocated there."""

    __slots__ = (
        "_clock",
        "_parent",
        "_priority",
        "_shelf",
        "_transport_time",
        "measured_orders",
        "transit_days",
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
        self.measured_orders = 0
        self.transit_days = 0.0

    def order(self) -> None:
        """Request the units of one lot at the parent."""
        parent = self._parent
        for _ in range(self._shelf.order_quantity):
            if parent.request(self._ship, parent.depot_side):
                self._ship()

    def _ship(self) -> None:
        shipped = self._clock.now
        arrives = shipped + self._transport_time
        self.transit_days += self._clock.left(shipped) - self._clock.left(arrives)
        receipt = Moment(self._clock, arrives, self._priority)
        receipt.callbacks.append(self._receive)

    def _receive(self, _: Event) -> None:
        self._shelf.receive(1)


def build_shelves(
    clock: Clock, scenario: Scenario, plan: Plan, streams: Streams
) -> list[list[Shelf]]:
    """
    Set up every shelf at its starting position with its source, nothing on order.

    Returns
    -------
    list of list of Shelf
        By part and depot, in the order of the scenario.
    """
    shelves: list[list[Shelf]] = []
    for p, part in enumerate(scenario.part_ids):
        shelves.append([])
        for d, depot in enumerate(scenario.depot_ids):
            S, Q = int(plan.base_stock[p, d]), int(plan.order_quantity[p, d])
            u = streams.uniforms("start", depot, part, shape=(1,)).item() if Q > 1 else 0.0
            # The position of (r,Q) is uniform on r+1..S, and a plan's r is at least -1.
            shelves[p].append(Shelf(clock, S - int(u * Q), S - Q, Q))
        for d in range(len(scenario.depot_ids)):
            _connect(clock, scenario, plan, streams, shelves[p], (p, d))
    return shelves


def _connect(
    clock: Clock,
    scenario: Scenario,
    plan: Plan,
    streams: Streams,
    shelves: list[Shelf],
    cell: tuple[int, int],
) -> None:
    """Give one shelf its source: a supplier, or a shelf of the same part at another depot."""
    p, d = cell
    part, depot = scenario.part_ids[p], scenario.depot_ids[d]
    parent = int(scenario.parents[d])
    number = p * len(scenario.depot_ids) + d
    if parent >= 0:
        transport_time = scenario.depots[depot].transport_time
        shelves[d].source = Route(clock, shelves[d], number, shelves[parent], transport_time)
        return
    supplier = scenario.suppliers[scenario.parts[part].supplier]
    lead_times = streams.draws(
        supplier.lead_time.distribution.quantile, "lead time", depot, part, columns=ORDERS_AT_ONCE
    )
    approval_time = scenario.grade_rules(plan.grades[p]).approval_time
    shelves[d].source = Supplier(clock, shelves[d], number, approval_time, lead_times)

"""Balances: what the network should hold by all that came and went, against what is there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from partsim.simulation.supplier_orders import SupplierOrders
from partsim.simulation.technicians import next_start

if TYPE_CHECKING:
    from partsim.simulation.replication import Network
    from partsim.simulation.shelves import Shelf

_ROUNDING = 1e-6
"""Of time integrals, relative to one and to themselves."""


class Balances:
    """
    What a replication held at its start, and time integrals by steps from one event to the next.

    Parameters
    ----------
    network : Network
        Set up, and not run yet.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._consigned = {key: one.units for key, one in network.supply.consignments.items()}
        self._staff = {name: crew.free for name, crew in network.dispatching.crews.items()}
        self._busy_days = dict.fromkeys(self._staff, 0.0)
        self._on_hand_days: defaultdict[tuple[int, int], float] = defaultdict(float)
        self._owed_days: defaultdict[tuple[int, int], float] = defaultdict(float)
        self._start = self._owned()

    def pass_time(self, until: float) -> None:
        """Add up what is there from now on until the next event."""
        clock = self._network.clock
        days = clock.left(clock.now) - clock.left(until)
        if not days:
            return
        for name, crew in self._network.dispatching.crews.items():
            self._busy_days[name] += (self._staff[name] - crew.free) * days
        if clock.eventful:  # else receipts come between events
            supply = self._network.supply
            for cell, shelf in self._shelves():
                shipped = sum(one.under_way for one in supply.shipments.get(cell, ()))
                self._on_hand_days[cell] += shelf.on_hand * days
                self._owed_days[cell] += (len(shelf.waiting) + shipped) * days

    def broken(self) -> Iterator[str]:
        """Say what does not balance now, between two events."""
        clock = self._network.clock
        yield from self._calls()
        yield from self._people()
        yield from self._schedule()
        if clock.now < clock.start:
            self._start = self._owned()
        elif clock.peek() > clock.now and clock.now < clock.end:  # orders up to S end an instant
            yield from self._parts()

    def broken_at_the_end(self) -> Iterator[str]:
        """Say which time integrals are not what the steps add up to."""
        for name, crew in self._network.dispatching.crews.items():
            if _differ(self._busy_days[name], crew.busy_days):
                was = self._busy_days[name]
                yield f"technicians {name}: busy for {crew.busy_days} d, not {was}"
        if self._network.clock.eventful:
            for cell, shelf in self._shelves():
                for what, summed, counted in (
                    ("on hand", self._on_hand_days[cell], shelf.on_hand_days),
                    ("owed", self._owed_days[cell], shelf.backorder_days),
                ):
                    if _differ(summed, counted):
                        yield f"part and depot {cell}: {what} {counted} unit days, not {summed}"

    def _shelves(self) -> Iterator[tuple[tuple[int, int], Shelf]]:
        for p, row in enumerate(self._network.shelves):
            for d, shelf in enumerate(row):
                yield (p, d), shelf

    def _owned(self) -> list[tuple[int, int]]:
        """Give for each part the units owned less those owed, and the used units returned."""
        loops = self._network.supply.deliveries.loops
        return [
            (
                sum(shelf.position for shelf in row),
                sum(loops[p, d].returned for d in range(len(row)) if (p, d) in loops),
            )
            for p, row in enumerate(self._network.shelves)
        ]

    def _parts(self) -> Iterator[str]:
        """Units owned less those owed rise by what is ordered, fall by what is asked for."""
        supply = self._network.supply
        now = self._owned()
        for p, row in enumerate(self._network.shelves):
            loops = supply.deliveries.loops
            bought = sum(
                shelf.source.measured_units for d, shelf in enumerate(row) if (p, d) not in loops
            )
            asked = sum(tally.requests for shelf in row for tally in shelf.machine_tallies)
            outside = sum(
                one.measured
                for (part, _), shipments in supply.shipments.items()
                for one in shipments
                if part == p and not one.way.owned
            )
            position, returned = (b - a for a, b in zip(self._start[p], now[p], strict=True))
            if position != bought + returned + outside - asked:
                yield (
                    f"part {p}: position changed by {position}, but {bought} units were bought, "
                    f"{returned} returned, {outside} came from outside, {asked} were asked for"
                )

    def _calls(self) -> Iterator[str]:
        """Count calls: those that began are over, and in the log, or open."""
        network, watch = self._network, self._network.watch
        if watch is None:
            return
        yield from watch.faults
        for fleet, log in enumerate(network.logs):
            if len(log.table()) != watch.over[fleet]:
                yield f"fleet {fleet}: {watch.over[fleet]} calls over, {len(log.table())} recorded"
        waiting = sum(
            requested < network.clock.end
            for _, shelf in self._shelves()
            for requested, _, _ in shelf.untold
        )
        shipped = sum(one.under_way for one in chain(*network.supply.shipments.values()))
        ordered = network.clock.unfinished - watch.open - waiting
        if not 0 <= ordered <= (waiting + shipped if network.counters else 0):
            yield (
                f"{network.clock.unfinished} calls and requests are counted as unfinished, but "
                f"{watch.open} calls are open and {waiting} requests wait"
            )

    def _people(self) -> Iterator[str]:
        """Technicians are free or busy, and not free while a call waits in their hours."""
        now = self._network.clock.now
        moments = (now - _ROUNDING, now)  # a shift that begins or ends now may or may not go on
        for name, crew in self._network.dispatching.crews.items():
            if not 0 <= crew.free <= self._staff[name]:
                yield f"technicians {name}: {crew.free} of {self._staff[name]} are free"
            at_work = all(next_start(crew.shift, moment) <= moment for moment in moments)
            if crew.free and crew.is_asked and at_work:
                yield f"technicians {name}: somebody is free while a call waits"

    def _schedule(self) -> Iterator[str]:
        """Count what is under way: it is on the schedule, and shops saw all that came."""
        supply, deliveries = self._network.supply, self._network.supply.deliveries
        scheduled = self._scheduled()
        for key, store in supply.consignments.items():
            waiting = sum(receive == store.send for _, receive, _ in store.depot.untold)
            units = store.units + scheduled[id(store)] + waiting
            if units != self._consigned[key]:
                yield f"fleet and part {key}: {units} units in consignment"
        for cell, orders in deliveries.orders.items():
            if orders.undated != scheduled[id(orders)]:
                yield f"part and depot {cell}: {orders.undated} units wait for approval"
        for cell, loop in deliveries.loops.items():
            if loop.returning != scheduled[id(loop)]:
                yield f"part and depot {cell}: {loop.returning} used units return"
        repairs = sum(loop.repairs for loop in deliveries.loops.values())
        jobs = sum(shop.jobs for shop in deliveries.shops.values())
        if repairs != jobs:
            yield f"{repairs} units went to repair shops, which had {jobs}"

    def _scheduled(self) -> Counter[int]:
        """Count what will happen, by whose it is; orders by their units."""
        counts = Counter[int]()
        for happening in self._network.clock.scheduled:
            whole = happening.func if isinstance(happening, partial) else happening
            owner = getattr(whole, "__self__", None)
            units = happening.args[0] if isinstance(owner, SupplierOrders) else 1
            counts[id(owner)] += units
        return counts


def _differ(summed: float, counted: float) -> bool:
    return abs(summed - counted) > _ROUNDING * (1 + abs(summed))

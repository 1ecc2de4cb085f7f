"""Deliveries: for each shelf at the head of the supply tree, the source that its rules call for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.lifetimes import Exponential, Fixed
from partsim.simulation.disruptions import Disruptions
from partsim.simulation.events import Clock
from partsim.simulation.lead_times import LeadTimes
from partsim.simulation.repair_loop import RepairLoop
from partsim.simulation.servers import Servers
from partsim.simulation.shelves import Shelf, Source
from partsim.simulation.sources import Supplier
from partsim.simulation.streams import Draws, Streams
from partsim.simulation.supplier_orders import SecondSource, SupplierDesk, SupplierOrders

if TYPE_CHECKING:
    from partsim.model.durations import RandomDuration
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario

Cell = tuple[int, int]
Quantile = Callable[[ArrayLike], NDArray[np.float64]]
ORDERS_AT_ONCE = 64
"""Supplier lead times drawn together."""


class Deliveries:
    """
    Suppliers, approvers and repair shops of one replication, shared by all shelves.

    Attributes
    ----------
    approvers, shops : dict of str to Servers
        By grade and by name of the shop.
    desks : dict of str to SupplierDesk
        By supplier.
    loops : dict of (part, depot) to RepairLoop
        Of the parts that are repaired.
    orders : dict of (part, depot) to SupplierOrders
        Of the suppliers and grades with rules beyond an independent lead time.
    lead_times : list of (int, LeadTimes)
        Of the orders of each part, by its number.
    """

    def __init__(self, clock: Clock, scenario: Scenario, plan: Plan, streams: Streams) -> None:
        self._clock = clock
        self._scenario = scenario
        self._plan = plan
        self._streams = streams
        self.loops: dict[Cell, RepairLoop] = {}
        self.orders: dict[Cell, SupplierOrders] = {}
        self.lead_times: list[tuple[int, LeadTimes]] = []
        self.shops = {
            name: Servers(clock, shop.servers) for name, shop in scenario.repair_shops.items()
        }
        self.approvers = {
            name: Servers(clock, rules.approvers, promised=rules.approval_time)
            for name, rules in scenario.grading.grades.items()
            if rules.approvers
        }
        self.desks: dict[str, SupplierDesk] = {}
        for name, supplier in scenario.suppliers.items():
            rules = supplier.disruptions
            disruptions = (
                Disruptions(clock, rules.every, rules.lasting.distribution, streams, name)
                if rules
                else None
            )
            works = Servers(clock, supplier.capacity, disruptions)
            self.desks[name] = SupplierDesk(works, supplier.sequential)

    def source_of(self, shelf: Shelf, cell: Cell) -> Source:
        """Give the source of a shelf that suppliers deliver to."""
        part = self._scenario.part_ids[cell[0]]
        repair = self._scenario.parts[part].repair
        bought = self._bought(shelf, cell)
        if repair is None:
            return bought
        draws = (
            self._times(repair.return_time, "return", cell),
            self._draws(_the_uniform_itself, "condemned", cell),
            self._times(repair.work_time, "part repair", cell),
        )
        shop, number = self.shops[repair.shop], self._number(cell)
        self.loops[cell] = loop = RepairLoop(
            self._clock, shelf, number, shop, draws, repair.condemned, bought
        )
        return loop

    def _bought(self, shelf: Shelf, cell: Cell) -> Source:
        scenario = self._scenario
        name = scenario.parts[scenario.part_ids[cell[0]]].supplier
        supplier, grade = scenario.suppliers[name], self._plan.grades[cell[0]]
        approval_time = scenario.grade_rules(grade).approval_time
        lead_times = self._lead_times(supplier.lead_time, "lead time", cell)
        desk = self.desks[name]
        if not (
            grade in self.approvers
            or supplier.sequential
            or supplier.capacity
            or supplier.disruptions
            or supplier.second_source
        ):
            return Supplier(self._clock, shelf, approval_time, lead_times)
        self.orders[cell] = orders = SupplierOrders(
            self._clock,
            shelf,
            self._number(cell),
            self._approval(grade, cell),
            desk,
            lead_times,
            self._second(name, cell),
        )
        return orders

    def _approval(self, grade: str, cell: Cell) -> float | tuple[Servers, Draws]:
        rules = self._scenario.grade_rules(grade)
        if rules.approval_work is None:
            return rules.approval_time
        work = Exponential(rules.approval_work)
        return self.approvers[grade], self._draws(work.quantile, "approval", cell)

    def _second(self, name: str, cell: Cell) -> SecondSource | None:
        rules = self._scenario.suppliers[name].second_source
        if rules is None:
            return None
        other = self._scenario.suppliers[rules.supplier]
        lead_times = self._lead_times(other.lead_time, "second lead time", cell)
        return SecondSource(self.desks[rules.supplier], lead_times, rules.longer_than)

    def _lead_times(self, time: RandomDuration, what: str, cell: Cell) -> LeadTimes:
        draws = self._times(time, what, cell)
        lead_times = LeadTimes(self._clock, draws, time.distribution.mean)
        self.lead_times.append((cell[0], lead_times))
        return lead_times

    def _times(self, time: RandomDuration | None, what: str, cell: Cell) -> Draws:
        distribution = time.distribution if time else Fixed(0.0)
        return self._draws(distribution.quantile, what, cell)

    def _draws(self, quantile: Quantile, what: str, cell: Cell) -> Draws:
        part, depot = self._scenario.part_ids[cell[0]], self._scenario.depot_ids[cell[1]]
        return self._streams.draws(quantile, what, depot, part, columns=ORDERS_AT_ONCE)

    def _number(self, cell: Cell) -> int:
        return cell[0] * len(self._scenario.depot_ids) + cell[1]


def _the_uniform_itself(u: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(u, float)

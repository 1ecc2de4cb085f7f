"""The supply network: every shelf of a scenario, joined to its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partsim.simulation.allocation import ByRank, DepotClaim
from partsim.simulation.consignment import Consignment, FleetPart, consignments
from partsim.simulation.deliveries import Deliveries
from partsim.simulation.events import Clock
from partsim.simulation.replenishment import POLICIES, Replenished
from partsim.simulation.shelves import Shelf
from partsim.simulation.shortages import Shortages
from partsim.simulation.sources import Route
from partsim.simulation.sourcing import Shipments
from partsim.simulation.streams import Streams

if TYPE_CHECKING:
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario

Cell = tuple[int, int]


@dataclass(frozen=True, eq=False)
class SupplyNetwork:
    """
    Everything that moves parts in one replication.

    Attributes
    ----------
    shelves : list of list of Shelf
        By part and depot, in the order of the scenario.
    shipments : dict of (part, depot) to list of Shipments
        Units that came from elsewhere to a shelf that had none.
    deliveries : Deliveries
        Suppliers, approvers and repair shops.
    consignments : dict of (fleet, part) to Consignment
        What lies at customers.
    """

    shelves: list[list[Shelf]]
    shipments: dict[Cell, list[Shipments]]
    deliveries: Deliveries
    consignments: dict[FleetPart, Consignment]

    def stores_of(self, fleet: int, depot: int) -> list[Shelf | Consignment]:
        """Give where a fleet that a depot serves gets each part."""
        return [self.consignments.get((fleet, p), row[depot]) for p, row in enumerate(self.shelves)]


def build_supply(clock: Clock, scenario: Scenario, plan: Plan, streams: Streams) -> SupplyNetwork:
    """
    Set up every shelf at its starting position with its source, nothing on order.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    scenario, plan
        What is played.
    streams : Streams
        The random numbers of the replication.

    Returns
    -------
    SupplyNetwork
        Ready for requests.
    """
    network = SupplyNetwork([], {}, Deliveries(clock, scenario, plan, streams), {})
    shortages = Shortages(clock, scenario, plan)
    for p, part in enumerate(scenario.part_ids):
        shelves: list[Shelf] = []
        for d, depot in enumerate(scenario.depot_ids):
            cell = p * len(scenario.depot_ids) + d
            S, Q = int(plan.base_stock[p, d]), int(plan.order_quantity[p, d])
            u = streams.uniforms("start", depot, part, shape=(1,)).item() if Q > 1 else 0.0
            # The position of (r,Q) is uniform on r+1..S, and a plan's r is at least -1.
            shelves.append(Shelf(clock, cell, S - int(u * Q), S - Q, Q))
        for d in range(len(scenario.depot_ids)):
            _connect(clock, scenario, plan, streams, network.deliveries, shelves, (p, d))
        if shortages.matter:
            for d in range(len(scenario.depot_ids)):
                network.shipments[p, d] = shortages.settle(shelves, (p, d))
        for shelf in shelves:
            shelf.foresees = not (clock.eventful or _may_be_overtaken(scenario, part, shelf))
        network.shelves.append(shelves)
    network.consignments.update(consignments(clock, scenario, network.shelves, streams))
    return network


def _may_be_overtaken(scenario: Scenario, part: str, shelf: Shelf) -> bool:
    """Tell whether a unit may come for somebody who waits before the one that he waits for."""
    lent = scenario.service.parts_taken == "expected" and any(
        part in other.may_need for other in scenario.parts.values()
    )
    ranked = shelf.next_in_line or any(claim.kept_back for claim in shelf.tiers.values())
    return bool(lent or ranked or not shelf.source.keeps_order)


def _connect(
    clock: Clock,
    scenario: Scenario,
    plan: Plan,
    streams: Streams,
    deliveries: Deliveries,
    shelves: list[Shelf],
    cell: Cell,
) -> None:
    """Give one shelf its source: a supplier, or a shelf of the same part at another depot."""
    p, d = cell
    depot = scenario.depot_ids[d]
    parent = int(scenario.parents[d])
    number = p * len(scenario.depot_ids) + d
    if parent >= 0:
        transport_time = scenario.depots[depot].transport_time
        route = Route(clock, shelves[d], shelves[parent], transport_time)
        shelves[d].source = route
        if scenario.depots[scenario.depot_ids[parent]].allocation == "priority":
            shelves[parent].next_in_line = ByRank(clock)
            tally = shelves[parent].depot_side.tally
            route.claim = DepotClaim(tally, shelves[d])
        return
    shelves[d].source = deliveries.source_of(shelves[d], cell)
    rules = scenario.grade_rules(plan.grades[p])

    def phase() -> float:
        # Parts of one grade are reviewed on the same days.
        return streams.uniforms("review", depot, plan.grades[p], shape=(1,)).item()

    part = scenario.parts[scenario.part_ids[p]]
    least, pack = part.least_order, part.order_multiple
    POLICIES[rules.policy](Replenished(clock, shelves[d], number, rules, phase, least, pack))

"""The supply network: every shelf of a scenario, joined to its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partsim.simulation.events import Clock
from partsim.simulation.shelves import Shelf
from partsim.simulation.sources import Route, Supplier
from partsim.simulation.streams import Streams

if TYPE_CHECKING:
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario

ORDERS_AT_ONCE = 64
"""Supplier lead times drawn together."""


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

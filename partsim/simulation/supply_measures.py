"""What the supply side is measured by, beside its shelves: one entry for each figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.simulation.consignment import FleetPart
from partsim.simulation.events import DAYS_PER_YEAR, Clock
from partsim.simulation.servers import Servers
from partsim.simulation.sources import Route
from partsim.simulation.sourcing import WAYS, Way
from partsim.simulation.supply_network import SupplyNetwork

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """
    One figure of the supply side: a ratio of what one replication counted.

    Attributes
    ----------
    what, where, unit : str
        Such as ``emergency shipments from outside``, ``north``, ``units per year``.
    read : callable
        Gives numerator and denominator of a replication.
    """

    what: str
    where: str
    unit: str
    read: Callable[[SupplyNetwork, Clock], tuple[float, float]]


def supply_measures(scenario: Scenario) -> list[Measure]:
    """
    List the figures that a scenario's supply rules call for, the same for every replication.

    Parameters
    ----------
    scenario : Scenario
        What is played.

    Returns
    -------
    list of Measure
        Empty for plain replenishment.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> supply_measures(read_scenario("scenarios/first_steps.yaml"))
    []
    """
    figures = (_shipments, _approvals, _works, _second, _consignments)
    return [measure for figure in figures for measure in figure(scenario)]


def _shipments(scenario: Scenario) -> Iterator[Measure]:
    for way in WAYS:
        for d, depot in enumerate(scenario.depot_ids):
            if depot not in scenario.caller_depots or not way.rule(scenario, depot):
                continue

            def read(
                network: SupplyNetwork, clock: Clock, d: int = d, way: Way = way
            ) -> tuple[float, float]:
                counts = [
                    count.measured
                    for (_, depot), all_counts in network.shipments.items()
                    for count in all_counts
                    if depot == d and count.way is way
                ]
                return float(sum(counts)), clock.window / DAYS_PER_YEAR

            yield Measure(way.figure, depot, "units per year", read)


def _approvals(scenario: Scenario) -> Iterator[Measure]:
    for name, rules in scenario.grading.grades.items():
        if rules.approvers:
            office = partial(_office, name)
            yield _ratio("approval time", f"grade {name}", "days", office, _days)
            yield _ratio(
                "approved within approval_time", f"grade {name}", "share", office, _in_time
            )
            yield _use("use of the approvers", f"grade {name}", office, rules.approvers)


def _works(scenario: Scenario) -> Iterator[Measure]:
    for name, supplier in scenario.suppliers.items():
        if supplier.capacity or supplier.disruptions:
            desk = partial(_desk, name)
            yield _ratio("lead time of orders", name, "days", desk, _days)
            if supplier.capacity:
                yield _use("use of the capacity", name, desk, supplier.capacity)
    for name, place in scenario.repair_shops.items():
        shop = partial(_shop, name)
        yield _ratio("time in the repair shop", name, "days", shop, _days)
        if place.servers:
            yield _use("use of the repair shop", name, shop, place.servers)


def _second(scenario: Scenario) -> Iterator[Measure]:
    for name, supplier in scenario.suppliers.items():
        if supplier.second_source:
            parts = {p for p, part in enumerate(scenario.parts.values()) if part.supplier == name}

            def read(
                network: SupplyNetwork, clock: Clock, parts: set[int] = parts
            ) -> tuple[float, float]:
                orders = network.deliveries.orders.items()
                units = sum(one.second_units for (p, _), one in orders if p in parts)
                return float(units), clock.window / DAYS_PER_YEAR

            place = f"{supplier.second_source.supplier} instead of {name}"
            yield Measure("units from the second source", place, "units per year", read)


def _consignments(scenario: Scenario) -> Iterator[Measure]:
    for f, fleet in enumerate(scenario.fleets):
        for part in fleet.consignment:
            one = f, scenario.part_ids.index(part)

            def read(network: SupplyNetwork, _: Clock, key: FleetPart = one) -> tuple[float, float]:
                store = network.consignments[key]
                return float(store.met), float(store.requests)

            place = f"{part} of {scenario.fleet_ids[f]}"
            yield Measure("met from consignment stock", place, "share", read)


def _office(name: str, network: SupplyNetwork) -> Servers:
    return network.deliveries.approvers[name]


def _desk(name: str, network: SupplyNetwork) -> Servers:
    return network.deliveries.desks[name].works


def _shop(name: str, network: SupplyNetwork) -> Servers:
    return network.deliveries.shops[name]


def _days(servers: Servers) -> float:
    return servers.days


def _in_time(servers: Servers) -> float:
    return float(servers.in_time)


def _ratio(
    what: str,
    where: str,
    unit: str,
    who: Callable[[SupplyNetwork], Servers],
    total: Callable[[Servers], float],
) -> Measure:
    """Give a mean over the jobs of some servers."""

    def read(network: SupplyNetwork, _: Clock) -> tuple[float, float]:
        return total(who(network)), float(who(network).jobs)

    return Measure(what, where, unit, read)


def _use(what: str, where: str, who: Callable[[SupplyNetwork], Servers], count: int) -> Measure:
    """Give the share of time that some servers are held by work."""

    def read(network: SupplyNetwork, clock: Clock) -> tuple[float, float]:
        return who(network).held_days, count * clock.window

    return Measure(what, where, "share", read)


def supply_costs(scenario: Scenario) -> dict[str, Callable[[SupplyNetwork], float]]:
    """
    Give the kinds of cost that a scenario's supply rules add, and how to count each.

    Parameters
    ----------
    scenario : Scenario
        What is played.

    Returns
    -------
    dict of str to callable
        Money of one replication's window by kind of cost.
    """
    costs: dict[str, Callable[[SupplyNetwork], float]] = {}
    plays = {way.cost for way in WAYS for depot in scenario.depot_ids if way.rule(scenario, depot)}
    costs |= {kind: partial(_shipped, kind) for kind in sorted(plays)}
    if any(fleet.consignment for fleet in scenario.fleets):
        costs["consignment"] = partial(_consigned, scenario)
    if any(part.repair for part in scenario.parts.values()):
        costs["repair"] = partial(_repairs, scenario)
    if any(part.repair and part.repair.used_value for part in scenario.parts.values()):
        costs["in_repair"] = partial(_in_repair, scenario)
    if any(supplier.second_source for supplier in scenario.suppliers.values()):
        costs["second_source"] = partial(_surcharges, scenario)
    borrowed = any(part.may_need for part in scenario.parts.values())
    if borrowed and scenario.service.parts_taken == "expected":
        costs["lent"] = partial(_lent, scenario)
    if scenario.costs.internal_order:
        costs["internal_ordering"] = partial(_internal_orders, scenario)
    if scenario.costs.purchases:
        costs["purchases"] = partial(_purchases, scenario)
    return costs


def _shipped(kind: str, network: SupplyNetwork) -> float:
    counts = (count for counts in network.shipments.values() for count in counts)
    return sum(count.measured * count.rule.cost for count in counts if count.way.cost == kind)


def _repairs(scenario: Scenario, network: SupplyNetwork) -> float:
    repairs = [part.repair for part in scenario.parts.values()]
    price = [repair.cost if repair else 0.0 for repair in repairs]
    return sum(price[p] * loop.repairs for (p, _), loop in network.deliveries.loops.items())


def _in_repair(scenario: Scenario, network: SupplyNetwork) -> float:
    repairs = [part.repair for part in scenario.parts.values()]
    worth = scenario.prices * [repair.used_value if repair else 0.0 for repair in repairs]
    loops = network.deliveries.loops.items()
    return float(scenario.costs.holding * sum(worth[p] * one.repair_days for (p, _), one in loops))


def _lent(scenario: Scenario, network: SupplyNetwork) -> float:
    days = [sum(shelf.lent_days for shelf in shelves) for shelves in network.shelves]
    return float(scenario.costs.holding * (scenario.prices @ days))


def _internal_orders(scenario: Scenario, network: SupplyNetwork) -> float:
    sources = (shelf.source for row in network.shelves for shelf in row)
    count = sum(source.internal_orders for source in sources if isinstance(source, Route))
    return scenario.costs.internal_order * count


def _purchases(scenario: Scenario, network: SupplyNetwork) -> float:
    units = [sum(shelf.source.measured_units for shelf in row) for row in network.shelves]
    return float(scenario.prices @ units)


def _consigned(scenario: Scenario, network: SupplyNetwork) -> float:
    days = (scenario.prices[p] * one.owned_days for (_, p), one in network.consignments.items())
    return float(scenario.costs.holding * sum(days))


def _surcharges(scenario: Scenario, network: SupplyNetwork) -> float:
    suppliers = (scenario.suppliers[part.supplier] for part in scenario.parts.values())
    shares = [one.second_source.surcharge if one.second_source else 0.0 for one in suppliers]
    extra = scenario.prices * shares
    orders = network.deliveries.orders.items()
    return float(sum(extra[p] * one.second_units for (p, _), one in orders))

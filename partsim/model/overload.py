"""Overload: who is asked for more work than there is time for, by simple arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.model.ordered_units import ordered_units
from partsim.model.scenario import Scenario

if TYPE_CHECKING:
    from partsim.model.plan import Plan

Floats = NDArray[np.float64]
ROUNDING = 1e-9


def overloads(scenario: Scenario, plan: Plan | None = None) -> list[str]:
    """
    Say which technicians, suppliers and repair shops are asked for more work than they can do.

    Means alone: machines times failures times mean work, over people or places times their time.
    What comes to less than 100 % may still keep calls waiting; the simulation says how long.

    Parameters
    ----------
    scenario : Scenario
        The question.
    plan : Plan, optional
        Its lots make the orders to suppliers; the least lots that they deliver if not given.

    Returns
    -------
    list of str
        Sentences; empty where the time is enough for all.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> overloads(read_scenario("scenarios/service_organisation.yaml"))
    []
    >>> changes = ["suppliers.importer.capacity=1"]
    >>> overloads(read_scenario("scenarios/service_organisation.yaml", changes))
    ["overload: supplier importer has 1 place for orders and is asked for 7.67 at a time, in the \
least lots (767 %); orders would wait ever longer unless the plan's lots or reviews make them \
fewer"]
    """
    found = (*_technicians(scenario), *_suppliers(scenario, plan), *_shops(scenario))
    return [f"overload: {sentence}" for sentence in found]


def failures_per_day(scenario: Scenario, fleet: int) -> Floats:
    """Give the mean failures of a fleet by part, in the measured years; shape (part,)."""
    return _per_day(scenario, fleet, "days_between_failures")


def _per_day(scenario: Scenario, fleet: int, gap: str) -> Floats:
    """Give units or failures of the positions of a fleet's machines by part."""
    rules = scenario.simulation
    end = rules.warm_up + rules.years * 365
    there = scenario.installed_bases[fleet].machine_days(rules.warm_up, end).sum()
    positions = scenario.machines[scenario.fleets[fleet].machine].positions
    rates = [
        positions[name] / getattr(part.upkeep.use, gap) if name in positions else 0.0
        for name, part in scenario.parts.items()
    ]
    return np.asarray(there / (rules.years * 365) * np.array(rates))


def _units_per_day(scenario: Scenario) -> Floats:
    """Give the units that are taken, shape (part, root), on the axis of the depots."""
    index = {name: p for p, name in enumerate(scenario.part_ids)}
    units = np.zeros((len(scenario.parts), len(scenario.depots)))
    roots = [_root(scenario, d) for d in range(len(scenario.depots))]
    for f, fleet in enumerate(scenario.fleets):
        root = roots[scenario.depot_ids.index(fleet.depot)]
        failed = failures_per_day(scenario, f)
        units[:, root] += _per_day(scenario, f, "days_between_units")
        for name, p in index.items():
            for other, number in scenario.further_parts(name).items():
                units[index[other], root] += number * failed[p]
    ordered = ordered_units(scenario).rate.sum(axis=2)
    for d, root in enumerate(roots):
        units[:, root] += ordered[:, d]
    return units


def _root(scenario: Scenario, depot: int) -> int:
    """Give the depot at the head of a depot's supply, however far above."""
    while scenario.parents[depot] >= 0:
        depot = int(scenario.parents[depot])
    return depot


def _technicians(scenario: Scenario) -> Iterator[str]:
    """Look at each set of groups that some calls have to do with, and at all such calls."""
    if not scenario.technicians:
        return
    asked: dict[frozenset[str], float] = {}
    for able, work in _work_of_technicians(scenario):
        asked[able] = asked.get(able, 0.0) + work
    for groups in asked:
        work = sum(days for able, days in asked.items() if able <= groups)
        there = sum(_on_duty(scenario, name) for name in groups)
        if groups and work > there * (1 + ROUNDING):
            names = " and ".join(name for name in scenario.technicians if name in groups)
            yield (
                f"technicians {names} work {there * 24:,.1f} hours a day together and are asked "
                f"for {work * 24:,.1f} ({_percent(work / there)}), overtime apart; calls "
                "would wait ever longer"
            )


def _on_duty(scenario: Scenario, group: str) -> float:
    shift = scenario.technicians[group].shift
    return scenario.technicians_in(group) * (1.0 if shift is None else shift.working_share)


def _work_of_technicians(scenario: Scenario) -> Iterator[tuple[frozenset[str], float]]:
    """Give who can go to the failures of each part in each fleet, and their days a day."""
    service = scenario.service
    in_vain = service.wrong_diagnosis * (1 - service.remote_support)
    for f, fleet in enumerate(scenario.fleets):
        travel = scenario.travel_time_of(fleet.depot).distribution.mean
        for (name, part), failures in zip(
            scenario.parts.items(), failures_per_day(scenario, f), strict=True
        ):
            alone = part.customer_held * getattr(service.guided_repair, part.difficulty)
            repair = scenario.repair_time_of(name).distribution.mean
            check = service.check_time.distribution.mean
            there = travel * (2 if service.way_home else 1)
            work = there + repair + in_vain * (there + check)
            able = frozenset(
                group
                for group, entry in scenario.technicians.items()
                if fleet.depot in entry.depots and entry.can(fleet.machine, part.difficulty)
            )
            if failures:
                yield able, float(failures * (1 - alone) * work)


def _suppliers(scenario: Scenario, plan: Plan | None) -> Iterator[str]:
    units = _units_per_day(scenario)
    parts = list(scenario.parts.values())
    least = np.array([[part.least_order] for part in parts])
    lots = least if plan is None else plan.order_quantity
    lots_text = ", in the least lots" if plan is None else ""
    unless = " unless the plan's lots or reviews make them fewer" if plan is None else ""
    lots = np.where([[part.repair is not None] for part in parts], 1, lots)  # each condemned one
    bought = np.array([part.repair.condemned if part.repair else 1.0 for part in parts])
    each = bought[:, None] * units / lots
    orders = (each if plan is None else _at_reviews(scenario, plan, each, units)).sum(axis=1)
    for name, supplier in scenario.suppliers.items():
        if supplier.capacity is None or supplier.second_source is not None:
            continue
        mine = [part.supplier == name for part in parts]
        busy = float(orders[mine].sum() * supplier.lead_time.distribution.mean)
        if busy > supplier.capacity * (1 + ROUNDING):
            yield (
                f"supplier {name} has {_places(supplier.capacity)} for orders and is asked for "
                f"{busy:.3g} at a time{lots_text} ({_percent(busy / supplier.capacity)}); orders "
                f"would wait ever longer{unless}"
            )


def _at_reviews(scenario: Scenario, plan: Plan, orders: Floats, units: Floats) -> Floats:
    """Make one order a review of what reviews gather: at most as many as reviews with demand."""
    most = orders.copy()
    for p, (grade, part) in enumerate(zip(plan.grades, scenario.parts.values(), strict=True)):
        period = scenario.grade_rules(grade).review_period
        if period is not None and part.repair is None:  # condemned units are ordered one by one
            most[p] = np.minimum(orders[p], -np.expm1(-units[p] * period) / period)
    return most


def _shops(scenario: Scenario) -> Iterator[str]:
    units = _units_per_day(scenario).sum(axis=1)
    for name, shop in scenario.repair_shops.items():
        repairs = [
            (rate, part.repair)
            for rate, part in zip(units, scenario.parts.values(), strict=True)
            if part.repair and part.repair.shop == name
        ]
        busy = sum(
            rate * (1 - repair.condemned) * repair.work_time.distribution.mean
            for rate, repair in repairs
        )
        if shop.servers is not None and busy > shop.servers * (1 + ROUNDING):
            yield (
                f"repair shop {name} has {_places(shop.servers)} for units and is asked for "
                f"{busy:.3g} at a time ({_percent(busy / shop.servers)}); units would wait "
                "ever longer"
            )


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _places(count: int) -> str:
    return "1 place" if count == 1 else f"{count:,} places"

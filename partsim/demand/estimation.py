"""Estimate demand from the machines' parts and their lives."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from partsim.demand.expected_use import expected_use
from partsim.demand.lead_times import supply_lead_times
from partsim.demand.order_variance import order_ratios, pipeline_ratios
from partsim.lifetimes import Duration, Fixed
from partsim.lifetimes.renewal import pipeline_variance_ratios
from partsim.model.demand import Demand
from partsim.model.installed_base import InstalledBase
from partsim.model.ordered_units import ordered_units
from partsim.model.scenario import Scenario
from partsim.model.service import Fleet


def estimate_demand(scenario: Scenario) -> Demand:
    """
    Estimate rate and variance of the demand for each part at each depot.

    Parts without a lifetime have the rates of the scenario's rows of demand; the rest is about
    lives.

    In the long run a position that ages while its machine runs takes A / (mean life) units per
    day, where A is the share of time that the machine runs. A comes from the service times of
    the machine's calls without waits for parts (the safe side: it gives the most demand); what
    a wait adds is left to the evaluation, which knows the stock. Where the ages of machines are
    known, or machines come and go, the rate is the mean over the measured years of the simulation,
    by renewal theory from the ages (`expected_use`). The variance is that of the
    orders outstanding over each stock point's own lead time, approval included, by renewal
    theory in equilibrium (`pipeline_variance_ratios`).

    Parameters
    ----------
    scenario : Scenario
        The question.

    Returns
    -------
    Demand
        Rates per day; lead times and variance ratios for each grade a part may get.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> demand = estimate_demand(read_scenario("scenarios/first_steps.yaml"))
    >>> demand.rate.shape[2]  # tiers
    1
    """
    P, D, T = len(scenario.parts), len(scenario.depots), len(scenario.tiers)
    rate, planned, phone = np.zeros((P, D, T)), np.zeros((P, D, T)), np.zeros((D, T))
    sources = np.zeros((P, D), dtype=np.int64)
    part_index = {part: p for p, part in enumerate(scenario.part_ids)}
    availability = np.empty(len(scenario.fleets))
    operating = scenario.ageing == "operating"
    for f, fleet in enumerate(scenario.fleets):
        d = scenario.depot_ids.index(fleet.depot)
        availability[f] = _availability(scenario, fleet) if operating else 1.0
        machines, use = _by_phase(scenario, f, availability[f])
        for tier, there, (units, as_planned) in zip(
            scenario.tier_phases[f].tiers, machines, use, strict=True
        ):
            t = scenario.tier_ids.index(tier)
            rate[:, d, t] += units
            planned[:, d, t] += as_planned
            phone[d, t] += there * availability[f] * _phone_call_rate(scenario, fleet)
        for part, quantity in scenario.machines[fleet.machine].positions.items():
            for name in (part, *scenario.further_parts(part)):
                whole = ceil(machines_of_fleet(scenario, f)) * quantity
                sources[part_index[name], d] += whole if operating else 0
    orders = ordered_units(scenario)
    rate += orders.rate
    order_ratio = order_ratios(orders, scenario.parents)
    lead_time, variance_ratio = _lead_times(scenario, order_ratio)
    return Demand(
        part_ids=scenario.part_ids,
        depot_ids=scenario.depot_ids,
        tier_ids=scenario.tier_ids,
        rate=rate,
        planned_rate=planned,
        phone_call_rate=phone,
        sources=sources,
        lead_time=lead_time,
        variance_ratio=variance_ratio,
        availability=availability,
        order_ratio=order_ratio,
    )


def _window(scenario: Scenario) -> tuple[float, float]:
    """Give first and last moment of the measured years."""
    rules = scenario.simulation
    return rules.warm_up, rules.warm_up + rules.years * 365


def machines_of_fleet(scenario: Scenario, fleet: int) -> float:
    """
    Count a fleet's machines, on average over the measured years.

    Parameters
    ----------
    scenario : Scenario
        The question.
    fleet : int
        Index of the fleet.

    Returns
    -------
    float
        Zero or more.
    """
    return _size(scenario, scenario.installed_bases[fleet])


def _size(scenario: Scenario, base: InstalledBase) -> float:
    """Count machines, on average over the measured years."""
    begin, end = _window(scenario)
    if base.is_stationary:
        return len(base)
    return float(base.machine_days(begin, end).sum()) / (end - begin)


def _by_phase(
    scenario: Scenario, fleet: int, availability: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give machines, shape (phase,), and what they use, (phase, units or planned, part)."""
    bases = scenario.tier_phases[fleet].bases(scenario.installed_bases[fleet])
    # What machines use in a phase is what they use until its end, less until its beginning.
    until = np.array([_use(scenario, fleet, base, availability) for base in bases])
    machines = np.diff([_size(scenario, base) for base in bases], prepend=0.0)
    use = np.maximum(np.diff(until, axis=0, prepend=np.zeros((1, *until.shape[1:]))), 0.0)
    return machines, np.where(machines[:, None, None] > 0, use, 0.0)


def use_of_fleet(
    scenario: Scenario, fleet: int, availability: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Compute what the machines of a fleet take, on average over the measured years.

    Parameters
    ----------
    scenario : Scenario
        The question.
    fleet : int
        Index of the fleet.
    availability : float
        Share of time that its machines run.

    Returns
    -------
    units, planned : ndarray of float, shape (part,)
        Units per day, and those of them that are put in as planned, at no call.
    """
    return _use(scenario, fleet, scenario.installed_bases[fleet], availability)


def _use(
    scenario: Scenario, fleet: int, base: InstalledBase, availability: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give units per day by part, and the planned ones of them, for machines as in a fleet."""
    units = dict.fromkeys(scenario.part_ids, 0.0)
    planned = dict.fromkeys(scenario.part_ids, 0.0)
    machine = scenario.machines[scenario.fleets[fleet].machine]
    for part, quantity in machine.positions.items():
        taken, as_planned = _use_rate(scenario, fleet, part, quantity, base, availability)
        units[part] += taken
        planned[part] += as_planned
        for other, needed in scenario.further_parts(part).items():
            units[other] += (taken - as_planned) * needed
    return np.array(list(units.values())), np.array(list(planned.values()))


def _use_rate(
    scenario: Scenario, fleet: int, part: str, quantity: int, base: InstalledBase,
    availability: float,
) -> tuple[float, float]:  # fmt: skip
    """Give the units per day that machines as in a fleet use, and the planned ones of them."""
    upkeep, (begin, end) = scenario.parts[part].upkeep, _window(scenario)
    season = scenario.season_of(scenario.fleets[fleet])
    if base.is_stationary and season is None:
        rate = len(base) * availability * quantity / upkeep.use.days_between_units
        return rate, rate * upkeep.use.planned_share
    use = expected_use(upkeep, base, begin, end, availability, season)
    return quantity * use.units / (end - begin), quantity * use.planned / (end - begin)


def _failure_rates(scenario: Scenario, fleet: Fleet) -> dict[str, float]:
    """Give the failures of each part per day that one machine runs, over a whole year."""
    season = scenario.season_of(fleet)
    factor = 1.0 if season is None else season.mean
    positions = scenario.machines[fleet.machine].positions
    return {
        part: factor * quantity / scenario.parts[part].upkeep.use.days_between_failures
        for part, quantity in positions.items()
    }


def _phone_call_rate(scenario: Scenario, fleet: Fleet) -> float:
    """Give the calls fixed by phone per day that one machine runs."""
    share = scenario.service.phone_fix
    return sum(_failure_rates(scenario, fleet).values()) * share / (1 - share)


def _availability(scenario: Scenario, fleet: Fleet) -> float:
    """Give the share of time a machine runs: up time over up time and downtime of its calls."""
    diagnosis = scenario.service.until_diagnosed.mean
    travel = scenario.travel_time_of(fleet.depot).distribution.mean
    service = scenario.service
    in_vain = service.wrong_diagnosis * (1 - service.remote_support)
    check = service.check_time.distribution.mean
    downtime = _phone_call_rate(scenario, fleet) * diagnosis
    for part, rate in _failure_rates(scenario, fleet).items():
        repair = scenario.repair_time_of(part).distribution.mean
        entry = scenario.parts[part]
        visited = 1 - entry.customer_held * getattr(service.guided_repair, entry.difficulty)
        travels = visited * (travel + in_vain * (travel + check))
        downtime += rate * (diagnosis + travels + repair)
    return 1 / (1 + downtime)


def _lead_times(
    scenario: Scenario, order_ratio: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give mean lead time and variance ratio, each of shape (part, depot, grade)."""
    P, D, G = len(scenario.parts), len(scenario.depots), len(scenario.grade_ids)
    mean, ratio = np.zeros((P, D, G)), np.ones((P, D, G))
    for d, depot in enumerate(scenario.depots.values()):
        if scenario.parents[d] >= 0:
            transport = Fixed(depot.transport_time)
            mean[:, d, :] = transport.mean
            ratio[:, [d], :] = _ratios(scenario, order_ratio[:, [d]], [transport] * P)[..., None]
    roots = np.flatnonzero(scenario.parents < 0)
    for g, grade in enumerate(scenario.grade_ids):
        supply = supply_lead_times(scenario, [grade] * P)
        mean[:, roots, g] = np.array([lead_time.mean for lead_time in supply])[:, None]
        ratio[:, roots, g] = _ratios(scenario, order_ratio[:, roots], supply)
    return mean, ratio


def _ratios(
    scenario: Scenario, order_ratio: NDArray[np.float64], lead_times: list[Duration]
) -> NDArray[np.float64]:
    """Give variance over mean of the units in resupply, shape (part, depot): by orders or lives."""
    ratios = pipeline_ratios(order_ratio, lead_times)
    rows = np.flatnonzero(~scenario.demand_parts)
    lives = [scenario.parts[scenario.part_ids[p]].upkeep.cycle for p in rows]
    ratios[rows] = pipeline_variance_ratios(lives, [lead_times[p] for p in rows])[:, None]
    return ratios

"""The targets of a plan as rows: sums of uses over all cells that must stay within limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.response import response_window
from partsim.demand.estimation import machines_of_fleet, use_of_fleet
from partsim.model.demand import Demand
from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]

Feature = Literal["backorders", "unready", "units"]
Unit = Literal["share", "hours", "volume", "money"]

known_window = lru_cache(maxsize=1024)(response_window)
"""A run asks for the windows of one scenario some fifty times."""

DIFFICULTIES = ("low", "medium", "high")


@dataclass(frozen=True, eq=False)
class Term:
    """
    What the cells of one depot use of a row: ``coefficient[part] * feature(part, depot)``.

    Attributes
    ----------
    row, depot : int
        Index of the row and of the depot.
    feature : 'backorders', 'unready' or 'units'
        Expected backorders of the machines that the depot serves [units], the share of their
        demand that is not met at once, or the base stock of the depot [units].
    coefficient : ndarray of float, shape (part,)
        Zero or more; zero where the depot serves no demand, but for units.
    """

    row: int
    depot: int
    feature: Feature
    coefficient: Floats


@dataclass(frozen=True, eq=False)
class Targets:
    """
    Rows ``constant + sum of uses <= limit``: the promises first, a budget last.

    Attributes
    ----------
    names : tuple of str
        What the report calls them.
    units : tuple of 'share', 'hours', 'volume' or 'money'
        How the report writes them. A row of shares counts what is missing to all; a row of
        hours is in days.
    limit, constant : ndarray of float, shape (row,)
        In these units; the limits as a simulation may have corrected them.
    asked : ndarray of float, shape (row,)
        The limits as the scenario has them.
    tier_rows : int
        The first rows, one for each tier: the share of its calls that breaks the promise, which
        response windows work out.
    terms : tuple of Term
        What all other rows are made of.
    has_budget : bool
        Whether the last row is the budget.
    """

    names: tuple[str, ...]
    units: tuple[Unit, ...]
    limit: Floats
    constant: Floats
    asked: Floats
    tier_rows: int
    terms: tuple[Term, ...]
    has_budget: bool

    @property
    def stock_rows(self) -> tuple[int, ...]:
        """Rows that stock uses up, storage and budget; stock is good for all others."""
        return tuple(dict.fromkeys(term.row for term in self.terms if term.feature == "units"))


def stock_value(targets: Targets, row: int, worth: Floats) -> float:
    """
    Give the money in stock that one unit of a row that stock uses up holds at most.

    Parameters
    ----------
    targets : Targets
        With the row.
    row : int
        One of `Targets.stock_rows`.
    worth : ndarray of float, shape (part,)
        Prices of the parts, and the most that a unit of them saves in a year.

    Returns
    -------
    float
        Of the part that is dearest for its room; 1 for the budget if nothing is saved.
    """
    use = np.max([term.coefficient for term in targets.terms if term.row == row], axis=0)
    return float((worth[use > 0] / use[use > 0]).max())


def limit_with_tolerance(limit: Floats) -> Floats:
    """Allow for the rounding of sums, nothing more."""
    return np.asarray(limit + 1e-9 * np.abs(limit) + 1e-12)


def set_targets(scenario: Scenario, demand: Demand, allowed_miss: Floats | None = None) -> Targets:
    """
    Turn promises, waiting times, fill rates, availabilities, storage and budget into rows.

    Parameters
    ----------
    scenario : Scenario
        The question.
    demand : Demand
        Its demand.
    allowed_miss : ndarray of float, shape (tier,) or longer, optional
        Limits of the first rows, where a simulation has corrected them; see `optimise`.

    Returns
    -------
    Targets
        At least one row for each tier.
    """
    miss = 1 - np.array([scenario.promise_of(tier).share for tier in scenario.tier_ids])
    rows = [
        *_depot_rows(scenario, demand),
        *_tier_rows(scenario, demand),
        *_group_rows(scenario, demand),
        *_machine_rows(scenario, demand),
        *_budget_rows(scenario),
    ]
    promises: list[Unit] = ["share"] * len(miss)
    asked = np.array([*miss, *(row.limit for row in rows)])
    return Targets(
        names=(*(f"promise of {tier}" for tier in scenario.tier_ids), *(row.name for row in rows)),
        units=(*promises, *(row.unit for row in rows)),
        limit=_corrected(asked, allowed_miss),
        constant=np.array([*_miss_without_parts(scenario, demand), *(r.constant for r in rows)]),
        asked=asked,
        tier_rows=len(miss),
        terms=tuple(
            Term(k, d, feature, coefficient)
            for k, row in enumerate(rows, start=len(miss))
            for d, feature, coefficient in row.terms
        ),
        has_budget=scenario.optimisation.budget is not None,
    )


def _corrected(asked: Floats, allowed: Floats | None) -> Floats:
    """Put limits that are not NaN in place of the first ones."""
    limit = asked.copy()
    if allowed is not None:
        given = np.asarray(allowed, float)
        limit[: len(given)] = np.where(np.isnan(given), limit[: len(given)], given)
    return limit


@dataclass(frozen=True, eq=False)
class _Row:
    """A row that is no promise, with terms (depot, feature, coefficient)."""

    name: str
    unit: Unit
    limit: float
    terms: list[tuple[int, Feature, Floats]]
    constant: float = 0.0


def _depot_rows(scenario: Scenario, demand: Demand) -> Iterator[_Row]:
    """Give waiting time and fill rate of a depot that serves machines, and its storage."""
    volume = np.array([part.volume for part in scenario.parts.values()])
    for d, (name, depot) in enumerate(scenario.depots.items()):
        rate = np.zeros_like(demand.depot_rate)
        rate[:, d] = demand.depot_rate[:, d]
        if depot.max_waiting_time is not None and rate.any():
            yield _wait_row(f"waiting time at {name}", demand, rate, depot.max_waiting_time)
        if depot.min_fill_rate is not None and rate.any():
            yield _fill_row(f"fill rate at {name}", rate, depot.min_fill_rate)
        if depot.storage is not None:
            yield _Row(f"storage at {name}", "volume", depot.storage, [(d, "units", volume)])


def _tier_rows(scenario: Scenario, demand: Demand) -> Iterator[_Row]:
    for t, (name, tier) in enumerate(scenario.tiers.items()):
        rate = demand.rate[..., t]
        if tier.max_waiting_time is not None:
            yield _wait_row(f"waiting time of {name}", demand, rate, tier.max_waiting_time)
        if tier.min_fill_rate is not None:
            yield _fill_row(f"fill rate of {name}", rate, tier.min_fill_rate)


def _group_rows(scenario: Scenario, demand: Demand) -> Iterator[_Row]:
    group_of = [part.group for part in scenario.parts.values()]
    for name, group in scenario.groups.items():
        mine = np.array([of_part == name for of_part in group_of])
        rate = demand.depot_rate * mine[:, None]
        if group.min_fill_rate is not None and rate.any():
            yield _fill_row(f"fill rate of {name}", rate, group.min_fill_rate)


def _machine_rows(scenario: Scenario, demand: Demand) -> Iterator[_Row]:
    """Give the share of time that the machines of a type stand still.

    It is 1 - a (1 - w), where they run the share a of the time that none of them waits for a
    part, and w is the backorders that they wait for over their number, on average over the
    measured years. If the customer has the part, no machine waits for it.
    """
    held = np.array([part.customer_held for part in scenario.parts.values()])
    size = [machines_of_fleet(scenario, f) for f in range(len(scenario.fleets))]
    for name, machine in scenario.machines.items():
        fleets = [f for f, fleet in enumerate(scenario.fleets) if fleet.machine == name]
        count = sum(size[f] for f in fleets)
        if machine.min_availability is None or not count:
            continue
        weight, still = np.zeros_like(demand.depot_rate), 0.0
        for f in fleets:
            running = float(demand.availability[f])
            d = scenario.depot_ids.index(scenario.fleets[f].depot)
            units, planned = use_of_fleet(scenario, f, running)
            called = _ratio((units - planned) * (1 - held), demand.depot_rate[:, d])
            weight[:, d] += running * called / count
            still += (1 - running) * size[f] / count
        limit = 1 - machine.min_availability
        yield _Row(f"availability of {name}", "share", limit, _terms("backorders", weight), still)


def _budget_rows(scenario: Scenario) -> Iterator[_Row]:
    budget = scenario.optimisation.budget
    if budget is not None:
        money = np.repeat(scenario.prices[:, None], len(scenario.depots), axis=1)
        yield _Row("budget", "money", budget, _terms("units", money))


def _wait_row(name: str, demand: Demand, rate: Floats, limit: float) -> _Row:
    """Give the mean wait for a part of the demand; first come, first served, all wait alike.

    W = sum EBO / sum rate (1 - EBO / n) <= limit is linear as
    sum EBO (1 + limit rate / n) <= limit sum rate.
    """
    slower = _ratio(demand.depot_rate, demand.sources)
    weight = _ratio(rate, demand.depot_rate) * (1 + limit * slower) / rate.sum()
    return _Row(name, "hours", limit, _terms("backorders", weight))


def _fill_row(name: str, rate: Floats, least: float) -> _Row:
    """Give the share of a part of the demand that is not met at once."""
    return _Row(name, "share", 1 - least, _terms("unready", rate / rate.sum()))


def _terms(feature: Feature, weight: Floats) -> list[tuple[int, Feature, Floats]]:
    """Give a term for each depot where a weight of shape (part, depot) is not zero."""
    return [(int(d), feature, weight[:, d]) for d in np.flatnonzero(weight.any(axis=0))]


def _ratio(above: Floats, below: Floats | NDArray[np.int64]) -> Floats:
    """Divide; 0 where there is nothing below."""
    return np.divide(above, below, out=np.zeros(above.shape), where=np.asarray(below) > 0)


def calls_per_day(demand: Demand) -> Floats:
    """
    Give the calls of each tier per day, those fixed by phone included.

    Parameters
    ----------
    demand : Demand
        Rates of failures and phone calls.

    Returns
    -------
    ndarray of float, shape (tier,)
        Positive for a tier with machines.
    """
    return np.asarray(demand.call_rate.sum(axis=(0, 1)) + demand.phone_call_rate.sum(axis=0))


@dataclass(frozen=True, eq=False)
class Windows:
    """
    Response windows as arrays with axes (kind, depot, tier), waits padded to one length.

    Kinds are the difficulties, and last, where there is demand without lifetimes, that demand.

    Attributes
    ----------
    at_once, by_customer, by_phone : ndarray of float, shape (kind, depot, tier)
        See `ResponseWindow`.
    waits, weights : ndarray of float, shape (kind, depot, tier, wait)
        See `ResponseWindow`; padding has the weight 0.
    """

    at_once: Floats
    by_customer: Floats
    by_phone: Floats
    waits: Floats
    weights: Floats


def response_windows(scenario: Scenario, nodes: int = 8) -> Windows:
    """
    Work out the windows of every promise, at every depot, for every kind of call.

    Parameters
    ----------
    scenario : Scenario
        The question.
    nodes : int
        Most waits in a window.

    Returns
    -------
    Windows
        Arrays over (kind, depot, tier).
    """
    kinds = len(DIFFICULTIES) + bool(scenario.demand)
    shape = (kinds, len(scenario.depots), len(scenario.tiers))
    at_once, by_customer, by_phone = np.empty(shape), np.empty(shape), np.empty(shape)
    waits, weights = np.zeros((*shape, nodes)), np.zeros((*shape, nodes))
    if scenario.demand:
        at_once[-1] = by_customer[-1] = by_phone[-1] = weights[-1, ..., 0] = 1.0
        waits[-1, ..., 0] = [scenario.promise_of(tier).within for tier in scenario.tier_ids]
    for i in np.ndindex(len(DIFFICULTIES), *shape[1:]):
        depot, tier = scenario.depot_ids[i[1]], scenario.tier_ids[i[2]]
        repair = getattr(scenario.service.repair_time, DIFFICULTIES[i[0]])
        case = (
            scenario.promise_of(tier).within,
            scenario.service.until_diagnosed,
            scenario.travel_time_of(depot).distribution,
            scenario.delivery_time_of(depot).distribution,
            repair.distribution,
        )
        window = known_window(*case, nodes)
        at_once[i], by_customer[i] = window.at_once, window.by_customer
        by_phone[i] = window.by_phone
        waits[i][: len(window.waits)] = window.waits
        weights[i][: len(window.weights)] = window.weights
    return Windows(at_once, by_customer, by_phone, waits, weights)


def kind_of_call(scenario: Scenario) -> NDArray[np.int64]:
    """
    Give the kind of the calls for each part, as `Windows` has them.

    Parameters
    ----------
    scenario : Scenario
        The question.

    Returns
    -------
    ndarray of int, shape (part,)
        0 low, 1 medium, 2 high difficulty; 3 orders of a part without a lifetime.
    """
    parts = scenario.parts.values()
    difficulty = [DIFFICULTIES.index(part.difficulty) for part in parts]
    return np.where(scenario.demand_parts, len(DIFFICULTIES), difficulty)


def _miss_without_parts(scenario: Scenario, demand: Demand) -> Floats:
    """Give the share of calls that break the promise though they wait for no part of ours."""
    windows = response_windows(scenario, nodes=1)
    held = np.array([part.customer_held for part in scenario.parts.values()])
    by_customer = windows.by_customer[kind_of_call(scenario)]
    by_customer = demand.call_rate * held[:, None, None] * (1 - by_customer)
    by_phone = demand.phone_call_rate * (1 - windows.by_phone[0])
    missed = by_customer.sum(axis=(0, 1)) + by_phone.sum(axis=0)
    return np.asarray(missed / calls_per_day(demand))

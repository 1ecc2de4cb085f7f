"""The targets of a plan as rows: sums of uses over all cells that must stay within limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.response import ResponseWindow, response_window
from partsim.model.demand import Demand
from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]

DIFFICULTIES = ("low", "medium", "high")


@dataclass(frozen=True, eq=False)
class Targets:
    """
    Rows ``constant + sum of uses <= limit``, in the order tiers, waiting times, budget.

    Attributes
    ----------
    names : tuple of str
        What the report calls them.
    limit, constant : ndarray of float, shape (row,)
        A tier's row counts the share of its calls that breaks the promise; a depot's row its
        mean waiting time [days]; the budget's row money.
    tier_rows : int
        The first rows, one for each tier.
    wait_depots : ndarray of int, shape (waiting rows,)
        Depot of each of the next rows.
    wait_limit : ndarray of float, shape (depot,)
        Mean wait allowed [days]; infinite without a target.
    has_budget : bool
        Whether there is a last row for the budget.
    """

    names: tuple[str, ...]
    limit: Floats
    constant: Floats
    tier_rows: int
    wait_depots: NDArray[np.int64]
    wait_limit: Floats
    has_budget: bool

    def unit(self, row: int) -> str:
        """Give the unit of a row: share, hours or money."""
        if row < self.tier_rows:
            return "share"
        return "hours" if row < self.tier_rows + len(self.wait_depots) else "money"


def set_targets(scenario: Scenario, demand: Demand, allowed_miss: Floats | None = None) -> Targets:
    """
    Turn promises, waiting times and budget into rows.

    Parameters
    ----------
    scenario : Scenario
        The question.
    demand : Demand
        Its demand.
    allowed_miss : ndarray of float, shape (tier,), optional
        Share of calls that may break the promise in the formulas, where the simulation has
        corrected it; one less the promised share otherwise.

    Returns
    -------
    Targets
        At least one row for each tier.
    """
    promised = np.array([scenario.promise_of(tier).share for tier in scenario.tier_ids])
    miss = 1 - promised if allowed_miss is None else np.asarray(allowed_miss, float)
    waits = np.array([depot.max_waiting_time or np.inf for depot in scenario.depots.values()])
    waits[demand.depot_rate.sum(axis=0) == 0] = np.inf
    depots = np.flatnonzero(np.isfinite(waits))
    names = [f"promise of {tier}" for tier in scenario.tier_ids]
    names += [f"waiting time at {scenario.depot_ids[d]}" for d in depots]
    limit = [*miss, *waits[depots]]
    budget = scenario.optimisation.budget
    if budget is not None:
        names.append("budget")
        limit.append(budget)
    constant = np.zeros(len(limit))
    constant[: len(miss)] = _miss_without_parts(scenario, demand)
    return Targets(
        names=tuple(names),
        limit=np.array(limit),
        constant=constant,
        tier_rows=len(miss),
        wait_depots=depots,
        wait_limit=waits,
        has_budget=budget is not None,
    )


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
    return np.asarray(demand.rate.sum(axis=(0, 1)) + demand.phone_call_rate.sum(axis=0))


@dataclass(frozen=True, eq=False)
class Windows:
    """
    Response windows as arrays with axes (difficulty, depot, tier), waits padded to one length.

    Attributes
    ----------
    at_once, by_customer, by_phone : ndarray of float, shape (difficulty, depot, tier)
        See `ResponseWindow`.
    waits, weights : ndarray of float, shape (difficulty, depot, tier, wait)
        See `ResponseWindow`; padding has the weight 0.
    """

    at_once: Floats
    by_customer: Floats
    by_phone: Floats
    waits: Floats
    weights: Floats


def response_windows(scenario: Scenario, nodes: int = 8) -> Windows:
    """
    Work out the windows of every promise, at every depot, for every difficulty.

    Parameters
    ----------
    scenario : Scenario
        The question.
    nodes : int
        Most waits in a window.

    Returns
    -------
    Windows
        Arrays over (difficulty, depot, tier).
    """
    shape = (len(DIFFICULTIES), len(scenario.depots), len(scenario.tiers))
    at_once, by_customer, by_phone = np.empty(shape), np.empty(shape), np.empty(shape)
    waits, weights = np.zeros((*shape, nodes)), np.zeros((*shape, nodes))
    known: dict[object, ResponseWindow] = {}
    for i in np.ndindex(shape):
        depot, tier = scenario.depot_ids[i[1]], scenario.tier_ids[i[2]]
        repair = getattr(scenario.service.repair_time, DIFFICULTIES[i[0]])
        case = (
            scenario.promise_of(tier).within,
            scenario.service.diagnosis_time.distribution,
            scenario.travel_time_of(depot).distribution,
            scenario.delivery_time_of(depot).distribution,
            repair.distribution,
        )
        window = known.get(case) or known.setdefault(case, response_window(*case, nodes=nodes))
        at_once[i], by_customer[i] = window.at_once, window.by_customer
        by_phone[i] = window.by_phone
        waits[i][: len(window.waits)] = window.waits
        weights[i][: len(window.weights)] = window.weights
    return Windows(at_once, by_customer, by_phone, waits, weights)


def difficulty_index(scenario: Scenario) -> NDArray[np.int64]:
    """
    Give the difficulty of each part as an index into `DIFFICULTIES`.

    Parameters
    ----------
    scenario : Scenario
        The question.

    Returns
    -------
    ndarray of int, shape (part,)
        0 low, 1 medium, 2 high.
    """
    parts = scenario.parts.values()
    return np.array([DIFFICULTIES.index(part.difficulty) for part in parts])


def _miss_without_parts(scenario: Scenario, demand: Demand) -> Floats:
    """Give the share of calls that break the promise though they wait for no part of ours."""
    windows = response_windows(scenario, nodes=1)
    held = np.array([part.customer_held for part in scenario.parts.values()])
    difficulty = difficulty_index(scenario)
    by_customer = demand.rate * held[:, None, None] * (1 - windows.by_customer[difficulty])
    by_phone = demand.phone_call_rate * (1 - windows.by_phone[0])
    missed = by_customer.sum(axis=(0, 1)) + by_phone.sum(axis=0)
    return np.asarray(missed / calls_per_day(demand))

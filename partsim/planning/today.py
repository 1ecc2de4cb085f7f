"""Today's stock: as a plan to compare with, and what to do from it."""

from __future__ import annotations

from math import ceil

import numpy as np
import pandas as pd

from partsim.model.plan import Plan
from partsim.model.scenario import Scenario
from partsim.optimisation.free_grades import grades_of_plan


def plan_of_today(scenario: Scenario, grades: tuple[str, ...] | None = None) -> Plan | None:
    """
    Give today's levels as a plan, at today's grades, or else those that plans have.

    Parameters
    ----------
    scenario : Scenario
        With `today`, or without.
    grades : tuple of str, optional
        Of the plan to compare with, where it is there: free grades take time to find again.

    Returns
    -------
    Plan or None
        None if the scenario does not tell today's stock.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> plan_of_today(read_scenario("scenarios/first_steps.yaml")) is None
    True
    """
    if scenario.today is None or not scenario.today.tells_stock:
        return None
    levels, lots, _, _ = _counts(scenario)
    return Plan(
        part_ids=scenario.part_ids,
        depot_ids=scenario.depot_ids,
        grades=scenario.today_grades or grades or grades_of_plan(scenario),
        base_stock=levels,
        order_quantity=lots,
        grade_ids=scenario.grade_ids,
    )


def propose_orders(scenario: Scenario, plan: Plan) -> pd.DataFrame | None:
    """
    Say for each part and depot what to buy and what to move, from today's stock to the plan.

    What a depot lacks comes from another depot's excess on the shelf where there is some, from
    the greatest excess first; the rest is bought. A depot never gives away more than it has on
    the shelf or than it has too much.

    Parameters
    ----------
    scenario : Scenario
        With `today`, or without.
    plan : Plan
        Where to get to.

    Returns
    -------
    DataFrame or None
        part, depot, have (on the shelf), on_order, should (base stock), buy, move (positive: in,
        negative: out), excess (what is still too much afterwards); rows where nothing is and
        nothing should be are left out. None if the scenario does not tell today's stock.
    """
    if scenario.today is None or not scenario.today.tells_stock:
        return None
    _, _, have, on_order = _counts(scenario)
    should = np.asarray(plan.base_stock)
    position = have + on_order
    lack = np.maximum(should - position, 0)
    spare = np.minimum(np.maximum(position - should, 0), have)
    move = np.zeros_like(lack)
    for p in range(len(plan.part_ids)):
        for taker in np.argsort(-lack[p], kind="stable"):
            for giver in np.argsort(-spare[p], kind="stable"):
                units = min(lack[p, taker] - max(move[p, taker], 0), spare[p, giver])
                if units > 0:
                    move[p, taker] += units
                    move[p, giver] -= units
                    spare[p, giver] -= units
    buy = lack - np.maximum(move, 0)
    excess = np.maximum(position + move - should, 0)
    P, D = should.shape
    table = pd.DataFrame(
        {
            "part": np.repeat(np.array(plan.part_ids, dtype=object), D),
            "depot": list(plan.depot_ids) * P,
            "have": have.ravel(),
            "on_order": on_order.ravel(),
            "should": should.ravel(),
            "buy": buy.ravel(),
            "move": move.ravel(),
            "excess": excess.ravel(),
        }
    )
    busy = table[["have", "on_order", "should"]].any(axis=1)
    return table[busy].reset_index(drop=True)


def _counts(scenario: Scenario) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Give levels, lots, units on hand and on order, each of shape (part, depot)."""
    assert scenario.today is not None  # callers have looked
    shape = (len(scenario.parts), len(scenario.depots))
    levels, on_order = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    lots = np.ones(shape, np.int64)
    part_index = {part: p for p, part in enumerate(scenario.part_ids)}
    depot_index = {depot: d for d, depot in enumerate(scenario.depot_ids)}
    machines = _machines_supplied(scenario)
    for part, norm in scenario.today.norms.items():
        p = part_index[part]
        # 40 machines at 1 per 40 need 1, whatever the last bit of the quotient says.
        levels[p] = [ceil(norm * count - 1e-9) for count in machines]
    have = levels.copy()
    for row in scenario.today.stock:
        at = part_index[row.part], depot_index[row.depot]
        levels[at], lots[at] = row.base_stock, row.order_quantity
        have[at], on_order[at] = row.on_hand, row.on_order
    return levels, lots, have, on_order


def _machines_supplied(scenario: Scenario) -> list[int]:
    """Count the machines each depot serves, itself or through the depots it supplies."""
    count = [0] * len(scenario.depots)
    for fleet in scenario.fleets:
        d = scenario.depot_ids.index(fleet.depot)
        while d >= 0:
            count[d] += fleet.count
            d = int(scenario.parents[d])
    return count

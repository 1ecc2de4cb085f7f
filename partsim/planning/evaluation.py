"""Evaluate a plan by formula."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partsim.demand.estimation import estimate_demand
from partsim.model.performance import Performance
from partsim.model.plan import Plan
from partsim.model.scenario import Scenario
from partsim.optimisation.assessment import Assessment, assess
from partsim.optimisation.certified_plans import build_model
from partsim.optimisation.evaluation_model import EvaluationModel
from partsim.optimisation.settled_demand import settled
from partsim.optimisation.targets import calls_per_day


def evaluate(scenario: Scenario, plan: Plan) -> Performance:
    """
    Work out what a plan does, by VARI-METRIC across two or three echelons.

    Parameters
    ----------
    scenario : Scenario
        The question.
    plan : Plan
        Grades and stock levels, from the optimiser or from anywhere else.

    Returns
    -------
    Performance
        Shares of promises kept, fill rates, waits, stock and costs; for a plan of the optimiser
        with the cost of its certificate.

    Raises
    ------
    ValueError
        If the plan is for other parts or depots.
    InputError
        If there are three echelons and a depot that another depot supplies orders in lots.

    References
    ----------
    .. [1] C. C. Sherbrooke, Optimal Inventory Modeling of Systems, 2nd ed., Kluwer, 2004, ch. 5.

    Examples
    --------
    >>> from partsim import optimise, read_scenario
    >>> scenario = read_scenario("scenarios/first_steps.yaml")
    >>> plan = optimise(scenario)
    >>> abs(evaluate(scenario, plan).plan_cost - plan.certificate.plan_cost) < 1e-6
    True
    """
    if (plan.part_ids, plan.depot_ids) != (scenario.part_ids, scenario.depot_ids):
        raise ValueError("plan: expected the scenario's parts and depots, got others")
    demand = estimate_demand(scenario)
    model = build_model(
        scenario,
        demand,
        plan.grades,
        lot=plan.order_quantity,
        least_levels=plan.base_stock,
    )
    model = settled(model, plan.base_stock)
    result = assess(model, plan.base_stock)
    kept = 1 - result.use[: len(scenario.tiers)]
    promises = [scenario.promise_of(tier) for tier in scenario.tier_ids]
    costs = pd.DataFrame({"cost": list(result.costs), "per_year": list(result.costs.values())})
    return Performance(
        promises=pd.DataFrame(
            {
                "tier": scenario.tier_ids,
                "within_hours": [promise.within * 24 for promise in promises],
                "share_promised": [promise.share for promise in promises],
                "share_modelled": kept,
                "calls_per_year": calls_per_day(demand) * 365,
            }
        ),
        depots=_depots(model, result),
        cells=_cells(model, plan, result),
        costs=costs,
        parts=_parts(model, plan, result),
    )


def _depots(model: EvaluationModel, result: Assessment) -> pd.DataFrame:
    """Average over the parts that the machines of each depot take."""
    rate = model.demand.depot_rate
    total = rate.sum(axis=0)
    total = np.where(total > 0, total, np.nan)
    waits = result.own_backorders.sum(axis=0) / total * 24
    filled = np.nansum(result.own_fill_rate * rate, axis=0) / total
    table = pd.DataFrame(
        {"depot": model.scenario.depot_ids, "fill_rate": filled, "waiting_time_hours": waits}
    )
    if model.emergency is not None:
        table["emergency_share"] = result.shipped.sum(axis=(0, 1)) / total
    return table


def _cells(model: EvaluationModel, plan: Plan, result: Assessment) -> pd.DataFrame:
    rate = model.network_rate
    P, D = rate.shape
    table = pd.DataFrame(
        {
            "part": np.repeat(np.array(plan.part_ids, dtype=object), D),
            "depot": list(plan.depot_ids) * P,
            "demand_per_year": rate.ravel() * 365,
            "base_stock": plan.base_stock.ravel(),
            "expected_backorders": result.backorders.ravel(),
            "fill_rate": result.fill_rate.ravel(),
            "waiting_time_hours": result.waiting_time.ravel() * 24,
            "on_hand": result.on_hand.ravel(),
        }
    )
    if model.emergency is not None:
        for name, shipped in zip(("central", "outside"), result.shipped, strict=True):
            table[f"from_{name}_per_year"] = shipped.ravel() * 365
    return table


def _parts(model: EvaluationModel, plan: Plan, result: Assessment) -> pd.DataFrame:
    holding = model.holding * result.on_hand.sum(axis=1)
    costs = {"holding": holding, **model.fixed_part_costs, **result.part_costs}
    levels = {"base_stock": plan.base_stock.sum(axis=1), "orders_per_year": model.order_rate}
    table = pd.DataFrame({"part": plan.part_ids, **levels, **costs})
    return table.assign(cost=sum(costs.values()))

"""A plan with its certificate: from a scenario to arrays, and from a decision to a plan."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from partsim.model.demand import Demand
from partsim.model.plan import Certificate, Plan
from partsim.model.scenario import Scenario
from partsim.optimisation.assessment import assess, reaching, read_rows
from partsim.optimisation.central_demand import Bypass
from partsim.optimisation.decision import Decision
from partsim.optimisation.economic_lots import economic_lots
from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.grade_rows import grade_rows
from partsim.optimisation.pool import Pick
from partsim.optimisation.targets import set_targets

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def build_model(
    scenario: Scenario,
    demand: Demand,
    grades: tuple[str, ...],
    *,
    allowed_miss: Floats | None = None,
    lot: Ints | None = None,
    least_levels: Ints | None = None,
) -> EvaluationModel:
    """
    Bring a scenario into the arrays that options are evaluated with.

    Parameters
    ----------
    scenario, demand
        The question and its demand.
    grades : tuple of str
        Grade of each part.
    allowed_miss : ndarray of float, shape (tier,) or longer, optional
        See `optimise`.
    lot : ndarray of int, shape (part, depot), optional
        Order quantities; by default economic lots at depots that suppliers deliver to.
    least_levels : ndarray of int, shape (part, depot), optional
        Levels that the tables must reach.

    Returns
    -------
    EvaluationModel
        Evaluates lazily.

    Raises
    ------
    ValueError
        If the scenario does not have a grade.
    """
    shape = (len(scenario.parts), len(scenario.depots))
    for grade in set(grades):
        scenario.grade_rules(grade)
    model = EvaluationModel(
        scenario=scenario,
        demand=demand,
        targets=set_targets(scenario, demand, allowed_miss),
        grade=np.array([scenario.grade_ids.index(grade) for grade in grades]),
        lot=np.ones(shape, dtype=np.int64) if lot is None else lot,
        least_levels=np.zeros(shape, dtype=np.int64) if least_levels is None else least_levels,
        bypass=Bypass.none(shape),
    )
    return model if lot is not None else replace(model, lot=economic_lots(model))


def certified_plan(
    model: EvaluationModel, decision: Decision, start: float, *, base_stock: Ints | None = None
) -> Plan:
    """
    Make a plan of a decision, with its certificate.

    Parameters
    ----------
    model : EvaluationModel
        What was decided on.
    decision : Decision
        By `decide`.
    start : float
        When the search began, on `time.process_time` [seconds].
    base_stock : ndarray of int, shape (part, depot), optional
        The levels, where they are not those of the decision.

    Returns
    -------
    Plan
        Its cost and rows by `assess`.
    """
    if base_stock is None:
        base_stock = levels_of(model, decision.picks)
    proof = assess(reaching(model, base_stock), base_stock)
    best = decision.best + model.targets.constant
    certificate = Certificate(
        plan_cost=proof.plan_cost,
        # No cost is negative: a bound below 0, of a search just begun, proves 0.
        lower_bound=max(decision.bound + sum(model.fixed_costs.values()), 0.0),
        rows=read_rows(model, proof.use, best, decision.prices) + grade_rows(model),
        seconds=time.process_time() - start,
        out_of_time=decision.out_of_time,
    )
    return bare_plan(model, base_stock, certificate)


def bare_plan(
    model: EvaluationModel, base_stock: Ints, certificate: Certificate | None = None
) -> Plan:
    """Make a plan of levels, at the grades and lots of the model."""
    return Plan(
        part_ids=model.scenario.part_ids,
        depot_ids=model.scenario.depot_ids,
        grades=model.grades,
        base_stock=base_stock,
        order_quantity=model.lot,
        certificate=certificate,
        grade_ids=model.scenario.grade_ids,
    )


def levels_of(model: EvaluationModel, picks: list[Pick]) -> Ints:
    """Give the base stock of picks, shape (part, depot)."""
    base_stock = np.zeros(model.lot.shape, dtype=np.int64)
    all_picks = [*picks, *(region for pick in picks for region in pick.regions)]
    fields = {d: RootNetwork(model, d).fields for d in {pick.root for pick in all_picks}}
    for pick in all_picks:
        base_stock[pick.part, pick.root] = pick.central_level
        base_stock[pick.part, fields[pick.root]] = pick.levels
    return base_stock

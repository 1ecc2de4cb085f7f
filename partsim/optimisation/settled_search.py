"""The search of a plan whose demand on the roots agrees with its own emergency shipments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.model.plan import Plan
from partsim.optimisation.assessment import assess, reaching
from partsim.optimisation.certified_plans import certified_plan, levels_of
from partsim.optimisation.decision import Decision, decide
from partsim.optimisation.evaluation_model import EvaluationModel
from partsim.optimisation.pool import OptionPool
from partsim.optimisation.settled_demand import settled

Ints = NDArray[np.int64]

_ROUNDS = 6
_CLOSE = 1e-3
"""A plan that costs so little more than the best at its own demand is left as it is."""


@dataclass(frozen=True, eq=False)
class _Candidate:
    """Levels at their own demand on the roots, with what was decided there."""

    model: EvaluationModel
    decision: Decision
    base_stock: Ints
    excess: float
    cost: float


def search(model: EvaluationModel, deadline: float, start: float) -> Plan:
    """
    Search a plan, and prove a bound.

    Where emergency shipments keep demand from the roots, levels are decided at the demand that
    the plan before them leaves, first at all demand, until a plan is the best at its own demand.
    The bound holds for all plans at that demand.

    Parameters
    ----------
    model : EvaluationModel
        All demand reaches its roots.
    deadline : float
        As for `decide`, of each round.
    start : float
        When the search began, on `time.process_time` [seconds].

    Returns
    -------
    Plan
        With its certificate.

    Raises
    ------
    SolverFailed
        If HiGHS gives no answer.
    """
    decision = decide(OptionPool(model), deadline)
    if model.emergency is None:
        return certified_plan(model, decision, start)
    found: list[_Candidate] = []
    base_stock = levels_of(model, decision.picks)
    for _ in range(_ROUNDS):
        found.append(_candidate(settled(model, base_stock), base_stock, deadline))
        if _is_best(found[-1]) or found[-1].decision.out_of_time:
            break
        base_stock = levels_of(model, found[-1].decision.picks)
    # The first kept the targets at more demand, and so keeps them at its own.
    best = min(found, key=lambda one: (one.excess, one.cost))
    return certified_plan(best.model, best.decision, start, base_stock=best.base_stock)


def _candidate(model: EvaluationModel, base_stock: Ints, deadline: float) -> _Candidate:
    decision = decide(OptionPool(model), deadline)
    own = assess(reaching(model, base_stock), base_stock)
    limit = model.targets.limit
    over = (own.use - limit - 1e-9 * np.abs(limit) - 1e-12) / np.maximum(np.abs(limit), 1e-12)
    return _Candidate(model, decision, base_stock, max(0.0, float(over.max())), own.plan_cost)


def _is_best(one: _Candidate) -> bool:
    """Tell whether levels are decided on again, or nearly as cheap at the same demand."""
    if (levels_of(one.model, one.decision.picks) == one.base_stock).all():
        return True
    cost = one.decision.cost + sum(one.model.fixed_costs.values())
    return one.excess == 0 and one.cost <= cost + _CLOSE * abs(cost)

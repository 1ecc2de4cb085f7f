"""What a scenario's grades cost: its plan, free grades, other grades, a decision for every part."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from partsim.model.grading_price import Graded, GradingPrice
from partsim.model.plan import Plan
from partsim.model.scenario import Scenario
from partsim.optimisation.free_grades import (
    FreeGrades,
    bound_of_grades,
    certificate_of,
    plan_at_grades,
    search_free_grades,
)

Floats = NDArray[np.float64]


def compare_gradings(
    scenario: Scenario,
    plan: Plan,
    *,
    others: Mapping[str, tuple[str, ...]] | None = None,
    allowed_miss: Floats | None = None,
    deadline: float = np.inf,
) -> GradingPrice | None:
    """
    Price the grades of a plan.

    A decision for every part knows nothing of what grades carry, their least fill rates: for each
    part any of the ways to approve and review its orders that are open to it, and any stock. What
    people can manage, the rules for some parts and all targets hold for it too.

    Parameters
    ----------
    scenario : Scenario
        The question.
    plan : Plan
        From `optimise`.
    others : mapping of str to tuple of str, optional
        More gradings to compare with, by what they are called: the grade of each part. Their
        stock is chosen anew for the same targets.
    allowed_miss : ndarray of float, shape (tier,) or longer, optional
        What the plan was made for, as for `optimise`.
    deadline : float
        When to end each search with its best so far, on `time.monotonic` [seconds].

    Returns
    -------
    GradingPrice or None
        None if no grades that were tried keep all targets: then nothing compares.

    Examples
    --------
    >>> from partsim import optimise, read_scenario
    >>> case = read_scenario("scenarios/first_steps.yaml")
    >>> price = compare_gradings(case, optimise(case))
    >>> [way.grading for way in price.all]
    ['rule weights', 'free grades', 'a decision for every part']
    >>> price.plan.cost > price.free.cost > price.every_part.cost
    True
    """
    found = search_free_grades(scenario, allowed_miss=allowed_miss, deadline=deadline)
    if certificate_of(found.free).missed:
        return None
    own = _graded(f"rule {scenario.grading.name}", plan)
    free, more = _graded("free grades", found.free), []
    if scenario.grading.rule == "free":
        free = own
        more.append(_graded(f"rule {scenario.grading.scored_by}", found.by_rule))
    for name, grades in (others or {}).items():
        other = plan_at_grades(scenario, grades, allowed_miss=allowed_miss, deadline=deadline)
        more.append(_graded(name, other))
    least = _every_part(scenario, found, allowed_miss, deadline)
    every_part = Graded("a decision for every part", least)
    return GradingPrice(plan=own, free=free, others=tuple(more), every_part=every_part)


def _graded(grading: str, plan: Plan) -> Graded:
    proof = certificate_of(plan)
    missed = tuple(row.name for row in proof.missed)
    return Graded(grading, proof.plan_cost, plan.grades, missed)


def _every_part(
    scenario: Scenario, found: FreeGrades, allowed_miss: Floats | None, deadline: float
) -> float:
    """Bound the cost without grades' fill rates and prices of waiting; those of rules stay."""
    rules = scenario.grading.grades
    if not any(grade.min_fill_rate or grade.wait_price for grade in rules.values()):
        return found.lower_bound
    none = {"min_fill_rate": 0.0, "wait_price": 0.0}
    plain = {name: grade.model_copy(update=none) for name, grade in rules.items()}
    grading = scenario.grading.model_copy(update={"grades": plain})
    bare = scenario.model_copy(update={"grading": grading})
    bound = bound_of_grades(bare, found.prices, allowed_miss=allowed_miss)
    if found.prices.all():
        return bound
    # Where what grades carry keeps a target, it has no price, and its bound says little.
    return max(
        bound, search_free_grades(bare, allowed_miss=allowed_miss, deadline=deadline).lower_bound
    )

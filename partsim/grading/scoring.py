"""Grade every part by the scenario's rule."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partsim.grading.cuts import cheapest_cuts, cuts_by_shares, place
from partsim.grading.facts import PartFacts, facts_of
from partsim.grading.part_costs import cost_alone
from partsim.grading.rules import RULES
from partsim.model.plan import Grading
from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]

WITHOUT_CUTS = 0.95
"""Fill rate that cuts are made for where the rule free leaves them out."""


def grade_parts(scenario: Scenario) -> Grading:
    """
    Grade every part by the scenario's rule of grading.

    The rule gives each part a score from 0 to 1; grades begin at the cuts, which are given, or
    follow from shares or from cost (`partsim.grading.cuts`). Where the grading's rules for some
    parts do not leave a part the grade of its score, it gets the nearest that they leave, of two
    the stricter. With the rule free these are the grades that free ones are compared with: the
    plan has those (`partsim.optimisation.free_grades`).

    Parameters
    ----------
    scenario : Scenario
        The question.

    Returns
    -------
    Grading
        Grade, score and scaled criteria of each part, and the cuts.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> grade_parts(read_scenario("scenarios/first_steps.yaml")).grades
    ('A', 'C')
    """
    facts = facts_of(scenario)
    scored = RULES[scenario.grading.scored_by](facts, scenario.grading)(facts)
    cuts = _cuts(scenario, facts, scored.scores)
    by_score = place(scored.scores, cuts)
    names = np.array(scenario.grade_ids, dtype=object)
    return Grading(
        part_ids=scenario.part_ids,
        grades=tuple(names[nearest_allowed(by_score, scenario.allowed_grades)]),
        scores=scored.scores,
        criteria=scored.criteria,
        cuts=dict(zip(scenario.grade_ids, cuts, strict=False)),
        by_score=tuple(names[by_score]),
    )


def nearest_allowed(grade: NDArray[np.int64], allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """
    Move parts to the nearest grade that is open to them, of two to the stricter.

    Parameters
    ----------
    grade : ndarray of int, shape (part,)
        0 is the strictest.
    allowed : ndarray of bool, shape (part, grade)
        At least one for each part.

    Returns
    -------
    ndarray of int, shape (part,)
        `grade` where it is allowed.

    Examples
    --------
    >>> nearest_allowed(np.array([0, 1, 2]), np.array([[0, 1, 1], [1, 0, 1], [1, 1, 1]]) > 0)
    array([1, 0, 2])
    """
    distance = np.abs(np.arange(allowed.shape[1]) - grade[:, None]).astype(float)
    return np.asarray(np.where(allowed, distance, np.inf).argmin(axis=1))


def _cuts(scenario: Scenario, facts: PartFacts, scores: Floats) -> list[float]:
    """Give the least score of each grade but the last."""
    rules, grades = scenario.grading, scenario.grade_ids[:-1]
    if rules.part_shares:
        shares = [rules.part_shares[grade] for grade in grades]
        return cuts_by_shares(scores, shares, np.ones_like(scores))
    if rules.value_shares:
        shares = [rules.value_shares[grade] for grade in grades]
        return cuts_by_shares(scores, shares, facts.value)
    if rules.cuts or not grades:
        return [rules.cuts[grade] for grade in grades]
    # Free grades need no cuts; what they are compared with is then cut at least cost.
    rate = WITHOUT_CUTS if rules.cut_fill_rate is None else rules.cut_fill_rate
    costs = [cost_alone(facts, grade, rate) for grade in rules.grades.values()]
    return cheapest_cuts(scores, np.column_stack(costs))

"""What each part would cost in each grade, alone: what cuts are optimised for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtr, pdtrik

from partsim.grading.facts import PartFacts
from partsim.model.grading_rules import GradeRules

Floats = NDArray[np.float64]


def cost_alone(facts: PartFacts, grade: GradeRules, fill_rate: float) -> Floats:
    """
    Estimate what each part costs per year in a grade, kept alone at one place.

    Ordering and approval of economic lots, control loss, and holding of the least stock that
    meets the fill rate and is worth the grade's price of waiting, under Poisson demand over
    approval and lead time; half a lot less a half on top. The network, promises and demand that
    is more even are left out: it ranks grades.

    Parameters
    ----------
    facts : PartFacts
        The parts.
    grade : GradeRules
        How they are managed.
    fill_rate : float
        Share of demand met from the shelf, below 1, if the grade's own is not more.

    Returns
    -------
    ndarray of float, shape (part,)
        Money per year; 0 without use.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> from partsim.grading.facts import facts_of
    >>> case = read_scenario("scenarios/first_steps.yaml")
    >>> slow, quick = (cost_alone(facts_of(case), case.grade_rules(g), 0.9) for g in "AC")
    >>> (slow > quick).tolist()  # what a week and 200 of approval cost the pump and the seal
    [False, True]
    """
    lot = facts.lot(grade.approval_cost)
    orders = facts.use / lot
    mean = facts.use / 365 * (grade.approval_time + facts.lead_time)
    least = _least_met(max(fill_rate, grade.min_fill_rate), np.maximum(mean, 1e-12)) + 1
    level = np.maximum(least, _worth_keeping(facts, grade, mean))
    below = np.where(level > 1, pdtr(np.maximum(level - 2, 0), mean), 0.0)
    on_hand = level * pdtr(level - 1, mean) - mean * below + (lot - 1) / 2
    cost = (
        orders * (facts.order_cost + grade.approval_cost)
        + grade.control_loss * facts.value
        + facts.holding_cost * on_hand
    )
    return np.where(facts.use > 0, cost, 0.0)


def _least_met(share: float | Floats, mean: Floats) -> Floats:
    """Give the least k with P(X <= k) >= share for Poisson X; `pdtrik` may be off by rounding."""
    k = np.ceil(pdtrik(share, mean))
    lower = np.maximum(k - 1, 0)
    return np.where(pdtr(lower, mean) >= share, lower, k)


def _worth_keeping(facts: PartFacts, grade: GradeRules, mean: Floats) -> Floats:
    """Give the least level beyond which a unit costs more than the waiting that it saves."""
    if not grade.wait_price:
        return np.zeros(len(mean))
    late = np.minimum(facts.holding_cost / (365 * grade.wait_price), 1.0)
    return np.where(late < 1, _least_met(1 - late, np.maximum(mean, 1e-12)), 0.0)

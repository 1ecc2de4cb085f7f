"""Grades A, B and C by a weighted score of criteria."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partsim.model.plan import Grading
from partsim.model.scenario import Scenario

_DIFFICULTY = {"low": 0.0, "medium": 0.5, "high": 1.0}


def grade_parts(scenario: Scenario) -> Grading:
    """
    Grade every part by price, wear, outsourcing and difficulty.

    Each criterion is scaled from 0 to 1 over the scenario's parts: the logarithms of price and
    of wear rate (one over mean life) linearly between their least and greatest, outsourced 0 or
    1, difficulty 0, 0.5 or 1; a criterion that all parts share is 0. The score is the mean with
    the scenario's weights [1]_; grades begin at its cuts.

    Parameters
    ----------
    scenario : Scenario
        The question, with weights and cuts.

    Returns
    -------
    Grading
        Grade, score and scaled criteria of each part.

    References
    ----------
    .. [1] B. E. Flores and D. C. Whybark, Multiple criteria ABC analysis, International Journal
       of Operations and Production Management 6 (1986) 38-46.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> grade_parts(read_scenario("scenarios/first_steps.yaml")).grades
    ('A', 'C')
    """
    parts = scenario.parts.values()
    lives = np.array([part.lifetime.distribution.mean for part in parts])
    criteria = {
        "price": _scaled(np.log(scenario.prices)),
        "wear": _scaled(-np.log(lives)),
        "outsourced": np.array([float(scenario.is_outsourced(part)) for part in scenario.parts]),
        "difficulty": np.array([_DIFFICULTY[part.difficulty] for part in parts]),
    }
    weights = scenario.grading.weights.model_dump()
    total = sum(weights.values())
    scores = sum(
        (weights[name] / total * values for name, values in criteria.items()),
        start=np.zeros(len(lives)),
    )
    return Grading(
        part_ids=scenario.part_ids,
        grades=tuple(_grade(scenario, float(score)) for score in scores),
        scores=scores,
        criteria=criteria,
    )


def _scaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale from 0 (least) to 1 (greatest); all 0 where there is no difference."""
    spread = float(np.ptp(values))
    return (values - values.min()) / spread if spread > 0 else np.zeros_like(values)


def _grade(scenario: Scenario, score: float) -> str:
    # The scores are sums of products: a part that stands exactly on a cut must not fall below
    # it by a rounding error.
    score += 1e-12
    *cut, last = scenario.grade_ids
    return next((grade for grade in cut if score >= scenario.grading.cuts[grade]), last)

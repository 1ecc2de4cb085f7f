"""Second letters of a part: VED by criticality, XYZ by how evenly it is used."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partsim.grading.facts import CRITICALITIES, PartFacts
from partsim.lifetimes import Fixed
from partsim.lifetimes.renewal import pipeline_variance_ratios
from partsim.model.ordered_units import ordered_units
from partsim.model.scenario import Scenario
from partsim.model.units import DAYS

EVEN, UNEVEN = 0.5, 1.0
"""Coefficients of variation of the monthly use up to which a part is X, and up to which Y."""


def second_letters(scenario: Scenario, facts: PartFacts) -> tuple[str, ...]:
    """
    Give two letters for each part: V, E or D, then X, Y or Z.

    X, Y and Z stand for a coefficient of variation of the units used in a month, over all
    machines, of at most 0.5, at most 1, and more; parts that nobody uses are Z. The variance is
    that of renewals over a month in equilibrium, or that of the orders.

    Parameters
    ----------
    scenario : Scenario
        For the lifetimes.
    facts : PartFacts
        Of its parts.

    Returns
    -------
    tuple of str
        Such as ``VX``.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> from partsim.grading.facts import facts_of
    >>> case = read_scenario("scenarios/first_steps.yaml")
    >>> second_letters(case, facts_of(case))
    ('EY', 'EX')
    """
    lives = [part.upkeep.lifetime for part in scenario.parts.values() if part.lifetime]
    month = DAYS["months"]
    orders = ordered_units(scenario)
    rate = orders.rate.sum(axis=2)
    ratio = (rate * orders.ratio).sum(axis=1) / np.where(rate.any(axis=1), rate.sum(axis=1), 1.0)
    ratio[~scenario.demand_parts] = pipeline_variance_ratios(lives, [Fixed(month)] * len(lives))
    spread = _variation(facts.use / 365 * month, ratio)
    evenness = np.where(spread <= EVEN, "X", np.where(spread <= UNEVEN, "Y", "Z"))
    words = (CRITICALITIES[c] for c in facts.criticality)
    return tuple(word[0].upper() + str(xyz) for word, xyz in zip(words, evenness, strict=True))


def _variation(mean: NDArray[np.float64], ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give standard deviation over mean of counts with a variance ratio; infinite without any."""
    never = np.full_like(mean, np.inf)
    return np.sqrt(np.divide(ratio, mean, out=never, where=mean > 0))

"""Lead times: from the order of a depot to the receipt, by mean and variance of all on the way."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from partsim.lifetimes import Duration, Fixed, Gamma, Shifted
from partsim.model.scenario import Scenario
from partsim.model.supply import Part

Moments = tuple[float, float]
"""Mean [days] and variance [days squared]."""


def supply_lead_times(scenario: Scenario, grades: Sequence[str]) -> list[Duration]:
    """
    Give the lead time from order to receipt of each part at a depot that suppliers deliver to.

    Where a supplier is disrupted, stock is reviewed from time to time, or used units are
    repaired, it is the gamma distribution of the mean and variance of what an order meets, by
    itself; queues are not in it (`partsim.model.beyond_formulas`).

    Parameters
    ----------
    scenario : Scenario
        The question.
    grades : sequence of str
        Grade of each part: sets the approval time that comes before the supplier's lead time.

    Returns
    -------
    list of Duration
        One for each part.
    """
    return [
        _lead_time(scenario, part, grade)
        for part, grade in zip(scenario.parts.values(), grades, strict=True)
    ]


def orders_cross(scenario: Scenario, grades: Sequence[str]) -> NDArray[np.bool_]:
    """
    Tell whose orders to suppliers have lead times of their own, and may overtake each other.

    Parameters
    ----------
    scenario : Scenario
        The question.
    grades : sequence of str
        Grade of each part.

    Returns
    -------
    ndarray of bool, shape (part,)
        False for fixed lead times, and where what makes an order late makes others late as well:
        a supplier that keeps the sequence, works on so many orders at once or is disrupted,
        orders of one review, and units in repair.
    """
    return np.array(
        [
            _crosses(scenario, part, grade)
            for part, grade in zip(scenario.parts.values(), grades, strict=True)
        ]
    )


def _crosses(scenario: Scenario, part: Part, grade: str) -> bool:
    supplier, rules = scenario.suppliers[part.supplier], scenario.grade_rules(grade)
    together = supplier.sequential or supplier.capacity or supplier.disruptions
    if together or part.repair or rules.review_period:
        return False
    return supplier.lead_time.distribution.variance > 0


def _lead_time(scenario: Scenario, part: Part, grade: str) -> Duration:
    supplier, rules = scenario.suppliers[part.supplier], scenario.grade_rules(grade)
    lead_time: Duration = supplier.lead_time.distribution
    if supplier.disruptions or part.repair or rules.review_period:
        moments = lead_time.mean, lead_time.variance
        if supplier.disruptions:
            lasting = supplier.disruptions.lasting.distribution
            moments = disrupted(moments, supplier.disruptions.every, lasting)
        if part.repair:
            # New units that replace condemned ones are approved; repairs are not.
            moments = _repaired(part, moments, rules.approval_time)
        if rules.review_period:
            # An order waits for the next review, uniformly.
            moments = moments[0] + rules.review_period / 2, moments[1] + rules.review_period**2 / 12
        lead_time = _of_moments(*moments)
    return lead_time if part.repair else Shifted(lead_time, rules.approval_time)


def disrupted(work: Moments, every: float, lasting: Duration) -> Moments:
    """
    Give mean and variance of the time that a work takes which disruptions interrupt.

    Disruptions begin after exponential times of work. A work that arrives during one waits for
    its end; the number of them during the work is Poisson.

    Parameters
    ----------
    work : (float, float)
        Mean and variance of the work [days, days squared].
    every : float
        Mean time from the end of a disruption to the beginning of the next [days].
    lasting : Duration
        How long one lasts.

    Returns
    -------
    (float, float)
        Mean and variance from arrival to end; exact but for the third moment of the
        duration of a disruption, which is taken as a gamma's.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential
    >>> work = disrupted((10.0, 0.0), every=100.0, lasting=Exponential(mean=10.0))
    >>> [round(moment, 9) for moment in work]
    [11.909090909, 37.355371901]
    """
    mean, variance = work
    last, square = lasting.mean, lasting.variance + lasting.mean**2
    cube = square * (last + 2 * lasting.variance / last)  # third moment of a gamma
    down = last / (every + last)
    left, left_square = down * square / (2 * last), down * cube / (3 * last)
    total = left + mean * (1 + last / every)
    spread = left_square - left**2 + variance * (1 + last / every) ** 2 + mean / every * square
    return total, spread


def _repaired(part: Part, bought: Moments, approval_time: float) -> Moments:
    """Mix the moments of a repair with those of a new unit for a condemned one."""
    assert part.repair is not None  # the caller has looked
    work, share = part.repair.work_time.distribution, part.repair.condemned
    back = part.repair.return_time.distribution if part.repair.return_time else Fixed(0.0)
    ways = (
        (1 - share, (work.mean, work.variance)),
        (share, (bought[0] + approval_time, bought[1])),
    )
    mean = sum(chance * of[0] for chance, of in ways)
    square = sum(chance * (of[1] + of[0] ** 2) for chance, of in ways)
    return back.mean + mean, back.variance + max(square - mean**2, 0.0)


def _of_moments(mean: float, variance: float) -> Duration:
    """Give a duration of this mean and variance; a fixed one where it hardly varies."""
    cv = sqrt(variance) / mean if mean > 0 else 0.0
    return Gamma.from_cv(mean, cv) if cv > 0.01 else Fixed(mean)

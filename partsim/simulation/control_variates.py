"""Control variates: what the lead times that happened to be drawn tell of each replication."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.simulation.replication import Record
from partsim.simulation.statistics import Sample

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]

FEWEST_FOR_CONTROL = 15
"""Replications from which on a control is used. Its slope is estimated too: where it explains
nothing, that widens intervals by sqrt((n - 2) / (n - 3)) [1]_ times the ratio of the t quantiles,
from here on by less than 5 %. Whether it helped is not asked: that would bias the estimates.

.. [1] S. S. Lavenberg and P. D. Welch, A perspective on the use of control variables to increase
   the efficiency of Monte Carlo simulations, Management Science 27 (1981) 322-335."""


def sample_of(scenario: Scenario, records: Sequence[Record]) -> Sample:
    """
    Weigh replications by the money that was late in them, for reasons that no plan decides.

    Parameters
    ----------
    scenario : Scenario
        What was played.
    records : sequence of Record
        One for each replication.

    Returns
    -------
    Sample
        Alike for few replications, and where no lead time is random.
    """
    return controlled([late_money(scenario, record) for record in records])


def late_money(scenario: Scenario, record: Record) -> float:
    """
    Give the price of what came later than the mean lead time says, times the days, in one window.

    Its mean is exactly 0 whatever the plan and the rules of supply: when a lead time is drawn, all
    that decides what is ordered, and whether it counts, has happened.
    """
    return float(scenario.prices @ record.lateness)


def controlled(control: ArrayLike) -> Sample:
    """
    Weigh replications so that a control variate of mean 0 is 0 over them too.

    Regression on a control is a weighing of the replications that no outcome decides [1]_. Where
    it would count one of them as less than none, the sample is odd: then that one counts as none,
    and the others as near to alike as they can [2]_.

    Parameters
    ----------
    control : array of float, shape (replication,)
        Its value in each replication.

    Returns
    -------
    Sample
        Alike where they are fewer than `FEWEST_FOR_CONTROL`, or their controls not of both signs.

    References
    ----------
    .. [1] T. C. Hesterberg and B. L. Nelson, Control variates for probability and quantile
       estimation, Management Science 44 (1998) 1295-1312.
    .. [2] J.-C. Deville and C.-E. Särndal, Calibration estimators in survey sampling, Journal of
       the American Statistical Association 87 (1992) 376-382.

    Examples
    --------
    >>> late = np.array([-1.0, 2.0, -3.0, 3.0, 5.0] * 3)
    >>> sample = controlled(late)
    >>> sample.weights[:5].round(3), bool(abs(sample.average(late)) < 1e-12)
    (array([1.324, 0.882, 1.618, 0.735, 0.441]), True)
    """
    x = np.asarray(control, float)
    if len(x) < FEWEST_FOR_CONTROL or not x.min() < 0 < x.max():
        return Sample.alike(len(x))
    counted = np.ones(len(x), bool)
    while (weights := _linear(x, counted)).min() < 0:
        counted &= weights > 0
    return Sample(weights, x - x.mean())


def _linear(control: Floats, counted: NDArray[np.bool_]) -> Floats:
    """Weigh those that count by a line over the control: of mean 1 over all, and weighted 0."""
    x = control[counted]
    away = x - x.mean()
    weights = np.zeros(len(control))
    weights[counted] = len(control) * (1 / len(x) - x.mean() * away / (away @ away))
    return weights

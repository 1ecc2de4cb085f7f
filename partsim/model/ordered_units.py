"""Units that customers order of parts without lifetimes, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.model.scenario import Scenario


@dataclass(frozen=True, eq=False)
class OrderedUnits:
    """
    Rows of demand as arrays.

    Attributes
    ----------
    rate : ndarray of float, shape (part, depot, tier)
        Units per day; 0 for parts with a lifetime.
    ratio : ndarray of float, shape (part, depot)
        Variance over mean of the units over any time, 1 or more; 1 without demand. Where several
        customer groups order a part at one depot it is that of all together, their mean by rate.
    """

    rate: NDArray[np.float64]
    ratio: NDArray[np.float64]


def ordered_units(scenario: Scenario) -> OrderedUnits:
    """
    Add up the rows of a scenario's demand.

    Parameters
    ----------
    scenario : Scenario
        The question.

    Returns
    -------
    OrderedUnits
        On the axes of the scenario.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> ordered_units(read_scenario("scenarios/first_steps.yaml")).ratio.max()
    np.float64(1.0)
    """
    part = {name: p for p, name in enumerate(scenario.part_ids)}
    depot = {name: d for d, name in enumerate(scenario.depot_ids)}
    tier = {
        group: t for t, entry in enumerate(scenario.tiers.values()) for group in entry.customers
    }
    rate = np.zeros((len(part), len(depot), len(scenario.tiers)))
    variance = np.zeros(rate.shape[:2])
    for row in scenario.demand:
        p, d = part[row.part], depot[row.depot]
        rate[p, d, tier[row.customers]] += row.rate
        variance[p, d] += row.rate * row.variance_to_mean
    total = rate.sum(axis=2)
    ratio = np.divide(variance, total, out=np.ones_like(total), where=total > 0)
    return OrderedUnits(rate, ratio)

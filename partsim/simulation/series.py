"""Time series: the calls of each tier by month, or by longer periods of long simulations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.model.units import DAYS
from partsim.simulation.call_log import ROUNDING, CallLog

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]

MONTH = DAYS["months"]
"""Days of a month, a twelfth of a year."""
MOST_PERIODS = 60
_MONTHS = (1, 2, 3, 6, 12)
"""Lengths of a period, then years."""
SERIES_SUMS = ("calls", "kept", "response")
"""What is counted in each period: calls, those that keep their promise, and their times [days]."""


def period_edges(start: float, end: float) -> Floats:
    """
    Give the moments between which calls are counted together.

    Parameters
    ----------
    start, end : float
        The measured window [days].

    Returns
    -------
    ndarray of float, shape (period + 1,)
        From start to end in steps of so many months that there are `MOST_PERIODS` at most; the
        last one may be shorter [days].

    Examples
    --------
    >>> period_edges(365.0, 365.0 + 75).round(1)
    array([365. , 395.4, 425.8, 440. ])
    >>> [len(period_edges(0.0, 365.0 * years)) - 1 for years in (1, 5, 6, 30, 61, 1000)]
    [12, 60, 36, 60, 31, 59]
    """
    window = end - start
    lengths = (*_MONTHS, *(12 * years for years in range(2, int(window // 365) + 3)))
    # A whole number of periods is one but for rounding.
    months = next(n for n in lengths if window <= n * MONTH * MOST_PERIODS * (1 + 1e-12))
    count = int(np.ceil(window / (months * MONTH) - 1e-9))
    return np.append(start + np.arange(count) * months * MONTH, end)


class CallSeries:
    """
    Calls counted by the period in which they come.

    Parameters
    ----------
    scenario : Scenario
        What is played.
    start, end : float
        The measured window [days].

    Attributes
    ----------
    sums : ndarray of float, shape (period, tier, len(SERIES_SUMS))
        What is counted, tiers in the order of the scenario.
    """

    def __init__(self, scenario: Scenario, start: float, end: float) -> None:
        self._scenario = scenario
        self._edges = period_edges(start, end)
        tiers = scenario.tier_ids
        self._within = np.array([scenario.promise_of(tier).within for tier in tiers]) + ROUNDING
        self.sums = np.zeros((len(self._edges) - 1, len(tiers), len(SERIES_SUMS)))

    def of_fleet(self, fleet: int) -> Callable[[CallLog], None]:
        """Give what counts the calls of a fleet's machines."""
        phases = self._scenario.tier_phases[fleet]
        tiers = np.array([self._scenario.tier_ids.index(tier) for tier in phases.tiers])
        return lambda log: self._take(log, tiers[phases.at(log.machine, log.began)])

    def of_tier(self, tier: str) -> Callable[[CallLog], None]:
        """Give what counts the calls of customers who are always in one tier."""
        number = self._scenario.tier_ids.index(tier)
        return lambda log: self._take(log, np.full(len(log.began), number))

    def _take(self, log: CallLog, tiers: NDArray[np.int64]) -> None:
        """Count some calls; those before the window are in no period."""
        period = np.searchsorted(self._edges, log.began, side="right") - 1
        measured = period >= 0
        response = log.response[measured]
        kept = response <= self._within[tiers[measured]]
        counted = np.column_stack([np.ones(len(response)), kept, response])
        np.add.at(self.sums, (period[measured], tiers[measured]), counted)

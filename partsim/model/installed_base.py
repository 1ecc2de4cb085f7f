"""Installed base: when the machines of a fleet come and go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from partsim.model.rules import SimulationRules
    from partsim.model.service import Fleet

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class InstalledBase:
    """
    The machines of a fleet, in days from the start of the simulation.

    Attributes
    ----------
    delivered : ndarray of float, shape (machine,)
        When each machine came, new; before 0 for those there at the start, minus infinity for
        those in equilibrium, whose age nobody knows.
    retires : ndarray of float, shape (machine,)
        When it goes; infinite for never.

    Examples
    --------
    >>> base = InstalledBase(np.array([-np.inf, -100.0, 50.0]), np.array([np.inf, 265.0, np.inf]))
    >>> base.machine_days(0.0, 365.0)
    array([365., 265., 315.])
    >>> base.size(100.0)
    3
    """

    delivered: Floats
    retires: Floats

    @property
    def is_stationary(self) -> bool:
        """Whether nobody knows the ages, nothing comes and nothing goes."""
        return bool(np.isneginf(self.delivered).all() and np.isposinf(self.retires).all())

    def machine_days(self, begin: float, end: float) -> Floats:
        """Give the time between two moments that each machine is there [days]."""
        there = np.minimum(self.retires, end) - np.maximum(self.delivered, begin)
        return np.asarray(np.maximum(there, 0.0))

    def size(self, time: float) -> int:
        """Count the machines that are there at a moment."""
        return int(np.count_nonzero((self.delivered <= time) & (time < self.retires)))

    def until(self, times: Floats) -> InstalledBase:
        """Give the machines as if each went at a time of its own, if it has not gone before."""
        return InstalledBase(self.delivered, np.minimum(self.retires, times))

    def __len__(self) -> int:
        return len(self.delivered)


def installed_base(fleet: Fleet, rules: SimulationRules) -> InstalledBase:
    """
    Say when the machines of a fleet come and go.

    Parameters
    ----------
    fleet : Fleet
        Machines with their ages or dates, deliveries and retirement.
    rules : SimulationRules
        The date of the start, and how long the simulation lasts.

    Returns
    -------
    InstalledBase
        Machines that went before the start are not in it; a machine that comes after the end
        would change nothing. Those of `deliveries_per_year` come last, evenly spaced.
    """
    end = rules.warm_up + rules.years * 365
    delivered = np.concatenate([_there(fleet, rules), _to_come(fleet, end)])
    retires = np.full(len(delivered), np.inf)
    if fleet.retire_at is not None:
        retires = delivered + fleet.retire_at
    if fleet.retires_on is not None:
        retires = np.minimum(retires, _days_from(rules, fleet.retires_on))
    there = (retires > 0) & (retires > delivered)
    return InstalledBase(delivered[there], retires[there])


def _there(fleet: Fleet, rules: SimulationRules) -> Floats:
    """Give when the machines that the file counts came."""
    if fleet.delivered:
        days = [_days_from(rules, day) for day in fleet.delivered]
        return np.repeat(np.array(days, float), list(fleet.delivered.values()))
    if fleet.age_distribution is not None:
        law = fleet.age_distribution.distribution
        # Evenly over the distribution, so that formulas and every replication see the same fleet.
        below = 1.0 if fleet.retire_at is None else 1 - float(law.survival(fleet.retire_at))
        return -law.quantile((np.arange(fleet.count) + 0.5) / fleet.count * below)
    if fleet.ages:
        share = np.arange(fleet.count) * len(fleet.ages) // fleet.count
        return -np.array(fleet.ages, float)[share]
    return np.full(fleet.count, -np.inf)


def _to_come(fleet: Fleet, end: float) -> Floats:
    gap = 365 / fleet.deliveries_per_year if fleet.deliveries_per_year else np.inf
    return np.arange(gap / 2, end, gap) if gap < end else np.empty(0)


def _days_from(rules: SimulationRules, day: str) -> float:
    assert rules.start_date is not None  # dates without it are refused
    return float((date.fromisoformat(day) - date.fromisoformat(rules.start_date)).days)

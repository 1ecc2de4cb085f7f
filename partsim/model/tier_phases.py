"""Tier phases: the tiers that a fleet's machines are in, one after the other as they age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.model.installed_base import InstalledBase

if TYPE_CHECKING:
    from partsim.model.plans import PlanRule
    from partsim.model.service import Fleet

Floats = NDArray[np.float64]


class Phase(NamedTuple):
    """Machines of one fleet while they are in one tier."""

    fleet: int
    tier: str


@dataclass(frozen=True, eq=False)
class TierPhases:
    """
    The tiers of one fleet's machines; one, unless plans go by age or warranty.

    Attributes
    ----------
    tiers : tuple of str
        One for each phase.
    ages : tuple of float
        Age at which each phase but the first begins [days], rising.
    ends : ndarray of float, shape (machine, phase - 1)
        When a machine leaves each phase but the last [days from the start], rising; of machines
        whose age nobody knows minus infinity or infinity: they never change.
    """

    tiers: tuple[str, ...]
    ages: tuple[float, ...]
    ends: Floats

    def at(self, machine: NDArray[np.int64], time: Floats) -> NDArray[np.int64]:
        """Give the phase of each of some machines at a time of its own."""
        return np.asarray((self.ends[machine] <= time[:, None]).sum(axis=1))

    def bases(self, base: InstalledBase) -> list[InstalledBase]:
        """Give, for each phase, the fleet's machines as if they went at its end."""
        return [*(base.until(ends) for ends in self.ends.T), base]

    def machine_days(self, base: InstalledBase, begin: float, end: float) -> Floats:
        """Give the time between two moments that machines are in each phase, shape (phase,)."""
        until = [one.machine_days(begin, end).sum() for one in self.bases(base)]
        return np.diff(until, prepend=0.0)

    def text(self, tiers: Sequence[str] = ()) -> str:
        """
        Say it in words, also with other words for the tiers.

        Examples
        --------
        >>> TierPhases(("gold", "basic"), (1825.0,), np.empty((0, 1))).text()
        'gold; from 5 years on basic'
        """
        first, *others = tiers or self.tiers
        later = [
            f"from {age / 365:.3g} year{'s' * (age != 365)} on {tier}"
            for age, tier in zip(self.ages, others, strict=True)
        ]
        return "; ".join([first, *later])


def tier_phases(
    plans: Sequence[PlanRule], of_customers: str, fleet: Fleet, base: InstalledBase,
    warranty: float | None,
) -> TierPhases:  # fmt: skip
    """
    Find the tiers of a fleet: at every age that of the last plan that holds, or its customers'.

    Parameters
    ----------
    plans : sequence of PlanRule
        Those that select the fleet.
    of_customers : str
        Tier of its customer group.
    fleet : Fleet
        The fleet.
    base : InstalledBase
        Its machines.
    warranty : float, optional
        Its length [days].

    Returns
    -------
    TierPhases
        Neighbouring phases have different tiers.
    """
    cuts = sorted({age for plan in plans for age in plan.ages(warranty)})
    tiers, ages = [_tier_at(0.0, plans, of_customers, warranty)], list[float]()
    for age in cuts:
        tier = _tier_at(age, plans, of_customers, warranty)
        if tier != tiers[-1]:
            tiers.append(tier)
            ages.append(age)
    return TierPhases(tuple(tiers), tuple(ages), moments_of_age(fleet, base, ages))


def _tier_at(
    age: float, plans: Sequence[PlanRule], of_customers: str, warranty: float | None
) -> str:
    return [of_customers, *(plan.tier for plan in plans if plan.holds_at(age, warranty))][-1]


def moments_of_age(fleet: Fleet, base: InstalledBase, ages: ArrayLike) -> Floats:
    """
    Say when each machine of a fleet reaches some ages.

    Parameters
    ----------
    fleet : Fleet
        The fleet.
    base : InstalledBase
        Its machines.
    ages : array_like of float, shape (age,)
        From delivery [days].

    Returns
    -------
    ndarray of float, shape (machine, age)
        Days from the start of the simulation. Of machines whose age nobody knows the share
        `in_warranty`, to the nearest machine, is young all the time, infinity: as some grow out of
        it, as many new ones come. The others are old, minus infinity.
    """
    moments = base.delivered[:, None] + np.asarray(ages, float)
    ageless = np.flatnonzero(np.isneginf(base.delivered))
    moments[ageless[: round((fleet.in_warranty or 0.0) * len(ageless))]] = np.inf
    return moments

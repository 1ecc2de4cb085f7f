"""Demand without lifetimes: what customers order at depots, where nobody knows their machines."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from partsim.model.durations import Frozen
from partsim.model.fields import Name, UnitsPerDay


class Counter(NamedTuple):
    """Where a customer group orders parts: it calls there as a fleet does."""

    depot: str
    customers: str


class DepotDemand(Frozen):
    """
    What a customer group orders of a part at a depot.

    Orders come at random times (a Poisson process) and are for random numbers of units, of a
    logarithmic distribution, so that the units over any time are negative binomial with this rate
    and variance over mean; at 1 every order is for one unit (Poisson). An order is a call of the
    customer group for all its units at once. No machine stands behind it, and nobody travels: each
    unit is handed over when the depot has it, and its wait is its response time. A promise is
    kept, or not, unit by unit. Such units are ready for the window that has nothing but the wait
    for the part in it: the promised time itself.
    """

    part: Name
    """Part number, of a part without a lifetime."""
    depot: Name
    """Depot that is asked for it."""
    customers: Name
    """Customer group, which is in a tier."""
    rate: UnitsPerDay
    """Units that they take, such as 12 per year."""
    variance_to_mean: float = Field(default=1.0, ge=1, le=10_000)
    """Variance over mean of the units over any time: 1 if each order is for one unit."""

    @property
    def counter(self) -> Counter:
        """Who calls."""
        return Counter(self.depot, self.customers)

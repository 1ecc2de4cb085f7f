"""Targets of many parts as plain arrays beside mean waits: money, room and fill rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.argument_checks import non_negative, positive, share

Floats = NDArray[np.float64]

_ENDLESS = 1e300
"""A limit that is none is infinite; checks want finite numbers."""


@dataclass(frozen=True, eq=False)
class StockTargets:
    """
    What the stock of a `StockProblem` may tie up, and the calls that it must serve at once.

    Attributes
    ----------
    unit_price : ndarray of float, shape (part,), optional
        Money that a unit ties up, positive.
    budget : float
        Money for all base stock, a central depot's included; infinite without a limit.
    volume : ndarray of float, shape (part,), optional
        Room that a unit takes, positive.
    storage : ndarray of float, shape (depot,), optional
        Room for base stock at each depot; infinite without a limit.
    central_storage : float
        The same at the central depot.
    depot_fill_rate, tier_fill_rate, family_fill_rate : ndarray of float, optional
        Share of the calls at a depot, of a tier and for a family of parts, shape (depot,),
        (tier,) and (family,), that stock on hand must serve at once, 0 to below 1; 0 without a
        target.

    Examples
    --------
    >>> targets = StockTargets(unit_price=np.array([500.0, 10.0]), budget=4_000.0)
    >>> targets.limits_stock
    True
    """

    unit_price: Floats | None = None
    budget: float = np.inf
    volume: Floats | None = None
    storage: Floats | None = None
    central_storage: float = np.inf
    depot_fill_rate: Floats | None = None
    tier_fill_rate: Floats | None = None
    family_fill_rate: Floats | None = None

    @property
    def limits_stock(self) -> bool:
        """Whether less stock may be needed, not only more."""
        return bool(np.isfinite(self.budget)) or bool(np.isfinite(self.room).any())

    @property
    def room(self) -> Floats:
        """Room at all depots with a limit or not, the central one last; none without `storage`."""
        fields = np.zeros(0) if self.storage is None else np.asarray(self.storage, float)
        return np.append(fields, self.central_storage)

    def fill_rates(self) -> Iterator[tuple[str, int, float]]:
        """Give what is served at once, its number, and the share asked for."""
        for what in ("depot", "tier", "family"):
            asked = getattr(self, f"{what}_fill_rate")
            for i in np.flatnonzero([] if asked is None else asked):
                yield what, int(i), float(asked[i])

    def check(self, parts: int, depots: int, tiers: int, families: int) -> None:
        """
        Refuse what cannot be meant, by the numbers of parts, depots, tiers and families.

        Raises
        ------
        ValueError
            Naming the attribute, what was expected and what was got.
        """
        expected = {
            "unit_price": (parts, non_negative),
            "volume": (parts, non_negative),
            "storage": (depots, positive),
            "depot_fill_rate": (depots, share),
            "tier_fill_rate": (tiers, share),
            "family_fill_rate": (families, share),
        }
        for name, (length, check) in expected.items():
            value = getattr(self, name)
            if value is not None and np.shape(value) != (length,):
                raise ValueError(f"{name}: expected shape ({length},), got {np.shape(value)}")
            if value is not None:
                check(name, np.minimum(value, _ENDLESS))
        for name in ("budget", "central_storage"):
            positive(name, np.minimum(getattr(self, name), _ENDLESS))
        if np.isfinite(self.budget) and self.unit_price is None:
            raise ValueError("unit_price: expected the money a unit ties up, got a budget alone")
        if np.isfinite(self.room).any() and self.volume is None:
            raise ValueError("volume: expected the room that a unit takes, got storage alone")

"""Demand: mean and variance of what the machines take, from their parts' lifetimes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.model.arrays import frozen_counts, frozen_floats, table_markup

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Demand:
    """
    Demand for parts at each stock point, in steady state.

    Attributes
    ----------
    part_ids, depot_ids, tier_ids : tuple of str
        Names of the axes.
    rate : ndarray of float, shape (part, depot, tier)
        Units that the machines served by the depot take, per day.
    order_ratio : ndarray of float, shape (part, depot)
        Variance over mean of the units demanded over any time, those that supplied depots pass on
        included, as orders of several units at once make it; 1 where units come one by one.
    planned_rate : ndarray of float, shape (part, depot, tier)
        Those of these units that are put in as planned, at no call.
    phone_call_rate : ndarray of float, shape (depot, tier)
        Calls fixed by phone, which take no part, per day.
    sources : ndarray of int, shape (part, depot)
        Machine positions that hold the part: the finite source of the demand; 0 where the
        demand is open (``ageing: calendar``) or absent.
    lead_time : ndarray of float, shape (part, depot, grade)
        Mean lead time of the stock point [days]: transport, or approval and supplier.
    variance_ratio : ndarray of float, shape (part, depot, grade)
        Variance over mean of the units demanded during that lead time; 1 is Poisson.
    availability : ndarray of float, shape (fleet,)
        Share of time that a machine runs when no call waits for a part.
    """

    part_ids: tuple[str, ...]
    depot_ids: tuple[str, ...]
    tier_ids: tuple[str, ...]
    rate: NDArray[np.float64]
    phone_call_rate: NDArray[np.float64]
    sources: NDArray[np.int64]
    lead_time: NDArray[np.float64]
    variance_ratio: NDArray[np.float64]
    availability: NDArray[np.float64]
    planned_rate: NDArray[np.float64] = field(default_factory=lambda: np.zeros(()))
    order_ratio: NDArray[np.float64] = field(default_factory=lambda: np.ones(()))

    def __post_init__(self) -> None:
        together = np.broadcast_to(self.order_ratio, np.shape(self.rate)[:2])
        object.__setattr__(self, "order_ratio", frozen_floats(together))
        planned = np.broadcast_to(self.planned_rate, np.shape(self.rate))
        object.__setattr__(self, "planned_rate", frozen_floats(planned))
        for name in ("rate", "phone_call_rate", "lead_time", "variance_ratio", "availability"):
            object.__setattr__(self, name, frozen_floats(getattr(self, name)))
        object.__setattr__(self, "sources", frozen_counts(self.sources))

    @property
    def call_rate(self) -> NDArray[np.float64]:
        """Calls for a part per day, shape (part, depot, tier): units but for planned ones."""
        return np.asarray(self.rate - self.planned_rate)

    @property
    def depot_rate(self) -> NDArray[np.float64]:
        """Units per day over all tiers, shape (part, depot)."""
        return np.asarray(self.rate.sum(axis=2))

    @property
    def table(self) -> pd.DataFrame:
        """One row for each part and depot with demand."""
        import pandas as pd

        p, d = np.nonzero(self.depot_rate)
        return pd.DataFrame(
            {
                "part": [self.part_ids[i] for i in p],
                "depot": [self.depot_ids[j] for j in d],
                "demand_per_year": self.depot_rate[p, d] * 365,
                "machine_positions": self.sources[p, d],
                "lead_time_days": self.lead_time[p, d, 0],
                "variance_over_mean": self.variance_ratio[p, d, 0],
            }
        )

    def __repr__(self) -> str:
        return (
            f"Demand({len(self.part_ids)} parts, {len(self.depot_ids)} depots, "
            f"{self.rate.sum() * 365:.0f} units per year)"
        )

    def _repr_html_(self) -> str:
        return table_markup(repr(self), {"Demand": self.table})

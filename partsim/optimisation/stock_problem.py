"""Many parts by many depots under mean waits and promises: the problem as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from partsim.analytic.argument_checks import non_negative, positive, share, whole
from partsim.analytic.counts import count_table
from partsim.analytic.exact_two_echelon import two_echelon_exact
from partsim.optimisation.poisson_cells import group_levels, poisson_backorders, reached
from partsim.optimisation.wait_rows import WaitRows, wait_rows

if TYPE_CHECKING:
    from partsim.kernels.pricing import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CHUNKS = 64
"""Parts of like central levels are tabulated together, in so many groups."""


@dataclass(frozen=True, eq=False)
class StockProblem:
    """
    Base stock of parts at depots at least holding cost, mean waits and promises kept.

    Demand is Poisson, orders are one for one, depots serve first come first served. With
    transport times, a central depot supplies the depots and is supplied in the lead time of the
    part; without, each depot is supplied in that lead time itself.

    Attributes
    ----------
    holding_cost : ndarray of float, shape (part,)
        Money per unit of base stock and year, positive.
    demand_rate : ndarray of float, shape (part, depot)
        Units per day, zero or more.
    lead_time : ndarray of float, shape (part,)
        Days, zero or more.
    transport_time : ndarray of float, shape (depot,), or None
        Days from the central depot, positive.
    family : ndarray of int, shape (part,)
        Parts whose demand the tiers share alike at every depot, numbered from 0.
    tier_share : ndarray of float, shape (tier, family, depot)
        Share of the demand that is the tier's, 0 to 1.
    depot_wait : ndarray of float, shape (depot,)
        Mean wait allowed [days]; infinite without a target.
    tier_wait : ndarray of float, shape (tier,)
        The same for the tiers.
    tolerable_wait : ndarray of float, shape (tier, slice), optional
        How long a part may take [days] so that a call keeps its promise: what the response time
        promised leaves beside diagnosis, travel and repair, as equally likely values. A call with
        a negative one is late whatever is stocked. Only without a central depot.
    kept_share : ndarray of float, shape (tier,), optional
        Share of the tier's calls that must keep their promise, 0 to below 1; 0 without a promise.

    Examples
    --------
    >>> problem = StockProblem.single_tier([100.0, 2.0], [[0.1, 0.2], [1.0, 0.5]], [20.0, 10.0],
    ...                                    transport_time=[2.0, 4.0], wait=0.5)
    >>> problem.row_names
    ('wait of tier 0',)
    """

    holding_cost: Floats
    demand_rate: Floats
    lead_time: Floats
    transport_time: Floats | None
    family: Ints
    tier_share: Floats
    depot_wait: Floats
    tier_wait: Floats
    tolerable_wait: Floats | None = None
    kept_share: Floats | None = None

    def __post_init__(self) -> None:
        positive("holding_cost", self.holding_cost)
        non_negative("demand_rate", self.demand_rate)
        non_negative("lead_time", self.lead_time)
        whole("family", self.family, 0)
        if self.transport_time is not None:
            positive("transport_time", self.transport_time)
        for name, wait in (("depot_wait", self.depot_wait), ("tier_wait", self.tier_wait)):
            positive(name, np.minimum(wait, 1.0))  # infinite without a target
        if np.ndim(self.demand_rate) != 2:
            got = np.shape(self.demand_rate)
            raise ValueError(f"demand_rate: expected shape (part, depot), got {got}")
        P, D = np.shape(self.demand_rate)
        T, F = np.shape(self.tier_share)[:2]
        transport = {} if self.transport_time is None else {"transport_time": (D,)}
        for name, shape in {
            **transport,
            "holding_cost": (P,),
            "lead_time": (P,),
            "family": (P,),
            "tier_share": (T, F, D),
            "depot_wait": (D,),
            "tier_wait": (T,),
        }.items():
            if np.shape(getattr(self, name)) != shape:
                got = np.shape(getattr(self, name))
                raise ValueError(f"{name}: expected shape {shape}, got {got}")
        if len(self.family) and self.family.max() >= F:
            raise ValueError(f"family: expected numbers below {F}, got {self.family.max()}")
        self._check_promises(T)

    def _check_promises(self, tiers: int) -> None:
        if (self.tolerable_wait is None) != (self.kept_share is None):
            raise ValueError("tolerable_wait and kept_share: expected both or neither, got one")
        if self.tolerable_wait is None or self.kept_share is None:
            return
        if self.transport_time is not None:
            raise ValueError(
                "tolerable_wait: expected depots that suppliers deliver to, got a transport_time; "
                "with a central depot ask for mean waits, or use optimise"
            )
        non_negative("tolerable_wait", np.abs(self.tolerable_wait))
        share("kept_share", self.kept_share)
        for name, expected, got in (
            ("tolerable_wait", f"({tiers}, slices)", np.shape(self.tolerable_wait)),
            ("kept_share", f"({tiers},)", np.shape(self.kept_share)),
        ):
            if got[:1] != (tiers,) or len(got) != 1 + (name == "tolerable_wait") or 0 in got[1:]:
                raise ValueError(f"{name}: expected shape {expected}, got {got}")

    @classmethod
    def single_tier(
        cls,
        holding_cost: object,
        demand_rate: object,
        lead_time: object,
        transport_time: object = None,
        wait: float = np.inf,
    ) -> StockProblem:
        """Make a problem of one family and one tier that has all demand."""
        rate = np.asarray(demand_rate, float)
        return cls(
            holding_cost=np.asarray(holding_cost, float),
            demand_rate=rate,
            lead_time=np.asarray(lead_time, float),
            transport_time=None if transport_time is None else np.asarray(transport_time, float),
            family=np.zeros(len(rate), np.int64),
            tier_share=np.ones((1, 1, rate.shape[1])),
            depot_wait=np.full(rate.shape[1], np.inf),
            tier_wait=np.array([wait]),
        )

    @cached_property
    def family_rate(self) -> Floats:
        """Demand of each family at each depot, shape (family, depot)."""
        total = np.zeros(self.tier_share.shape[1:])
        np.add.at(total, self.family, self.demand_rate)
        return total

    @cached_property
    def rows(self) -> WaitRows:
        """Targets as rows."""
        return wait_rows(self)

    @property
    def row_names(self) -> tuple[str, ...]:
        """What the rows are called; each is kept if its use is at most 1."""
        return self.rows.names

    @property
    def row_weights(self) -> Floats:
        """Use of a row by one backorder, shape (row, family, depot)."""
        return self.rows.owed

    @cached_property
    def central_demand(self) -> Floats:
        """Demand on the central depot in its lead time, shape (part,)."""
        return np.asarray(self.demand_rate.sum(axis=1) * self.lead_time)

    def exact_backorders(self, central_level: Ints, level: Ints) -> Floats:
        """
        Evaluate levels by the exact law of their units in resupply.

        Parameters
        ----------
        central_level : ndarray of int, shape (part,)
            Base stock of the central depot; all 0 without one.
        level : ndarray of int, shape (part, depot)
            Base stock of the depots.

        Returns
        -------
        ndarray of float, shape (part, depot)
            Expected backorders [units].
        """
        if self.transport_time is None:
            pipeline = self.demand_rate * self.lead_time[:, None]
            return poisson_backorders(pipeline, group_levels(level))
        total = self.demand_rate.sum(axis=1, keepdims=True)
        part_of_all = np.zeros_like(self.demand_rate)
        np.divide(self.demand_rate, total, out=part_of_all, where=total > 0)
        return two_echelon_exact(
            self.central_demand[:, None],
            central_level[:, None],
            part_of_all,
            self.demand_rate * self.transport_time,
            level,
        ).expected_backorders

    def exact_use(self, central_level: Ints, level: Ints) -> Floats:
        """
        Evaluate the rows by the exact laws.

        Parameters
        ----------
        central_level, level : ndarray of int
            As in `exact_backorders`.

        Returns
        -------
        ndarray of float, shape (row,)
            Use of every row, by what shares no code with the search.
        """
        families = self.tier_share.shape[1]
        part = np.arange(len(self.family))
        shape = (families, len(part))
        member = sparse.csr_array((np.ones(len(part)), (self.family, part)), shape=shape)
        late = np.zeros((*self.family_rate.shape, len(self.rows.window)))
        groups = group_levels(level)
        for w, wait in enumerate(self.rows.window):
            mean = self.demand_rate * np.maximum(self.lead_time - wait, 0.0)[:, None]
            late[..., w] = member @ (self.demand_rate * reached(mean, groups))
        return self.rows.use(member @ self.exact_backorders(central_level, level), late)

    def network(self) -> Network:
        """Bring a problem with a central depot into the flat arrays of the kernels."""
        from partsim.kernels.pricing import Network

        part_of_all = np.zeros_like(self.demand_rate)
        total = self.demand_rate.sum(axis=1, keepdims=True)
        np.divide(self.demand_rate, total, out=part_of_all, where=total > 0)
        moving = self.demand_rate * np.asarray(self.transport_time)
        mean = self.central_demand
        most = np.ceil(mean + 7 * np.sqrt(mean) + 4).astype(np.int64) * (mean > 0)
        start = np.concatenate([[0], np.cumsum(most + 1)])
        owed, spread = np.zeros((2, start[-1] + 1))
        _fill_central(self.central_demand, most, start, owed, spread)
        return Network(
            *(start, owed, spread, np.zeros_like(most), most),
            *(np.ascontiguousarray(moving), part_of_all, self.holding_cost, self.holding_cost),
        )


def _fill_central(mean: Floats, most: Ints, start: Ints, owed: Floats, spread: Floats) -> None:
    """Tabulate backorders and their variance for every central level."""
    for parts in np.array_split(np.argsort(most, kind="stable"), _CHUNKS):
        if not len(parts):
            continue
        levels = np.arange(most[parts].max() + 1)
        inside = levels <= most[parts][:, None]
        rows = (start[parts][:, None] + levels)[inside]
        table = count_table(mean[parts], mean[parts], int(levels[-1]))
        owed[rows] = table.backorders[inside]
        variance = np.maximum(table.squared_backorders - table.backorders**2, 0.0)
        spread[rows] = variance[inside]

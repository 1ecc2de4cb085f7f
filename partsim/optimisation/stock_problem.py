"""Many parts by many depots under targets for all of them: the problem as plain arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from partsim.analytic.argument_checks import non_negative, positive, share, whole
from partsim.analytic.counts import count_table
from partsim.analytic.exact_two_echelon import two_echelon_exact, two_echelon_response
from partsim.optimisation.poisson_cells import group_levels, poisson_backorders, reached
from partsim.optimisation.stock_rows import StockRows, stock_rows
from partsim.optimisation.stock_targets import StockTargets

if TYPE_CHECKING:
    from partsim.kernels.pricing import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CELLS = 200
"""Cells whose laws are tabulated together for the check,"""
_COMPILED = 5_000
"""and so many that these run compiled."""

_CHUNKS = 64
"""Parts of like central levels are tabulated together, in so many groups."""


@dataclass(frozen=True, eq=False)
class StockProblem:
    """
    Base stock of parts at depots at least cost that keeps targets for all parts together.

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
        a negative one is late whatever is stocked.
    kept_share : ndarray of float, shape (tier,), optional
        Share of the tier's calls that must keep their promise, 0 to below 1; 0 without a promise.
    backorder_cost : ndarray of float, shape (family, depot), optional
        Money per year for a unit that is owed all the time, such as the downtime of a machine,
        zero or more: beside targets, or instead of them.
    targets : StockTargets
        Money and room that stock may take, and fill rates.

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
    backorder_cost: Floats | None = None
    targets: StockTargets = field(default_factory=StockTargets)

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
        self.targets.check(P, D, T, F)
        if np.isfinite(self.targets.central_storage) and self.transport_time is None:
            raise ValueError("central_storage: expected a transport_time beside it, got none")
        if self.backorder_cost is not None and np.shape(self.backorder_cost) != (F, D):
            got = np.shape(self.backorder_cost)
            raise ValueError(f"backorder_cost: expected shape {(F, D)}, got {got}")
        if self.backorder_cost is not None:
            non_negative("backorder_cost", self.backorder_cost)

    def _check_promises(self, tiers: int) -> None:
        if (self.tolerable_wait is None) != (self.kept_share is None):
            raise ValueError("tolerable_wait and kept_share: expected both or neither, got one")
        if self.tolerable_wait is None or self.kept_share is None:
            return
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
    def rows(self) -> StockRows:
        """Targets as rows."""
        return stock_rows(self)

    @cached_property
    def owed_cost(self) -> Floats:
        """Money per year for a unit owed, shape (family, depot)."""
        none = np.zeros(self.tier_share.shape[1:])
        return none if self.backorder_cost is None else np.asarray(self.backorder_cost, float)

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
        owed, moving = np.empty(level.shape), self.demand_rate * self.transport_time
        many = level.size >= _COMPILED
        for some in [np.s_[:]] if many else self._like_parts(central_level, level):
            owed[some] = two_echelon_exact(
                *(self.central_demand[some][:, None], central_level[some][:, None]),
                *(self._part_of_all[some], moving[some], level[some]),
            ).expected_backorders
        return owed

    @cached_property
    def _part_of_all(self) -> Floats:
        """Share of the demand on the central depot, shape (part, depot)."""
        total = self.demand_rate.sum(axis=1, keepdims=True)
        return np.asarray(self.demand_rate / np.where(total > 0, total, 1.0))

    def _like_parts(self, central_level: Ints, level: Ints) -> list[Ints]:
        """Group parts whose laws reach about as far."""
        far = self.central_demand + central_level + level.max(axis=1)
        return np.array_split(np.argsort(far, kind="stable"), 1 + level.size // _CELLS)

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
        stock = np.column_stack([level, central_level])
        owed = self._by_family(self.exact_backorders(central_level, level))
        late = np.zeros((*owed.shape, len(self.rows.window)))
        for w, late_calls in enumerate(self._late_calls(central_level, level)):
            late[..., w] = self._by_family(late_calls)
        return self.rows.use(owed, late, self.rows.amount @ stock)

    def exact_cost(self, central_level: Ints, level: Ints) -> float:
        """
        Give holding cost and cost of backorders by the exact laws [money per year].

        Parameters
        ----------
        central_level, level : ndarray of int
            As in `exact_backorders`.
        """
        cost = float(self.holding_cost @ (level.sum(axis=1) + central_level))
        if self.backorder_cost is None:
            return cost
        owed = self._by_family(self.exact_backorders(central_level, level))
        return cost + float((self.owed_cost * owed).sum())

    def _by_family(self, values: Floats) -> Floats:
        """Add up values of shape (part, depot) by family."""
        shape = (self.tier_share.shape[1], len(self.family))
        ones = (np.ones(shape[1]), (self.family, np.arange(shape[1])))
        return np.asarray(sparse.csr_array(ones, shape=shape) @ values)

    def _late_calls(self, central_level: Ints, level: Ints) -> Iterator[Floats]:
        """Give late calls per day after each window, shape (part, depot)."""
        groups = group_levels(level) if len(self.rows.window) else []
        for wait in self.rows.window:
            if self.transport_time is None:
                mean = self.demand_rate * np.maximum(self.lead_time - wait, 0.0)[:, None]
                yield self.demand_rate * reached(mean, groups)
                continue
            kept = np.empty(level.shape)
            for some in self._like_parts(central_level, level):
                total = self.demand_rate[some].sum(axis=1, keepdims=True)
                kept[some] = two_echelon_response(
                    *(wait, total, self.lead_time[some, None], central_level[some, None]),
                    *(self._part_of_all[some], self.transport_time, level[some]),
                )
            yield self.demand_rate * (1 - kept)

    @cached_property
    def central_network(self) -> Network:
        """Bring a problem with a central depot into the flat arrays of the kernels."""
        from partsim.kernels.pricing import Network

        moving = self.demand_rate * np.asarray(self.transport_time)
        mean = self.central_demand
        most = np.ceil(mean + 7 * np.sqrt(mean) + 4).astype(np.int64) * (mean > 0)
        start = np.concatenate([[0], np.cumsum(most + 1)])
        owed, spread = np.zeros((2, start[-1] + 1))
        _fill_central(self.central_demand, most, start, owed, spread)
        return Network(
            *(start, owed, spread, np.zeros_like(most), most),
            *(
                np.ascontiguousarray(moving),
                self._part_of_all,
                self.holding_cost,
                self.holding_cost,
            ),
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

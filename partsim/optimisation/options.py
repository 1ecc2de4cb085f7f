"""Options of the decision: what each stock level of each cell costs and uses, as arrays.

For a part under a root depot (one that suppliers deliver to) an option is a central level S0;
given it, the field depots' cells are independent of each other, each with its own table over
levels. The last entry of every table, `LIMIT`, is a relaxation for bounds: it costs what the
next level would cost and works like endless stock.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.counts import count_at_most, count_table
from partsim.analytic.lots import lot_variance
from partsim.analytic.two_echelon import central_table, finite_source_backorders, vari_metric
from partsim.demand.estimation import supply_lead_times
from partsim.lifetimes import Duration
from partsim.model.demand import Demand
from partsim.model.scenario import GRADES, Scenario
from partsim.optimisation.targets import (
    Targets,
    Windows,
    calls_per_day,
    difficulty_index,
    response_windows,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LIMIT = -1
"""Index of the relaxed level in every table."""

_LAGS = 17
"""Points of the lag at which central stocks are evaluated; between them linear."""
_ROWS_AT_ONCE = 128
"""Options evaluated together: few enough for the processor's cache."""


@dataclass(frozen=True, eq=False)
class Options:
    """
    A batch of options (part, S0) under one root depot, all with tables of the same length.

    Attributes
    ----------
    part, central_level : ndarray of int, shape (option,)
        Part and S0.
    central_cost : ndarray of float, shape (option,)
        Holding at the root [money per year], transports' share left to the fields.
    central_use : ndarray of float, shape (option, row)
        Use of every target by the root's own customers and stock.
    central_backorders, central_ready : ndarray of float, shape (option,)
        Expected units owed by the root, and its ready rate.
    cost : ndarray of float, shape (option, field, level + 1)
        Holding on the shelf and in transport [money per year]; infinite where forbidden.
    use : ndarray of float, shape (row, option, field, level + 1)
        Use of every target but the budget.
    backorders, ready, on_hand : ndarray of float, shape (option, field, level)
        Expected backorders, ready rate and stock on the shelf, for the report.
    """

    part: Ints
    central_level: Ints
    central_cost: Floats
    central_use: Floats
    central_backorders: Floats
    central_ready: Floats
    cost: Floats
    use: Floats
    backorders: Floats
    ready: Floats
    on_hand: Floats

    @property
    def levels(self) -> int:
        """Real levels in the tables: 0 to levels - 1."""
        return self.backorders.shape[2]


@dataclass(frozen=True, eq=False)
class EvaluationModel:
    """
    Scenario, demand and grades as arrays that options are made of.

    Attributes
    ----------
    scenario, demand, targets
        What is decided on.
    grade : ndarray of int, shape (part,)
        Grade of each part as an index into `GRADES`.
    lot : ndarray of int, shape (part, depot)
        Order quantities.
    least_levels : ndarray of int, shape (part, depot)
        Levels that the tables must reach at least.
    """

    scenario: Scenario
    demand: Demand
    targets: Targets
    grade: Ints
    lot: Ints
    least_levels: Ints

    @cached_property
    def windows(self) -> Windows:
        """Response windows."""
        return response_windows(self.scenario)

    @cached_property
    def holding(self) -> Floats:
        """Holding cost of one unit [money per year], shape (part,)."""
        return np.asarray(self.scenario.prices * self.scenario.costs.holding * 365)

    @cached_property
    def roots(self) -> list[RootNetwork]:
        """Root depots with the depots they supply."""
        parents = self.scenario.parents
        return [RootNetwork(self, int(d)) for d in np.flatnonzero(parents < 0)]

    @cached_property
    def network_rate(self) -> Floats:
        """Demand on each depot, that of the depots it supplies included, shape (part, depot)."""
        total = self.demand.depot_rate.copy()
        for d, parent in enumerate(self.scenario.parents):
            if parent >= 0:
                total[:, parent] += self.demand.depot_rate[:, d]
        return total

    @cached_property
    def fixed_costs(self) -> dict[str, float]:
        """Costs per year that no stock level changes: ordering, approval, control loss."""
        rules = [self.scenario.grade_rules(GRADES[g]) for g in self.grade]
        roots = self.scenario.parents < 0
        orders = (self.network_rate / self.lot)[:, roots].sum(axis=1) * 365
        value = self.demand.depot_rate.sum(axis=1) * self.scenario.prices * 365
        return {
            "ordering": float(orders.sum() * self.scenario.costs.order),
            "approval": float(orders @ np.array([rule.approval_cost for rule in rules])),
            "control_loss": float(value @ np.array([rule.control_loss for rule in rules])),
        }


@dataclass(frozen=True, eq=False)
class RootNetwork:
    """
    A root depot, the field depots it supplies, and every part as arrays.

    Attributes
    ----------
    model : EvaluationModel
        What it is part of.
    depot : int
        Index of the root.
    """

    model: EvaluationModel
    depot: int

    @cached_property
    def fields(self) -> Ints:
        """Depots that the root supplies."""
        return np.flatnonzero(self.model.scenario.parents == self.depot)

    @cached_property
    def parts(self) -> Ints:
        """Parts with demand somewhere under the root."""
        return np.flatnonzero(self.model.network_rate[:, self.depot] > 0)

    @cached_property
    def share(self) -> Floats:
        """Share of each field in the central demand, shape (part, field)."""
        total = self.model.network_rate[:, [self.depot]]
        rate = self.model.demand.depot_rate[:, self.fields]
        return np.divide(rate, total, out=np.zeros_like(rate), where=total > 0)

    @cached_property
    def own_share(self) -> Floats:
        """Share of the root's own customers in the central demand, shape (part,)."""
        rate = self.model.demand.depot_rate[:, self.depot]
        total = self.model.network_rate[:, self.depot]
        return np.divide(rate, total, out=np.zeros_like(rate), where=total > 0)

    @cached_property
    def transport(self) -> Floats:
        """Transport times [days], shape (field,)."""
        depots = list(self.model.scenario.depots.values())
        return np.array([depots[d].transport_time for d in self.fields])

    @cached_property
    def lags(self) -> Floats:
        """Lags at which the central stock is looked at [days], from 0."""
        waits = self.model.windows.waits
        longest = float((waits[:, self.fields] - self.transport[:, None, None]).max(initial=0.0))
        if self.own_share.any():
            longest = max(longest, float(waits[:, self.depot].max(initial=0.0)))
        return np.linspace(0.0, longest, _LAGS) if longest > 0 else np.zeros(1)

    @cached_property
    def lead_times(self) -> list[Duration]:
        """Lead times of the root's orders, approval included, for each part."""
        grades = [GRADES[g] for g in self.model.grade]
        return supply_lead_times(self.model.scenario, list(grades))

    @cached_property
    def lead_time_demand(self) -> Floats:
        """Mean demand on the root during what is left of the lead time, shape (part, lag)."""
        left = np.array([lead_time.excess(self.lags) for lead_time in self.lead_times])
        return self.model.network_rate[:, [self.depot]] * left

    @cached_property
    def lead_time_variance(self) -> Floats:
        """Variance of that demand as lots leave it, shape (part, lag)."""
        parts = np.arange(len(self.model.grade))
        ratio = self.model.demand.variance_ratio[parts, self.depot, self.model.grade]
        variance = self.lead_time_demand * ratio[:, None]
        for p in self.parts:
            lot = int(self.model.lot[p, self.depot])
            rate = float(self.model.network_rate[p, self.depot])
            variance[p] += lot_variance(rate, lot, self.lead_times[p], self.lags)
        return np.maximum(variance, 0.0)

    @cached_property
    def most(self) -> Ints:
        """Largest central level in the tables, shape (part,); one more is the relaxed one."""
        mean = self.lead_time_demand[:, 0]
        spread = np.sqrt(np.maximum(self.lead_time_variance[:, 0], mean))
        enough = np.ceil(mean + 7 * spread + 4).astype(np.int64)
        enough += self.model.lot[:, self.depot]
        return np.maximum(enough, self.model.least_levels[:, self.depot])

    @cached_property
    def central(self) -> list[tuple[Floats, Floats, Floats]]:
        """Backorders, their variance and ready rate of each part, shape (level + 2, lag)."""
        tables = []
        for p in range(len(self.most)):
            mean = self.lead_time_demand[p]
            lot, most = int(self.model.lot[p, self.depot]), int(self.most[p])
            table = central_table(mean, self.lead_time_variance[p], lot, most)
            nothing, always = np.zeros((1, len(mean))), np.ones((1, len(mean)))
            tables.append(
                (
                    np.vstack([table.backorders.T, nothing]),
                    np.vstack([table.backorder_variance.T, nothing]),
                    np.vstack([table.ready.T, always]),
                )
            )
        return tables

    def options(self, part: Ints, central_level: Ints) -> list[Options]:
        """
        Evaluate options, in batches of equal table length.

        Parameters
        ----------
        part, central_level : ndarray of int, shape (option,)
            Part and S0, from 0 to ``most[part] + 1``, the relaxed level.

        Returns
        -------
        list of Options
            Together all options, regrouped.
        """
        looked_up = [self.central[p] for p in part]
        owed = np.array([t[0][s] for t, s in zip(looked_up, central_level, strict=True)])
        spread = np.array([t[1][s] for t, s in zip(looked_up, central_level, strict=True)])
        ready = np.array([t[2][s] for t, s in zip(looked_up, central_level, strict=True)])
        lengths = self._table_lengths(part, owed[:, 0], spread[:, 0])
        batches = []
        for length in np.unique(lengths):
            rows = np.flatnonzero(lengths == length)
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                i = rows[start : start + _ROWS_AT_ONCE]
                batches.append(
                    self._batch(part[i], central_level[i], owed[i], spread[i], ready[i], length)
                )
        return batches

    def _pipeline(self, part: Ints, owed: Floats, spread: Floats) -> tuple[Floats, Floats]:
        """Give mean and variance of the fields' units in resupply, shape (option, field)."""
        m = self.model.demand.depot_rate[part][:, self.fields]
        grade = self.model.grade[part]
        ratio = self.model.demand.variance_ratio[part[:, None], self.fields, grade[:, None]]
        return vari_metric(
            m * self.transport, ratio, self.share[part], owed[:, None], spread[:, None]
        )

    def _table_lengths(self, part: Ints, owed: Floats, spread: Floats) -> Ints:
        """Choose how many levels each option's tables need, from few sizes."""
        if not len(self.fields):
            return np.ones(len(part), dtype=np.int64)
        mean, variance = self._pipeline(part, owed, spread)
        need = np.ceil((mean + 7 * np.sqrt(np.maximum(variance, mean)) + 3).max(axis=1))
        least = self.model.least_levels[part][:, self.fields].max(axis=1)
        need = np.maximum(need, least).astype(np.int64) + 1
        sizes = np.unique(np.ceil(4 * 1.35 ** np.arange(60)).astype(np.int64))
        return sizes[np.searchsorted(sizes, need)]

    def _batch(
        self,
        part: Ints,
        central_level: Ints,
        owed: Floats,
        spread: Floats,
        ready: Floats,
        levels: int,
    ) -> Options:
        model, targets = self.model, self.model.targets
        R, J, K = len(part), len(self.fields), len(targets.limit)
        mean, variance = self._pipeline(part, owed[:, 0], spread[:, 0])
        table = count_table(mean, variance, levels - 1)
        in_stock = np.zeros((R, J, levels))  # P(X <= S - 1)
        in_stock[..., 1:] = table.at_most[..., :-1]
        # Without stock a demand still waits for nothing if nothing has to be transported.
        in_stock[..., 0] = np.where(self.transport == 0, ready[:, [0]], 0.0)
        sources = model.demand.sources[part][:, self.fields]
        backorders = finite_source_backorders(
            table.backorders, mean[..., None], 1 - in_stock, sources[..., None]
        )
        h = model.holding[part][:, None, None]
        m = model.demand.depot_rate[part][:, self.fields]
        S = np.arange(levels)
        cost = np.empty((R, J, levels + 1))
        cost[..., :-1] = h * (S + backorders * self.kept_back(part, self.fields)[..., None])
        cost[..., LIMIT] = h[..., 0] * levels
        floor = self._min_fill_rate(part)
        cost[..., :-1][(in_stock < floor[:, None, None]) & (m > 0)[..., None]] = np.inf
        use = np.zeros((K, R, J, levels + 1))
        use[: targets.tier_rows] = self._misses(part, owed, spread, ready, in_stock)
        for k, d in enumerate(targets.wait_depots, start=targets.tier_rows):
            for j in np.flatnonzero(self.fields == d):
                use[k, :, j, :-1] = self._waits(part, int(d), backorders[:, j])
        return Options(
            part=part,
            central_level=central_level,
            central_cost=self._central_cost(part, central_level, owed[:, 0], ready[:, 0]),
            central_use=self._central_use(part, central_level, owed, ready),
            central_backorders=owed[:, 0],
            central_ready=ready[:, 0],
            cost=cost,
            use=use,
            backorders=backorders,
            ready=in_stock,
            on_hand=S - mean[..., None] * self._thinned(backorders, sources) + backorders,
        )

    @staticmethod
    def _thinned(backorders: Floats, sources: Ints) -> Floats:
        """Give the share of demand that is left while backorders keep machines down."""
        n = sources[..., None]
        return 1 - np.divide(backorders, n, out=np.zeros_like(backorders), where=n > 0)

    def _min_fill_rate(self, part: Ints) -> Floats:
        rules = [self.model.scenario.grade_rules(grade).min_fill_rate for grade in GRADES]
        return np.array(rules)[self.model.grade[part]]

    def _misses(
        self, part: Ints, owed: Floats, spread: Floats, ready: Floats, in_stock: Floats
    ) -> Floats:
        """Give the share of each tier's calls that break the promise, (tier, option, field, level).

        A wait of at most w means that, w after the demand, less than S of the units ordered
        before it are still under way: those ordered within L - w and those that the root still
        owed at that lag. A depot without stock gets the unit in the time L if the root is ready.
        """
        windows, calls = self.model.windows, self._calls(part)
        difficulty = difficulty_index(self.model.scenario)[part]
        R, J, levels = in_stock.shape
        T = calls.shape[2]
        misses = np.zeros((T, R, J, levels + 1))
        m = self.model.demand.depot_rate[part][:, self.fields]
        grade = self.model.grade[part]
        ratio = self.model.demand.variance_ratio[part[:, None], self.fields, grade[:, None]]
        f = self.share[part]
        for t in range(T):
            busy = np.flatnonzero(calls[:, :, t].any(axis=0))
            if not len(busy):
                continue
            d = self.fields[busy]
            waits = windows.waits[difficulty[:, None], d, t]  # (option, field, wait)
            weights = windows.weights[difficulty[:, None], d, t]
            at_once = windows.at_once[difficulty[:, None], d, t]
            transport = self.transport[busy][:, None]
            lag = np.maximum(waits - transport, 0.0)
            mean, variance = vari_metric(
                m[:, busy, None] * np.maximum(transport - waits, 0.0),
                ratio[:, busy, None],
                f[:, busy, None],
                self._at_lag(owed, lag),
                self._at_lag(spread, lag),
            )
            kept = np.zeros((R, len(busy), levels))
            without = np.where(waits >= transport, self._at_lag(ready, lag), 0.0)
            kept[..., 0] = (weights * without).sum(axis=-1)
            if levels > 1:
                kept[..., 1:] = np.einsum(
                    "rjn,rjns->rjs", weights, count_at_most(mean, variance, levels - 2)
                )
            kept += (at_once - weights.sum(axis=-1))[..., None] * in_stock[:, busy]
            share = calls[:, busy, t]
            misses[t][:, busy, :-1] = share[..., None] * (1 - kept)
            misses[t][:, busy, LIMIT] = share * (1 - at_once)
        return misses

    def _at_lag(self, values: Floats, lag: Floats) -> Floats:
        """Interpolate (option, lag grid) values at lags of shape (option, field, wait)."""
        if len(self.lags) == 1:
            return np.broadcast_to(values[:, :1, None], lag.shape)
        place = lag / self.lags[1]
        low = np.minimum(place.astype(np.int64), len(self.lags) - 2)
        part = place - low
        option = np.arange(len(values))[:, None, None]
        return np.asarray(values[option, low] * (1 - part) + values[option, low + 1] * part)

    def _calls(self, part: Ints, depots: Ints | None = None) -> Floats:
        """Give calls that need our part as a share of all the tier's, (option, field, tier)."""
        depots = self.fields if depots is None else depots
        parts = self.model.scenario.parts.values()
        held = np.array([entry.customer_held for entry in parts])[part]
        rate = self.model.demand.rate[part][:, depots] * (1 - held)[:, None, None]
        return np.asarray(rate / calls_per_day(self.model.demand))

    def _waits(self, part: Ints, d: int, backorders: Floats) -> Floats:
        """Give what backorders add to the mean wait at depot d [days], same shape.

        W = EBO / (rate (1 - EBO/n)) <= limit is linear as EBO (1 + limit rate / n) <= limit rate.
        """
        total = self.model.demand.depot_rate[:, d].sum()
        n = self.model.demand.sources[part, d]
        rate = self.model.demand.depot_rate[part, d]
        slower = np.divide(rate, n, out=np.zeros_like(rate), where=n > 0)
        factor = (1 + self.model.targets.wait_limit[d] * slower) / total
        return np.asarray(backorders * factor.reshape(-1, *[1] * (backorders.ndim - 1)))

    def kept_back(self, part: Ints, depots: Ints) -> Floats:
        """
        Give the units that one backorder of machines adds to the stock owned.

        Stock owned is base stock, less what suppliers still owe, plus backorders. A machine that
        waits takes no other unit, so that suppliers owe less by its demand in their lead time.

        Parameters
        ----------
        part : ndarray of int, shape (option,)
            Parts.
        depots : ndarray of int, shape (depot,)
            Depots that serve the machines.

        Returns
        -------
        ndarray of float, shape (option, depot)
            1 for an open source.
        """
        rate = self.model.demand.depot_rate[part][:, depots]
        sources = self.model.demand.sources[part][:, depots]
        lead_time = np.array([self.lead_times[p].mean for p in part])[:, None]
        taken = np.divide(rate, sources, out=np.zeros_like(rate), where=sources > 0)
        return np.asarray(1 + taken * lead_time)

    def own_backorders(self, part: Ints, owed: Floats, ready: Floats) -> Floats:
        """
        Give the backorders of the root's own customers.

        Parameters
        ----------
        part : ndarray of int, shape (option,)
            Parts.
        owed, ready : ndarray of float, shape (option,)
            All backorders of the root, and its ready rate.

        Returns
        -------
        ndarray of float, shape (option,)
            Units.
        """
        mine = self.own_share[part]
        sources = self.model.demand.sources[part, self.depot]
        return finite_source_backorders(
            mine * owed, mine * self.lead_time_demand[part, 0], 1 - ready, sources
        )

    def _central_cost(self, part: Ints, level: Ints, owed: Floats, ready: Floats) -> Floats:
        position = level - (self.model.lot[part, self.depot] - 1) / 2
        own = self.own_backorders(part, owed, ready)
        own = own * self.kept_back(part, np.array([self.depot]))[:, 0]
        units = position - self.lead_time_demand[part, 0] + own
        cost = self.model.holding[part] * units
        short = (ready < self._min_fill_rate(part)) & (self.own_share[part] > 0)
        return np.where(short, np.inf, cost)

    def _central_use(self, part: Ints, level: Ints, owed: Floats, ready: Floats) -> Floats:
        targets, windows = self.model.targets, self.model.windows
        use = np.zeros((len(part), len(targets.limit)))
        if targets.has_budget:
            use[:, -1] = self.model.scenario.prices[part] * level
        calls = self._calls(part, np.array([self.depot]))[:, 0]
        difficulty = difficulty_index(self.model.scenario)[part]
        weights = windows.weights[difficulty, self.depot]  # (option, tier, wait)
        kept = (weights * self._at_lag(ready, windows.waits[difficulty, self.depot])).sum(axis=-1)
        at_once = windows.at_once[difficulty, self.depot]
        kept += (at_once - weights.sum(axis=-1)) * ready[:, :1]
        use[:, : targets.tier_rows] = calls * (1 - kept)
        for k, d in enumerate(targets.wait_depots, start=targets.tier_rows):
            if d == self.depot:
                own = self.own_backorders(part, owed[:, 0], ready[:, 0])
                use[:, k] = self._waits(part, int(d), own)
        return use

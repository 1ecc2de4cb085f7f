"""
Levels of many parts under a central depot that keep mean waits, with a bound by VARI-METRIC.

Prices of the rows come from curves of all units by the price at which each is worth buying, then,
if the gap is wider than asked for, from column generation with a PuLP master. Whole levels lie
between those at slightly lower and higher prices; PuLP chooses among the units between. The exact
law of the units in resupply says at the end whether the rows are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.exact_counts import tail
from partsim.analytic.two_echelon import vari_metric
from partsim.optimisation.master import solve_master
from partsim.optimisation.price_curves import PriceCurves
from partsim.optimisation.stock_problem import StockProblem
from partsim.optimisation.whole_changes import choose_changes, round_changes

if TYPE_CHECKING:
    from partsim.kernels.pricing import Decision as Filled
    from partsim.kernels.pricing import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_BLOCKS = 24
"""Parts are shared out to so many blocks; a column is what one block does at some prices."""
_WIDTHS = (0.5, 0.3, 0.1, 0.1)
"""How far around the last prices the curves reach, round by round, in their logarithm."""
_NEAR = 0.1
"""The same for the last curve, with the central levels fixed."""
_CLOSE = 1e-6
"""Share of a part's cost that central levels not evaluated may hide from the bound."""
_SPARED = 0.05
"""Share of the gap asked for that limits are tightened by beyond what is missing."""
_PRICE_GAPS = (0.25, 0.05)
"""Shares of the gap asked for at which prices are right for whole levels."""
_MANY = 2_000_000
_ROUNDS = 40
_MOST_MONEY = 1e40
"""A price so many times the dearest unit buys all stock that tails of 1e-13 tell apart."""
_NODES = 20
_SMALL = 5_000
_UNITS = 200
"""Units, five times as many below so many cells, that PuLP chooses among; the others are bought in
the order of their worth."""


@dataclass(frozen=True, eq=False)
class _Decision:
    central_level: Ints
    level: Ints
    backorders: Floats


class WaitSearch:
    """
    Best levels and best bound so far.

    Attributes
    ----------
    central_level, level : ndarray of int, shape (part,) and (part, depot)
        They keep all rows by the exact law.
    cost, bound : float
        Their cost, and what no levels undercut by VARI-METRIC [money per year].
    prices : ndarray of float, shape (row,)
        Money for all that a row allows.
    """

    level: Ints

    def __init__(self, problem: StockProblem, gap: float) -> None:
        self.problem, self.gap = problem, gap
        self.prices: Floats = np.zeros(len(problem.row_names))
        self.cost, self.bound = np.inf, 0.0
        self.network = problem.central_network
        P, self.depots = problem.demand_rate.shape
        mean = problem.central_demand
        self.central_level = np.minimum(
            np.rint(mean + 0.5 * np.sqrt(mean)).astype(np.int64), self.network.most
        )
        self.block = np.arange(P) % _BLOCKS
        families = problem.tier_share.shape[1]
        self.place = self.block * families + problem.family
        self.units = _UNITS if problem.demand_rate.size > _SMALL else 5 * _UNITS
        self.columns: list[tuple[Floats, Floats]] = []

    def run(self) -> None:
        """Search until the gap is proven, or nothing helps any more."""
        limit = np.ones(len(self.prices))
        prices = self.curve_prices(limit)
        bound = self.price_all(prices, limit)
        # Prices that prove the gap may still be too far off for whole levels: then nearer ones.
        # Curves of very many units are as good as exact, and column generation is dear there.
        many = self.problem.demand_rate.size > _MANY
        for share in (np.inf, *_PRICE_GAPS) if many else _PRICE_GAPS:
            prices, bound = self.find_prices(prices, limit, bound, self.gap * share)
            decision = _keep_exactly(self, prices)
            cost = float(self.unit_costs(decision).sum())
            if cost < self.cost:
                self.central_level, self.level = decision.central_level, decision.level
                self.cost = cost
            if self.cost - bound <= self.gap * abs(bound):
                break
        self.prices, self.bound = prices, bound

    def use(self, backorders: Floats) -> Floats:
        """Give the use of every row."""
        total = np.zeros(self.problem.family_rate.shape)
        np.add.at(total, self.problem.family, backorders)
        return np.asarray(np.einsum("kfd,fd->k", self.problem.row_weights, total))

    def nearby(self, network: Network, prices: Floats) -> _Decision:
        """Find good levels near the last central ones, within the network's central levels."""
        from partsim.kernels.pricing import fill_nearby

        filled = self._to_fill()
        fill_nearby(network, self.backorder_price(prices), self.problem.family, filled)
        return _Decision(self.central_level.copy(), filled.level, filled.backorders)

    def price_all(self, prices: Floats, limit: Floats) -> float:
        """Prove a bound with these prices; keep the cheapest levels as a column."""
        from partsim.kernels.pricing import fill_cheapest

        filled, lowest = self._to_fill(), np.empty(len(self.block))
        price = self.backorder_price(prices)
        fill_cheapest(self.network, price, self.problem.family, _CLOSE, filled, lowest)
        found = _Decision(self.central_level, filled.level, filled.backorders)
        self.columns.append(self.column(found))
        return float(lowest.sum() - prices @ limit)

    def _to_fill(self) -> Filled:
        from partsim.kernels.pricing import Decision

        shape = self.problem.demand_rate.shape
        return Decision(self.central_level, np.empty(shape, np.int64), np.empty(shape))

    def backorder_price(self, prices: Floats) -> Floats:
        """Give the price of a backorder by family and depot."""
        return np.einsum("k,kfd->fd", prices, self.problem.row_weights)

    def unit_costs(self, decision: _Decision) -> Floats:
        """Give the holding cost of each part."""
        units = decision.level.sum(axis=1) + decision.central_level
        return np.asarray(self.problem.holding_cost * units)

    def column(self, decision: _Decision) -> tuple[Floats, Floats]:
        """Give cost by block, and use by block and row."""
        families = self.problem.tier_share.shape[1]
        total = np.zeros((_BLOCKS * families, self.depots))
        np.add.at(total, self.place, decision.backorders)
        total = total.reshape(_BLOCKS, families, self.depots)
        use = np.einsum("kfd,bfd->bk", self.problem.row_weights, total)
        cost = np.bincount(self.block, self.unit_costs(decision), _BLOCKS)
        return cost.astype(float), use

    def curve_prices(self, limit: Floats) -> Floats:
        """Maximise the bound on curves of all units by price, ever closer around the prices."""
        prices = np.zeros(len(limit))
        if not len(limit):
            return prices
        curves = PriceCurves.around_all(self.problem, self.network, self.central_level)
        reach = np.inf
        for width in (*_WIDTHS, None):
            prices = curves.best_prices(limit, prices, reach)
            if width is None:
                return prices
            self.columns.append(self.column(self.nearby(self.network, prices)))
            curves, reach = self._curves(prices, width), width
        return prices

    def _curves(self, prices: Floats, width: float) -> PriceCurves:
        return PriceCurves.around(self.problem, self.network, self.central_level, prices, width)

    def find_prices(
        self, prices: Floats, limit: Floats, bound: float, gap: float
    ) -> tuple[Floats, float]:
        """Raise the bound by column generation until it is so near the master's value."""
        best = prices
        for _ in range(_ROUNDS):
            value, found = self._mix(limit)
            if value - bound <= gap * abs(value):
                break
            prices = 0.6 * found + 0.4 * best
            reached = self.price_all(prices, limit)
            if reached > bound:
                best, bound = prices, reached
        return best, bound

    def _mix(self, limit: Floats) -> tuple[float, Floats]:
        """Mix columns at least cost; a row may be broken at a thousand times what all cost."""
        scale = max(float(cost.sum()) for cost, _ in self.columns) or 1.0
        scaled = [(cost / scale, use) for cost, use in self.columns]
        value, prices = solve_master(scaled, limit, np.full(len(limit), 1e3))
        return value * scale, prices * scale

    def whole_levels(
        self, network: Network, prices: Floats, limit: Floats
    ) -> tuple[_Decision, Floats]:
        """Fix the central levels, and choose whole field levels at the prices for these."""
        if not len(limit):
            return self.nearby(network, prices), prices
        level = self.nearby(network, prices).central_level
        fixed = network._replace(fewest=level, most=level)
        prices = self._curves(prices, _NEAR).best_prices(limit, prices, _NEAR)
        apart = 1e-4
        while True:
            low = self.nearby(fixed, prices / (1 + apart))
            high = self.nearby(fixed, prices * (1 + apart))
            kept = (self.use(high.backorders) <= limit).all()
            if (kept and (high.level - low.level).sum() >= self.units / 2) or apart > 0.5:
                break
            # So many units more are asked for; their number grows with the distance, roughly.
            between = (high.level - low.level).sum() if kept else 0
            apart *= min(max(0.7 * self.units / max(between, 1), 1.5), 10.0)
        raised = prices
        while not (within := self.use(high.backorders) <= limit).all():
            raised = np.maximum(raised * 2, prices.max() * 1e-9)
            if raised.max() > _MOST_MONEY * self.problem.holding_cost.max():
                names = ", ".join(np.array(self.problem.row_names)[~within])
                raise ValueError(f"{names}: expected waits that some stock keeps, got shorter ones")
            high = self.nearby(fixed, raised)
        return self._between(fixed, (low, high), prices, limit), prices

    def _between(
        self, fixed: Network, ends: tuple[_Decision, _Decision], prices: Floats, limit: Floats
    ) -> _Decision:
        """Buy the units between two decisions that keep the rows at least cost."""
        problem, network = self.problem, self.network
        low, high = ends
        p, d = np.nonzero(high.level > low.level)
        more = high.level[p, d] - low.level[p, d]
        first = np.repeat(np.cumsum(more) - more, more)
        p, d = np.repeat(p, more), np.repeat(d, more)
        S = low.level[p, d] + np.arange(len(p)) - first
        row = network.start[p] + fixed.fewest[p]
        mean, variance = vari_metric(
            *(network.moving[p, d], 1.0, network.share[p, d]),
            *(network.owed[row], network.spread[row]),
        )
        saving = tail(mean, np.maximum(variance, mean), S)
        gain = problem.row_weights[:, problem.family[p], d] * saving
        need = self.use(low.backorders) - limit
        cover = _Cover(problem.holding_cost[p], gain, need)
        base = float(self.unit_costs(low).sum() + cover.cost.sum())
        bought = _cheapest_cover(cover, prices, self.units, base, self.gap / 4)
        level = low.level.copy()
        np.add.at(level, (p[bought], d[bought]), 1)
        return _Decision(fixed.fewest, level, low.backorders)


def _keep_exactly(search: WaitSearch, prices: Floats) -> _Decision:
    """Choose whole levels whose exact waits keep the rows."""
    limit, network = np.ones(len(prices)), search.network
    margin = min(max(search.gap * _SPARED, 1e-6), 1e-4)
    for step in range(40):
        decision, prices = search.whole_levels(network, prices, limit)
        owed = search.problem.exact_backorders(decision.central_level, decision.level)
        use = search.use(owed)
        if (use <= 1).all():
            break
        if step:  # else other central levels would undo what tighter limits mend
            level = decision.central_level
            network = network._replace(fewest=level, most=level)
        # VARI-METRIC is a little too hopeful: ask for as much less as it promised too much.
        # Ever more boldly where that has not helped: whole levels may jump to and fro.
        limit = limit * np.minimum(1.0, (1 - margin) / use) ** max(1, step - 6)
    return decision


class _Cover(NamedTuple):
    """Units with their cost, gains of shape (row, unit), and what each row needs of these."""

    cost: Floats
    gain: Floats
    need: Floats


def _cheapest_cover(cover: _Cover, prices: Floats, most: int, base: float, gap: float) -> Mask:
    """
    Choose units at least cost whose gains cover the need of every row; all of them do.

    Those whose worth is far from their cost are bought or left; PuLP chooses among so many others,
    to a gap that is a share of a base.
    """
    cost, gain, need = cover
    bought = np.zeros(len(cost), bool)
    order = np.argsort(cost / np.maximum(prices @ gain, 1e-300), kind="stable")
    covered = (np.cumsum(gain[:, order], axis=1) >= need[:, None]).all(axis=0)
    enough = int(np.argmax(covered)) + 1 if covered.any() else len(order)
    first = max(enough - most // 2, 0)
    bought[order[:first]] = True
    rest = order[first : first + most]
    left = need - gain[:, order[:first]].sum(axis=1)
    if (left > 0).any():
        bought[rest] = _solve_cover(_Cover(cost[rest], gain[:, rest], left), prices, base, gap)
    return bought


def _solve_cover(cover: _Cover, prices: Floats, base: float, gap: float) -> Mask:
    """Round the linear program; if that costs too much more than its bound, solve in integers."""
    cost, gain, need = cover
    use, spare = -gain.T, -need * (1 + 1e-9 * np.sign(need))
    taken = round_changes(cost, use, spare)
    if taken is None:
        return np.ones(len(cost), bool)
    bound = np.minimum(cost - prices @ gain, 0.0).sum() + prices @ need
    if cost[taken].sum() - bound > gap * base:
        units = np.arange(len(cost))
        taken, _ = choose_changes(cost, use, spare, units, taken, base, gap, _NODES)
    return taken

"""
Levels under a central depot by the exact law, under any mix of rows, with a proven bound.

All levels are tabulated. Prices come from column generation; options and levels that cost little
more than the cheapest at these prices go into an integer program in PuLP, as many as the gap asked
for leaves open.
"""

from __future__ import annotations

import numpy as np

from partsim.errors import SolverFailed
from partsim.optimisation.central_tables import CentralPricing, Floats, Ints, Values
from partsim.optimisation.core_model import CoreSolution, solve_core
from partsim.optimisation.depot_pricing import Priced
from partsim.optimisation.pool import Nearby, Pick
from partsim.optimisation.reachable import first_columns, no_levels
from partsim.optimisation.stock_problem import StockProblem

_MARGIN = 3e-9
"""Share of a limit that is left free for the solver's tolerance and for rounding of sums."""
_TIGHTEST = 1e-11
"""Gap at which the prices are right."""
_NUMBERS = (1_500, 4_000, 12_000)
"""Options and levels near the prices that the programs are about, ever more of them."""
_NODES = 200
_PROVEN = 1e-6
"""HiGHS proves no smaller gap."""
_SMALL = 1_000
"""Cells up to which the gap is closed by ever larger programs; of more, one leaves little open."""


class CentralSearch:
    """
    Best levels and best bound so far.

    Attributes
    ----------
    central_level : ndarray of int, shape (part,)
        Base stock of the central depot.
    level : ndarray of int, shape (part, depot)
        Base stock of the depots; both together keep all rows.
    cost, bound : float
        Their cost, and what no levels undercut [money per year].
    prices : ndarray of float, shape (row,)
        Money for all that a row allows.
    """

    central_level: Ints
    level: Ints

    def __init__(self, problem: StockProblem, gap: float) -> None:
        self.problem, self.gap = problem, gap
        self.pricing = CentralPricing(problem)
        self.limit = 1 - problem.rows.always
        self.kept = problem.rows.within(self.limit, _MARGIN)
        self.prices: Floats = np.zeros(len(self.limit))
        self.cost, self.bound, self.least = np.inf, 0.0, 0.0

    def run(self) -> None:
        """Search until the gap is proven, or as far as a program of some thousand levels goes."""
        rows, price = self.problem.rows, self.pricing.price
        if (price(self.prices).use.sum(axis=0) <= self.kept).all():
            self._take_cheapest(price(self.prices))
            return
        scale = float(self.problem.holding_cost.sum()) / len(self.limit)
        columns = first_columns(rows, price, self.limit, scale)
        gap = max(self.gap / 100, _TIGHTEST)
        self.prices, base = columns.prices(price, self.limit, gap)
        self.bound = self.least = base.bound(self.prices, self.limit)
        values = self.pricing.values(self.prices)
        near = NearbyLevels(self.pricing, values)
        for number in _NUMBERS:
            # Levels that cost more cannot close a gap wider than the one asked for.
            large = self.problem.demand_rate.size > _SMALL and self.cost < np.inf
            if large or self.cost - self.bound <= max(self.gap, _PROVEN) * self.bound:
                break
            needed = self.cost / (1 + self.gap) - self.least
            self._choose(near, min(needed, near.room(number)))
        if self.cost == np.inf:
            raise no_levels(rows, price, columns.columns, self.limit)

    def _take_cheapest(self, base: Priced) -> None:
        """Take the cheapest levels where these keep the rows."""
        choice = self.pricing.cheapest(self.pricing.values(self.prices))
        self.central_level, self.level = self.pricing.levels(choice)
        self.cost = self.bound = float(base.cost.sum())

    def _choose(self, near: NearbyLevels, room: float) -> None:
        """Choose among levels that cost so much more at most, and keep levels and bound."""
        penalty = np.full(len(self.limit), np.inf)
        try:
            core = solve_core(near.within(room), self.kept, penalty, self.gap / 2, nodes=_NODES)
        except SolverFailed:
            return
        central, level = near.levels(core)
        choice = self.pricing.choice(central, level)
        added = self.pricing.added(choice)
        cost = float(added.cost.sum())
        if cost < self.cost and (added.use.sum(axis=0) <= self.kept + _MARGIN / 2).all():
            self.central_level, self.level, self.cost = central, level, cost
        # Other levels cost more than the room; the margin of the limits is worth its price.
        proven = core.bound - _MARGIN * float(self.prices @ self.limit)
        self.bound = max(self.bound, min(proven, self.least + room, self.cost))


class NearbyLevels:
    """Options and levels of all parts by how much more they cost than the cheapest ones."""

    def __init__(self, pricing: CentralPricing, values: Values) -> None:
        tables = pricing.tables
        self.pricing, self.tables = pricing, tables
        self.row_more = values.row - values.part[tables.part]
        self.entry_more = values.entry - np.repeat(values.cell, pricing.length)
        self.of_cell = np.repeat(np.arange(len(values.cell)), pricing.length)
        least = np.flatnonzero(self.entry_more <= 0)
        cells = np.searchsorted(self.of_cell[least], np.arange(len(values.cell)))
        self.best = least[cells].reshape(-1, pricing.depots)  # (row, depot)
        self.all_more = self.entry_more + self.row_more[self.of_cell // pricing.depots]

    def room(self, number: int) -> float:
        """Give how much more that number of options and levels cost at most, part by part."""
        number += len(self.tables.first_row[1:]) * self.pricing.depots  # the cheapest themselves
        if number >= len(self.all_more):
            return float(self.all_more.max())
        return float(np.partition(self.all_more, number)[number])

    def within(self, room: float) -> list[Nearby]:
        """List options in the order of parts, with their levels."""
        pricing, tables = self.pricing, self.tables
        rows = np.flatnonzero(self.row_more <= room)
        best, shape = self.best[rows], (len(rows), pricing.depots)
        use = pricing.entry_use(best.ravel()).reshape(*shape, -1)
        cost = pricing.entry_cost(best.ravel()).reshape(shape)
        own_use, own_cost = pricing.central_stock(rows)
        others: list[list[tuple[int, int, float, Floats]]] = [[] for _ in rows]
        other = self.all_more <= room
        other[best] = False  # not those that cost no more: at the right prices some tie
        entry = np.flatnonzero(other)
        row, j = np.divmod(self.of_cell[entry], pricing.depots)
        i, level = np.searchsorted(rows, row), pricing.level[entry]
        more_cost = pricing.entry_cost(entry) - cost[i, j]
        more_use = pricing.entry_use(entry) - use[i, j]
        for n in range(len(entry)):
            others[i[n]].append((int(j[n]), int(level[n]), float(more_cost[n]), more_use[n]))
        total, used = cost.sum(axis=1) + own_cost, use.sum(axis=1) + own_use
        return [
            Nearby(
                Pick(
                    *(int(tables.part[r]), 0, int(tables.central_level[r])),
                    *(tuple(pricing.level[best[i]].tolist()), float(total[i]), tuple(used[i])),
                ),
                others[i],
            )
            for i, r in enumerate(rows)
        ]

    def levels(self, core: CoreSolution) -> tuple[Ints, Ints]:
        """Give central and field levels of a solution."""
        central = np.array([pick.central_level for pick in core.chosen])
        return central, np.array([pick.levels for pick in core.chosen])

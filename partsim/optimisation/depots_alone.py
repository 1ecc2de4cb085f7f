"""
Levels of depots that suppliers deliver to, under any mix of rows, with a proven bound.

Prices come from column generation, for many parts first on a sample, then on changes near the
choice. Whole levels differ from the cheapest ones at these prices in few changes; PuLP chooses
them. Of few parts, all levels that the bound leaves open go into an integer program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.errors import SolverFailed
from partsim.optimisation.core_levels import core_changes
from partsim.optimisation.depot_prices import DepotColumns
from partsim.optimisation.depot_pricing import Changes, DepotPricing, Priced
from partsim.optimisation.reachable import first_columns, no_levels
from partsim.optimisation.stock_problem import StockProblem
from partsim.optimisation.whole_changes import choose_changes, round_changes

if TYPE_CHECKING:
    from partsim.kernels.depots_alone import Choice

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_SAMPLE = 100_000
"""Cells of the sample from which the prices of more than twice as many cells are found."""
_SAMPLE_GAPS = (1e-3, 1e-4)
_LOOSEST, _TIGHTEST = 3e-7, 1e-12
"""Gaps at which the prices are right: near the choice, loose ones leave rows broken."""
_LISTED = 200_000
"""Changes near the choice that say how the prices of all parts go on."""
_NEAR = 0.05
"""Share by which what waits cost may change until other levels than those listed are cheapest."""
_ROUNDED = (500, 2_000)
"""Changes that the programs are about: more if these do not keep the rows."""
_CORE = 1_500
"""Cells of problems that end with all levels which the bound leaves open."""
_ROOMS = (0.3, 3.0, 30.0)
"""Units for each row that rounding may cost, while no levels are known that keep the rows."""
_NODES, _CORE_NODES = 20, 10_000
_TURNS = 20
_MARGIN = 1e-9
"""Share of a limit that is left free for rounding of sums."""


class DepotSearch:
    """
    Best levels and best bound so far.

    Attributes
    ----------
    level : ndarray of int, shape (part, depot)
        They keep all rows.
    cost, bound : float
        Their cost, and what no levels undercut [money per year].
    prices : ndarray of float, shape (row,)
        Money for all that a row allows.
    """

    def __init__(self, problem: StockProblem, gap: float) -> None:
        self.problem, self.gap = problem, gap
        self.pricing = DepotPricing(problem)
        self.limit = 1 - problem.rows.always
        self.kept = problem.rows.within(self.limit, _MARGIN)
        self.mixed = problem.rows.limits_stock
        self.prices = np.zeros(len(self.limit))
        self.cost, self.bound = np.inf, 0.0
        self.central_level: Ints = np.zeros(len(problem.lead_time), np.int64)
        self.level: Ints = np.zeros(problem.demand_rate.shape, np.int64)

    @property
    def proven(self) -> bool:
        """Whether the gap is as small as asked for."""
        return self.cost - self.bound <= self.gap * self.bound

    def run(self) -> None:
        """Search until the gap is proven, or nothing helps any more."""
        base, choice = self._price()
        if (base.use.sum(axis=0) <= self.kept).all():
            self._keep(base, choice, self.pricing.changes(choice, 0), np.zeros(0, bool))
            return
        if self.problem.demand_rate.size > 2 * _SAMPLE:
            columns = self._run_large()
        else:
            columns = self._run_small()
        if self.cost == np.inf:
            raise no_levels(self.problem.rows, self._price_all, columns.columns, self.limit)

    def _run_small(self) -> DepotColumns:
        """Find prices on all parts; of few parts, decide the levels that the bound leaves open."""
        small = self.problem.demand_rate.size <= _CORE
        columns = self._first_columns(self._price_all)
        gap = _TIGHTEST if small else max(self.gap / 10, _TIGHTEST)
        self.prices, _ = columns.prices(self._price_all, self.limit, gap)
        base, choice = self._price()
        nearest = self._round(base, choice)
        if not nearest and not self.mixed:
            self._raise_prices(columns.penalty)
        elif not self.proven:
            most = nearest or _ROUNDED[-1]
            self._choose(base, choice, self.pricing.changes(choice, most), _NODES)
        if not self.proven and small:
            self._choose_from_all(base, choice)
        return columns

    def _run_large(self) -> DepotColumns:
        """Find prices on a sample, then on changes near the choice, until the gap is proven."""
        columns, base, choice = self._prices_of_sample()
        changes = self.pricing.changes(choice, _LISTED)
        last = np.inf
        for _ in range(_TURNS):
            if last - (self.cost - self.bound) <= self.gap / 10 * self.bound:
                break
            last = self.cost - self.bound

            def near(prices: Floats, base: Priced = base, changes: Changes = changes) -> Priced:
                return self.pricing.price_changes(base, changes, prices)

            gap = max(min(self.gap / 100, _LOOSEST), _TIGHTEST)
            self.prices, _ = columns.prices_near(near, self.limit, gap, self.prices, self._reach())
            base, choice = self._price()
            columns.columns.append(base)
            changes = self.pricing.changes(choice, _LISTED)
            if not self._round(base, choice) and not self.mixed:
                self._round(*self._covered(base, choice, changes))
            if self.proven:
                return columns
        if self.cost == np.inf and not self.mixed:
            self._raise_prices(columns.penalty)
        return columns

    def _raise_prices(self, penalty: Floats) -> None:
        """Take the cheapest levels at prices raised until these alone keep the rows."""
        share = 1e-9
        while self.cost == np.inf:
            base, choice = self.pricing.price(self.prices + share * penalty)
            if (base.use.sum(axis=0) <= self.kept).all():
                nothing = self.pricing.changes(choice, 0)
                self._keep(base, choice, nothing, np.zeros(0, bool))
            share *= 2

    def _covered(self, base: Priced, choice: Choice, changes: Changes) -> tuple[Priced, Choice]:
        """Swap levels until the rows are kept, or nearly: more than a small program could."""
        spare = self.kept - base.use.sum(axis=0)
        taken = self.pricing.cover(changes, self.prices, spare)
        at = changes.part[taken], changes.depot[taken]
        swapped = choice._replace(level=choice.level.copy(), other=choice.other.copy())
        swapped.level[at], swapped.other[at] = choice.other[at], choice.level[at]
        return self.pricing.with_changes(base, changes, taken), swapped

    def _reach(self) -> Floats:
        """Say how far each price may go until what waits cost changes by a share somewhere."""
        return _NEAR * self.pricing.least_change(self.prices)

    def _prices_of_sample(self) -> tuple[DepotColumns, Priced, Choice]:
        """Find prices on a sample whose limits are shifted by what it mistook."""
        problem = self.problem
        number = max(_SAMPLE // problem.demand_rate.shape[1], 1)
        worth = problem.holding_cost / np.maximum(problem.central_demand, 1e-300)
        order = np.lexsort((worth, problem.family))
        parts = np.sort(order[np.linspace(0, len(order), number, endpoint=False).astype(int)])
        times = len(order) / number

        def of_sample(prices: Floats) -> Priced:
            priced, _ = self.pricing.price(prices, parts)
            return Priced(priced.cost * times, priced.use * times)

        columns, shifted, found = self._first_columns(of_sample), self.limit, []
        for gap in _SAMPLE_GAPS:
            self.prices, priced = columns.prices(of_sample, shifted, gap)
            base, choice = self._price()
            found.append(base)
            shifted = self.limit - (base.use - priced.use).sum(axis=0)
        return DepotColumns(found, columns.penalty), base, choice

    def _first_columns(self, pricing: Callable[[Floats], Priced]) -> DepotColumns:
        scale = float(self.problem.holding_cost.sum()) / len(self.limit)
        return first_columns(self.problem.rows, pricing, self.limit, scale)

    def _price_all(self, prices: Floats) -> Priced:
        return self.pricing.price(prices)[0]

    def _price(self) -> tuple[Priced, Choice]:
        """Price all parts, and keep the bound."""
        base, choice = self.pricing.price(self.prices)
        self.bound = max(self.bound, base.bound(self.prices, self.limit))
        return base, choice

    def _round(self, base: Priced, choice: Choice) -> int:
        """Make the rows be kept by some of the nearest changes; say how many these are, or 0."""
        spare = self.kept - base.use.sum(axis=0)
        for most in _ROUNDED:
            changes = self.pricing.changes(choice, most)
            taken = round_changes(changes.cost, self.pricing.use_of(changes), spare)
            if taken is not None:
                self._keep(base, choice, changes, taken)
                return most
        return 0

    def _choose_from_all(self, base: Priced, choice: Choice) -> None:
        """Choose among all levels that the bound leaves open: what HiGHS proves is proven."""
        level = choice.level.astype(np.int64)
        unit = self.pricing.dearest(self.prices)
        for units in _ROOMS:
            if self.cost == np.inf:
                room = units * len(self.limit) * unit
                changes = core_changes(self.problem, self.prices, level, room)
                self._choose(base, choice, changes, _CORE_NODES)
        if self.cost < np.inf and not self.proven:
            changes = core_changes(self.problem, self.prices, level, self.cost - self.bound)
            bound = self._choose(base, choice, changes, _CORE_NODES)
            self.bound = max(self.bound, min(bound, self.cost))

    def _choose(self, base: Priced, choice: Choice, changes: Changes, nodes: int) -> float:
        """Choose changes by an integer program that starts from the best levels known, if any."""
        known = self.level[changes.part, changes.depot] == changes.level
        cell = changes.part * self.level.shape[1] + changes.depot
        spare, use = self.limit - base.use.sum(axis=0), self.pricing.use_of(changes)
        cost = float(base.cost.sum())
        start = known if self.cost < np.inf else None
        try:
            taken, bound = choose_changes(
                changes.cost, use, spare, cell, start, cost, self.gap / 2, nodes
            )
        except SolverFailed:
            if start is not None:
                raise
            return self.bound
        if (base.use.sum(axis=0) + use[taken].sum(axis=0) <= self.kept).all():
            self._keep(base, choice, changes, taken)
        return bound

    def _keep(self, base: Priced, choice: Choice, changes: Changes, taken: Mask) -> None:
        """Keep the changed choice if it is the best so far."""
        cost = float(base.cost.sum() + changes.cost[taken].sum())
        if cost < self.cost:
            self.cost, self.level = cost, choice.level.astype(np.int64)
            self.level[changes.part[taken], changes.depot[taken]] = changes.level[taken]

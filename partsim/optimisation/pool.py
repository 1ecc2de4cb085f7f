"""The pool of options that have been evaluated, and what prices of the targets make of them.

Prices turn the targets into costs; then every part under every root decides alone. The pool
evaluates central levels only where the prices ask for them: between two evaluated levels the
decision cannot cost less than the dearer level's cells with the cheaper level's stock, because
everything else falls with the central level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.options import Options, check_limits, evaluate_options
from partsim.optimisation.price_table import PriceTable
from partsim.optimisation.targets import stock_value

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLOSE = 2e-5
"""Gaps between central levels are closed until they cannot hide more than this share."""
_ABOVE_ALL = 1e6
"""Price of money in stock at which nothing else counts [money per year]."""


@dataclass(frozen=True)
class Pick:
    """
    One option with its levels: a decision for one part under one root.

    Attributes
    ----------
    part, root : int
        Part, and index of the root depot.
    central_level : int
        S0.
    levels : tuple of int
        Levels of the root's fields.
    cost : float
        Money per year.
    use : tuple of float
        Use of each target.
    """

    part: int
    root: int
    central_level: int
    levels: tuple[int, ...]
    cost: float
    use: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Priced:
    """
    What prices lead to.

    Attributes
    ----------
    picks : list of Pick
        Cheapest option of each part under each root.
    bound : float
        No decision at all has less of cost plus priced uses.
    """

    picks: list[Pick]
    bound: float


@dataclass(frozen=True, eq=False)
class Nearby:
    """
    An option and the levels of its fields that cost little more than the cheapest.

    Attributes
    ----------
    pick : Pick
        The cheapest levels of the option.
    alternatives : list of (field, level, cost, use)
        Other levels, with cost and uses relative to the cheapest level of the cell.
    """

    pick: Pick
    alternatives: list[tuple[int, int, float, Floats]]


@dataclass(eq=False)
class OptionPool:
    """
    Options of all parts under all roots, growing where prices ask for more.

    Attributes
    ----------
    model : EvaluationModel
        What evaluates options.
    batches : list of (RootNetwork, Options)
        Evaluated so far.
    after_pricing : callable, optional
        Told the prices and what they led to, each time; may end the search by an exception.
    """

    model: EvaluationModel
    batches: list[tuple[RootNetwork, Options]] = field(default_factory=list)
    after_pricing: Callable[[Floats, Priced], None] | None = None

    def __post_init__(self) -> None:
        check_limits(self.model)
        for root in self.model.roots:
            parts, levels = [], []
            for p in root.parts:
                mean = root.lead_time_demand[p, 0]
                spread = np.sqrt(
                    root.lead_time_variance[p, 0] + root.model.lot[p, root.depot] ** 2 / 12
                )
                ladder = mean + max(spread, 1.0) * np.array([-3, -1.5, -0.5, 0.5, 1.5, 2.5, 4.0])
                ladder = np.clip(np.round(ladder), root.fewest[p], root.most[p]).astype(np.int64)
                chosen = np.unique([root.fewest[p], *ladder, root.most[p], root.top[p]])
                parts += [int(p)] * len(chosen)
                levels += chosen.tolist()
            self._evaluate(root, np.array(parts, np.int64), np.array(levels, np.int64))

    def _evaluate(self, root: RootNetwork, part: Ints, level: Ints) -> None:
        if len(part):
            self.batches += [(root, options) for options in evaluate_options(root, part, level)]

    def best_reachable(self) -> Floats:
        """
        Give the uses of all targets with all the stock that may be, and the least use of stock.

        Returns
        -------
        ndarray of float, shape (row,)
            Without the constant of the rows; no plan uses less.
        """
        total = self._use_at(lambda root: (root.top, self.model.scenario.most_stock))
        targets, worth = self.model.targets, self.model.worth
        for row in targets.stock_rows:
            only_row = np.zeros(len(total))
            only_row[row] = _ABOVE_ALL * stock_value(targets, row, worth)
            total[row] = sum(pick.use[row] for pick in self.price(only_row).picks)
        return total

    def without_stock(self) -> Floats:
        """
        Give the uses of all targets with the least stock there may be.

        Returns
        -------
        ndarray of float, shape (row,)
            Without the constant of the rows.
        """
        least = np.maximum(self.model.scenario.least_stock, self.model.lot - 1)
        return self._use_at(lambda root: (root.fewest, least))

    def _use_at(self, levels: Callable[[RootNetwork], tuple[Ints, Ints]]) -> Floats:
        """Add up the uses at one central level of each part and one level of each cell."""
        total = np.zeros(len(self.model.targets.limit))
        for root, options in self.batches:
            central, cells = levels(root)
            i = np.flatnonzero(options.central_level == central[options.part])
            level = np.minimum(cells[options.part[i]][:, root.fields], options.levels)
            fields = np.arange(len(root.fields))
            total += options.central_use[i].sum(axis=0)
            total += options.use[:, i[:, None], fields, level].sum(axis=(1, 2))
        return total

    def price(self, prices: Floats, close: float = CLOSE) -> Priced:
        """
        Find the cheapest option of every part, evaluating more options where needed.

        Parameters
        ----------
        prices : ndarray of float, shape (row,)
            Money per year for one unit of use of each target, zero or more.
        close : float
            Share of a part's cost that levels not evaluated may hide; infinite for none at all.

        Returns
        -------
        Priced
            Picks and a bound that holds over all central levels, evaluated or not.
        """
        table = self._table(prices)
        while missing := table.hidden(close):
            for root, parts, levels in missing:
                self._evaluate(root, parts, levels)
            table.extend(self.batches)
        picks = [
            self.pick(int(table.batch[row]), int(table.place[row]), table.best_levels(row))
            for row in table.cheapest_rows()
        ]
        priced = Priced(picks, table.bound())
        if self.after_pricing is not None:
            self.after_pricing(prices, priced)
        return priced

    def bound_by_part(self, prices: Floats) -> Floats:
        """
        Bound what each part costs at given prices, over all central levels, evaluated or not.

        Parameters
        ----------
        prices : ndarray of float, shape (row,)
            Money per year for one unit of use of each target, zero or more.

        Returns
        -------
        ndarray of float, shape (part,)
            Money per year, priced uses included.
        """
        self.price(prices)  # evaluates the levels that matter
        return self._table(prices).bound_by_part()

    def _table(self, prices: Floats) -> PriceTable:
        table = PriceTable(self.model, prices)
        table.extend(self.batches)
        return table

    def nearby(
        self, prices: Floats, excess: float, most: int, trail: list[Floats]
    ) -> tuple[list[Nearby], bool]:
        """
        List options and levels that may be in the best plan.

        Parameters
        ----------
        prices : ndarray of float, shape (row,)
            As for `price`.
        excess : float
            Options and levels that cost at most this above the cheapest at these prices are
            listed [money per year].
        most : int
            Most options and levels to list so; those of least excess stay.
        trail : list of ndarray of float, shape (row,)
            More prices, near the first; what is cheapest at them is listed too.

        Returns
        -------
        nearby : list of Nearby
            In the order of roots, parts and central levels.
        complete : bool
            Whether nothing within `excess` had to be left out.
        """
        table = self._table(prices)
        rows, wanted, complete = self._within(table, excess, most)
        while complete and (missing := table.unseen(excess)):
            for root, parts, levels in missing:
                self._evaluate(root, parts, levels)
            table.extend(self.batches)
            rows, wanted, complete = self._within(table, excess, most)
        if not complete:
            wanted = self._near_break_even(table, rows, excess, most)
            for other in (self._table(prices) for prices in trail):
                for row in other.rows_within(0.0):
                    wanted.setdefault(row, table.cell_excess(row) <= -1.0)
                for row, cells in wanted.items():
                    np.put_along_axis(cells, other.best_levels(row)[:, None], values=True, axis=1)
        return [self._nearby(table, row, wanted[row]) for row in sorted(wanted)], complete

    def _within(
        self, table: PriceTable, excess: float, most: int
    ) -> tuple[list[int], dict[int, NDArray[np.bool_]], bool]:
        """Give evaluated options and levels within `excess`, and whether they are few enough."""
        rows = table.rows_within(excess)
        wanted = {row: table.cell_excess(row) <= excess for row in rows}
        complete = sum(int(cells.sum()) for cells in wanted.values()) <= most + sum(
            len(cells) for cells in wanted.values()
        )
        return rows, wanted, complete

    def _near_break_even(
        self, table: PriceTable, rows: list[int], excess: float, most: int
    ) -> dict[int, NDArray[np.bool_]]:
        """Choose options and levels that a small change of all prices would make the cheapest.

        The excess alone would choose the cheap parts' levels, which cannot close a dear gap.
        """
        own = table.break_even_of_options(np.array(rows))
        order = np.argsort(own, kind="stable")[: most // 3]
        chosen = {rows[i]: float(own[i]) for i in sorted(order)}
        keys = {}
        for row, key in chosen.items():
            cells = table.break_even_of_levels(row)
            cells[table.cell_excess(row) > excess] = np.inf
            np.put_along_axis(cells, table.best_levels(row)[:, None], np.inf, axis=1)
            keys[row] = np.maximum(cells, key)
        flat = np.concatenate([cells.ravel() for cells in keys.values()])
        cut = float(np.partition(flat, most)[most]) if len(flat) > most else np.inf
        return {row: cells < cut for row, cells in keys.items()}

    def _nearby(self, table: PriceTable, row: int, wanted: NDArray[np.bool_]) -> Nearby:
        b, i = int(table.batch[row]), int(table.place[row])
        _, options = self.batches[b]
        best = table.best_levels(row)
        alternatives = []
        for j, level in zip(*np.nonzero(wanted), strict=True):
            if level != best[j]:
                cost = float(options.cost[i, j, level] - options.cost[i, j, best[j]])
                use = options.use[:, i, j, level] - options.use[:, i, j, best[j]]
                alternatives.append((int(j), int(level), cost, use))
        return Nearby(self.pick(b, i, best), alternatives)

    def find(self, root: RootNetwork, part: int, central_level: int, levels: Ints) -> Pick:
        """Give an evaluated option with the given field levels."""
        for b, (its_root, options) in enumerate(self.batches):
            if its_root is root:
                hit = (options.part == part) & (options.central_level == central_level)
                if hit.any():
                    return self.pick(b, int(hit.argmax()), levels)
        raise KeyError((root.depot, part, central_level))

    def pick(self, batch: int, i: int, levels: Ints) -> Pick:
        """Give option `i` of a batch with the given field levels."""
        root, options = self.batches[batch]
        fields = np.arange(len(root.fields))
        use = options.central_use[i] + options.use[:, i, fields, levels].sum(axis=1)
        cost = options.central_cost[i] + options.cost[i, fields, levels].sum()
        return Pick(
            part=int(options.part[i]),
            root=root.depot,
            central_level=int(options.central_level[i]),
            levels=tuple(int(level) for level in levels),
            cost=float(cost),
            use=tuple(use.tolist()),
        )

"""What prices make of evaluated options: every option with its value, sorted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.options import LIMIT, Options

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Batch = tuple[RootNetwork, Options]


class PriceTable:
    """
    Every option at given prices, as rows sorted by root, part and central level.

    Parameters
    ----------
    model : EvaluationModel
        What the options were evaluated with.
    prices : ndarray of float, shape (row of the targets,)
        Money per year for one unit of use of each target, zero or more.

    Attributes
    ----------
    root, part, level : ndarray of int, shape (row,)
        Root depot, part and central level of each row.
    batch, place : ndarray of int, shape (row,)
        Where the option is: batch, and row in it.
    value : ndarray of float, shape (row,)
        Cost and priced uses at the cheapest levels of the fields; infinite for the relaxed level.
    cheapest : ndarray of float, shape (row,)
        Least value of the row's group, the options of one part under one root.
    """

    def __init__(self, model: EvaluationModel, prices: Floats) -> None:
        self.model, self.prices = model, prices
        # What one more unit at each depot costs: holding, and rows that stock uses up.
        self.unit_price = np.repeat(model.holding[:, None], len(model.scenario.depots), axis=1)
        for term in model.targets.terms:
            if term.feature == "units":
                self.unit_price[:, term.depot] += prices[term.row] * term.coefficient
        self.batches: list[Batch] = []
        self.cell_values: list[Floats] = []
        self._values: list[Floats] = []
        self._relaxed: list[Floats] = []

    def extend(self, batches: list[Batch]) -> None:
        """Take in the batches that are new at the end of the list."""
        for root, options in batches[len(self.batches) :]:
            cells = self._cell_values(options)
            central = options.central_cost + options.central_use @ self.prices
            best = cells[..., :-1].min(axis=-1)
            self.batches.append((root, options))
            self.cell_values.append(cells)
            self._values.append(central + best.sum(axis=1))
            self._relaxed.append(central + np.minimum(best, cells[..., LIMIT]).sum(axis=1))
        self._sort()

    def _sort(self) -> None:
        batches = self.batches
        root = np.concatenate([np.full(len(o.part), r.depot) for r, o in batches])
        part = np.concatenate([options.part for _, options in batches])
        level = np.concatenate([options.central_level for _, options in batches])
        batch = np.concatenate([np.full(len(o.part), b) for b, (_, o) in enumerate(batches)])
        place = np.concatenate([np.arange(len(options.part)) for _, options in batches])
        most = np.concatenate([r.most[options.part] for r, options in batches])
        order = np.lexsort((level, part, root))
        self.root, self.part, self.level = root[order], part[order], level[order]
        self.batch, self.place = batch[order], place[order]
        self.relaxed_value = np.concatenate(self._relaxed)[order]
        real = self.level <= most[order]
        self.value = np.where(real, np.concatenate(self._values)[order], np.inf)
        same = (np.diff(self.part) == 0) & (np.diff(self.root) == 0)
        self.starts = np.flatnonzero(np.append(True, ~same))
        sizes = np.diff(np.append(self.starts, len(self.part)))
        self.group = np.repeat(np.arange(len(self.starts)), sizes)
        self.cheapest = np.minimum.reduceat(self.value, self.starts)[self.group]

    def _cell_values(self, options: Options) -> Floats:
        values = options.cost.copy()
        for k in np.flatnonzero(self.prices):
            values += self.prices[k] * options.use[k]
        return np.asarray(values)

    def _interval_bounds(self) -> Floats:
        """Bound what central levels between a row and the one before could reach."""
        skipped = np.append(0, np.diff(self.level)) - 1
        skipped[self.starts] = 0
        bound = self.relaxed_value - self.unit_price[self.part, self.root] * skipped
        return np.where(skipped > 0, bound, np.inf)

    def hidden(self, close: float) -> list[tuple[RootNetwork, Ints, Ints]]:
        """Give central levels to evaluate, where a gap may hide something cheaper."""
        if np.isinf(close):
            return []
        bounds = self._interval_bounds()
        allowance = close * np.abs(np.where(np.isfinite(self.cheapest), self.cheapest, 0.0))
        return self._between(bounds < self.cheapest - allowance - 1e-9)

    def unseen(self, excess: float) -> list[tuple[RootNetwork, Ints, Ints]]:
        """Give central levels to evaluate that may cost at most `excess` above the cheapest.

        Levels beyond the tables, 7 standard deviations above the mean, are left out: they cost
        more than the last one and serve no better, up to rounding.
        """
        return self._between(self._interval_bounds() <= self.cheapest + excess)

    def _between(self, chosen: NDArray[np.bool_]) -> list[tuple[RootNetwork, Ints, Ints]]:
        """Give the central levels in the middle between rows and the ones before them."""
        rows = np.flatnonzero(chosen)
        middle = (self.level[rows] + self.level[rows - 1]) // 2
        found = []
        for root in self.model.roots:
            mine = self.root[rows] == root.depot
            if mine.any():
                found.append((root, self.part[rows[mine]], middle[mine]))
        return found

    def bound(self) -> float:
        """Give the sum of the groups' bounds."""
        return float(self._group_bounds().sum())

    def bound_by_part(self) -> Floats:
        """Give the bound of each part under all roots, shape (part,)."""
        total = np.zeros(len(self.model.grade))
        np.add.at(total, self.part[self.starts], self._group_bounds())
        return total

    def _group_bounds(self) -> Floats:
        lowest = np.minimum(self.relaxed_value, self._interval_bounds())
        return np.minimum.reduceat(lowest, self.starts)

    def cheapest_rows(self) -> Ints:
        """Give the first cheapest row of each group."""
        rows = np.flatnonzero(self.value == self.cheapest)
        _, first = np.unique(self.group[rows], return_index=True)
        return np.asarray(rows[first])

    def best_levels(self, row: int) -> Ints:
        """Give the cheapest level of each cell."""
        cells = self.cell_values[self.batch[row]][self.place[row], :, :-1]
        return np.asarray(cells.argmin(axis=1))

    def cell_excess(self, row: int) -> Floats:
        """Give what each level of each cell costs above the group's cheapest decision."""
        values = self.cell_values[self.batch[row]][self.place[row], :, :-1]
        above = self.value[row] - self.cheapest[row]
        return np.asarray(values - values.min(axis=1, initial=np.inf)[:, None] + above)

    def break_even_of_options(self, rows: Ints) -> Floats:
        """Give each option's excess over the money that it would move from the cheapest."""
        cost = np.zeros(len(self.value))
        for b, (_, options) in enumerate(self.batches):
            mine = self.batch == b
            i = self.place[mine]
            best = self.cell_values[b][i][..., :-1].argmin(axis=-1)[..., None]
            cells = np.take_along_axis(options.cost[i], best, axis=-1)[..., 0]
            cost[mine] = options.central_cost[i] + cells.sum(axis=1)
        cheapest = np.flatnonzero(self.value == self.cheapest)
        of_group = np.empty(len(self.starts))
        of_group[self.group[cheapest[::-1]]] = cost[cheapest[::-1]]
        moved = np.abs(cost - of_group[self.group])[rows]
        above = (self.value - self.cheapest)[rows]
        return np.divide(above, moved, out=np.zeros_like(above), where=moved > 0)

    def break_even_of_levels(self, row: int) -> Floats:
        """Give each level's excess over the money that it would move from its cell's cheapest."""
        options, i = self.batches[self.batch[row]][1], self.place[row]
        values = self.cell_values[self.batch[row]][i, :, :-1]
        best = self.best_levels(row)[:, None]
        cost = options.cost[i, :, :-1]
        moved = np.abs(cost - np.take_along_axis(cost, best, axis=1))
        excess = values - np.take_along_axis(values, best, axis=1)
        possible = np.isfinite(moved) & (moved > 0)
        return np.divide(excess, moved, out=np.where(moved > 0, np.inf, 0.0), where=possible)

    def rows_within(self, excess: float) -> list[int]:
        """Give the rows that cost at most `excess` above the cheapest of their group."""
        return np.flatnonzero(self.value <= self.cheapest + excess).tolist()

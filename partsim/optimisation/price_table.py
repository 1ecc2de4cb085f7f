"""What prices make of evaluated options: every option with its value, sorted.

A region's options, given the stock of the depot above, are a group of their own: the cheapest
of them is part of the value of the option above, and their bound part of what that may reach.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.field_cells import LIMIT
from partsim.optimisation.options import Options
from partsim.optimisation.regional_network import RegionalNetwork

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Batch = tuple[RootNetwork, Options]


class PriceTable:
    """
    Every option at given prices, as rows sorted by network, part and central level.

    Parameters
    ----------
    model : EvaluationModel
        What the options were evaluated with.
    prices : ndarray of float, shape (row of the targets,)
        Money per year for one unit of use of each target, zero or more.

    Attributes
    ----------
    network, part, level : ndarray of int, shape (row,)
        Index into `networks`, part and central level of each row; roots come first.
    batch, place : ndarray of int, shape (row,)
        Where the option is: batch, and row in it.
    above : ndarray of int, shape (row,)
        Row of the option that a region's option is given with; -1 under a root.
    value : ndarray of float, shape (row,)
        Cost and priced uses at the cheapest levels of all depots below; infinite for the
        relaxed level.
    cheapest : ndarray of float, shape (row,)
        Least value of the row's group, the options of one part in one network.
    least, with_above : ndarray of float, shape (row,)
        Least value of the part under its root, and what the part costs there with this option.
    """

    def __init__(self, model: EvaluationModel, prices: Floats) -> None:
        self.model, self.prices = model, prices
        # What one more unit at each depot costs: holding, and rows that stock uses up.
        self.unit_price = np.repeat(model.holding[:, None], len(model.scenario.depots), axis=1)
        for term in model.targets.terms:
            if term.feature == "units":
                self.unit_price[:, term.depot] += prices[term.row] * term.coefficient
        self.batches: list[Batch] = []
        self.networks: list[RootNetwork] = []
        self.cell_values: list[Floats] = []
        self._values: list[Floats] = []
        self._relaxed: list[Floats] = []
        self._network: dict[RootNetwork, int] = {}

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
            if root not in self._network:
                self._network[root] = len(self.networks)
                self.networks.append(root)
        self._sort()

    def _sort(self) -> None:
        batches = self.batches
        vars(self).pop("_cheapest_in_regions", None)
        network = np.concatenate([np.full(len(o.part), self._network[r]) for r, o in batches])
        part = np.concatenate([options.part for _, options in batches])
        level = np.concatenate([options.central_level for _, options in batches])
        batch = np.concatenate([np.full(len(o.part), b) for b, (_, o) in enumerate(batches)])
        place = np.concatenate([np.arange(len(options.part)) for _, options in batches])
        most = np.concatenate([r.most[options.part] for r, options in batches])
        order = np.lexsort((level, part, network))
        self.network, self.part, self.level = network[order], part[order], level[order]
        self.batch, self.place = batch[order], place[order]
        self.relaxed_value = np.concatenate(self._relaxed)[order]
        real = self.level <= most[order]
        self.value = np.where(real, np.concatenate(self._values)[order], np.inf)
        same = (np.diff(self.part) == 0) & (np.diff(self.network) == 0)
        self.starts = np.flatnonzero(np.append(True, ~same))
        sizes = np.diff(np.append(self.starts, len(self.part)))
        self.group = np.repeat(np.arange(len(self.starts)), sizes)
        self.depot = np.array([root.depot for root in self.networks])[self.network]
        self.above = self._rows_above()
        self._join_regions()

    def _rows_above(self) -> Ints:
        """Find the row of the depot above, at the level and for the part of each row."""
        above = np.full(len(self.part), -1)
        parts, levels = int(self.part.max()) + 1, int(self.level.max()) + 1
        keys = (self.network * parts + self.part) * levels + self.level
        for n, network in enumerate(self.networks):
            if isinstance(network, RegionalNetwork):
                rows = slice(*np.searchsorted(self.network, [n, n + 1]))
                part = self.part[rows]
                key = (self._network[network.above] * parts + part) * levels
                above[rows] = np.searchsorted(keys, key + network.level[part])
        return above

    def _join_regions(self) -> None:
        """Add what is cheapest in the regions, and their bounds, to the options above."""
        self.cheapest = np.minimum.reduceat(self.value, self.starts)[self.group]
        self.least, self.with_above = self.cheapest, self.value
        self._others, self._saved_above = np.zeros(len(self.value)), np.zeros(len(self.value))
        region = np.flatnonzero(self.above >= 0)
        if not len(region):
            return
        bounds, above = self._group_bounds()[self.group], self.above[region]
        first = self.starts[self.above[self.starts] >= 0]
        np.add.at(self.value, self.above[first], self.cheapest[first])
        np.add.at(self.relaxed_value, self.above[first], bounds[first])
        self.cheapest = np.minimum.reduceat(self.value, self.starts)[self.group]
        self.least, self.with_above = self.cheapest.copy(), self.value.copy()
        self.least[region] = self.cheapest[above]
        dearer = _above_or_never(self.value, self.cheapest)[region]
        self.with_above[region] = self.value[above] + dearer
        self._others[region] = _above_or_never(self.relaxed_value[above], bounds[region])
        self._saved_above[region] = self._saved_stock()[above]

    def _cell_values(self, options: Options) -> Floats:
        values = options.cost.copy()
        for k in np.flatnonzero(self.prices):
            values += self.prices[k] * options.use[k]
        return np.asarray(values)

    def _skipped(self) -> Ints:
        """Count the central levels between each row and the one before."""
        skipped = np.append(0, np.diff(self.level)) - 1
        skipped[self.starts] = 0
        return np.asarray(skipped)

    def _saved_stock(self) -> Floats:
        """Give what the least of these levels may save in central stock."""
        return np.asarray(self.unit_price[self.part, self.depot] * self._skipped())

    def _interval_bounds(self) -> Floats:
        """Bound what central levels between a row and the one before could reach."""
        return np.where(self._skipped() > 0, self.relaxed_value - self._saved_stock(), np.inf)

    def hidden(self, close: float) -> list[tuple[RootNetwork, Ints, Ints]]:
        """Give central levels to evaluate, where a gap may hide something cheaper."""
        if np.isinf(close):
            return []
        allowance = close * np.abs(np.where(np.isfinite(self.least), self.least, 0.0))
        return self._between(self.least - allowance - 1e-9)

    def unseen(self, excess: float) -> list[tuple[RootNetwork, Ints, Ints]]:
        """Give central levels to evaluate that may cost at most `excess` above the cheapest.

        Levels beyond the tables, 7 standard deviations above the mean, are left out: they cost
        more than the last one and serve no better, up to rounding.
        """
        return self._between(np.nextafter(self.least + excess, np.inf))

    def _between(self, limit: Floats) -> list[tuple[RootNetwork, Ints, Ints]]:
        """Give levels in the middle between rows and the ones before them.

        Wanted are those that may cost less than a limit, in a region with the level above or
        any that the row above bounds. Regions are looked at first: they make that bound.
        """
        chosen = self._interval_bounds() + self._others - self._saved_above < limit
        chosen[self.above[chosen & (self.above >= 0)]] = False
        rows = np.flatnonzero(chosen)
        middle = (self.level[rows] + self.level[rows - 1]) // 2
        found = []
        for n in np.unique(self.network[rows]):
            mine = self.network[rows] == n
            found.append((self.networks[n], self.part[rows[mine]], middle[mine]))
        return found

    def bound(self) -> float:
        """Give the sum of the bounds of all parts under all roots."""
        return float(self._group_bounds()[self._of_roots()].sum())

    def bound_by_part(self) -> Floats:
        """Give the bound of each part under all roots, shape (part,)."""
        total, mine = np.zeros(len(self.model.grade)), self._of_roots()
        np.add.at(total, self.part[self.starts[mine]], self._group_bounds()[mine])
        return total

    def _of_roots(self) -> Ints:
        """Give the groups under roots."""
        return np.flatnonzero(self.above[self.starts] < 0)

    def _group_bounds(self) -> Floats:
        lowest = np.minimum(self.relaxed_value, self._interval_bounds())
        return np.minimum.reduceat(lowest, self.starts)

    def cheapest_rows(self) -> Ints:
        """Give the first cheapest row of each part under each root."""
        return self._first_cheapest(self.above < 0)

    @cached_property
    def _cheapest_in_regions(self) -> Ints:
        """The first cheapest row of each region's groups, in the order of the rows above."""
        rows = self._first_cheapest(self.above >= 0)
        return rows[np.argsort(self.above[rows], kind="stable")]

    def _first_cheapest(self, wanted: NDArray[np.bool_]) -> Ints:
        rows = np.flatnonzero((self.value == self.cheapest) & wanted)
        _, first = np.unique(self.group[rows], return_index=True)
        return np.asarray(rows[first])

    def cheapest_below(self, row: int) -> list[int]:
        """Give the cheapest row of each region below an option."""
        rows = self._cheapest_in_regions
        start, stop = np.searchsorted(self.above[rows], [row, row + 1])
        return rows[start:stop].tolist()

    def best_levels(self, row: int) -> Ints:
        """Give the cheapest level of each cell."""
        cells = self.cell_values[self.batch[row]][self.place[row], :, :-1]
        return np.asarray(cells.argmin(axis=1))

    def cell_excess(self, row: int) -> Floats:
        """Give what each level of each cell costs above the part's cheapest decision."""
        values = self.cell_values[self.batch[row]][self.place[row], :, :-1]
        above = self.with_above[row] - self.least[row]
        return np.asarray(values - values.min(axis=1, initial=np.inf)[:, None] + above)

    def break_even_of_options(self, rows: Ints) -> Floats:
        """Give each option's excess over the money that it would move from the cheapest."""
        cost = np.zeros(len(self.value))
        for b, (_, options) in enumerate(self.batches):
            mine = np.flatnonzero(self.batch == b)
            i = self.place[mine]
            best = self.cell_values[b][i][..., :-1].argmin(axis=-1)[..., None]
            cells = np.take_along_axis(options.cost[i], best, axis=-1)[..., 0]
            cost[mine] = options.central_cost[i] + cells.sum(axis=1)
        below = self._cheapest_in_regions
        np.add.at(cost, self.above[below], cost[below])
        cheapest = np.flatnonzero(self.value == self.cheapest)
        of_group = np.empty(len(self.starts))
        of_group[self.group[cheapest[::-1]]] = cost[cheapest[::-1]]
        moved = np.abs(cost - of_group[self.group])
        dearer = _above_or_never(self.value, self.cheapest)
        possible = np.isfinite(moved) & (moved > 0)
        keys = np.divide(dearer, moved, out=np.zeros_like(dearer), where=possible)
        region = np.flatnonzero(self.above >= 0)  # no sooner than the option above
        keys[region] = np.maximum(keys[region], keys[self.above[region]])
        return keys[rows]

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

    def alternatives_within(self, excess: float) -> int:
        """Count options and their cells' levels within `excess`, beyond one of each."""
        rows = np.array(self.rows_within(excess), np.int64)
        found = len(rows) - len(np.unique(self.group[rows]))
        for b in np.unique(self.batch[rows]):
            mine = rows[self.batch[rows] == b]
            values = self.cell_values[b][self.place[mine], :, :-1]
            best = values.min(axis=-1, initial=np.inf, keepdims=True)
            above = (self.with_above[mine] - self.least[mine])[:, None, None]
            close = values - best + above <= excess
            found += int(close.sum()) - close.shape[0] * close.shape[1]
        return found

    def rows_within(self, excess: float) -> list[int]:
        """Give the rows with which a part costs at most `excess` above its cheapest."""
        return np.flatnonzero(self.with_above <= self.least + excess).tolist()


def _above_or_never(value: Floats, least: Floats) -> Floats:
    """Give how far values are above least ones; infinite also where nothing is allowed."""
    never = np.isinf(value)
    return np.where(never, np.inf, value - np.where(never, 0.0, least))

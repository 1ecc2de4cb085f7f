"""The pool of options that have been evaluated, and what prices of the targets make of them.

Prices turn the targets into costs; then every part under every root decides alone. The pool
evaluates central levels only where the prices ask for them: between two evaluated levels the
decision cannot cost less than the dearer level's cells with the cheaper level's stock, because
everything else falls with the central level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.options import Options, check_limits, evaluate_options
from partsim.optimisation.price_table import PriceTable
from partsim.optimisation.regional_network import RegionalNetwork, regions_given
from partsim.optimisation.targets import stock_value

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLOSE = 2e-5
"""Gaps between central levels are closed until they cannot hide more than this share."""
_ABOVE_ALL = 1e6
"""Price of money in stock at which nothing else counts [money per year]."""
_STEPS = np.array([-3, -1.5, -0.5, 0.5, 1.5, 2.5, 4.0])
"""First central levels evaluated [standard deviations above the mean units in resupply]."""
_STEPS_IN_REGIONS = np.array([-1.0, 1.0])
"""The same for regions: few, as they are evaluated for every level above."""


@dataclass(frozen=True)
class Pick:
    """
    One option with its levels: a decision for one part under one root, or in one region.

    Attributes
    ----------
    part, root : int
        Part, and index of the root depot, or of the region's.
    central_level : int
        S0.
    levels : tuple of int
        Levels of the root's fields.
    cost : float
        Money per year, that of the regions included.
    use : tuple of float
        Use of each target, that of the regions included.
    regions : tuple of Pick
        The decisions for the same part in the regions below.
    """

    part: int
    root: int
    central_level: int
    levels: tuple[int, ...]
    cost: float
    use: tuple[float, ...]
    regions: tuple[Pick, ...] = ()


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
        The cheapest levels of the option, those of regions left out.
    alternatives : list of (field, level, cost, use)
        Other levels, with cost and uses relative to the cheapest level of the cell.
    regions : list of list of Nearby
        For each region below the options to choose one from, given this one.
    """

    pick: Pick
    alternatives: list[tuple[int, int, float, Floats]]
    regions: list[list[Nearby]] = field(default_factory=list)


@dataclass(eq=False)
class OptionPool:
    """
    Options of all parts under all roots, growing where prices ask for more.

    Attributes
    ----------
    model : EvaluationModel
        What evaluates options.
    batches : list of (RootNetwork, Options)
        Evaluated so far; those of regions in the network given the level above.
    after_pricing : callable, optional
        Told the prices and what they led to, each time; may end the search by an exception.
    places : dict
        Batch and place of each option, by depot, level of the depot above (-1 for a root), part
        and level.
    """

    model: EvaluationModel
    batches: list[tuple[RootNetwork, Options]] = field(default_factory=list)
    after_pricing: Callable[[Floats, Priced], None] | None = None
    places: dict[tuple[int, int, int, int], tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_limits(self.model)
        for root in self.model.roots:
            self._begin(root, _STEPS)

    def _begin(self, root: RootNetwork, steps: Floats) -> None:
        """Evaluate a ladder of central levels, so many standard deviations about the mean."""
        parts, levels = [], []
        for p in root.parts:
            mean = root.lead_time_demand[p, 0]
            spread = np.sqrt(
                root.lead_time_variance[p, 0] + root.model.lot[p, root.depot] ** 2 / 12
            )
            ladder = mean + max(spread, 1.0) * steps
            ladder = np.clip(np.round(ladder), root.fewest[p], root.most[p]).astype(np.int64)
            chosen = np.unique([root.fewest[p], *ladder, root.most[p], root.top[p]])
            parts += [int(p)] * len(chosen)
            levels += chosen.tolist()
        self._evaluate(root, np.array(parts, np.int64), np.array(levels, np.int64))

    def _evaluate(self, root: RootNetwork, part: Ints, level: Ints) -> None:
        for options in evaluate_options(root, part, level):
            for i, (p, s) in enumerate(zip(options.part, options.central_level, strict=True)):
                given = int(root.level[p]) if isinstance(root, RegionalNetwork) else -1
                self.places[root.depot, given, int(p), int(s)] = len(self.batches), i
            self.batches.append((root, options))
        for region in regions_given(root, part, level):
            self._begin(region, _STEPS_IN_REGIONS)

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
        return self._use_at(lambda root: (root.fewest, self.model.fewest))

    def _use_at(self, levels: Callable[[RootNetwork], tuple[Ints, Ints]]) -> Floats:
        """Add up the uses at one central level of each part and one level of each cell."""
        total = np.zeros(len(self.model.targets.limit))
        for root, options in self.batches:
            central, cells = levels(root)
            i = np.flatnonzero(options.central_level == central[options.part])
            if isinstance(root, RegionalNetwork):
                i = i[root.level[options.part[i]] == levels(root.above)[0][options.part[i]]]
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
        picks = [self._cheapest(table, row) for row in table.cheapest_rows()]
        priced = Priced(picks, table.bound())
        if self.after_pricing is not None:
            self.after_pricing(prices, priced)
        return priced

    def _cheapest(self, table: PriceTable, row: int) -> Pick:
        """Give the pick of an option, with what is cheapest in its regions."""
        own = self.pick(int(table.batch[row]), int(table.place[row]), table.best_levels(row))
        return _joined(own, [self._cheapest(table, below) for below in table.cheapest_below(row)])

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
        complete = table.alternatives_within(excess) <= most
        while complete and (missing := table.unseen(excess)):
            for root, parts, levels in missing:
                self._evaluate(root, parts, levels)
            table.extend(self.batches)
            complete = table.alternatives_within(excess) <= most
        rows = table.rows_within(excess)
        if complete:
            wanted = {row: table.cell_excess(row) <= excess for row in rows}
        else:
            wanted = self._near_break_even(table, rows, excess, most)
            for other in (self._table(prices) for prices in trail):
                below = [region for row in wanted for region in other.cheapest_below(row)]
                for row in [*other.rows_within(0.0), *below]:
                    wanted.setdefault(row, table.cell_excess(row) <= -1.0)
                for row, cells in wanted.items():
                    np.put_along_axis(cells, other.best_levels(row)[:, None], values=True, axis=1)
        return self._nested(table, wanted), complete

    def _near_break_even(
        self, table: PriceTable, rows: list[int], excess: float, most: int
    ) -> dict[int, NDArray[np.bool_]]:
        """Choose options and levels that a small change of all prices would make the cheapest.

        The excess alone would choose the cheap parts' levels, which cannot close a dear gap.
        """
        own = table.break_even_of_options(np.array(rows))
        # What is cheapest of each part takes no room.
        room = most // 3 + int((own == 0).sum())
        order = np.argsort(own, kind="stable")[:room]
        chosen = {rows[i]: float(own[i]) for i in sorted(order)}
        keys = {}
        for row, key in chosen.items():
            cells = table.break_even_of_levels(row)
            cells[table.cell_excess(row) > excess] = np.inf
            np.put_along_axis(cells, table.best_levels(row)[:, None], np.inf, axis=1)
            keys[row] = np.maximum(cells, key)
        rows_of_roots = [row for row in chosen if table.above[row] < 0]
        flat = np.concatenate([cells.ravel() for cells in keys.values()])
        cut = float(np.partition(flat, most)[most]) if len(flat) > most else np.inf
        wanted = {row: cells < cut for row, cells in keys.items()}
        for row in rows_of_roots:
            for below in table.cheapest_below(row):
                wanted.setdefault(below, table.cell_excess(below) <= -1.0)
        return wanted

    def _nested(self, table: PriceTable, wanted: dict[int, NDArray[np.bool_]]) -> list[Nearby]:
        """List options in the order of the table, those of regions with the option above."""
        found = {row: self._nearby(table, row, wanted[row]) for row in sorted(wanted)}
        regions = [row for row in found if table.above[row] >= 0]
        for _, group in groupby(regions, key=lambda row: table.group[row]):
            rows = list(group)
            found[int(table.above[rows[0]])].regions.append([found[row] for row in rows])
        return [nearby for row, nearby in found.items() if table.above[row] < 0]

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

    def find(self, pick: Pick) -> Pick:
        """Give the pick of an evaluated option with the same levels, from these options."""
        return self._find(pick, -1)

    def _find(self, pick: Pick, above: int) -> Pick:
        batch, i = self.places[pick.root, above, pick.part, pick.central_level]
        own = self.pick(batch, i, np.array(pick.levels, int))
        return _joined(own, [self._find(below, pick.central_level) for below in pick.regions])

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


def _joined(pick: Pick, regions: list[Pick]) -> Pick:
    """Add the decisions in the regions to the one above."""
    if not regions:
        return pick
    cost = pick.cost + sum(region.cost for region in regions)
    use = np.sum([pick.use, *(region.use for region in regions)], axis=0)
    return replace(pick, cost=cost, use=tuple(use.tolist()), regions=tuple(regions))

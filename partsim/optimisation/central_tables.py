"""
All levels of parts under a central depot, evaluated by the exact law, and priced.

For a part, a *row* of the tables is a central level; given it, each field depot is a cell with an
entry for each of its levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special

from partsim.analytic.two_echelon import vari_metric
from partsim.optimisation.depot_pricing import Priced
from partsim.optimisation.stock_problem import StockProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_Cells = tuple[Floats, Floats, Floats, Floats]

_LEAST = 6
"""Levels that any cell with demand has at least."""
_BLOCKS = 24
"""Parts are shared out to so many blocks; a column is what one block does at some prices."""


@dataclass(frozen=True, eq=False)
class CentralTables:
    """
    Entries of all rows, cell after cell, level after level.

    Attributes
    ----------
    part, central_level : ndarray of int, shape (row,)
        What a row is of; parts in order, each from level 0 up.
    first_row : ndarray of int, shape (part + 1,)
        First row of each part.
    start : ndarray of int, shape (cell + 1,)
        First entry of each cell; cells are (row, depot).
    owed : ndarray of float, shape (entry,)
        Expected backorders.
    late : ndarray of float, shape (window, entry)
        Late calls per day.
    """

    part: Ints
    central_level: Ints
    first_row: Ints
    start: Ints
    owed: Floats
    late: Floats

    @classmethod
    def of(cls, problem: StockProblem) -> CentralTables:
        """Evaluate all levels that may be worth their cost."""
        from partsim.kernels.field_tables import fill_tables

        part, central_level, first_row, start = _shape(problem)
        law = _Law(problem, part, central_level)
        owed, ready = np.empty((2, start[-1]))
        fill_tables(*law.in_resupply(0.0, 0.0), start, owed, ready)
        late = np.empty((len(problem.rows.window), len(owed)))
        rate = np.repeat(law.rate.ravel(), np.diff(start))
        unused = np.empty_like(owed)
        for w, wait in enumerate(problem.rows.window):
            fill_tables(*law.after(wait), start, unused, ready)
            ready[start[:-1]] = law.without_stock(wait).ravel()
            late[w] = rate * (1 - ready)
        return cls(part, central_level, first_row, start, owed, late)


def table_entries(problem: StockProblem, most: int) -> int:
    """Give the number of numbers that tables of a problem would have; if more than most, fewer."""
    measures, network = 1 + len(problem.rows.window), problem.central_network
    busy = (problem.demand_rate > 0).sum(axis=1)
    least = int(((network.most + 1) * busy).sum()) * _LEAST * measures
    if least > most:
        return least
    _, _, _, start = _shape(problem)
    return int(start[-1]) * measures


def _shape(problem: StockProblem) -> tuple[Ints, Ints, Ints, Ints]:
    """Give part and central level of the rows, first rows and first entries."""
    network = problem.central_network
    first_row = network.start
    part = np.repeat(np.arange(len(network.most)), network.most + 1)
    central_level = np.arange(len(part)) - first_row[part]
    mean, variance = vari_metric(
        *(network.moving[part], 1.0, network.share[part]),
        *(network.owed[:-1, None], network.spread[:-1, None]),
    )
    top = np.ceil(mean + 7 * np.sqrt(variance) + 4).astype(np.int64) * (mean > 0)
    start = np.concatenate([[0], np.cumsum((top + 1).ravel())])
    return part, central_level, first_row, start


class _Law:
    """What the units in resupply of every cell come from."""

    def __init__(self, problem: StockProblem, part: Ints, central_level: Ints) -> None:
        self.rate = problem.demand_rate[part]
        self.total = self.rate.sum(axis=1, keepdims=True)
        self.share = self.rate / np.where(self.total > 0, self.total, 1.0)
        self.lead_time = problem.lead_time[part][:, None]
        self.transport = np.broadcast_to(np.asarray(problem.transport_time), self.rate.shape)
        self.level = np.broadcast_to(central_level[:, None], self.rate.shape)

    def after(self, wait: float) -> _Cells:
        """Give the arguments of the kernel for units that are still to come after a wait."""
        return self.in_resupply(wait, np.maximum(wait - self.transport, 0.0))

    def in_resupply(self, moved: float, supplied: Floats | float) -> _Cells:
        """Give them for what these times leave of transport and of the central lead time."""
        central = self.total * np.maximum(self.lead_time - supplied, 0.0)
        moving = self.rate * np.maximum(self.transport - moved, 0.0)
        arrays = np.broadcast_arrays(central, self.level, self.share, moving)
        first, second, third, fourth = (np.array(array, float).ravel() for array in arrays)
        return first, second, third, fourth

    def without_stock(self, wait: float) -> Floats:
        """Give the share of calls that the centre alone serves within a wait, by cell."""
        left = np.maximum(self.lead_time - np.maximum(wait - self.transport, 0.0), 0.0)
        ready = special.pdtr(np.maximum(self.level - 1, 0), self.total * left)
        ready = np.where((self.level > 0) & (wait >= self.transport), ready, 0.0)
        return np.where(wait >= self.transport + self.lead_time, 1.0, ready)


@dataclass(frozen=True, eq=False)
class CentralChoice:
    """
    The cheapest levels of every part at some prices.

    Attributes
    ----------
    row : ndarray of int, shape (part,)
        Row of the central level.
    entry : ndarray of int, shape (part, depot)
        Entries of the field levels.
    """

    row: Ints
    entry: Ints


@dataclass(frozen=True, eq=False)
class Values:
    """
    What everything costs at some prices: entries, cells at their best, rows, parts at their best.

    Attributes
    ----------
    entry, cell, row, part : ndarray of float
        Money per year.
    """

    entry: Floats
    cell: Floats
    row: Floats
    part: Floats


class CentralPricing:
    """Prices the tables."""

    def __init__(self, problem: StockProblem) -> None:
        self.problem, self.rows = problem, problem.rows
        self.tables = tables = CentralTables.of(problem)
        self.depots = problem.demand_rate.shape[1]
        self.length = np.diff(tables.start)
        self.level = np.arange(len(tables.owed)) - np.repeat(tables.start[:-1], self.length)
        self.family = problem.family[tables.part]
        families, parts = problem.tier_share.shape[1], np.arange(len(problem.family))
        self.blocks = min(_BLOCKS, len(parts))
        place = parts % self.blocks
        self.member = sparse.csr_array(
            (np.ones(len(parts)), (place * families + problem.family, parts)),
            shape=(self.blocks * families, len(parts)),
        )

    def values(self, prices: Floats) -> Values:
        """Say what everything costs at these prices."""
        tables = self.tables
        money, owed, late = self.rows.unit_prices(prices, self.problem.owed_cost)
        unit = (self.rows.amount.T @ money)[tables.part]
        entry = self._spread(unit[:, :-1]) * self.level
        entry += self._spread(owed[self.family]) * tables.owed
        for w in range(late.shape[-1]):
            if late[..., w].any():
                entry += self._spread(late[self.family, :, w]) * tables.late[w]
        cell = np.minimum.reduceat(entry, tables.start[:-1])
        row = unit[:, -1] * tables.central_level + cell.reshape(-1, self.depots).sum(axis=1)
        return Values(entry, cell, row, np.minimum.reduceat(row, tables.first_row[:-1]))

    def price(self, prices: Floats) -> Priced:
        """Choose the cheapest levels of all parts, and add up what they cost and use."""
        return self.added(self.cheapest(self.values(prices)))

    def cheapest(self, values: Values) -> CentralChoice:
        """Find the cheapest levels."""
        tables = self.tables
        best = np.flatnonzero(values.row <= values.part[tables.part])
        row = best[np.searchsorted(tables.part[best], np.arange(len(values.part)))]
        cells = row[:, None] * self.depots + np.arange(self.depots)
        of_cell = np.repeat(np.arange(len(values.cell)), self.length)
        least = np.flatnonzero(values.entry <= np.repeat(values.cell, self.length))
        return CentralChoice(row, least[np.searchsorted(of_cell[least], cells)])

    def levels(self, choice: CentralChoice) -> tuple[Ints, Ints]:
        """Give central and field levels."""
        return self.tables.central_level[choice.row], self.level[choice.entry]

    def choice(self, central_level: Ints, level: Ints) -> CentralChoice:
        """Find levels in the tables."""
        row = self.tables.first_row[:-1] + central_level
        cells = row[:, None] * self.depots + np.arange(self.depots)
        return CentralChoice(row, self.tables.start[cells] + level)

    def added(self, choice: CentralChoice) -> Priced:
        """Add up cost and use of a choice by block."""
        tables, rows, shape = self.tables, self.rows, (self.blocks, -1, self.depots)
        central, level = self.levels(choice)
        stock = np.column_stack([level, central])
        owed = (self.member @ tables.owed[choice.entry]).reshape(shape)
        use = np.einsum("kfd,bfd->bk", rows.owed, owed)
        for w in range(len(rows.window)):
            late = (self.member @ tables.late[w][choice.entry]).reshape(shape)
            use += np.einsum("kfd,bfd->bk", rows.late[..., w], late)
        counted = np.array([self._by_block(each[:, None] * stock) for each in rows.amount])
        use += np.einsum("kqd,qbd->bk", rows.stock, counted)
        cost = counted[0].sum(axis=1) + np.einsum("fd,bfd->b", self.problem.owed_cost, owed)
        return Priced(cost, use)

    def entry_use(self, entry: Ints) -> Floats:
        """Give what single entries use of every row, shape (entry, row)."""
        cell = np.searchsorted(self.tables.start, entry, side="right") - 1
        row, d = np.divmod(cell, self.depots)
        f, rows = self.family[row], self.rows
        amount = rows.amount[:, self.tables.part[row]] * self.level[entry]
        use = rows.owed[:, f, d] * self.tables.owed[entry]
        use = use + np.einsum("knw,wn->kn", rows.late[:, f, d], self.tables.late[:, entry])
        return np.asarray(use + np.einsum("kqn,qn->kn", rows.stock[:, :, d], amount)).T

    def entry_cost(self, entry: Ints) -> Floats:
        """Give what single entries cost, prices left out [money per year]."""
        row, d = np.divmod(np.searchsorted(self.tables.start, entry, side="right") - 1, self.depots)
        unit = self.problem.holding_cost[self.tables.part[row]]
        waiting = self.problem.owed_cost[self.family[row], d] * self.tables.owed[entry]
        return np.asarray(unit * self.level[entry] + waiting)

    def central_stock(self, row: Ints) -> tuple[Floats, Floats]:
        """Give what the central levels of single rows use, shape (n, row of targets), and cost."""
        level, part = self.tables.central_level[row], self.tables.part[row]
        amount = self.rows.amount[:, part] * level
        use = np.einsum("kq,qn->nk", self.rows.stock[:, :, -1], amount)
        return use, np.asarray(self.problem.holding_cost[part] * level)

    def _spread(self, of_cell: Floats) -> Floats:
        """Give values of shape (row, depot) to the entries."""
        return np.repeat(of_cell.ravel(), self.length)

    def _by_block(self, of_part: Floats) -> Floats:
        added = self.member @ of_part
        return np.asarray(added.reshape(self.blocks, -1, of_part.shape[1]).sum(axis=1))

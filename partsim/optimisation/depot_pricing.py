"""What depots that suppliers deliver to cost and use at given prices of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.stock_problem import StockProblem

if TYPE_CHECKING:
    from partsim.kernels.depots_alone import Choice

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Priced:
    """
    Cheapest levels at some prices, added up.

    Attributes
    ----------
    cost : ndarray of float, shape (depot,)
        Holding cost, and cost of backorders [money per year].
    use : ndarray of float, shape (depot, row)
        What each depot adds to the use of each row.
    """

    cost: Floats
    use: Floats

    def bound(self, prices: Floats, limit: Floats) -> float:
        """Give the Lagrangian bound."""
        return float(self.cost.sum() + prices @ (self.use.sum(axis=0) - limit))


@dataclass(frozen=True, eq=False)
class Changes:
    """
    Cells that could as well have another level.

    Attributes
    ----------
    part, depot, level : ndarray of int, shape (n,)
        The cells, and their other levels.
    units : ndarray of int, shape (n,)
        Units more; negative for a lower level.
    cost : ndarray of float, shape (n,)
        Cost of the change [money per year].
    owed : ndarray of float, shape (n,)
        Backorders more.
    late : ndarray of float, shape (n, window)
        Late calls per day more.
    """

    part: Ints
    depot: Ints
    level: Ints
    units: Ints
    cost: Floats
    owed: Floats
    late: Floats


class DepotPricing:
    """Prices all parts, some of them, or only changes near a choice."""

    def __init__(self, problem: StockProblem) -> None:
        from partsim.kernels.depots_alone import Cells

        self.problem, self.rows = problem, problem.rows
        self.cells = Cells(
            np.ascontiguousarray(self.rows.amount),
            np.ascontiguousarray(problem.demand_rate, float),
            np.ascontiguousarray(problem.lead_time, float),
            np.ascontiguousarray(problem.family, np.int64),
            np.ascontiguousarray(self.rows.window),
        )
        self.parts = np.arange(len(problem.holding_cost))

    @cached_property
    def demand(self) -> Floats:
        """Demand of each family at each depot in its lead time, shape (family, depot)."""
        demand = np.zeros(self.problem.family_rate.shape)
        np.add.at(demand, self.problem.family, self.cells.rate * self.cells.lead_time[:, None])
        return demand

    @cached_property
    def use_without_stock(self) -> Floats:
        """Use of the rows if nothing is stocked, shape (row, family, depot)."""
        late = self.rows.late.sum(axis=-1) * self.problem.family_rate
        return np.asarray(self.rows.owed * self.demand + late)

    def least_change(self, prices: Floats) -> Floats:
        """Say how far each price may go until it doubles what a unit or its waits cost, at most."""
        waits, rows = self.use_without_stock, self.rows
        total = self.problem.owed_cost * self.demand + np.einsum("k,kfd->fd", prices, waits)
        share = np.divide(total, waits, out=np.full(waits.shape, np.inf), where=waits > 0)
        money = self._unit_prices(prices)[0]
        least = share.min(axis=(1, 2))
        for k, q, d in zip(*np.nonzero(rows.stock[..., :-1]), strict=True):
            amount = self.cells.amount
            each = rows.stock[k, q, d] * amount[q]
            unit = amount.T @ money[:, d]
            least[k] = min(least[k], (unit[each > 0] / each[each > 0]).min(initial=np.inf))
        return np.asarray(least)

    def dearest(self, prices: Floats) -> float:
        """Give the money for the dearest unit at these prices."""
        return float((self.cells.amount.T @ self._unit_prices(prices)[0]).max())

    def price(self, prices: Floats, parts: Ints | None = None) -> tuple[Priced, Choice]:
        """Choose the cheapest levels of all or some parts."""
        from partsim.kernels.depots_alone import Choice, UnitPrices, fill_levels

        some = self.parts if parts is None else parts
        shape = (len(some), self.cells.rate.shape[1])
        choice = Choice(np.empty(shape, np.int32), np.empty(shape, np.int32), np.empty(shape))
        families = self.rows.owed.shape[1]
        stock, owed = np.zeros((len(self.cells.amount), shape[1])), np.zeros((families, shape[1]))
        late = np.zeros((*owed.shape, len(self.rows.window)))
        unit_prices = UnitPrices(*self._unit_prices(prices))
        fill_levels(self.cells, some, unit_prices, choice, stock, owed, late)
        cost = stock[0] + (self.problem.owed_cost * owed).sum(axis=0)
        return Priced(cost, self.rows.use_by_depot(owed, late, stock)), choice

    def changes(self, choice: Choice, most: int) -> Changes:
        """List changes to the nearest other level, at most so many, those that cost least."""
        from partsim.kernels.depots_alone import fill_measures

        dearer = choice.dearer.ravel()
        place = np.flatnonzero(np.isfinite(dearer))
        if len(place) > most:
            place = place[np.argpartition(dearer[place], most)[:most]]
        place.sort()
        p, d = np.divmod(place, choice.level.shape[1])
        old, new = (levels.ravel()[place].astype(np.int64) for levels in choice[:2])
        before, after = np.empty((2, len(place), 1 + len(self.rows.window)))
        fill_measures(self.cells, p, d, old, before)
        fill_measures(self.cells, p, d, new, after)
        more, units = after - before, new - old
        cost = self.cells.amount[0, p] * units
        cost = cost + self.problem.owed_cost[self.cells.family[p], d] * more[:, 0]
        return Changes(p, d, new, units, cost, more[:, 0], more[:, 1:])

    def price_changes(self, base: Priced, changes: Changes, prices: Floats) -> Priced:
        """Price a choice all of whose levels stay as they are, but for these changes."""
        return self.with_changes(base, changes, self.worth(changes, prices) < 0)

    def worth(self, changes: Changes, prices: Floats) -> Floats:
        """Give what each change costs, and its uses at these prices."""
        money, owed_price, late_price = self._unit_prices(prices)
        f, d = self.cells.family[changes.part], changes.depot
        unit = np.einsum("qn,qn->n", self.cells.amount[:, changes.part], money[:, d])
        late = np.einsum("nw,nw->n", late_price[f, d], changes.late)
        return np.asarray(unit * changes.units + owed_price[f, d] * changes.owed + late)

    def with_changes(self, base: Priced, changes: Changes, taken: Mask) -> Priced:
        """Add up a choice with some changes made."""
        shape = self.rows.owed.shape[1:]
        f, d = self.cells.family[changes.part[taken]], changes.depot[taken]
        place = f * shape[1] + d

        def total(values: Floats) -> Floats:
            summed = np.bincount(place, values[taken], shape[0] * shape[1])
            return np.asarray(summed, float).reshape(shape)

        late = np.zeros((*shape, len(self.rows.window)))
        for w in range(len(self.rows.window)):
            late[..., w] = total(changes.late[:, w])
        amount = self.cells.amount[:, changes.part] * changes.units
        stock = np.array([total(counted).sum(axis=0) for counted in amount])
        use = self.rows.use_by_depot(total(changes.owed), late, stock)
        return Priced(base.cost + total(changes.cost).sum(axis=0), base.use + use)

    def cover(self, changes: Changes, prices: Floats, spare: Floats) -> Mask:
        """Take changes until each row is kept, those first that cost it least for its use."""
        worth, taken = self.worth(changes, prices), np.zeros(len(changes.cost), bool)
        none = Priced(
            np.zeros(self.cells.rate.shape[1]), np.zeros((self.cells.rate.shape[1], len(spare)))
        )
        for k in np.argsort(spare):
            need = spare[k] - self.with_changes(none, changes, taken).use.sum(axis=0)[k]
            if need < 0:
                use = self._use_of_row(k, changes)
                rest = np.flatnonzero((use < 0) & ~taken)
                rest = rest[np.argsort(worth[rest] / -use[rest], kind="stable")]
                enough = np.searchsorted(-np.cumsum(use[rest]), -need) + 1
                taken[rest[:enough]] = True
        return taken

    def use_of(self, changes: Changes) -> Floats:
        """Give what each change adds to each row, shape (n, row)."""
        rows = [self._use_of_row(k, changes) for k in range(len(self.rows.names))]
        return np.stack(rows, axis=1)

    def _use_of_row(self, k: int, changes: Changes) -> Floats:
        f, d = self.cells.family[changes.part], changes.depot
        late = np.einsum("nw,nw->n", self.rows.late[k, f, d], changes.late)
        use = self.rows.owed[k, f, d] * changes.owed + late
        for q in np.flatnonzero(self.rows.stock[k].any(axis=-1)):
            use += self.rows.stock[k, q, d] * self.cells.amount[q, changes.part] * changes.units
        return np.asarray(use)

    def _unit_prices(self, prices: Floats) -> tuple[Floats, Floats, Floats]:
        """Give money for stock by each count, for backorders, and for late calls."""
        return self.rows.unit_prices(prices, self.problem.owed_cost)

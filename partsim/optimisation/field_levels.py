"""Levels of field depots that keep the targets, the levels above them given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.options import Options
from partsim.optimisation.targets import limit_with_tolerance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDS = 12
"""Most rounds over the rows in the search for prices."""
_HALVINGS = 20
"""Halvings of the logarithm of a price: 1e-6 of its decade."""
_DEAREST = 1e12
"""A row that this many times the holding cost of the dearest unit cannot keep is out of reach."""
_RANGE = 1e18
"""The dearest price over the least."""


def cheapest_levels(model: EvaluationModel, batches: list[tuple[RootNetwork, Options]]) -> Ints:
    """
    Choose field levels at little holding cost: by prices of the targets, without the needless.

    Parameters
    ----------
    model : EvaluationModel
        With the targets.
    batches : list of (RootNetwork, Options)
        One option of each part in each network.

    Returns
    -------
    ndarray of int, shape (cell,)
        Levels in the order of the batches, their options and fields.
    """
    cells = _Cells.gather(model, batches)
    prices = _prices(cells, _DEAREST * max(float(model.holding.max()), 1e-12))
    return cells.without_needless(cells.cheapest(prices))


def _prices(cells: _Cells, high: float) -> Floats:
    """Set the prices of the rows in turn, until each is kept and none is dearer than needed."""
    prices = np.zeros(len(cells.left))
    for _ in range(_ROUNDS):
        before = prices.copy()
        for k in range(len(prices)):
            prices[k] = cells.keeping_price(prices, k, 0.0, high)
        if np.allclose(prices, before, rtol=1e-3, atol=0.0):
            break
    for k in range(len(prices)):  # a row may have got cheaper at the expense of one before it
        prices[k] = cells.keeping_price(prices, k, prices[k], high)
    return prices


@dataclass(frozen=True, eq=False)
class _Cells:
    """
    Field depots' cells at given central levels.

    `cost` (cell, level) is infinite where forbidden and beyond a cell's table, `use`
    (row, cell, level); `left` (row,) is what the cells may use together.
    """

    cost: Floats
    use: Floats
    left: Floats

    @classmethod
    def gather(cls, model: EvaluationModel, batches: list[tuple[RootNetwork, Options]]) -> _Cells:
        """Lay the cells of all roots in one table, and take off what their central levels use."""
        rows = len(model.targets.limit)
        left = limit_with_tolerance(model.targets.limit) - model.targets.constant
        most = max((options.levels for _, options in batches), default=1)
        costs, uses = [np.zeros((0, most))], [np.zeros((rows, 0, most))]
        for _, options in batches:
            use = options.use[..., :-1]
            left = left - options.central_use.sum(axis=0)
            cells, beyond = use.shape[1] * use.shape[2], (0, most - options.levels)
            cost = options.cost[..., :-1].reshape(cells, options.levels)
            costs.append(np.pad(cost, ((0, 0), beyond), constant_values=np.inf))
            use = use.reshape(rows, cells, options.levels)
            uses.append(np.pad(use, ((0, 0), (0, 0), beyond)))
        return cls(np.concatenate(costs), np.concatenate(uses, axis=1), left)

    def cheapest(self, prices: Floats) -> Ints:
        """Give the level of each cell that is cheapest at prices of the rows."""
        return np.asarray((self.cost + np.tensordot(prices, self.use, 1)).argmin(axis=1))

    def keeping_price(self, prices: Floats, k: int, low: float, high: float) -> float:
        """Give the least price of a row, from `low`, that keeps it, the others' given."""
        others = prices.copy()
        others[k] = 0.0
        value = self.cost + np.tensordot(others, self.use, 1)
        cell = np.arange(len(value))

        def keeps(price: float) -> bool:
            levels = (value + price * self.use[k]).argmin(axis=1)
            return bool(self.use[k, cell, levels].sum() <= self.left[k])

        if keeps(low):
            return low
        low, price = max(low, high / _RANGE), max(low, high / _RANGE)
        while price < high and not keeps(price):
            low, price = price, price * 10
        for _ in range(_HALVINGS):
            middle = float(np.sqrt(low * price))
            low, price = (low, middle) if keeps(middle) else (middle, price)
        return price

    def without_needless(self, levels: Ints) -> Ints:
        """Take back what no row needs, the dearest first."""
        levels, cell = levels.copy(), np.arange(len(levels))
        while True:
            now = self.use[:, cell, levels]
            slack = self.left - now.sum(axis=1)
            saved = self.cost[cell, levels][:, None] - self.cost
            more = self.use - now[:, :, None]
            fits = (more <= np.maximum(slack, 0)[:, None, None]).all(axis=0) & (saved > 0)
            if not fits.any():
                return levels
            c, level = np.unravel_index(np.where(fits, saved, 0).argmax(), saved.shape)
            levels[c] = level

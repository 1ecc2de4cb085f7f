"""Prices of rows by column generation over blocks of parts that choose apart from each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.master import solve_master

Floats = NDArray[np.float64]
Column = tuple[Floats, Floats]
"""Cost of shape (block,) and use of shape (block, row)."""
Choose = Callable[[Floats], Column]
"""Gives what every block's cheapest choices cost and use at prices of the rows."""

_BLOCKS = 24
"""Parts are shared out to so many blocks; a column is what one block does at some prices."""
_ROUNDS = 60
_SMOOTHING = 0.4
"""Weight of the best prices so far in the next ones, against swinging."""
_LADDER = np.append(0.0, 4.0 ** np.arange(-8, 3))
"""Prices of the first columns, over the dearest cost: from no stock to plenty."""
_STEPS = (0.0, 0.5, 2.0)
"""The same over prices that are about right."""
_PLENTY = 1e12
_BROKEN = 1e3
"""Price of a whole limit broken, over the dearest cost."""


@dataclass(frozen=True, eq=False)
class RowPrices:
    """
    Prices of the rows with what they prove.

    Attributes
    ----------
    prices : ndarray of float, shape (row,)
        Money per year for the whole limit of each row.
    bound : float
        No choices that keep the rows cost less together [money per year].
    rounds : int
        Prices tried.
    """

    prices: Floats
    bound: float
    rounds: int


def find_row_prices(
    choose: Choose, rows: int, close: float, beyond: float = np.inf, first: Floats | None = None
) -> RowPrices:
    """
    Maximise the Lagrangian bound over the prices of the rows.

    Parameters
    ----------
    choose : callable
        Cheapest choices of all parts at given prices, uses as shares of the limits.
    rows : int
        Rows.
    close : float
        Relative distance between the master's value and the bound at which the prices are right.
    beyond : float
        Stop as soon as the bound is as high as this.
    first : ndarray of float, shape (row,), optional
        Prices that are about right.

    Returns
    -------
    RowPrices
        ``bound`` holds whether or not the prices are the best.
    """
    if not rows:
        cost, _ = choose(np.zeros(0))
        return RowPrices(np.zeros(0), float(cost.sum()), 1)
    limit, best = np.ones(rows), RowPrices(np.zeros(rows), -np.inf, 0)
    plenty = choose(np.full(rows, _PLENTY))
    scale = max(float(plenty[0].sum()), 1e-9)
    starts = (
        [np.full(rows, scale * share) for share in _LADDER]
        if first is None
        else [first * step for step in _STEPS]
    )
    columns = [plenty, *map(choose, starts)]
    prices, value = first, np.inf
    for rounds in range(1, _ROUNDS + 1):
        if prices is None:
            scaled = [(cost / scale, use) for cost, use in columns]
            value, prices = solve_master(scaled, limit, np.full(rows, _BROKEN))
            value, prices = value * scale, prices * scale
            if best.bound > 0:
                prices = _SMOOTHING * best.prices + (1 - _SMOOTHING) * prices
        cost, use = choose(prices)
        bound = float(cost.sum() + prices @ use.sum(axis=0) - prices.sum())
        if bound > best.bound:
            best = RowPrices(prices, bound, rounds)
        best = RowPrices(best.prices, best.bound, rounds)
        settled = np.isfinite(value) and value - best.bound <= close * abs(value)
        if best.bound >= beyond or settled:
            break
        columns.append((cost, use))
        prices = None
    return best


def block_starts(parts: int) -> NDArray[np.int64]:
    """Give the first part of every block, and the number of parts."""
    return np.unique(np.linspace(0, parts, _BLOCKS + 1).astype(np.int64))

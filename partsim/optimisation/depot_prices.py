"""
Prices of the rows of depots alone: column generation with a block for every depot.

All parts of a depot see the same prices, so that a column of a depot is a point of its own curve of
cost and waits, and a round of the master is a secant step on all curves at once. Prices of many
parts are found for a sample first; the sample's limits are then shifted by what it mistook.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.depot_pricing import Priced
from partsim.optimisation.master import solve_master

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Pricing = Callable[[Floats], Priced]

_SMOOTHING = 0.4
"""Weight of the best prices so far in the next ones, against swinging."""
_ROUNDS = 60
_MOST_MONEY = 1e40
"""A price so many times the dearest unit buys all stock that tails of 1e-13 tell apart."""
_PENALTY = 1e3
"""Price at which a row may be broken, as a multiple of one that keeps all rows."""


class DepotColumns:
    """Columns found so far, and the price at which a row may be broken."""

    def __init__(self, columns: list[Priced], penalty: Floats) -> None:
        self.columns, self.penalty = columns, penalty

    @classmethod
    def from_one_price(cls, pricing: Pricing, limit: Floats, scale: float) -> DepotColumns:
        """Try one price for all rows, higher and lower, until it is right but for a factor 4."""
        rows, none = np.ones(len(limit), bool), np.zeros(len(limit))
        columns, price = _try_prices(pricing, rows, none, limit, scale)
        return cls(columns, np.full(len(limit), _PENALTY * price))

    @classmethod
    def from_two_prices(
        cls, pricing: Pricing, limit: Floats, scale: float, stock: Mask
    ) -> DepotColumns:
        """Try a price for rows of service with free stock, then with it one for rows of stock."""
        none = np.zeros(len(limit))
        columns, service = _try_prices(pricing, ~stock, none, limit, scale)
        more, price = _try_prices(pricing, stock, np.where(stock, 0.0, service), limit, scale)
        return cls([*columns, *more], np.full(len(limit), _PENALTY * max(service, price)))

    def prices(self, pricing: Pricing, limit: Floats, gap: float) -> tuple[Floats, Priced]:
        """Find prices whose bound is so near the master's value, over it; columns are added."""
        return self._search(pricing, limit, gap, np.zeros(len(limit)), self.penalty)

    def prices_near(
        self, pricing: Pricing, limit: Floats, gap: float, prices: Floats, reach: Floats
    ) -> tuple[Floats, Priced]:
        """Find prices as far above or below these ones as the pricing may be trusted."""
        lowest = np.maximum(prices - reach, 0.0)
        return self._search(pricing, limit, gap, lowest, prices + reach)

    def _search(
        self, pricing: Pricing, limit: Floats, gap: float, lowest: Floats, highest: Floats
    ) -> tuple[Floats, Priced]:
        best, best_bound, best_priced = np.zeros(len(limit)), -np.inf, self.columns[0]
        for round_ in range(_ROUNDS):
            pairs = [(column.cost, column.use) for column in self.columns]
            value, prices = solve_master(pairs, limit, highest, lowest if lowest.any() else None)
            if round_:
                prices = _SMOOTHING * best + (1 - _SMOOTHING) * prices
            priced = pricing(prices)
            bound = priced.bound(prices, limit)
            if bound > best_bound:
                best, best_bound, best_priced = prices, bound, priced
            self.columns.append(priced)
            if value - best_bound <= gap * abs(value):
                break
        return best, best_priced


def _try_prices(
    pricing: Pricing, rows: Mask, others: Floats, limit: Floats, scale: float
) -> tuple[list[Priced], float]:
    """Give columns of ever better prices of some rows, and one that keeps these, or the highest."""
    price, low, high = scale, 0.0, np.inf
    columns = [pricing(others)]
    if not rows.any() or (columns[0].use.sum(axis=0) <= limit)[rows].all():
        return columns, scale
    while high > 4.01 * low and low < _MOST_MONEY * scale:
        columns.append(pricing(np.where(rows, price, others)))
        kept = (columns[-1].use.sum(axis=0) <= limit)[rows].all()
        low, high = (low, price) if kept else (price, high)
        between = np.sqrt(low * high) if low > 0 and high < np.inf else price
        price = 16 * price if high == np.inf else price / 16 if low == 0 else between
    return columns, high if high < np.inf else low

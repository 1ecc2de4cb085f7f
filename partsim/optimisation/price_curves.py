"""Cost and backorders of a `StockProblem` as curves of prices, and the prices that fit best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.bounded_minimum import bounded_minimum
from partsim.optimisation.stock_problem import StockProblem

if TYPE_CHECKING:
    from partsim.kernels.pricing import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BINS = 1024
_DECADES = 9
"""The bins cover so many powers of ten of prices, up from the least that buys anything."""
_PRICE_STEPS = 200


class PriceCurves:
    """Cost and backorders as curves of the price of a backorder, by family and depot."""

    def __init__(
        self,
        problem: StockProblem,
        network: Network,
        central_level: Ints,
        first: Floats,
        step: float,
    ) -> None:
        from partsim.kernels.pricing import add_increments

        self.weights = problem.row_weights
        self.first, self.step = first, step
        cost, gain = np.zeros((*first.shape, _BINS)), np.zeros((*first.shape, _BINS))
        base = np.zeros(first.shape)
        add_increments(network, problem.family, central_level, first, step, cost, gain, base)
        self.fixed = float(network.central_unit @ central_level)
        nothing = np.zeros((*first.shape, 1))
        self.cost = np.concatenate([nothing, np.cumsum(cost, axis=-1)], axis=-1)
        self.owed = base[..., None] - np.concatenate([nothing, np.cumsum(gain, axis=-1)], axis=-1)

    @classmethod
    def around_all(
        cls, problem: StockProblem, network: Network, central_level: Ints
    ) -> PriceCurves:
        """Make curves over all prices at which anything may be bought."""
        holding = problem.holding_cost
        low, high = np.log(holding.min()), np.log(holding.max()) + _DECADES * np.log(10.0)
        first = np.full(problem.family_rate.shape, low)
        return cls(problem, network, central_level, first, float(high - low) / _BINS)

    @classmethod
    def around(
        cls,
        problem: StockProblem,
        network: Network,
        central_level: Ints,
        prices: Floats,
        width: float,
    ) -> PriceCurves:
        """Make curves over a part of the prices: so far up and down in their logarithm."""
        price = np.einsum("k,kfd->fd", prices, problem.row_weights)
        with np.errstate(divide="ignore"):
            first = np.maximum(np.log(price), np.log(problem.holding_cost.min())) - width
        step = 2 * width / (_BINS - 1)
        return cls(
            problem, network, central_level, first - step, step
        )  # the first bin is all that lies below

    def best_prices(self, limit: Floats, start: Floats, reach: float) -> Floats:
        """Maximise the bound of the curves over prices near the first ones, zero or more."""
        scale = start.max() or self._common_price(limit)
        first = start / scale if start.any() else np.full(len(limit), 1 / len(limit))

        def bound(x: Floats) -> tuple[float, Floats]:
            cost, owed = self._at(np.einsum("k,kfd->fd", x * scale, self.weights))
            over = np.einsum("kfd,fd->k", self.weights, owed) - limit
            return -float(self.fixed + cost.sum() + x * scale @ over) / scale, -over

        # A price of nothing may become a twentieth of the largest.
        high = np.full(len(first), np.inf)
        if np.isfinite(reach):
            high = np.maximum(first * np.exp(reach), reach / 20)
        found = bounded_minimum(bound, first, first * np.exp(-reach), high, _PRICE_STEPS)
        return np.asarray(found * scale)

    def _common_price(self, limit: Floats) -> float:
        """Give the price that keeps all rows if all have it, roughly."""
        low, high = 1e-12, 1e30
        for _ in range(60):
            middle = float(np.sqrt(low * high))
            _, owed = self._at(np.einsum("kfd->fd", self.weights) * middle)
            kept = (np.einsum("kfd,fd->k", self.weights, owed) <= limit).all()
            low, high = (low, middle) if kept else (middle, high)
        return high

    def _at(self, price: Floats) -> tuple[Floats, Floats]:
        """Give cost and backorders at prices of shape (family, depot)."""
        with np.errstate(divide="ignore"):
            place = np.clip((np.log(price) - self.first) / self.step, 1.0, _BINS - 1e-9)
        low = place.astype(np.int64)
        part = (place - low)[..., None]
        at = low[..., None]
        cost, owed = (
            (1 - part) * np.take_along_axis(curve, at, axis=-1)
            + part * np.take_along_axis(curve, at + 1, axis=-1)
            for curve in (self.cost, self.owed)
        )
        return cost[..., 0], owed[..., 0]

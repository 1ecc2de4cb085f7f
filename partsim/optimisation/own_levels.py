"""A decision for every part by itself: own levels at every depot, own way of ordering."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.grade_prices import Column, block_starts, find_row_prices
from partsim.optimisation.graded_stock import Flags, Floats, GradedStock, GradePolicy
from partsim.optimisation.whole_choice import Options, Whole, choose_near, keep_rows

_AROUND = (0.9, 0.97, 0.99, 1.01, 1.03, 1.1, 1.5, 4.0, 1e4)
"""Levels at so many times the best prices are the options that whole choices are made of;"""
_FAR_AROUND = (*np.geomspace(0.2, 5.0, 40), 1e2, 1e4)
"""of few parts all that may count,"""
_FEW = 300
"""which is so many."""
_SMALL = 3_000
"""Parts up to which PuLP improves what repair has found."""


def choose_own_levels(
    stock: GradedStock,
    policies: Sequence[GradePolicy],
    allowed: Flags | None = None,
    gap: float = 1e-3,
) -> tuple[Whole, Floats]:
    """
    Choose for every part its way of ordering and its levels, without any grades.

    Of the policies only their ways count: approval time, its cost, and control loss. The service
    of a part is free, but no less than the least fill rate of the policies allowed to it that way.

    Parameters
    ----------
    stock : GradedStock
        Parts and rows.
    policies : sequence of GradePolicy
        Policies whose ways are open.
    allowed : ndarray of bool, shape (part, policy), optional
        Which policies a part may have; all if left out.
    gap : float
        Relative gap below which PuLP does not look for better whole levels.

    Returns
    -------
    chosen : Whole
        Cost, and a bound that no levels and ways undercut [money per year].
    prices : ndarray of float, shape (row,)
        Money per year for the whole limit of each row.

    Raises
    ------
    ValueError
        If no levels keep the rows.

    Examples
    --------
    >>> from partsim.optimisation.stock_problem import StockProblem
    >>> problem = StockProblem.single_tier([100.0, 2.0], [[0.1], [1.0]], [20.0, 10.0], wait=0.5)
    >>> chosen, _ = choose_own_levels(GradedStock.plain(problem), [GradePolicy("any")])
    >>> chosen.cost, round(chosen.bound)
    (238.0, 237)
    """
    pricer = _Pricer(stock, policies, allowed)
    found = find_row_prices(pricer.column, len(stock.problem.row_names), min(gap / 10, 1e-4))
    options = pricer.options(found.prices)
    whole = keep_rows(options, found.prices)
    if whole is None:
        raise ValueError("problem: expected waits that some stock keeps, got shorter ones")
    bound = found.bound
    if whole.cost > (1 + gap) * bound and len(options.cost) <= _SMALL:
        # Levels left out of the options could be cheaper: PuLP's own bound proves nothing here.
        whole = choose_near(options, found.prices, whole, bound, gap / 4)
    return Whole(whole.pick, whole.cost, min(bound, whole.cost)), found.prices


class _Pricer:
    """Cheapest ways and levels at prices."""

    def __init__(
        self, stock: GradedStock, policies: Sequence[GradePolicy], allowed: Flags | None
    ) -> None:
        able = np.ones((len(stock.price), len(policies)), bool) if allowed is None else allowed
        ways = list(dict.fromkeys(policy.way for policy in policies))
        of_way = np.array([[policy.way == way for policy in policies] for way in ways])
        first = [policies[int(flags.argmax())] for flags in of_way]
        given = stock.kernel_policies(policies)
        most = np.where(able, given.missed, -1.0)
        missed = np.stack([most[:, flags].max(axis=1) for flags in of_way], axis=1)
        self.shelves = stock.shelves()
        self.policies = given._replace(
            delay=np.array([policy.approval_time for policy in first], float),
            missed=missed,
            unit_share=np.where(missed < 0, np.inf, 1.0),
        )
        self.apart = stock.order_cost(first)
        self.starts = block_starts(len(self.apart))

    def fill(self, prices: Floats) -> tuple[Floats, Floats]:
        """Give cost (part,) and use (row, part) at these prices."""
        from partsim.kernels.grade_options import fill_own_levels

        cost, use = np.empty(len(self.apart)), np.empty((len(prices), len(self.apart)))
        fill_own_levels(self.shelves, self.policies, prices, self.apart, cost, use)
        return cost, use

    def column(self, prices: Floats) -> Column:
        """Give the same by block."""
        cost, use = self.fill(prices)
        starts = self.starts[:-1]
        return np.add.reduceat(cost, starts), np.add.reduceat(use, starts, axis=1).T.copy()

    def options(self, prices: Floats) -> Options:
        """Give what parts may do near these prices; the same thing only once."""
        base = np.maximum(prices, 1e-9 * max(float(prices.max(initial=0.0)), 1.0))
        around = _FAR_AROUND if len(self.apart) <= _FEW else _AROUND
        filled = [self.fill(prices), *(self.fill(base * step) for step in around)]
        cost = np.stack([money for money, _ in filled], axis=1)
        use = np.stack([used for _, used in filled], axis=2)
        for n in range(1, len(filled)):
            same = (use[:, :, :n] == use[:, :, n : n + 1]).all(axis=0) & (
                cost[:, :n] == cost[:, n : n + 1]
            )
            cost[same.any(axis=1), n] = np.inf
        return Options(cost, use)


def fair_wait_prices(stock: GradedStock, prices: Floats, count: int) -> NDArray[np.float64]:
    """
    Give prices of waiting that span those which the prices of the rows mean for the parts.

    Parameters
    ----------
    stock : GradedStock
        Parts and rows.
    prices : ndarray of float, shape (row,)
        Prices of the rows, such as of `choose_own_levels`.
    count : int
        Prices wanted.

    Returns
    -------
    ndarray of float, shape (count,)
        Money per unit and day, times importance: evenly spread in their logarithm from half the
        least to twice the greatest.
    """
    family = stock.problem.family
    backorder = np.einsum("k,kfd->fd", prices, stock.problem.row_weights)[family]
    worth = (backorder / stock.importance[:, None])[stock.problem.demand_rate > 0] / 365
    worth = worth[worth > 0]
    if not len(worth):
        return np.ones(count)
    return np.geomspace(worth.min() / 2, worth.max() * 2, count)

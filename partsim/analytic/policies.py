"""Policies of continuous review at one stock point: newsvendor level and (r,Q), also optimal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import non_negative, positive, together, whole
from partsim.analytic.exact_counts import backorders, binomial_backorders, least_level, on_hand

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StockMeasures:
    """
    What a policy does in the long run.

    Attributes
    ----------
    fill_rate : ndarray of float
        Share of demand that is met from the shelf at once.
    backorders : ndarray of float
        Expected backorders [units].
    on_hand : ndarray of float
        Expected stock on hand [units].
    """

    fill_rate: Floats
    backorders: Floats
    on_hand: Floats


def newsvendor_level(
    mean: ArrayLike, variance: ArrayLike, holding_cost: ArrayLike, backorder_cost: ArrayLike
) -> NDArray[np.int64]:
    r"""
    Find the base stock level of least cost: the least S with :math:`P(X \le S) \ge b/(h + b)`.

    Parameters
    ----------
    mean, variance : array_like of float
        Of the units in resupply or the demand X [units, units squared], zero or more.
    holding_cost, backorder_cost : array_like of float
        h and b, money per unit on hand and per unit owed (and per day), positive. All broadcast.

    Returns
    -------
    ndarray of int
        Level of least h E(S - X)+ + b E(X - S)+, the lower one of two that cost the same.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    References
    ----------
    .. [1] P. H. Zipkin, Foundations of Inventory Management, McGraw-Hill, 2000, ch. 6.

    Examples
    --------
    >>> newsvendor_level(6.0, 6.0, holding_cost=1.0, backorder_cost=[1.0, 4.0, 99.0])
    array([ 6,  8, 12])
    """
    mean, variance, h, b = together(
        mean=non_negative("mean", mean),
        variance=non_negative("variance", variance),
        holding_cost=positive("holding_cost", holding_cost),
        backorder_cost=positive("backorder_cost", backorder_cost),
    )
    return least_level(mean, variance, h / (h + b)).astype(np.int64)


def reorder_point_measures(
    mean: ArrayLike, variance: ArrayLike, reorder_point: ArrayLike, order_quantity: ArrayLike
) -> StockMeasures:
    r"""
    Evaluate an (r,Q) policy, whatever the size of Q, by second-order losses.

    The inventory position is uniform on r + 1, ..., r + Q; with
    :math:`B_2(s) = \sum_{y > s} EBO(y)` the expected backorders are
    :math:`(B_2(r) - B_2(r + Q))/Q` and the fill rate is :math:`1 - (EBO(r) - EBO(r + Q))/Q`.

    Parameters
    ----------
    mean, variance : array_like of float
        Of the demand during the lead time [units, units squared], zero or more.
    reorder_point : array_like of int
        r [units]: an order goes out when the inventory position falls to r. May be negative.
    order_quantity : array_like of int
        Q [units], at least 1. All broadcast.

    Returns
    -------
    StockMeasures
        Of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    Notes
    -----
    Exact for Poisson demand of single units and lead times that do not cross: constant, or one
    after the other. For other variances the law of the demand is fitted to two moments. Lead
    times that cross need `lot_variance`.

    References
    ----------
    .. [1] P. H. Zipkin, Foundations of Inventory Management, McGraw-Hill, 2000, ch. 6.

    Examples
    --------
    >>> measures = reorder_point_measures(3.0, 3.0, reorder_point=3, order_quantity=5)
    >>> [round(float(x), 4) for x in (measures.fill_rate, measures.backorders, measures.on_hand)]
    [0.8666, 0.1054, 3.1054]
    """
    mean, variance, r, Q = together(
        mean=non_negative("mean", mean),
        variance=non_negative("variance", variance),
        reorder_point=whole("reorder_point", reorder_point),
        order_quantity=whole("order_quantity", order_quantity, at_least=1),
    )
    lost = backorders(mean, variance, r) - backorders(mean, variance, r + Q)
    owed = binomial_backorders(mean, variance, r) - binomial_backorders(mean, variance, r + Q)
    owed = np.maximum(owed, 0.0) / Q
    left = np.maximum(r + (Q + 1) / 2 - mean + owed, 0.0)
    return StockMeasures(np.clip(1 - lost / Q, 0.0, 1.0), owed, left)


def best_reorder_point(
    demand_rate: float,
    mean: float,
    variance: float,
    order_cost: float,
    holding_cost: float,
    backorder_cost: float,
) -> tuple[int, int, float]:
    r"""
    Find the (r,Q) policy of least cost.

    With G(y) the cost of holding and backorders at inventory position y, the cost is
    :math:`(K \lambda + \sum_{y=r+1}^{r+Q} G(y))/Q`. As G falls and then rises, the best r for
    each Q takes the Q cheapest positions, and Q grows while the next position costs less than
    the average so far [1]_.

    Parameters
    ----------
    demand_rate : float
        :math:`\lambda` [units per day], positive.
    mean, variance : float
        Of the demand during the lead time [units, units squared], zero or more.
    order_cost : float
        K, money per order, zero or more.
    holding_cost, backorder_cost : float
        h and b, money per unit and day, positive.

    Returns
    -------
    reorder_point : int
        r [units].
    order_quantity : int
        Q [units].
    cost : float
        Money per day.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number.

    Notes
    -----
    Exact where `reorder_point_measures` is.

    References
    ----------
    .. [1] A. Federgruen and Y.-S. Zheng, An efficient algorithm for computing an optimal (r,Q)
       policy in continuous review stochastic inventory systems, Operations Research 40 (1992)
       808-813.

    Examples
    --------
    >>> r, Q, cost = best_reorder_point(1.5, 3.0, 3.0, 100, holding_cost=20, backorder_cost=150)
    >>> r, Q, round(cost, 4)
    (3, 5, 107.9236)
    """
    rate, K = float(positive("demand_rate", demand_rate)), non_negative("order_cost", order_cost)
    fixed, h, b = float(K * rate), holding_cost, backorder_cost
    # Any policy bounds the cost, and no position that costs more is worth its place.
    lot = (
        np.ceil(
            np.sqrt(
                2 * fixed * (1 / positive("holding_cost", h) + 1 / positive("backorder_cost", b))
            )
        )
        + 1
    )
    lowest = newsvendor_level(mean, variance, h, b) - np.ceil(lot * h / (h + b))
    some = reorder_point_measures(mean, variance, lowest, lot)
    dearest = float(fixed / lot + h * some.on_hand + b * some.backorders)
    y = np.arange(int(mean - dearest / b) - 1, int(mean + dearest / h) + 2)
    position_cost = h * on_hand(mean, variance, y) + b * backorders(mean, variance, y)
    order = np.argsort(position_cost, kind="stable")
    average = (fixed + np.cumsum(position_cost[order])) / np.arange(1, len(y) + 1)
    Q = int(np.argmin(average)) + 1
    return int(y[order[:Q]].min()) - 1, Q, float(average[Q - 1])

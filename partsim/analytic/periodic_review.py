"""Policies of periodic review at one stock point: (s,S), also optimal, and (R,S)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

from partsim.analytic.argument_checks import (
    non_negative,
    positive,
    probabilities,
    together,
    whole,
)
from partsim.analytic.exact_counts import backorders, binomial_backorders
from partsim.analytic.policies import StockMeasures

Floats = NDArray[np.float64]


def order_up_to_cost(
    demand: ArrayLike,
    lead_time: int,
    reorder_point: int,
    order_up_to: int,
    order_cost: float,
    holding_cost: float,
    backorder_cost: float,
) -> float:
    r"""
    Compute the cost of an (s,S) policy under periodic review.

    At each review an inventory position of s or less is raised to S. Positions between orders
    are a renewal process: with m(j) the expected reviews at S - j in a cycle,
    :math:`c(s, S) = (K + \sum_{j=0}^{S-s-1} m(j) G(S - j)) / \sum_{j=0}^{S-s-1} m(j)` [1]_.

    Parameters
    ----------
    demand : array_like of float, shape (n,)
        Entry k is the probability that k units are demanded in a period; entry 0 below 1.
    lead_time : int
        Periods from an order to its receipt, zero or more; an order counts after the demand of
        lead_time + 1 periods.
    reorder_point, order_up_to : int
        s and S [units], s below S.
    order_cost : float
        K, money per order, zero or more.
    holding_cost, backorder_cost : float
        Money per unit on hand and per unit owed at the end of a period, positive.

    Returns
    -------
    float
        Money per period, exact.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or `demand` is no distribution.

    References
    ----------
    .. [1] Y.-S. Zheng and A. Federgruen, Finding optimal (s,S) policies is about as simple as
       evaluating a single policy, Operations Research 39 (1991) 654-665.

    Examples
    --------
    >>> demand = [0.5, 0.25, 0.25]
    >>> order_up_to_cost(demand, 0, reorder_point=1, order_up_to=3, order_cost=4,
    ...                  holding_cost=1, backorder_cost=9)
    3.25
    """
    s, S = int(whole("reorder_point", reorder_point)), int(whole("order_up_to", order_up_to))
    if s >= S:
        raise ValueError(f"reorder_point: expected less than order_up_to = {S}, got {s}")
    K = float(non_negative("order_cost", order_cost))
    positions = np.arange(s + 1, S + 1)
    G = _period_cost(demand, lead_time, holding_cost, backorder_cost, positions)
    visits = position_visits(demand, S - s)
    return float((K + visits @ G[::-1]) / visits.sum())


def best_order_up_to(
    demand: ArrayLike,
    lead_time: int,
    order_cost: float,
    holding_cost: float,
    backorder_cost: float,
) -> tuple[int, int, float]:
    """
    Find the (s,S) policy of least cost under periodic review.

    From the cheapest position, s goes down until the cost is met; then S goes up while its own
    cost is no higher than the best one, and s follows [1]_.

    Parameters
    ----------
    demand : array_like of float, shape (n,)
        Entry k is the probability that k units are demanded in a period; entry 0 below 1.
    lead_time : int
        Periods from an order to its receipt, zero or more, as in `order_up_to_cost`.
    order_cost : float
        K, money per order, zero or more.
    holding_cost, backorder_cost : float
        Money per unit on hand and per unit owed at the end of a period, positive.

    Returns
    -------
    reorder_point : int
        s [units].
    order_up_to : int
        S [units].
    cost : float
        Money per period.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or `demand` is no distribution.

    References
    ----------
    .. [1] Y.-S. Zheng and A. Federgruen, Finding optimal (s,S) policies is about as simple as
       evaluating a single policy, Operations Research 39 (1991) 654-665.

    Examples
    --------
    >>> best_order_up_to([0.5, 0.25, 0.25], 0, order_cost=4, holding_cost=1, backorder_cost=9)
    (0, 2, 3.0833333333333335)
    """
    K = float(non_negative("order_cost", order_cost))
    h, b = holding_cost, backorder_cost
    ahead = _demand_over(demand, lead_time)
    middle = float(ahead @ np.arange(len(ahead)))
    dearest = K + float(_period_cost(demand, lead_time, h, b, np.rint(middle)))
    y = np.arange(int(middle - dearest / b) - 2, int(middle + dearest / h) + 3)
    G = _period_cost(demand, lead_time, h, b, y)
    visits = position_visits(demand, len(y))
    cycle = np.cumsum(visits)

    def cost(s: int, S: int) -> float:
        n = S - s
        return float((K + visits[:n] @ G[S : s if s >= 0 else None : -1]) / cycle[n - 1])

    S = best = int(np.argmin(G))
    s = S - 1
    while cost(s, S) > G[s]:
        s -= 1
    least = cost(s, S)
    while G[S := S + 1] <= least:
        if cost(s, S) < least:
            best = S
            while s + 1 < S and cost(s, S) <= G[s + 1]:
                s += 1
            least = cost(s, S)
    return int(y[s]), int(y[best]), least


def position_visits(demand: ArrayLike, distance: int) -> Floats:
    """
    Compute how often a policy of (s,S) is at each position between two orders.

    Parameters
    ----------
    demand : array_like of float, shape (n,)
        Entry k is the probability that k units are demanded at a time; entry 0 below 1.
    distance : int
        S - s [units], at least 1.

    Returns
    -------
    ndarray of float, shape (distance,)
        m(j), the expected times at position S - j: m = p * m and one more at j = 0.

    Raises
    ------
    ValueError
        If `demand` is no distribution.

    Examples
    --------
    >>> position_visits([0.0, 0.5, 0.5], distance=3)
    array([1.  , 0.5 , 0.75])
    """
    p = probabilities("demand", demand)
    return np.asarray(signal.lfilter([1.0], np.append(1 - p[0], -p[1:]), np.eye(1, distance)[0]))


def periodic_review_measures(
    demand_rate: ArrayLike, lead_time: ArrayLike, review_interval: ArrayLike, level: ArrayLike
) -> StockMeasures:
    r"""
    Evaluate an (R,S) policy: every R days the inventory position is raised to S.

    Demand since the last review that counts spreads evenly over L to L + R. As
    :math:`\partial B_2 / \partial \mu = EBO` for Poisson demand, the expected backorders are
    :math:`(B_2(S; \lambda (L + R)) - B_2(S; \lambda L)) / (\lambda R)`, and a unit waits if it
    adds to the backorders between both ends.

    Parameters
    ----------
    demand_rate : array_like of float
        Poisson demand of single units :math:`\lambda` [units per day], positive.
    lead_time : array_like of float
        Constant L [days], zero or more.
    review_interval : array_like of float
        R [days], positive.
    level : array_like of int
        S [units]. All broadcast.

    Returns
    -------
    StockMeasures
        Time averages, of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    Notes
    -----
    Exact.

    References
    ----------
    .. [1] S. Axsäter, Inventory Control, 3rd ed., Springer, 2015, ch. 5.

    Examples
    --------
    >>> measures = periodic_review_measures(0.5, lead_time=4.0, review_interval=7.0, level=8)
    >>> [round(float(x), 4) for x in (measures.fill_rate, measures.backorders, measures.on_hand)]
    [0.9422, 0.0483, 4.2983]
    """
    rate, lead, review, S = together(
        demand_rate=positive("demand_rate", demand_rate),
        lead_time=non_negative("lead_time", lead_time),
        review_interval=positive("review_interval", review_interval),
        level=whole("level", level),
    )
    start, end = rate * lead, rate * (lead + review)
    each = rate * review
    lost = backorders(end, end, S) - backorders(start, start, S)
    owed = binomial_backorders(end, end, S) - binomial_backorders(start, start, S)
    owed = np.maximum(owed, 0.0) / each
    left = np.maximum(S - (start + end) / 2 + owed, 0.0)
    return StockMeasures(np.clip(1 - lost / each, 0.0, 1.0), owed, left)


def _demand_over(demand: ArrayLike, lead_time: int) -> Floats:
    """Give the demand of lead time and one period more."""
    one = probabilities("demand", demand)
    if one[0] >= 1:
        raise ValueError("demand[0]: expected a probability below 1, got 1: no demand at all")
    total = one
    for _ in range(int(whole("lead_time", lead_time, at_least=0))):
        total = np.convolve(total, one)
    return total


def _period_cost(
    demand: ArrayLike, lead_time: int, holding_cost: float, backorder_cost: float, y: ArrayLike
) -> Floats:
    """Give the expected cost of a period that starts from the inventory positions y."""
    h, b = positive("holding_cost", holding_cost), positive("backorder_cost", backorder_cost)
    total = _demand_over(demand, lead_time)
    left = np.subtract.outer(np.asarray(y, float), np.arange(len(total)))
    return np.where(left > 0, h * left, -b * left) @ total

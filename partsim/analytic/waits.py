"""How long demands wait at one stock point: batches, lots, and reviews at intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from partsim.analytic.argument_checks import non_negative, positive, together, whole
from partsim.analytic.compound import compound_table, order_fill_rate, unit_fill_rate
from partsim.analytic.exact_counts import backorders
from partsim.lifetimes import Duration

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OrderWaits:
    r"""
    Probabilities that what customers order comes within a wait :math:`\tau`.

    Attributes
    ----------
    first : ndarray of float
        Of the first unit of an order.
    unit : ndarray of float
        Of a unit drawn at random from all: its share of demand.
    order : ndarray of float
        Of a whole order, which is its last unit.
    """

    first: Floats
    unit: Floats
    order: Floats


def batch_wait_at_most(
    order_rate: ArrayLike,
    batch_size: ArrayLike,
    reorder_point: ArrayLike,
    order_quantity: ArrayLike,
    wait: ArrayLike,
    lead_time: ArrayLike,
) -> OrderWaits:
    r"""
    Compute :math:`P(W \le \tau)` of orders of several units at an (r,nQ) stock point.

    What the inventory position y promised :math:`L - \tau` before an order is all there
    :math:`\tau` after it. The i-th unit of the order comes by then if the demand X of the
    :math:`L - \tau` between is at most y - i, and y is uniform on r + 1, ..., r + Q [1]_:
    :math:`P(W_i \le \tau) = \frac{1}{Q} \sum_{y=r+1}^{r+Q} P(X \le y - i)` for
    :math:`\tau < L`, and 1 from L on. Base stock S is r = S - 1 with Q = 1.

    Parameters
    ----------
    order_rate : array_like of float
        Poisson rate of the orders of customers [orders per day], zero or more.
    batch_size : array_like of float, shape (n,)
        Entry j is the probability of j units in such an order; entry 0 must be 0.
    reorder_point : array_like of int
        r [units], -1 or more: when the position is r or less, the fewest lots that lift it
        above r are ordered.
    order_quantity : array_like of int
        Q [units], 1 or more.
    wait : array_like of float
        Wait :math:`\tau` [days], zero or more.
    lead_time : array_like of float
        Constant L [days], zero or more. All but `batch_size` broadcast.

    Returns
    -------
    OrderWaits
        Arrays of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, shapes do not broadcast, or Q has a
        common divisor with all batch sizes: the position is then uniform only on the steps of
        that divisor, and it, not the unit, is what should be counted in.

    Notes
    -----
    Exact for compound Poisson demand served first come, first served; a short order is met in
    part (`first`, `unit`) or held until it is whole (`order`). Absolute accuracy about 1e-15
    times r + Q.

    References
    ----------
    .. [1] S. Axsäter, Inventory Control, 3rd ed., Springer, 2015, ch. 5.

    Examples
    --------
    >>> waits = batch_wait_at_most(0.1, [0, 0.5, 0.5], 1, 1, [0.0, 6.0, 14.0], lead_time=14.0)
    >>> waits.first.round(4), waits.order.round(4)  # base stock 2
    (array([0.4192, 0.6291, 1.    ]), array([0.3329, 0.5392, 1.    ]))
    """
    rate, r, Q, tau, L = together(
        order_rate=non_negative("order_rate", order_rate),
        reorder_point=whole("reorder_point", reorder_point, at_least=-1),
        order_quantity=whole("order_quantity", order_quantity, at_least=1),
        wait=non_negative("wait", wait),
        lead_time=non_negative("lead_time", lead_time),
    )
    low, high = r.astype(np.int64), (r + Q).astype(np.int64)
    met = compound_table(
        rate * np.maximum(L - tau, 0.0), batch_size, int(high.max(initial=0))
    ).at_most
    _check_steps(batch_size, Q)

    def averaged(by_level: Floats) -> Floats:
        total = np.concatenate([np.zeros_like(by_level[..., :1]), np.cumsum(by_level, -1)], -1)
        ends = [np.take_along_axis(total, n[..., None] + 1, -1)[..., 0] for n in (low, high)]
        return np.where(tau >= L, 1.0, np.minimum((ends[1] - ends[0]) / Q, 1.0))

    return OrderWaits(
        first=averaged(order_fill_rate(met, [0.0, 1.0])),
        unit=averaged(unit_fill_rate(met, batch_size)),
        order=averaged(order_fill_rate(met, batch_size)),
    )


def reorder_point_wait_at_most(
    demand_rate: ArrayLike,
    reorder_point: ArrayLike,
    order_quantity: ArrayLike,
    wait: ArrayLike,
    lead_time: ArrayLike,
) -> Floats:
    r"""
    Compute :math:`P(W \le \tau)` under an (r,Q) policy with demand of single units, in O(1).

    With X the demand in :math:`L - \tau` and EBO its loss,
    :math:`\frac{1}{Q} \sum_{y=r+1}^{r+Q} P(X < y) = 1 - (EBO(r) - EBO(r + Q))/Q`: the fill rate
    of the shorter lead time [1]_, and 1 from L on.

    Parameters
    ----------
    demand_rate : array_like of float
        Poisson demand of single units [units per day], zero or more.
    reorder_point : array_like of int
        r [units], -1 or more; r = S - 1 and Q = 1 is the base stock S.
    order_quantity : array_like of int
        Q [units], 1 or more.
    wait : array_like of float
        Wait :math:`\tau` [days], zero or more.
    lead_time : array_like of float
        Constant L [days], zero or more. All broadcast.

    Returns
    -------
    ndarray of float
        Of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    Notes
    -----
    Exact; first come, first served.

    References
    ----------
    .. [1] S. Axsäter, Inventory Control, 3rd ed., Springer, 2015, ch. 5.

    Examples
    --------
    >>> reorder_point_wait_at_most(0.5, 3, 5, [0.0, 3.0, 6.0], lead_time=6.0).round(4)
    array([0.8666, 0.982 , 1.    ])
    """
    rate, r, Q, tau, L = together(
        demand_rate=non_negative("demand_rate", demand_rate),
        reorder_point=whole("reorder_point", reorder_point, at_least=-1),
        order_quantity=whole("order_quantity", order_quantity, at_least=1),
        wait=non_negative("wait", wait),
        lead_time=non_negative("lead_time", lead_time),
    )
    mean = rate * np.maximum(L - tau, 0.0)
    late = (backorders(mean, mean, r) - backorders(mean, mean, r + Q)) / Q
    return np.where(tau >= L, 1.0, np.clip(1 - late, 0.0, 1.0))


def periodic_review_wait_at_most(
    demand_rate: ArrayLike,
    review_interval: ArrayLike,
    level: ArrayLike,
    wait: ArrayLike,
    lead_time: ArrayLike,
) -> Floats:
    r"""
    Compute :math:`P(W \le \tau)` under an (R,S) policy of periodic review.

    Reviews every R days lift the inventory position to S. The last one whose order is there
    :math:`\tau` after a demand was a time U before the demand, uniform on :math:`L - \tau` to
    :math:`L - \tau + R`. The demand is met by then if U is negative or fewer than S units are
    demanded in U. As :math:`\partial EBO / \partial \mu = P(X \ge S)` for Poisson demand,
    :math:`P(W > \tau)
    = (EBO(S; \lambda (L - \tau + R)^+) - EBO(S; \lambda (L - \tau)^+)) / (\lambda R)`.

    Parameters
    ----------
    demand_rate : array_like of float
        Poisson demand of single units :math:`\lambda` [units per day], positive.
    review_interval : array_like of float
        R [days], positive.
    level : array_like of int
        S [units], zero or more.
    wait : array_like of float
        Wait :math:`\tau` [days], zero or more; nobody waits longer than L + R.
    lead_time : array_like of float
        Constant L [days], zero or more. All broadcast.

    Returns
    -------
    ndarray of float
        Of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    Notes
    -----
    Exact; first come, first served. For a wait of 0 it is the fill rate of
    `periodic_review_measures`, whose backorders are the demand rate times the mean wait (Little).

    References
    ----------
    .. [1] S. Axsäter, Inventory Control, 3rd ed., Springer, 2015, ch. 5, has the policy; the law
       of the wait is worked out above.

    Examples
    --------
    >>> periodic_review_wait_at_most(0.5, 7.0, [0, 8], [[0.0], [6.0]], lead_time=4.0).round(4)
    array([[0.    , 0.9422],
           [0.2857, 0.9996]])
    """
    rate, review, S, tau, L = together(
        demand_rate=positive("demand_rate", demand_rate),
        review_interval=positive("review_interval", review_interval),
        level=whole("level", level, at_least=0),
        wait=non_negative("wait", wait),
        lead_time=non_negative("lead_time", lead_time),
    )
    start, end = rate * np.maximum(L - tau, 0.0), rate * np.maximum(L - tau + review, 0.0)
    late = (backorders(end, end, S) - backorders(start, start, S)) / (rate * review)
    return np.clip(1 - late, 0.0, 1.0)


def wait_without_stock(order_rate: ArrayLike, lead_time: Duration, wait: ArrayLike) -> Floats:
    r"""
    Compute :math:`P(W \le \tau)` where nothing is kept: a unit is ordered for every demand.

    Receipts go to whom has waited longest. So a demand has waited at most :math:`\tau` if of the
    units ordered for it and before it no more are still to come than have come of those ordered
    after it: :math:`N + 1_{L > \tau} \le C`, with Poisson N of mean
    :math:`\lambda E[(L - \tau)^+]`, Poisson C of mean :math:`\lambda E[(\tau - L)^+]` and the
    demand's own lead time L, all independent.

    Parameters
    ----------
    order_rate : array_like of float
        Poisson rate of the demand [per day], zero or more.
    lead_time : Duration
        Of each order, independent of the others, so that orders may cross.
    wait : array_like of float
        :math:`\tau` [days], zero or more; both broadcast.

    Returns
    -------
    ndarray of float
        0 to 1.

    Raises
    ------
    ValueError
        If a rate or a wait is negative.

    Notes
    -----
    Exact. Without crossing, as with a fixed lead time or next to no demand, it is
    :math:`P(L \le \tau)`. Differences of Poisson counts are noncentral chi-squared laws.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential, Fixed
    >>> wait_without_stock(0.3, Fixed(5.0), [4.9, 5.0])
    array([0., 1.])
    >>> wait_without_stock([0.0, 10.0], Exponential(mean=5.0), 5.0).round(3)
    array([0.632, 0.509])
    """
    rate, tau = together(
        order_rate=non_negative("order_rate", order_rate), wait=non_negative("wait", wait)
    )
    left = lead_time.excess(tau)
    late, early = rate * left, rate * np.maximum(tau - lead_time.mean + left, 0.0)
    missing = lead_time.survival(tau)
    no_more = 1 - special.chndtr(2 * late, 2, 2 * early)
    fewer = special.chndtr(2 * early, 2, 2 * late)
    return np.asarray((1 - missing) * no_more + missing * fewer)


def _check_steps(batch_size: ArrayLike, order_quantity: Floats) -> None:
    """Refuse lots that have a common divisor with all sizes of batches."""
    possible = np.flatnonzero(np.asarray(batch_size, float))
    common = np.gcd(order_quantity.astype(np.int64), np.gcd.reduce(possible))
    if (common > 1).any():
        raise ValueError(
            "order_quantity: expected no common divisor with all batch sizes, "
            f"got {order_quantity[common > 1].flat[0]:g}, all multiples of {common.max()}"
        )

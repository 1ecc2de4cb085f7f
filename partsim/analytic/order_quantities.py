"""Order quantities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import non_negative, positive, together

Floats = NDArray[np.float64]

_SMALL = 1e-300
"""Lot for which a division stands though there is no demand."""


def economic_order_quantity(
    demand_rate: ArrayLike, order_cost: ArrayLike, holding_cost: ArrayLike
) -> NDArray[np.float64]:
    r"""
    Compute the lot that balances ordering and holding, :math:`\sqrt{2 K \lambda / h}`.

    Parameters
    ----------
    demand_rate : array_like of float
        Units per year, zero or more.
    order_cost : array_like of float
        Money per order (K), zero or more.
    holding_cost : array_like of float
        Money per unit and year (h), positive.

    Returns
    -------
    ndarray of float
        Units, not rounded.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    References
    ----------
    .. [1] F. W. Harris, How many parts to make at once, Factory 10 (1913) 135-136, 152.
    .. [2] L. V. Snyder and Z.-J. M. Shen, Fundamentals of Supply Chain Theory, 2nd ed.,
       Wiley, 2019, example 3.1.

    Examples
    --------
    >>> float(economic_order_quantity(1300, 8, 0.225).round(1))
    304.0
    """
    rate, K, h = together(
        demand_rate=non_negative("demand_rate", demand_rate),
        order_cost=non_negative("order_cost", order_cost),
        holding_cost=positive("holding_cost", holding_cost),
    )
    return np.asarray(np.sqrt(2 * K * rate / h))


def backorder_order_quantity(
    demand_rate: ArrayLike,
    order_cost: ArrayLike,
    holding_cost: ArrayLike,
    backorder_cost: ArrayLike,
) -> tuple[Floats, Floats]:
    r"""
    Compute the lot when demand may wait at a cost: :math:`\sqrt{2 K \lambda (h + b) / (h b)}`.

    Parameters
    ----------
    demand_rate : array_like of float
        Units per year, zero or more.
    order_cost : array_like of float
        Money per order (K), zero or more.
    holding_cost, backorder_cost : array_like of float
        Money per unit on hand (h) and per unit owed (b), and year, positive. All broadcast.

    Returns
    -------
    order_quantity : ndarray of float
        Units, not rounded.
    share : ndarray of float
        Share of the lot that is owed when it arrives, h / (h + b).

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    References
    ----------
    .. [1] P. H. Zipkin, Foundations of Inventory Management, McGraw-Hill, 2000, ch. 3.

    Examples
    --------
    >>> lot, owed = backorder_order_quantity(1300, 8, 0.225, 5)
    >>> round(float(lot), 1), round(float(owed), 4)
    (310.8, 0.0431)
    """
    rate, K, h, b = together(
        demand_rate=non_negative("demand_rate", demand_rate),
        order_cost=non_negative("order_cost", order_cost),
        holding_cost=positive("holding_cost", holding_cost),
        backorder_cost=positive("backorder_cost", backorder_cost),
    )
    return np.sqrt(2 * K * rate * (1 / h + 1 / b)), h / (h + b)


def production_batch(
    demand_rate: ArrayLike,
    production_rate: ArrayLike,
    order_cost: ArrayLike,
    holding_cost: ArrayLike,
) -> Floats:
    r"""
    Compute the lot that is made at a finite rate: :math:`\sqrt{2 K \lambda / (h (1 - \lambda/p))}`.

    Parameters
    ----------
    demand_rate, production_rate : array_like of float
        Units per year, zero or more; production p above demand.
    order_cost : array_like of float
        Money per set-up (K), zero or more.
    holding_cost : array_like of float
        Money per unit and year (h), positive. All broadcast.

    Returns
    -------
    ndarray of float
        Units, not rounded.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    References
    ----------
    .. [1] E. W. Taft, The most economical production lot, Iron Age 101 (1918) 1410-1412.

    Examples
    --------
    >>> float(production_batch(1300, 2600, 8, 0.225).round(2))  # sqrt(2) times 304.05
    429.99
    """
    rate, p, K, h = together(
        demand_rate=non_negative("demand_rate", demand_rate),
        production_rate=positive("production_rate", production_rate),
        order_cost=non_negative("order_cost", order_cost),
        holding_cost=positive("holding_cost", holding_cost),
    )
    if (rate >= p).any():
        raise ValueError(
            f"production_rate: expected more than demand_rate = {rate[rate >= p].flat[0]}, "
            f"got {p[rate >= p].flat[0]}"
        )
    return np.sqrt(2 * K * rate / (h * (1 - rate / p)))


def all_units_discount(
    demand_rate: ArrayLike,
    order_cost: ArrayLike,
    holding_share: ArrayLike,
    least_quantities: ArrayLike,
    prices: ArrayLike,
) -> tuple[Floats, Floats]:
    r"""
    Find the lot of least cost when its size sets the price of all its units.

    At price c the cost per year is :math:`c \lambda + K \lambda / Q + i c Q / 2`; for each price
    the best lot that earns it is the economic one or the least allowed one.

    Parameters
    ----------
    demand_rate : array_like of float, shape (...)
        Units per year (lambda), zero or more.
    order_cost : array_like of float, shape (...)
        Money per order (K), positive.
    holding_share : array_like of float, shape (...)
        Holding cost per year as a share of the price (i), positive. These three broadcast.
    least_quantities : array_like of float, shape (n,)
        Least lot of each price [units], rising from 0.
    prices : array_like of float, shape (n,)
        Money per unit, positive and falling.

    Returns
    -------
    order_quantity, cost : ndarray of float, shape (...)
        Units, not rounded, and money per year with the units themselves.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    References
    ----------
    .. [1] L. V. Snyder and Z.-J. M. Shen, Fundamentals of Supply Chain Theory, 2nd ed.,
       Wiley, 2019, ch. 3.

    Examples
    --------
    >>> lot, cost = all_units_discount(1300, 8, 0.3, [0, 400, 800], [0.75, 0.72, 0.68])
    >>> float(lot), round(float(cost), 2)
    (800.0, 978.6)
    """
    rate, K, share, least, c = _discount(
        demand_rate, order_cost, holding_share, least_quantities, prices
    )
    lots = np.maximum(np.sqrt(2 * K * rate / (share * c)), least)
    costs = c * rate + K * rate / np.maximum(lots, _SMALL) + share * c * lots / 2
    # A lot that earns the next price too costs more here than there: it is never chosen.
    return _cheapest(lots, costs)


def incremental_discount(
    demand_rate: ArrayLike,
    order_cost: ArrayLike,
    holding_share: ArrayLike,
    least_quantities: ArrayLike,
    prices: ArrayLike,
) -> tuple[Floats, Floats]:
    r"""
    Find the lot of least cost when only the units beyond each limit have the lower price.

    A lot beyond limit :math:`b_j` costs :math:`a_j + c_j Q` with
    :math:`a_j = \sum_{i \le j} (c_{i-1} - c_i) b_i`, so that :math:`K + a_j` takes the place of K
    and :math:`i a_j / 2` is added to the cost per year. The best of these lots is inside its range.

    Parameters
    ----------
    demand_rate : array_like of float, shape (...)
        Units per year (lambda), zero or more.
    order_cost : array_like of float, shape (...)
        Money per order (K), positive.
    holding_share : array_like of float, shape (...)
        Holding cost per year as a share of the price (i), positive. These three broadcast.
    least_quantities : array_like of float, shape (n,)
        Limit beyond which each price holds [units], rising from 0.
    prices : array_like of float, shape (n,)
        Money per unit, positive and falling.

    Returns
    -------
    order_quantity, cost : ndarray of float, shape (...)
        Units, not rounded, and money per year with the units themselves.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    References
    ----------
    .. [1] L. V. Snyder and Z.-J. M. Shen, Fundamentals of Supply Chain Theory, 2nd ed.,
       Wiley, 2019, ch. 3.

    Examples
    --------
    >>> lot, cost = incremental_discount(1300, 8, 0.3, [0, 400, 800], [0.75, 0.72, 0.68])
    >>> round(float(lot), 1), round(float(cost), 2)
    (304.0, 1043.41)
    """
    rate, K, share, least, c = _discount(
        demand_rate, order_cost, holding_share, least_quantities, prices
    )
    extra = np.cumsum(-np.diff(c, prepend=c[:1]) * least)
    lots = np.sqrt(2 * (K + extra) * rate / (share * c))
    costs = (
        c * rate + (K + extra) * rate / np.maximum(lots, _SMALL) + share * (c * lots + extra) / 2
    )
    # Outside its range the line lies above the cost of the same lot at another price.
    return _cheapest(lots, costs)


def disruption_order_quantity(
    demand_rate: ArrayLike,
    order_cost: ArrayLike,
    holding_cost: ArrayLike,
    lost_sale_cost: ArrayLike,
    disruption_rate: ArrayLike,
    recovery_rate: ArrayLike,
) -> tuple[Floats, Floats]:
    r"""
    Find the lot of least cost when the supplier fails and recovers at random (EOQD).

    Supply is up and down for exponential times of rates :math:`\alpha` and :math:`\beta`; orders
    arrive at once but only while it is up, at zero stock, and demand in the meantime is lost. With
    :math:`\psi = \frac{\alpha}{\alpha + \beta} (1 - e^{-(\alpha + \beta) Q / \lambda})`, the
    chance to find it down, the cost is [1]_

    .. math:: \frac{K + h Q^2 / (2 \lambda) + p \lambda \psi / \beta}{Q / \lambda + \psi / \beta}.

    Parameters
    ----------
    demand_rate : array_like of float
        Units per year (lambda), positive.
    order_cost : array_like of float
        Money per order (K), positive.
    holding_cost : array_like of float
        Money per unit and year (h), positive.
    lost_sale_cost : array_like of float
        Money per unit that is not sold (p), zero or more.
    disruption_rate : array_like of float
        Disruptions per year of supply, zero or more.
    recovery_rate : array_like of float
        Recoveries per year of disruption, positive. All broadcast.

    Returns
    -------
    order_quantity, cost : ndarray of float
        Units, not rounded, and money per year.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    Notes
    -----
    Exact for this model, to about 1e-7 of the lot: bisection of the slope, no approximation.

    References
    ----------
    .. [1] M. Parlar and D. Berkin, Future supply uncertainty in EOQ models, Naval Research
       Logistics 38 (1991) 107-121; corrected by E. Berk and A. Arreola-Risa, Naval Research
       Logistics 41 (1994) 129-132.

    Examples
    --------
    >>> lot, cost = disruption_order_quantity(1300, 8, 0.225, 5, 1.5, 14)
    >>> round(float(lot), 2), round(float(cost), 3)
    (772.81, 173.95)
    """
    rate, K, h, p, alpha, beta = together(
        demand_rate=positive("demand_rate", demand_rate),
        order_cost=positive("order_cost", order_cost),
        holding_cost=positive("holding_cost", holding_cost),
        lost_sale_cost=non_negative("lost_sale_cost", lost_sale_cost),
        disruption_rate=non_negative("disruption_rate", disruption_rate),
        recovery_rate=positive("recovery_rate", recovery_rate),
    )

    def parts(lot: Floats) -> tuple[Floats, Floats, Floats]:
        """Give cost and length of a cycle, and the slope of their quotient but for a factor > 0."""
        decay = (alpha + beta) / rate
        down = -np.expm1(-decay * lot) * alpha / (alpha + beta) / beta  # psi / beta
        more_down = np.exp(-decay * lot) * alpha / rate / beta
        cost, length = K + h * lot**2 / (2 * rate) + p * rate * down, lot / rate + down
        slope = (h * lot / rate + p * rate * more_down) * length - cost * (1 / rate + more_down)
        return cost, length, slope

    # Here the slope is positive, since psi is at most 1 and alpha / beta exp(-alpha / beta) 0.4.
    high = 2 * np.sqrt(2 * K * rate / h + 2 * p * rate**2 / (h * beta)) + rate / beta
    low = np.zeros_like(high)
    for _ in range(60):
        middle = (low + high) / 2
        rising = parts(middle)[2] > 0
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    cost, length, _ = parts(high)
    return high, cost / length


def _discount(
    demand_rate: ArrayLike,
    order_cost: ArrayLike,
    holding_share: ArrayLike,
    least_quantities: ArrayLike,
    prices: ArrayLike,
) -> tuple[Floats, ...]:
    """Check the arguments of a discount; give the first three an axis for the prices."""
    first = together(
        demand_rate=non_negative("demand_rate", demand_rate),
        order_cost=positive("order_cost", order_cost),
        holding_share=positive("holding_share", holding_share),
    )
    least, c = non_negative("least_quantities", least_quantities), positive("prices", prices)
    if least.ndim != 1 or least[0] != 0 or (np.diff(least) <= 0).any():
        raise ValueError(f"least_quantities: expected numbers that rise from 0, got {least}")
    if c.shape != least.shape or (np.diff(c) >= 0).any():
        raise ValueError(f"prices: expected {len(least)} falling prices, got {c}")
    return (*(x[..., None] for x in first), least, c)


def _cheapest(lots: Floats, costs: Floats) -> tuple[Floats, Floats]:
    best = np.argmin(costs, axis=-1)[..., None]
    return (
        np.take_along_axis(lots, best, axis=-1)[..., 0],
        np.take_along_axis(costs, best, axis=-1)[..., 0],
    )

"""One stock point with one-for-one orders and Poisson demand: what is ready, and how soon."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import non_negative, together, whole
from partsim.analytic.exact_counts import at_most, probability
from partsim.lifetimes import Duration

Floats = NDArray[np.float64]


def ready_rate(mean: ArrayLike, variance: ArrayLike, level: ArrayLike) -> Floats:
    r"""
    Compute the share of time with stock on hand, :math:`P(X \le S - 1)`.

    Poisson demand of single units sees time averages, so that this is its fill rate as well, of
    orders and of units. Demand in batches has `order_fill_rate` and `unit_fill_rate`.

    Parameters
    ----------
    mean, variance : array_like of float
        Of the units in resupply X [units, units squared], zero or more.
    level : array_like of int
        Base stock S [units]. All three broadcast.

    Returns
    -------
    ndarray of float
        Of the broadcast shape; 0 for a level of 0.

    Raises
    ------
    ValueError
        If a number is negative, not whole or not a number, or shapes do not broadcast.

    References
    ----------
    .. [1] C. C. Sherbrooke, Optimal Inventory Modeling of Systems, 2nd ed., Kluwer, 2004, ch. 2.

    Examples
    --------
    >>> ready_rate(1.0, 1.0, [0, 1, 2]).round(4)
    array([0.    , 0.3679, 0.7358])
    """
    return at_most(mean, variance, whole("level", level) - 1)


def wait_at_most(
    demand_rate: ArrayLike, level: ArrayLike, wait: ArrayLike, lead_time: Duration
) -> Floats:
    r"""
    Compute the probability that a demand waits no longer than a given time, :math:`P(W \le \tau)`.

    Of the units ordered by the time t of a demand, :math:`N_1` and perhaps the one for the demand
    itself (I = 1) are still under way at :math:`t + \tau`; of those ordered later, :math:`N_2` have
    overtaken them. First come, first served, the demand is met by then if
    :math:`N_1 + I - N_2 \le S`. All three are independent; :math:`N_1` is Poisson with mean
    :math:`\lambda E(L - \tau)^+`, :math:`N_2` with mean :math:`\lambda E(\tau - L)^+`, and I is 1
    with probability :math:`P(L > \tau)`. For a constant lead time this is the probability of a
    demand below S in :math:`L - \tau` [1]_.

    Parameters
    ----------
    demand_rate : array_like of float
        Poisson demand of single units [units per day], zero or more.
    level : array_like of int
        Base stock S [units], zero or more.
    wait : array_like of float
        Wait :math:`\tau` [days], zero or more. All arrays broadcast.
    lead_time : Duration
        Independent from order to order: orders may cross. A `Fixed` one never crosses.

    Returns
    -------
    ndarray of float
        Of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is negative, not whole or not a number, or shapes do not broadcast.

    Notes
    -----
    Exact for any lead time distribution; absolute accuracy 1e-12.

    References
    ----------
    .. [1] P. H. Zipkin, Foundations of Inventory Management, McGraw-Hill, 2000, ch. 6 and 7.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential, Fixed
    >>> wait_at_most(0.1, [0, 1, 2], 4.0, Fixed(14.0)).round(4)  # demand of 10 days below S
    array([0.    , 0.3679, 0.7358])
    >>> wait_at_most(0.1, [0, 1, 2], 4.0, Exponential(14.0)).round(4)
    array([0.1052, 0.4572, 0.7729])
    """
    rate, level, wait = together(
        demand_rate=non_negative("demand_rate", demand_rate),
        level=whole("level", level, at_least=0),
        wait=non_negative("wait", wait),
    )
    late = np.asarray(lead_time.survival(wait))
    under_way = rate * lead_time.excess(wait)
    # E(tau - L)+ = tau - E L + E(L - tau)+ cancels for short waits, but stays exact to rounding
    overtaking = np.maximum(rate * (wait - lead_time.mean) + under_way, 0.0)
    most = overtaking.max(initial=0.0)
    overtakers = np.arange(int(most + 12 * np.sqrt(most) + 40))
    chance = probability(overtaking[..., None], overtaking[..., None], overtakers)
    mean, spare = under_way[..., None], level[..., None] + overtakers
    met = (1 - late[..., None]) * at_most(mean, mean, spare)
    met += late[..., None] * at_most(mean, mean, spare - 1)
    return np.minimum((chance * met).sum(axis=-1), 1.0)

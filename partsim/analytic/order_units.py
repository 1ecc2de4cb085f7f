"""Orders of several units: how far down an order a unit stands, and what that leaves for it.

Orders by a Poisson process whose sizes are logarithmic with probabilities proportional to
p^n / n give a negative binomial number of units over any time, with variance over mean
v = 1 / (1 - p).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import non_negative

Floats = NDArray[np.float64]


def units_before(ratio: ArrayLike, most: int) -> Floats:
    r"""
    Compute how many units of its order come before a unit drawn at random from all.

    For sizes N it is P(J = j) = P(N > j) / E N. For logarithmic sizes that is
    :math:`\frac{1}{v-1} \sum_{n>j} p^n / n`, of mean (v - 1) / 2.

    Parameters
    ----------
    ratio : array_like of float
        Variance over mean v of the units over any time, 1 or more.
    most : int
        Largest j, zero or more.

    Returns
    -------
    ndarray of float, shape (..., most + 1)
        P(J = j) to about 1e-16 times most; 1 at 0 for a ratio of 1.

    Raises
    ------
    ValueError
        If a ratio is below 1 or not a number.

    Examples
    --------
    >>> units_before(2.0, 2).round(4)  # sizes 1, 2, 3 ...: log 2, less 1/2, less 1/8
    array([0.6931, 0.1931, 0.0681])
    """
    v = np.asarray(ratio, float)
    if not (v >= 1).all():
        raise ValueError(f"ratio: expected numbers of 1 or more, got {v[~(v >= 1)].flat[0]}")
    beyond = v[..., None] - 1
    chance = np.empty((*v.shape, most + 1))
    first = np.divide(np.log1p(beyond), beyond, out=np.ones_like(beyond), where=beyond > 0)
    chance[..., :1] = first
    n = np.arange(1, most + 1)
    # p^n / (n (v - 1)) without dividing by v - 1
    chance[..., 1:] = first - np.cumsum((beyond / (1 + beyond)) ** (n - 1) / (1 + beyond) / n, -1)
    return np.maximum(chance, 0.0)


def largest_orders(ratio: ArrayLike) -> Floats:
    """
    Give so many units that hardly any unit has more of its own order before it.

    Parameters
    ----------
    ratio : array_like of float
        Variance over mean of the orders, 1 or more.

    Returns
    -------
    ndarray of float
        Zero for single units, else five and ten times what the ratio is above 1 [units]: fewer than
        one unit in 100,000 has more.

    Examples
    --------
    >>> more = 1 - units_before(4.0, int(largest_orders(4.0))).sum()
    >>> more < 1e-5
    np.True_
    """
    v = np.asarray(ratio, float)
    return np.where(v > 1, 5 + 10 * (v - 1), 0.0)


def with_units_before(at_most: ArrayLike, ratio: ArrayLike) -> Floats:
    r"""
    Add the units of its own order that come before a unit to those that stand before its order.

    A unit is met by a stock of S if X + J < S, where X units are in resupply when its order comes.
    For a common lead time 1 - P(X + J < S) is the derivative of the backorders by the mean of
    X at fixed ratio.

    Parameters
    ----------
    at_most : array_like of float, shape (..., levels)
        P(X <= k) for k = 0, 1, ...
    ratio : array_like of float
        Variance over mean of the orders, 1 or more; broadcasts with the cells of `at_most`.

    Returns
    -------
    ndarray of float, shape (..., levels)
        P(X + J <= k), to about 1e-14 absolute; `at_most` itself where the ratio is 1.

    Examples
    --------
    >>> with_units_before([0.5, 1.0, 1.0], 2.0).round(4)
    array([0.3466, 0.7897, 0.9204])
    """
    given = non_negative("at_most", at_most)
    levels = given.shape[-1]
    v = np.broadcast_to(ratio, np.broadcast_shapes(given.shape[:-1], np.shape(ratio)))
    met = np.broadcast_to(given, (*v.shape, levels)).copy()
    several = v != 1
    if several.any():
        before, size = units_before(v[several], levels - 1), 2 * levels
        both = np.fft.rfft(met[several], size) * np.fft.rfft(before, size)
        met[several] = np.clip(np.fft.irfft(both, size)[..., :levels], 0.0, 1.0)
    return met

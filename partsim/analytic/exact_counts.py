"""
Probabilities and backorders of a count at given levels, to twelve digits however rare.

The laws are those of `partsim.analytic.counts`: Poisson, negative binomial with real r, or
binomial, by mean and variance. Use `count_table` for all levels of many cells at once, where an
absolute accuracy of 1e-13 times the mean is enough; use this module for single levels, far tails
and as the reference. Against 40-digit values, means 1e-6 to 1e4 and levels up to 8 standard
deviations from the mean, its largest relative error is 2e-13. The work grows with the ratio of
variance to mean: a ratio of 1e6 takes minutes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import fraction, non_negative, positive, together
from partsim.analytic.count_laws import LARGE, fit, law_probability, sums_at, turn

Floats = NDArray[np.float64]


def probability(mean: ArrayLike, variance: ArrayLike, count: ArrayLike) -> Floats:
    """
    Compute P(X = k).

    Parameters
    ----------
    mean, variance : array_like of float
        Of the count X [units, units squared], zero or more.
    count : array_like of int
        k; zero for a negative one. All three broadcast.

    Returns
    -------
    ndarray of float
        Of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is negative, not whole or not a number, or shapes do not broadcast.

    Examples
    --------
    >>> probability(2.0, 2.0, [0, 1, 2]).round(4)
    array([0.1353, 0.2707, 0.2707])
    """
    law, k, shape = fit(mean, variance, count)
    return law_probability(law, k).reshape(shape)


def tail(mean: ArrayLike, variance: ArrayLike, level: ArrayLike) -> Floats:
    """
    Compute P(X > S), to 1e-12 relative however small.

    Parameters
    ----------
    mean, variance : array_like of float
        Of the count X [units, units squared], zero or more.
    level : array_like of int
        S; 1 for a negative one. All three broadcast.

    Returns
    -------
    ndarray of float
        Of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is negative, not whole or not a number, or shapes do not broadcast.

    Examples
    --------
    >>> print(f"{tail(1.0, 1.0, 20):.12g}")
    7.54262507721e-21
    """
    law, level, shape = fit(mean, variance, level)
    low = level < turn(law)
    share = sums_at(law, level, low).share
    return np.where(low, 1 - share, share).reshape(shape)


def at_most(mean: ArrayLike, variance: ArrayLike, level: ArrayLike) -> Floats:
    """
    Compute P(X <= S), to 1e-12 relative however small.

    Parameters
    ----------
    mean, variance : array_like of float
        Of the count X [units, units squared], zero or more.
    level : array_like of int
        S; 0 for a negative one. All three broadcast.

    Returns
    -------
    ndarray of float
        Of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is negative, not whole or not a number, or shapes do not broadcast.

    Examples
    --------
    >>> print(f"{at_most(1000.0, 1000.0, 500):.12g}")
    8.30383406699e-69
    """
    law, level, shape = fit(mean, variance, level)
    low = level < law.mean
    share = sums_at(law, level, low).share
    return np.where(low, share, 1 - share).reshape(shape)


def least_level(mean: ArrayLike, variance: ArrayLike, share: ArrayLike) -> Floats:
    """
    Find the least level S with P(X > S) at most the given share.

    Parameters
    ----------
    mean, variance : array_like of float
        Of the count X [units, units squared], zero or more.
    share : array_like of float
        Above 0, below 1. All three broadcast.

    Returns
    -------
    ndarray of float
        Whole numbers of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    Examples
    --------
    >>> least_level(6.0, 6.0, [0.5, 0.2, 0.01])
    array([ 6.,  8., 12.])
    """
    mean, variance, most = together(
        mean=non_negative("mean", mean),
        variance=non_negative("variance", variance),
        share=positive("share", fraction("share", share)),
    )
    if mean.size >= LARGE:
        from partsim.kernels.counts import fill_levels

        law, _, shape = fit(mean, variance, 0)
        levels = np.empty(law.mean.size)
        fill_levels(law.mean, law.variance, most.flatten(), levels)
        return levels.reshape(shape)
    below = np.full(mean.shape, -1.0)
    # Cantelli's inequality; the fitted variance is at most the larger of mean and variance
    enough = np.ceil(mean + np.sqrt(np.maximum(mean, variance) * (1 - most) / most)) + 1
    while (enough - below > 1).any():
        middle = np.floor((below + enough) / 2)
        fits = tail(mean, variance, middle) <= most
        below, enough = np.where(fits, below, middle), np.where(fits, middle, enough)
    return enough


def backorders(mean: ArrayLike, variance: ArrayLike, level: ArrayLike) -> Floats:
    """
    Compute E[(X - S)+], the expected backorders EBO(S), to 1e-12 relative however small.

    Parameters
    ----------
    mean, variance : array_like of float
        Of the units in resupply X [units, units squared], zero or more.
    level : array_like of int
        Stock level S [units]; may be negative, as an inventory position can. All broadcast.

    Returns
    -------
    ndarray of float
        Expected backorders [units], of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is negative, not whole or not a number, or shapes do not broadcast.

    References
    ----------
    .. [1] C. C. Sherbrooke, Optimal Inventory Modeling of Systems, 2nd ed., Kluwer, 2004, ch. 2.

    Examples
    --------
    >>> backorders(1.0, 1.0, [0, 1, 2, 3]).round(3)  # published: 1, 0.368, 0.104, 0.023
    array([1.   , 0.368, 0.104, 0.023])
    """
    law, level, shape = fit(mean, variance, level)
    low = level < turn(law)
    distance = sums_at(law, level, low).distance
    return np.where(low, law.mean - level + distance, distance).reshape(shape)


def on_hand(mean: ArrayLike, variance: ArrayLike, level: ArrayLike) -> Floats:
    """
    Compute E[(S - X)+], the expected stock on hand, to 1e-12 relative however small.

    Parameters
    ----------
    mean, variance : array_like of float
        Of the units in resupply X [units, units squared], zero or more.
    level : array_like of int
        Stock level S [units]; may be negative. All broadcast.

    Returns
    -------
    ndarray of float
        Expected units on hand [units], of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is negative, not whole or not a number, or shapes do not broadcast.

    Examples
    --------
    >>> on_hand(1.0, 1.0, [0, 1, 2]).round(4)
    array([0.    , 0.3679, 1.1036])
    """
    law, level, shape = fit(mean, variance, level)
    low = level < law.mean
    distance = sums_at(law, level, low).distance
    return np.where(low, distance, level - law.mean + distance).reshape(shape)


def backorder_variance(mean: ArrayLike, variance: ArrayLike, level: ArrayLike) -> Floats:
    r"""
    Compute the variance of the backorders (X - S)+.

    With B the backorders and A the stock on hand, X - S = B - A and A B = 0, so that
    :math:`\mathrm{Var} B = \mathrm{Var} X - E A^2 + (E A)^2 - 2\, E A\, E B`: below the mean
    nothing cancels that way; above it :math:`E B^2 - (E B)^2` does not.

    Parameters
    ----------
    mean, variance : array_like of float
        Of the units in resupply X [units, units squared], zero or more.
    level : array_like of int
        Stock level S [units]; may be negative. All broadcast.

    Returns
    -------
    ndarray of float
        Variance [units squared], of the broadcast shape; for a binomial that of the fitted law.

    Raises
    ------
    ValueError
        If a number is negative, not whole or not a number, or shapes do not broadcast.

    Examples
    --------
    >>> backorder_variance(1.0, 1.0, [0, 1]).round(4)
    array([1.    , 0.4968])
    """
    law, level, shape = fit(mean, variance, level)
    low = level < turn(law)
    _, distance, pairs = sums_at(law, level, low)
    owed = law.mean - level + distance
    down = law.variance - pairs + distance * (distance - 1 - 2 * owed)
    spread = np.where(low, down, pairs + distance * (1 - distance))
    return np.maximum(spread, 0.0).reshape(shape)


def binomial_backorders(mean: ArrayLike, variance: ArrayLike, level: ArrayLike) -> Floats:
    r"""
    Compute :math:`\sum_{y > S} E[(X - y)^+] = E\binom{(X - S)^+}{2}`, the second-order loss.

    Its differences are sums of expected backorders over inventory positions: (r,Q) in O(1).

    Parameters
    ----------
    mean, variance : array_like of float
        Of the units in resupply X [units, units squared], zero or more.
    level : array_like of int
        Stock level S [units]; may be negative. All broadcast.

    Returns
    -------
    ndarray of float
        [units squared], of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is negative, not whole or not a number, or shapes do not broadcast.

    References
    ----------
    .. [1] P. H. Zipkin, Foundations of Inventory Management, McGraw-Hill, 2000, ch. 6.

    Examples
    --------
    >>> binomial_backorders(1.0, 1.0, [0, 1]).round(4)  # they differ by EBO(1)
    array([0.5   , 0.1321])
    """
    law, level, shape = fit(mean, variance, level)
    low = level < turn(law)
    _, distance, pairs = sums_at(law, level, low)
    gap = law.mean - level
    # E(X-S)^2 = E B^2 + E A^2 and E(X-S) = E B - E A
    down = (law.variance + gap * (gap - 1) - pairs) / 2 - distance
    loss = np.where(low, down, pairs / 2)
    return np.maximum(loss, 0.0).reshape(shape)

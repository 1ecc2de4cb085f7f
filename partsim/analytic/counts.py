"""Counts of units in resupply, fitted to mean and variance, and what they leave on the shelf."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_POISSON = 1e-9
"""Variance ratios this near to 1 are Poisson: the other two laws lose digits there."""

_SMALLEST = -700.0
"""Logarithm of P(X = 0) below which it is no number any more and the plain recursion fails."""


@dataclass(frozen=True, eq=False)
class CountTable:
    """
    What a stock level does against units in resupply X, for levels S = 0, 1, 2, ...

    Attributes
    ----------
    at_most : ndarray of float, shape (..., levels + 1)
        P(X <= S).
    backorders : ndarray of float, shape (..., levels + 1)
        E[(X - S)+], the expected backorders EBO(S) [units].
    squared_backorders : ndarray of float, shape (..., levels + 1)
        E[((X - S)+)^2] [units squared].
    """

    at_most: Floats
    backorders: Floats
    squared_backorders: Floats


def count_table(mean: ArrayLike, variance: ArrayLike, levels: int) -> CountTable:
    r"""
    Fit a count X to mean and variance and tabulate probabilities and backorders.

    Variance equal to the mean gives the Poisson law, above it the negative binomial with real
    r, below it the binomial with the least whole n whose variance is not below the given one;
    all three obey the recursion p(k) = p(k-1) (a + b/k) of Panjer [1]_. The mean is met exactly.
    Backorders follow from EBO(S+1) = EBO(S) - P(X > S) [2]_.

    Parameters
    ----------
    mean : array_like of float
        Mean units in resupply, zero or more.
    variance : array_like of float
        Variance, zero or more; broadcast with the mean.
    levels : int
        Largest stock level, zero or more.

    Returns
    -------
    CountTable
        Arrays of the broadcast shape with an axis of ``levels + 1`` stock levels at the end.

    Raises
    ------
    ValueError
        If a mean or variance is negative or not a number, or `levels` is negative.

    Notes
    -----
    Absolute accuracy about 1e-13 times the mean; far tails are clipped at 0. It is made for the
    optimiser's millions of cells; `partsim.analytic.exact_counts` has the same laws to 1e-12
    relative in the far tails too, level by level.

    References
    ----------
    .. [1] H. H. Panjer, Recursive evaluation of a family of compound distributions, ASTIN
       Bulletin 12 (1981) 22-26.
    .. [2] C. C. Sherbrooke, Optimal Inventory Modeling of Systems, 2nd ed., Kluwer, 2004, ch. 2.

    Examples
    --------
    >>> count_table(1.0, 1.0, levels=2).backorders.round(4)
    array([1.    , 0.3679, 0.1036])
    """
    mean, variance = np.broadcast_arrays(np.asarray(mean, float), np.asarray(variance, float))
    if not (np.all(mean >= 0) and np.all(variance >= 0)) or levels < 0:
        raise ValueError("mean, variance and levels: expected numbers >= 0")
    a, b, log_none, fitted_variance = _panjer(mean, variance)
    at_most = _sum_by_logs(a, b, log_none, levels)
    return loss_table(at_most, mean, fitted_variance + mean**2)


def loss_table(at_most: Floats, mean: Floats, mean_square: Floats) -> CountTable:
    """
    Sum the probabilities of a count up to its backorders, by EBO(S+1) = EBO(S) - P(X > S).

    Parameters
    ----------
    at_most : ndarray of float, shape (..., levels + 1)
        P(X <= S).
    mean, mean_square : ndarray of float, shape (...)
        E[X] and E[X^2].

    Returns
    -------
    CountTable
        With the same `at_most`.

    Examples
    --------
    >>> certain = loss_table(np.array([0.0, 0.0, 1.0]), np.array(2.0), np.array(4.0))
    >>> certain.backorders, certain.squared_backorders
    (array([2., 1., 0.]), array([4., 1., 0.]))
    """
    more = 1.0 - at_most
    backorders = np.empty_like(at_most)
    backorders[..., 0] = mean
    backorders[..., 1:] = mean[..., None] - np.cumsum(more[..., :-1], axis=-1)
    np.maximum(backorders, 0.0, out=backorders)
    squared = np.empty_like(at_most)
    squared[..., 0] = mean_square
    fall = np.cumsum(2 * backorders[..., :-1] - more[..., :-1], axis=-1)
    squared[..., 1:] = squared[..., :1] - fall
    return CountTable(at_most, backorders, np.maximum(squared, 0.0, out=squared))


def count_at_most(mean: ArrayLike, variance: ArrayLike, levels: int) -> Floats:
    """
    Tabulate P(X <= k) of the law that `count_table` fits, without the backorders.

    Parameters
    ----------
    mean, variance : array_like of float
        As in `count_table`.
    levels : int
        Largest k.

    Returns
    -------
    ndarray of float, shape (..., levels + 1)
        P(X <= k), to about 1e-13 absolute; `exact_counts.at_most` and `tail` have small ones too.

    Examples
    --------
    >>> count_at_most(1.0, 0.5, levels=2).round(4)  # binomial with n = 2, p = 1/2
    array([0.25, 0.75, 1.  ])
    """
    mean, variance = np.broadcast_arrays(np.asarray(mean, float), np.asarray(variance, float))
    a, b, log_none, _ = _panjer(mean, variance)
    if log_none.min(initial=0.0) < _SMALLEST:
        return _sum_by_logs(a, b, log_none, levels)
    probability = np.empty((*mean.shape, levels + 1))
    probability[..., 0] = np.exp(log_none)
    for k in range(1, levels + 1):
        step = np.maximum(a + b / k, 0.0)
        np.multiply(probability[..., k - 1], step, out=probability[..., k])
    return np.minimum(np.cumsum(probability, axis=-1, out=probability), 1.0, out=probability)


def _sum_by_logs(a: Floats, b: Floats, log_none: Floats, levels: int) -> Floats:
    """Tabulate P(X <= k) by the recursion in logarithms: slower, but P(X = 0) may be tiny."""
    probability = np.empty((*log_none.shape, levels + 1))
    probability[..., 0] = log_none
    steps = np.maximum(a[..., None] + b[..., None] / np.arange(1, levels + 1), 0.0)
    with np.errstate(divide="ignore"):
        logs = np.log(steps, out=steps)
    np.cumsum(logs, axis=-1, out=logs)
    np.add(logs, log_none[..., None], out=probability[..., 1:])
    np.exp(probability, out=probability)
    return np.minimum(np.cumsum(probability, axis=-1, out=probability), 1.0, out=probability)


def _panjer(mean: Floats, variance: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Give a, b, log P(X = 0) and the variance of the fitted law."""
    ratio = np.divide(variance, mean, out=np.ones_like(mean), where=mean > 0)
    a, b, log_none = np.zeros_like(mean), mean.copy(), np.array(-mean)
    fitted = mean.copy()
    over = ratio > 1 + _POISSON
    if over.any():
        beyond = ratio[over] - 1
        r = mean[over] / beyond
        a[over] = beyond / ratio[over]
        b[over] = (mean[over] - beyond) / ratio[over]
        log_none[over] = -r * np.log(ratio[over])
        fitted[over] = variance[over]
    under = ratio < 1 - _POISSON
    if under.any():
        trials = np.maximum(np.ceil(mean[under] / (1 - ratio[under]) - 1e-9), 1.0)
        success = np.minimum(mean[under] / trials, 1 - 1e-12)
        odds = success / (1 - success)
        a[under] = -odds
        b[under] = (trials + 1) * odds
        log_none[under] = trials * np.log1p(-success)
        fitted[under] = mean[under] * (1 - success)
    return a, b, log_none, fitted

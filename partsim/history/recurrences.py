"""Repeated failures of machines: mean cumulative function and tests for a trend."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrendTest:
    """
    Outcome of a test for a trend.

    Attributes
    ----------
    statistic : float
        Laplace, Lewis-Robinson: standard normal without a trend, positive where failures come
        faster with time. MIL-HDBK-189: chi-squared, small where they come faster.
    p : float
        Two-sided probability of a statistic as far out without a trend.
    """

    statistic: float
    p: float


def mean_cumulative_function(
    age: ArrayLike, unit: ArrayLike, begin: ArrayLike, end: ArrayLike, at: ArrayLike
) -> tuple[Floats, Floats]:
    r"""
    Estimate the mean number of failures of a unit up to given ages, and its standard error.

    :math:`M(t) = \sum_{t_k \le t} d_k / n_k` over the failures, d of them among the n units under
    observation [1]_; the variance adds up units, not failures, and needs no Poisson process [2]_.

    Parameters
    ----------
    age : array_like of float, shape (failures,)
        Age of the unit at each failure [days], within its observation.
    unit : array_like of int, shape (failures,)
        Which unit, from 0.
    begin, end : array_like of float, shape (units,)
        Ages between which each unit was under observation [days]; begin below end.
    at : array_like of float, shape (ages,)
        Ages wanted [days].

    Returns
    -------
    tuple of ndarray, each of shape (ages,)
        Failures per unit, and standard errors.

    Raises
    ------
    ValueError
        If a unit ends before it begins, or a failure lies outside its unit's observation.

    Notes
    -----
    Exact for units that are alike and observed for reasons that have nothing to do with their
    failures. Unlike units make it no worse as the mean of the fleet.

    References
    ----------
    .. [1] W. Nelson, Graphical analysis of system repair data, Journal of Quality Technology 20
       (1988) 24-35.
    .. [2] J. F. Lawless and C. Nadeau, Some simple robust methods for the analysis of recurrent
       events, Technometrics 37 (1995) 158-168.

    Examples
    --------
    >>> mean, error = mean_cumulative_function([10, 30, 20], [0, 0, 1], [0, 0], [40, 40], [25, 40])
    >>> mean, error
    (array([1. , 1.5]), array([0.        , 0.35355339]))
    """
    t, u, a, b = _observed(age, unit, begin, end)
    times, row, failures = np.unique(t, return_inverse=True, return_counts=True)
    at_risk = _count(a, times, "left") - _count(b, times, "left")  # after begin, up to end
    steps = np.append(0.0, np.cumsum(failures / at_risk))
    shares = np.append(0.0, np.cumsum(failures / at_risk**2))
    wanted = np.atleast_1d(np.asarray(at, float))
    mean = steps[np.searchsorted(times, wanted, "right")]
    error = np.empty(wanted.size)
    for k, age_wanted in enumerate(wanted):
        so_far = t <= age_wanted
        own = np.bincount(u[so_far], 1 / at_risk[row[so_far]], a.size)
        seen = shares[np.searchsorted(times, np.minimum(b, age_wanted), "right")]
        unseen = shares[np.searchsorted(times, np.minimum(a, age_wanted), "right")]
        error[k] = sqrt(((own - seen + unseen) ** 2).sum())
    return mean, error


def laplace_test(time: ArrayLike, begin: ArrayLike, end: ArrayLike) -> TrendTest:
    """
    Test for a trend: whether failures crowd towards the end of the observation (Laplace).

    Units are pooled, each with a rate of its own [1]_.

    Parameters
    ----------
    time : array_like of float
        Times of the failures [days].
    begin, end : array_like of float
        Observation of the unit that failed [days]; broadcast with `time`. The end is a time
        fixed beforehand; if it is the last failure itself, leave that failure out.

    Returns
    -------
    TrendTest
        The null hypothesis is a constant rate (Poisson process) of each unit.

    Raises
    ------
    ValueError
        If there is no failure, or one lies outside the observation.

    Notes
    -----
    Lives that wear out and are replaced by new ones have no trend but are no Poisson process, and
    many units with few failures each then raise false alarms: use `lewis_robinson_test` there.
    At a constant rate false alarms at 5 % are 4.9 to 5.6 % (2,000 fleets, 8 failures or more).

    References
    ----------
    .. [1] J. T. Kvaloy and B. H. Lindqvist, TTT-based tests for trend in repairable systems data,
       Reliability Engineering and System Safety 60 (1998) 13-28.

    Examples
    --------
    >>> round(laplace_test([60, 80, 95], 0, 100).statistic, 3)
    1.7
    """
    t, a, b = _windows(time, begin, end)
    statistic = float((t - (a + b) / 2).sum() / np.sqrt(((b - a) ** 2).sum() / 12))
    return TrendTest(statistic, float(2 * special.ndtr(-abs(statistic))))


def military_handbook_test(time: ArrayLike, begin: ArrayLike, end: ArrayLike) -> TrendTest:
    """
    Test for a trend against a power law, as MIL-HDBK-189 does; units pooled as by Laplace [1]_.

    Parameters
    ----------
    time, begin, end : array_like of float
        As in `laplace_test`.

    Returns
    -------
    TrendTest
        The statistic is exactly chi-squared, two degrees of freedom for each failure.

    Raises
    ------
    ValueError
        As `laplace_test`.

    Notes
    -----
    Exact for a constant rate; else as `laplace_test`.

    References
    ----------
    .. [1] J. T. Kvaloy and B. H. Lindqvist, TTT-based tests for trend in repairable systems data,
       Reliability Engineering and System Safety 60 (1998) 13-28.

    Examples
    --------
    >>> round(military_handbook_test([60, 80, 95], 0, 100).statistic, 3)
    1.571
    """
    t, a, b = _windows(time, begin, end)
    statistic = float(2 * np.log((b - a) / (t - a)).sum())
    below = float(special.chdtr(2 * t.size, statistic))
    return TrendTest(statistic, 2 * min(below, 1 - below))


def lewis_robinson_test(life: ArrayLike, unit: ArrayLike) -> TrendTest:
    r"""
    Test for a trend between successive lives: whether later ones of a place get shorter.

    Without a trend the lives of a unit can change places, so :math:`\sum_k (n - k) x_k` has a
    known mean and variance given its n lives; the sums over units are compared with them. This is
    the test of Lewis and Robinson [1]_ with the variance of each unit's own lives, so that units
    may differ and lives may wear out.

    Parameters
    ----------
    life : array_like of float
        Complete lives [days], in the order of time within each unit.
    unit : array_like of int
        Which unit.

    Returns
    -------
    TrendTest
        Not a number where no unit has two different lives.

    Raises
    ------
    ValueError
        If a life is not positive or the shapes differ.

    Notes
    -----
    Mean and variance are exact for any law of the lives, also when the observation ends at a time
    fixed beforehand; the normal law is an approximation. False alarms at 5 %, measured on 2,000
    fleets of Weibull lives of shape 0.7, 1 and 3 without a trend: 4 to 6.5 % for 5 to 50 units,
    2 to 3.5 % for a single unit with 8 lives. On the same fleets of 50 units with 2 lives each
    and shape 3 the Laplace test raises a false alarm in 99 %.

    References
    ----------
    .. [1] P. A. W. Lewis and D. W. Robinson, Testing for a monotone trend in a modulated renewal
       process, in F. Proschan and R. J. Serfling (eds.), Reliability and Biometry, SIAM, 1974.

    Examples
    --------
    >>> round(lewis_robinson_test([50, 40, 30, 20], [0, 0, 0, 0]).statistic, 3)
    1.732
    """
    x, u = np.asarray(life, float), np.asarray(unit)
    if x.ndim != 1 or x.shape != u.shape:
        raise ValueError(f"unit: expected the shape of life {x.shape}, got {u.shape}")
    if np.any(~((x > 0) & np.isfinite(x))):
        wrong = x[~((x > 0) & np.isfinite(x))][0]
        raise ValueError(f"life: expected finite numbers > 0, got {wrong:g}")
    order = np.argsort(u, kind="stable")
    _, row, counts = np.unique(u[order], return_inverse=True, return_counts=True)
    x, n = x[order], counts[row]
    place = np.arange(x.size) - np.repeat(np.cumsum(counts) - counts, counts)
    off_middle = (n - 1) / 2 - place
    mean = (np.bincount(row, x) / counts)[row] if x.size else x
    spread = np.bincount(row, (x - mean) ** 2) / np.maximum(counts - 1, 1)
    variance = float((spread * counts * (counts**2 - 1) / 12).sum())
    if variance <= 0:
        return TrendTest(float("nan"), float("nan"))
    statistic = float((off_middle * x).sum()) / sqrt(variance)
    return TrendTest(statistic, float(2 * special.ndtr(-abs(statistic))))


def unlike_units_test(failures: ArrayLike, expected: ArrayLike) -> TrendTest:
    r"""
    Test whether units fail more unevenly than alike units would.

    Failures of alike units scatter around their expected numbers with a variance equal to them;
    :math:`\sum ((d - e)^2 - d) / \sqrt{2 \sum e^2}` is standard normal [1]_.

    Parameters
    ----------
    failures : array_like of float, shape (units,)
        Failures of each unit.
    expected : array_like of float, shape (units,)
        Failures expected of it: its cumulative hazard by the distribution fitted to all.

    Returns
    -------
    TrendTest
        One-sided: a large statistic, a small p, says that units are unlike.

    Raises
    ------
    ValueError
        If the shapes differ or an expected number is negative or all are zero.

    Notes
    -----
    Cautious, as the expected numbers are fitted to the same failures. False alarms at 5 %, measured
    on 300 fleets each of 5 to 100 units with Weibull lives of shape 0.7, 1 and 3 (20 to 100
    failures or so): 0 to 5.7 %.

    References
    ----------
    .. [1] C. B. Dean, Testing for overdispersion in Poisson and binomial regression models,
       Journal of the American Statistical Association 87 (1992) 451-457.

    Examples
    --------
    >>> round(unlike_units_test([0, 0, 9, 1], [2.5, 2.5, 2.5, 2.5]).statistic, 2)
    6.65
    """
    d, e = np.asarray(failures, float), np.asarray(expected, float)
    if d.shape != e.shape:
        raise ValueError(f"expected: expected the shape of failures {d.shape}, got {e.shape}")
    if not (np.all(e >= 0) and np.isfinite(e).all() and e.sum() > 0):
        raise ValueError("expected: expected finite numbers >= 0, not all zero")
    statistic = float(((d - e) ** 2 - d).sum() / np.sqrt(2 * (e**2).sum()))
    return TrendTest(statistic, float(special.ndtr(-statistic)))


def _windows(time: ArrayLike, begin: ArrayLike, end: ArrayLike) -> tuple[Floats, Floats, Floats]:
    t, a, b = np.broadcast_arrays(
        np.atleast_1d(np.asarray(time, float)), np.asarray(begin, float), np.asarray(end, float)
    )
    if not t.size:
        raise ValueError("time: expected at least one failure, got none")
    outside = ~((a < t) & (t <= b) & np.isfinite(b))
    if outside.any():
        i = np.flatnonzero(outside)[0]
        raise ValueError(
            f"time: expected failures after begin and up to end "
            f"({a.flat[i]:g} to {b.flat[i]:g}), got {t.flat[i]:g}"
        )
    return t, a, b


def _observed(
    age: ArrayLike, unit: ArrayLike, begin: ArrayLike, end: ArrayLike
) -> tuple[Floats, NDArray[np.int64], Floats, Floats]:
    a, b = np.broadcast_arrays(np.asarray(begin, float), np.asarray(end, float))
    u = np.asarray(unit, np.int64)
    if np.any(~((a >= 0) & (a < b) & np.isfinite(b))):
        raise ValueError("begin, end: expected numbers >= 0 with begin below end")
    if u.size and not (u.min() >= 0 and u.max() < a.size):
        raise ValueError(f"unit: expected whole numbers from 0 to {a.size - 1}, got {u.max()}")
    t = np.asarray(age, float)
    return (_windows(t, a[u], b[u])[0] if t.size else t), u, a, b


def _count(values: Floats, at: Floats, side: str) -> NDArray[np.int64]:
    """Count the values below (left) each point."""
    return np.searchsorted(np.sort(values), at, side=side)  # type: ignore[call-overload]

"""Intervals over independent replications: means, ratios of sums, shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from partsim.simulation.response_times import ResponseTimes, together

Floats = NDArray[np.float64]
CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Interval:
    """
    Estimates with two-sided 95 % intervals, NaN where there is nothing to estimate from.

    Attributes
    ----------
    value, low, high : ndarray of float
        One entry for each quantity.
    """

    value: Floats
    low: Floats
    high: Floats

    def within(self, least: float, most: float) -> Interval:
        """Cut the interval to what is possible."""
        return Interval(self.value, np.clip(self.low, least, most), np.clip(self.high, least, most))

    def times(self, factor: float) -> Interval:
        """Change the unit."""
        return Interval(self.value * factor, self.low * factor, self.high * factor)

    def plus(self, shift: Floats) -> Interval:
        """Move each quantity by a known amount."""
        return Interval(self.value + shift, self.low + shift, self.high + shift)

    def columns(self, name: str) -> dict[str, Floats]:
        """Give the three columns of a table: name, name_low, name_high."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}


def mean_interval(values: ArrayLike) -> Interval:
    """
    Estimate means by Student's t.

    Parameters
    ----------
    values : array of float, shape (replication, ...)
        One observation from each replication; NaN where it has none.

    Returns
    -------
    Interval
        Shape (...); without bounds where fewer than two replications have an observation.

    Examples
    --------
    >>> interval = mean_interval([[1.0], [2.0], [3.0]])
    >>> interval.value.item(), round(interval.low.item(), 4), round(interval.high.item(), 4)
    (2.0, -0.4841, 4.4841)
    """
    x = np.asarray(values, float)
    seen = ~np.isnan(x)
    n = seen.sum(axis=0)
    mean = _divide(np.where(seen, x, 0.0).sum(axis=0), n)
    squares = np.where(seen, (x - mean) ** 2, 0.0).sum(axis=0)
    return _student(mean, _divide(squares, n * (n - 1)), n)


def ratio_interval(numerator: ArrayLike, denominator: ArrayLike) -> Interval:
    """
    Estimate ratios of sums by the delta method.

    Parameters
    ----------
    numerator, denominator : array of float, shape (replication, ...)
        Such as total wait and number of requests.

    Returns
    -------
    Interval
        Shape (...); NaN where the denominator is zero in all replications.

    References
    ----------
    .. [1] A. M. Law, Simulation Modeling and Analysis, 5th ed., McGraw-Hill, 2015, ch. 9.

    Examples
    --------
    >>> interval = ratio_interval([[1.0], [3.0]], [[2.0], [2.0]])
    >>> interval.value.item(), round(interval.low.item(), 4)
    (1.0, -5.3531)
    """
    x, y = np.asarray(numerator, float), np.asarray(denominator, float)
    ratio = _divide(x.sum(axis=0), y.sum(axis=0))
    squares = ((x - ratio * y) ** 2).sum(axis=0)
    n = np.full(ratio.shape, len(x))
    return _student(ratio, _divide(squares * n, (n - 1) * y.sum(axis=0) ** 2), n)


def share_interval(successes: ArrayLike, trials: ArrayLike) -> Interval:
    """
    Estimate shares by the delta method, never narrower than Wilson's interval.

    Replications that all kept everything have no variance, yet prove no certainty; Wilson's
    interval of the pooled counts [1]_ is the least that so many trials leave open.

    Parameters
    ----------
    successes, trials : array of float, shape (replication, ...)
        Counts.

    Returns
    -------
    Interval
        Shape (...), in [0, 1]; NaN where there are no trials.

    References
    ----------
    .. [1] E. B. Wilson, Probable inference, the law of succession, and statistical inference,
       Journal of the American Statistical Association 22, 1927.

    Examples
    --------
    >>> interval = share_interval([[10], [10]], [[10], [10]])
    >>> interval.value.item(), round(interval.low.item(), 4), interval.high.item()
    (1.0, 0.8389, 1.0)
    """
    delta = ratio_interval(successes, trials)
    n = np.asarray(trials, float).sum(axis=0)
    z2 = special.ndtri((1 + CONFIDENCE) / 2) ** 2
    p = delta.value
    centre = _divide(n * p + z2 / 2, n + z2)
    half = _divide(np.sqrt(z2 * n * (p * (1 - p) + _divide(z2, 4 * n))), n + z2)
    low, high = np.minimum(delta.low, centre - half), np.maximum(delta.high, centre + half)
    return Interval(p, low, high).within(0.0, 1.0)


def quantile_interval(samples: Sequence[ResponseTimes], share: float) -> tuple[float, float, float]:
    """
    Estimate the least time that a share of all calls does not exceed.

    The interval is that of the share at the estimate, carried over to the times [1]_: a quantile
    is below a limit with confidence just when the limit's share is.

    Parameters
    ----------
    samples : sequence of ResponseTimes
        Of each replication.
    share : float
        Between 0 and 1.

    Returns
    -------
    value, low, high : float
        In days; NaN without calls.

    References
    ----------
    .. [1] R. S. Woodruff, Confidence intervals for medians and other position measures, Journal
       of the American Statistical Association 47 (1952) 635-646.

    Examples
    --------
    >>> hundred = ResponseTimes(np.arange(1.0, 101.0), np.ones(100, np.int32), 5050.0)
    >>> quantile_interval([hundred] * 4, 0.95)
    (95.0, 93.0, 97.0)
    """
    pooled = together(samples)
    if not len(pooled):
        return float("nan"), float("nan"), float("nan")
    value = pooled.least_for(share)
    below = [[times.within(value)] for times in samples]
    at_value = share_interval(below, [[len(times)] for times in samples])
    low, high = (share + (end - at_value.value).item() for end in (at_value.low, at_value.high))
    return value, pooled.least_for(low), pooled.least_for(high)


def _divide(x: ArrayLike, y: ArrayLike) -> Floats:
    """Divide; NaN by zero."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    ratio = np.full(np.broadcast(x, y).shape, np.nan)
    np.divide(x, y, out=ratio, where=y != 0)
    return ratio


def _student(value: Floats, variance: Floats, n: NDArray[np.int64]) -> Interval:
    """Put the t interval of n observations around a value."""
    t = special.stdtrit(np.maximum(n - 1, 1), (1 + CONFIDENCE) / 2)
    half = t * np.sqrt(variance)
    return Interval(value, value - half, value + half)

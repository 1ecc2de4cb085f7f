"""Estimates with intervals over independent replications: means, ratios, shares, quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from partsim.simulation.response_times import (
    ResponseTimes,
    WeighedTimes,
    together,
    weighed_together,
)

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

    @property
    def width(self) -> Floats:
        """From the low end to the high one."""
        return self.high - self.low

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


@dataclass(frozen=True, eq=False)
class Sample:
    """
    Independent replications as a sample: for how many each counts in every estimate.

    All figures of an outcome are estimated with the same weights, so that parts add up to their
    sum and a mean of ratios is the ratio of means.

    Attributes
    ----------
    weights : ndarray of float, shape (replication,)
        Non-negative, of mean 1.
    control : ndarray of float, shape (replication,)
        A control variate, less its mean over the replications: what it explains is no variance
        of the weighted estimates. Zero without one.
    """

    weights: Floats
    control: Floats

    @classmethod
    def alike(cls, count: int) -> Sample:
        """Let all of so many replications count alike."""
        return cls(np.ones(count), np.zeros(count))

    @property
    def controlled(self) -> bool:
        """Whether there is a control variate."""
        return bool(self.control.any())

    @property
    def freedom(self) -> int:
        """Degrees of freedom that are left to a variance."""
        return len(self.weights) - 1 - self.controlled

    def average(self, values: ArrayLike) -> Floats:
        """Give the weighted mean of an array of shape (replication, ...), shape (...)."""
        return self._sum(np.asarray(values, float)) / len(self.weights)

    def per_year(self, counts: ArrayLike, years: float) -> Interval:
        """Estimate how many there are in a year, of counts in some years."""
        return self.mean(np.asarray(counts, float) / years).within(0, np.inf)

    def mean(self, values: ArrayLike) -> Interval:
        """
        Estimate means by Student's t.

        Parameters
        ----------
        values : array of float, shape (replication, ...)
            One observation from each replication.

        Returns
        -------
        Interval
            Shape (...); without bounds for one replication.

        Examples
        --------
        >>> interval = Sample.alike(3).mean([[1.0], [2.0], [3.0]])
        >>> interval.value.item(), round(interval.low.item(), 4), round(interval.high.item(), 4)
        (2.0, -0.4841, 4.4841)
        """
        x = np.asarray(values, float)
        mean = self.average(x)
        squares = (self.residuals(x - mean) ** 2).sum(axis=0)
        return self.student(mean, _divide(squares, self._effective * self.freedom))

    def ratio(self, numerator: ArrayLike, denominator: ArrayLike) -> Interval:
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
        >>> interval = Sample.alike(2).ratio([[1.0], [3.0]], [[2.0], [2.0]])
        >>> interval.value.item(), round(interval.low.item(), 4)
        (1.0, -5.3531)
        """
        x, y, n = np.asarray(numerator, float), np.asarray(denominator, float), len(self.weights)
        below = self._sum(y)
        ratio = _divide(self._sum(x), below)
        squares = (self.residuals(x - ratio * y) ** 2).sum(axis=0)
        return self.student(
            ratio, _divide(squares * (n * n / self._effective), self.freedom * below**2)
        )

    def share(self, successes: ArrayLike, trials: ArrayLike) -> Interval:
        """
        Estimate shares by the delta method, never narrower than Wilson's interval.

        Replications that all kept everything have no variance, yet prove no certainty; Wilson's
        interval of the pooled counts [1]_ is the least that so many trials leave open. Of weighted
        trials it is that of the number whose share has the same variance [2]_, which is no more
        than their own.

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
        .. [2] L. Kish, Survey Sampling, Wiley, 1965.

        Examples
        --------
        >>> interval = Sample.alike(2).share([[10], [10]], [[10], [10]])
        >>> interval.value.item(), round(interval.low.item(), 4), interval.high.item()
        (1.0, 0.8389, 1.0)
        """
        delta, y = self.ratio(successes, trials), np.asarray(trials, float)
        n = np.nan_to_num(_divide(self._sum(y) ** 2, np.tensordot(self.weights**2, y, 1)))
        z2 = special.ndtri((1 + CONFIDENCE) / 2) ** 2
        p = delta.value
        centre = _divide(n * p + z2 / 2, n + z2)
        half = _divide(np.sqrt(z2 * n * (p * (1 - p) + _divide(z2, 4 * n))), n + z2)
        low, high = np.minimum(delta.low, centre - half), np.maximum(delta.high, centre + half)
        return Interval(p, low, high).within(0.0, 1.0)

    def worth(self, successes: ArrayLike, trials: ArrayLike) -> Floats:
        """
        Say of shares how many replications that count alike would know them as exactly.

        Parameters
        ----------
        successes, trials : array of float, shape (replication, ...)
            Counts.

        Returns
        -------
        ndarray of float
            Shape (...), by the widths of the intervals; NaN where there are no trials.

        Examples
        --------
        >>> Sample.alike(2).worth([[8], [9]], [[10], [10]])
        array([2.])
        """
        count = len(self.weights)
        alike = Sample.alike(count).share(successes, trials).width
        return np.asarray(count * _divide(alike, self.share(successes, trials).width) ** 2)

    def quantile(self, times: Sequence[ResponseTimes], share: float) -> tuple[float, float, float]:
        """
        Estimate the least time that a share of all calls does not exceed.

        The interval is that of the share at the estimate, carried over to the times [1]_: a
        quantile is below a limit with confidence just when the limit's share is.

        Parameters
        ----------
        times : sequence of ResponseTimes
            Of each replication.
        share : float
            Between 0 and 1.

        Returns
        -------
        value, low, high : float
            In days; NaN without calls.

        References
        ----------
        .. [1] R. S. Woodruff, Confidence intervals for medians and other position measures,
           Journal of the American Statistical Association 47 (1952) 635-646.

        Examples
        --------
        >>> hundred = ResponseTimes(np.arange(1.0, 101.0), np.ones(100, np.int32), 5050.0)
        >>> Sample.alike(4).quantile([hundred] * 4, 0.95)
        (95.0, 93.0, 97.0)
        """
        pooled = self._pooled(times)
        if not len(pooled):
            return float("nan"), float("nan"), float("nan")
        value = pooled.least_for(share)
        below = [[one.within(value)] for one in times]
        at_value = self.share(below, [[len(one)] for one in times])
        low, high = (share + (end - at_value.value).item() for end in (at_value.low, at_value.high))
        return value, pooled.least_for(low), pooled.least_for(high)

    def quantiles(self, times: Sequence[ResponseTimes], shares: Floats) -> Floats:
        """
        Give the quantiles of the times of all calls.

        Parameters
        ----------
        times : sequence of ResponseTimes
            Of each replication.
        shares : ndarray of float
            Between 0 and 1.

        Returns
        -------
        ndarray of float
            One for each share [days]; NaN without calls.
        """
        pooled = self._pooled(times)
        return pooled.quantiles(shares) if len(pooled) else np.full(len(shares), np.nan)

    def residuals(self, deviations: Floats) -> Floats:
        """Take from deviations of mean 0, shape (replication, ...), what the control explains."""
        if not self.controlled:
            return deviations
        c = self.control
        slope = np.tensordot(c, deviations, 1) / (c @ c)
        explained = np.multiply.outer(c, slope)
        return np.asarray(deviations - deviations.mean(axis=0) - explained)

    def student(self, value: Floats, variance: Floats) -> Interval:
        """Put the t interval around a value."""
        t = special.stdtrit(max(self.freedom, 1), (1 + CONFIDENCE) / 2)
        half = t * np.sqrt(variance)
        return Interval(value, value - half, value + half)

    @property
    def _effective(self) -> float:
        """As many replications that count alike have a mean of the same variance."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())

    def _sum(self, values: Floats) -> Floats:
        """Add replications up, each as often as it counts."""
        weights = self.weights.reshape(-1, *(1,) * (values.ndim - 1))
        return np.asarray((weights * values).sum(axis=0))

    def _pooled(self, times: Sequence[ResponseTimes]) -> ResponseTimes | WeighedTimes:
        """Give the times of all calls, each as often as its replication counts."""
        return weighed_together(times, self.weights) if self.controlled else together(times)


def _divide(x: ArrayLike, y: ArrayLike) -> Floats:
    """Divide; NaN by zero."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    ratio = np.full(np.broadcast(x, y).shape, np.nan)
    np.divide(x, y, out=ratio, where=y != 0)
    return ratio

"""Maximum likelihood for lives: four families, and intervals by the likelihood itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from partsim.history.likelihoods import (
    SHAPES,
    Family,
    Measure,
    Sample,
    log_likelihood,
    measure_of_unit,
    sample_of,
)
from partsim.lifetimes import Distribution, Exponential, Gamma, Lognormal, Weibull

FAMILIES: tuple[Family, ...] = ("exponential", "weibull", "lognormal", "gamma")
_DROP = float(special.chdtri(1, 0.05)) / 2
_FARTHEST = 1e4


@dataclass(frozen=True)
class Fit:
    """
    A distribution fitted to lives.

    Attributes
    ----------
    family : str
        exponential, weibull, lognormal or gamma; fixed where every end was at one age.
    distribution : Distribution
        With the estimates.
    log_likelihood : float
        At the estimates, of densities per day.
    failures, lives : float
        How many it rests on.
    """

    family: Family | Literal["fixed"]
    distribution: Distribution
    log_likelihood: float
    failures: float
    lives: float

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2 x parameters - 2 x log-likelihood; the least is preferred."""
        return 2 * (1 if self.family == "exponential" else 2) - 2 * self.log_likelihood


def fit_lives(
    family: Family,
    time: ArrayLike,
    failed: ArrayLike,
    entry: ArrayLike = 0.0,
    count: ArrayLike = 1.0,
) -> Fit:
    r"""
    Fit a distribution to lives by maximum likelihood.

    A life that enters observation at the age e and ends at t gives
    :math:`f(t)/S(e)` if it ended by failure, :math:`S(t)/S(e)` if it was censored [1]_.

    Parameters
    ----------
    family : {"exponential", "weibull", "lognormal", "gamma"}
        Which distribution.
    time : array_like of float
        Age at the end of each life, by failure or censoring [days]. Positive.
    failed : array_like of bool
        Whether it ended by failure; at least one did, at two different ages unless exponential.
    entry : array_like of float
        Age at which observation began (left truncation) [days]. From 0 to below `time`.
    count : array_like of float
        Lives that a row stands for. Positive.

    Returns
    -------
    Fit
        Shapes are sought from 0.1 to 100 (lognormal: cv from 0.01 to 20), as scenarios take them.

    Raises
    ------
    ValueError
        If an argument is out of range, shapes do not broadcast, or there are too few failures.

    Notes
    -----
    Censoring must say nothing about the life but its age: a part taken out because it is about
    to fail is a failure.

    References
    ----------
    .. [1] W. Q. Meeker and L. A. Escobar, Statistical Methods for Reliability Data, Wiley, 1998.

    Examples
    --------
    >>> fit_lives("exponential", [100, 300, 500], [True, True, False]).distribution
    Exponential(mean=450.0)
    """
    sample = sample_of(time, failed, entry, count)
    if family == "exponential":
        best = (0.0, 0.0)  # exposure per failure, which is the sample's unit
    elif np.unique(sample.failed[0]).size > 1:
        best = _peak(sample, family)
    else:
        raise ValueError("time: expected at least two different failure times, got one")
    top = log_likelihood(sample, family, *best)
    distribution = _distribution(family, sample.unit * exp(best[0]), exp(best[1]))
    return Fit(family, distribution, top, sample.failures, sample.lives)


def scale_interval(
    fit: Fit,
    measure: Measure,
    time: ArrayLike,
    failed: ArrayLike,
    entry: ArrayLike = 0.0,
    count: ArrayLike = 1.0,
) -> tuple[float, float]:
    """
    Give the 95 % interval of the mean or of B10: the values that the likelihood does not refuse.

    The profile log-likelihood lies at most 1.92, half the 95 % quantile of chi-squared with one
    degree of freedom, below the highest [1]_.

    Parameters
    ----------
    fit : Fit
        By `fit_lives` from the same lives.
    measure : {"mean", "b10"}
        Mean, or the age that one in ten does not reach [days].
    time, failed, entry, count : array_like
        As in `fit_lives`.

    Returns
    -------
    tuple of float
        Lower and upper end [days]; 0 or inf where the likelihood sets none within a factor of
        10,000 of the estimate.

    Raises
    ------
    ValueError
        As `fit_lives`.

    Notes
    -----
    Asymptotic. Measured on 1,000 Weibull samples each (shape 2, four lives in ten censored): the
    interval of the mean held the true one in 94.3 % at 8 failures on average, 95.3 % at 30; the
    interval of the shape (`shape_interval`) in 95.6 % and 93.3 %.

    References
    ----------
    .. [1] W. Q. Meeker and L. A. Escobar, Statistical Methods for Reliability Data, Wiley, 1998.

    Examples
    --------
    >>> lives = [100, 300, 500], [True, True, False]
    >>> low, high = scale_interval(fit_lives("exponential", *lives), "mean", *lives)
    >>> round(low), round(high)
    (146, 2706)
    """
    if fit.family == "fixed":
        return fit.distribution.mean, fit.distribution.mean
    sample = sample_of(time, failed, entry, count)
    scale, shape = _scale_and_shape(fit.distribution)
    estimate = scale / sample.unit * measure_of_unit(fit.family, measure, shape)

    family = fit.family

    def profile(log_value: float) -> float:
        def height(log_shape: float) -> float:
            log_scale = log_value - log(measure_of_unit(family, measure, exp(log_shape)))
            return log_likelihood(sample, family, log_scale, log_shape)

        return _highest(height, *_log_shapes(family))

    centre = log(estimate)
    reach = log(_FARTHEST)
    low = _end(profile, fit.log_likelihood - _DROP, centre, centre - reach)
    high = _end(profile, fit.log_likelihood - _DROP, centre, centre + reach)
    return (
        0.0 if low is None else sample.unit * exp(low),
        inf if high is None else sample.unit * exp(high),
    )


def shape_interval(
    fit: Fit,
    time: ArrayLike,
    failed: ArrayLike,
    entry: ArrayLike = 0.0,
    count: ArrayLike = 1.0,
) -> tuple[float, float]:
    """
    Give the 95 % interval of the shape (lognormal: of the cv), as `scale_interval` does.

    Parameters
    ----------
    fit : Fit
        By `fit_lives` from the same lives; Weibull, gamma or lognormal.
    time, failed, entry, count : array_like
        As in `fit_lives`.

    Returns
    -------
    tuple of float
        Lower and upper end, within the shapes that are sought.

    Raises
    ------
    ValueError
        As `fit_lives`, or for an exponential fit, which has no shape.

    Examples
    --------
    >>> lives = [100, 300, 500], [True, True, False]
    >>> low, high = shape_interval(fit_lives("weibull", *lives), *lives)
    >>> round(low, 2), round(high, 2)
    (0.25, 3.43)
    """
    family = fit.family
    if family == "exponential" or family == "fixed":
        raise ValueError(f"fit: expected a family with a shape, got {family}")
    sample = sample_of(time, failed, entry, count)
    scale, shape = _scale_and_shape(fit.distribution)
    centre = log(scale / sample.unit)

    def profile(log_shape: float) -> float:
        around = 5 / exp(log_shape) + 5  # small shapes have far scales
        return _highest(
            lambda log_scale: log_likelihood(sample, family, log_scale, log_shape),
            centre - around,
            centre + around,
        )

    bounds = _log_shapes(family)
    ends = (_end(profile, fit.log_likelihood - _DROP, log(shape), bound) for bound in bounds)
    low, high = (
        exp(bound if end is None else end) for end, bound in zip(ends, bounds, strict=True)
    )
    if family == "lognormal":
        return sqrt(np.expm1(low**2)), sqrt(np.expm1(high**2))
    return low, high


def _peak(sample: Sample, family: Family) -> tuple[float, float]:
    """Find the highest point of the likelihood: logarithms of scale and shape."""
    low, high = _log_shapes(family)

    def height(point: tuple[float, float]) -> float:
        inside = min(max(point[1], low), high)
        return -log_likelihood(sample, family, point[0], inside) + 1e3 * abs(point[1] - inside)

    corners = np.array([[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]]) - (0.2, 0.2)
    options = {"initial_simplex": corners, "xatol": 1e-9, "fatol": 1e-10, "maxiter": 2000}
    found = optimize.minimize(height, corners[0], method="Nelder-Mead", options=options).x
    return float(found[0]), float(min(max(found[1], low), high))


def _highest(profile: Callable[[float], float], low: float, high: float) -> float:
    """Give the maximum of a function of one peak over an interval."""
    options = {"xatol": 1e-7}
    found = optimize.minimize_scalar(
        lambda x: -profile(x), bounds=(low, high), method="bounded", options=options
    )
    return float(-found.fun)


def _end(
    profile: Callable[[float], float], level: float, best: float, farthest: float
) -> float | None:
    """Find where a profile falls to a level between its peak and the farthest value."""
    near, step = best, (farthest - best) / 64
    while abs(near - best) < abs(farthest - best) * 0.999:
        far = min(near + step, farthest) if step > 0 else max(near + step, farthest)
        if profile(far) < level:
            return float(optimize.brentq(lambda x: profile(x) - level, near, far, xtol=1e-7))
        near, step = far, step * 2
    return None


def _log_shapes(family: Family) -> tuple[float, float]:
    low, high = SHAPES[family]
    return log(low), log(high)


def _distribution(family: Family, scale: float, shape: float) -> Distribution:
    mean = scale * measure_of_unit(family, "mean", shape)
    match family:
        case "weibull":
            return Weibull(mean, shape)
        case "gamma":
            return Gamma(mean, shape)
        case "lognormal":
            return Lognormal(mean, sqrt(np.expm1(shape**2)))
        case _:
            return Exponential(mean)


def _scale_and_shape(distribution: Distribution) -> tuple[float, float]:
    match distribution:
        case Weibull() | Gamma():
            return distribution.scale, distribution.shape
        case Lognormal():
            return exp(distribution.mu), distribution.sigma
        case _:
            return distribution.mean, 1.0

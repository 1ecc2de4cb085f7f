"""Distributions of lifetimes, lead times and service times, on arrays; all times in days.

Every distribution is sampled by inverse transform of uniforms, so that one uniform always
gives one duration, whatever engine draws it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import exp, log, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]


class Duration(Protocol):
    """
    A non-negative duration [days].

    Attributes
    ----------
    mean, variance : float
        In days and days squared; the mean is positive.
    """

    def __hash__(self) -> int:
        """Give the same number for equal durations, so that what follows can be kept by them."""

    @property
    def mean(self) -> float:
        """Mean [days]."""

    @property
    def variance(self) -> float:
        """Variance [days squared]."""

    def survival(self, t: ArrayLike) -> Floats:
        """Give P(X > t) for t >= 0 [days]."""

    def quantile(self, u: ArrayLike) -> Floats:
        """Give the duration below which the share u of (0, 1) lies: the inverse transform."""

    def excess(self, t: ArrayLike) -> Floats:
        """Give the mean excess E[(X - t)+], the integral of the survival beyond t >= 0 [days]."""


class Distribution(Duration, Protocol):
    """A duration that can also be under way at a random moment: a lifetime in equilibrium."""

    def length_biased_quantile(self, u: ArrayLike) -> Floats:
        """Give the quantile of the life under way at a random moment: density x f(x)/mean."""


@dataclass(frozen=True)
class Exponential:
    """
    Exponential duration: constant hazard, no memory.

    Parameters
    ----------
    mean : float
        Mean [days], positive.

    Examples
    --------
    >>> round(float(Exponential(mean=10.0).survival(10.0)), 4)
    0.3679
    """

    mean: float

    @property
    def variance(self) -> float:
        """Variance [days squared]."""
        return self.mean**2

    def survival(self, t: ArrayLike) -> Floats:
        """Give P(X > t)."""
        return np.asarray(np.exp(-np.asarray(t, float) / self.mean))

    def quantile(self, u: ArrayLike) -> Floats:
        """Invert the distribution function."""
        return np.asarray(-self.mean * np.log1p(-np.asarray(u, float)))

    def excess(self, t: ArrayLike) -> Floats:
        """Give E[(X - t)+]."""
        return self.mean * self.survival(t)

    def length_biased_quantile(self, u: ArrayLike) -> Floats:
        """Invert the length-biased distribution, a gamma of shape 2."""
        return self.mean * np.asarray(special.gammaincinv(2.0, np.asarray(u, float)))


@dataclass(frozen=True)
class Weibull:
    """
    Weibull duration with the given mean: wear-out for a shape above 1, infant mortality below.

    Parameters
    ----------
    mean : float
        Mean [days], positive.
    shape : float
        Weibull shape (beta), positive.

    Examples
    --------
    >>> round(Weibull(mean=365.0, shape=3.0).scale, 2)
    408.74
    """

    mean: float
    shape: float

    @classmethod
    def from_cv(cls, mean: float, cv: float) -> Weibull:
        """Find the shape that gives the coefficient of variation `cv` (0.02 to 20)."""
        from scipy.optimize import brentq

        def surplus(shape: float) -> float:
            ratio = special.gammaln(1 + 2 / shape) - 2 * special.gammaln(1 + 1 / shape)
            return float(ratio - log(1 + cv**2))

        return cls(mean, float(brentq(surplus, 0.1, 100.0, xtol=1e-12)))

    @cached_property
    def scale(self) -> float:
        """Characteristic life (eta) [days]: the age that exp(-1) of the units reach."""
        return self.mean / float(special.gamma(1 + 1 / self.shape))

    @property
    def variance(self) -> float:
        """Variance [days squared]."""
        return self.scale**2 * float(special.gamma(1 + 2 / self.shape)) - self.mean**2

    def survival(self, t: ArrayLike) -> Floats:
        """Give P(X > t)."""
        return np.asarray(np.exp(-((np.asarray(t, float) / self.scale) ** self.shape)))

    def quantile(self, u: ArrayLike) -> Floats:
        """Invert the distribution function."""
        return self.scale * (-np.log1p(-np.asarray(u, float))) ** (1 / self.shape)

    def excess(self, t: ArrayLike) -> Floats:
        """Give E[(X - t)+]."""
        power = (np.asarray(t, float) / self.scale) ** self.shape
        return self.mean * np.asarray(special.gammaincc(1 / self.shape, power))

    def length_biased_quantile(self, u: ArrayLike) -> Floats:
        """Invert the length-biased distribution: (X/scale)^shape is gamma of 1 + 1/shape."""
        gamma = special.gammaincinv(1 + 1 / self.shape, np.asarray(u, float))
        return self.scale * np.asarray(gamma) ** (1 / self.shape)


@dataclass(frozen=True)
class Gamma:
    """
    Gamma duration with the given mean.

    Parameters
    ----------
    mean : float
        Mean [days], positive.
    shape : float
        Gamma shape, positive; the coefficient of variation is shape**-0.5.

    Examples
    --------
    >>> Gamma.from_cv(mean=90.0, cv=0.5).shape
    4.0
    """

    mean: float
    shape: float

    @classmethod
    def from_cv(cls, mean: float, cv: float) -> Gamma:
        """Give the gamma duration with the coefficient of variation `cv`."""
        return cls(mean, cv**-2)

    @property
    def scale(self) -> float:
        """Mean over shape [days]."""
        return self.mean / self.shape

    @property
    def variance(self) -> float:
        """Variance [days squared]."""
        return self.mean**2 / self.shape

    def survival(self, t: ArrayLike) -> Floats:
        """Give P(X > t)."""
        return np.asarray(special.gammaincc(self.shape, np.asarray(t, float) / self.scale))

    def quantile(self, u: ArrayLike) -> Floats:
        """Invert the distribution function."""
        return self.scale * np.asarray(special.gammaincinv(self.shape, np.asarray(u, float)))

    def excess(self, t: ArrayLike) -> Floats:
        """Give E[(X - t)+]."""
        t = np.asarray(t, float)
        beyond = special.gammaincc(self.shape + 1, t / self.scale)
        return np.maximum(self.mean * np.asarray(beyond) - t * self.survival(t), 0.0)

    def length_biased_quantile(self, u: ArrayLike) -> Floats:
        """Invert the length-biased distribution, a gamma of one shape more."""
        return self.scale * np.asarray(special.gammaincinv(self.shape + 1, np.asarray(u, float)))


@dataclass(frozen=True)
class Lognormal:
    """
    Lognormal duration with the given mean and coefficient of variation.

    Parameters
    ----------
    mean : float
        Mean [days], positive.
    cv : float
        Standard deviation over mean, positive.

    Examples
    --------
    >>> round(Lognormal(mean=2.0, cv=0.5).quantile(0.5).item(), 4)  # the median
    1.7889
    """

    mean: float
    cv: float

    @cached_property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return sqrt(log(1 + self.cv**2))

    @cached_property
    def mu(self) -> float:
        """Mean of the logarithm of the days."""
        return log(self.mean) - self.sigma**2 / 2

    @property
    def variance(self) -> float:
        """Variance [days squared]."""
        return (self.cv * self.mean) ** 2

    def _z(self, t: ArrayLike) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray((np.log(np.asarray(t, float)) - self.mu) / self.sigma)

    def survival(self, t: ArrayLike) -> Floats:
        """Give P(X > t)."""
        return np.asarray(special.ndtr(-self._z(t)))

    def quantile(self, u: ArrayLike) -> Floats:
        """Invert the distribution function."""
        return np.asarray(np.exp(self.mu + self.sigma * special.ndtri(np.asarray(u, float))))

    def excess(self, t: ArrayLike) -> Floats:
        """Give E[(X - t)+]."""
        z = self._z(t)
        beyond = self.mean * np.asarray(special.ndtr(self.sigma - z))
        return np.maximum(beyond - np.asarray(t, float) * np.asarray(special.ndtr(-z)), 0.0)

    def length_biased_quantile(self, u: ArrayLike) -> Floats:
        """Invert the length-biased distribution: the logarithm moves up by sigma squared."""
        return self.quantile(u) * exp(self.sigma**2)


@dataclass(frozen=True)
class Fixed:
    """
    A duration that never varies.

    Parameters
    ----------
    mean : float
        The duration [days], zero or more.

    Examples
    --------
    >>> Fixed(14.0).excess([0.0, 10.0, 20.0])
    array([14.,  4.,  0.])
    """

    mean: float

    @property
    def variance(self) -> float:
        """Variance [days squared]: zero."""
        return 0.0

    def survival(self, t: ArrayLike) -> Floats:
        """Give P(X > t)."""
        return (np.asarray(t, float) < self.mean).astype(float)

    def quantile(self, u: ArrayLike) -> Floats:
        """Give the duration for every u."""
        return np.full(np.shape(u), self.mean)

    def excess(self, t: ArrayLike) -> Floats:
        """Give E[(X - t)+]."""
        return np.maximum(self.mean - np.asarray(t, float), 0.0)

    def length_biased_quantile(self, u: ArrayLike) -> Floats:
        """Give the duration for every u."""
        return self.quantile(u)


@dataclass(frozen=True)
class Shifted:
    """
    A duration that follows a fixed delay, such as a lead time after an approval.

    Parameters
    ----------
    duration : Duration
        What follows.
    delay : float
        Fixed time before it [days], zero or more.

    Examples
    --------
    >>> Shifted(Fixed(14.0), delay=7.0).mean
    21.0
    """

    duration: Duration
    delay: float

    @property
    def mean(self) -> float:
        """Mean [days]."""
        return self.delay + self.duration.mean

    @property
    def variance(self) -> float:
        """Variance [days squared]."""
        return self.duration.variance

    def survival(self, t: ArrayLike) -> Floats:
        """Give P(X > t)."""
        beyond = np.asarray(t, float) - self.delay
        return np.where(beyond < 0, 1.0, self.duration.survival(np.maximum(beyond, 0.0)))

    def quantile(self, u: ArrayLike) -> Floats:
        """Invert the distribution function."""
        return self.delay + self.duration.quantile(u)

    def excess(self, t: ArrayLike) -> Floats:
        """Give E[(X - t)+]."""
        beyond = np.asarray(t, float) - self.delay
        return self.duration.excess(np.maximum(beyond, 0.0)) + np.maximum(-beyond, 0.0)

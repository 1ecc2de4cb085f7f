"""A life that a planned replacement ends at some age, if no failure has before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.lifetimes.distributions import Distribution

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Capped:
    """
    The time until a component fails or reaches an age: one cycle of age replacement.

    Parameters
    ----------
    life : Distribution
        Life of a component that nobody replaces.
    age : float
        Age of planned replacement [days], positive.

    References
    ----------
    .. [1] R. E. Barlow and F. Proschan, Mathematical Theory of Reliability, Wiley, 1965, ch. 4.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential
    >>> cycle = Capped(Exponential(10.0), 10.0)
    >>> round(cycle.mean, 3), round(cycle.planned_share, 3)
    (6.321, 0.368)
    """

    life: Distribution
    age: float

    @property
    def planned_share(self) -> float:
        """Share of the cycles that end as planned: components that reach the age."""
        return float(self.life.survival(self.age))

    @property
    def mean(self) -> float:
        """Mean [days]."""
        return self.life.mean - float(self.life.excess(self.age))

    @property
    def variance(self) -> float:
        """Variance [days squared]."""
        from scipy.integrate import quad

        square, _ = quad(lambda t: 2 * float(self.excess(t)), 0.0, self.age)
        return float(square) - self.mean**2

    def survival(self, t: ArrayLike) -> Floats:
        """Give P(X > t)."""
        t = np.asarray(t, float)
        return np.where(t < self.age, self.life.survival(t), 0.0)

    def quantile(self, u: ArrayLike) -> Floats:
        """Invert the distribution function."""
        return np.minimum(self.life.quantile(u), self.age)

    def excess(self, t: ArrayLike) -> Floats:
        """Give E[(X - t)+]."""
        t = np.minimum(np.asarray(t, float), self.age)
        return np.asarray(self.life.excess(t) - self.life.excess(self.age))

    def length_biased_quantile(self, u: ArrayLike) -> Floats:
        """Invert the length-biased distribution: that of the life below the age, else the age."""
        below = 1 - self.age * self.planned_share / self.mean
        share = np.asarray(u, float)
        inside = np.minimum(share, below) * self.mean / self.life.mean
        failed = self.life.length_biased_quantile(np.minimum(inside, 1 - 2.0**-53))
        return np.where(share < below, np.minimum(failed, self.age), self.age)

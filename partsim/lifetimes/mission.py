"""Missions without resupply: how many spares to take along."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from partsim.lifetimes.distributions import Duration, Exponential, Gamma
from partsim.lifetimes.renewal_counts import (
    checked_ages,
    checked_times,
    extrapolated,
    fleet_renewal_count,
    lattice_series,
    lattice_weights,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NEGLECTED = 1e-10
"""Chance of more failures in one position that is left out."""


def mission_demand(lifetime: Duration, duration: float, ages: ArrayLike) -> Floats:
    r"""
    Compute the distribution of the failures of all positions together during a mission.

    A position fails k times or more if its first k lives end in time: for new gamma lives of
    shape a (exponential: a = 1) the regularised incomplete gamma function of k a; otherwise the
    convolution of k lives on the grids of `renewal_count`. Positions are independent: their
    counts are convolved [1]_.

    Parameters
    ----------
    lifetime : Duration
        Life of new components, in operating time.
    duration : float
        Operating time of the mission [days], zero or more.
    ages : array_like of float, shape (n,)
        Ages at the start of the components in the n positions [days]; 0 is new.

    Returns
    -------
    ndarray of float, shape (most + 1,)
        P(D = d) of d failures in all [units]; what lies beyond is below 1e-9 for each position.

    Raises
    ------
    ValueError
        If the duration or an age is negative or no number, an age is practically never reached,
        or the lives vary too little (see `renewal_count`).

    Notes
    -----
    Exact to 1e-10 for each position whose component is new and has a gamma or exponential life,
    otherwise within 1e-6: the convolution differs from the closed form of gamma lives of shape
    0.3 to 50 by at most 2e-8.

    References
    ----------
    .. [1] R. E. Barlow and F. Proschan, Mathematical Theory of Reliability, Wiley, 1965, ch. 3.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential
    >>> mission_demand(Exponential(100.0), 25.0, [0.0, 0.0])[:3].round(4)  # Poisson of mean 1/2
    array([0.6065, 0.3033, 0.0758])
    """
    time = float(checked_times("duration", duration))
    ages, positions = np.unique(checked_ages(lifetime, ages), return_counts=True)
    counts = [_position_demand(lifetime, time, age) for age in ages]
    size = 1 + sum((count.size - 1) * n for count, n in zip(counts, positions, strict=True))
    transform = np.ones(size // 2 + 1, complex)
    for count, n in zip(counts, positions, strict=True):
        transform *= np.fft.rfft(count, size) ** n
    demand = np.maximum(np.fft.irfft(transform, size), 0.0)
    return demand / demand.sum()


def mission_spares(
    lifetime: Duration, duration: float, ages: ArrayLike, assurance: ArrayLike
) -> Ints:
    """
    Find the least number of spares that lasts for a mission without resupply.

    Parameters
    ----------
    lifetime : Duration
        Life of new components, in operating time; spares do not age on the shelf.
    duration : float
        Operating time of the mission [days], zero or more.
    ages : array_like of float, shape (n,)
        Ages at the start of the components in the n positions [days]; 0 is new.
    assurance : array_like of float
        Least probability that no position lacks a spare, 0 to 0.999999.

    Returns
    -------
    ndarray of int
        Spares [units], of the shape of `assurance`.

    Raises
    ------
    ValueError
        If an assurance is out of its range, or as in `mission_demand`.

    References
    ----------
    .. [1] R. E. Barlow and F. Proschan, Mathematical Theory of Reliability, Wiley, 1965, ch. 6.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential, Weibull
    >>> mission_spares(Exponential(100.0), 25.0, [0.0, 0.0], [0.9, 0.99])
    array([1, 3])
    >>> mission_spares(Weibull(100.0, 3.0), 25.0, [0.0, 0.0], [0.9, 0.99])  # wear-out, still new
    array([0, 1])
    """
    wanted = np.asarray(assurance, float)
    wrong = ~((wanted >= 0) & (wanted <= 0.999999))
    if wrong.any():
        raise ValueError(f"assurance: expected 0 to 0.999999, got {wanted[wrong].flat[0]:g}")
    enough = np.cumsum(mission_demand(lifetime, duration, ages))
    return np.asarray(np.searchsorted(enough, wanted), np.int64)


def _position_demand(lifetime: Duration, time: float, age: float) -> Floats:
    """Give P(N = k) for k = 0, 1, 2, ... failures of one position."""
    if time == 0:
        return np.ones(1)
    count = fleet_renewal_count(lifetime, [age], time)
    most = int(count.mean + 10 * np.sqrt(count.variance)) + 5
    while True:
        at_least = _at_least(lifetime, time, age, most)
        if at_least[-1] < _NEGLECTED:
            return -np.diff(at_least, prepend=1.0)
        most *= 2


def _at_least(lifetime: Duration, time: float, age: float, most: int) -> Floats:
    """Give P(N >= k) for k = 1, ..., most and 0 at the end."""
    if age == 0 and isinstance(lifetime, Exponential | Gamma):
        shape = lifetime.shape if isinstance(lifetime, Gamma) else 1.0
        lives = shape * np.arange(1, most + 1)
        return np.append(special.gammainc(lives, time * shape / lifetime.mean), 0.0)
    convolved = extrapolated(lifetime, time, lambda steps: _sums(lifetime, time, age, most, steps))
    return np.append(np.minimum.accumulate(np.clip(convolved, 0.0, 1.0)), 0.0)


def _sums(lifetime: Duration, time: float, age: float, most: int, steps: int) -> Floats:
    """Give the probability that the first k lives end in time, by one grid."""
    nodes = np.arange(steps + 2) * time / steps
    first = lattice_weights(lifetime.excess(age + nodes) / lifetime.survival(age), time / steps)
    later = (lambda to, f, k=k: to * f**k for k in range(most))
    return lattice_series(lifetime, time, steps, *later)[:, ::-1] @ first

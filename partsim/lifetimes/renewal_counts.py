"""Counts of renewals of new, aged and random components: mean and variance to six digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.lifetimes.distributions import Duration

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

_FEWEST, _MOST = 2**6, 2**17
"""Steps of the grids that are extrapolated."""

_ALIASES = 12
"""Digits by which the turns of the circle are damped."""

_REACHED = 1e-6
"""Least share of new components that must reach the age of one in use."""


@dataclass(frozen=True, eq=False)
class RenewalCount:
    """
    Mean and variance of the units that fail and are replaced at once.

    Attributes
    ----------
    mean : ndarray of float
        Expected renewals [units].
    variance : ndarray of float
        Their variance [units squared].
    """

    mean: Floats
    variance: Floats


def renewal_count(lifetime: Duration, times: ArrayLike) -> RenewalCount:
    r"""
    Compute mean M(t) and variance of the renewals of a position that starts with a new component.

    Lives are rounded to the nodes of a grid that ends at t so that their mean is kept; with the
    transform f of the rounded lives, the renewals have the transform f / (1 - f), and their pairs
    the square of it [1]_. Fourier inversion on a damped circle gives the value at t [2]_. Its error
    falls with the square of the step; grids are halved and extrapolated until they agree.

    Parameters
    ----------
    lifetime : Duration
        Life of new components: any continuous distribution.
    times : array_like of float
        Ages of the position t [days], zero or more.

    Returns
    -------
    RenewalCount
        Arrays of the shape of `times`.

    Raises
    ------
    ValueError
        If a time is negative or no number, or the lives vary too little for the finest grid
        (such as a fixed life at one of its multiples).

    Notes
    -----
    Error below 1e-6, or 1e-6 of M(t) where M(t) > 1; measured against the closed form of 1500
    gamma lives of cv 0.015 to 3 over 0.003 to 200 mean lives: 1e-7 at most.

    References
    ----------
    .. [1] D. R. Cox, Renewal Theory, Methuen, 1962, ch. 3-4.
    .. [2] J. Abate and W. Whitt, Numerical inversion of probability generating functions,
       Operations Research Letters 12 (1992) 245-251.

    Examples
    --------
    >>> from partsim.lifetimes import Gamma
    >>> count = renewal_count(Gamma(100.0, 2.0), [50.0, 100.0])  # Erlang: t/100 - (1-e^(-t/25))/4
    >>> count.mean.round(6)
    array([0.283834, 0.754579])
    """
    return _count(lifetime, times, lambda t, steps: _new(lifetime, t, steps))


def delayed_renewal_count(lifetime: Duration, first: Duration, times: ArrayLike) -> RenewalCount:
    """
    Compute mean and variance of the renewals of a position whose first life is another one.

    Parameters
    ----------
    lifetime : Duration
        Life of every component but the first.
    first : Duration
        Life of the first component.
    times : array_like of float
        Ages of the position [days], zero or more.

    Returns
    -------
    RenewalCount
        Arrays of the shape of `times`; error as in `renewal_count`.

    Raises
    ------
    ValueError
        As in `renewal_count`.

    References
    ----------
    .. [1] D. R. Cox, Renewal Theory, Methuen, 1962, ch. 4: modified renewal processes.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential, Gamma
    >>> new, first = Exponential(10.0), Gamma(20.0, 2.0)  # one stage of 10 days more
    >>> delayed_renewal_count(new, first, 10.0).mean.round(6)  # 1 - (1 - exp(-1))
    np.float64(0.367879)
    """

    def value(t: float, steps: int) -> Floats:
        return _delayed(lifetime, first.excess, t, steps)

    return _count(lifetime, times, value)


def equilibrium_renewal_count(lifetime: Duration, windows: ArrayLike) -> RenewalCount:
    r"""
    Compute mean and variance of the renewals in a window that opens at a random moment.

    The mean is t/mean, and :math:`\mathrm{Var} = \lambda t + 2 \lambda \int_0^t M(u) du
    - (\lambda t)^2` [1]_.

    Parameters
    ----------
    lifetime : Duration
        Life of new components.
    windows : array_like of float
        Lengths of the window t [days], zero or more.

    Returns
    -------
    RenewalCount
        Arrays of the shape of `windows`; error as in `renewal_count`.

    Raises
    ------
    ValueError
        As in `renewal_count`.

    References
    ----------
    .. [1] D. R. Cox, Renewal Theory, Methuen, 1962, ch. 4.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential
    >>> equilibrium_renewal_count(Exponential(10.0), 25.0).variance.round(6)  # Poisson
    np.float64(2.5)
    """

    def value(t: float, steps: int) -> Floats:
        (sums,) = lattice_series(lifetime, t, steps, lambda to, f: to**2 * f / (1 - f))
        mean = t / lifetime.mean
        return np.array([mean, mean + 2 * sums[-1] * t / steps / lifetime.mean - mean**2])

    return _count(lifetime, windows, value)


def fleet_renewal_count(lifetime: Duration, ages: ArrayLike, times: ArrayLike) -> RenewalCount:
    """
    Compute mean and variance of the demand of positions whose components have known ages.

    Independent renewal processes are superposed; the first life of each is what remains of one
    that has reached its age.

    Parameters
    ----------
    lifetime : Duration
        Life of new components.
    ages : array_like of float, shape (n,)
        Ages now of the components in the n positions [days]; at least 1 in 10^6 new ones must
        reach them.
    times : array_like of float
        From now [days], zero or more.

    Returns
    -------
    RenewalCount
        Demand of all positions together from now until each time, of the shape of `times`; error
        n times that of `renewal_count`.

    Raises
    ------
    ValueError
        As in `renewal_count`, or if an age is negative, no number or practically never reached.

    Notes
    -----
    A thousand different ages cost about 0.4 s of CPU for each time; equal ages are taken together.

    References
    ----------
    .. [1] D. R. Cox, Renewal Theory, Methuen, 1962, ch. 4 and 6.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential, Weibull
    >>> fleet_renewal_count(Exponential(10.0), [0.0, 5.0, 50.0], 20.0).mean.round(6)  # no memory
    np.float64(6.0)
    >>> count = fleet_renewal_count(Weibull(365.0, 3.0), [0.0, 200.0, 400.0], [30.0, 90.0])
    >>> count.mean.round(3)
    array([0.263, 0.77 ])
    """
    ages, positions = np.unique(checked_ages(lifetime, ages), return_counts=True)
    reached = lifetime.survival(ages)[:, None]

    def remaining(t: Floats) -> Floats:
        return lifetime.excess(ages[:, None] + t) / reached

    def value(t: float, steps: int) -> Floats:
        return _delayed(lifetime, remaining, t, steps) @ positions

    return _count(lifetime, times, value)


def checked_ages(lifetime: Duration, ages: ArrayLike) -> Floats:
    """Give ages as an array in one dimension; ValueError for those that hardly any life reaches."""
    array = np.ravel(checked_times("ages", ages))
    never = lifetime.survival(array) < _REACHED
    if never.any():
        raise ValueError(
            f"ages: expected ages that at least {_REACHED:g} of new components reach, "
            f"got {array[never][0]:g}"
        )
    return array


def checked_times(name: str, times: ArrayLike) -> Floats:
    """Give times as an array; ValueError for negative, infinite or missing ones."""
    array = np.asarray(times, float)
    wrong = ~(np.isfinite(array) & (array >= 0))
    if wrong.any():
        raise ValueError(f"{name}: expected finite numbers >= 0, got {array[wrong].flat[0]:g}")
    return array


def extrapolated(lifetime: Duration, time: float, value: Callable[[int], Floats]) -> Floats:
    """Halve the steps of a grid up to `time`, less their square, until the values agree."""
    if not lifetime.mean > 0:
        raise ValueError(f"lifetime: expected a mean > 0, got {lifetime}")
    steps = max(_FEWEST, int(2 ** np.ceil(np.log2(8 * time / lifetime.mean))))
    coarse = value(steps)
    before = np.full_like(coarse, np.inf)
    while steps < _MOST:
        steps *= 2
        fine = value(steps)
        best = fine + (fine - coarse) / 3
        # Two grids that agree to this are five times nearer to the limit.
        if np.all(np.abs(best - before) <= 2e-7 * np.maximum(1.0, np.abs(best[0]))):
            return best
        coarse, before = fine, best
    raise ValueError(f"lifetime: expected one that varies, or is shorter than {time:g}: {lifetime}")


def lattice_weights(excess: Floats, step: float) -> Floats:
    """Round a duration to the nodes of a grid, keeping its mean, by its mean excess at them."""
    before = np.concatenate([excess[..., :1] + step, excess[..., :-2]], axis=-1)
    return (before - 2 * excess[..., :-1] + excess[..., 1:]) / step


def lattice_series(
    lifetime: Duration,
    time: float,
    steps: int,
    *transforms: Callable[[Complexes, Complexes], Complexes],
) -> Floats:
    """
    Expand functions of the transform of a rounded life at the nodes of a grid up to `time`.

    Each transform is a function of the sum over time, of which the last node counts half, and
    of the transform of a life. One row of steps + 1 values for each.
    """
    step = time / steps
    weights = lattice_weights(lifetime.excess(np.arange(steps + 2) * step), step)
    turns = 4 * steps
    radius = 10.0 ** (-_ALIASES / turns)
    damping = radius ** np.arange(steps + 1)
    z = radius * np.exp(-2j * np.pi * np.arange(turns // 2 + 1) / turns)
    f = np.fft.rfft(weights * damping, turns)
    to = (1 + z) / (2 * (1 - z))
    rows = [np.fft.irfft(transform(to, f), turns)[: steps + 1] for transform in transforms]
    return np.array(rows) / damping


def _new(lifetime: Duration, time: float, steps: int) -> Floats:
    """Give mean and variance of the renewals of a new component, by one grid."""
    once, pairs = lattice_series(
        lifetime, time, steps, lambda to, f: to * f / (1 - f), lambda to, f: to * (f / (1 - f)) ** 2
    )[:, -1]
    return np.array([once, 2 * pairs + once - once**2])


def _delayed(
    lifetime: Duration, first_excess: Callable[[Floats], Floats], time: float, steps: int
) -> Floats:
    """Give mean and variance of the renewals after first lives, along the last axis."""
    first = lattice_weights(first_excess(np.arange(steps + 2) * time / steps), time / steps)
    after = lattice_series(
        lifetime, time, steps, lambda to, f: to / (1 - f), lambda to, f: to * f / (1 - f) ** 2
    )
    once, pairs = (first @ row[::-1] for row in after)
    return np.array([once, 2 * pairs + once - once**2])


def _count(
    lifetime: Duration, times: ArrayLike, value: Callable[[float, int], Floats]
) -> RenewalCount:
    """Extrapolate the mean and variance that grids give, time by time."""
    array = checked_times("times", times)
    moments = np.zeros((2, array.size))
    for i, t in enumerate(array.ravel().tolist()):
        if t > 0:
            moments[:, i] = extrapolated(lifetime, t, partial(value, t))
    mean, variance = np.maximum(moments, 0.0).reshape(2, *array.shape)
    return RenewalCount(np.asarray(mean), np.asarray(variance))

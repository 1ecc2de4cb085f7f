"""Preventive replacement: when it pays to change a part that still works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.lifetimes.distributions import Duration
from partsim.lifetimes.renewal_counts import renewal_count

Floats = NDArray[np.float64]

_LIVES = 8.0
"""Mean lives within which the best block interval is looked for."""


@dataclass(frozen=True, eq=False)
class ReplacementPolicy:
    """
    The best preventive replacement.

    Attributes
    ----------
    interval : ndarray of float
        Age, or time between block replacements [days]; infinite if waiting for failures is best.
    cost_rate : ndarray of float
        Long-run cost [money per day].
    """

    interval: Floats
    cost_rate: Floats


def age_replacement_cost(
    lifetime: Duration, age: ArrayLike, planned_cost: ArrayLike, failure_cost: ArrayLike
) -> Floats:
    r"""
    Compute the long-run cost of replacing at failure or at an age T, whichever comes first.

    A cycle costs :math:`c_p P(X > T) + c_f P(X \le T)` and lasts E[min(X, T)] [1]_.

    Parameters
    ----------
    lifetime : Duration
        Life of a component.
    age : array_like of float
        Replacement age T [days], positive; infinite: never.
    planned_cost, failure_cost : array_like of float
        Cost of a planned replacement and of one at a failure [money], zero or more.

    Returns
    -------
    ndarray of float
        Cost [money per day], of the broadcast shape; exact.

    Raises
    ------
    ValueError
        If an age is not positive, a cost is negative or no number, or shapes do not broadcast.

    References
    ----------
    .. [1] R. E. Barlow and F. Proschan, Mathematical Theory of Reliability, Wiley, 1965, ch. 4.

    Examples
    --------
    >>> from partsim.lifetimes import Weibull
    >>> age_replacement_cost(Weibull(365.0, 3.0), [200.0, np.inf], 100.0, 1000.0).round(3)
    array([1.027, 2.74 ])
    """
    T, planned, failed = _checked("age", age, planned_cost, failure_cost)
    finite = np.where(np.isinf(T), 0.0, T)
    alive = np.where(np.isinf(T), 0.0, lifetime.survival(finite))
    cycle = lifetime.mean - np.where(np.isinf(T), 0.0, lifetime.excess(finite))
    return np.asarray((planned * alive + failed * (1 - alive)) / cycle)


def best_age_replacement(
    lifetime: Duration, planned_cost: ArrayLike, failure_cost: ArrayLike
) -> ReplacementPolicy:
    """
    Find the replacement age of least long-run cost.

    For a rising failure rate the cost falls and then rises [1]_. The best of 400 ages between
    the 1e-9 and the 1 - 1e-9 quantile of life is refined between its neighbours.

    Parameters
    ----------
    lifetime : Duration
        Life of a component.
    planned_cost, failure_cost : array_like of float
        Cost of a planned replacement and of one at a failure [money]; positive, zero or more.

    Returns
    -------
    ReplacementPolicy
        Arrays of the broadcast shape.

    Raises
    ------
    ValueError
        If a cost is out of its range, or shapes do not broadcast.

    Notes
    -----
    The cost is within 1e-6 of the least. Waiting for failures (failure_cost / mean) is chosen
    unless an age is cheaper by more than that.

    References
    ----------
    .. [1] R. E. Barlow and F. Proschan, Mathematical Theory of Reliability, Wiley, 1965, ch. 4.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential, Weibull
    >>> best_age_replacement(Weibull(365.0, 3.0), 100.0, [110.0, 1000.0]).interval.round(0)
    array([828., 156.])
    >>> best_age_replacement(Exponential(365.0), 100.0, 1000.0).interval
    array(inf)
    """
    first, last = lifetime.quantile([1e-9, 1 - 1e-9]).tolist()
    ages = np.geomspace(first, last, 400)

    def cost_rate(age: ArrayLike, planned: float, failed: float) -> Floats:
        return age_replacement_cost(lifetime, age, planned, failed)

    return _cheapest(cost_rate, ages, lifetime.mean, planned_cost, failure_cost)


def block_replacement_cost(
    lifetime: Duration, interval: ArrayLike, planned_cost: ArrayLike, failure_cost: ArrayLike
) -> Floats:
    """
    Compute the long-run cost of replacing at failures and all at fixed intervals T.

    In each interval M(T) components fail and are replaced, then one is replaced as planned:
    the cost is (c_p + c_f M(T)) / T [1]_.

    Parameters
    ----------
    lifetime : Duration
        Life of a component.
    interval : array_like of float
        Time between block replacements T [days], positive.
    planned_cost, failure_cost : array_like of float
        Cost of a planned replacement and of one at a failure [money], zero or more.

    Returns
    -------
    ndarray of float
        Cost [money per day and position], of the broadcast shape; M(T) as in `renewal_count`.

    Raises
    ------
    ValueError
        If an interval is not positive or infinite, a cost is negative or no number, shapes do
        not broadcast, or as in `renewal_count`.

    References
    ----------
    .. [1] R. E. Barlow and F. Proschan, Mathematical Theory of Reliability, Wiley, 1965, ch. 4.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential
    >>> float(block_replacement_cost(Exponential(100.0), 50.0, 10.0, 100.0).round(6))
    1.2
    """
    T, planned, failed = _checked("interval", interval, planned_cost, failure_cost)
    times, where = np.unique(T, return_inverse=True)
    failures = renewal_count(lifetime, times).mean[where].reshape(T.shape)
    return np.asarray((planned + failed * failures) / T)


def best_block_replacement(
    lifetime: Duration, planned_cost: ArrayLike, failure_cost: ArrayLike
) -> ReplacementPolicy:
    """
    Find the block interval of least long-run cost.

    The best of 200 intervals up to 8 mean lives is refined between its neighbours.

    Parameters
    ----------
    lifetime : Duration
        Life of a component.
    planned_cost, failure_cost : array_like of float
        Cost of a planned replacement and of one at a failure [money]; positive, zero or more.

    Returns
    -------
    ReplacementPolicy
        Arrays of the broadcast shape.

    Raises
    ------
    ValueError
        If a cost is out of its range, shapes do not broadcast, or as in `renewal_count`.

    Notes
    -----
    The cost is within 1e-6 of the least that intervals up to 8 mean lives reach. Waiting for
    failures (failure_cost / mean) is chosen unless an interval is cheaper by more than that.

    References
    ----------
    .. [1] R. E. Barlow and F. Proschan, Mathematical Theory of Reliability, Wiley, 1965, ch. 4.

    Examples
    --------
    >>> from partsim.lifetimes import Weibull
    >>> best_block_replacement(Weibull(365.0, 3.0), 100.0, 1000.0).interval.round(0)
    np.float64(154.0)
    """
    shortest = max(float(lifetime.quantile(1e-6)), 1e-6 * lifetime.mean)
    intervals = np.geomspace(shortest, _LIVES * lifetime.mean, 200)
    failures = renewal_count(lifetime, intervals).mean

    def cost_rate(interval: ArrayLike, planned: float, failed: float) -> Floats:
        if np.ndim(interval):
            return (planned + failed * failures) / intervals
        return block_replacement_cost(lifetime, interval, planned, failed)

    return _cheapest(cost_rate, intervals, lifetime.mean, planned_cost, failure_cost)


def _cheapest(
    cost_rate: Callable[[ArrayLike, float, float], Floats],
    candidates: Floats,
    mean: float,
    planned_cost: ArrayLike,
    failure_cost: ArrayLike,
) -> ReplacementPolicy:
    """Minimise a cost rate over intervals, the best candidate first, pair of costs by pair."""
    from scipy.optimize import minimize_scalar

    _, planned, failed = _checked("interval", 1.0, planned_cost, failure_cost)
    if not np.all(planned > 0):
        raise ValueError(f"planned_cost: expected > 0, got {planned.min():g}")
    interval, rate = np.full(planned.size, np.inf), failed.ravel() / mean
    for i, costs in enumerate(zip(planned.ravel().tolist(), failed.ravel().tolist(), strict=True)):
        best = int(np.argmin(cost_rate(candidates, *costs)))
        ends = candidates[max(best - 1, 0)], candidates[min(best + 1, candidates.size - 1)]
        found = minimize_scalar(
            lambda T, costs=costs: float(cost_rate(T, *costs)),
            bounds=ends,
            method="bounded",
            options={"xatol": 1e-7 * ends[1]},
        )
        if found.fun < rate[i] * (1 - 1e-6):
            interval[i], rate[i] = found.x, found.fun
    return ReplacementPolicy(interval.reshape(planned.shape), rate.reshape(planned.shape))


def _checked(
    name: str, interval: ArrayLike, planned_cost: ArrayLike, failure_cost: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Give three arrays of one shape; ValueError for what cannot be."""
    arrays = [np.asarray(x, float) for x in (interval, planned_cost, failure_cost)]
    if not np.all(arrays[0] > 0):
        raise ValueError(f"{name}: expected > 0, got {np.min(arrays[0]):g}")
    for cost, what in zip(arrays[1:], ("planned_cost", "failure_cost"), strict=True):
        if not np.all(np.isfinite(cost) & (cost >= 0)):
            raise ValueError(f"{what}: expected finite numbers >= 0, got {np.min(cost):g}")
    try:
        T, planned, failed = np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = ", ".join(str(x.shape) for x in arrays)
        raise ValueError(
            f"{name}, planned_cost, failure_cost: expected shapes that broadcast, got {shapes}"
        ) from None
    return T, planned, failed

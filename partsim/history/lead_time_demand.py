"""Demand over a lead time: its spread, and its distribution by resampling the records."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.history.intermittent import known_counts

Floats = NDArray[np.float64]


def variance_to_mean(counts: ArrayLike) -> Floats:
    """
    Give the variance of the demand of a period over its mean, at least 1.

    Parameters
    ----------
    counts : array_like of float, shape (..., period)
        Demand of each period; not a number where nothing was recorded.

    Returns
    -------
    ndarray of float, shape (...)
        1 for Poisson demand, more where units are taken several at a time; 1 without demand
        or with a single period.

    Raises
    ------
    ValueError
        If a count is negative.

    Notes
    -----
    Where orders come at random times, whatever their sizes, it does not depend on the length of
    the period. Demand steadier than Poisson gives 1: the safe side.

    Examples
    --------
    >>> float(variance_to_mean([0, 0, 4, 0])), float(variance_to_mean([2, 2, 2, 2]))
    (4.0, 1.0)
    """
    known = known_counts(counts)
    number = np.isfinite(known).sum(axis=-1)
    mean = np.nansum(known, axis=-1) / np.maximum(number, 1)
    squares = np.nansum((known - mean[..., None]) ** 2, axis=-1)
    enough = (number > 1) & (mean > 0)
    ratio = squares / np.where(enough, (number - 1) * mean, 1.0)
    return np.asarray(np.where(enough, np.maximum(ratio, 1.0), 1.0))


def bootstrap_demand(
    counts: ArrayLike, periods: int, *, samples: int = 1000, seed: int = 1
) -> NDArray[np.int64]:
    """
    Sample the demand over a lead time by the bootstrap of Willemain, Smart and Schwarz.

    A Markov chain with the records' frequencies says in which periods there is demand, starting
    from the last recorded one; sizes are drawn from the records and jittered.

    Parameters
    ----------
    counts : array_like of float, shape (period,)
        Demand of one part; periods without records are left out.
    periods : int
        Length of the lead time [periods], 1 or more.
    samples : int
        How many, 1 or more.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    ndarray of int, shape (samples,)
        Units over the lead time.

    Raises
    ------
    ValueError
        If a count is negative, fewer than two periods are recorded, or a number is too small.

    Notes
    -----
    A state that the records never leave, or only end in, keeps the share of periods with demand
    over all records.

    References
    ----------
    .. [1] T. R. Willemain, C. N. Smart and H. F. Schwarz, A new approach to forecasting
       intermittent demand for service parts inventories, International Journal of Forecasting
       20 (2004) 375-387.

    Examples
    --------
    >>> demand = bootstrap_demand([0, 0, 3, 0, 5, 0, 0, 0, 2, 0], periods=4)
    >>> int(demand.min()), bool(2 < demand.mean() < 7)
    (0, True)
    """
    known = known_counts(counts)
    for name, number in (("periods", periods), ("samples", samples)):
        if number < 1:
            raise ValueError(f"{name}: expected 1 or more, got {number}")
    if known.ndim != 1 or np.isfinite(known).sum() < 2:
        raise ValueError("counts: expected one part with at least two recorded periods")
    known = known[np.isfinite(known)]
    sizes = known[known > 0]
    if not sizes.size:
        return np.zeros(samples, np.int64)
    generator = np.random.Generator(np.random.Philox(seed))
    chances = _demand_chances(known > 0)
    state = np.full(samples, int(known[-1] > 0))
    total = np.zeros(samples)
    for _ in range(periods):
        state = (generator.random(samples) < chances[state]).astype(int)
        total += state * _jittered(generator.choice(sizes, samples), generator)
    return np.rint(total).astype(np.int64)


def _demand_chances(demanded: NDArray[np.bool_]) -> Floats:
    """Give the chance of demand after a period without and after one with demand."""
    before, after = demanded[:-1], demanded[1:]
    number = np.array([np.count_nonzero(~before), np.count_nonzero(before)])
    followed = np.array([np.count_nonzero(~before & after), np.count_nonzero(before & after)])
    return np.where(number > 0, followed / np.maximum(number, 1), demanded.mean())


def _jittered(sizes: Floats, generator: np.random.Generator) -> Floats:
    moved = 1 + np.floor(sizes + generator.standard_normal(sizes.size) * np.sqrt(sizes))
    return np.where(moved > 0, moved, sizes)

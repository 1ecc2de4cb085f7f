"""Forecasts of intermittent demand, for many parts at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Method = Literal["croston", "sba", "tsb", "smoothing", "mean"]

SMOOTHING = tuple(float(x) for x in np.round(np.arange(0.05, 0.51, 0.05), 2))
"""Smoothing parameters that `best_smoothing` tries."""


def croston(counts: ArrayLike, smoothing: ArrayLike = 0.1) -> Floats:
    """
    Forecast the mean demand per period by Croston's method.

    Sizes of demand and intervals between demands are smoothed apart, whenever there is demand,
    and divided.

    Parameters
    ----------
    counts : array_like of float, shape (..., period)
        Demand of each period, oldest first; not a number where nothing was recorded: such a
        period is left out as if it had not been.
    smoothing : array_like of float, shape (...)
        Weight of the newest size and interval, above 0 and up to 1.

    Returns
    -------
    ndarray of float, shape (...)
        Units per period after the last one; 0 without any demand.

    Raises
    ------
    ValueError
        If a count is negative or the weight is not in its range.

    Notes
    -----
    The first size and the first interval, from the beginning of the records, start the levels.

    References
    ----------
    .. [1] J. D. Croston, Forecasting and stock control for intermittent demands, Operational
       Research Quarterly 23 (1972) 289-303.

    Examples
    --------
    >>> float(croston([4, 0, 0, 1, 0, 7]).round(6))
    3.148438
    """
    return _last(_croston_path(*_checked(counts, smoothing)))


def sba(counts: ArrayLike, smoothing: ArrayLike = 0.1) -> Floats:
    """
    Forecast the mean demand per period by the Syntetos-Boylan approximation.

    Croston's ratio is too high on average; this is its forecast times 1 - smoothing / 2.

    Parameters
    ----------
    counts, smoothing
        As for `croston`.

    Returns
    -------
    ndarray of float, shape (...)
        Units per period after the last one; 0 without any demand.

    Raises
    ------
    ValueError
        If a count is negative or the weight is not in its range.

    References
    ----------
    .. [1] A. A. Syntetos and J. E. Boylan, The accuracy of intermittent demand estimates,
       International Journal of Forecasting 21 (2005) 303-314.

    Examples
    --------
    >>> float(sba([4, 0, 0, 1, 0, 7]).round(6))
    2.991016
    """
    return _last(_sba_path(*_checked(counts, smoothing)))


def tsb(counts: ArrayLike, smoothing: ArrayLike = 0.1, chance: ArrayLike | None = None) -> Floats:
    """
    Forecast the mean demand per period by the method of Teunter, Syntetos and Babai.

    The chance of demand is smoothed every period, so that the forecast of a part that nobody
    takes any more falls to zero.

    Parameters
    ----------
    counts, smoothing
        As for `croston`; the weight of the newest size.
    chance : array_like of float, optional
        Weight of the newest period in the chance of demand; as `smoothing` if not given.

    Returns
    -------
    ndarray of float, shape (...)
        Units per period after the last one; 0 without any demand.

    Raises
    ------
    ValueError
        If a count is negative or a weight is not in its range.

    References
    ----------
    .. [1] R. H. Teunter, A. A. Syntetos and M. Z. Babai, Intermittent demand: linking forecasting
       to inventory obsolescence, European Journal of Operational Research 214 (2011) 606-615.

    Examples
    --------
    >>> float(tsb([4, 0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0], 0.1, 0.2).round(6))
    0.692687
    """
    known, weight = _checked(counts, smoothing)
    newest = weight if chance is None else _weights(chance, "chance")
    return _last(_tsb_path(known, weight, newest))


def exponential_smoothing(counts: ArrayLike, smoothing: ArrayLike = 0.1) -> Floats:
    """
    Forecast the mean demand per period by simple exponential smoothing.

    Parameters
    ----------
    counts, smoothing
        As for `croston`; the weight of the newest period.

    Returns
    -------
    ndarray of float, shape (...)
        Units per period after the last one; 0 without any record.

    Raises
    ------
    ValueError
        If a count is negative or the weight is not in its range.

    Examples
    --------
    >>> float(exponential_smoothing([2, 4], 0.5))
    3.0
    """
    return _last(_smoothing_path(*_checked(counts, smoothing)))


def mean_rate(counts: ArrayLike) -> Floats:
    """
    Give the mean demand per recorded period.

    Parameters
    ----------
    counts : array_like of float, shape (..., period)
        As for `croston`.

    Returns
    -------
    ndarray of float, shape (...)
        Units per period; 0 without any record.

    Raises
    ------
    ValueError
        If a count is negative.

    Examples
    --------
    >>> float(mean_rate([2, np.nan, 4]))
    3.0
    """
    known = known_counts(counts)
    periods = np.isfinite(known).sum(axis=-1)
    return np.asarray(np.nansum(known, axis=-1) / np.maximum(periods, 1))


def known_counts(counts: ArrayLike) -> Floats:
    """Take demand by period; refuse negative counts and records without a period."""
    known = np.asarray(counts, float)
    if known.ndim == 0 or known.shape[-1] == 0:
        raise ValueError("counts: expected at least one period, got none")
    if (known < 0).any() or np.isinf(known).any():
        raise ValueError("counts: expected numbers >= 0 or not a number, got others")
    return known


def _weights(weights: ArrayLike, name: str) -> Floats:
    weight = np.asarray(weights, float)
    if not ((weight > 0) & (weight <= 1)).all():
        raise ValueError(f"{name}: expected weights above 0 and up to 1, got {weights!r}")
    return weight


def _checked(counts: ArrayLike, smoothing: ArrayLike) -> tuple[Floats, Floats]:
    known = known_counts(counts)
    return known, np.broadcast_to(_weights(smoothing, "smoothing"), known.shape[:-1])


def _level_path(values: Floats, weight: Floats) -> Floats:
    """Smooth along the last axis where there are values; not a number before the first."""
    path = np.empty(values.shape)
    level = np.full(values.shape[:-1], np.nan)
    for t in range(values.shape[-1]):
        new = values[..., t]
        moved = level + weight * (new - level)
        level = np.where(np.isnan(new), level, np.where(np.isnan(level), new, moved))
        path[..., t] = level
    return path


def _sizes(known: Floats) -> Floats:
    return np.where(known > 0, known, np.nan)


def demand_gaps(known: Floats) -> Floats:
    """Give, where there is demand, the recorded periods since the demand before."""
    seen = np.cumsum(np.isfinite(known), axis=-1).astype(float)
    demand = known > 0
    at_demand = np.maximum.accumulate(np.where(demand, seen, 0.0), axis=-1)
    before = np.concatenate([np.zeros((*known.shape[:-1], 1)), at_demand[..., :-1]], axis=-1)
    return np.where(demand, seen - before, np.nan)


def _last(path: Floats) -> Floats:
    return np.nan_to_num(path[..., -1])


def _croston_path(known: Floats, weight: Floats) -> Floats:
    return _level_path(_sizes(known), weight) / _level_path(demand_gaps(known), weight)


def _sba_path(known: Floats, weight: Floats) -> Floats:
    return (1 - weight[..., None] / 2) * _croston_path(known, weight)


def _tsb_path(known: Floats, weight: Floats, chance: Floats) -> Floats:
    demanded = np.where(np.isnan(known), np.nan, known > 0)
    return _level_path(_sizes(known), weight) * _level_path(demanded, chance)


def _smoothing_path(known: Floats, weight: Floats) -> Floats:
    return _level_path(known, weight)


_PATHS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "croston": _croston_path,
    "sba": _sba_path,
    "tsb": lambda known, weight: _tsb_path(known, weight, weight),
    "smoothing": _smoothing_path,
}


def best_smoothing(counts: ArrayLike, method: Method = "sba") -> Floats:
    """
    Choose the smoothing of each part: least squared error one period ahead, in the records.

    Parameters
    ----------
    counts : array_like of float, shape (..., period)
        As for `croston`.
    method : {"croston", "sba", "tsb", "smoothing"}
        Which forecast.

    Returns
    -------
    ndarray of float, shape (...)
        One of `SMOOTHING`, the least of equally good ones.

    Raises
    ------
    ValueError
        If a count is negative, or the method has nothing to choose.

    Examples
    --------
    >>> float(best_smoothing([1, 1, 1, 1, 9, 9, 9, 9, 9, 9], "smoothing"))
    0.5
    """
    if method not in _PATHS:
        raise ValueError(f"method: expected one of {', '.join(_PATHS)}, got {method!r}")
    known = known_counts(counts)
    errors = []
    for weight in SMOOTHING:
        path = _PATHS[method](known, np.full(known.shape[:-1], weight))
        ahead = np.nan_to_num(path[..., :-1])  # no demand seen yet: a forecast of none
        errors.append(np.nansum((known[..., 1:] - ahead) ** 2, axis=-1))
    return np.asarray(np.array(SMOOTHING)[np.argmin(errors, axis=0)])

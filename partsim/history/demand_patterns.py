"""Classes of parts by how their demand comes: intervals between demands, and their sizes."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.history.intermittent import demand_gaps, known_counts

Floats = NDArray[np.float64]
Pattern = Literal["none", "smooth", "erratic", "intermittent", "lumpy"]

PATTERNS: tuple[Pattern, ...] = ("none", "smooth", "erratic", "intermittent", "lumpy")
LONGEST_INTERVAL, LARGEST_CV2 = 1.32, 0.49
"""Cut values of Syntetos, Boylan and Croston (2005)."""


def demand_interval(counts: ArrayLike, convention: Literal["share", "gaps"] = "share") -> Floats:
    """
    Give the average interval between periods with demand (ADI).

    Parameters
    ----------
    counts : array_like of float, shape (..., period)
        As for `croston`.
    convention : {"share", "gaps"}
        Recorded periods over periods with demand, or the mean of the gaps from one period with
        demand to the next, which does not see what lies before the first and after the last.

    Returns
    -------
    ndarray of float, shape (...)
        Periods, 1 or more; infinite where there is no demand (gaps: fewer than two).

    Raises
    ------
    ValueError
        If a count is negative or the convention unknown.

    Examples
    --------
    >>> counts = [0, 0, 3, 0, 5, 0, 0, 0]
    >>> float(demand_interval(counts)), float(demand_interval(counts, "gaps"))
    (4.0, 2.0)
    """
    known = known_counts(counts)
    with_demand = (np.nan_to_num(known) > 0).sum(axis=-1)
    if convention == "share":
        number, periods = with_demand, np.isfinite(known).sum(axis=-1)
    elif convention == "gaps":
        intervals, number = demand_gaps(known), with_demand - 1
        periods = np.nansum(intervals, axis=-1) - _first(intervals)
    else:
        raise ValueError(f"convention: expected 'share' or 'gaps', got {convention!r}")
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(number > 0, periods / number, np.inf))


def size_variation(counts: ArrayLike, ddof: Literal[0, 1] = 1) -> Floats:
    """
    Give the squared coefficient of variation of the demand in periods that have some (CV²).

    Parameters
    ----------
    counts : array_like of float, shape (..., period)
        As for `croston`.
    ddof : {0, 1}
        Divide the squares by their number, or by one less.

    Returns
    -------
    ndarray of float, shape (...)
        0 with fewer than two such periods.

    Raises
    ------
    ValueError
        If a count is negative.

    Examples
    --------
    >>> float(size_variation([0, 1, 0, 3])), float(size_variation([0, 1, 0, 3], ddof=0))
    (0.5, 0.25)
    """
    known = known_counts(counts)
    sizes = np.where(np.nan_to_num(known) > 0, known, np.nan)
    number = np.isfinite(sizes).sum(axis=-1)
    mean = np.nansum(sizes, axis=-1) / np.maximum(number, 1)
    squares = np.nansum((sizes - mean[..., None]) ** 2, axis=-1)
    variance = squares / np.maximum(number - ddof, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(number > 1, variance / mean**2, 0.0))


def demand_pattern(
    interval: ArrayLike,
    cv2: ArrayLike,
    longest_interval: float = LONGEST_INTERVAL,
    largest_cv2: float = LARGEST_CV2,
) -> NDArray[np.object_]:
    """
    Classify parts by the interval between demands and the variation of their size.

    Parameters
    ----------
    interval : array_like of float
        Average interval [periods]; infinite without demand.
    cv2 : array_like of float
        Squared coefficient of variation of the sizes.
    longest_interval, largest_cv2 : float
        Cut values; a value at the cut is on the regular side.

    Returns
    -------
    ndarray of str
        ``smooth``, ``erratic`` (sizes vary), ``intermittent`` (long intervals), ``lumpy`` (both);
        ``none`` without demand.

    References
    ----------
    .. [1] A. A. Syntetos, J. E. Boylan and J. D. Croston, On the categorization of demand
       patterns, Journal of the Operational Research Society 56 (2005) 495-503.

    Examples
    --------
    >>> list(demand_pattern([1.0, 1.2, 3.0, 3.0, np.inf], [0.1, 0.9, 0.2, 1.5, 0.0]))
    ['smooth', 'erratic', 'intermittent', 'lumpy', 'none']
    """
    p, v = np.broadcast_arrays(np.asarray(interval, float), np.asarray(cv2, float))
    number = 1 + (v > largest_cv2) + 2 * (p > longest_interval)
    return np.asarray(np.array(PATTERNS, object)[np.where(np.isfinite(p), number, 0)])


def sba_beats_croston(interval: ArrayLike, cv2: ArrayLike) -> NDArray[np.bool_]:
    """
    Tell where the Syntetos-Boylan approximation has the lesser mean squared error.

    Parameters
    ----------
    interval, cv2 : array_like of float
        As for `demand_pattern`.

    Returns
    -------
    ndarray of bool
        Whether cv2 > 2 - 3/2 interval.

    Notes
    -----
    The straight line for which the two cut values of `demand_pattern` are a stand-in.

    References
    ----------
    .. [1] A. V. Kostenko and R. J. Hyndman, A note on the categorization of demand patterns,
       Journal of the Operational Research Society 57 (2006) 1256-1257.

    Examples
    --------
    >>> [bool(x) for x in sba_beats_croston([1.0, 1.0, 1.4], [0.4, 0.6, 0.0])]
    [False, True, True]
    """
    p, v = np.broadcast_arrays(np.asarray(interval, float), np.asarray(cv2, float))
    return np.asarray(v > 2 - 1.5 * p)


def _first(values: Floats) -> Floats:
    """Give the first value along the last axis, 0 where there is none."""
    place = np.argmax(np.isfinite(values), axis=-1)
    return np.nan_to_num(np.take_along_axis(values, place[..., None], axis=-1)[..., 0])

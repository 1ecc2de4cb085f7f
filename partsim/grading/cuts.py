"""Where the grades begin on the scale of the scores: by shares, or at least cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDING = 1e-12
"""Scores are sums of products: a part that stands exactly on a cut must not fall below it."""


def place(scores: ArrayLike, cuts: Sequence[float]) -> Ints:
    """
    Put parts into grades by the cuts.

    Parameters
    ----------
    scores : array_like of float, shape (part,)
        Greater is stricter.
    cuts : sequence of float, falling
        Least score of each grade but the last.

    Returns
    -------
    ndarray of int, shape (part,)
        0 for the first grade.

    Examples
    --------
    >>> place([0.7, 0.6, 0.59, 0.1], [0.6, 0.3]).tolist()
    [0, 0, 1, 2]
    """
    below = np.asarray(scores, dtype=np.float64)[:, None] + ROUNDING < np.asarray(cuts)
    return np.asarray(below.sum(axis=1), dtype=np.int64)


def cuts_by_shares(scores: ArrayLike, shares: Sequence[float], weights: ArrayLike) -> list[float]:
    """
    Set the cuts so that each grade has a share of the parts, or of their value.

    Parts are taken from the greatest score on, and one belongs to a grade if less than the
    grade's share, and those of the grades before it, was taken before it. Parts with the same
    score are never set apart: the group goes where its first part goes.

    Parameters
    ----------
    scores : array_like of float, shape (part,)
        Greater is stricter.
    shares : sequence of float
        Of each grade but the last, 0 to 1, summing to at most 1.
    weights : array_like of float, shape (part,)
        What the shares are of: ones for the number of parts, their value for Pareto cuts; if
        all are 0, parts are counted.

    Returns
    -------
    list of float
        The cuts: the least score of each grade, infinite for a grade without parts.

    Examples
    --------
    >>> cuts_by_shares([0.9, 0.5, 0.4, 0.1], [0.25, 0.5], np.ones(4))
    [0.9, 0.4]
    >>> cuts_by_shares([80, 15, 4, 1], [0.8, 0.15], [80, 15, 4, 1])
    [80.0, 15.0]
    """
    values, group = np.unique(-np.asarray(scores, dtype=np.float64), return_inverse=True)
    weight = np.asarray(weights, dtype=np.float64)
    total = np.bincount(group, weights=weight if weight.any() else np.ones_like(weight))
    before = (np.cumsum(total) - total) / total.sum()
    cuts, start = [], 0
    for share in np.cumsum(shares):
        stop = int(np.searchsorted(before, share - ROUNDING))
        start = max(start, stop)
        cuts.append(float(-values[start - 1]) if stop else np.inf)
    return cuts


def cheapest_cuts(scores: ArrayLike, costs: ArrayLike) -> list[float]:
    """
    Set the cuts so that the parts' costs in their grades sum to the least.

    Exact, by dynamic programming over the parts in the order of their scores: the grades come
    one after another, so that the best way to the n-th part in grade g extends the best way to
    the part before it in g or a grade before. Parts with the same score stay together.

    Parameters
    ----------
    scores : array_like of float, shape (part,)
        Greater is stricter.
    costs : array_like of float, shape (part, grade)
        What each part costs in each grade [money per year].

    Returns
    -------
    list of float
        The cuts: the least score of each grade but the last, infinite for a grade without parts
        before the others.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> cheapest_cuts([3, 2, 1], [[1, 9], [2, 3], [9, 1]])
    [2.0]
    """
    cost = np.asarray(costs, dtype=np.float64)
    values, group = np.unique(-np.asarray(scores, dtype=np.float64), return_inverse=True)
    if cost.ndim != 2 or len(cost) != len(group) or not cost.size:
        raise ValueError(f"costs: expected shape ({len(group)}, grade), got {cost.shape}")
    grades = cost.shape[1]
    table = np.zeros((len(values), grades))
    np.add.at(table, group, cost)
    best, came = np.zeros(grades), np.empty((len(values), grades), dtype=np.int64)
    for n, row in enumerate(table):
        for g in range(grades):  # the first of equals: the stricter grade ends as late as it can
            came[n, g] = int(np.argmin(best[: g + 1]))
        best = best[came[n]] + row
    grade = np.empty(len(values), dtype=np.int64)
    g = int(np.argmin(best))
    for n in range(len(values) - 1, -1, -1):
        grade[n], g = g, came[n, g]
    ends = np.searchsorted(grade, np.arange(grades - 1), side="right")
    return [float(-values[end - 1]) if end else np.inf for end in ends]

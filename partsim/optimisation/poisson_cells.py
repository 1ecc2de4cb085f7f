"""
Poisson backorders and late calls of many cells, in plain numpy, by groups of equal levels.

This is the check of what compiled searches choose, and shares no code with them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partsim.analytic import exact_counts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Groups = list[tuple[int, Ints]]
_LARGE = 500.0
"""Beyond this mean e^-mean is nearly nothing, and terms are found one by one."""


def group_levels(level: Ints) -> Groups:
    """
    Give every level above 0 with its cells, numbered as in `level.ravel()`.

    Examples
    --------
    >>> [(S, cells.tolist()) for S, cells in group_levels(np.array([[2, 0], [1, 2]]))]
    [(1, [2]), (2, [0, 3])]
    """
    cells = np.flatnonzero(level)
    levels = level.reshape(-1)[cells]
    small = levels.astype(np.int16) if levels.max(initial=0) < 2**15 else levels
    order = np.argsort(small, kind="stable")  # of short integers a sort by digits
    cuts = np.flatnonzero(np.diff(levels[order])) + 1
    return [(int(levels[same[0]]), cells[same]) for same in np.split(order, cuts) if len(same)]


def poisson_backorders(mean: Floats, groups: Groups) -> Floats:
    """
    Give E(X - S)+ to 1e-13 times the level, absolute.

    Examples
    --------
    >>> poisson_backorders(np.array([1.0, 1.0]), group_levels(np.array([0, 2]))).round(4)
    array([1.    , 0.1036])
    """
    owed = np.array(mean, float)
    flat, means = owed.reshape(-1), np.asarray(mean).reshape(-1)
    for S, cells in groups:
        x = means[cells]
        chance, below = np.exp(-x), np.zeros(len(x))
        for k in range(S):
            below += (S - k) * chance
            chance *= x / (k + 1)
        flat[cells] = np.maximum(x - S + below, 0.0)
        large = cells[x > _LARGE]
        flat[large] = exact_counts.backorders(means[large], means[large], S)
    return owed


def reached(mean: Floats, groups: Groups) -> Floats:
    """
    Give P(X >= S) for positive means and 0 for a mean of 0, even at S = 0.

    It is the share of calls that wait longer than a window, X being the demand in what of the lead
    time is left then; without such time no call waits longer.

    Examples
    --------
    >>> reached(np.array([0.0, 1.0, 1.0]), group_levels(np.array([0, 0, 1]))).round(4)
    array([0.    , 1.    , 0.6321])
    """
    share = (mean > 0).astype(float)
    flat, means = share.reshape(-1), np.asarray(mean).reshape(-1)
    for S, cells in groups:
        x = means[cells]
        chance = np.exp(-x)
        below = chance.copy()
        for k in range(1, S):
            chance *= x / k
            below += chance
        flat[cells] = np.maximum(1 - below, 0.0)
        large = cells[x > _LARGE]
        flat[large] = exact_counts.tail(means[large], means[large], S - 1)
    return share

"""Field depots under a central one, compiled: the exact law of many cells, level by level."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from partsim.kernels.compiling import compiled
from partsim.kernels.counts import fit, probability
from partsim.kernels.two_echelon import backorder_law, split_law

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LARGE = 650.0
"""Beyond this mean e^-mean is no longer a place to start a recursion from."""


@compiled
def fill_tables(
    central_demand: Floats,
    central_level: Floats,
    share: Floats,
    moving: Floats,
    start: Ints,
    owed: Floats,
    ready: Floats,
) -> None:
    """
    Fill backorders and fill rates of cells for all their levels from 0 up.

    Parameters
    ----------
    central_demand, central_level, share, moving : ndarray of float, shape (cell,)
        As the first arguments of `two_echelon_exact`. Neighbours of one central demand and level
        share the work for it.
    start : ndarray of int, shape (cell + 1,)
        First entry of each cell, that of level 0.
    owed, ready : ndarray of float, shape (entry,)
        Written: expected backorders, and the share of demand met at once.

    Examples
    --------
    >>> one, owed, ready = np.ones(1), np.empty(3), np.empty(3)
    >>> fill_tables(4 * one, 2 * one, one / 2, one, np.array([0, 3]), owed, ready)
    >>> owed.round(4)
    array([2.0549, 1.2069, 0.6187])
    """
    most = 0
    for i in range(len(share)):
        most = max(most, start[i + 1] - start[i])
    mine, binomial, at_centre = np.empty(most), np.empty(most), np.empty(0)
    central = none = 0.0
    for i in range(len(share)):
        if (
            i == 0
            or central_demand[i] != central_demand[i - 1]
            or central_level[i] != central_level[i - 1]
        ):
            central, at_centre = backorder_law(central_demand[i], central_level[i])
            none = 1 - at_centre.sum()
        first, levels = start[i], start[i + 1] - start[i]
        split_law(at_centre, none, share[i], mine[:levels], binomial)
        _add_moving(mine[:levels], moving[i], ready[first : start[i + 1]])
        owed[first] = moving[i] + share[i] * central
        for s in range(1, levels):
            left = owed[first + s - 1] - 1 + ready[first + s]
            owed[first + s] = max(left, 0.0)


@compiled
def _add_moving(mine: Floats, moving: float, ready: Floats) -> None:
    """Fill P(X < S) of the sum of what is owed at the centre and what is moving."""
    law = fit(moving, moving)
    for s in range(len(ready)):
        ready[s] = 0.0
    p = math.exp(-moving)
    for j in range(len(ready) - 1):
        if moving > _LARGE:
            p = probability(moving, law, j)
        for k in range(len(ready) - 1 - j):
            ready[j + k + 1] += p * mine[k]
        p *= moving / (j + 1)
    for s in range(1, len(ready)):
        ready[s] = min(ready[s] + ready[s - 1], 1.0)

"""Three and more echelons: METRIC, VARI-METRIC and the exact law, depot by depot down the tree."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import non_negative, together, whole
from partsim.analytic.depot_measures import DepotMeasures, measures_of_law, measures_of_moments
from partsim.analytic.exact_two_echelon import (
    add_counts,
    poisson_law,
    split_backorders,
    table_end,
)
from partsim.analytic.two_echelon import metric, vari_metric

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def tree_metric(
    rate: ArrayLike, resupply_time: ArrayLike, level: ArrayLike, supplied_by: ArrayLike
) -> DepotMeasures:
    """
    Evaluate every depot of a supply tree by METRIC, one-for-one orders.

    Parameters
    ----------
    rate : array_like of float, shape (..., depot)
        Poisson demand of each depot's own customers [units per day], zero or more.
    resupply_time : array_like of float, shape (..., depot)
        Transport time from the depot that supplies it, or the suppliers' lead time [days], zero
        or more.
    level : array_like of int, shape (..., depot)
        Base stock levels [units], zero or more.
    supplied_by : array_like of int, shape (depot,)
        Index of the depot that supplies each, -1 for suppliers; any order, any number of trees.

    Returns
    -------
    DepotMeasures
        Of every depot, shape (..., depot); demand is that of all customers below it.

    Raises
    ------
    ValueError
        If a number is out of range or NaN, shapes do not broadcast, or `supplied_by` is no tree.

    Notes
    -----
    Means are exact at the first two echelons. On a grid of 81 trees of three echelons (regions of
    4 and 2 equal field depots, central demand 3 to 64, stocks from 1 deviation below the mean to
    1 above, field stocks to 2 above) the mean units in resupply of field depots are up to 14 %
    too low; their backorders of 0.01 or more are up to 66 % too low in 95 % of the cells (worst
    82 %), the sum over the grid 22 %.

    References
    ----------
    See `partsim.analytic.two_echelon.metric`; each echelon hands its mean delay to the next.

    Examples
    --------
    >>> tree_metric([0.0, 0.1, 0.1], [20, 4, 4], [3, 1, 1], [-1, 0, 0]).expected_backorders.round(4)
    array([1.348 , 0.4156, 0.4156])
    """
    tree = _tree(rate, resupply_time, level, supplied_by)
    mean = np.zeros(tree.level.shape)
    for j, parent in tree.downwards:
        owed: Floats | float = 0.0
        if parent >= 0:
            above, S = mean[..., parent], tree.level[..., parent]
            owed = measures_of_moments(above, above, S).expected_backorders
        mean[..., j], _ = metric(tree.moving[..., j], tree.share[..., j], owed)
    return measures_of_moments(mean, mean, tree.level)


def tree_vari_metric(
    rate: ArrayLike, resupply_time: ArrayLike, level: ArrayLike, supplied_by: ArrayLike
) -> DepotMeasures:
    """
    Evaluate every depot of a supply tree by VARI-METRIC, one-for-one orders.

    Parameters
    ----------
    rate, resupply_time, level, supplied_by : array_like
        As in `tree_metric`.

    Returns
    -------
    DepotMeasures
        Of every depot, shape (..., depot).

    Raises
    ------
    ValueError
        If a number is out of range or NaN, shapes do not broadcast, or `supplied_by` is no tree.

    Notes
    -----
    Moments of the second echelon are exact; from the third on they follow from backorders of
    fitted laws. On the grid of `tree_metric` the means are within 0.8 %, the backorders of 95 %
    of the cells within 7.5 % (worst 15 %), and the sum over the grid is 0.1 % too low.

    References
    ----------
    See `partsim.analytic.two_echelon.vari_metric`.

    Examples
    --------
    >>> depots = [0.0, 0.1, 0.1], [20, 4, 4], [3, 1, 1], [-1, 0, 0]
    >>> tree_vari_metric(*depots).expected_backorders.round(4)
    array([1.348 , 0.4629, 0.4629])
    """
    tree = _tree(rate, resupply_time, level, supplied_by)
    mean, variance = np.zeros((2, *tree.level.shape))
    for j, parent in tree.downwards:
        owed: Floats | float = 0.0
        spread: Floats | float = 0.0
        if parent >= 0:
            S = tree.level[..., parent]
            above = measures_of_moments(mean[..., parent], variance[..., parent], S)
            owed, spread = above.expected_backorders, above.backorder_variance
        mean[..., j], variance[..., j] = vari_metric(
            tree.moving[..., j], 1.0, tree.share[..., j], owed, spread
        )
    return measures_of_moments(mean, variance, tree.level)


def tree_exact(
    rate: ArrayLike, resupply_time: ArrayLike, level: ArrayLike, supplied_by: ArrayLike
) -> DepotMeasures:
    """
    Evaluate every depot of a supply tree exactly, one-for-one orders.

    The argument of two echelons holds at every depot: its customers and the depots it supplies
    are marks of its demand, independent of how much of it is outstanding [1]_.

    Parameters
    ----------
    rate, resupply_time, level, supplied_by : array_like
        As in `tree_metric`.

    Returns
    -------
    DepotMeasures
        Of every depot, shape (..., depot).

    Raises
    ------
    ValueError
        If a number is out of range or NaN, shapes do not broadcast, or `supplied_by` is no tree.

    Notes
    -----
    Exact for Poisson demand, constant transport times, first come first served, and suppliers'
    lead times that are constant or independent from order to order.

    References
    ----------
    .. [1] S. C. Graves, A multi-echelon inventory model for a repairable item with one-for-one
       replenishment, Management Science 31 (1985) 1247-1256.

    Examples
    --------
    >>> tree_exact([0.0, 0.1, 0.1], [20, 4, 4], [3, 1, 1], [-1, 0, 0]).expected_backorders.round(4)
    array([1.348 , 0.4683, 0.4683])
    """
    tree = _tree(rate, resupply_time, level, supplied_by)
    levels, means = tree.level.copy(), tree.moving.copy()
    for j, parent in tree.downwards:
        if parent >= 0:
            levels[..., j] += levels[..., parent]
            means[..., j] += means[..., parent]
    most = table_end(levels, means)
    law = np.zeros((*tree.level.shape, most + 1))
    for j, parent in tree.downwards:
        law[..., j, :] = poisson_law(tree.moving[..., j], most)
        if parent >= 0:
            above, S = law[..., parent, :], tree.level[..., parent]
            mine = split_backorders(above, S, tree.share[..., j])
            law[..., j, :] = add_counts(mine, law[..., j, :])
    return measures_of_law(law, tree.level)


class _Tree(NamedTuple):
    """A supply tree: demand on the way to each depot, share of the depot above, levels."""

    moving: Floats
    share: Floats
    level: Ints
    downwards: list[tuple[int, int]]  # (depot, depot that supplies it), from the roots down


def _tree(
    rate: ArrayLike, resupply_time: ArrayLike, level: ArrayLike, supplied_by: ArrayLike
) -> _Tree:
    parents = whole("supplied_by", supplied_by, -1).astype(np.int64)
    own, time, S, _ = together(
        rate=non_negative("rate", rate),
        resupply_time=non_negative("resupply_time", resupply_time),
        level=whole("level", level, 0),
        supplied_by=parents.astype(float),
    )
    if parents.ndim != 1 or own.shape[-1] != parents.size:
        got = f"got shapes {own.shape} and {parents.shape}"
        raise ValueError(f"supplied_by: expected one entry for each depot, {got}")
    downwards = _downwards(parents)
    total = own.copy()
    for j, parent in reversed(downwards):
        if parent >= 0:
            total[..., parent] += total[..., j]
    above = total[..., parents]
    share = np.divide(total, above, out=np.zeros(total.shape), where=(parents >= 0) & (above > 0))
    return _Tree(total * time, np.minimum(share, 1.0), S.astype(np.int64), downwards)


def _downwards(parents: Ints) -> list[tuple[int, int]]:
    """List depots with the one that supplies them, each after it."""
    found: list[tuple[int, int]] = []
    echelon = [-1]
    while echelon:
        found += (below := [(j, p) for j, p in enumerate(parents.tolist()) if p in echelon])
        echelon = [j for j, _ in below]
    if len(found) < parents.size:
        lost = sorted(set(range(parents.size)) - {j for j, _ in found})
        raise ValueError(f"supplied_by: expected a tree under -1, depots {lost} are not in it")
    return found

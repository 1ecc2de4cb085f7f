"""What a depot sees of its units in resupply: backorders and fill rate at its stock level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import non_negative, together, whole
from partsim.analytic.counts import count_table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DepotMeasures:
    """
    What depots see of their units in resupply X at base stock level S, cell by cell.

    Attributes
    ----------
    pipeline, pipeline_variance : ndarray of float
        Mean and variance of X [units, units squared].
    expected_backorders, backorder_variance : ndarray of float
        Mean and variance of (X - S)+ [units, units squared].
    fill_rate : ndarray of float
        P(X < S): share of Poisson demand met from the shelf at once.
    """

    pipeline: Floats
    pipeline_variance: Floats
    expected_backorders: Floats
    backorder_variance: Floats
    fill_rate: Floats


def measures_of_moments(mean: ArrayLike, variance: ArrayLike, level: ArrayLike) -> DepotMeasures:
    """
    Measure depots whose units in resupply follow the law that `count_table` fits.

    Parameters
    ----------
    mean, variance : array_like of float
        Of the units in resupply [units, units squared], zero or more.
    level : array_like of int
        Base stock level S [units], zero or more.

    Returns
    -------
    DepotMeasures
        Arrays of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is out of range or NaN, or shapes do not broadcast.

    Examples
    --------
    >>> measures_of_moments(1.0, 1.0, [0, 1]).expected_backorders.round(4)
    array([1.    , 0.3679])
    """
    mean, variance, level = together(
        mean=non_negative("mean", mean),
        variance=non_negative("variance", variance),
        level=whole("level", level, 0),
    )
    S = level.astype(np.int64)
    table = count_table(mean, variance, int(S.max(initial=0)))

    def at(values: Floats, column: NDArray[np.int64]) -> Floats:
        return np.asarray(np.take_along_axis(values, column[..., None], axis=-1)[..., 0])

    backorders = at(table.backorders, S)
    spread = np.maximum(at(table.squared_backorders, S) - backorders**2, 0.0)
    fill = np.where(S > 0, at(table.at_most, np.maximum(S - 1, 0)), 0.0)
    return DepotMeasures(mean.copy(), variance.copy(), backorders, spread, fill)


def measures_of_law(law: Floats, level: Ints) -> DepotMeasures:
    """
    Measure depots whose units in resupply follow a tabulated law.

    Parameters
    ----------
    law : ndarray of float, shape (..., n)
        P(X = x), without a tail worth the name beyond the table.
    level : ndarray of int, shape (...)
        Base stock level [units].

    Returns
    -------
    DepotMeasures
        Of the broadcast shape.

    Examples
    --------
    >>> float(measures_of_law(np.array([0.5, 0.3, 0.2]), np.array(1)).expected_backorders)
    0.2
    """
    x, S = np.arange(law.shape[-1]), level[..., None]
    owed = np.maximum(x - S, 0)
    mean, backorders = law @ x, (law * owed).sum(axis=-1)
    return DepotMeasures(
        pipeline=np.broadcast_to(mean, backorders.shape).copy(),
        pipeline_variance=np.broadcast_to(
            (law * (x - mean[..., None]) ** 2).sum(axis=-1), backorders.shape
        ).copy(),
        expected_backorders=backorders,
        backorder_variance=(law * (owed - backorders[..., None]) ** 2).sum(axis=-1),
        fill_rate=np.minimum((law * (x < S)).sum(axis=-1), 1.0),
    )


def measures_of_kernel(kernel: Callable[..., None], *cells: Floats) -> DepotMeasures:
    """
    Measure depots by a compiled kernel that fills the fields of `DepotMeasures`.

    Parameters
    ----------
    kernel : callable
        Takes flat arrays and an array of shape (5, cells) to fill.
    *cells : ndarray of float
        Arguments, broadcast.

    Returns
    -------
    DepotMeasures
        Of the broadcast shape.

    Examples
    --------
    >>> def no_stock(pipeline, measures):
    ...     measures[:] = pipeline
    >>> measures_of_kernel(no_stock, np.array([1.0, 2.0])).expected_backorders
    array([1., 2.])
    """
    shape, size = cells[0].shape, cells[0].size
    measures = np.empty((5, size))
    kernel(*(_flat(x) for x in cells), measures)
    return DepotMeasures(*measures.reshape(5, *shape))


def _flat(values: Floats) -> Floats:
    """Give contiguous values that nobody writes to; copied only where they are broadcast."""
    flat = np.ascontiguousarray(values).ravel()
    flat.flags.writeable = False  # of this view alone; numba warns of broadcast arrays otherwise
    return flat

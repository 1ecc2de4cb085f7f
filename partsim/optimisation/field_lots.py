"""Lots at field depots: inventory positions that vary between orders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def average_over_positions(values: Floats, lot: Ints) -> Floats:
    """
    Average what holds for each inventory position over those that base stock levels pass through.

    The position of (r,Q) is uniform on S - Q + 1, ..., S.

    Parameters
    ----------
    values : ndarray of float, shape (..., level)
        For the positions 0, 1, ...
    lot : ndarray of int, shape (...)
        Order quantities Q.

    Returns
    -------
    ndarray of float, shape (..., level)
        For S = 0, 1, ...; below Q - 1, where no plan is, over the positions from 0.

    Examples
    --------
    >>> average_over_positions(np.array([[4.0, 2.0, 0.0]]), np.array([2]))
    array([[4., 3., 1.]])
    """
    if (lot == 1).all():
        return values
    sums = np.concatenate([np.zeros_like(values[..., :1]), np.cumsum(values, axis=-1)], axis=-1)
    S = np.arange(values.shape[-1])
    first = np.maximum(S + 1 - lot[..., None], 0)
    return (sums[..., 1:] - np.take_along_axis(sums, first, axis=-1)) / (S + 1 - first)

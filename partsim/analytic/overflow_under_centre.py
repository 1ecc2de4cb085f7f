"""Overflow at a field depot: what its empty shelf and the stock of its centre have to do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from partsim.analytic.argument_checks import fraction, non_negative, together, whole
from partsim.analytic.counts import CountTable, count_table
from partsim.analytic.overflow import OverflowTable, cut_off, divided, levels_enough

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FieldOverflow:
    """
    A field depot under a centre, for levels S = 0, 1, 2, ...

    Attributes
    ----------
    table : OverflowTable
        Of the depot.
    ready : ndarray of float, shape (..., levels + 1)
        P(a unit at the centre).
    both : ndarray of float, shape (..., levels + 1)
        P(empty shelf at the depot, and a unit at the centre).
    """

    table: OverflowTable
    ready: Floats
    both: Floats


def field_overflow(
    moving: tuple[ArrayLike, ArrayLike],
    in_resupply: tuple[ArrayLike, ArrayLike],
    ready: ArrayLike,
    waits: ArrayLike,
    ready_if_empty: ArrayLike,
    most_ready: ArrayLike = 1.0,
) -> FieldOverflow:
    r"""
    Evaluate a field depot whose urgent demand goes elsewhere while its shelf is empty.

    While the centre has a unit, no order waits there and the units in resupply are those that
    move; while it has none, orders that wait are among them. The plain law is the mixture of both,
    the second with what mean and variance of all leave for it; it is cut off as in
    `overflow_table`.

    Parameters
    ----------
    moving : (array_like of float, array_like of float)
        Mean and variance of the units in transport, if all demand waited.
    in_resupply : (array_like of float, array_like of float)
        Mean and variance of all units in resupply, if all demand waited.
    ready : array_like of float
        P(a unit at the centre), if all demand waited.
    waits : array_like of float
        Share of the demand that waits for the shelf, 0 to 1.
    ready_if_empty : array_like of float, shape (..., levels + 1)
        By which factor P(a unit at the centre) falls while the shelf is empty, see
        `ready_when_empty`.
    most_ready : array_like of float
        What P(a unit at the centre) does not pass: a lot under way to the centre comes no sooner
        because less waits for it.

    Returns
    -------
    FieldOverflow
        Of the broadcast shape with an axis of levels at the end.

    Notes
    -----
    Exact with plenty of stock at the centre, and without any there if all times are independent.

    Examples
    --------
    >>> plenty = field_overflow((0.5, 0.5), (0.5, 0.5), 1.0, 0.0, np.ones(3))
    >>> np.allclose(plenty.both, plenty.table.empty), plenty.ready
    (True, array([1., 1., 1.]))
    """
    m, v, mean, variance, ready, waits = together(
        moving=non_negative("moving", moving[0]),
        moving_variance=non_negative("moving", moving[1]),
        mean=non_negative("in_resupply", in_resupply[0]),
        variance=non_negative("in_resupply", in_resupply[1]),
        ready=fraction("ready", ready),
        waits=fraction("waits", waits),
    )
    factor = np.asarray(ready_if_empty, float)
    levels, out = factor.shape[-1] - 1, 1 - ready
    mean_out = np.maximum(divided(mean - ready * m, out, m), m)
    spread = variance - ready * v - ready * out * (mean_out - m) ** 2
    variance_out = np.maximum(divided(spread, out, v), v)
    enough = max(levels_enough(mean_out, variance_out, levels), levels_enough(m, v, levels))
    here, there = count_table(m, v, enough), count_table(mean_out, variance_out, enough)
    share = ready[..., None]
    mixed = CountTable(
        *(
            share * getattr(here, name) + (1 - share) * getattr(there, name)
            for name in ("at_most", "more", "backorders", "squared_backorders")
        )
    )
    table = cut_off(mixed, ready * m + out * mean_out, waits, levels)
    moved = cut_off(here, m, waits, levels)
    most = np.asarray(most_ready, float)[..., None]
    at_centre = np.minimum(share * divided(moved.left, table.left, 1.0), most)
    both = np.minimum(at_centre * moved.empty * factor, table.empty)
    return FieldOverflow(table, at_centre, both)


def ready_when_empty(
    on_order: ArrayLike,
    central_level: ArrayLike,
    overlap: ArrayLike,
    moving: ArrayLike,
    levels: int,
) -> Floats:
    r"""
    Compute P(unit at the centre | empty shelf at the field) over P(unit at the centre).

    An empty shelf goes with many orders of the centre: a unit on its way to the field is still on
    order there with probability p. With :math:`S_0` at the centre and S at the field it is
    :math:`P(Bin(S, p) + R < S_0) / P(N < S_0)`, at most 1, with Poisson N of mean
    :math:`\Lambda L` and R of mean :math:`\Lambda L - p \lambda T`.

    Parameters
    ----------
    on_order : array_like of float
        Demand on the centre in its lead time :math:`\Lambda L` [units].
    central_level : array_like of int
        :math:`S_0` [units], zero or more.
    overlap : array_like of float
        p, as L / (L + T) of lead time and transport time, 0 to 1.
    moving : array_like of float
        Demand of the field in its transport time :math:`\lambda T` [units]; all broadcast.
    levels : int
        Largest S.

    Returns
    -------
    ndarray of float, shape (..., levels + 1)
        Above 0, at most 1; 1 without central stock, where it does not matter.

    Examples
    --------
    >>> ready_when_empty(1.0, 2, 0.8, 0.5, levels=2).round(3)
    array([1.   , 0.835, 0.286])
    """
    mean, S0, p, moves = together(
        on_order=non_negative("on_order", on_order),
        central_level=whole("central_level", central_level, 0),
        overlap=fraction("overlap", overlap),
        moving=non_negative("moving", moving),
    )
    rest = np.maximum(mean - p * moves, 0.0)
    left = S0[..., None] - np.arange(levels + 1)
    fewer = _fewer(rest[..., None], left)
    alone = _fewer(mean, S0)
    both = np.empty(fewer.shape)
    for S in range(levels + 1):
        both[..., S] = fewer[..., 0]
        fewer = (1 - p[..., None]) * fewer[..., :-1] + p[..., None] * fewer[..., 1:]
    return np.minimum(divided(both, np.broadcast_to(alone[..., None], both.shape), 1.0), 1.0)


def _fewer(mean: Floats, level: Floats) -> Floats:
    """Give P(N < level) of Poisson counts."""
    return np.where(level > 0, special.gammaincc(np.maximum(level, 1.0), mean), 0.0)

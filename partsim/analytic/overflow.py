"""Overflow: urgent demand goes elsewhere while the shelf is empty, the rest waits for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import fraction, non_negative, together, whole
from partsim.analytic.counts import CountTable, count_table
from partsim.analytic.two_echelon import CentralTable

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OverflowTable:
    """
    What a stock level does against units in resupply X, for levels S = 0, 1, 2, ...

    Attributes
    ----------
    empty : ndarray of float, shape (..., levels + 1)
        P(X >= S), the share of all demand that finds no unit; 1 for S = 0.
    backorders, squared_backorders : ndarray of float, shape (..., levels + 1)
        E[(X - S)+] and E[((X - S)+)^2] of the demand that waits [units, units squared].
    on_hand : ndarray of float, shape (..., levels + 1)
        E[(S - X)+] [units].
    left : ndarray of float, shape (..., levels + 1)
        Sum of what is left of the weights of the plain law, above 0 to 1.
    """

    empty: Floats
    backorders: Floats
    squared_backorders: Floats
    on_hand: Floats
    left: Floats


def overflow_table(
    mean: ArrayLike, variance: ArrayLike, waits: ArrayLike, levels: int
) -> OverflowTable:
    r"""
    Tabulate stock levels where only a share of the demand waits while the shelf is empty.

    With no unit on the shelf, X >= S, only the share w of the demand is ordered; the rest is
    filled from elsewhere and leaves no trace. Units in resupply with arrivals that depend on their
    number keep the weights of the plain law p, by the arrivals that are left [1]_:
    :math:`\pi(x) \propto p(x) w^{(x - S)^+}`, whatever the lead time distribution. With w = 0 it
    is Erlang's loss, with w = 1 the plain law.

    Parameters
    ----------
    mean, variance : array_like of float
        Units in resupply if all demand waited; the law is that of `count_table`.
    waits : array_like of float
        Share w of the demand that waits for the shelf, 0 to 1; all broadcast.
    levels : int
        Largest level S, zero or more.

    Returns
    -------
    OverflowTable
        Arrays of the broadcast shape with an axis of ``levels + 1`` levels at the end.

    Raises
    ------
    ValueError
        If a number is out of range or not a number, or shapes do not broadcast.

    Notes
    -----
    Exact for Poisson demand and independent lead times. The tables are summed to `levels` and at
    least 10 standard deviations above the mean, and go on as a geometric law. Where the weights are
    too small for a number, below 1e-290, all demand is taken to find an empty shelf.

    References
    ----------
    .. [1] F. P. Kelly, Reversibility and Stochastic Networks, Wiley, 1979, ch. 3: symmetric
       queues, servers without limit among them, do not depend on the law of the service.

    Examples
    --------
    >>> from partsim.analytic.emergency_supply import erlang_loss_table
    >>> overflow_table(2.0, 2.0, 0.0, levels=2).empty.round(4), erlang_loss_table(2.0, 2).round(4)
    (array([1.    , 0.6667, 0.4   ]), array([1.    , 0.6667, 0.4   ]))
    """
    mean, variance, waits = together(
        mean=non_negative("mean", mean),
        variance=non_negative("variance", variance),
        waits=fraction("waits", waits),
    )
    whole("levels", levels, 0)
    plain = count_table(mean, variance, levels_enough(mean, variance, levels))
    return cut_off(plain, mean, waits, levels)


def cut_off(plain: CountTable, mean: Floats, waits: Floats, levels: int) -> OverflowTable:
    """Cut a law off at every level, by the share of the demand that waits."""
    below = _below(plain)
    tail, owed, squares = _tails(plain.at_most - below, waits)
    all_wait = (waits == 1)[..., None]
    left = np.where(all_wait, 1.0, below + tail)
    level = np.arange(below.shape[-1])
    on_hand = np.maximum(level - mean[..., None] + plain.backorders, 0.0)
    lacking = np.maximum((waits * mean)[..., None] - level, 0.0)
    tables = (
        np.where(all_wait, 1 - below, divided(tail, left, 1.0)),
        np.where(all_wait, plain.backorders, divided(owed, left, lacking)),
        np.where(all_wait, plain.squared_backorders, divided(squares, left, lacking**2)),
        divided(on_hand, left, 0.0),
        left,
    )
    return OverflowTable(*(table[..., : levels + 1] for table in tables))


def _below(plain: CountTable) -> Floats:
    """Give P(X < S)."""
    return np.concatenate([np.zeros((*plain.at_most.shape[:-1], 1)), plain.at_most[..., :-1]], -1)


def divided(above: Floats, below: Floats, otherwise: Floats | float) -> Floats:
    """Divide; what stands for it where the divisor is next to nothing."""
    out = np.broadcast_to(np.asarray(otherwise, float), above.shape).copy()
    return np.divide(above, below, out=out, where=below > 1e-290)


def levels_enough(mean: Floats, variance: Floats, levels: int) -> int:
    """Give levels beyond which hardly anything is under way."""
    top = np.max(mean + 10 * np.sqrt(np.maximum(variance, mean)) + 4, initial=0.0)
    return max(levels, int(np.ceil(top)), 1)


def _tails(p: Floats, waits: Floats) -> tuple[Floats, Floats, Floats]:
    """Sum w^(x - S) p(x), times x - S, and times its square, over x >= S, for every S."""
    tail, owed, squares = np.empty(p.shape), np.empty(p.shape), np.empty(p.shape)
    sums = _beyond(p, waits)
    for S in reversed(range(p.shape[-1])):
        zeroth, first, second = waits * sums
        sums = np.stack([p[..., S] + zeroth, first + zeroth, second + 2 * first + zeroth])
        tail[..., S], owed[..., S], squares[..., S] = sums
    return tail, owed, squares


def _beyond(p: Floats, waits: Floats) -> Floats:
    """Give the sums from the end of the table on, where the law falls as a geometric one."""
    last = p[..., -1]
    ratio = np.minimum(divided(last, p[..., -2], 0.0), 1.0)
    falls = np.minimum(waits * ratio, 0.999)
    sums = np.stack([np.ones_like(falls), falls, falls * (1 + falls)])
    return np.asarray(
        last * ratio * sums / (1 - falls) ** np.arange(1, 4).reshape(3, *[1] * p[..., 0].ndim)
    )


def overflow_later(
    now: OverflowTable,
    mean_now: ArrayLike,
    moments: tuple[ArrayLike, ArrayLike],
    waits: ArrayLike,
) -> OverflowTable:
    r"""
    Tabulate how many of the units in resupply are still to come after a lag.

    A demand that waits has its unit within the lag if fewer than S of them are. Given all units X,
    those still to come, Y, are split off at random. For Poisson weights the others add the factor
    :math:`E[w^{X - Y}] = e^{-(1 - w)(EX - EY)}` to the weights :math:`p_Y(y) w^{y - S}` of y >= S.

    Parameters
    ----------
    now : OverflowTable
        Without a lag.
    mean_now : array_like of float
        Mean of the plain law of X [units].
    moments : (array_like of float, array_like of float)
        Mean and variance of the plain law of Y [units, units squared].
    waits : array_like of float
        Share w of the demand that waits for the shelf, 0 to 1; all broadcast.

    Returns
    -------
    OverflowTable
        With the levels of `now`. Its on_hand is that of the plain law.

    Notes
    -----
    Exact for Poisson demand and independent lead times.

    Examples
    --------
    >>> now = overflow_table(2.0, 2.0, 0.5, levels=2)
    >>> overflow_later(now, 2.0, (2.0, 2.0), 0.5).empty.round(4), now.empty.round(4)  # no lag
    (array([1.    , 0.7746, 0.4892]), array([1.    , 0.7746, 0.4892]))
    """
    mean_now, mean, variance, waits = together(
        mean_now=non_negative("mean_now", mean_now),
        mean=non_negative("moments", moments[0]),
        variance=non_negative("moments", moments[1]),
        waits=fraction("waits", waits),
    )
    levels = now.left.shape[-1] - 1
    later = overflow_table(mean, variance, waits, levels)
    others = np.exp(-(1 - waits) * np.maximum(mean_now - mean, 0.0))[..., None]
    factor = np.minimum(
        divided(later.left * others, np.broadcast_to(now.left, later.left.shape), 1.0), 1.0
    )
    return OverflowTable(
        np.minimum(later.empty * factor, 1.0),
        later.backorders * factor,
        later.squared_backorders * factor,
        later.on_hand,
        later.left,
    )


def overflow_central(
    mean: ArrayLike, variance: ArrayLike, waits: ArrayLike, lot: int, levels: int
) -> CentralTable:
    """
    Evaluate an (r,Q) stock point with S = r + Q where only a share of the demand waits for it.

    One-for-one it is `overflow_table`. A lot ends a shortage whatever was lost in it: shortages
    last as long as if all demand waited, and put off the next order by what went elsewhere, so
    that a share o of empty shelves becomes :math:`o / (1 + (1 - w) o)`, and what waits the share w
    of that. Of this and the average of `overflow_table` over the positions the larger is taken.

    Parameters
    ----------
    mean, variance : array_like of float, shape (..., lag)
        Demand during the lead time if all of it waited [units], the first, and during what is
        left of it after lags.
    waits : array_like of float, shape (...)
        Share of the demand that waits while the shelf is empty, 0 to 1.
    lot : int
        Order quantity Q, at least 1.
    levels : int
        Largest S.

    Returns
    -------
    CentralTable
        Arrays of shape (..., lag, levels + 1); below S = Q - 1 they are those of S = Q - 1.

    Notes
    -----
    Exact for Poisson demand, Q = 1 and independent lead times. Nothing is ordered at S = Q - 1
    where no demand waits: the shelf is empty for good.

    Examples
    --------
    >>> from partsim.analytic.two_echelon import central_table
    >>> plain = central_table([2.0], [2.0], lot=1, levels=3)
    >>> np.allclose(overflow_central([2.0], [2.0], 1.0, 1, 3).backorders, plain.backorders)
    True
    """
    mean, variance = np.asarray(mean, float), np.asarray(variance, float)
    waits = np.asarray(waits, float)[..., None]
    now = overflow_table(mean[..., :1], variance[..., :1], waits, levels)
    table = overflow_later(now, mean[..., :1], (mean, variance), waits)
    plain = count_table(mean, variance, levels)
    found = OverflowTable(
        1 - _below(plain), plain.backorders, plain.squared_backorders, table.on_hand, table.left
    )
    table = in_lots(table, found, waits, np.asarray(lot))
    owed = table.backorders
    spread = np.maximum(table.squared_backorders - owed**2, 0.0)
    return CentralTable(owed, spread, 1 - table.empty)


def in_lots(
    cut: OverflowTable, plain: OverflowTable, waits: Floats, lot: NDArray[np.int64]
) -> OverflowTable:
    """
    Average over the positions of orders in lots.

    Parameters
    ----------
    cut, plain : OverflowTable
        One-for-one: with the demand that goes elsewhere, and if all demand waited.
    waits : ndarray of float, shape (...)
        Share of the demand that waits while the shelf is empty.
    lot : ndarray of int, shape (...)
        Order quantities Q.

    Returns
    -------
    OverflowTable
        See `overflow_central`; on_hand and left are averages of those of `cut`.
    """
    if (lot == 1).all():
        return cut
    w = waits[..., None]
    names = ("empty", "backorders", "squared_backorders", "on_hand", "left")
    single = {name: _over_positions(getattr(cut, name), lot) for name in names}
    batch = {name: _over_positions(getattr(plain, name), lot) for name in names[:3]}
    longer = 1 + (1 - w) * batch["empty"][..., :1, :]
    pairs = w**2 * (batch["squared_backorders"] - batch["backorders"])
    batch["squared_backorders"] = pairs + w * batch["backorders"]
    batch["backorders"] = w * batch["backorders"]
    for name, values in batch.items():
        single[name] = np.maximum(single[name], values / longer)
    stuck = (np.arange(cut.empty.shape[-1]) < lot[..., None]) & (lot[..., None] > 1) & (w == 0)
    single["empty"] = np.where(stuck, 1.0, single["empty"])
    return OverflowTable(**single)


def _over_positions(values: Floats, lot: NDArray[np.int64]) -> Floats:
    """Average over the positions S - Q + 1, ..., S; below Q - 1, where no plan is, from 0."""
    sums = np.concatenate([np.zeros_like(values[..., :1]), np.cumsum(values, axis=-1)], axis=-1)
    S = np.arange(values.shape[-1])
    first = np.broadcast_to(np.maximum(S + 1 - lot[..., None], 0), values.shape)
    return np.asarray((sums[..., 1:] - np.take_along_axis(sums, first, axis=-1)) / (S + 1 - first))

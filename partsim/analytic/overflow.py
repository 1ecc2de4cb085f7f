"""Overflow: urgent demand goes elsewhere while the shelf is empty, the rest waits for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

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
    plain = count_table(mean, variance, _enough(mean, variance, levels))
    return _cut(plain, mean, waits, levels)


def _cut(plain: CountTable, mean: Floats, waits: Floats, levels: int) -> OverflowTable:
    """Cut a law off at every level, by the share of the demand that waits."""
    below = _below(plain)
    tail, owed, squares = _tails(plain.at_most - below, waits)
    all_wait = (waits == 1)[..., None]
    left = np.where(all_wait, 1.0, below + tail)
    level = np.arange(below.shape[-1])
    on_hand = np.maximum(level - mean[..., None] + plain.backorders, 0.0)
    lacking = np.maximum((waits * mean)[..., None] - level, 0.0)
    tables = (
        np.where(all_wait, 1 - below, _ratio(tail, left, 1.0)),
        np.where(all_wait, plain.backorders, _ratio(owed, left, lacking)),
        np.where(all_wait, plain.squared_backorders, _ratio(squares, left, lacking**2)),
        _ratio(on_hand, left, 0.0),
        left,
    )
    return OverflowTable(*(table[..., : levels + 1] for table in tables))


def _below(plain: CountTable) -> Floats:
    """Give P(X < S)."""
    return np.concatenate([np.zeros((*plain.at_most.shape[:-1], 1)), plain.at_most[..., :-1]], -1)


def _ratio(above: Floats, below: Floats, otherwise: Floats | float) -> Floats:
    """Divide; what stands for it where the divisor is next to nothing."""
    out = np.broadcast_to(np.asarray(otherwise, float), above.shape).copy()
    return np.divide(above, below, out=out, where=below > 1e-290)


def _enough(mean: Floats, variance: Floats, levels: int) -> int:
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
    ratio = np.minimum(_ratio(last, p[..., -2], 0.0), 1.0)
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
        _ratio(later.left * others, np.broadcast_to(now.left, later.left.shape), 1.0), 1.0
    )
    return OverflowTable(
        np.minimum(later.empty * factor, 1.0),
        later.backorders * factor,
        later.squared_backorders * factor,
        later.on_hand,
        later.left,
    )


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
    mean_out = np.maximum(_ratio(mean - ready * m, out, m), m)
    spread = variance - ready * v - ready * out * (mean_out - m) ** 2
    variance_out = np.maximum(_ratio(spread, out, v), v)
    enough = max(_enough(mean_out, variance_out, levels), _enough(m, v, levels))
    here, there = count_table(m, v, enough), count_table(mean_out, variance_out, enough)
    share = ready[..., None]
    mixed = CountTable(
        *(
            share * getattr(here, name) + (1 - share) * getattr(there, name)
            for name in ("at_most", "more", "backorders", "squared_backorders")
        )
    )
    table = _cut(mixed, ready * m + out * mean_out, waits, levels)
    moved = _cut(here, m, waits, levels)
    most = np.asarray(most_ready, float)[..., None]
    at_centre = np.minimum(share * _ratio(moved.left, table.left, 1.0), most)
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
    return np.minimum(_ratio(both, np.broadcast_to(alone[..., None], both.shape), 1.0), 1.0)


def _fewer(mean: Floats, level: Floats) -> Floats:
    """Give P(N < level) of Poisson counts."""
    return np.where(level > 0, special.gammaincc(np.maximum(level, 1.0), mean), 0.0)


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

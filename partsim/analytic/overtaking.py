"""Orders that may overtake each other: what they deliver to those who asked before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import non_negative
from partsim.analytic.exact_counts import probability
from partsim.analytic.order_units import units_before
from partsim.analytic.two_echelon import CentralTable
from partsim.lifetimes import Duration

Floats = NDArray[np.float64]

_LOST = 1e-16
"""Probability that the law of the orders ahead may leave out."""
_NODES = 16
"""Of the quadrature over a lag."""
_HARDLY = 1e-6
"""Excess of variance over mean up to which units are demanded one by one."""


@dataclass(frozen=True, eq=False)
class UnitsAhead:
    """
    Units that came though a demand need not have waited for them.

    Attributes
    ----------
    of_order : ndarray of float, shape (lag, n)
        Probability of 0, 1, 2, ... of them for its whole order.
    of_unit : ndarray of float, shape (lag, m)
        For one of its units, drawn at random, less the units of its order that come before that:
        probability of first, first + 1, ...
    first : int
        Zero, or below it.
    """

    of_order: Floats
    of_unit: Floats
    first: int


def orders_ahead(demand_rate: float, lot: int, lead_time: Duration, lags: ArrayLike) -> Floats:
    r"""
    Tabulate the orders that came within a lag though a demand need not have waited for them.

    They are those placed after the demand and received within the lag :math:`\tau`, Poisson with
    mean :math:`\lambda E(\tau - L)^+ / Q`, and the one placed at the demand itself, which one in Q
    does, if it is there, with probability :math:`P(L \le \tau)`. What they bring goes to whom has
    waited longest, as all receipts do.

    Parameters
    ----------
    demand_rate : float
        Poisson demand of single units :math:`\lambda` [units per day], zero or more.
    lot : int
        Order quantity Q, at least 1.
    lead_time : Duration
        L, independent from order to order.
    lags : array_like of float, shape (lag,)
        :math:`\tau` [days], zero or more.

    Returns
    -------
    ndarray of float, shape (lag, most + 1)
        P(V = k), as far as any lag has more than 1e-16 of it; none for a lag of 0.

    Raises
    ------
    ValueError
        If a rate or a lag is negative or not a number, or the lot is below 1.

    Notes
    -----
    Exact for Q = 1. Lots come more evenly, and when they come depends on the position: the mean
    is exact, the law is not.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential
    >>> orders_ahead(0.1, 1, Exponential(14.0), [0.0, 4.0])[:, :3].round(4)
    array([[1.    , 0.    , 0.    ],
           [0.7134, 0.2731, 0.0133]])
    """
    rate, tau = non_negative("demand_rate", demand_rate), non_negative("lags", lags)
    if not lot >= 1:
        raise ValueError(f"lot: expected 1 or more, got {lot}")
    # E(tau - L)+ = tau - E L + E(L - tau)+ cancels for short lags, but stays exact to rounding
    early = np.maximum(tau - lead_time.mean + lead_time.excess(tau), 0.0)
    mean = (rate / lot * early)[:, None]
    there = (1 - np.asarray(lead_time.survival(tau)))[:, None] / lot
    most = mean.max(initial=0.0)
    later = probability(mean, mean, np.arange(int(most + 12 * np.sqrt(most) + 20)))
    ahead = np.pad(later * (1 - there), ((0, 0), (0, 1)))
    ahead[:, 1:] += later * there
    needed = np.flatnonzero((ahead > _LOST).any(axis=0))
    return np.asarray(ahead[:, : needed[-1] + 1])


def units_ahead(
    demand_rate: float, ratio: float, lot: int, lead_time: Duration, lags: ArrayLike
) -> UnitsAhead:
    r"""
    Tabulate the units that came within a lag though a demand need not have waited for them.

    Demand of single units and orders in lots have `orders_ahead`. Orders of several units, by a
    Poisson process with logarithmic sizes, have units with lead times of their own: with
    :math:`F(u) = P(L \le u)`, those ordered later have the mean :math:`\lambda \int F` and
    :math:`(v - 1) \lambda \int F^2` more variance; of a demand's own order, whose size is
    geometric, one with probability F and a geometric number of mean (v - 1) F are there. With J
    before a unit and those behind it the law of what its order lacks up to it, G, has the
    generating function

    .. math:: \frac{1 - p}{p} \frac{z}{z - 1} \ln \frac{1 - p u}{1 - p u z},
       \quad u = 1 - F + F / z, \quad p = 1 - 1 / v.

    Parameters
    ----------
    demand_rate : float
        Units per day, zero or more.
    ratio : float
        Variance over mean v of the units that are demanded over any time, 1 or more.
    lot, lead_time, lags
        As in `orders_ahead`.

    Returns
    -------
    UnitsAhead
        1 - G stands for a unit's own order in `of_unit`.

    Notes
    -----
    Exact for single units, one-for-one. Of orders of several units the own one is; those later
    have the negative binomial law of mean and variance.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential
    >>> ahead = units_ahead(0.1, 3.0, 1, Exponential(14.0), [0.0, 4.0])
    >>> (ahead.of_unit @ (ahead.first + np.arange(ahead.of_unit.shape[1]))).round(4)
    array([-1.    , -0.2024])
    """
    if ratio - 1 < _HARDLY or lot > 1:
        orders = orders_ahead(demand_rate, lot, lead_time, lags)
        units = np.zeros((len(orders), lot * (orders.shape[1] - 1) + 1))
        units[:, ::lot] = orders
        before = units_before(ratio, int(_longest(ratio)))
        return UnitsAhead(units, _together(units, before[::-1]), 1 - len(before))
    tau = non_negative("lags", lags)
    there = 1 - np.asarray(lead_time.survival(tau))[:, None]
    later = _ordered_later(float(non_negative("demand_rate", demand_rate)), ratio, lead_time, tau)
    counts = np.arange(_longest(ratio))
    others = probability(
        (ratio - 1) * there, (ratio - 1) * there * (1 + (ratio - 1) * there), counts
    )
    own = np.pad(others * (1 - there), ((0, 0), (0, 1)))
    own[:, 1:] += others * there
    of_unit, first = _own_order(ratio, there)
    return UnitsAhead(_together(later, own), _together(later, of_unit), first)


def _longest(ratio: float) -> float:
    """Give so many units that one order in 1e12 has more, none for single ones."""
    return 28.0 * ratio if ratio > 1 else 0.0


def _ordered_later(rate: float, ratio: float, lead_time: Duration, tau: Floats) -> Floats:
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    there = 1 - np.asarray(lead_time.survival(tau[:, None] * (node + 1) / 2))
    half = rate * tau[:, None] / 2
    mean = half * (there @ weight)[:, None]
    variance = mean + (ratio - 1) * half * (there**2 @ weight)[:, None]
    most = float((mean + 12 * np.sqrt(variance)).max(initial=0.0)) + _longest(ratio)
    return probability(mean, variance, np.arange(int(most) + 20))


def _own_order(ratio: float, there: Floats) -> tuple[Floats, int]:
    """Give the law of 1 - G, of shape (lag, n), and its first value, by Fourier's sum."""
    size = 2 ** int(np.ceil(np.log2(2 * _longest(ratio))))
    p, z = 1 - 1 / ratio, np.exp(2j * np.pi * np.arange(1, size) / size)
    u = 1 - there + there / z
    waves = np.ones((len(there), size), dtype=complex)
    waves[:, 1:] = (1 - p) / p * z / (z - 1) * (np.log(1 - p * u) - np.log(1 - p * u * z))
    lacking = np.maximum(np.fft.fft(waves).real / size, 0.0)
    first = -(size // 2)
    return lacking[:, (1 - first - np.arange(size)) % size], first


def _together(one: Floats, other: Floats) -> Floats:
    """Give the law of the sum of two counts, lag by lag."""
    rows = np.broadcast_to(other, (len(one), other.shape[-1]))
    return np.array([np.convolve(a, b) for a, b in zip(one, rows, strict=True)])


def with_overtaking(table: CentralTable, ahead: UnitsAhead, levels: int) -> CentralTable:
    r"""
    Let units that came ahead serve a stock point's demand, level by level.

    Of X units in resupply that were ordered before a demand and are still to come after the lag,
    V no longer matter to it: what is owed before it is :math:`(X - V - S)^+`, and it has its
    own unit if :math:`X - V < S`. With the stock S + V that is the table without them.

    Parameters
    ----------
    table : CentralTable
        For orders that do not overtake, of shape (lag, n): to the largest level and as many more
        as come ahead, or until hardly anything is owed, as its last entry then stands for more.
    ahead : UnitsAhead
        V, independent of X.
    levels : int
        Largest S.

    Returns
    -------
    CentralTable
        Of shape (lag, levels + 1): mean and variance of the units owed before a demand that is
        served after the lag, and the probability that it has been served by then.

    Notes
    -----
    Exact for Poisson demand, one-for-one: `ready` is then `stock_point.wait_at_most`.

    Examples
    --------
    >>> from partsim.analytic.two_echelon import central_table
    >>> from partsim.lifetimes import Exponential
    >>> ahead = units_ahead(0.1, 1.0, 1, Exponential(14.0), [4.0])
    >>> left = 0.1 * Exponential(14.0).excess([4.0])
    >>> table = central_table(left, left, lot=1, levels=2 + ahead.of_order.shape[1] - 1)
    >>> with_overtaking(table, ahead, levels=2).ready.round(4)
    array([[0.1052, 0.4572, 0.7729]])
    """
    squares = table.backorder_variance + table.backorders**2
    owed, squares = _with_more(np.stack([table.backorders, squares]), ahead.of_order, 0, levels)
    ready = np.minimum(_with_more(table.ready, ahead.of_unit, ahead.first, levels), 1.0)
    return CentralTable(owed, np.maximum(squares - owed**2, 0.0), ready)


def _with_more(values: Floats, law: Floats, first: int, levels: int) -> Floats:
    """Average over stock of so many units more; with a stock below 0 nothing is there."""
    found = np.zeros((*values.shape[:-1], levels + 1))
    level = np.arange(levels + 1)
    for k in np.flatnonzero((law > _LOST).any(axis=0)):  # with lots most are 0
        stock = np.minimum(level + first + k, values.shape[-1] - 1)
        low = int(np.searchsorted(stock, 0))
        found[..., low:] += law[:, k, None] * values[..., stock[low:]]
    return found

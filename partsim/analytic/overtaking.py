"""Orders that may overtake each other: what they deliver to those who asked before."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import non_negative
from partsim.analytic.exact_counts import probability
from partsim.analytic.two_echelon import CentralTable
from partsim.lifetimes import Duration

Floats = NDArray[np.float64]

_LOST = 1e-16
"""Probability that the law of the orders ahead may leave out."""


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


def with_overtaking(table: CentralTable, ahead: Floats, lot: int, levels: int) -> CentralTable:
    r"""
    Let orders that came ahead serve a stock point's demand, level by level.

    Of X units in resupply that were ordered before a demand and are still to come after the lag,
    Q V no longer matter to it: what is owed before it is :math:`(X - QV - S)^+`, and it has its
    own unit if :math:`X - QV < S`. With the stock S + QV that is the table without them.

    Parameters
    ----------
    table : CentralTable
        For orders that do not overtake, of shape (lag, n): to the largest level and as many more
        as come ahead, or until hardly anything is owed, as its last entry then stands for more.
    ahead : ndarray of float, shape (lag, most + 1)
        P(V = k), independent of X: `orders_ahead`.
    lot : int
        Q [units].
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
    >>> ahead = orders_ahead(0.1, 1, Exponential(14.0), [4.0])
    >>> left = 0.1 * Exponential(14.0).excess([4.0])
    >>> table = central_table(left, left, lot=1, levels=2 + ahead.shape[1] - 1)
    >>> with_overtaking(table, ahead, lot=1, levels=2).ready.round(4)
    array([[0.1052, 0.4572, 0.7729]])
    """
    squares = table.backorder_variance + table.backorders**2
    values = np.stack([table.backorders, squares, table.ready])
    found = np.zeros((*values.shape[:2], levels + 1))
    for k, chance in enumerate(ahead.T):
        stock = np.minimum(np.arange(levels + 1) + k * lot, values.shape[-1] - 1)
        found += chance[:, None] * values[..., stock]
    owed, squares, ready = found
    return CentralTable(owed, np.maximum(squares - owed**2, 0.0), np.minimum(ready, 1.0))

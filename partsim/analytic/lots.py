"""Orders in lots whose lead times vary: the spread that one-for-one orders average out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.lifetimes import Duration

Floats = NDArray[np.float64]

_STEPS = 800
_PHASES = 32


def lot_variance(rate: float, lot: int, lead_time: Duration, lags: ArrayLike = (0.0,)) -> Floats:
    r"""
    Compute how much lots add to the variance of the units in resupply.

    All units of a lot arrive together, so their independent lead times no longer average out.
    With G(u) = P(L > u), demand rate :math:`\lambda` and lots of Q, the units that are demanded
    but not yet delivered have, given the demand, the variance
    :math:`Q \lambda \int G (1 - G) du` instead of the :math:`\lambda \int G (1 - G) du` of
    one-for-one orders. Their mean given the demand swings with the time since the last order,
    by Q^2/12 for a constant lead time and less the more it varies; the formulas of (r,Q) already
    count Q^2/12 in the uniform position (`central_table`), so the difference comes off.

    Parameters
    ----------
    rate : float
        Demand [units per day], positive.
    lot : int
        Order quantity Q, at least 1.
    lead_time : Duration
        Independent from order to order: orders may cross.
    lags : array_like of float, shape (n,)
        What is left of the lead time after each lag counts [days].

    Returns
    -------
    ndarray of float, shape (n,)
        To be added to the variance of one-for-one orders [units squared]; 0 for Q = 1 and for a
        constant lead time.

    Notes
    -----
    The swing of the mean is that of an even demand, at lag 0. Against simulation (gamma lead
    times, cv 0.35 to 0.5) backorders come out within 10 % where one-for-one variance gave a
    quarter of them.

    Examples
    --------
    >>> from partsim.lifetimes import Fixed, Gamma
    >>> lot_variance(5.0, 30, Fixed(14.0)).round(6) + 0.0
    array([0.])
    >>> lot_variance(5.0, 30, Gamma.from_cv(14.0, 0.35)).round(0)
    array([334.])
    """
    lags = np.asarray(lags, float)
    if lot == 1 or lead_time.mean == 0:
        return np.zeros(lags.shape)
    end = float(lead_time.quantile(1 - 1e-6)) * (1 + 1e-9)
    middles = (np.arange(_STEPS) + 0.5) * end / _STEPS
    waiting = lead_time.survival(middles)
    pairs = np.cumsum((waiting * (1 - waiting))[::-1])[::-1] * end / _STEPS
    beyond = np.interp(lags, np.arange(_STEPS) * end / _STEPS, pairs, right=0.0)
    # Mean outstanding against the time since the last order, at the middles of the phases.
    between = lot / rate
    since = (np.arange(_PHASES) + 0.5) / _PHASES * between
    orders = np.arange(int(end / between) + 1) * between
    outstanding = rate * since + lot * _survival_sums(lead_time, since, orders)
    # The phases are themselves a grid: measure a constant lead time on the same one.
    constant = rate * since + lot * np.sum(since[:, None] + orders < lead_time.mean, axis=1)
    swing = float(outstanding.var() - constant.var())
    return (lot - 1) * rate * beyond + swing


def _survival_sums(lead_time: Duration, since: Floats, orders: Floats) -> Floats:
    """Add up P(L > age) over the orders of each phase."""
    return np.asarray(lead_time.survival(since[:, None] + orders)).sum(axis=1)

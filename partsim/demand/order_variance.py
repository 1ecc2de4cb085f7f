"""Variance of demand in orders of several units: over any time, and of the units in resupply."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.lifetimes import Duration
from partsim.model.ordered_units import OrderedUnits

Floats = NDArray[np.float64]

_NODES = 64
"""Points of the integral over a lead time's quantiles."""


def order_ratios(orders: OrderedUnits, parents: NDArray[np.int64]) -> Floats:
    """
    Give variance over mean of the demand on each depot, with what the depots below it pass on.

    Parameters
    ----------
    orders : OrderedUnits
        Demand of the customers of each depot.
    parents : ndarray of int, shape (depot,)
        Depot that supplies each depot, -1 for suppliers.

    Returns
    -------
    ndarray of float, shape (part, depot)
        The mean of what comes together there by its rate, 1 or more; 1 without such demand.
    """
    rate = orders.rate.sum(axis=2)
    total, variance = rate.copy(), rate * orders.ratio
    own = variance.copy()
    for d, above in enumerate(parents):
        while above >= 0:
            total[:, above] += rate[:, d]
            variance[:, above] += own[:, d]
            above = parents[above]
    return np.divide(variance, total, out=np.ones_like(total), where=total > 0)


def resupply_ratio(ratio: ArrayLike, lead_time: Duration) -> Floats:
    r"""
    Compute variance over mean of the units in resupply, each of which has a lead time of its own.

    Two units of one order are both under way with the chance P(L > t) squared, so that v becomes
    :math:`1 + (v - 1) E[\min(L_1, L_2)] / E[L]`.

    Parameters
    ----------
    ratio : array_like of float
        Variance over mean v of the units demanded over any time, 1 or more.
    lead_time : Duration
        Independent from unit to unit.

    Returns
    -------
    ndarray of float
        Of the shape of `ratio`: v itself for a fixed lead time, (v + 1) / 2 for an exponential one.

    Notes
    -----
    Within 1e-4 of the ratio for gamma and exponential lead times.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential, Fixed
    >>> float(resupply_ratio(3.0, Fixed(14.0))), resupply_ratio(3.0, Exponential(14.0)).round(6)
    (3.0, np.float64(2.0))
    """
    v = np.asarray(ratio, float)
    if lead_time.mean <= 0 or (v == 1).all():
        return v.copy()
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    u = (node + 1) / 2
    shorter = float((lead_time.quantile(u) * (1 - u)) @ weight)
    return 1 + (v - 1) * min(shorter / lead_time.mean, 1.0)


def pipeline_ratios(ratio: Floats, lead_times: Sequence[Duration]) -> Floats:
    """
    Apply `resupply_ratio` to parts with a lead time each.

    Parameters
    ----------
    ratio : ndarray of float, shape (part, depot)
        Variance over mean of the demand.
    lead_times : sequence of Duration, length part
        Of the orders of each part.

    Returns
    -------
    ndarray of float, shape (part, depot)
        Of the units in resupply.
    """
    parts_of: dict[Duration, list[int]] = {}
    for p, lead_time in enumerate(lead_times):
        parts_of.setdefault(lead_time, []).append(p)
    ratios = np.empty_like(ratio)
    for lead_time, parts in parts_of.items():
        ratios[parts] = resupply_ratio(ratio[parts], lead_time)
    return ratios

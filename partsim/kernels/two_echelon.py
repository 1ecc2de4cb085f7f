"""
Two echelons, compiled: the twins of `two_echelon_vari_metric` and `two_echelon_exact`.

Cells are flat; neighbours under the same central demand and level share the work for it.
Backorders are E X - S + E(S - X)+, to 1e-14 times E X + S, absolute: nothing beyond a cell's
level is summed.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from partsim.kernels.compiling import compiled
from partsim.kernels.counts import fit, probability

Floats = NDArray[np.float64]

_SMALLEST = -700.0
_NEGLIGIBLE = 1e-17


@compiled
def fill_vari_metric(
    central_demand: Floats,
    central_level: Floats,
    share: Floats,
    transport_demand: Floats,
    level: Floats,
    measures: Floats,
) -> None:
    """
    Fill the measures of field depots by VARI-METRIC.

    Parameters
    ----------
    central_demand, central_level, share, transport_demand, level : ndarray of float, shape (cells,)
        As in `two_echelon_metric`.
    measures : ndarray of float, shape (5, cells)
        Written: the fields of `DepotMeasures` in their order.

    Examples
    --------
    >>> one, measures = np.ones(1), np.empty((5, 1))
    >>> fill_vari_metric(4 * one, 2 * one, one / 2, one, one, measures)
    >>> measures[2].round(4)
    array([1.2032])
    """
    owed = spread = 0.0
    for i in range(len(level)):
        if (
            i == 0
            or central_demand[i] != central_demand[i - 1]
            or central_level[i] != central_level[i - 1]
        ):
            at_centre = central_demand[i]
            owed, spread, _ = _at_level(at_centre, at_centre, central_level[i])
        f, moving = share[i], transport_demand[i]
        mean = moving + f * owed
        variance = moving + f * (1 - f) * owed + f * f * spread
        measures[0, i], measures[1, i] = mean, variance
        measures[2, i], measures[3, i], measures[4, i] = _at_level(mean, variance, level[i])


@compiled
def _at_level(mean: float, variance: float, level: float) -> tuple[float, float, float]:
    """Give mean and variance of the backorders and the fill rate at a base stock level."""
    if level < 1 and variance >= mean:  # most cells hold nothing
        return mean, variance, 0.0
    law = fit(mean, variance)
    _, c, d, s, log_none = law
    p = math.exp(log_none)
    ready = below = square = 0.0
    for k in range(int(level)):
        if log_none <= _SMALLEST:  # nothing to start the recursion from
            p = probability(mean, law, k)
        x = level - k
        ready += p
        below += p * x
        square += p * (x * x)
        p *= max(c * (d + s * k), 0.0) / (k + 1)
    return _backorders(mean, law[0], level, ready, below, square)


@compiled
def _backorders(
    mean: float, variance: float, level: float, ready: float, below: float, square: float
) -> tuple[float, float, float]:
    """Give mean and variance of the backorders and the fill rate from sums below the level."""
    gap = mean - level
    owed = max(gap + below, 0.0)
    spread = max(variance + gap * gap - square - owed * owed, 0.0)
    return owed, spread, min(ready, 1.0)


@compiled
def fill_exact(
    central_demand: Floats,
    central_level: Floats,
    share: Floats,
    transport_demand: Floats,
    level: Floats,
    measures: Floats,
) -> None:
    """
    Fill the measures of field depots by the exact law.

    Parameters
    ----------
    central_demand, central_level, share, transport_demand, level : ndarray of float, shape (cells,)
        As in `two_echelon_metric`.
    measures : ndarray of float, shape (5, cells)
        Written: the fields of `DepotMeasures` in their order.

    Examples
    --------
    >>> one, measures = np.ones(1), np.empty((5, 1))
    >>> fill_exact(4 * one, 2 * one, one / 2, one, one, measures)
    >>> measures[2].round(4)
    array([1.2069])
    """
    most = int(level.max()) + 1 if len(level) else 1
    mine, binomial = np.empty(most), np.empty(most)
    owing = np.empty(0)
    owed = spread = none = 0.0
    for i in range(len(level)):
        at_centre, S0 = central_demand[i], central_level[i]
        if i == 0 or at_centre != central_demand[i - 1] or central_level[i - 1] != S0:
            owed, spread, _ = _at_level(at_centre, at_centre, S0)
            owing = _owing(at_centre, S0)
            none = 1 - owing.sum()
        f, moving, S = share[i], transport_demand[i], level[i]
        mean = moving + f * owed
        variance = moving + f * (1 - f) * owed + f * f * spread
        split_law(owing, none, f, mine[: int(S)], binomial)
        ready, below, square = _convolve(mine, moving, int(S))
        measures[0, i], measures[1, i] = mean, variance
        measures[2, i], measures[3, i], measures[4, i] = _backorders(
            mean, variance, S, ready, below, square
        )


@compiled
def backorder_law(mean: float, level: float) -> tuple[float, Floats]:
    """Give mean of the backorders of a Poisson count, and the chances of 1, 2, ... of them."""
    owed, _, _ = _at_level(mean, mean, level)
    return owed, _owing(mean, level)


@compiled
def _owing(mean: float, level: float) -> Floats:
    """Give P(X = S + b) of a Poisson count for b = 1, 2, ... until the rest does not matter."""
    law = fit(mean, mean)
    k = int(level) + 1
    size = 16 + int(max(mean - level, 0.0) + 10 * math.sqrt(mean))
    owing = np.empty(size)
    p = probability(mean, law, k)
    total = 0.0
    for b in range(size):
        owing[b] = p
        total += p
        k += 1
        p *= mean / k
        if k > mean and p <= _NEGLIGIBLE * total * (1 - mean / k):
            return owing[: b + 1]
    return owing


@compiled
def split_law(owing: Floats, none: float, share: float, mine: Floats, binomial: Floats) -> None:
    """Fill the law of the depot's own among the central backorders, as far as `mine` goes."""
    n = len(mine)
    if n == 0:
        return
    rest = 1 - share
    mine[0], binomial[0] = none, 1.0
    for k in range(1, n):
        mine[k] = binomial[k] = 0.0
    for b in range(len(owing)):
        for k in range(min(b + 1, n - 1), 0, -1):
            binomial[k] = rest * binomial[k] + share * binomial[k - 1]
            mine[k] += owing[b] * binomial[k]
        binomial[0] *= rest
        mine[0] += owing[b] * binomial[0]


@compiled
def _convolve(mine: Floats, moving: float, level: int) -> tuple[float, float, float]:
    """Sum P(k), P(k) (S - k), P(k) (S - k)^2 over k < S of the sum of both counts."""
    ready = below = square = 0.0
    law = fit(moving, moving)
    p = math.exp(-moving)
    for j in range(level):
        if moving > -_SMALLEST:
            p = probability(moving, law, j)
        for k in range(level - j):
            x = float(level - j - k)
            both = p * mine[k]
            ready += both
            below += both * x
            square += both * (x * x)
        p *= moving / (j + 1)
    return ready, below, square

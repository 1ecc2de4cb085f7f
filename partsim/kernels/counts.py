"""
Counts by mean and variance, compiled: the twins of `counts.count_table` and `count_laws.sums_at`.

The laws obey p(k) = p(k-1) c (d + s (k-1)) / k, as in `partsim.analytic.count_laws`, where the
reference in plain numpy is. Arrays are flat and of float64; all sums have positive terms.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from partsim.kernels.compiling import compiled

Floats = NDArray[np.float64]
Law = tuple[float, float, float, float, float]
"""Variance, c, d, s, log P(X = 0)."""

_POISSON = 1e-9
_SMALLEST = -700.0
_VANISHING = 1e-300
_NEGLIGIBLE = 1e-17
_BLOCK = 4
_TABULATED = 256
_INVERSE = np.array([math.inf, *(1 / k for k in range(1, _TABULATED))])
_HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)


@compiled
def fit(mean: float, variance: float) -> Law:
    """
    Give variance, c, d, s and log P(X = 0) of the law that `count_laws.fit` chooses.

    Examples
    --------
    >>> fit(2.0, 2.0)
    (2.0, 2.0, 1.0, 0.0, -2.0)
    """
    beyond = variance - mean
    if mean <= 0 or abs(beyond) <= _POISSON * mean:
        return mean, mean, 1.0, 0.0, -mean
    if beyond > 0:
        r = mean * (mean / beyond)
        return variance, beyond / variance, r, 1.0, -r * math.log1p(beyond / mean)
    n = max(math.ceil(mean / (1 - variance / mean) - 1e-9), 1.0)
    rest = max(n - mean, n * 1e-300)
    logarithm = n * (math.log(rest / n) if rest < mean else math.log1p(-mean / n))
    return mean * (rest / n), mean / rest, n, -1.0, logarithm


@compiled
def fill_table(
    means: Floats,
    variances: Floats,
    at_most: Floats,
    more: Floats,
    backorders: Floats,
    squared: Floats,
) -> None:
    """
    Fill the four tables of a `CountTable`, upwards and then downwards.

    Parameters
    ----------
    means, variances : ndarray of float, shape (cells,)
        Of the counts X, zero or more.
    at_most, more, backorders, squared : ndarray of float, shape (cells, levels + 1)
        Written: P(X <= S), P(X > S), E(X - S)+, E((X - S)+)^2.

    Examples
    --------
    >>> tables = [np.empty((1, 3)) for _ in range(4)]
    >>> fill_table(np.ones(1), np.ones(1), *tables)
    >>> tables[2].round(4)
    array([[1.    , 0.3679, 0.1036]])
    """
    top = at_most.shape[1] - 1
    for i in range(len(means)):
        mean = means[i]
        law = fit(mean, variances[i])
        below, pairs_below, p = _climb(mean, law, at_most[i], more[i])
        above, owed = 1 - at_most[i, top], mean - top + below
        square = max(law[0] + (mean - top) ** 2 - pairs_below, 0.0)
        if top >= mean - 1 - max(law[1] * law[3], 0.0):  # as `count_laws.turn`
            above, owed, square = _beyond(law, top, p)
        for k in range(top, 0, -1):
            p = more[i, k]
            more[i, k], backorders[i, k], squared[i, k] = above, owed, square
            above += p
            square += 2 * owed + above
            owed += above
        more[i, 0], backorders[i, 0], squared[i, 0] = above, mean, law[0] + mean * mean


@compiled
def fill_at_most(means: Floats, variances: Floats, at_most: Floats) -> None:
    """
    Fill P(X <= k), as `counts.count_at_most`.

    Parameters
    ----------
    means, variances : ndarray of float, shape (cells,)
        Of the counts X, zero or more.
    at_most : ndarray of float, shape (cells, levels + 1)
        Written.

    Examples
    --------
    >>> table = np.empty((1, 2))
    >>> fill_at_most(np.ones(1), np.ones(1), table)
    >>> table.round(4)
    array([[0.3679, 0.7358]])
    """
    scratch = np.empty(at_most.shape[1])
    for i in range(len(means)):
        _climb(means[i], fit(means[i], variances[i]), at_most[i], scratch)


@compiled
def _climb(mean: float, law: Law, at_most: Floats, chances: Floats) -> tuple[float, float, float]:
    """Fill a row of P(X <= k) and P(X = k); at its end E(S - X)+, E((S - X)+)^2, P(X = S)."""
    _, c, d, s, log_none = law
    p = math.exp(log_none)
    at_most[0] = chances[0] = total = p
    below = pairs = 0.0
    for k in range(1, len(at_most)):
        if log_none > _SMALLEST:
            p *= max(c * (d + s * (k - 1)), 0.0) * (_INVERSE[k] if k < _TABULATED else 1 / k)
            if p < _VANISHING:  # denormal numbers are slow
                p = 0.0
        else:
            p = probability(mean, law, k)
        # What is left below a level grows by all that has been summed so far.
        pairs += 2 * below + total
        below += total
        total += p
        at_most[k] = min(total, 1.0)
        chances[k] = p
    return below, pairs, p


@compiled
def _matters(p: float, x: float, share: float, rest: float) -> bool:
    """Say whether terms from p (x + 1)^2 on, a geometric sum at most, still change the sums."""
    return p > _VANISHING and (rest <= 0 or 2 * p * (x + 1) ** 2 > _NEGLIGIBLE * share * rest**3)


@compiled
def _beyond(law: Law, level: int, p: float) -> tuple[float, float, float]:
    """Give P(X > S), E(X - S)+ and its square's mean from P(X = S), S at the mean or above."""
    _, c, d, s, _ = law
    above = owed = square = 0.0
    k, rest = level, 0.0
    while p > _VANISHING and (
        rest <= 0 or 2 * p * (k - level + 2) ** 2 > _NEGLIGIBLE * above * rest**3
    ):
        for _ in range(_BLOCK):
            k += 1
            step = max(c * (d + s * (k - 1)), 0.0) * (_INVERSE[k] if k < _TABULATED else 1 / k)
            p *= step
            x = float(k - level)
            above += p
            owed += p * x
            square += p * (x * x)
        rest = 1 - max(step, c if s > 0 else 0.0)
    return above, owed, square


@compiled
def fill_sums(
    means: Floats, variances: Floats, levels: Floats, low: NDArray[np.bool_], sums: Floats
) -> None:
    """
    Fill the sums of `count_laws.sums_at`.

    Parameters
    ----------
    means, variances, levels : ndarray of float, shape (cells,)
        Of the counts X; levels S.
    low : ndarray of bool, shape (cells,)
        Cells that are summed over k <= S, the others over k > S.
    sums : ndarray of float, shape (3, cells)
        Written: E[1], E[x] and E[x (x - 1)] of the distance x from S on that side.

    Examples
    --------
    >>> sums = np.empty((3, 1))
    >>> fill_sums(np.ones(1), np.ones(1), np.ones(1), np.array([False]), sums)
    >>> sums[:, 0].round(4)  # P(X > 1), E(X - 1)+
    array([0.2642, 0.3679, 0.2642])
    """
    for i in range(len(means)):
        mean, S = means[i], levels[i]
        law = fit(mean, variances[i])
        if low[i]:
            p = probability(mean, law, S)
            sums[0, i], sums[1, i], sums[2, i] = _sum_down(law, S, p)
        else:
            k = max(S, -1.0) + 1
            p = probability(mean, law, k)
            sums[0, i], sums[1, i], sums[2, i] = _sum_up(law, k, k - S, p)


@compiled
def fill_levels(means: Floats, variances: Floats, shares: Floats, levels: Floats) -> None:
    """
    Fill the least levels S with P(X > S) at most the given share.

    Parameters
    ----------
    means, variances : ndarray of float, shape (cells,)
        Of the counts X, zero or more.
    shares : ndarray of float, shape (cells,)
        Above 0, below 1.
    levels : ndarray of float, shape (cells,)
        Written.

    Examples
    --------
    >>> levels = np.empty(2)
    >>> fill_levels(np.full(2, 6.0), np.full(2, 6.0), np.array([0.5, 0.01]), levels)
    >>> levels
    array([ 6., 12.])
    """
    for i in range(len(means)):
        law = fit(means[i], variances[i])
        _, c, d, s, _ = law
        k = math.floor(means[i])
        p = probability(means[i], law, k)
        rest = 0.0
        while p > _VANISHING and (rest <= 0 or p > _NEGLIGIBLE * shares[i] * rest):
            k += 1
            ratio = max(c * (d + s * (k - 1)), 0.0) / k
            p *= ratio
            rest = 1 - max(ratio, c if s > 0 else 0.0)
        if p <= _VANISHING and k > 0:  # past the last count of a binomial
            k -= 1
            p = probability(means[i], law, k)
        above = p
        while k > 0 and above <= shares[i]:
            p *= k / (c * (d + s * (k - 1)))
            k -= 1
            above += p
        levels[i] = k


@compiled
def _sum_up(law: Law, k: float, x: float, p: float) -> tuple[float, float, float]:
    """Sum p(k), p(k) x, p(k) x (x - 1) over k, k + 1, ...; x grows with k."""
    _, c, d, s, _ = law
    share = distance = pairs = 0.0
    rest = 0.0
    while _matters(p, x, share, rest):
        for _ in range(_BLOCK):
            share += p
            distance += p * x
            pairs += p * (x * (x - 1))
            k, x = k + 1, x + 1
            ratio = max(c * (d + s * (k - 1)), 0.0) / k
            p *= ratio
        rest = 1 - max(ratio, c if s > 0 else 0.0)
    return share, distance, pairs


@compiled
def _sum_down(law: Law, k: float, p: float) -> tuple[float, float, float]:
    """Sum p(k), p(k) x, p(k) x (x - 1) over k, k - 1, ...; x grows from 0."""
    _, c, d, s, _ = law
    share = distance = pairs = x = 0.0
    rest = 0.0
    while _matters(p, x, share, rest):
        for _ in range(_BLOCK):
            share += p
            distance += p * x
            pairs += p * (x * (x - 1))
            step = c * (d + s * (k - 1))
            ratio = k / step if k > 0 and step > 0 else 0.0
            p *= ratio
            k, x = k - 1, x + 1
        rest = 1 - ratio
    return share, distance, pairs


@compiled
def probability(mean: float, law: Law, k: float) -> float:
    """Give P(X = k) by Loader's saddle-point form."""
    variance, c, d, s, log_none = law
    if k < 0 or (s < 0 and k > d):
        return 0.0
    if k == 0:
        return math.exp(log_none)
    if s == 0:
        spread = -_stirling_error(k) - _deviance(k, mean)
        return math.exp(spread) / math.sqrt(2 * math.pi * k)
    if s > 0:
        n = k + d
        spread = _stirling_error(n) - _stirling_error(d) - _stirling_error(k)
        spread -= _deviance(d, n * (mean / variance)) + _deviance(k, n * c)
        return math.exp(spread) * math.sqrt(d / n / (2 * math.pi * k))
    rest = d - mean
    if k == d:
        return math.exp(d * (math.log(mean / d) if mean < rest else math.log1p(-rest / d)))
    spread = _stirling_error(d) - _stirling_error(k) - _stirling_error(d - k)
    spread -= _deviance(k, mean) + _deviance(d - k, rest)
    return math.exp(spread) * math.sqrt(d / (2 * math.pi * k * (d - k)))


@compiled
def _stirling_error(x: float) -> float:
    """Give log Gamma(x + 1) less Stirling's formula for it, x > 0."""
    if x < 16:
        return math.lgamma(x + 1) - (x + 0.5) * math.log(x) + x - _HALF_LOG_TWO_PI
    z = 1 / x**2
    series = 1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * 691 / 360360))
    return (1 / 12 - z * (1 / 360 - z * series)) / x


@compiled
def _deviance(x: float, mean: float) -> float:
    """Give x log(x / mean) + mean - x without cancellation, x > 0."""
    v = (x - mean) / (x + mean)
    if abs(v) >= 0.1:
        return x * math.log(x / mean) + mean - x
    w, series = v * v, 0.0
    for j in range(10, 0, -1):
        series = (series + 1 / (2 * j + 1)) * w
    return (x - mean) * v + 2 * x * v * series

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
_NOTHING = 1e-290
_VANISHING = 1e-300
_NEGLIGIBLE = 1e-17
_BLOCK = 8
_HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)

_LANES = 32
"""Neighbouring cells of a table that go level by level together, several to a machine vector."""

_MEAN, _VARIANCE, _C, _D, _S = range(0, 5 * _LANES, _LANES)
_CHANCE, _AT_MOST, _MORE, _OWED, _SQUARE = range(0, 5 * _LANES, _LANES)
_ROW = 5 * _LANES + 8
"""
Places in a row of laws, or of a sheet with a row for each level: distances known when compiled make
loops over lanes vector instructions; eight more numbers keep rows apart in the cache.
"""


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
    if mean < _NOTHING:
        return 0.0, 0.0, 1.0, 0.0, 0.0
    if abs(beyond) <= _POISSON * mean:
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
    laws = np.zeros(5 * _LANES)
    sheet = np.zeros((top + 1, _ROW))
    for start in range(0, len(means), _LANES):
        cells = slice(start, start + _LANES)
        _climb(means[cells], variances[cells], laws, sheet)
        _turn(laws, sheet[top], top)
        _beyond(laws, sheet[top], top)
        _descend(laws, sheet)
        _store(sheet, _AT_MOST, at_most[cells])
        _store(sheet, _MORE, more[cells])
        _store(sheet, _OWED, backorders[cells])
        _store(sheet, _SQUARE, squared[cells])


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
    laws = np.zeros(5 * _LANES)
    sheet = np.zeros((at_most.shape[1], _ROW))
    for start in range(0, len(means), _LANES):
        cells = slice(start, start + _LANES)
        _climb(means[cells], variances[cells], laws, sheet)
        _store(sheet, _AT_MOST, at_most[cells])


@compiled
def _climb(means: Floats, variances: Floats, laws: Floats, sheet: Floats) -> None:
    """Fit the laws of some lanes; sum P(X = k) upwards, and what is left below each level."""
    for i in range(len(means)):
        law = fit(means[i], variances[i])
        laws[i + _MEAN] = means[i]
        laws[i + _VARIANCE], laws[i + _C], laws[i + _D], laws[i + _S], log_none = law
        sheet[0, i + _CHANCE] = math.exp(log_none)
    for k in range(1, len(sheet)):
        before, row = sheet[k - 1], sheet[k]
        for i in range(_LANES):
            step = max(laws[i + _C] * (laws[i + _D] + laws[i + _S] * (k - 1)), 0.0) * (1 / k)
            p = before[i + _CHANCE] * step
            row[i + _CHANCE] = p if p > _VANISHING else 0.0  # denormal numbers are slow
    for i in range(len(means)):
        if sheet[0, i + _CHANCE] <= _VANISHING:  # nothing to start the recursion from
            law = fit(means[i], variances[i])
            for k in range(len(sheet)):
                sheet[k, i + _CHANCE] = probability(means[i], law, k)
    for i in range(_LANES):
        sheet[0, i + _AT_MOST] = sheet[0, i + _CHANCE]
        sheet[0, i + _OWED] = sheet[0, i + _SQUARE] = 0.0
    for k in range(1, len(sheet)):
        before, row = sheet[k - 1], sheet[k]
        for i in range(_LANES):
            total, below = before[i + _AT_MOST], before[i + _OWED]
            row[i + _AT_MOST] = min(total + row[i + _CHANCE], 1.0)
            row[i + _OWED] = below + total
            row[i + _SQUARE] = before[i + _SQUARE] + (2 * below + total)


@compiled
def _turn(laws: Floats, row: Floats, top: int) -> None:
    """Turn what is left below the top into what is owed there, or into 0 for the sum beyond."""
    for i in range(_LANES):
        gap = laws[i + _MEAN] - top
        if gap <= 1 + max(laws[i + _C] * laws[i + _S], 0.0):  # as `count_laws.turn`
            row[i + _MORE] = row[i + _OWED] = row[i + _SQUARE] = 0.0
        else:
            row[i + _MORE] = 1 - row[i + _AT_MOST]
            row[i + _OWED] += gap
            square = laws[i + _VARIANCE] + gap * gap - row[i + _SQUARE]
            row[i + _SQUARE] = max(square, 0.0)


@compiled
def _beyond(laws: Floats, row: Floats, top: int) -> None:
    """Sum P(X > S), E(X - S)+ and its square's mean where they are 0, from P(X = S) on."""
    terms = np.empty(_LANES)
    for i in range(_LANES):
        terms[i] = row[i + _CHANCE] if row[i + _MORE] == 0 else 0.0
    k, going = float(top), 1
    while going > 0:
        going, x = 0, k - top
        for i in range(_LANES):
            c, d, s, p = laws[i + _C], laws[i + _D], laws[i + _S], terms[i]
            above, owed, square, step = row[i + _MORE], 0.0, 0.0, 0.0
            for j in range(1, _BLOCK + 1):
                step = max(c * (d + s * (k + (j - 1))), 0.0) * (1 / (k + j))
                p *= step
                above += p
                owed += p * (x + j)
                square += p * ((x + j) * (x + j))
            row[i + _MORE] = above
            row[i + _OWED] += owed
            row[i + _SQUARE] += square
            # The rest is at most a geometric sum of the last ratio or, rising, of its limit.
            rest = 1 - max(step, c * s)
            matters = _matters(p, x + _BLOCK, row[i + _SQUARE], rest)
            terms[i] = p if matters else 0.0
            going += 1 if matters else 0
        k += _BLOCK


@compiled
def _descend(laws: Floats, sheet: Floats) -> None:
    """Sum P(X > S) and the backorders from the top down."""
    for k in range(len(sheet) - 2, -1, -1):
        upper, row = sheet[k + 1], sheet[k]
        for i in range(_LANES):
            above = upper[i + _MORE] + upper[i + _CHANCE]
            row[i + _MORE] = above
            row[i + _SQUARE] = upper[i + _SQUARE] + (2 * upper[i + _OWED] + above)
            row[i + _OWED] = upper[i + _OWED] + above
    for i in range(_LANES):
        mean = laws[i + _MEAN]
        sheet[0, i + _OWED], sheet[0, i + _SQUARE] = mean, laws[i + _VARIANCE] + mean * mean


@compiled
def _store(sheet: Floats, place: int, table: Floats) -> None:
    """Turn what a sheet has at one place into rows of its table."""
    for i in range(table.shape[0]):
        for k in range(table.shape[1]):
            table[i, k] = sheet[k, i + place]


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
def _matters(p: float, x: float, squares: float, rest: float) -> bool:
    """
    Say whether terms from p x^2 on, falling by the share `rest` at least, still change the sums.

    Together they are at most 2 p (x + 1 / rest)^2 / rest.
    """
    return (p > _VANISHING) & (
        (rest <= 0) | (2 * p * (x * rest + 1) ** 2 > _NEGLIGIBLE * squares * (rest * rest * rest))
    )


@compiled
def _sum_up(law: Law, k: float, x: float, p: float) -> tuple[float, float, float]:
    """Sum p(k), p(k) x, p(k) x (x - 1) over k, k + 1, ...; x grows with k."""
    _, c, d, s, _ = law
    share = distance = pairs = 0.0
    rest = 0.0
    while _matters(p, x, share + pairs, rest):
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
    while _matters(p, x, share + pairs, rest):
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

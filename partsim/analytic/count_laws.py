r"""
Laws of a count by mean and variance, and sums of their terms of which none cancels.

The laws are those of `count_table`: Poisson, negative binomial with real r, or binomial. Every sum
has positive terms only, upwards from above the mode and downwards from below it; the first term is
Loader's saddle-point form [1]_.

.. [1] C. Loader, Fast and accurate computation of binomial probabilities, Bell Laboratories,
   2000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from partsim.analytic.argument_checks import non_negative, together, whole

Floats = NDArray[np.float64]

_POISSON = 1e-9
"""Variance ratios this near to 1 are Poisson, as in `count_table`."""
_NOTHING = 1e-290
"""Means below it are zero: their r or probability would be no normal number."""
_BLOCK = 32
"""Terms that are added at a time."""
LARGE = 100_000
"""Cells from which the compiled twin repays loading it: half a second."""
_VANISHING = 1e-300
"""Terms below it are zero: the smallest doubles, times a ratio near 1, never fall to it."""
_NEGLIGIBLE = 1e-17
"""Share of a sum below which its remainder does not matter."""


@dataclass(frozen=True, eq=False)
class Law:
    """Counts with p(k) = p(k-1) c (d + s (k-1)) / k; all fields of one shape, one axis."""

    mean: Floats
    variance: Floats
    c: Floats
    d: Floats
    s: Floats  # 0 Poisson, 1 negative binomial with d = r, -1 binomial with d = n

    def at(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Law:
        """Give the chosen cells."""
        return Law(*(x[which] for x in (self.mean, self.variance, self.c, self.d, self.s)))


class Sums(NamedTuple):
    """E[1], E[x] and E[x (x - 1)] of the distance x from a level, on one side of it."""

    share: Floats
    distance: Floats
    pairs: Floats


def fit(
    mean: ArrayLike, variance: ArrayLike, level: ArrayLike
) -> tuple[Law, Floats, tuple[int, ...]]:
    """Fit the law of `count_table`, with one axis for all cells; give their shape as well."""
    mean, variance, level = together(
        mean=non_negative("mean", mean),
        variance=non_negative("variance", variance),
        level=whole("level", level),
    )
    shape = level.shape
    m, v, level = mean.ravel(), variance.ravel().copy(), level.ravel()
    m = np.where(m < _NOTHING, 0.0, m)
    ratio = np.divide(v, m, out=np.ones_like(m), where=m > 0)
    c, d, s = m.copy(), np.ones_like(m), np.zeros_like(m)
    over, under = ratio > 1 + _POISSON, ratio < 1 - _POISSON
    beyond = v[over] - m[over]
    c[over], d[over], s[over] = beyond / v[over], m[over] * (m[over] / beyond), 1
    n = np.maximum(np.ceil(m[under] / (1 - ratio[under]) - 1e-9), 1.0)
    # A mean of n for certain would be odds of infinity; this is as near as doubles get.
    rest = np.maximum(n - m[under], n * 1e-300)
    c[under], d[under], s[under] = m[under] / rest, n, -1
    v[under] = m[under] * (rest / n)
    v[~(over | under)] = m[~(over | under)]
    return Law(m, v, c, d, s), level, shape


def log_none(law: Law) -> Floats:
    """Give log P(X = 0)."""
    none = -law.mean
    over, under = law.s > 0, law.s < 0
    many, few = law.at(over), law.at(under)
    none[over] = -many.d * np.log1p((many.variance - many.mean) / many.mean)
    none[under] = -few.d * np.log1p(few.c)  # the odds of each trial are c
    return none


def turn(law: Law) -> Floats:
    """Give the level below which probabilities are better summed downwards: mode or mean."""
    return law.mean - np.maximum(law.c * law.s, 0.0) - 1


def sums_at(law: Law, level: Floats, low: NDArray[np.bool_]) -> Sums:
    """
    Sum over counts k <= S, downwards from S, where `low`; elsewhere over k > S, upwards.

    Upwards is right from the mode on. Large arrays are summed by the compiled twin.
    """
    sums = np.empty((3, level.size))
    if level.size >= LARGE:
        from partsim.kernels.counts import fill_sums

        fill_sums(law.mean, law.variance, level, low, sums)
        return Sums(*sums)
    first = np.maximum(level[~low], -1.0) + 1
    sums[:, ~low] = _sum(law.at(~low), first, first - level[~low], 1)
    sums[:, low] = _sum(law.at(low), level[low], np.zeros(low.sum()), -1)
    return Sums(*sums)


def _sum(law: Law, first: Floats, distance: Floats, way: int) -> Floats:
    """Add p(k) (1, x, x (x - 1)) over k = first, first + way, ...; x grows from `distance`."""
    sums = np.zeros((3, len(first)))
    term = law_probability(law, first)
    left = np.flatnonzero(term > _VANISHING)
    term, k = term[left], first[left]
    steps = np.arange(_BLOCK + 1)
    while left.size:
        here = law.at(left)
        p = np.empty((left.size, _BLOCK + 1))
        p[:, 0] = term
        # p(k)/p(k-1) for the next terms upwards, its inverse downwards
        upper = k[:, None] + (steps[1:] if way > 0 else -steps[:-1])
        ratio = _ratio(here, upper)
        if way < 0:
            ratio = np.divide(1.0, ratio, out=np.zeros_like(ratio), where=upper > 0)
        p[:, 1:] = ratio
        np.cumprod(p, axis=1, out=p)
        x = distance[left, None] + np.abs(k - first[left])[:, None] + steps[:-1]
        terms = p[:, :-1]
        sums[:, left] += np.stack([(terms * f).sum(axis=1) for f in (1, x, x * (x - 1))])
        term, k = p[:, -1], k + way * _BLOCK
        # The rest is at most a geometric sum of the last ratio or, rising, of its limit.
        falling = np.maximum(ratio[:, -1], here.c * (here.s > 0) if way > 0 else 0.0)
        more = term * (x[:, -1] + 1) ** 2 / np.maximum(1 - falling, 1e-9) ** 3
        more *= np.where(falling < 1, 2.0, np.inf)
        more[term <= _VANISHING] = 0.0
        going = more > _NEGLIGIBLE * sums[0, left]
        left, term, k = left[going], term[going], k[going]
    return sums


def _ratio(law: Law, k: Floats) -> Floats:
    """Give p(k) / p(k-1) for k of shape (cells, terms)."""
    c, d, s = (x[:, None] for x in (law.c, law.d, law.s))
    return np.maximum(c * (d + s * (k - 1)), 0.0) / np.maximum(k, 1.0)


def law_probability(law: Law, k: Floats) -> Floats:
    """Give P(X = k) by Loader's saddle-point form, k of the shape of the law."""
    p = np.zeros_like(k)
    for s, pmf in ((0, _poisson), (1, _negative_binomial), (-1, _binomial)):
        chosen = (law.s == s) & (k >= 0) & ((s != -1) | (k <= law.d))
        if chosen.any():
            p[chosen] = pmf(law.at(chosen), k[chosen])
    return p


def _poisson(law: Law, k: Floats) -> Floats:
    x = np.maximum(k, 1.0)
    exponent = -_stirling_error(x) - _deviance(x, law.mean)
    return np.where(k == 0, np.exp(-law.mean), np.exp(exponent) / np.sqrt(2 * np.pi * x))


def _negative_binomial(law: Law, k: Floats) -> Floats:
    r, q = law.d, law.c
    x, n = np.maximum(k, 1.0), np.maximum(k, 1.0) + r
    none = np.exp(-r * np.log1p((law.variance - law.mean) / law.mean))
    exponent = _stirling_error(n) - _stirling_error(r) - _stirling_error(x)
    exponent -= _deviance(r, n * (law.mean / law.variance)) + _deviance(x, n * q)
    return np.where(k == 0, none, np.exp(exponent) * np.sqrt(r / n / (2 * np.pi * x)))


def _binomial(law: Law, k: Floats) -> Floats:
    n = law.d
    x, y = np.clip(k, 1.0, np.maximum(n - 1, 1.0)), np.maximum(n - np.maximum(k, 1.0), 1.0)
    rest = n - law.mean
    exponent = _stirling_error(n) - _stirling_error(x) - _stirling_error(y)
    exponent -= _deviance(x, law.mean) + _deviance(y, rest)
    inside = np.exp(exponent) * np.sqrt(n / (2 * np.pi * x * y))
    none, all_of_them = _power(rest / n, law.mean / n, n), _power(law.mean / n, rest / n, n)
    return np.where(k == 0, none, np.where(k == n, all_of_them, inside))


def _power(p: Floats, q: Floats, n: Floats) -> Floats:
    """Give p^n for p + q = 1 from whichever has more digits."""
    with np.errstate(divide="ignore"):
        return np.exp(n * np.where(p < 0.5, np.log(p), np.log1p(-q)))


def _stirling_error(x: Floats) -> Floats:
    """Give log Gamma(x + 1) less Stirling's formula for it, x > 0."""
    y = np.maximum(x, 16.0)
    z = 1 / y**2
    series = 1 / 12 - z * (
        1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * 691 / 360360)))
    )
    small = np.clip(x, 1e-300, 16.0)
    direct = special.gammaln(small + 1) - (small + 0.5) * np.log(small) + small
    return np.where(x < 16, direct - 0.5 * np.log(2 * np.pi), series / y)


def _deviance(x: Floats, mean: Floats) -> Floats:
    """Give x log(x / mean) + mean - x without cancellation, x > 0."""
    with np.errstate(divide="ignore", over="ignore"):
        plain = x * np.log(x / mean) + mean - x
    v = (x - mean) / (x + mean)
    w = np.minimum(v * v, 0.01)
    series = np.zeros_like(w)
    for j in range(10, 0, -1):
        series = (series + 1 / (2 * j + 1)) * w
    near = (x - mean) * v + 2 * x * v * series
    return np.where(np.abs(v) < 0.1, near, plain)

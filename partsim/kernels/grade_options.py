"""Stock of every part under every policy, and the cheapest choice within every set of policies."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from partsim.kernels.compiling import compiled
from partsim.kernels.counts import Law, fit, probability

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SMALLEST = -700.0
_LAST_TAIL = 1e-13
"""Tails below the rounding of their sums would never end a search."""
_LAST_CHANCE = 1e-18
"""Beyond the mean, what follows such a chance is lost in the rounding of the tail before it."""
_CHUNK = 2048
"""Parts at a time, so that their costs under all policies stay in the cache."""


class Shelves(NamedTuple):
    """
    Parts on shelves that are each supplied from outside.

    Attributes
    ----------
    rate : ndarray of float, shape (part, depot)
        Demand [units per day].
    lead_time : ndarray of float, shape (part,)
        Days.
    ratio : ndarray of float, shape (part,)
        Variance over mean of the units in resupply.
    unit : ndarray of float, shape (part,)
        Money for a unit of base stock.
    weight : ndarray of float, shape (row, family, depot)
        Use of a row by one backorder.
    family : ndarray of int, shape (part,)
        Family of each part.
    """

    rate: Floats
    lead_time: Floats
    ratio: Floats
    unit: Floats
    weight: Floats
    family: Ints


class Policies(NamedTuple):
    """
    What moves the levels under each policy.

    Attributes
    ----------
    delay : ndarray of float, shape (policy,)
        Days that an order waits before its lead time starts.
    missed : ndarray of float, shape (part, policy)
        Share of demand that may be missed by the shelf; 1 where none is promised.
    unit_share : ndarray of float, shape (part, policy)
        Cost of a unit over the price of a backorder: a unit is kept while it is needed with more
        than this probability; infinite without a price.
    """

    delay: Floats
    missed: Floats
    unit_share: Floats


@compiled
def add_policies(shelves: Shelves, policies: Policies, cost: Floats, use: Floats) -> None:
    """
    Add what every part's stock costs and uses under every policy.

    Parameters
    ----------
    shelves, policies
        Parts and policies.
    cost : ndarray of float, shape (part, policy)
        Added to: money for base stock.
    use : ndarray of float, shape (row, part, policy)
        Added to: use of every row.
    """
    rows = len(shelves.weight)
    for p in range(len(cost)):
        f = shelves.family[p]
        for j in range(shelves.rate.shape[1]):
            for g in range(cost.shape[1]):
                mean, law = _law(shelves, p, j, policies.delay[g])
                S, owed = _level(mean, law, policies.missed[p, g], policies.unit_share[p, g])
                cost[p, g] += shelves.unit[p] * S
                for k in range(rows):
                    use[k, p, g] += shelves.weight[k, f, j] * owed


@compiled
def fill_levels(shelves: Shelves, policies: Policies, chosen: Ints, level: Ints) -> None:
    """
    Fill the levels of every part under the policy chosen for it.

    Parameters
    ----------
    shelves, policies
        Parts and policies.
    chosen : ndarray of int, shape (part,)
        Policy of each part.
    level : ndarray of int, shape (part, depot)
        Written.
    """
    for p in range(len(level)):
        g = chosen[p]
        for j in range(level.shape[1]):
            mean, law = _law(shelves, p, j, policies.delay[g])
            level[p, j] = _level(mean, law, policies.missed[p, g], policies.unit_share[p, g])[0]


@compiled
def fill_own_levels(
    shelves: Shelves,
    policies: Policies,
    price: Floats,
    apart: Floats,
    cost: Floats,
    use: Floats,
) -> None:
    """
    Fill what parts cost and use whose levels each follow the prices of the rows themselves.

    Parameters
    ----------
    shelves, policies
        Parts, and the ways to order them: delay, and the share that may be missed at most.
        ``unit_share`` is infinite where a part may not be ordered that way.
    price : ndarray of float, shape (row,)
        Money for one unit of each row.
    apart : ndarray of float, shape (part, policy)
        Money for ordering that way, apart from the stock.
    cost : ndarray of float, shape (part,)
        Written: money of the cheapest way at these prices, the rows' use not counted.
    use : ndarray of float, shape (row, part)
        Written: what it uses.
    """
    rows, depots = len(price), shelves.rate.shape[1]
    owed, backorder = np.empty((2, depots))
    for p in range(len(cost)):
        f, best = shelves.family[p], math.inf
        for j in range(depots):
            backorder[j] = 0.0
            for k in range(rows):
                backorder[j] += price[k] * shelves.weight[k, f, j]
        for g in range(apart.shape[1]):
            if math.isinf(policies.unit_share[p, g]):
                continue
            money, worth = apart[p, g], 0.0
            for j in range(depots):
                mean, law = _law(shelves, p, j, policies.delay[g])
                share = shelves.unit[p] / backorder[j] if backorder[j] > 0 else math.inf
                S, owed[j] = _level(mean, law, policies.missed[p, g], share)
                money += shelves.unit[p] * S
                worth += backorder[j] * owed[j]
            if money + worth < best:
                best, cost[p] = money + worth, money
                for k in range(rows):
                    use[k, p] = 0.0
                    for j in range(depots):
                        use[k, p] += shelves.weight[k, f, j] * owed[j]


@compiled
def add_cheapest(
    cost: Floats, use: Floats, price: Floats, start: Ints, total: Floats, used: Floats
) -> None:
    """
    Add up, block by block, what the parts' cheapest options cost and use at given prices.

    Parameters
    ----------
    cost : ndarray of float, shape (part, option)
        Money; infinite where not allowed.
    use : ndarray of float, shape (row, part, option)
        Use of every row.
    price : ndarray of float, shape (row,)
        Money for one unit of each row.
    start : ndarray of int, shape (block + 1,)
        First part of every block; the last is the number of parts.
    total : ndarray of float, shape (block,)
        Added to: cost without the priced use.
    used : ndarray of float, shape (block, row)
        Added to.
    """
    rows, _, options = use.shape
    for b in range(len(total)):
        for p in range(start[b], start[b + 1]):
            best, at = math.inf, 0
            for g in range(options):
                money = cost[p, g]
                for k in range(rows):
                    money += price[k] * use[k, p, g]
                if money < best:
                    best, at = money, g
            total[b] += cost[p, at]
            for k in range(rows):
                used[b, k] += use[k, p, at]


@compiled
def add_least_by_set(cost: Floats, size: int, total: Floats) -> None:
    """
    Add up over all parts the least cost within every set of so many policies.

    Parameters
    ----------
    cost : ndarray of float, shape (policy, part)
        Cost of every part under every policy; infinite where it is not allowed.
    size : int
        Policies in a set.
    total : ndarray of float, shape (set,)
        Added to, in the order of ``itertools.combinations``.
    """
    policies, parts = cost.shape
    low = np.empty((size, _CHUNK))
    for begin in range(0, parts, _CHUNK):
        n = min(_CHUNK, parts - begin)
        member, fresh, i = np.arange(size), 0, 0
        while fresh >= 0:
            for depth in range(fresh, size - 1):
                row = cost[member[depth], begin : begin + n]
                for p in range(n):
                    low[depth, p] = row[p] if depth == 0 else min(low[depth - 1, p], row[p])
            row = cost[member[size - 1], begin : begin + n]
            total[i] += _sum(row) if size == 1 else _sum_of_less(low[size - 2, :n], row)
            i += 1
            fresh = size - 1
            while fresh >= 0 and member[fresh] == policies - size + fresh:
                fresh -= 1
            if fresh >= 0:
                member[fresh] += 1
                for later in range(fresh + 1, size):
                    member[later] = member[later - 1] + 1


@compiled
def _sum(a: Floats) -> float:
    total = 0.0
    for p in range(len(a)):
        total += a[p]
    return total


@compiled
def _sum_of_less(a: Floats, b: Floats) -> float:
    """Add up the lesser of two; four sums at a time, which the processor can overlap."""
    first = second = third = fourth = 0.0
    whole = len(a) - len(a) % 4
    for p in range(0, whole, 4):
        first += min(a[p], b[p])
        second += min(a[p + 1], b[p + 1])
        third += min(a[p + 2], b[p + 2])
        fourth += min(a[p + 3], b[p + 3])
    for p in range(whole, len(a)):
        first += min(a[p], b[p])
    return (first + second) + (third + fourth)


@compiled
def _law(shelves: Shelves, p: int, j: int, delay: float) -> tuple[float, Law]:
    """Give mean and law of the units in resupply."""
    mean = shelves.rate[p, j] * (shelves.lead_time[p] + delay)
    return mean, fit(mean, shelves.ratio[p] * mean)


@compiled
def _level(mean: float, law: Law, missed: float, unit_share: float) -> tuple[int, float]:
    """Give the least level that meets both tails, and its expected backorders."""
    if missed >= 1 and unit_share >= 1:
        return 0, mean
    missed, enough = max(missed, _LAST_TAIL), max(unit_share, _LAST_TAIL)
    log_none = law[4]
    chance = math.exp(log_none)
    # P(X >= k) is what the shelf misses at level k, P(X > k) how often one unit more is needed.
    before, more, k, owed = 1.0, 1 - chance, 0, mean
    while (before > missed or more > enough) and (k <= mean or chance > _LAST_CHANCE):
        owed -= more
        k += 1
        if log_none > _SMALLEST:
            chance *= max(law[1] * (law[2] + law[3] * (k - 1)), 0.0) / k
        else:
            chance = probability(mean, law, k)
        before, more = more, more - chance
    return k, max(owed, 0.0)

"""
Cheapest stock of depots that suppliers deliver to, compiled: cell by cell, any mix of rows.

Backorders are convex in the level, the share of calls that wait too long is not: levels are
looked at one by one until the stock alone costs more than the best and its nearest rivals.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from partsim.kernels.compiling import compiled
from partsim.kernels.counts import fit, probability

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]

_LARGE = 650.0
"""Beyond this mean e^-mean is no longer a place to start a recursion from."""
_LAST_TAIL = 1e-13
"""Tails below the rounding of their sums would never end a search."""


class Cells(NamedTuple):
    """
    Parts by depots, and waits within which a call must be served.

    Attributes
    ----------
    amount : ndarray of float, shape (quantity, part)
        What a unit of stock is counted by: its holding cost, positive, and what rows limit.
    rate : ndarray of float, shape (part, depot)
        Units demanded per day.
    lead_time : ndarray of float, shape (part,)
        Days.
    family : ndarray of int, shape (part,)
        Family of each part.
    window : ndarray of float, shape (window,)
        Days; a call whose part waits longer is late.
    """

    amount: Floats
    rate: Floats
    lead_time: Floats
    family: Ints
    window: Floats


class UnitPrices(NamedTuple):
    """
    Money for single things.

    Attributes
    ----------
    stock : ndarray of float, shape (quantity, at least depot)
        For one of each count of stock: 1 for holding cost, zero or more for others.
    owed : ndarray of float, shape (family, depot)
        For an expected backorder, zero or more.
    late : ndarray of float, shape (family, depot, window)
        For one late call per day, zero or more.
    """

    stock: Floats
    owed: Floats
    late: Floats


class Choice(NamedTuple):
    """
    Levels chosen for some parts, and the nearest other ones.

    Attributes
    ----------
    level, other : ndarray of int, shape (part, depot)
        Cheapest level, and the second cheapest if it costs less than half a unit more.
    dearer : ndarray of float, shape (part, depot)
        How much more the second one costs, over the money for a unit; infinite beyond a half.
    """

    level: Ints32
    other: Ints32
    dearer: Floats


class Cell(NamedTuple):
    """Demand rate, lead time, money for a unit of stock and for a backorder."""

    rate: float
    lead_time: float
    unit: float
    price: float


_NEAR = 0.5
"""Levels that cost so much of a unit more than the best are looked at."""


@compiled
def fill_levels(
    cells: Cells,
    parts: Ints,
    prices: UnitPrices,
    choice: Choice,
    stock: Floats,
    owed: Floats,
    late: Floats,
) -> None:
    """
    Fill the cheapest levels of some parts at given prices, and add up what they use.

    Parameters
    ----------
    cells : Cells
        All parts.
    parts : ndarray of int, shape (n,)
        Which to look at.
    prices : UnitPrices
        Money for single things.
    choice : Choice
        Written, with a row for each of `parts`.
    stock : ndarray of float, shape (quantity, depot)
        Added to: the stock by each count.
    owed : ndarray of float, shape (family, depot)
        Added to: expected backorders.
    late : ndarray of float, shape (family, depot, window)
        Added to: late calls per day.
    """
    amount, rates, lead_times, families, window = cells
    money, owed_price, late_price = prices
    levels, others, dearer = choice
    windows = len(window)
    work, kept = np.empty((3, windows)), np.empty(windows)
    for i in range(len(parts)):
        p = parts[i]
        f, lead, holding = families[p], lead_times[p], amount[0, p]
        for j in range(rates.shape[1]):
            rate, price = rates[p, j], owed_price[f, j]
            use, unit = rate * lead, holding
            for q in range(1, len(amount)):
                unit += amount[q, p] * money[q, j]
            best = price * use
            for w in range(windows):
                kept[w] = rate if lead > window[w] else 0.0
                best += late_price[f, j, w] * kept[w]
            level, other, second = 0, 0, math.inf
            if best > _NEAR * unit and windows > 0:
                level, other, best, second, use = _scan(
                    Cell(rate, lead, unit, price), best, late_price[f], j, window, work, kept
                )
            elif best > _NEAR * unit:
                level, other, best, second, use = _scan_convex(use, unit, price)
            levels[i, j], others[i, j] = level, other
            dearer[i, j] = (second - best) / unit
            stock[0, j] += holding * level
            for q in range(1, len(amount)):
                stock[q, j] += amount[q, p] * level
            owed[f, j] += use
            for w in range(windows):
                late[f, j, w] += kept[w]


@compiled
def _scan_convex(demand: float, unit: float, price: float) -> tuple[int, int, float, float, float]:
    """Give the two best levels, their values and the best one's backorders, without windows."""
    chance, more, owed, s = math.exp(-demand), 1.0, demand, 0
    before = saved = math.inf
    while saved > unit:
        if demand > _LARGE:
            chance = probability(demand, fit(demand, demand), s)
        more = more - chance if more - chance > _LAST_TAIL else 0.0
        before, saved = saved, price * more
        s += 1
        chance *= demand / s
        owed -= more
    # The last unit saved less than it cost, the one before more.
    owed += more
    level, best = s - 1, unit * (s - 1) + price * max(owed, 0.0)
    up, down = unit - saved, before - unit
    if min(up, down) > _NEAR * unit:
        return level, level, best, math.inf, max(owed, 0.0)
    return level, level + 1 if up <= down else level - 1, best, best + min(up, down), max(owed, 0.0)


@compiled
def _scan(
    cell: Cell, best: float, late_price: Floats, j: int, window: Floats, work: Floats, kept: Floats
) -> tuple[int, int, float, float, float]:
    """Give the two best levels, their values and the best one's backorders; fill its late calls."""
    rate, lead, unit, price = cell
    demand = rate * lead
    _start(rate, lead, window, work)
    chance, more, owed = math.exp(-demand), 1.0, demand
    best_owed, level, other, second, s = owed, 0, 0, math.inf, 0
    # Stock and backorders alone are convex: where they cost too much and rise, so does all beyond.
    while unit * s + price * owed < best + _NEAR * unit or price * more > unit:
        # From P(X = s) to what s + 1 units leave.
        if demand > _LARGE:
            chance = probability(demand, fit(demand, demand), s)
            _restart(s, work)
        more = more - chance if more - chance > _LAST_TAIL else 0.0
        owed = max(owed - more, 0.0)
        s += 1
        chance *= demand / s
        value = unit * s + price * owed + rate * _late(late_price, j, s, work)
        if value < best:
            second, other = best, level
            best, level, best_owed = value, s, owed
            for w in range(len(window)):
                kept[w] = rate * work[2, w]
        elif value < second:
            second, other = value, s
    if second - best > _NEAR * unit:
        second, other = math.inf, level
    return level, other, best, second, best_owed


@compiled
def _start(rate: float, lead: float, window: Floats, work: Floats) -> None:
    """Fill mean, P(X = 0) and the share of late calls without stock, by window."""
    for w in range(len(window)):
        mean = rate * max(lead - window[w], 0.0)
        work[0, w], work[1, w] = mean, math.exp(-mean)
        work[2, w] = 1.0 if mean > 0 else 0.0


@compiled
def _restart(s: int, work: Floats) -> None:
    """Fill P(X = s) where the recursion has nothing to start from."""
    for w in range(work.shape[1]):
        if work[0, w] > _LARGE:
            work[1, w] = probability(work[0, w], fit(work[0, w], work[0, w]), s)


@compiled
def _late(late_price: Floats, j: int, s: int, work: Floats) -> float:
    """Give the money for late calls, over the rate, with s units; one more than before."""
    each, late = 1.0 / s, 0.0
    for w in range(work.shape[1]):
        left = work[2, w] - work[1, w]
        work[2, w] = left if left > _LAST_TAIL else 0.0
        work[1, w] *= work[0, w] * each
    for w in range(work.shape[1]):
        late += late_price[j, w] * work[2, w]
    return late


@compiled
def fill_measures(cells: Cells, part: Ints, depot: Ints, level: Ints, measures: Floats) -> None:
    """
    Fill backorders and late calls of single cells.

    Parameters
    ----------
    cells : Cells
        All parts.
    part, depot, level : ndarray of int, shape (n,)
        The cells, and their levels.
    measures : ndarray of float, shape (n, 1 + window)
        Written: expected backorders, then late calls per day by window.
    """
    for i in range(len(level)):
        rate, lead = cells.rate[part[i], depot[i]], cells.lead_time[part[i]]
        measures[i, 0] = _beyond(rate * lead, level[i])[1]
        for w in range(len(cells.window)):
            mean = rate * max(lead - cells.window[w], 0.0)
            # A call is late if the units demanded since leave none for it.
            more = _beyond(mean, level[i] - 1)[0] if mean > 0 else 0.0
            measures[i, 1 + w] = rate * more


@compiled
def _beyond(mean: float, level: int) -> tuple[float, float]:
    """Give P(X > S) and E(X - S)+ of a Poisson count."""
    chance, more, owed = math.exp(-mean), 1.0, mean
    for s in range(level + 1):
        if mean > _LARGE:
            chance = probability(mean, fit(mean, mean), s)
        more = max(more - chance, 0.0)
        chance *= mean / (s + 1)
        owed -= more if s < level else 0.0
    return more, max(owed, 0.0)

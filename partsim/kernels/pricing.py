"""
Cheapest stock at given prices of backorders, compiled: part by part.

A part is stocked at a central depot and at field depots, or at field depots alone. Central levels
are evaluated only where the bound between two evaluated ones leaves room for a cheaper one.
"""

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
"""Some sums stop falling a little above that: then nothing is left to add."""


class Network(NamedTuple):
    """
    Parts at a central depot and J field depots, as flat arrays.

    Attributes
    ----------
    start : ndarray of int, shape (part + 1,)
        Row of each part's central level 0 in the next two tables; their last row is that of
        endless central stock.
    owed, spread : ndarray of float, shape (rows,)
        Mean and variance of the central backorders.
    fewest, most : ndarray of int, shape (part,)
        Range of central levels.
    moving, share : ndarray of float, shape (part, J)
        Demand in transport, and share of the central demand.
    unit : ndarray of float, shape (part,)
        Money for a unit of stock, positive.
    central_unit : ndarray of float, shape (part,)
        Money for a unit at the central depot; zero where there is none.
    """

    start: Ints
    owed: Floats
    spread: Floats
    fewest: Ints
    most: Ints
    moving: Floats
    share: Floats
    unit: Floats
    central_unit: Floats


class Decision(NamedTuple):
    """
    What a pricing writes.

    Attributes
    ----------
    central_level : ndarray of int, shape (part,)
        Central levels to start from; written.
    level : ndarray of int, shape (part, J)
        Field levels; written.
    backorders : ndarray of float, shape (part, J)
        Expected backorders at these levels; written.
    """

    central_level: Ints
    level: Ints
    backorders: Floats


@compiled
def fill_cheapest(
    network: Network, price: Floats, family: Ints, close: float, decision: Decision, bound: Floats
) -> None:
    """
    Fill the cheapest levels of every part, and what no levels undercut.

    Parameters
    ----------
    network : Network
        All parts.
    price : ndarray of float, shape (family, J)
        Money for a backorder, zero or more.
    family : ndarray of int, shape (part,)
        Family of each part.
    close : float
        Share of a part's cost that central levels not evaluated may hide.
    decision : Decision
        Written.
    bound : ndarray of float, shape (part,)
        Written: cost and priced backorders that no levels whatsoever undercut.
    """
    fields = decision.level.shape[1]
    trial, owed = np.empty(fields, np.int64), np.empty(fields)
    stack, rest_above = np.empty((200, 2), np.int64), np.empty(200)
    endless = len(network.owed) - 1
    for p in range(len(bound)):
        unit, fewest, most = network.central_unit[p], network.fewest[p], network.most[p]
        prices = price[family[p]]
        rest_of_endless = lowest = math.inf
        if most > fewest:
            rest_of_endless = _fields(network, prices, p, endless, trial, owed)
            # Beyond the largest level nothing is evaluated, only bounded.
            lowest = unit * (most + 1) + rest_of_endless
        middle = min(max(decision.central_level[p], fewest), most)
        best = math.inf
        stack[0, 0], stack[0, 1], rest_above[0] = fewest - 1, most + 1, rest_of_endless
        size, started = 1, False
        while size > 0:
            size -= 1
            low, high, rest_high = stack[size, 0], stack[size, 1], rest_above[size]
            if high - low <= 1:
                continue
            # The fields' cost falls as the central level rises.
            least = unit * (low + 1) + rest_high
            if started and least >= best - close * best:
                lowest = min(lowest, least)
                continue
            if started:
                middle = (low + high) // 2 if high <= most else low + max((high - low) // 8, 1)
            started = True
            rest = _fields(network, prices, p, network.start[p] + middle, trial, owed)
            if unit * middle + rest < best:
                best = unit * middle + rest
                decision.central_level[p] = middle
                decision.level[p], decision.backorders[p] = trial, owed
            stack[size, 0], stack[size, 1], rest_above[size] = low, middle, rest
            stack[size + 1, 0], stack[size + 1, 1] = middle, high
            rest_above[size + 1] = rest_high
            size += 2
        bound[p] = min(best, lowest)


@compiled
def fill_nearby(network: Network, price: Floats, family: Ints, decision: Decision) -> None:
    """
    Fill good levels of every part near the central levels given: no neighbour is cheaper.

    Parameters
    ----------
    network, price, family, decision
        As for `fill_cheapest`, which costs several times more and proves a bound.
    """
    fields = decision.level.shape[1]
    trial, owed = np.empty(fields, np.int64), np.empty(fields)
    for p in range(len(decision.level)):
        unit, prices = network.central_unit[p], price[family[p]]
        best, at, way, step, turns = math.inf, decision.central_level[p], 1, 0, 0
        while turns < 2:
            middle = min(max(at + way * step, network.fewest[p]), network.most[p])
            cheaper = False
            if step == 0 or middle != at:
                row = network.start[p] + middle
                rest = _fields(network, prices, p, row, trial, owed)
                cheaper = unit * middle + rest < best
            if cheaper:
                best, at, step = unit * middle + rest, middle, max(2 * step, 1)
                decision.level[p], decision.backorders[p] = trial, owed
            elif step > 1:
                step = 1
            else:
                way, step, turns = -way, 1, turns + 1
        decision.central_level[p] = at


@compiled
def add_increments(
    network: Network,
    family: Ints,
    central_level: Ints,
    first: Floats,
    step: float,
    cost: Floats,
    gain: Floats,
    base: Floats,
) -> None:
    """
    Sort the units of the fields' stock into bins of the price at which each is worth buying.

    Parameters
    ----------
    network, family
        As for `fill_cheapest`.
    central_level : ndarray of int, shape (part,)
        Central levels, kept as they are.
    first : ndarray of float, shape (family, J)
        Logarithm of the price at the first bin, which also takes what is worth buying below.
    step : float
        Width of a bin.
    cost, gain : ndarray of float, shape (family, J, bins)
        Added to: cost of the units in a bin, and backorders that they save.
    base : ndarray of float, shape (family, J)
        Added to: backorders without stock.
    """
    bins = cost.shape[2]
    for p in range(len(family)):
        row, f, unit = network.start[p] + central_level[p], family[p], network.unit[p]
        for j in range(cost.shape[1]):
            mean, law = _law(network, p, j, row)
            base[f, j] += mean
            chance, more, k, place = 0.0, 1.0, 0, 0
            while place < bins and more > _LAST_TAIL and not _ended(mean, k, chance):
                chance = _next(mean, law, k, chance)
                more -= chance
                if more > _LAST_TAIL:
                    place = int((math.log(unit / more) - first[f, j]) / step)
                    if place < bins:
                        cost[f, j, max(place, 0)] += unit
                        gain[f, j, max(place, 0)] += more
                k += 1


@compiled
def _fields(network: Network, prices: Floats, p: int, row: int, level: Ints, owed: Floats) -> float:
    """Give what a part costs at its fields, each at its cheapest level, and fill these."""
    total, unit = 0.0, network.unit[p]
    for j in range(len(level)):
        mean, law = _law(network, p, j, row)
        level[j], owed[j] = 0, mean
        if mean * prices[j] > unit:  # else the first unit saves less than it costs
            # Buy as long as a unit is needed with more than the newsvendor's probability.
            enough = max(unit / prices[j], _LAST_TAIL)
            chance = _next(mean, law, 0, 0.0)
            more, k = 1 - chance, 0
            while more > enough and not _ended(mean, k, chance):
                owed[j] -= more
                k += 1
                chance = _next(mean, law, k, chance)
                more -= chance
            level[j], owed[j] = k, max(owed[j], 0.0)
        total += unit * level[j] + prices[j] * owed[j]
    return total


@compiled
def _law(network: Network, p: int, j: int, row: int) -> tuple[float, Law]:
    """Give mean and law of a field's units in resupply, by VARI-METRIC."""
    f, owed, moving = network.share[p, j], network.owed[row], network.moving[p, j]
    mean = moving + f * owed
    return mean, fit(mean, moving + f * (1 - f) * owed + f * f * network.spread[row])


@compiled
def _ended(mean: float, k: int, chance: float) -> bool:
    """Tell whether the tail can fall no further: what is left of it is rounding errors."""
    return k > mean and chance < _LAST_CHANCE


@compiled
def _next(mean: float, law: Law, k: int, chance: float) -> float:
    """Give P(X = k) from P(X = k - 1)."""
    _, c, d, s, log_none = law
    if k == 0:
        return math.exp(log_none)
    if log_none > _SMALLEST:
        return chance * max(c * (d + s * (k - 1)), 0.0) / k
    return probability(mean, law, k)

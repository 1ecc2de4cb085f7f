"""
Cheapest stock at given prices of the targets, compiled: part by part under one root depot.

The same model as `partsim.optimisation.options`, without tables: levels are scanned as long as
a cheaper one is possible, and central levels are evaluated only where the bound between two
evaluated ones leaves room for a cheaper one.
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
_LEVELS_AT_ONCE = 8


class Network(NamedTuple):
    """
    A root depot with its fields, as flat arrays; n parts, J fields, G lags, T tiers, N waits.

    Attributes
    ----------
    start : ndarray of int, shape (n + 1,)
        Row of each part's central level 0 in the next three tables; the last row of these is
        that of endless central stock.
    owed, spread, ready : ndarray of float, shape (rows, G)
        Backorders of the root, their variance, and its ready rate, by lag.
    fewest, most : ndarray of int, shape (n,)
        Range of central levels.
    lag_step : float
        Distance of the lags [days]; zero for a single one.
    rate, moving, ratio, share, sources : ndarray of float, shape (n, J + 1)
        Demand per day, in transport, its variance ratio, share of the root's demand, machine
        positions (0 for an open source); the last column is the root's own customers, whose
        `moving` is the demand in the root's lead time.
    calls : ndarray of float, shape (n, J + 1, T)
        Calls for the part as a share of all of the tier's.
    floor : ndarray of float, shape (n,)
        Least fill rate.
    difficulty : ndarray of int, shape (n,)
        Index into the windows.
    transport : ndarray of float, shape (J + 1,)
        Transport times [days]; the last one is 0.
    waits, weights : ndarray of float, shape (3, J + 1, T, N)
        Response windows by difficulty.
    at_once : ndarray of float, shape (3, J + 1, T)
        Chance to keep the promise if the part is taken along.
    """

    start: Ints
    owed: Floats
    spread: Floats
    ready: Floats
    fewest: Ints
    most: Ints
    lag_step: float
    rate: Floats
    moving: Floats
    ratio: Floats
    share: Floats
    sources: Floats
    calls: Floats
    floor: Floats
    difficulty: Ints
    transport: Floats
    waits: Floats
    weights: Floats
    at_once: Floats


class UnitPrices(NamedTuple):
    """
    What prices of the targets make of units, backorders, readiness and broken promises.

    Attributes
    ----------
    unit, backorder, readiness : ndarray of float, shape (n, J + 1)
        Money for a unit of base stock, of backorders and of ready rate (zero or less); the last
        column is the root's.
    tier : ndarray of float, shape (T,)
        Money for all of a tier's calls breaking the promise.
    """

    unit: Floats
    backorder: Floats
    readiness: Floats
    tier: Floats


@compiled
def fill_cheapest(
    network: Network,
    prices: UnitPrices,
    close: float,
    central_level: Ints,
    level: Ints,
    backorders: Floats,
    bound: Floats,
) -> None:
    """
    Fill the cheapest levels of every part, their backorders, and what no levels undercut.

    Parameters
    ----------
    network : Network
        Parts under one root.
    prices : UnitPrices
        All of them zero or more, those of readiness zero or less.
    close : float
        Share of a part's value that central levels not evaluated may hide.
    central_level : ndarray of int, shape (n,)
        Where to start; written.
    level : ndarray of int, shape (n, J)
        Written.
    backorders : ndarray of float, shape (n, J + 1)
        Written; the last column is what the root's own customers see.
    bound : ndarray of float, shape (n,)
        Written: cost and priced uses that no levels whatsoever undercut.
    """
    fields = level.shape[1]
    scratch = _scratch(network)
    trial, owed = np.empty(fields, np.int64), np.empty(fields + 1)
    stack = np.empty((200, 2), np.int64)
    rest_above = np.empty(200)
    endless = len(network.owed) - 1
    for p in range(len(bound)):
        unit = prices.unit[p, fields]
        fewest, most = network.fewest[p], network.most[p]
        rest_of_endless = lowest = math.inf
        if most > fewest:
            rest_of_endless = _rest(network, prices, p, endless, trial, owed, scratch)
            # Beyond the largest level nothing is evaluated, only bounded.
            lowest = unit * (most + 1) + rest_of_endless
        middle = min(max(central_level[p], fewest), most)
        best = math.inf
        stack[0, 0], stack[0, 1], rest_above[0] = fewest - 1, most + 1, rest_of_endless
        size, started = 1, False
        while size > 0:
            size -= 1
            low, high, rest_high = stack[size, 0], stack[size, 1], rest_above[size]
            if high - low <= 1:
                continue
            # Everything but the root's own units falls as its level rises.
            least = unit * (low + 1) + rest_high
            if started and least >= best - close * abs(best):
                lowest = min(lowest, least)
                continue
            if started:
                middle = (low + high) // 2 if high <= most else low + max((high - low) // 8, 1)
            started = True
            row = network.start[p] + middle
            rest = _rest(network, prices, p, row, trial, owed, scratch)
            if unit * middle + rest < best:
                best = unit * middle + rest
                central_level[p] = middle
                level[p], backorders[p] = trial, owed
            stack[size, 0], stack[size, 1], rest_above[size] = low, middle, rest
            stack[size + 1, 0], stack[size + 1, 1] = middle, high
            rest_above[size + 1] = rest_high
            size += 2
        bound[p] = min(best, lowest)


@compiled
def fill_nearby(
    network: Network, prices: UnitPrices, central_level: Ints, level: Ints, backorders: Floats
) -> None:
    """
    Fill good levels of every part near the central levels given: no neighbour is cheaper.

    Parameters
    ----------
    network, prices, central_level, level, backorders
        As for `fill_cheapest`, which costs several times more and proves a bound.
    """
    fields = level.shape[1]
    scratch = _scratch(network)
    trial, owed = np.empty(fields, np.int64), np.empty(fields + 1)
    for p in range(len(level)):
        unit = prices.unit[p, fields]
        best, at, way, step, turns = math.inf, central_level[p], 1, 0, 0
        while turns < 2:
            middle = min(max(at + way * step, network.fewest[p]), network.most[p])
            cheaper = False
            if step == 0 or middle != at:
                row = network.start[p] + middle
                rest = _rest(network, prices, p, row, trial, owed, scratch)
                cheaper = unit * middle + rest < best
            if cheaper:
                best, at, step = unit * middle + rest, middle, max(2 * step, 1)
                level[p], backorders[p] = trial, owed
            elif step > 1:
                step = 1
            else:
                way, step, turns = -way, 1, turns + 1
        central_level[p] = at


@compiled
def add_increments(
    network: Network,
    unit: Floats,
    central_level: Ints,
    family: Ints,
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
    network : Network
        Parts under one root, without promises.
    unit : ndarray of float, shape (n,)
        Cost of a unit.
    central_level : ndarray of int, shape (n,)
        Central levels, kept as they are.
    family : ndarray of int, shape (n,)
        Parts of one family see the same price at a depot.
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
    for p in range(len(unit)):
        row, f = network.start[p] + central_level[p], family[p]
        for j in range(cost.shape[1]):
            if network.rate[p, j] > 0:
                mean, variance = _pipeline(network, p, j, row, 0.0)
                law = fit(mean, variance)
                base[f, j] += mean
                chance, more, k, place = 0.0, 1.0, 0, 0
                while place < bins and more > 1e-13:
                    chance = _next(mean, law, k, chance)
                    more -= chance
                    if more > 1e-13:
                        place = int((math.log(unit[p] / more) - first[f, j]) / step)
                        if place < bins:
                            cost[f, j, max(place, 0)] += unit[p]
                            gain[f, j, max(place, 0)] += more
                    k += 1


@compiled
def fill_measures(
    network: Network,
    central_level: Ints,
    level: Ints,
    backorders: Floats,
    ready: Floats,
    missed: Floats,
) -> None:
    """
    Fill what given levels lead to.

    Parameters
    ----------
    network : Network
        Parts under one root.
    central_level : ndarray of int, shape (n,)
        At most `most + 1`, which is endless central stock.
    level : ndarray of int, shape (n, J)
        Levels of the fields.
    backorders, ready : ndarray of float, shape (n, J + 1)
        Written; the last column is what the root's own customers see.
    missed : ndarray of float, shape (n, T)
        Written: share of each tier's calls that break the promise for this part.
    """
    fields, tiers = level.shape[1], missed.shape[1]
    scratch = _scratch(network)
    for p in range(len(central_level)):
        row = network.start[p] + central_level[p]
        if central_level[p] > network.most[p]:
            row = len(network.owed) - 1
        backorders[p, fields], ready[p, fields] = _own(network, p, row)
        for t in range(tiers):
            missed[p, t] = 0.0
            if network.calls[p, fields, t] > 0:
                missed[p, t] = network.calls[p, fields, t] * _own_miss(network, p, row, t)
        for j in range(fields):
            backorders[p, j], ready[p, j] = _at_level(network, p, j, row, level[p, j])
            for t in range(tiers):
                if network.calls[p, j, t] > 0:
                    count, known = _windows(network, p, j, row, t, 1.0, scratch, 0)
                    kept = (network.at_once[network.difficulty[p], j, t] - known) * ready[p, j]
                    gain = np.zeros(level[p, j] + 1)
                    for w in range(count):
                        _add_kept(scratch, w, 0, gain)
                    kept += gain[level[p, j]]
                    missed[p, t] += network.calls[p, j, t] * (1 - kept)


@compiled
def _scratch(network: Network) -> Floats:
    """
    Give room for the waits of one cell, column by column.

    Rows: c, d, s, mean, log P(X = 0), P(X = S), P(W <= wait), worth, variance; then the levels'.
    """
    nodes = network.waits.shape[2] * network.waits.shape[3]
    return np.empty((10, max(nodes, _LEVELS_AT_ONCE)))


@compiled
def _rest(
    network: Network,
    prices: UnitPrices,
    p: int,
    row: int,
    level: Ints,
    owed: Floats,
    scratch: Floats,
) -> float:
    """Give what a part costs beside the root's own units, its fields at their cheapest."""
    own = len(level)
    total = owed[own] = 0.0
    if network.share[p, own] > 0:
        owed[own], ready = _own(network, p, row)
        if ready < network.floor[p]:
            return math.inf
        total += prices.backorder[p, own] * owed[own] + prices.readiness[p, own] * ready
        for t in range(len(prices.tier)):
            price = prices.tier[t] * network.calls[p, own, t]
            if price > 0:
                total += price * _own_miss(network, p, row, t)
    simple = len(prices.tier) == 0 and network.floor[p] == 0
    for j in range(own):
        level[j], owed[j], cheapest = 0, 0.0, 0.0
        if network.rate[p, j] > 0:
            if simple and network.sources[p, j] == 0 and prices.readiness[p, j] == 0:
                cheapest, level[j], owed[j] = _newsvendor(network, prices, p, j, row)
            else:
                cheapest, level[j], owed[j] = _cheapest_level(network, prices, p, j, row, scratch)
        total += cheapest
    return total


@compiled
def _newsvendor(
    network: Network, prices: UnitPrices, p: int, j: int, row: int
) -> tuple[float, int, float]:
    """Give cost, level and backorders of a field where nothing but backorders is priced."""
    unit, backorder = prices.unit[p, j], prices.backorder[p, j]
    mean, variance = _pipeline(network, p, j, row, 0.0)
    if mean * backorder <= unit:  # the first unit saves less than all backorders
        return backorder * mean, 0, mean
    law = fit(mean, variance)
    # A tail below the rounding of its sum would never end the search.
    enough = max(unit / backorder, 1e-13)
    owed, S = mean, 0
    chance = _next(mean, law, 0, 0.0)
    more = 1 - chance
    while more > enough:
        owed -= more
        S += 1
        chance = _next(mean, law, S, chance)
        more -= chance
    owed = max(owed, 0.0)
    return unit * S + backorder * owed, S, owed


@compiled
def _own(network: Network, p: int, row: int) -> tuple[float, float]:
    """Give backorders and ready rate of the root's own customers."""
    own = network.rate.shape[1] - 1
    f, ready = network.share[p, own], network.ready[row, 0]
    owed, n = f * network.owed[row, 0], network.sources[p, own]
    if n > 0:
        owed /= 1 + f * network.moving[p, own] / n * (1 - ready)
    return owed, ready


@compiled
def _own_miss(network: Network, p: int, row: int, t: int) -> float:
    """Give the chance that a call of the root's own customers breaks the promise."""
    own = network.rate.shape[1] - 1
    kept = known = 0.0
    for i in range(network.waits.shape[3]):
        weight = network.weights[network.difficulty[p], own, t, i]
        known += weight
        lag = network.waits[network.difficulty[p], own, t, i]
        kept += weight * _at_lag(network, network.ready, row, lag)
    kept += (network.at_once[network.difficulty[p], own, t] - known) * network.ready[row, 0]
    return 1 - kept


@compiled
def _at_lag(network: Network, table: Floats, row: int, lag: float) -> float:
    """Interpolate a central table."""
    if network.lag_step == 0:
        return table[row, 0]
    place = lag / network.lag_step
    low = min(int(place), table.shape[1] - 2)
    part = place - low
    return table[row, low] * (1 - part) + table[row, low + 1] * part


@compiled
def _pipeline(network: Network, p: int, j: int, row: int, wait: float) -> tuple[float, float]:
    """Give mean and variance of a field's units still under way a wait after a demand."""
    transport = network.transport[j]
    moving, lag = network.moving[p, j], 0.0
    if wait > 0:
        moving = network.rate[p, j] * max(transport - wait, 0.0)
        lag = max(wait - transport, 0.0)
    f = network.share[p, j]
    owed = _at_lag(network, network.owed, row, lag)
    spread = _at_lag(network, network.spread, row, lag)
    variance = network.ratio[p, j] * moving + f * (1 - f) * owed + f * f * spread
    return moving + f * owed, variance


@compiled
def _windows(
    network: Network,
    p: int,
    j: int,
    row: int,
    t: int,
    price: float,
    scratch: Floats,
    count: int,
) -> tuple[int, float]:
    """Add a tier's waits to the scratch from `count` on; give the new count and their weight."""
    known = 0.0
    for i in range(network.waits.shape[3]):
        weight = network.weights[network.difficulty[p], j, t, i]
        if weight > 0:
            known += weight
            wait = network.waits[network.difficulty[p], j, t, i]
            mean, variance = _pipeline(network, p, j, row, wait)
            spread, c, d, s, log_none = fit(mean, variance)
            kept = 0.0  # without stock of its own it may still get the unit straight away
            if wait >= network.transport[j]:
                kept = _at_lag(network, network.ready, row, wait - network.transport[j])
            scratch[0, count], scratch[1, count], scratch[2, count] = c, d, s
            scratch[3, count], scratch[4, count] = mean, log_none
            scratch[5, count], scratch[6, count] = math.exp(log_none), kept
            scratch[7, count], scratch[8, count] = price * weight, spread
            count += 1
    return count, known


@compiled
def _add_kept(scratch: Floats, w: int, first: int, gain: Floats) -> None:
    """
    Add to the gain of levels from `first` on what a wait's P(W <= wait) is worth there.

    At level S > 0 it is P(X <= S - 1). Row 5 of the scratch keeps P(X = S) for the next level,
    row 6 the sum so far.
    """
    c, d, s, weight = scratch[0, w], scratch[1, w], scratch[2, w], scratch[7, w]
    chance, kept = scratch[5, w], scratch[6, w]
    start = 0
    if first == 0:
        gain[0] += weight * kept
        kept, start = 0.0, 1
    if scratch[4, w] > _SMALLEST:
        for i in range(start, len(gain)):
            k = first + i
            kept = min(kept + chance, 1.0)
            gain[i] += weight * kept
            chance *= max(c * (d + s * (k - 1)), 0.0) / k
    else:
        law = (scratch[8, w], c, d, s, scratch[4, w])
        for i in range(start, len(gain)):
            kept = min(kept + probability(scratch[3, w], law, first + i - 1), 1.0)
            gain[i] += weight * kept
    scratch[5, w], scratch[6, w] = chance, kept


@compiled
def _next(mean: float, law: Law, k: int, p: float) -> float:
    """Give P(X = k) from P(X = k - 1)."""
    _, c, d, s, log_none = law
    if k == 0:
        return math.exp(log_none)
    if log_none > _SMALLEST:
        return p * max(c * (d + s * (k - 1)), 0.0) / k
    return probability(mean, law, k)


@compiled
def _at_level(network: Network, p: int, j: int, row: int, level: int) -> tuple[float, float]:
    """Give backorders and ready rate of a field at a level."""
    mean, variance = _pipeline(network, p, j, row, 0.0)
    law = fit(mean, variance)
    chance = total = 0.0
    owed = mean
    for k in range(level):
        chance = _next(mean, law, k, chance)
        total = min(total + chance, 1.0)
        owed = max(owed - (1 - total), 0.0)
    ready = total
    if level == 0 and network.transport[j] == 0:
        ready = network.ready[row, 0]
    return _closed(network, p, j, mean, owed, ready), ready


@compiled
def _closed(network: Network, p: int, j: int, mean: float, owed: float, ready: float) -> float:
    """Correct backorders for machines that stand still: `finite_source_backorders`."""
    n = network.sources[p, j]
    return owed / (1 + mean / n * (1 - ready)) if n > 0 else owed


@compiled
def _cheapest_level(
    network: Network, prices: UnitPrices, p: int, j: int, row: int, scratch: Floats
) -> tuple[float, int, float]:
    """Scan a field's levels until no higher one can be cheaper."""
    readiness, constant, count, gain = prices.readiness[p, j], 0.0, 0, 0.0
    for t in range(len(prices.tier)):
        price = prices.tier[t] * network.calls[p, j, t]
        if price > 0:
            count, known = _windows(network, p, j, row, t, price, scratch, count)
            readiness -= price * (network.at_once[network.difficulty[p], j, t] - known)
            constant += price
            gain += price * known
    unit, backorder = prices.unit[p, j], prices.backorder[p, j]
    endless = constant - gain + min(readiness, 0.0)
    mean, variance = _pipeline(network, p, j, row, 0.0)
    law = fit(mean, variance)
    enough = mean + 12 * math.sqrt(max(mean, variance)) + 20
    ready = network.ready[row, 0] if network.transport[j] == 0 else 0.0
    owed, total, chance = mean, 0.0, 0.0
    best, best_level, best_owed, S = math.inf, 0, mean, 0
    kept = scratch[9, :_LEVELS_AT_ONCE]
    while True:
        at = S % _LEVELS_AT_ONCE
        if at == 0:
            kept[:] = 0.0
            for w in range(count):
                _add_kept(scratch, w, S, kept)
        value = constant + unit * S + readiness * ready - kept[at]
        closed = _closed(network, p, j, mean, owed, ready)
        value += backorder * closed
        if ready >= network.floor[p] and value < best:
            best, best_level, best_owed = value, S, closed
        if best <= endless + unit * (S + 1) or S > enough:
            return best, best_level, best_owed
        chance = _next(mean, law, S, chance)
        total = min(total + chance, 1.0)
        owed, ready = max(owed - (1 - total), 0.0), total
        S += 1

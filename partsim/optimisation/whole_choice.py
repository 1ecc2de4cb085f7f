"""One option for every part so that all rows are kept, near given prices of the rows."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.solver import Program

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KEPT = 1e-9
"""Share of a limit within which a row counts as kept: sums taken in another order differ."""
_PASSES = 60
_NODES = 2_000
_FREE = 3_000
"""Options that PuLP chooses among; the prices choose the others. A tenth with more than"""
_FEW = 300
"""parts, where rounding costs little."""


@dataclass(frozen=True, eq=False)
class Options:
    """
    Options of parts under rows whose limits are all 1.

    Attributes
    ----------
    cost : ndarray of float, shape (part, option)
        Money per year; infinite where not allowed.
    use : ndarray of float, shape (row, part, option)
        Share of each row's limit.
    """

    cost: Floats
    use: Floats

    def priced(self, prices: Floats) -> Floats:
        """Give cost and priced use, shape (part, option)."""
        rows = len(prices)
        return self.cost + (prices @ self.use.reshape(rows, self.cost.size)).reshape(
            self.cost.shape
        )

    def chosen(self, pick: Ints) -> tuple[Floats, Floats]:
        """Give cost (part,) and use (row, part) of one option for each part."""
        parts = np.arange(len(pick))
        return self.cost[parts, pick], self.use[:, parts, pick]


@dataclass(frozen=True, eq=False)
class Whole:
    """One option for each part, its cost, and a bound on what such choices cost."""

    pick: Ints
    cost: float
    bound: float = -np.inf


def keep_rows(options: Options, prices: Floats) -> Whole | None:
    """
    Choose near the prices, then change what mends the rows at least cost, then save again.

    Returns
    -------
    Whole or None
        None if no change mends a broken row any more.
    """
    pick = np.argmin(options.priced(prices), axis=1)
    for _ in range(_PASSES):
        used = options.chosen(pick)[1].sum(axis=1)
        over = np.maximum(used - 1, 0.0)
        if (over <= KEPT).all():
            break
        changed = _mend(options, prices, pick, over)
        if changed is None:
            return None
        pick = changed
    else:
        return None
    pick = _save(options, prices, pick)
    return Whole(pick, float(options.chosen(pick)[0].sum()))


def _mend(options: Options, prices: Floats, pick: Ints, over: Floats) -> Ints | None:
    """Change the parts that relieve the broken rows at least priced cost, as many as needed."""
    parts = np.arange(len(pick))
    broken = np.flatnonzero(over)
    # Use that goes into kept rows counts against a change as much as its price says.
    extra = options.priced(prices) - options.priced(prices)[parts, pick][:, None]
    use = options.use[broken]
    relief = use[:, parts, pick][:, :, None] - use
    gain = np.minimum(relief, over[broken][:, None, None]).clip(0).sum(axis=0)
    worse = np.maximum(-relief, 0).sum(axis=0)
    gain = np.where(np.isfinite(extra), gain - worse, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(gain > 0, np.maximum(extra, 0) / gain, np.inf)
    best = np.argmin(ratio, axis=1)
    ratio = ratio[parts, best]
    order = np.argsort(ratio, kind="stable")
    order = order[np.isfinite(ratio[order])]
    if not len(order):
        return None
    relieved = np.cumsum(relief[:, order, best[order]], axis=1)
    enough = (relieved >= over[broken][:, None]).any(axis=0)
    count = int(np.argmax(enough)) + 1 if enough.any() else len(order)
    changed = pick.copy()
    changed[order[:count]] = best[order[:count]]
    return changed


def _save(options: Options, prices: Floats, pick: Ints) -> Ints:
    """Take cheaper options as long as the rows' room lasts, the best use of room first."""
    parts = np.arange(len(pick))
    for _ in range(_PASSES):
        cost, use = options.chosen(pick)
        room = 1 - use.sum(axis=1)
        saved = cost[:, None] - options.cost
        more = options.use - use[:, :, None]
        fits = (more <= np.maximum(room, 0)[:, None, None]).all(axis=0) & (saved > 0)
        if not fits.any():
            return pick
        worth = np.where(fits, saved - (prices[:, None, None] * more).sum(axis=0), -np.inf)
        best = np.argmax(worth, axis=1)
        worth = worth[parts, best]
        order = np.argsort(-worth, kind="stable")
        order = order[np.isfinite(worth[order])]
        taken = np.cumsum(more[:, order, best[order]], axis=1)
        within = (taken <= np.maximum(room, 0)[:, None]).all(axis=0)
        count = max(int(np.argmin(within)) if not within.all() else len(order), 1)
        pick = pick.copy()
        pick[order[:count]] = best[order[:count]]
    return pick


def choose_near(options: Options, prices: Floats, known: Whole, bound: float, gap: float) -> Whole:
    """
    Let PuLP choose among the options whose priced cost is near the cheapest of their part.

    Parameters
    ----------
    options : Options
        All options.
    prices : ndarray of float, shape (row,)
        Prices of the rows.
    known : Whole
        A choice that keeps the rows.
    bound : float
        Lagrangian bound of these prices.
    gap : float
        Relative gap at which PuLP may stop.

    Returns
    -------
    Whole
        ``bound`` is proven by PuLP if no option that could be in a cheaper choice was left out,
        else it is the Lagrangian bound.
    """
    near, complete = _near(options.priced(prices), known, bound)
    core = np.flatnonzero(near.sum(axis=1) > 1)
    pick = near.argmax(axis=1)
    cost, use = options.chosen(pick)
    cost[core], use[:, core] = 0.0, 0.0
    room = 1 - use.sum(axis=1)
    proven = bound
    if (room >= 0).all():
        share = gap * known.cost / max(known.cost - cost.sum(), 1e-9)
        inside = Options(np.where(near, options.cost, np.inf)[core], options.use[:, core])
        pick[core], least = _solve(inside, room, share)
        proven = max(bound, min(least + float(cost.sum()), known.cost)) if complete else bound
    cost, use = options.chosen(pick)
    better = cost.sum() < known.cost and (use.sum(axis=1) <= 1 + KEPT).all()
    if better:
        return Whole(pick, float(cost.sum()), proven)
    return Whole(known.pick, known.cost, proven)


def _near(priced: Floats, known: Whole, bound: float) -> tuple[NDArray[np.bool_], bool]:
    """Mark options that a cheaper choice may have; say whether all of them are marked."""
    apart = priced - priced.min(axis=1, keepdims=True)
    near = apart <= max(known.cost - bound, 0.0)
    several = near.sum(axis=1) > 1
    most = _FREE if len(near) <= _FEW else _FREE // 10
    if near[several].sum() <= most:
        return near, True
    widest = np.sort(apart[near & (apart > 0)])[most // 2]
    near = apart <= widest
    near[np.arange(len(near)), known.pick] = True
    return near, False


def _solve(options: Options, room: Floats, gap: float) -> tuple[Ints, float]:
    """Let PuLP choose one option for each part within the room; give the bound too."""
    program = Program("options")
    parts, choices = np.nonzero(np.isfinite(options.cost))
    x = [program.binary(f"x{p}_{g}") for p, g in zip(parts, choices, strict=True)]
    first = np.searchsorted(parts, np.arange(len(options.cost) + 1))
    for p, (low, high) in enumerate(itertools.pairwise(first)):
        program.equal([(variable, 1.0) for variable in x[low:high]], 1.0, f"part{p}")
    use, cost = options.use[:, parts, choices], options.cost[parts, choices]
    for k in range(len(room)):
        terms = [(x[i], use[k, i]) for i in np.flatnonzero(use[k])]
        program.at_most(terms, room[k], f"row{k}")
    solution = program.minimise(list(zip(x, cost, strict=True)), gap=gap, nodes=_NODES)
    value = np.full(options.cost.shape, -1.0)
    value[parts, choices] = [program.value(variable) for variable in x]
    return value.argmax(axis=1), solution.bound

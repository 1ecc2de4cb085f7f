"""The search of a plan: options picked near the right prices, and the bound below them."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.errors import SolverFailed
from partsim.optimisation.core_model import MOST_OPTIONS, CoreSolution, solve_core
from partsim.optimisation.evaluation_model import EvaluationModel
from partsim.optimisation.master import Prices, find_prices
from partsim.optimisation.pool import Nearby, OptionPool, Pick
from partsim.optimisation.targets import limit_with_tolerance, stock_value
from partsim.optimisation.time_limit import OutOfTime, Watch

Floats = NDArray[np.float64]

_GAP = 3e-4
"""Gap at which the core model may stop."""
_CLOSE_ENOUGH = 1e-3
"""How closely central levels are looked at where no bound is asked for."""
_SHORTFALL = 0.02
"""A target out of reach is replaced by one this share of the way from the best to no stock."""
_BUDGET_FIRST = 1e2
"""So many times dearer is a budget where not all rows can be kept: it gives way last of all."""


@dataclass(frozen=True, eq=False)
class Decision:
    """
    What the search found.

    Attributes
    ----------
    picks : list of Pick
        One option for each part under each root.
    bound : float
        No picks that keep the rows cost less [money per year], fixed costs left out.
    prices, best : ndarray of float, shape (row,)
        Prices of the targets, and the least use that can be reached; constants left out.
    out_of_time : bool
        Whether the deadline ended the search.
    reached : bool
        Whether the picks keep all targets as they were set.
    """

    picks: list[Pick]
    bound: float
    prices: Floats
    best: Floats
    out_of_time: bool
    reached: bool

    @property
    def cost(self) -> float:
        """Money per year, fixed costs left out."""
        return sum(pick.cost for pick in self.picks)


def decide(pool: OptionPool, deadline: float = np.inf) -> Decision:
    """
    Pick an option for each part under each root, at least cost within the targets of the model.

    Parameters
    ----------
    pool : OptionPool
        Options; grows.
    deadline : float
        When to end with the best so far, on `time.monotonic` [seconds]. Looked at between
        rounds, so a round of a large model may end late.

    Returns
    -------
    Decision
        A target out of reach is broken as little as a sensible stock can.

    Raises
    ------
    SolverFailed
        If HiGHS gives no answer.
    """
    targets = pool.model.targets
    best, empty = pool.best_reachable(), pool.without_stock()
    penalty = _penalties(pool.model, empty - best)
    limit = _within_reach(targets.limit - targets.constant, best, empty)
    watch = Watch(limit, penalty, deadline)
    if deadline < np.inf:
        for share in (0.0, 1.0):  # a bound and a plan to show, however short the time
            watch.look(share * penalty, pool.price(share * penalty, np.inf))
        pool.after_pricing = watch.check
    try:
        picks, bound, prices = _search(pool, watch)
        used = total_use(picks)
        over = used > limit_with_tolerance(limit)
        if over.any():
            # The rows contradict each other (a budget). The bound is then one for what was reached.
            prices, bound = _prices_in_time(pool, np.maximum(limit, used), watch)
            best = np.where(over, used, best)
    finally:
        pool.after_pricing = None
    reached = keeps(picks, targets.limit - targets.constant)
    return Decision(picks, bound, prices, best, time.monotonic() >= deadline, reached)


def _search(pool: OptionPool, watch: Watch) -> tuple[list[Pick], float, Floats]:
    """Give picks, bound and prices; the best so far when the time runs out."""
    try:
        prices = find_prices(pool, watch.limit, watch.penalty)
        picks, bound = _find_picks(pool, prices, watch)
    except OutOfTime:
        known, bound = watch.best_prices(watch.limit)
        return watch.picks, bound, known
    return picks, bound, prices.prices


def _prices_in_time(pool: OptionPool, limit: Floats, watch: Watch) -> tuple[Floats, float]:
    try:
        prices = find_prices(pool, limit, watch.penalty)
    except OutOfTime:
        return watch.best_prices(limit)
    return prices.prices, prices.bound


def _penalties(model: EvaluationModel, spread: Floats) -> Floats:
    """Price rows so high that no plan breaks one that it can keep."""
    demand = sum(
        (root.lead_time_demand[:, 0] for root in model.roots), start=np.zeros(len(model.grade))
    )
    # Where orders are for many units at once, the last points of a row take ever more of them.
    lumps = model.demand.order_ratio.max(axis=1)
    stake = float(model.holding @ (np.sqrt(demand + len(model.scenario.depots)) * lumps))
    penalty = 1e3 * max(stake, 1.0) / np.maximum(spread, 1e-9)
    for row in model.targets.stock_rows:
        penalty[row] = 1e2 * stock_value(model.targets, row, model.worth)
    return np.asarray(penalty)


def _within_reach(limit: Floats, best: Floats, empty: Floats) -> Floats:
    """Loosen limits that no stock can keep to ones that a sensible stock can."""
    near_best = best + _SHORTFALL * np.abs(empty - best)
    return np.where(limit <= best * (1 + 1e-9), np.maximum(near_best, limit), limit)


def total_use(picks: list[Pick]) -> Floats:
    """Add up what picks use of each target, constants left out; shape (row,)."""
    return np.sum([pick.use for pick in picks], axis=0)


def _within_rows(
    pool: OptionPool, prices: Floats, limit: Floats, penalty: Floats
) -> tuple[list[Pick] | None, list[Floats]]:
    """Raise the prices of broken rows until what is cheapest keeps them all, but no further."""
    low, high, raised = prices.copy(), prices.copy(), 1.01
    picks = None
    for _ in range(40):
        found = pool.price(high, _CLOSE_ENOUGH).picks
        broken = total_use(found) > limit_with_tolerance(limit)
        if not broken.any():
            picks = found
            break
        low = high.copy()
        high[broken] = np.clip(high[broken] * raised, 1e-6 * penalty[broken], penalty[broken])
        raised = min(1 + 1.5 * (raised - 1), 4.0)
    if picks is None:
        return None, [low, high]
    trail = [high]
    for _ in range(7):
        middle = (low + high) / 2
        found = pool.price(middle, _CLOSE_ENOUGH).picks
        trail.append(middle)
        if keeps(found, limit):
            high, picks = middle, found
        else:
            low = middle
    return picks, trail[-4:]


def _find_picks(pool: OptionPool, prices: Prices, watch: Watch) -> tuple[list[Pick], float]:
    """Find whole levels near the prices; give them with the bound that is proven in the end."""
    bound, limit = prices.bound, watch.limit
    start, trail = _within_rows(pool, prices.prices, limit, watch.penalty)
    picks = start or _first_picks(pool, prices, trail, watch)
    if not keeps(picks, limit):
        return picks, bound
    cost = sum(pick.cost for pick in picks)
    for _ in range(2):
        # Whatever costs more than the distance to the bound cannot be in a better plan: reduced
        # cost fixing, Nemhauser and Wolsey, Integer and Combinatorial Optimization, 1988, II.5.
        slack = (cost - bound) * (1 + 1e-9) + 1e-9
        nearby, complete = pool.nearby(prices.prices, slack, MOST_OPTIONS, trail)
        core = _solve_strict(nearby, watch)
        if core is None:  # what was left out is needed
            break
        found = [pool.find(pick) for pick in core.chosen]
        found_cost = sum(pick.cost for pick in found)
        better = found_cost < cost and keeps(found, limit)
        if better:
            picks, cost = found, found_cost
            watch.keep(picks)
        if complete:
            bound = max(bound, min(core.bound, cost))
        closer = better and cost - bound < slack / 2
        if complete or not closer or cost - bound <= _GAP * abs(cost):
            break
    return picks, bound


def _first_picks(pool: OptionPool, prices: Prices, trail: list[Floats], watch: Watch) -> list[Pick]:
    """Look ever further from the prices for levels that keep all rows; else break rows least."""
    near = [
        pool.nearby(prices.prices, distance * abs(prices.value), MOST_OPTIONS, trail)
        for distance in (0.02, 0.2, 2.0)
    ]
    for nearby, _ in near:
        core = _solve_strict(nearby, watch)
        if core is not None:
            return [pool.find(pick) for pick in core.chosen]
    penalty = watch.penalty.copy()
    penalty[list(pool.model.targets.stock_rows)] *= _BUDGET_FIRST
    seconds = watch.seconds_left()
    core = solve_core(near[0][0], watch.limit, penalty, _GAP, seconds=seconds)
    return [pool.find(pick) for pick in core.chosen]


def _solve_strict(nearby: list[Nearby], watch: Watch) -> CoreSolution | None:
    """Keep all rows: a finite penalty may be cheaper to pay than the last bit of a row."""
    seconds, strict = watch.seconds_left(), np.full_like(watch.limit, np.inf)
    try:
        return solve_core(nearby, watch.limit, strict, _GAP, seconds=seconds)
    except SolverFailed:
        return None


def keeps(picks: list[Pick], limit: Floats) -> bool:
    """Tell whether picks keep all limits, up to the rounding of sums."""
    return bool((total_use(picks) <= limit_with_tolerance(limit)).all())

"""Choose grades and stock levels at least cost, with a lower bound."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.order_quantities import economic_order_quantity
from partsim.demand.estimation import estimate_demand
from partsim.errors import SolverFailed
from partsim.grading.scoring import grade_parts
from partsim.model.demand import Demand
from partsim.model.plan import Certificate, Plan
from partsim.model.scenario import GRADES, Grade, Scenario
from partsim.optimisation.assessment import assess, read_rows
from partsim.optimisation.core_model import MOST_OPTIONS, CoreSolution, solve_core
from partsim.optimisation.evaluation_model import EvaluationModel
from partsim.optimisation.master import Prices, find_prices
from partsim.optimisation.pool import Nearby, OptionPool, Pick
from partsim.optimisation.targets import set_targets

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[str, int, int], None]

_GAP = 3e-4
"""Gap at which the core model may stop."""
_CLOSE_ENOUGH = 1e-3
"""How closely central levels are looked at where no bound is asked for."""
_SHORTFALL = 0.02
"""A target out of reach is replaced by one this share of the way from the best to no stock."""
_BUDGET_FIRST = 1e2
"""So many times dearer is a budget where not all rows can be kept: it gives way last of all."""


def optimise(
    scenario: Scenario,
    *,
    allowed_miss: Floats | None = None,
    progress: Progress | None = None,
) -> Plan:
    """
    Grade the parts and choose stock levels that keep all targets at least cost.

    The grades follow from the scenario's weights and cuts. Given them, the cost of holding,
    ordering, approval and control loss is minimised over central and field levels by column
    generation with a PuLP master, then an integer core model in PuLP. The bound holds for the
    evaluation model (VARI-METRIC) at these grades, approval times and lot sizes.

    Parameters
    ----------
    scenario : Scenario
        The question.
    allowed_miss : ndarray of float, shape (tier,), optional
        Share of calls that may break the promise by the formulas, where a simulation has
        corrected it; by default one less the promised share.
    progress : callable, optional
        Called with ("optimise", done, total).

    Returns
    -------
    Plan
        With its certificate. A target that no plan reaches is among ``certificate.missed``,
        with the best that can be reached; the plan then comes near that.

    Raises
    ------
    SolverFailed
        If HiGHS gives no answer.

    References
    ----------
    .. [1] E. Topan, Z. P. Bayindir and T. Tan, Heuristics for multi-item two-echelon spare
       parts inventory control subject to aggregate and individual service measures, European
       Journal of Operational Research 256 (2017) 126-138.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> plan = optimise(read_scenario("scenarios/first_steps.yaml"))
    >>> plan.certificate.gap < 0.01
    True
    """
    start = time.process_time()
    tell = progress or _say_nothing
    tell("optimise", 0, 4)
    demand = estimate_demand(scenario)
    grades = grade_parts(scenario).grades
    model = build_model(scenario, demand, grades, allowed_miss=allowed_miss)
    pool = OptionPool(model)
    tell("optimise", 1, 4)
    decision = _decide(pool)
    tell("optimise", 3, 4)
    base_stock = _levels(model, decision.picks)
    reaching = replace(model, least_levels=np.maximum(model.least_levels, base_stock))
    proof = assess(reaching, base_stock)
    best = decision.best + model.targets.constant
    tell("optimise", 4, 4)
    return Plan(
        part_ids=scenario.part_ids,
        depot_ids=scenario.depot_ids,
        grades=grades,
        base_stock=base_stock,
        order_quantity=model.lot,
        certificate=Certificate(
            plan_cost=proof.plan_cost,
            lower_bound=decision.bound + sum(model.fixed_costs.values()),
            rows=read_rows(model, proof.use, best, decision.prices),
            seconds=time.process_time() - start,
        ),
    )


@dataclass(frozen=True, eq=False)
class _Decision:
    """Options picked, the bound below them, and the prices and best values of the targets."""

    picks: list[Pick]
    bound: float
    prices: Floats
    best: Floats


def _decide(pool: OptionPool) -> _Decision:
    """Pick an option for each part under each root."""
    targets = pool.model.targets
    best, empty = pool.best_reachable(), pool.without_stock()
    penalty = _penalties(pool.model, empty - best)
    limit = _within_reach(targets.limit - targets.constant, best, empty)
    prices = find_prices(pool, limit, penalty)
    picks, bound = _find_picks(pool, prices, limit, penalty)
    used = _total_use(picks)
    over = used > _limit_with_tolerance(limit)
    if over.any():
        # The rows contradict each other (a budget). The bound is then one for what was reached.
        prices = find_prices(pool, np.maximum(limit, used), penalty)
        bound, best = prices.bound, np.where(over, used, best)
    return _Decision(picks, bound, prices.prices, best)


def _say_nothing(_stage: str, _done: int, _total: int) -> None:
    pass


def build_model(
    scenario: Scenario,
    demand: Demand,
    grades: tuple[Grade, ...],
    *,
    allowed_miss: Floats | None = None,
    lot: Ints | None = None,
    least_levels: Ints | None = None,
) -> EvaluationModel:
    """
    Bring a scenario into the arrays that options are evaluated with.

    Parameters
    ----------
    scenario, demand
        The question and its demand.
    grades : tuple of 'A', 'B' or 'C'
        Grade of each part.
    allowed_miss : ndarray of float, shape (tier,), optional
        See `optimise`.
    lot : ndarray of int, shape (part, depot), optional
        Order quantities; by default economic lots at depots that suppliers deliver to.
    least_levels : ndarray of int, shape (part, depot), optional
        Levels that the tables must reach.

    Returns
    -------
    EvaluationModel
        Evaluates lazily.
    """
    shape = (len(scenario.parts), len(scenario.depots))
    model = EvaluationModel(
        scenario=scenario,
        demand=demand,
        targets=set_targets(scenario, demand, allowed_miss),
        grade=np.array([GRADES.index(grade) for grade in grades]),
        lot=np.ones(shape, dtype=np.int64) if lot is None else lot,
        least_levels=np.zeros(shape, dtype=np.int64) if least_levels is None else least_levels,
    )
    return model if lot is not None else replace(model, lot=_economic_lots(model))


def _economic_lots(model: EvaluationModel) -> Ints:
    """Order cheap fast parts in economic lots, dear slow ones one for one."""
    scenario = model.scenario
    approval = [scenario.grade_rules(GRADES[g]).approval_cost for g in model.grade]
    order_cost = scenario.costs.order + np.array(approval)
    lots = economic_order_quantity(
        model.network_rate * 365, order_cost[:, None], np.maximum(model.holding, 1e-12)[:, None]
    )
    lots[:, scenario.parents >= 0] = 1
    # No more than a year's demand: holding that costs nearly nothing is no reason for a hoard.
    lots = np.minimum(lots, np.maximum(model.network_rate * 365, 1))
    return np.maximum(np.rint(lots), 1).astype(np.int64)


def _penalties(model: EvaluationModel, spread: Floats) -> Floats:
    """Price rows so high that no plan breaks one that it can keep."""
    demand = sum(
        (root.lead_time_demand[:, 0] for root in model.roots), start=np.zeros(len(model.grade))
    )
    stake = float(model.holding @ np.sqrt(demand + len(model.scenario.depots)))
    penalty = 1e3 * max(stake, 1.0) / np.maximum(spread, 1e-9)
    if model.targets.has_budget:
        penalty[-1] = 1e2
    return np.asarray(penalty)


def _within_reach(limit: Floats, best: Floats, empty: Floats) -> Floats:
    """Loosen limits that no stock can keep to ones that a sensible stock can."""
    near_best = best + _SHORTFALL * np.abs(empty - best)
    return np.where(limit <= best * (1 + 1e-9), np.maximum(near_best, limit), limit)


def _total_use(picks: list[Pick]) -> Floats:
    return np.sum([pick.use for pick in picks], axis=0)


def _within_rows(
    pool: OptionPool, prices: Floats, limit: Floats, penalty: Floats
) -> tuple[list[Pick] | None, list[Floats]]:
    """Raise the prices of broken rows until what is cheapest keeps them all, but no further."""
    low, high, raised = prices.copy(), prices.copy(), 1.01
    picks = None
    for _ in range(40):
        found = pool.price(high, _CLOSE_ENOUGH).picks
        broken = _total_use(found) > _limit_with_tolerance(limit)
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
        if _keeps(found, limit):
            high, picks = middle, found
        else:
            low = middle
    return picks, trail[-4:]


def _limit_with_tolerance(limit: Floats) -> Floats:
    """Allow for the rounding of sums, nothing more."""
    return limit + 1e-9 * np.abs(limit) + 1e-12


def _find_picks(
    pool: OptionPool, prices: Prices, limit: Floats, penalty: Floats
) -> tuple[list[Pick], float]:
    """Find whole levels near the prices; give them with the bound that is proven in the end."""
    bound = prices.bound
    start, trail = _within_rows(pool, prices.prices, limit, penalty)
    picks = start or _first_picks(pool, prices, limit, penalty, trail)
    if not _keeps(picks, limit):
        return picks, bound
    cost = sum(pick.cost for pick in picks)
    for _ in range(2):
        # Whatever costs more than the distance to the bound cannot be in a better plan: reduced
        # cost fixing, Nemhauser and Wolsey, Integer and Combinatorial Optimization, 1988, II.5.
        slack = (cost - bound) * (1 + 1e-9) + 1e-9
        nearby, complete = pool.nearby(prices.prices, slack, MOST_OPTIONS, trail)
        core = _solve_strict(nearby, limit)
        if core is None:  # what was left out is needed
            break
        found = _picks_of(pool, core)
        found_cost = sum(pick.cost for pick in found)
        better = found_cost < cost and _keeps(found, limit)
        if better:
            picks, cost = found, found_cost
        if complete:
            bound = max(bound, min(core.bound, cost))
        closer = better and cost - bound < slack / 2
        if complete or not closer or cost - bound <= _GAP * abs(cost):
            break
    return picks, bound


def _first_picks(
    pool: OptionPool, prices: Prices, limit: Floats, penalty: Floats, trail: list[Floats]
) -> list[Pick]:
    """Look ever further from the prices for levels that keep all rows; else break rows least."""
    near = [
        pool.nearby(prices.prices, distance * abs(prices.value), MOST_OPTIONS, trail)
        for distance in (0.02, 0.2, 2.0)
    ]
    for nearby, _ in near:
        core = _solve_strict(nearby, limit)
        if core is not None:
            return _picks_of(pool, core)
    penalty = penalty.copy()
    if pool.model.targets.has_budget:
        penalty[-1] *= _BUDGET_FIRST
    return _picks_of(pool, solve_core(near[0][0], limit, penalty, _GAP))


def _solve_strict(nearby: list[Nearby], limit: Floats) -> CoreSolution | None:
    """Keep all rows: a finite penalty may be cheaper to pay than the last bit of a row."""
    try:
        return solve_core(nearby, limit, np.full_like(limit, np.inf), _GAP)
    except SolverFailed:
        return None


def _keeps(picks: list[Pick], limit: Floats) -> bool:
    return bool((_total_use(picks) <= _limit_with_tolerance(limit)).all())


def _picks_of(pool: OptionPool, core: CoreSolution) -> list[Pick]:
    """Evaluate the core model's choice."""
    roots = {root.depot: root for root in pool.model.roots}
    picks = []
    for pick, changes in core.chosen:
        if changes:
            levels = np.array(pick.levels)
            levels[list(changes)] = list(changes.values())
            pick = pool.find(roots[pick.root], pick.part, pick.central_level, levels)
        picks.append(pick)
    return picks


def _levels(model: EvaluationModel, picks: list[Pick]) -> Ints:
    base_stock = np.zeros(model.lot.shape, dtype=np.int64)
    fields = {root.depot: root.fields for root in model.roots}
    for pick in picks:
        base_stock[pick.part, pick.root] = pick.central_level
        base_stock[pick.part, fields[pick.root]] = pick.levels
    return base_stock

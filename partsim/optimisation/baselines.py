"""Plans that a planner would make otherwise, on the same data and by the same formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partsim.demand.estimation import estimate_demand
from partsim.model.plan import Plan, Row
from partsim.model.scenario import Scenario
from partsim.optimisation.assessment import assess, read_rows
from partsim.optimisation.certified_plans import build_model
from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.field_levels import cheapest_levels
from partsim.optimisation.free_grades import grades_of_plan
from partsim.optimisation.grade_floors import too_low_at_root
from partsim.optimisation.options import Options, evaluate_options
from partsim.optimisation.regional_network import regions_given
from partsim.optimisation.settled_demand import settled
from partsim.optimisation.targets import Targets, limit_with_tolerance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FILL_RATES = np.array([*range(0, 50, 5), *range(50, 100), 99.5, 99.9, 99.99, 99.999]) / 100
"""Fill rates that are tried."""

VALUE_CUTS = (0.80, 0.95)
"""Classes by annual value: A up to the first share of the whole, B up to the second, then C."""

CENTRAL_WAITS = np.array([100, 90, 80, 70, 60, 50, 40, 30, 20, 15, 10, 5, 2, 1, 0.5, 0.1]) / 100
"""Mean waits at the central depot that are tried, as shares of the wait with the least stock."""

_STOCK_FIRST = 1e2
"""So many times worse is it to break a budget or a storage: they give way last of all."""


@dataclass(frozen=True, eq=False)
class Baseline:
    """
    A plan by a simpler rule.

    Attributes
    ----------
    name : str
        The rule.
    setting : str
        What was found best for its free parameters.
    plan : Plan
        Levels, with the grades and lots of `optimise`.
    cost : float
        Expected money per year by the evaluation model.
    kept : bool
        Whether all targets are kept. If not, no setting keeps them all, this one falls least
        short of them, and its cost compares with nothing.
    rows : tuple of Row
        Targets with values; the best values are not known (NaN), the shadow prices 0.
    """

    name: str
    setting: str
    plan: Plan
    cost: float
    kept: bool
    rows: tuple[Row, ...]


def baselines(scenario: Scenario, *, allowed_miss: Floats | None = None) -> tuple[Baseline, ...]:
    """
    Plan by three simpler rules, each with its free parameters chosen at their best.

    Parameters
    ----------
    scenario : Scenario
        The question.
    allowed_miss : ndarray of float, shape (tier,) or longer, optional
        As for `optimise`, to compare with a plan for the same corrected shares.

    Returns
    -------
    tuple of Baseline
        The item approach, the approach by value class and, where depots supply depots, the one
        echelon at a time. None costs less than the bound of `optimise` where all targets are kept.

    Notes
    -----
    Each rule is a family of plans; the cheapest that keeps all targets is taken. Grades, lots,
    least fill rates of grades and limits are those of `optimise`. Depots without demand hold
    nothing, or the least that a limit asks for.

    *Item approach*: one fill rate for every part at every depot, the central one included. A
    level is the least whose fill rate, at the wait that the central level causes, reaches it.
    Tried are 0 to 50 % in steps of 5 points, then whole percents, 99.5, 99.9, 99.99 and 99.999 %.

    *Value classes*: the same with one fill rate for each class by annual value (price times
    demand): A up to 80 % of the whole, dearest first, B up to 95 %, then C; the part that passes
    a cut belongs to the class before it. All combinations of the fill rates above are tried.
    These classes are not the grades of the scenario.

    *One echelon at a time*, in the sense of [1]_, whose point is that the central depot must be
    given the right target (their model, with emergency orders, is another one): the central
    depot adds the unit that saves most backorders for the money, over all parts, until its mean
    wait is at most a given share of what it is with the least stock. Regional depots take its
    waits as given and do the same, to the same share. Field depots then take the
    wait of each part as given and keep the targets at least holding cost: prices of the targets
    are set in turn until each is kept and none dearer than needed, after which the units that
    the targets do not need are taken back, dearest first. The central target is the free
    parameter: 16 shares from 100 % to 0.1 %. Against the integer program at the same central
    levels the field costs up to 0.3 % more on the example of concrete pumps, and mostly the same
    but up to 12 % more on problems of two parts and three depots.

    References
    ----------
    .. [1] W. H. Hausman and N. K. Erkip, Multi-echelon vs. single-echelon inventory control
       policies for low-demand items, Management Science 40 (1994) 597-602.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> for line in baselines(read_scenario("scenarios/first_steps.yaml")):
    ...     print(f"{line.name}: {line.setting}, {line.cost:,.0f} per year, kept: {line.kept}")
    one fill rate for all parts: 94 %, 59,310 per year, kept: True
    one fill rate for each value class: A 50 %, B 98 %, 28,206 per year, kept: True
    """
    grades = grades_of_plan(scenario, allowed_miss=allowed_miss)
    model = build_model(scenario, estimate_demand(scenario), grades, allowed_miss=allowed_miss)
    ladder = [_at_fill_rate(model, float(rate)) for rate in FILL_RATES]
    found = [_item_approach(model, ladder), _value_classes(model, ladder)]
    if any(len(root.below) for root in model.roots):
        found.append(_echelon_by_echelon(model))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Levels:
    """Levels (part, depot), with the cost (part,) and uses (part, row) of each part."""

    base_stock: Ints
    cost: Floats
    use: Floats


def _item_approach(model: EvaluationModel, ladder: list[_Levels]) -> Baseline:
    cost = np.array([levels.cost.sum() for levels in ladder])
    use = np.array([levels.use.sum(axis=0) for levels in ladder])
    r = _best(cost, _shortfall(model.targets, list(use.T)))
    setting = _percent(FILL_RATES[r])
    return _baseline(model, "one fill rate for all parts", setting, ladder[r].base_stock)


def _value_classes(model: EvaluationModel, ladder: list[_Levels]) -> Baseline:
    classes = _classes(model)
    # Costs and uses of parts add up, so that those of the classes do.
    member = (classes == np.arange(3)[:, None]).astype(float)
    cost = member @ np.array([levels.cost for levels in ladder]).T
    use = np.array([member @ levels.use for levels in ladder])  # (rate, class, row)
    total = cost[0][:, None, None] + cost[1][:, None] + cost[2]
    uses = [u[:, 0, None, None] + u[:, 1, None] + u[:, 2] for u in np.moveaxis(use, 2, 0)]
    best = np.unravel_index(_best(total, _shortfall(model.targets, uses)), total.shape)
    base_stock = np.array([ladder[best[c]].base_stock[p] for p, c in enumerate(classes)])
    setting = ", ".join(
        f"{name} {_percent(FILL_RATES[best[c]])}" for c, name in enumerate("ABC") if member[c].any()
    )
    return _baseline(model, "one fill rate for each value class", setting, base_stock)


def _echelon_by_echelon(model: EvaluationModel) -> Baseline:
    ladder = [_at_central_wait(model, float(share)) for share in CENTRAL_WAITS]
    cost = np.array([levels.cost.sum() for levels in ladder])
    use = np.array([levels.use.sum(axis=0) for levels in ladder])
    r = _best(cost, _shortfall(model.targets, list(use.T)))
    setting = f"central wait {_percent(CENTRAL_WAITS[r])} of that with the least stock"
    return _baseline(model, "one echelon at a time", setting, ladder[r].base_stock)


def _baseline(model: EvaluationModel, name: str, setting: str, base_stock: Ints) -> Baseline:
    """Assess the levels that were chosen, as every plan is assessed."""
    scenario = model.scenario
    result = assess(settled(replace(model, least_levels=base_stock), base_stock), base_stock)
    unknown, no_price = np.full(len(result.use), np.nan), np.zeros(len(result.use))
    return Baseline(
        name=name,
        setting=setting,
        plan=Plan(
            part_ids=scenario.part_ids,
            depot_ids=scenario.depot_ids,
            grades=model.grades,
            base_stock=base_stock,
            order_quantity=model.lot,
            grade_ids=scenario.grade_ids,
        ),
        cost=result.plan_cost,
        kept=bool((result.use <= limit_with_tolerance(model.targets.limit)).all()),
        rows=read_rows(model, result.use, unknown, no_price),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.10g} %"


def _shortfall(targets: Targets, uses: Sequence[Floats]) -> Floats:
    """Add up over rows by what share of its limit each is broken, for uses without constants."""
    short = np.zeros(np.shape(uses[0]))
    weight = np.ones(len(uses))
    weight[list(targets.stock_rows)] = _STOCK_FIRST
    for k, use in enumerate(uses):
        limit = targets.limit[k]
        total = use + targets.constant[k]
        broken = total > limit_with_tolerance(targets.limit)[k]
        short += np.where(broken, weight[k] * (total - limit) / max(abs(limit), 1e-9), 0.0)
    return short


def _best(cost: Floats, shortfall: Floats) -> int:
    """Give the flat index of the cheapest of those that fall least short."""
    return int(np.lexsort((cost.ravel(), shortfall.ravel()))[0])


def _classes(model: EvaluationModel) -> Ints:
    """Give each part's class by annual value: 0 A, 1 B, 2 C."""
    value = model.demand.depot_rate.sum(axis=1) * model.scenario.prices
    order = np.argsort(-value, kind="stable")
    before = np.cumsum(value[order]) - value[order]
    classes = np.empty(len(value), dtype=np.int64)
    # A cut that is met to the last bit is met.
    classes[order] = np.searchsorted(
        np.array(VALUE_CUTS) * (1 - 1e-12), before / max(value.sum(), 1e-300), side="right"
    )
    return classes


def _at_fill_rate(model: EvaluationModel, rate: float) -> _Levels:
    """Choose the least levels with a fill rate, at roots, then regions, then the fields."""

    def at_rate(root: RootNetwork) -> Ints:
        return np.array([_central_level(root, p, rate) for p in root.parts], dtype=np.int64)

    found = _nothing(model)
    for root, options in _options_down(model, at_rate):
        allowed = np.isfinite(options.cost[..., :-1])
        idle = model.demand.depot_rate[options.part][:, root.fields] == 0
        reached = allowed & ((options.ready >= rate) | idle[..., None])
        most = options.levels - 1 - allowed[..., ::-1].argmax(axis=2)
        levels = np.where(reached.any(axis=2), reached.argmax(axis=2), most)
        _add(found, root, options, levels)
    return found


def _options_down(
    model: EvaluationModel, levels_of: Callable[[RootNetwork], Ints]
) -> Iterator[tuple[RootNetwork, Options]]:
    """Choose the levels of roots, then those of regions given them; give the options."""
    for root in model.roots:
        levels = levels_of(root)
        for network in (root, *regions_given(root, root.parts, levels)):
            chosen = levels if network is root else levels_of(network)
            for options in evaluate_options(network, network.parts, chosen):
                yield network, options


def _nothing(model: EvaluationModel) -> _Levels:
    parts, rows = len(model.grade), len(model.targets.limit)
    return _Levels(np.zeros_like(model.lot), np.zeros(parts), np.zeros((parts, rows)))


def _central_level(root: RootNetwork, p: int, rate: float) -> int:
    """Give the least central level with a fill rate, and with what the part's grade asks."""
    level = np.arange(root.fewest[p], root.most[p] + 1)
    ready = root.central[p][2][level, 0]
    low = too_low_at_root(root, np.full(len(level), p), level, ready)
    reached = np.flatnonzero((ready >= rate) & ~low)
    return int(root.fewest[p] + reached[0]) if len(reached) else int(root.most[p])


def _add(found: _Levels, root: RootNetwork, options: Options, levels: Ints) -> None:
    """Add what options with these field levels cost and use."""
    p, i, j = options.part, np.arange(len(options.part))[:, None], np.arange(len(root.fields))
    found.base_stock[p, root.depot] = options.central_level
    found.base_stock[np.ix_(p, root.fields)] = levels
    found.cost[p] += options.central_cost + options.cost[i, j, levels].sum(axis=1)
    found.use[p] += options.central_use + options.use[:, i, j, levels].sum(axis=2).T


def _at_central_wait(model: EvaluationModel, share: float) -> _Levels:
    """Choose roots' and regions' levels for mean waits, then fields' levels for the targets."""
    batches = list(_options_down(model, lambda root: _levels_for_wait(root, share)))
    levels = cheapest_levels(model, batches)
    found, start = _nothing(model), 0
    for root, options in batches:
        shape = options.cost.shape[:2]
        stop = start + shape[0] * shape[1]
        _add(found, root, options, levels[start:stop].reshape(shape))
        start = stop
    return found


def _levels_for_wait(root: RootNetwork, share: float) -> Ints:
    """Add the unit that saves most backorders for the money until the mean wait is short enough."""
    model, parts = root.model, root.parts
    if not len(parts):
        return parts
    owed = [root.central[p][0][root.fewest[p] : root.most[p] + 1, 0] for p in parts]
    part = np.repeat(np.arange(len(parts)), [len(table) - 1 for table in owed])
    saved = np.concatenate([-np.diff(table) for table in owed])
    order = np.argsort(-saved / np.maximum(model.holding[parts], 1e-12)[part], kind="stable")
    to_save = (1 - share) * sum(table[0] for table in owed)
    # To the last bit of what can be saved there may be nothing to add.
    reached = np.append(0.0, np.cumsum(saved[order]))
    steps = np.searchsorted(reached, to_save * (1 - 1e-12))
    levels = root.fewest[parts] + np.bincount(part[order[:steps]], minlength=len(parts))
    return np.maximum(levels, [_central_level(root, p, 0.0) for p in parts]).astype(np.int64)

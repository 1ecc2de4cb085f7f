"""Cost against service: the cheapest plan for each of many values of one target."""

from __future__ import annotations

import time
from collections.abc import Sequence
from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.argument_checks import positive, whole
from partsim.model.frontier import Frontier, FrontierPoint
from partsim.model.scenario import Scenario
from partsim.optimisation.certified_plans import certified_plan
from partsim.optimisation.decision import Decision, decide, keeps, total_use
from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.named_targets import ALL_PROMISES, is_set, unit_of, with_target
from partsim.optimisation.optimiser import Progress, model_of
from partsim.optimisation.options import Options
from partsim.optimisation.pool import OptionPool
from partsim.optimisation.regional_network import RegionalNetwork
from partsim.optimisation.targets import set_targets

Floats = NDArray[np.float64]

_NEAR_BEST = 0.02
"""The strictest default point is this share of the way from the best that any stock reaches to no
stock."""


def trace_frontier(
    scenario: Scenario,
    *,
    target: str = ALL_PROMISES,
    points: int | Sequence[float] = 9,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Frontier:
    """
    Trace what a target costs: the cheapest plan for each of its values, all others as they are.

    Options that one point has evaluated serve all others. A plan for a stricter value keeps a
    looser one and a bound for a looser value holds for a stricter one, so both are passed on:
    the frontier is monotone.

    Parameters
    ----------
    scenario : Scenario
        The question.
    target : str
        What is varied, one of `partsim.optimisation.named_targets.target_names`: ``promise of
        TIER``, ``waiting time at DEPOT``, ``availability of MACHINE``, ``budget`` and so on, or
        ``all promises`` together. The scenario need not have set it.
    points : int or sequence of float
        Values of the target: shares between 0 and 1, hours, money, volumes; for ``all promises``
        the calls that may break them as a multiple of those that may as promised (1 is as
        promised, 0.5 half as many). Or how many to choose, from what the cheapest plan without
        this target reaches up to near the best that any stock can; budget and storage have no
        such choice.
    time_limit : float, optional
        Seconds after which the search of each point ends with the best plan so far, with its gap.
    progress : callable, optional
        Called with ("frontier", done, total).

    Returns
    -------
    Frontier
        From the loosest value to the strictest.

    Raises
    ------
    ValueError
        If there is no such target, a value or a number of points is impossible, or `time_limit`
        is not positive.
    SolverFailed
        If HiGHS gives no answer.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> case = read_scenario("scenarios/first_steps.yaml")
    >>> frontier = trace_frontier(case, target="promise of everybody", points=[0.9, 0.95])
    >>> [round(point.plan.certificate.plan_cost, -3) for point in frontier.points]
    [10000.0, 28000.0]
    """
    start = time.process_time()
    unit = unit_of(scenario, target)
    if time_limit is not None:
        time_limit = float(positive("time_limit", time_limit))
    pool = OptionPool(model_of(_some_case(scenario, target)))
    decisions: list[Decision] = []
    if np.ndim(points) == 0:
        number = int(whole("points", points, 1))
        pool, loosest = _without_target(pool, target, time_limit)
        values, decisions = _default_points(pool, loosest, scenario, target, number), [loosest]
    else:
        values = np.asarray(points, float).tolist()
    cases = {float(value): with_target(scenario, target, float(value)) for value in values}
    if not cases:
        raise ValueError("points: expected at least one value, got none")
    order = sorted(cases, reverse=unit != "share")  # from the loosest
    models = []
    for done, value in enumerate(order):
        if progress is not None:
            progress("frontier", done, len(order))
        pool = _with_targets(pool, cases[value])
        models.append(pool.model)
        decisions.append(_still_good(pool, decisions[-1:]) or _in_time(pool, time_limit))
    if progress is not None:
        progress("frontier", len(order), len(order))
    decisions = _passed_on(decisions[-len(order) :])
    return Frontier(
        target=target,
        unit=unit,
        currency=scenario.currency,
        points=_points_of(order, models, decisions),
        seconds=time.process_time() - start,
    )


def _some_case(scenario: Scenario, target: str) -> Scenario:
    """Give a scenario that has the row, whatever its limit."""
    return scenario if is_set(scenario, target) else with_target(scenario, target, 0.5)


def _in_time(pool: OptionPool, seconds: float | None) -> Decision:
    return decide(pool, np.inf if seconds is None else time.monotonic() + seconds)


def _without_target(
    pool: OptionPool, target: str, time_limit: float | None
) -> tuple[OptionPool, Decision]:
    """Decide with a limit of the target that needs no stock, or nearly none."""
    unit, targets = unit_of(pool.model.scenario, target), pool.model.targets
    if unit in ("money", "volume"):
        what = {"money": "amounts of money", "volume": "volumes"}[unit]
        raise ValueError(f"points: expected {what} for '{target}', got a number of points")
    empty = targets.constant + pool.without_stock()
    if target == ALL_PROMISES:
        value = 0.999 / float(targets.limit[: targets.tier_rows].max())
    elif unit == "share":
        value = max(1 - float(empty[targets.names.index(target)]), 1e-6)
    else:
        value = 24 * float(empty[targets.names.index(target)])
    pool = _with_targets(pool, with_target(pool.model.scenario, target, value))
    return pool, _in_time(pool, time_limit)


def _default_points(
    pool: OptionPool, loosest: Decision, scenario: Scenario, target: str, number: int
) -> list[float]:
    """Choose values from what the loosest plan reaches up to near the best."""
    targets = pool.model.targets
    best, empty = pool.best_reachable(), pool.without_stock()
    first, last = total_use(loosest.picks), best + _NEAR_BEST * (empty - best)
    if target == ALL_PROMISES:
        promised = np.array([scenario.promise_of(tier).share for tier in scenario.tier_ids])
        # The tier that needs the most sets the pace.
        high, low = (
            ((targets.constant + use)[: targets.tier_rows] / (1 - promised)).max()
            for use in (first, np.minimum(first, last))
        )
        most = 0.999 / (1 - promised).max()  # every promise stays above 0 %
        values = np.geomspace(min(high, most), min(low, most), number)
        return [min(_rounded_up(value), most) for value in values]
    k = targets.names.index(target)
    far = first[k] - best[k]
    near = last[k] - best[k] if last[k] < first[k] else far / 8
    # Where no stock changes anything one point says all.
    away = np.geomspace(far, near, number) if far > 0 else np.array([1e-6])
    uses = [_rounded_up(use) for use in targets.constant[k] + best[k] + away]
    if unit_of(scenario, target) == "share":
        return [1 - use for use in uses]
    return [use * 24 for use in uses]


def _rounded_up(value: float) -> float:
    """Round up to three digits: a looser value, so that what kept the old one keeps the new."""
    step = 10.0 ** (np.floor(np.log10(value)) - 2)
    return float(f"{np.ceil(value / step - 1e-9) * step:.6g}")


def _still_good(pool: OptionPool, before: list[Decision]) -> Decision | None:
    """Take the plan of a looser value if it keeps this one too: then nothing is cheaper."""
    if not before or not before[0].reached:
        return None
    picks = [pool.find(pick) for pick in before[0].picks]
    targets = pool.model.targets
    good = keeps(picks, targets.limit - targets.constant)
    return replace(before[0], picks=picks) if good else None


def _with_targets(pool: OptionPool, scenario: Scenario) -> OptionPool:
    """Let the options of a pool serve a scenario that differs in the limits of its rows only."""
    old = pool.model
    model = replace(old, scenario=scenario, targets=set_targets(scenario, old.demand))
    copies: dict[RootNetwork, RootNetwork] = {}

    def moved(network: RootNetwork) -> RootNetwork:
        """Copy a network with the tables that it has worked out."""
        if network not in copies:
            copies[network] = copy(network)
            vars(copies[network]).update(model=model)
            if isinstance(network, RegionalNetwork):
                vars(copies[network]).update(above=moved(network.above))
        return copies[network]

    vars(model).update(roots=[moved(root) for root in old.roots], windows=old.windows)
    other = copy(pool)
    other.model, other.places = model, dict(pool.places)
    same = all(
        (was.coefficient == term.coefficient).all()
        for was, term in zip(old.targets.terms, model.targets.terms, strict=True)
    )
    other.batches = [
        (moved(root), options if same else _rescaled(options, root, moved(root)))
        for root, options in pool.batches
    ]
    return other


def _rescaled(options: Options, old: RootNetwork, new: RootNetwork) -> Options:
    """Adapt the rows whose coefficients depend on the limits, the waiting times."""
    use, central_use = options.use.copy(), options.central_use.copy()
    for was, term in zip(old.model.targets.terms, new.model.targets.terms, strict=True):
        before, after = was.coefficient[options.part], term.coefficient[options.part]
        ratio = np.divide(after, before, out=np.ones_like(after), where=before > 0)
        for j in np.flatnonzero(new.fields == term.depot):
            use[term.row, :, j] *= ratio[:, None]
        if term.depot == new.depot:
            central_use[:, term.row] *= ratio
    return replace(options, use=use, central_use=central_use)


def _passed_on(decisions: list[Decision]) -> list[Decision]:
    """Pass plans on to looser values and bounds on to stricter ones, where targets are kept."""
    found = list(decisions)
    for k in range(1, len(found)):
        if found[k].reached and found[k - 1].reached:
            found[k] = replace(found[k], bound=max(found[k].bound, found[k - 1].bound))
    for k in reversed(range(len(found) - 1)):
        both = found[k].reached and found[k + 1].reached
        if both and found[k + 1].cost < found[k].cost:
            found[k] = replace(found[k], picks=found[k + 1].picks)
    return found


def _points_of(
    values: list[float], models: list[EvaluationModel], decisions: list[Decision]
) -> tuple[FrontierPoint, ...]:
    points = []
    for value, model, decision in zip(values, models, decisions, strict=True):
        plan = certified_plan(model, decision, time.process_time())
        money = float(model.scenario.prices @ plan.base_stock.sum(axis=1))
        points.append(FrontierPoint(value, plan, money))
    return tuple(points)

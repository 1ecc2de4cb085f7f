"""Choose grades and stock levels at least cost, with a lower bound."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.argument_checks import positive
from partsim.demand.estimation import estimate_demand
from partsim.grading.scoring import grade_parts
from partsim.model.demand import Demand
from partsim.model.plan import Certificate, Plan
from partsim.model.scenario import Scenario
from partsim.optimisation.assessment import assess, read_rows
from partsim.optimisation.decision import Decision, decide
from partsim.optimisation.economic_lots import economic_lots
from partsim.optimisation.evaluation_model import EvaluationModel
from partsim.optimisation.grade_rows import grade_rows
from partsim.optimisation.pool import OptionPool, Pick
from partsim.optimisation.targets import set_targets

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[str, int, int], None]


def optimise(
    scenario: Scenario,
    *,
    allowed_miss: Floats | None = None,
    time_limit: float | None = None,
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
    time_limit : float, optional
        Seconds after which the best plan so far is given, with its gap; looked at between
        rounds, after the first plan. Without it the answer is the same on every machine.
    progress : callable, optional
        Called with ("optimise", done, total).

    Returns
    -------
    Plan
        With its certificate. A target that no plan reaches is among ``certificate.missed``,
        with the best that can be reached; the plan then comes near that.
        ``certificate.status`` says why the search ended.

    Raises
    ------
    ValueError
        If `time_limit` is not positive.
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
    deadline = np.inf
    if time_limit is not None:
        deadline = time.monotonic() + float(positive("time_limit", time_limit))
    tell = progress or _say_nothing
    tell("optimise", 0, 4)
    model = model_of(scenario, allowed_miss=allowed_miss)
    pool = OptionPool(model)
    tell("optimise", 1, 4)
    decision = decide(pool, deadline)
    tell("optimise", 3, 4)
    plan = certified_plan(model, decision, start)
    tell("optimise", 4, 4)
    return plan


def model_of(scenario: Scenario, *, allowed_miss: Floats | None = None) -> EvaluationModel:
    """Grade the parts, estimate their demand, and bring both into the arrays of a search."""
    grades = grade_parts(scenario).grades
    return build_model(scenario, estimate_demand(scenario), grades, allowed_miss=allowed_miss)


def certified_plan(model: EvaluationModel, decision: Decision, start: float) -> Plan:
    """
    Make a plan of a decision, with its certificate.

    Parameters
    ----------
    model : EvaluationModel
        What was decided on.
    decision : Decision
        By `decide`.
    start : float
        When the search began, on `time.process_time` [seconds].

    Returns
    -------
    Plan
        Its cost and rows by `assess`.
    """
    base_stock = levels_of(model, decision.picks)
    reaching = replace(model, least_levels=np.maximum(model.least_levels, base_stock))
    proof = assess(reaching, base_stock)
    best = decision.best + model.targets.constant
    certificate = Certificate(
        plan_cost=proof.plan_cost,
        lower_bound=decision.bound + sum(model.fixed_costs.values()),
        rows=read_rows(model, proof.use, best, decision.prices) + grade_rows(model),
        seconds=time.process_time() - start,
        out_of_time=decision.out_of_time,
    )
    return bare_plan(model, base_stock, certificate)


def bare_plan(
    model: EvaluationModel, base_stock: Ints, certificate: Certificate | None = None
) -> Plan:
    """Make a plan of levels, at the grades and lots of the model."""
    return Plan(
        part_ids=model.scenario.part_ids,
        depot_ids=model.scenario.depot_ids,
        grades=model.grades,
        base_stock=base_stock,
        order_quantity=model.lot,
        certificate=certificate,
        grade_ids=model.scenario.grade_ids,
    )


def _say_nothing(_stage: str, _done: int, _total: int) -> None:
    pass


def build_model(
    scenario: Scenario,
    demand: Demand,
    grades: tuple[str, ...],
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
    grades : tuple of str
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

    Raises
    ------
    ValueError
        If the scenario does not have a grade.
    """
    shape = (len(scenario.parts), len(scenario.depots))
    for grade in set(grades):
        scenario.grade_rules(grade)
    model = EvaluationModel(
        scenario=scenario,
        demand=demand,
        targets=set_targets(scenario, demand, allowed_miss),
        grade=np.array([scenario.grade_ids.index(grade) for grade in grades]),
        lot=np.ones(shape, dtype=np.int64) if lot is None else lot,
        least_levels=np.zeros(shape, dtype=np.int64) if least_levels is None else least_levels,
    )
    return model if lot is not None else replace(model, lot=economic_lots(model))


def levels_of(model: EvaluationModel, picks: list[Pick]) -> Ints:
    """Give the base stock of picks, shape (part, depot)."""
    base_stock = np.zeros(model.lot.shape, dtype=np.int64)
    fields = {root.depot: root.fields for root in model.roots}
    for pick in picks:
        base_stock[pick.part, pick.root] = pick.central_level
        base_stock[pick.part, fields[pick.root]] = pick.levels
    return base_stock

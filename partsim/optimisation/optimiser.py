"""Choose grades and stock levels at least cost, with a lower bound."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.argument_checks import positive
from partsim.demand.estimation import estimate_demand
from partsim.model.plan import Plan
from partsim.model.scenario import Scenario
from partsim.optimisation.certified_plans import build_model
from partsim.optimisation.evaluation_model import EvaluationModel
from partsim.optimisation.free_grades import grades_of_plan, search_free_grades
from partsim.optimisation.settled_search import search

Floats = NDArray[np.float64]
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

    The grades follow from the scenario's rule of grading. Given them, the cost of holding,
    ordering, approval and control loss is minimised over central and field levels by column
    generation with a PuLP master, then an integer core model in PuLP. The bound holds for the
    evaluation model (VARI-METRIC) at these grades, approval times and lot sizes. With the rule
    free the grades are chosen too (`choose_free_grades`), and the bound holds for all of them.
    Emergency shipments that keep demand from a central depot do so by the plan itself, and the
    bound holds at the demand that the plan leaves it (docs/methods.md).

    Parameters
    ----------
    scenario : Scenario
        The question.
    allowed_miss : ndarray of float, shape (tier,) or longer, optional
        Where a simulation has corrected them: the share of each tier's calls that may break the
        promise by the formulas, and behind them, in the order of ``certificate.rows``, the shares
        that other targets may miss, the days that waits may take. NaN, and what is not given,
        stay as the scenario asks.
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
    if scenario.grading.rule == "free":
        plan = search_free_grades(scenario, allowed_miss=allowed_miss, deadline=deadline).free
        tell("optimise", 4, 4)
        return plan
    model = model_of(scenario, allowed_miss=allowed_miss)
    tell("optimise", 1, 4)
    plan = search(model, deadline, start)
    tell("optimise", 4, 4)
    return plan


def model_of(scenario: Scenario, *, allowed_miss: Floats | None = None) -> EvaluationModel:
    """Grade the parts, estimate their demand, and bring both into the arrays of a search."""
    grades = grades_of_plan(scenario, allowed_miss=allowed_miss)
    return build_model(scenario, estimate_demand(scenario), grades, allowed_miss=allowed_miss)


def _say_nothing(_stage: str, _done: int, _total: int) -> None:
    pass

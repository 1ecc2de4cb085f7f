"""The whole way: demand, grades, plan, simulation, correction, verdict."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from partsim.demand.estimation import estimate_demand
from partsim.grading.explanation import explain_grades
from partsim.grading.scoring import grade_parts
from partsim.model.grading_price import GradingPrice
from partsim.model.run import Run
from partsim.model.scenario import Scenario
from partsim.optimisation.grading_comparison import compare_gradings
from partsim.planning.rounds import HELD_OUT, Progress, Settled, Way, settle
from partsim.planning.today import plan_of_today, propose_orders
from partsim.simulation.engines import Engine
from partsim.simulation.streams import checked_seed


def run(
    scenario: Scenario,
    *,
    seed: int | None = None,
    replications: int | None = None,
    jobs: int = 1,
    engine: Engine | None = None,
    resume: Path | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Run:
    """
    Answer a scenario: the plan, its bound, and a simulated verdict on every promise.

    The plan is optimised by the formulas and played out. Where a promise, a waiting time, a fill
    rate or an availability is not kept with confidence, or stock is paid for more than was asked,
    what the formulas aim at is corrected (`partsim.planning.correction`), each time with fresh
    seeds, until there is nothing to correct, at most four plans in all. What is reported is the
    cheapest of those that keep most, simulated with seeds that no correction and no choice has
    seen.

    Parameters
    ----------
    scenario : Scenario
        The question.
    seed : int, optional
        Instead of the scenario's.
    replications : int, optional
        Instead of the scenario's, and of its most.
    jobs : int
        Processes that simulate; the answer does not depend on it.
    engine : Engine, optional
        Who simulates instead, such as `partsim.simulation.engines.Dask`.
    resume : Path, optional
        Folder where finished replications are kept, and taken from when it is there: an
        interrupted run goes on from them.
    time_limit : float, optional
        Seconds after which each search of stock levels ends with the best plan so far: the first
        one, one for each correction, and that of free grades. The simulations have no limit.
    progress : callable, optional
        Called with (stage, done, total).

    Returns
    -------
    Run
        Decision and proof.

    Raises
    ------
    ValueError
        If `replications` is below 2, `jobs` below 1, `time_limit` not positive or `seed` no whole
        number from 0 to 2**63 - 1.
    InputError
        If `resume` belongs to another scenario, seed or version.
    Interrupted
        On Ctrl-C in a simulation.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> result = run(read_scenario("scenarios/first_steps.yaml"))
    >>> bool(result.promises["share_simulated"].iloc[0] > 0.9)
    True
    """
    rules = scenario.simulation
    way = Way(
        scenario=scenario,
        seed=checked_seed(rules.seed if seed is None else seed),
        replications=rules.replications if replications is None else replications,
        most=rules.most_replications if replications is None else None,
        jobs=jobs,
        engine=engine,
        resume=resume,
        time_limit=time_limit,
        progress=progress,
    )
    with way.timed("demand"):
        demand = estimate_demand(scenario)
    settled = settle(way)
    plan = settled.plan
    judged = way.judge(plan, HELD_OUT, settled.replications)
    with way.timed("grades"):
        grading = explain_grades(scenario, replace(grade_parts(scenario), grades=plan.grades))
    grading_price = _price_grades(way, settled)
    today = plan_of_today(scenario, plan.grades)
    return Run(
        scenario=scenario,
        demand=demand,
        grading=grading,
        plan=plan,
        performance=judged.performance,
        outcome=judged.outcome,
        rounds=settled.rounds,
        today=None if today is None else way.judge(today, HELD_OUT, settled.replications),
        orders=propose_orders(scenario, plan),
        seconds=way.seconds,
        grading_price=grading_price,
        target_rounds=settled.target_rounds if len(settled.target_rounds) else None,
        allowed_miss=settled.allowed,
    )


def _price_grades(way: Way, settled: Settled) -> GradingPrice | None:
    """Compare the plan's grades with others for the targets that it was made for."""
    limit = np.inf if way.time_limit is None else way.time_limit
    today = way.scenario.today_grades
    with way.timed("price of grading"):
        return compare_gradings(
            way.scenario,
            settled.plan,
            others={} if today is None else {"today's grades": today},
            allowed_miss=settled.allowed,
            deadline=time.monotonic() + limit,
        )

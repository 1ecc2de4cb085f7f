"""The whole way: demand, grades, plan, simulation, correction, verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.demand.estimation import estimate_demand
from partsim.grading.scoring import grade_parts
from partsim.model.outcome import Outcome
from partsim.model.performance import Performance
from partsim.model.plan import Plan
from partsim.model.run import Judged, Run
from partsim.model.scenario import Scenario
from partsim.optimisation.optimiser import optimise
from partsim.planning.evaluation import evaluate
from partsim.planning.today import plan_of_today, propose_orders
from partsim.simulation.simulation import simulate

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

MOST_CORRECTIONS = 2
"""Corrections of the targets from simulated against modelled shares."""


def run(
    scenario: Scenario,
    *,
    seed: int | None = None,
    replications: int | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Run:
    """
    Answer a scenario: the plan, its bound, and a simulated verdict on every promise.

    The plan is optimised by the formulas and played out. Where a promise is not kept with
    confidence, the share of calls that the formulas may let break it is corrected by the ratio
    of modelled to simulated misses, at most twice, each time with fresh seeds. What is reported
    is the last plan, simulated with seeds that no correction and no decision to stop has seen.

    Parameters
    ----------
    scenario : Scenario
        The question.
    seed, replications : int, optional
        Instead of the scenario's.
    jobs : int
        Processes that simulate; the answer does not depend on it.
    progress : callable, optional
        Called with (stage, done, total).

    Returns
    -------
    Run
        Decision and proof.

    Raises
    ------
    ValueError
        If `replications` is below 2 or `jobs` below 1.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> result = run(read_scenario("scenarios/first_steps.yaml"))
    >>> bool(result.promises["share_simulated"].iloc[0] > 0.9)
    True
    """
    seconds: dict[str, float] = {}
    seed = scenario.simulation.seed if seed is None else seed

    def play(plan: Plan, series: int) -> Outcome:
        with _stopwatch(seconds, "simulate"):
            return simulate(
                scenario,
                plan,
                seed=seed + series * _SEED_STEP,
                replications=replications,
                jobs=jobs,
                progress=progress,
            )

    def choose(allowed: Floats | None) -> Plan:
        with _stopwatch(seconds, "optimise"):
            return optimise(scenario, allowed_miss=allowed, progress=progress)

    with _stopwatch(seconds, "demand"):
        demand, grading = estimate_demand(scenario), grade_parts(scenario)
    allowed: Floats | None = None
    rounds: list[pd.DataFrame] = []
    plan = choose(allowed)
    for attempt in range(MOST_CORRECTIONS + 1):  # the first is no correction
        with _stopwatch(seconds, "evaluate"):
            performance = evaluate(scenario, plan)
        outcome = play(plan, attempt)
        rounds.append(_round(attempt + 1, allowed, performance, outcome))
        corrected = _correct(plan, allowed, performance, outcome)
        if corrected is None or attempt == MOST_CORRECTIONS:
            break
        stricter = choose(corrected)
        if _missed(stricter) - _missed(plan):
            break  # it would break another target, such as the budget
        plan, allowed = stricter, corrected
    held_out = MOST_CORRECTIONS + 1
    outcome = play(plan, held_out)
    today = plan_of_today(scenario)
    judged = None
    if today is not None:
        judged = Judged(today, evaluate(scenario, today), play(today, held_out))
    return Run(
        scenario=scenario,
        demand=demand,
        grading=grading,
        plan=plan,
        performance=performance,
        outcome=outcome,
        rounds=pd.concat(rounds, ignore_index=True),
        today=judged,
        orders=propose_orders(scenario, plan),
        seconds=seconds,
    )


_SEED_STEP = 1_000_003
"""Distance of the seeds of successive simulations, so that neighbouring seeds of two runs do
not share one."""


def _missed(plan: Plan) -> set[str]:
    assert plan.certificate is not None  # from the optimiser
    return {row.name for row in plan.certificate.missed}


def _round(
    number: int, allowed: Floats | None, performance: Performance, outcome: Outcome
) -> pd.DataFrame:
    promised = performance.promises["share_promised"].to_numpy()
    return pd.DataFrame(
        {
            "round": number,
            "tier": performance.promises["tier"],
            "share_target": promised if allowed is None else 1 - allowed,
            "share_modelled": performance.promises["share_modelled"],
            "share_simulated": outcome.promises["share_simulated"],
            "share_low": outcome.promises["share_low"],
            "share_high": outcome.promises["share_high"],
            "kept": outcome.promises["kept"],
        }
    )


def _correct(
    plan: Plan, allowed: Floats | None, performance: Performance, outcome: Outcome
) -> Floats | None:
    """
    Correct the allowed misses of the tiers that are not kept with confidence.

    What stock cannot change is left out of the ratio: only misses above the best that endless
    stock reaches are scaled. None if there is nothing left to correct.
    """
    assert plan.certificate is not None  # from the optimiser
    tiers = plan.certificate.rows[: len(outcome.promises)]
    promised = performance.promises["share_promised"].to_numpy()
    current = 1 - promised if allowed is None else allowed
    kept = (outcome.promises["kept"] == "yes").to_numpy()
    floor = np.array([1 - row.best for row in tiers])
    reached = np.array([row.reached for row in tiers])
    todo = ~kept & reached & (1 - promised > floor)
    if not todo.any():
        return None
    modelled = 1 - performance.promises["share_modelled"].to_numpy()
    # The low end of the simulated share has to reach the promise, not its middle.
    simulated = 1 - outcome.promises["share_low"].to_numpy()
    ratio = np.maximum(modelled - floor, 1e-9) / np.maximum(simulated - floor, 1e-9)
    target = floor + (1 - promised - floor) * np.clip(ratio, 0.05, 1.0) * _CAUTION
    return np.where(todo, np.minimum(target, current), current)


_CAUTION = 0.97
"""Aim a little above the promise: the next simulation has an error of its own."""


@contextmanager
def _stopwatch(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Add the CPU time of a stage; worker processes' time is not counted."""
    start = time.process_time()
    try:
        yield
    finally:
        seconds[stage] = seconds.get(stage, 0.0) + time.process_time() - start

"""The whole way: demand, grades, plan, simulation, correction, verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.demand.estimation import estimate_demand
from partsim.grading.explanation import explain_grades
from partsim.grading.scoring import grade_parts
from partsim.model.grading_price import GradingPrice
from partsim.model.plan import Plan
from partsim.model.run import Judged, Run
from partsim.model.scenario import Scenario
from partsim.optimisation.grading_comparison import compare_gradings
from partsim.optimisation.optimiser import optimise
from partsim.planning.batches import Batches, ask, plan_digest, question_of
from partsim.planning.correction import Evidence, corrected_shares, evidence_of, good_rounds
from partsim.planning.evaluation import evaluate
from partsim.planning.today import plan_of_today, propose_orders
from partsim.simulation.engines import Engine
from partsim.simulation.simulation import simulate

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

MOST_ROUNDS = 4
"""Plans that are simulated before one is reported."""


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

    The plan is optimised by the formulas and played out. Where a promise is not kept with
    confidence, or stock is paid for a share that it does not need, the share that the formulas
    aim at is corrected (`partsim.planning.correction`), each time with fresh seeds, until there
    is nothing to correct, at most four plans in all. What is reported is the cheapest of those
    that keep most promises, simulated with seeds that no correction and no choice has seen.

    Parameters
    ----------
    scenario : Scenario
        The question.
    seed, replications : int, optional
        Instead of the scenario's.
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
        If `replications` is below 2, `jobs` below 1 or `time_limit` not positive.
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
    way = _Way(
        scenario=scenario,
        seed=scenario.simulation.seed if seed is None else seed,
        replications=replications,
        jobs=jobs,
        engine=engine,
        resume=resume,
        time_limit=time_limit,
        progress=progress,
    )
    with way.timed("demand"):
        demand = estimate_demand(scenario)
    plan, allowed, rounds = _corrected_plan(way)
    judged = way.judge(plan, _HELD_OUT)
    with way.timed("grades"):
        grading = explain_grades(scenario, replace(grade_parts(scenario), grades=plan.grades))
    grading_price = way.price_grades(plan, allowed)
    today = plan_of_today(scenario, plan.grades)
    return Run(
        scenario=scenario,
        demand=demand,
        grading=grading,
        plan=plan,
        performance=judged.performance,
        outcome=judged.outcome,
        rounds=rounds,
        today=None if today is None else way.judge(today, _HELD_OUT),
        orders=propose_orders(scenario, plan),
        seconds=way.seconds,
        grading_price=grading_price,
    )


_SERIES = (0, 1, 2, 4)
"""Series of random numbers of the rounds."""
_HELD_OUT = 3
"""Series of random numbers that no correction sees."""
_SEED_STEP = 1_000_003
"""Distance of the seeds of successive series, so that neighbouring seeds of two runs do not
share one."""


@dataclass(frozen=True)
class _Way:
    """The steps of one run, with its settings and the CPU time of each stage so far."""

    scenario: Scenario
    seed: int
    replications: int | None
    jobs: int
    engine: Engine | None
    resume: Path | None
    time_limit: float | None
    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)

    def choose(self, allowed: Floats | None) -> Plan:
        """Optimise, with the misses that the formulas may allow."""
        with self.timed("optimise"):
            return optimise(
                self.scenario,
                allowed_miss=allowed,
                time_limit=self.time_limit,
                progress=self.progress,
            )

    def price_grades(self, plan: Plan, allowed: Floats | None) -> GradingPrice | None:
        """Compare the plan's grades with others for the targets that it was made for."""
        limit = np.inf if self.time_limit is None else self.time_limit
        today = self.scenario.today_grades
        with self.timed("price of grading"):
            return compare_gradings(
                self.scenario,
                plan,
                others={} if today is None else {"today's grades": today},
                allowed_miss=allowed,
                deadline=time.monotonic() + limit,
            )

    def judge(self, plan: Plan, series: int) -> Judged:
        """Evaluate a plan and play it out with a series of random numbers of its own."""
        with self.timed("evaluate"):
            performance = evaluate(self.scenario, plan)
        with self.timed("simulate"):
            seed = (self.seed + series * _SEED_STEP) % 2**63
            outcome = simulate(
                self.scenario,
                plan,
                seed=seed,
                replications=self.replications,
                jobs=self.jobs,
                engine=self.engine,
                store=self._batches(plan, seed),
                progress=self.progress,
            )
        return Judged(plan, performance, outcome)

    def _batches(self, plan: Plan, seed: int) -> Batches | None:
        """Give the folder of one plan played with one seed, in that of the run."""
        if self.resume is None:
            return None
        ask(self.resume, question_of(self.scenario, None, self.seed))
        name = f"seed-{seed}-plan-{plan_digest(plan)[:12]}"
        return Batches(self.resume / name, question_of(self.scenario, plan, seed))

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the CPU time of a stage; worker processes' time is not counted."""
        start = time.process_time()
        try:
            yield
        finally:
            spent = time.process_time() - start
            self.seconds[stage] = self.seconds.get(stage, 0.0) + spent


def _corrected_plan(way: _Way) -> tuple[Plan, Floats | None, pd.DataFrame]:
    """
    Optimise, simulate and correct.

    Give the plan, the misses that it was allowed where they were corrected, and the rounds.
    """
    promised = np.array([way.scenario.promise_of(tier).share for tier in way.scenario.tier_ids])
    aimed, plan = promised, way.choose(None)
    known: list[Evidence] = []
    seen: list[Judged] = []
    for number in range(MOST_ROUNDS):
        seen.append(way.judge(plan, _SERIES[number]))
        known.append(evidence_of(plan, aimed, seen[-1].performance, seen[-1].outcome))
        corrected = corrected_shares(known)
        if corrected is None or number + 1 == MOST_ROUNDS:
            break
        other = way.choose(1 - corrected)
        if _missed(other) - _missed(plan):
            break  # it would break another target, such as the budget
        plan, aimed = other, corrected
    best = min(reversed(good_rounds(known)), key=lambda k: seen[k].outcome.plan_cost)
    rounds = [
        _round(number, judged, evidence).assign(chosen=number == best + 1)
        for number, (judged, evidence) in enumerate(zip(seen, known, strict=True), start=1)
    ]
    allowed = 1 - known[best].aimed if best else None
    return seen[best].plan, allowed, pd.concat(rounds, ignore_index=True)


def _missed(plan: Plan) -> set[str]:
    assert plan.certificate is not None  # from the optimiser
    return {row.name for row in plan.certificate.missed}


def _round(number: int, judged: Judged, evidence: Evidence) -> pd.DataFrame:
    promises = judged.outcome.promises
    return pd.DataFrame(
        {
            "round": number,
            "tier": promises["tier"],
            "share_target": evidence.aimed,
            "share_modelled": evidence.modelled,
            "share_simulated": evidence.simulated,
            "share_low": evidence.low,
            "share_high": promises["share_high"],
            "kept": promises["kept"],
            "share_best": evidence.simulated_best,
            "cost_simulated": judged.outcome.plan_cost,
        }
    )

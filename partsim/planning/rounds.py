"""The rounds of a run: a plan chosen, played out, corrected and played again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.model.plan import Plan
from partsim.model.run import Judged
from partsim.model.scenario import Scenario
from partsim.optimisation.optimiser import optimise
from partsim.planning.batches import Batches, ask, plan_digest, question_of
from partsim.planning.correction import corrected_shares, good_rounds, replications_worth
from partsim.planning.evaluation import evaluate
from partsim.planning.evidence import Evidence, allowed_use, evidence_of
from partsim.simulation.engines import Engine
from partsim.simulation.simulation import simulate

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

MOST_ROUNDS = 4
"""Plans that are simulated before one is chosen."""
HELD_OUT = 3
"""Series of random numbers that no round sees."""
_SERIES = (0, 1, 2, 4)
"""Series of random numbers of the rounds."""
_SEED_STEP = 1_000_003
"""Distance of the seeds of successive series, so that neighbouring seeds of two runs do not
share one."""


@dataclass(frozen=True)
class Way:
    """
    How plans are chosen and played, and the CPU time of each stage so far.

    Attributes
    ----------
    scenario : Scenario
        The question.
    seed, replications : int
        Of the simulations.
    most : int or None
        As many replications as there may be where chance is dear; None for no more.
    jobs, engine, resume, time_limit, progress
        As for `partsim.planning.pipeline.run`.
    seconds : dict of str to float
        CPU time by stage; worker processes' time is not counted.
    """

    scenario: Scenario
    seed: int
    replications: int
    most: int | None = None
    jobs: int = 1
    engine: Engine | None = None
    resume: Path | None = None
    time_limit: float | None = None
    progress: Progress | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def choose(self, allowed: Floats | None) -> Plan:
        """Optimise, with what the formulas may allow."""
        with self.timed("optimise"):
            return optimise(
                self.scenario,
                allowed_miss=allowed,
                time_limit=self.time_limit,
                progress=self.progress,
            )

    def judge(self, plan: Plan, series: int, replications: int) -> Judged:
        """Evaluate a plan and play it out with a series of random numbers of its own."""
        with self.timed("evaluate"):
            performance = evaluate(self.scenario, plan)
        with self.timed("simulate"):
            seed = (self.seed + series * _SEED_STEP) % 2**63
            outcome = simulate(
                self.scenario,
                plan,
                seed=seed,
                replications=replications,
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
        """Add the CPU time of a stage."""
        start = time.process_time()
        try:
            yield
        finally:
            spent = time.process_time() - start
            self.seconds[stage] = self.seconds.get(stage, 0.0) + spent


@dataclass(frozen=True, eq=False)
class Settled:
    """
    The plan that the rounds end with.

    Attributes
    ----------
    plan : Plan
        The chosen one.
    allowed : ndarray of float, shape (row,), or None
        What the formulas were allowed for it, as `allowed_use` gives it; None where that is what
        the scenario asks for.
    rounds : DataFrame
        Every promise in every round, as `Run.rounds`.
    target_rounds : DataFrame
        Every other target in every round, as `Run.target_rounds`.
    replications : int
        How often the next simulation of the plan should be repeated.
    """

    plan: Plan
    allowed: Floats | None
    rounds: pd.DataFrame
    target_rounds: pd.DataFrame
    replications: int


def settle(way: Way) -> Settled:
    """
    Choose a plan, play it out and correct it, at most four plans in all.

    Parameters
    ----------
    way : Way
        Scenario and settings.

    Returns
    -------
    Settled
        By the formulas the cheapest plan of those that keep most targets.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> scenario = read_scenario("scenarios/first_steps.yaml", ["simulation.years=2"])
    >>> settled = settle(Way(scenario, seed=1, replications=4))
    >>> int(settled.rounds["chosen"].sum()) == len(scenario.tier_ids)
    True
    """
    aimed: Floats | None = None
    plan, count = way.choose(None), way.replications
    known: list[Evidence] = []
    seen: list[Judged] = []
    for number in range(MOST_ROUNDS):
        seen.append(way.judge(plan, _SERIES[number], count))
        known.append(evidence_of(plan, aimed, seen[-1].performance, seen[-1].outcome))
        count = replications_worth(known[-1], count, way.most)
        corrected = corrected_shares(known, count if way.most else known[-1].replications)
        if corrected is None or number + 1 == MOST_ROUNDS:
            break
        other = way.choose(allowed_use(known[-1], corrected))
        if _missed(other) - _missed(plan):
            break  # it would break another target, such as the budget
        plan, aimed = other, corrected
    # By the formulas: the simulated costs of two rounds differ by chance more than by the plans.
    best = min(reversed(good_rounds(known)), key=lambda k: known[k].plan_cost)
    allowed = allowed_use(known[best], known[best].aimed) if best else None
    promises = _table(_promises_of_round, seen, known, best)
    others = _table(_targets_of_round, seen, known, best)
    return Settled(seen[best].plan, allowed, promises, others, count)


def _missed(plan: Plan) -> set[str]:
    assert plan.certificate is not None  # from the optimiser
    return {row.name for row in plan.certificate.missed}


def _table(
    show: Callable[[Judged, Evidence], pd.DataFrame],
    seen: list[Judged],
    known: list[Evidence],
    best: int,
) -> pd.DataFrame:
    """Show every round, with its number and whether its plan is the chosen one."""
    tables = [show(*round_) for round_ in zip(seen, known, strict=True)]
    for number, table in enumerate(tables):
        table.insert(0, "round", number + 1)
        table["chosen"] = number == best
    return pd.concat(tables, ignore_index=True)


def _promises_of_round(judged: Judged, evidence: Evidence) -> pd.DataFrame:
    promises = judged.outcome.promises
    tiers = slice(len(promises))
    return pd.DataFrame(
        {
            "tier": promises["tier"],
            "share_target": evidence.aimed[tiers],
            "share_modelled": evidence.modelled[tiers],
            "share_simulated": promises["share_simulated"],
            "share_low": promises["share_low"],
            "share_high": promises["share_high"],
            "kept": promises["kept"],
            "share_best": evidence.simulated_best[tiers],
            "cost_simulated": judged.outcome.plan_cost,
            "cost_simulated_low": judged.outcome.plan_cost_low,
            "cost_simulated_high": judged.outcome.plan_cost_high,
        }
    )


def _targets_of_round(judged: Judged, evidence: Evidence) -> pd.DataFrame:
    """Show the targets that are no promise and that a simulation judges."""
    others = slice(len(judged.outcome.promises), None)
    rows = judged.plan.rows.iloc[evidence.rows[others]]
    sign = np.where(evidence.hours[others], -1.0, 1.0)
    table = rows[["row", "unit", "target"]].assign(
        aimed=sign * evidence.aimed[others], modelled=rows["value"]
    )
    seen = judged.outcome.targets
    if seen is None:
        return table.assign(simulated=np.nan, kept="")
    seen = seen.drop(columns=["target", "without_waits"])
    table = table.merge(seen, how="left", on="row", validate="1:1")
    return table.assign(kept=table["kept"].astype(object).where(table["kept"].notna(), ""))

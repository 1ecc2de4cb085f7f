"""Answer several cases with the same random numbers, and compare them with the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

import partsim
from partsim.model.outcome import Outcome
from partsim.model.plan import Plan
from partsim.model.run import Judged
from partsim.model.scenario import Scenario
from partsim.model.what_if import Case, Comparison
from partsim.optimisation.optimiser import optimise
from partsim.planning.batches import ask, case_batches, plan_digest, question_of
from partsim.planning.evaluation import evaluate
from partsim.planning.rounds import Way, settle
from partsim.simulation.comparison import compare
from partsim.simulation.engines import Engine
from partsim.simulation.simulation import simulate

Progress = Callable[[str, int, int], None]
Correction = Literal["none", "by simulation"]


def compare_cases(
    cases: Mapping[str, Case],
    *,
    correction: Correction = "none",
    jobs: int = 1,
    engine: Engine | None = None,
    resume: Path | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """
    Answer cases alike and compare them with the first.

    Each case is optimised (unless it brings its plan), evaluated by formula and played out. All
    use the seed and the number of replications of the first, so that each failure happens to all
    of them and differences have narrow intervals. Equal cases are answered once.

    Parameters
    ----------
    cases : mapping of str to Case
        By name, two or more; of one currency.
    correction : str
        ``none``: plans are the optimiser's, on the edge of their promises by its formulas; or ``by
        simulation``: they are corrected until promises are kept, as `run` does, with other random
        numbers than those of the comparison.
    jobs : int
        Processes that simulate; the answer does not depend on it.
    engine : Engine, optional
        Who simulates instead, such as `partsim.simulation.engines.Dask`.
    resume : Path, optional
        Folder where finished replications of all cases are kept, and taken from when they are
        there: an interrupted comparison goes on from them, and a longer one uses them.
    time_limit : float, optional
        Seconds after which each search of stock levels ends with the best plan so far.
    progress : callable, optional
        Called with (stage, done, total); the stage names the case.

    Returns
    -------
    Comparison
        Plans, promises and differences.

    Raises
    ------
    ValueError
        If there are fewer than two cases, or their currencies differ.
    InputError
        If `resume` belongs to another seed or version.
    Interrupted
        On Ctrl-C in a simulation.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> changes = ["simulation.replications=3", "simulation.years=2"]
    >>> file = "scenarios/first_steps.yaml"
    >>> now = read_scenario(file, changes)
    >>> slow = read_scenario(file, [*changes, "suppliers.importer.lead_time=120 d"])
    >>> found = compare_cases({"60 days": Case(now), "120 days": Case(slow)})
    >>> bool(found.plans["cost_by_formula"].is_monotonic_increasing)
    True
    """
    _check(cases)
    first = next(iter(cases.values())).scenario
    way = _Way(first, correction, jobs, engine, resume, time_limit, progress)
    answers: dict[str, Judged] = {}
    known: dict[str, Judged] = {}
    for number, (name, case) in enumerate(cases.items(), start=1):
        key = _key(case)
        if key not in known:
            known[key] = way.answer(case, f"{number} of {len(cases)}, {name}")
        answers[name] = known[key]
    differences = compare({name: judged.outcome for name, judged in answers.items()})
    promises = pd.concat([_promises(name, judged.outcome) for name, judged in answers.items()])
    return Comparison(
        currency=first.currency,
        answers=answers,
        plans=_plans(answers, differences),
        promises=promises.reset_index(drop=True),
        differences=differences,
    )


def _check(cases: Mapping[str, Case]) -> None:
    if len(cases) < 2:
        raise ValueError(f"cases: expected two or more to compare, got {len(cases)}")
    currencies = {name: case.scenario.currency for name, case in cases.items()}
    if len(set(currencies.values())) > 1:
        got = ", ".join(f"{currency} in {name}" for name, currency in currencies.items())
        raise ValueError(f"cases: expected one currency, got {got}")


def _key(case: Case) -> str:
    """Name what decides an answer."""
    plan = "" if case.plan is None else plan_digest(case.plan)
    text = case.scenario.model_dump_json(exclude={"name"}) + plan
    return sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class _Way:
    """How every case is answered."""

    first: Scenario
    correction: Correction
    jobs: int
    engine: Engine | None
    resume: Path | None
    time_limit: float | None
    progress: Progress | None

    def answer(self, case: Case, label: str) -> Judged:
        """Choose the plan where there is none, and play it out."""

        def progress(stage: str, done: int, total: int) -> None:
            if self.progress is not None:
                self.progress(f"{label}: {stage}", done, total)

        same = self.first.simulation
        draws = {"seed": same.seed, "replications": same.replications,
                 "most_replications": same.most_replications, "precision": None}  # fmt: skip
        settings = case.scenario.simulation.model_copy(update=draws)
        scenario = case.scenario.model_copy(update={"simulation": settings})
        plan = case.plan or self._choose(scenario, progress)
        outcome = simulate(
            scenario, plan, jobs=self.jobs, engine=self.engine,
            store=case_batches(self.resume, scenario, plan), progress=progress,
        )  # fmt: skip
        return Judged(plan, evaluate(scenario, plan), outcome)

    def _choose(self, scenario: Scenario, progress: Progress) -> Plan:
        if self.correction == "none":
            return optimise(scenario, time_limit=self.time_limit, progress=progress)
        seed = (scenario.simulation.seed + 1) % 2**63  # not the one that judges
        folder = None
        if self.resume is not None:
            ask(self.resume, {"partsim": partsim.__version__, "seed": scenario.simulation.seed})
            digest = str(question_of(scenario, None, seed)["scenario"])
            folder = self.resume / f"plan-{digest[:12]}"
        asked = scenario.model_copy(update={"today": None})
        way = Way(
            asked, seed, asked.simulation.replications, asked.simulation.most_replications,
            jobs=self.jobs, engine=self.engine, resume=folder, time_limit=self.time_limit,
            progress=progress,
        )  # fmt: skip
        return settle(way).plan


def _plans(answers: Mapping[str, Judged], differences: pd.DataFrame) -> pd.DataFrame:
    """Lay costs, bounds and verdicts out, case by case."""
    whole = differences.query("measure == 'cost' and name == 'plan_cost'").set_index("plan")
    rows = []
    for name, judged in answers.items():
        proof, cost = judged.plan.certificate, judged.outcome.simulated_cost
        against = [0.0] * 3
        if name in whole.index:
            columns = ["difference", "difference_low", "difference_high"]
            against = [whole[column].astype(float)[name] for column in columns]
        rows.append(
            {
                "case": name,
                "cost_by_formula": judged.performance.plan_cost,
                "lower_bound": np.nan if proof is None else proof.lower_bound,
                "gap": np.nan if proof is None else proof.gap,
                **cost,
                "kept": _all_kept(judged.outcome.promises["kept"]),
                "missed": "" if proof is None else "; ".join(row.name for row in proof.missed),
                "difference": against[0],
                "difference_low": against[1],
                "difference_high": against[2],
            }
        )
    return pd.DataFrame(rows)


def _all_kept(verdicts: pd.Series[str]) -> str:
    if (verdicts == "yes").all():
        return "yes"
    return "no" if (verdicts == "no").any() else "open"


def _promises(name: str, outcome: Outcome) -> pd.DataFrame:
    columns = ["tier", "within_hours", "share_promised", "share_simulated", "share_low",
               "share_high", "kept"]  # fmt: skip
    satisfied = [f"satisfaction{end}" for end in ("", "_low", "_high")]
    tiers = outcome.service[outcome.service["group"] == "tier"][["name", *satisfied]]
    table = outcome.promises[columns].merge(
        tiers.rename(columns={"name": "tier"}), how="left", on="tier", validate="1:1"
    )
    table.insert(0, "case", name)
    return table

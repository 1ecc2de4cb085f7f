"""Plans by simpler rules beside the plan of a run, played out with the same random numbers."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from partsim.model.outcome import Outcome
from partsim.model.run import Run
from partsim.optimisation.baselines import baselines
from partsim.planning.evaluation import evaluate
from partsim.simulation.engines import Engine
from partsim.simulation.simulation import simulate

Progress = Callable[[str, int, int], None]

OURS = "partsim"
"""What the plan of the run is called in the table."""


def judge_simpler_rules(
    run: Run,
    *,
    jobs: int = 1,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """
    Plan by simpler rules, for the same targets as the run's plan, and play the plans out.

    Parameters
    ----------
    run : Run
        By `partsim.run`.
    jobs : int
        Processes that simulate; the answer does not depend on it.
    engine : Engine, optional
        Who simulates instead.
    progress : callable, optional
        Called with (stage, done, total).

    Returns
    -------
    DataFrame
        As `Run.baselines`: the run's plan first, then those of
        `partsim.optimisation.baselines.baselines`.

    Examples
    --------
    >>> from partsim import read_scenario, run
    >>> table = judge_simpler_rules(run(read_scenario("scenarios/first_steps.yaml")))
    >>> bool(table["cost_modelled"].idxmin() == 0)
    True
    """
    lines = [_lines(OURS, "", run.performance.plan_cost, run.promises, run.outcome)]
    for other in baselines(run.scenario, allowed_miss=run.allowed_miss):
        performance = evaluate(run.scenario, other.plan)
        outcome = simulate(
            run.scenario,
            other.plan,
            seed=run.outcome.seed,
            replications=run.outcome.replications,
            jobs=jobs,
            engine=engine,
            progress=progress,
        )
        promises = outcome.promises.assign(
            share_modelled=performance.promises["share_modelled"].to_numpy()
        )
        lines.append(_lines(other.name, other.setting, other.cost, promises, outcome))
    return pd.concat(lines, ignore_index=True)


def _lines(
    rule: str, setting: str, cost: float, promises: pd.DataFrame, outcome: Outcome
) -> pd.DataFrame:
    """Give one row for each tier."""
    columns = ["tier", "share_promised", "share_modelled", "share_simulated", "share_low",
               "share_high", "kept"]  # fmt: skip
    table = promises[columns].copy()
    table.insert(0, "rule", rule)
    table.insert(1, "setting", setting)
    return table.assign(
        cost_modelled=cost,
        cost_simulated=outcome.plan_cost,
        cost_simulated_low=outcome.plan_cost_low,
        cost_simulated_high=outcome.plan_cost_high,
    )

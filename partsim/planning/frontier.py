"""Play the plans of a frontier out, beside the formulas that chose them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from partsim.analytic.argument_checks import whole
from partsim.model.frontier import Frontier, FrontierPoint
from partsim.model.outcome import Outcome
from partsim.model.scenario import Scenario
from partsim.optimisation.named_targets import with_target
from partsim.planning.batches import case_batches
from partsim.simulation.engines import Engine
from partsim.simulation.simulation import simulate

Progress = Callable[[str, int, int], None]


def play_frontier(
    scenario: Scenario,
    frontier: Frontier,
    *,
    points: int | None = None,
    jobs: int = 1,
    engine: Engine | None = None,
    resume: Path | None = None,
    progress: Progress | None = None,
) -> Frontier:
    """
    Play the plans of points of a frontier out, all with the same random numbers.

    Each failure happens to all plans at the same moment, so that they differ by their stock alone.
    The plan of a point is judged by the point's own value of the target.

    Parameters
    ----------
    scenario : Scenario
        What the frontier was traced for; its `simulation` gives seed and replications.
    frontier : Frontier
        By `partsim.optimisation.frontier.trace_frontier`.
    points : int, optional
        How many to play, evenly chosen from the loosest to the strictest; a single one is the
        strictest. All if not given, or if there are fewer.
    jobs : int
        Processes that simulate; the answer does not depend on it.
    engine : Engine, optional
        Who simulates instead, such as `partsim.simulation.engines.Dask`.
    resume : Path, optional
        Folder where finished replications of all points are kept, and taken from when they are
        there: an interrupted frontier goes on from them, and one of more points uses them.
    progress : callable, optional
        Called with (stage, done, total); the stage names the point.

    Returns
    -------
    Frontier
        The same with `Frontier.simulated`.

    Raises
    ------
    ValueError
        If `points` is below 1.
    InputError
        If `resume` belongs to another seed or version.
    Interrupted
        On Ctrl-C in a simulation.

    Examples
    --------
    >>> from partsim import read_scenario, trace_frontier
    >>> changes = ["simulation.replications=2", "simulation.years=2"]
    >>> case = read_scenario("scenarios/first_steps.yaml", changes)
    >>> frontier = trace_frontier(case, target="promise of everybody", points=[0.9, 0.95])
    >>> play_frontier(case, frontier).simulated["measure"].tolist()
    ['cost', 'promise of everybody', 'cost', 'promise of everybody']
    """
    chosen = _evenly(len(frontier.points), points)
    rules = scenario.simulation.model_copy(update={"precision": None})  # the same for all
    scenario = scenario.model_copy(update={"simulation": rules})
    rows: list[dict[str, Any]] = []
    for number, place in enumerate(chosen, start=1):
        point = frontier.points[place]

        def of_point(stage: str, done: int, total: int, label: int = number) -> None:
            if progress is not None:
                progress(f"point {label} of {len(chosen)}: {stage}", done, total)

        asked = with_target(scenario, frontier.target, point.target)
        outcome = simulate(
            asked, point.plan, jobs=jobs, engine=engine,
            store=case_batches(resume, asked, point.plan), progress=of_point,
        )  # fmt: skip
        facts = {"point": place + 1, "target": point.target}
        rows.extend(facts | row for row in _measures(point, outcome))
    return replace(frontier, simulated=pd.DataFrame(rows))


def _evenly(there: int, wanted: int | None) -> list[int]:
    """Choose places from the last back to the first."""
    number = there if wanted is None else min(there, int(whole("points", wanted, 1)))
    return sorted(np.linspace(there - 1, 0, number).round().astype(int).tolist())


def _measures(point: FrontierPoint, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """Lay cost, promises and other targets out, each beside its formula."""
    proof = point.plan.certificate
    assert proof is not None  # a frontier's plans come from the optimiser
    ends = ("simulated", "simulated_low", "simulated_high")
    names = ("measure", "measure_unit", "wanted", "formula", *ends, "kept")

    def row(*values: object) -> dict[str, Any]:
        return dict(zip(names, values, strict=True))

    yield row("cost", "money", nan, proof.plan_cost, *outcome.simulated_cost.values(), "")
    formula = {target.name: target for target in proof.rows}
    columns = ["tier", "share_promised", "share_simulated", "share_low", "share_high", "kept"]
    for tier, share, *played in outcome.promises[columns].itertuples(index=False):
        name = f"promise of {tier}"
        yield row(name, "share", share, formula[name].value, *played)
    if outcome.targets is None:
        return
    for seen in outcome.targets[outcome.targets["row"].isin(list(formula))].itertuples(index=False):
        target = formula[str(seen.row)]
        yield row(seen.row, target.unit, seen.target, target.value,
                  *(getattr(seen, end) for end in ends), seen.kept)  # fmt: skip

"""Simulate: play a plan out in independent replications, here or in parallel processes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from partsim.simulation.replication import Record, play
from partsim.simulation.tables import make_outcome

if TYPE_CHECKING:
    from partsim.model.outcome import Outcome
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario

Progress = Callable[[str, int, int], None]


def simulate(
    scenario: Scenario,
    plan: Plan,
    *,
    seed: int | None = None,
    replications: int | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Outcome:
    """
    Play a plan out and measure what customers, depots and the purse see.

    Parameters
    ----------
    scenario : Scenario
        What is; its `simulation` says how long.
    plan : Plan
        Grades and stock levels for the scenario's parts and depots.
    seed : int, optional
        Seed of all random numbers; the scenario's if not given.
    replications : int, optional
        Independent repetitions, 2 or more; the scenario's if not given.
    jobs : int
        Processes, 1 or more; the outcome does not depend on it.
    progress : callable, optional
        Called as ``progress("simulate", done, replications)`` after each replication.

    Returns
    -------
    Outcome
        Verdicts and measures, with 95 % intervals over the replications.

    Raises
    ------
    ValueError
        If the plan is for other parts or depots, or `replications` or `jobs` is too small.

    Examples
    --------
    >>> import numpy as np
    >>> from partsim import Plan, read_scenario
    >>> scenario = read_scenario("scenarios/first_steps.yaml")
    >>> parts, depots = scenario.part_ids, scenario.depot_ids
    >>> levels = np.full((len(parts), len(depots)), 99)
    >>> plan = Plan(parts, depots, ("C",) * len(parts), levels, np.ones_like(levels))
    >>> outcome = simulate(scenario, plan, replications=2)
    >>> float(outcome.depots["fill_rate"].min())
    1.0
    """
    seed = scenario.simulation.seed if seed is None else seed
    count = scenario.simulation.replications if replications is None else replications
    _check(scenario, plan, count, jobs)
    records = []
    # Closed at once, so that an interrupt anywhere in the loop ends the workers too.
    with closing(_play_all(partial(play, scenario, plan, seed), count, min(jobs, count))) as played:
        for record in played:
            records.append(record)
            if progress:
                progress("simulate", len(records), count)
    return make_outcome(scenario, plan, records, seed)


def _check(scenario: Scenario, plan: Plan, replications: int, jobs: int) -> None:
    for what, expected, got in (
        ("parts", scenario.part_ids, plan.part_ids),
        ("depots", scenario.depot_ids, plan.depot_ids),
    ):
        if expected != got:
            odd = sorted(set(expected) ^ set(got))
            detail = f"not in both: {', '.join(odd[:5])}" if odd else "in another order"
            raise ValueError(f"plan: expected the scenario's {what}, got others ({detail})")
    for grade in set(plan.grades):
        scenario.grade_rules(grade)
    if replications < 2:
        raise ValueError(f"replications: expected 2 or more for an interval, got {replications}")
    if jobs < 1:
        raise ValueError(f"jobs: expected 1 or more, got {jobs}")


def _play_all(
    play_one: Callable[[int], Record], count: int, jobs: int
) -> Generator[Record, None, None]:
    """Give the records in the order of the replications."""
    if jobs == 1:
        yield from map(play_one, range(count))
        return
    executor = ProcessPoolExecutor(jobs, initializer=_die_at_interrupt)
    try:
        yield from executor.map(play_one, range(count))
    finally:
        # After an interrupt: nothing new begins, and no worker is left behind.
        executor.shutdown(cancel_futures=True)


def _die_at_interrupt() -> None:
    """Let Ctrl-C end a worker at once and without a word; the parent reports it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)

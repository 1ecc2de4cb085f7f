"""Simulate: play a plan out in independent replications, by whichever engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Protocol

from partsim.model.outcome import Interrupted
from partsim.simulation.engines import Engine, Processes, ThisProcess
from partsim.simulation.precision import Precision
from partsim.simulation.replication import Record, play
from partsim.simulation.streams import checked_seed
from partsim.simulation.tables import make_outcome

if TYPE_CHECKING:
    from partsim.model.outcome import Outcome
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario

Progress = Callable[[str, int, int], None]


class RecordStore(Protocol):
    """Keeps the records of one seed, scenario and plan beyond an interrupt."""

    def finished(self) -> Mapping[int, Record]:
        """Give the records that are there, by replication."""

    def keep(self, number: int, record: Record) -> None:
        """Keep a record."""


def simulate(
    scenario: Scenario,
    plan: Plan,
    *,
    seed: int | None = None,
    replications: int | None = None,
    jobs: int = 1,
    engine: Engine | None = None,
    store: RecordStore | None = None,
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
        Seed of all random numbers, from 0 to 2**63 - 1; the scenario's if not given.
    replications : int, optional
        Independent repetitions, 2 or more; the scenario's if not given. With a precision in the
        scenario, fewer where that is reached.
    jobs : int
        Processes, 1 or more; the outcome does not depend on it.
    engine : Engine, optional
        Who plays the replications instead of processes here, such as
        `partsim.simulation.engines.Dask`; the outcome does not depend on it.
    store : RecordStore, optional
        Where finished replications are kept and taken from, such as
        `partsim.planning.batches.Batches`.
    progress : callable, optional
        Called as ``progress("simulate", done, replications)`` after each replication.

    Returns
    -------
    Outcome
        Verdicts and measures, with 95 % intervals over the replications.

    Raises
    ------
    ValueError
        If the plan is for other parts or depots, `replications` or `jobs` is too small, or `seed`
        is out of its range.
    EngineFailed
        If who was to play is missing, does not answer, or dies at the same replication each time.
    Interrupted
        On Ctrl-C: a KeyboardInterrupt with the outcome of what was finished.

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
    seed = checked_seed(scenario.simulation.seed if seed is None else seed)
    count = scenario.simulation.replications if replications is None else replications
    _check(scenario, plan, count, jobs)
    played = _Played(store, count, Precision(scenario), progress)
    try:
        played.play(engine or _engine_of(jobs), partial(play, scenario, plan, seed))
    except KeyboardInterrupt as stop:
        done = played.records
        outcome = make_outcome(scenario, plan, done, seed) if len(done) >= 2 else None
        raise Interrupted(len(done), count, outcome, len(played.ahead)) from stop
    return make_outcome(scenario, plan, played.records, seed)


def _engine_of(jobs: int) -> Engine:
    return ThisProcess() if jobs == 1 else Processes(jobs)


class _Played:
    """The records so far, in the order of the replications, whatever order they come in."""

    def __init__(
        self,
        store: RecordStore | None,
        count: int,
        precision: Precision,
        progress: Progress | None,
    ) -> None:
        self.records: list[Record] = []
        self._enough = False
        self._precision = precision
        self.ahead: dict[int, Record] = {}
        self._store = store
        self._count = count
        self._progress = progress

    def play(self, engine: Engine, play_one: Callable[[int], Record]) -> None:
        """Take what is stored, and let the engine play the rest."""
        stored = {} if self._store is None else self._store.finished()
        there = [number for number in range(self._count) if number in stored]
        if any(self._add(number, stored[number]) for number in there):
            return
        missing = [number for number in range(self._count) if number not in stored]
        # Closed at once, so that an interrupt anywhere in the loop ends the workers too.
        with closing(engine.play_all(play_one, missing)) as played:
            for number, record in played:
                if self._store is not None:
                    self._store.keep(number, record)
                if self._add(number, record):
                    return

    def _add(self, number: int, record: Record) -> bool:
        """Take a record; tell whether there are enough."""
        self.ahead[number] = record
        # In order, so that it depends on no engine how many are enough.
        while not self._enough and (following := self.ahead.pop(len(self.records), None)):
            self.records.append(following)
            self._enough = self._precision.reached_with(following)
            if self._progress:
                self._progress("simulate", len(self.records), self._count)
        return self._enough


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

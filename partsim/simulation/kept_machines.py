"""Machines that are inspected, or whose use changes with the season."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from simpy import Event
from simpy.events import EventPriority

from partsim.model.seasons import Season
from partsim.simulation.calls import CallSource, let_it_run
from partsim.simulation.events import Clock, Moment, Reply
from partsim.simulation.inspections import inspection_times
from partsim.simulation.prevention import MaintainedPosition, PreventionLog
from partsim.simulation.streams import Draws, Streams

if TYPE_CHECKING:
    from partsim.model.inspections import Inspection
    from partsim.model.scenario import Scenario

Answer = Callable[[CallSource, int, float], Generator[Event, None, float]]
"""How a call is answered: source, its number, its begin; gives how long the machine stands."""


@dataclass(eq=False)
class KeptMachine:
    """
    One machine, by working time.

    Attributes
    ----------
    clock : Clock
        The simulated time.
    sources : sequence of CallSource
        What makes it call, and what is replaced as planned.
    delivered, retires : float
        When it comes and goes [days].
    season : Season
        Its working time by the calendar.
    inspections : iterator of float
        When it is inspected, at last infinity [days].
    plan : Inspection, optional
        What an inspection sees and finds.
    lucks : mapping of Draws by part
        Uniform numbers of the positions of the parts that are inspected: below the plan's share
        a failure is found.
    log : PreventionLog
        Counts what is done.
    priority : EventPriority
        Its place among the events of one instant.
    """

    clock: Clock
    sources: Sequence[CallSource]
    delivered: float
    retires: float
    season: Season
    inspections: Iterator[float]
    plan: Inspection | None
    lucks: Mapping[str, Draws]
    log: PreventionLog
    priority: EventPriority

    def run(self, answer: Answer) -> Generator[Event, None, None]:
        """Play the machine: what comes first, an event of a position or an inspection."""
        season, calls = self.season, [0] * len(self.sources)
        due = [source.life(0) for source in self.sources]
        # Working time of the calendar that the machine has not worked.
        lost = float(season.worked(self.delivered))
        inspection, runs_from = next(self.inspections), self.delivered
        while True:
            i = min(range(len(due)), key=due.__getitem__)
            began = float(season.moment(due[i] + lost))
            # A machine that stands is inspected when it runs again.
            look = max(inspection, runs_from)
            if min(began, look) >= self.retires:
                return
            if look < began:
                yield Moment(self.clock, look, self.priority)
                worked = float(season.worked(look)) - lost
                inspection = next(self.inspections)
                self._inspect(worked, inspection, lost, due, calls)
                continue
            stands = yield from answer(self.sources[i], calls[i], began)
            runs_from = began + stands
            lost += float(season.worked(runs_from) - season.worked(began))
            calls[i] += 1
            due[i] += self.sources[i].life(calls[i])

    def _inspect(
        self, worked: float, following: float, lost: float, due: list[float], calls: list[int]
    ) -> None:
        """Replace what is found to fail soon."""
        assert self.plan is not None  # or there would be no inspection
        self.log.inspections += self.clock.measures(self.clock.now)
        seen = inf if following == inf else float(self.season.worked(following)) - lost
        if self.plan.warning is not None:
            seen = worked + self.plan.warning
        for i, source in enumerate(self.sources):
            if due[i] <= seen and isinstance(source, MaintainedPosition) and source.fails:
                lucks = self.lucks.get(source.part)
                if lucks is not None and lucks.draw(source.row, calls[i]) < self.plan.finds:
                    source.replace_now()
                    calls[i] += 1
                    due[i] = worked + source.life(calls[i])


class Keeping:
    """What the machines of one fleet have in common that are inspected or know seasons."""

    __slots__ = ("_base", "_lucks", "_operating", "_phases", "_plan", "_season", "_start")

    def __init__(self, scenario: Scenario, fleet: int, streams: Streams) -> None:
        entry, name = scenario.fleets[fleet], scenario.fleet_ids[fleet]
        self._base = base = scenario.installed_bases[fleet]
        self._plan = scenario.inspection_of(fleet)
        self._season = scenario.season_of(entry) or Season([1.0] * 12)
        self._operating = scenario.ageing == "operating"
        self._start = scenario.simulation.start_date
        self._phases = streams.uniforms("inspection", name, shape=(len(base),)).tolist()
        # Blocks come whatever an inspection finds, and minimal repair renews nothing.
        self._lucks = {
            part: streams.draws(np.asarray, "inspected", name, part, rows=len(base) * positions)
            for part, positions in scenario.machines[entry.machine].positions.items()
            if scenario.parts[part].upkeep.is_inspected
        }

    def course(
        self, clock: Clock, machine: int, sources: Sequence[CallSource], log: PreventionLog,
        priority: EventPriority,
    ) -> Generator[Event, None, None]:  # fmt: skip
        """Give the course of one machine."""
        delivered, plan = float(self._base.delivered[machine]), self._plan
        times: Iterator[float] = repeat(inf)
        if plan is not None:
            times = inspection_times(plan, delivered, self._phases[machine], self._start)
        kept = KeptMachine(
            clock, sources, max(delivered, 0.0), float(self._base.retires[machine]), self._season,
            times, plan, self._lucks, log, priority,
        )  # fmt: skip
        return kept.run(stand_still(clock) if self._operating else age_on(clock, priority))


def keeping_of(scenario: Scenario, fleet: int, streams: Streams) -> Keeping | None:
    """Give what the machines of a fleet have in common; None for neither plan nor season."""
    entry = scenario.fleets[fleet]
    if scenario.inspection_of(fleet) is None and scenario.season_of(entry) is None:
        return None
    return Keeping(scenario, fleet, streams)


def stand_still(clock: Clock) -> Answer:
    """Give answers of a machine that does not age until it runs again."""

    def answer(source: CallSource, k: int, began: float) -> Generator[Event, None, float]:
        reply = Reply(clock)
        source.answer(k, began, reply.give)
        yield reply
        return reply.number

    return answer


def age_on(clock: Clock, priority: EventPriority) -> Answer:
    """Give answers of a machine that ages whether it runs or not: calls go side by side."""

    def answer(source: CallSource, k: int, began: float) -> Generator[Event, None, float]:
        yield Moment(clock, began, priority)
        source.answer(k, began, let_it_run)
        return 0.0

    return answer

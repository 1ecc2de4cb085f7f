"""Machines: lives that end one after another, fleet by fleet."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heapreplace
from typing import TYPE_CHECKING

import numpy as np
from simpy.events import EventPriority

from partsim.model.tier_phases import Phase
from partsim.simulation.call_log import CallLog
from partsim.simulation.calls import (
    CallSource,
    Phone,
    Position,
    ServedPosition,
    Service,
    TieredPosition,
    let_it_run,
    phone_draws,
    service_of,
)
from partsim.simulation.dispatching import Dispatching
from partsim.simulation.events import Clock, EventOrder, begin
from partsim.simulation.jobs import Store, job_of
from partsim.simulation.kept_machines import keeping_of
from partsim.simulation.plain_calls import PlainPosition
from partsim.simulation.prevention import MaintainedPosition, PreventionLog
from partsim.simulation.streams import Streams
from partsim.simulation.watched_calls import CallWatch

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario


class OperatingMachine:
    """
    A machine that ages in its own operating time.

    While it is down nothing in it ages, so the next call is the least remaining life, and no
    event is ever cancelled. A call under way when the machine retires is answered to its end.

    Parameters
    ----------
    sources : sequence of CallSource
        What makes it call.
    delivered, retires : float
        When it comes and goes [days].
    """

    __slots__ = ("_calling", "_calls", "_down", "_due", "_retires", "_sources", "_stands")

    def __init__(self, sources: Sequence[CallSource], delivered: float, retires: float) -> None:
        self._sources = sources
        self._calls = [0] * len(sources)
        self._due = [(source.life(0), i) for i, source in enumerate(sources)]
        heapify(self._due)
        self._down = delivered
        self._retires = retires
        self._stands = self._calling = False

    def run(self) -> None:
        """Run to the next call whose end is not known at once."""
        self._calling = True
        while not self._stands:
            age, i = self._due[0]
            began = age + self._down
            if began >= self._retires:
                return
            self._stands = True
            self._sources[i].answer(self._calls[i], began, self._run_again)
        self._calling = False

    def _run_again(self, stood: float) -> None:
        """Let the next life begin of what failed."""
        self._down += stood
        age, i = self._due[0]
        k = self._calls[i] = self._calls[i] + 1
        heapreplace(self._due, (age + self._sources[i].life(k), i))
        self._stands = False
        if not self._calling:
            self.run()


class CalendarMachine:
    """A machine that ages whether it runs or not: its calls are answered side by side."""

    __slots__ = ("_calls", "_clock", "_due", "_priority", "_retires", "_sources")

    def __init__(
        self, clock: Clock, sources: Sequence[CallSource], delivered: float, retires: float,
        priority: EventPriority,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._sources = sources
        self._calls = [0] * len(sources)
        self._due = [(delivered + source.life(0), i) for i, source in enumerate(sources)]
        heapify(self._due)
        self._retires = retires
        self._priority = priority

    def run(self) -> None:
        """Run to the next call."""
        began = self._due[0][0]
        if began < self._retires:
            self._clock.at(began, self._priority, self._call)

    def _call(self) -> None:
        due, calls = self._due, self._calls
        began, i = due[0]
        source = self._sources[i]
        source.answer(calls[i], began, let_it_run)
        calls[i] += 1
        heapreplace(due, (began + source.life(calls[i]), i))
        self.run()


def start_fleet(
    clock: Clock,
    scenario: Scenario,
    fleet: int,
    stores: Sequence[Store],
    streams: Streams,
    dispatching: Dispatching,
    prevention: PreventionLog,
    watch: CallWatch | None = None,
) -> CallLog:
    """
    Start the processes of a fleet's machines.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    scenario : Scenario
        What is.
    fleet : int
        Number of the fleet.
    stores : sequence of Shelf or Consignment, by part
        Where the fleet gets its parts.
    streams : Streams
        The random numbers of the replication.
    dispatching : Dispatching
        Who goes to the machines.
    prevention : PreventionLog
        Of the parts of which units are put in as planned; filled while the clock runs.
    watch : CallWatch, optional
        Sees every call.

    Returns
    -------
    CallLog
        Filled while the clock runs.
    """
    entry = scenario.fleets[fleet]
    log = CallLog(len(scenario.installed_bases[fleet]))
    services = {
        part: _services(scenario, fleet, part, stores, streams, dispatching)
        for part in scenario.machines[entry.machine].positions
    }
    leaves = scenario.tier_phases[fleet].ends.tolist()
    phone = phone_draws(scenario, fleet, streams)
    first = sum(map(len, scenario.installed_bases[:fleet]))
    base = scenario.installed_bases[fleet]
    keeping = keeping_of(scenario, fleet, streams)
    comes, goes = np.maximum(base.delivered, 0.0).tolist(), base.retires.tolist()
    for machine in range(len(base)):
        number, there = first + machine, (comes[machine], goes[machine])
        sources: list[CallSource] = []
        for part, by_tier in services.items():
            each = by_tier[0].positions
            for row in range(machine * each, (machine + 1) * each):
                at: list[ServedPosition] = [
                    (PlainPosition if service.is_plain else Position)(
                        clock, log, service, row, machine, number
                    )
                    for service in by_tier
                ]
                position = at[0] if len(at) == 1 else TieredPosition(clock, at, leaves[machine])
                if watch:
                    position = watch.see_position((fleet, machine), position)
                kept = (clock, prevention, part, position, row, number)
                sources.append(
                    MaintainedPosition(*kept) if part in prevention.planned else position
                )
        if phone:
            by_phone = Phone(clock, log, phone, machine)
            sources.append(watch.see((fleet, machine), by_phone) if watch else by_phone)
        order = EventOrder.DEMAND.priority(number)
        if keeping is not None:
            begin(keeping.course(clock, machine, sources, prevention, order))
        elif scenario.ageing == "operating":
            OperatingMachine(sources, *there).run()
        else:
            CalendarMachine(clock, sources, *there, order).run()
    return log


def _services(
    scenario: Scenario,
    fleet: int,
    part: str,
    stores: Sequence[Store],
    streams: Streams,
    dispatching: Dispatching,
) -> list[Service]:
    """Say how a part's failures in a fleet are answered, phase by phase of its tiers."""
    first, *others = (
        (job_of(scenario, Phase(fleet, tier), part, stores, streams),
         dispatching.of(fleet, part, tier))
        for tier in scenario.tier_phases[fleet].tiers
    )  # fmt: skip
    job, dispatch = first
    service = service_of(scenario, fleet, part, job, streams, dispatch)
    return [service, *(service.of_tier(*other) for other in others)]

"""Machines: lives that end one after another, fleet by fleet."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from heapq import heapify, heapreplace
from typing import TYPE_CHECKING

import numpy as np
from simpy import Event
from simpy.events import EventPriority

from partsim.simulation.call_log import CallLog
from partsim.simulation.calls import CallSource, Phone, Position, Service, phone_draws
from partsim.simulation.dispatching import Dispatching
from partsim.simulation.events import Clock, EventOrder, Moment, begin
from partsim.simulation.jobs import job_of
from partsim.simulation.kept_machines import keeping_of
from partsim.simulation.prevention import MaintainedPosition, PreventionLog
from partsim.simulation.shelves import Shelf
from partsim.simulation.streams import Streams

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario


def run_machine(
    sources: Sequence[CallSource], delivered: float, retires: float
) -> Generator[Event, None, None]:
    """
    Play a machine that ages in its own operating time.

    While it is down nothing in it ages, so the next call is the least remaining life, and no
    event is ever cancelled. A call under way when the machine retires is answered to its end.
    """
    calls = [0] * len(sources)
    due = [(source.life(0), i) for i, source in enumerate(sources)]
    heapify(due)
    down = delivered
    while due[0][0] + down < retires:
        age, i = due[0]
        source = sources[i]
        down += yield from source.answer(calls[i], age + down)
        calls[i] += 1
        heapreplace(due, (age + source.life(calls[i]), i))


def run_in_calendar_time(
    clock: Clock,
    sources: Sequence[CallSource],
    delivered: float,
    retires: float,
    priority: EventPriority,
) -> Generator[Event, None, None]:
    """Play a machine that ages whether it runs or not: its calls are answered side by side."""
    calls = [0] * len(sources)
    due = [(delivered + source.life(0), i) for i, source in enumerate(sources)]
    heapify(due)
    while due[0][0] < retires:
        began, i = due[0]
        source = sources[i]
        yield Moment(clock, began, priority)
        begin(source.answer(calls[i], began))
        calls[i] += 1
        heapreplace(due, (began + source.life(calls[i]), i))


def start_fleet(
    clock: Clock,
    scenario: Scenario,
    fleet: int,
    shelves: Sequence[Sequence[Shelf]],
    streams: Streams,
    dispatching: Dispatching,
    prevention: PreventionLog,
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
    shelves : sequence, by part and depot
        Where parts come from.
    streams : Streams
        The random numbers of the replication.
    dispatching : Dispatching
        Who goes to the machines.
    prevention : PreventionLog
        Of the parts of which units are put in as planned; filled while the clock runs.

    Returns
    -------
    CallLog
        Filled while the clock runs.
    """
    entry = scenario.fleets[fleet]
    depot = scenario.depot_ids.index(entry.depot)
    log = CallLog()
    services = {
        part: Service(
            scenario,
            fleet,
            part,
            job_of(scenario, fleet, part, [row[depot] for row in shelves], streams),
            streams,
            dispatching.of(fleet, part),
        )
        for part in scenario.machines[entry.machine].positions
    }
    phone = phone_draws(scenario, fleet, streams)
    first = sum(map(len, scenario.installed_bases[:fleet]))
    base = scenario.installed_bases[fleet]
    keeping = keeping_of(scenario, fleet, streams)
    comes, goes = np.maximum(base.delivered, 0.0).tolist(), base.retires.tolist()
    for machine in range(len(base)):
        number, there = first + machine, (comes[machine], goes[machine])
        sources: list[CallSource] = []
        for part, service in services.items():
            for row in range(machine * service.positions, (machine + 1) * service.positions):
                position = Position(clock, log, service, row, machine, number)
                kept = (clock, prevention, part, service, position, row, number)
                sources.append(
                    MaintainedPosition(*kept) if part in prevention.planned else position
                )
        if phone:
            sources.append(Phone(clock, log, phone, machine))
        order = EventOrder.DEMAND.priority(number)
        if keeping is not None:
            begin(keeping.course(clock, machine, sources, prevention, order))
        elif scenario.ageing == "operating":
            begin(run_machine(sources, *there))
        else:
            begin(run_in_calendar_time(clock, sources, *there, order))
    return log

"""Visits: how somebody goes to a machine, as often as it takes."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from simpy import Event
from simpy.events import EventPriority

from partsim.simulation.events import Clock, Moment, Signal
from partsim.simulation.jobs import NOTHING, AllParts, Job, Load
from partsim.simulation.streams import Draws, Streams, the_uniform_itself
from partsim.simulation.technicians import Crew, Dispatch, Request, Trip

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario


class CallNumber(NamedTuple):
    """Which call it is: row of its position, its number there, order of its events, measured."""

    row: int
    k: int
    order: EventPriority
    counts: bool


class Visit(NamedTuple):
    """
    One visit, or all those of a call.

    Attributes
    ----------
    dispatch, travel, parts : float
        Time until somebody left, on the way, and for parts [days].
    check : float
        Time at the machine on visits that ended without a repair [days].
    until_repair : float
        Sum of the four: from the diagnosis to the repair [days].
    visits : int
        How often somebody went.
    part_wait : float
        What the depot kept waiting for parts [days].
    """

    dispatch: float = 0.0
    travel: float = 0.0
    parts: float = 0.0
    check: float = 0.0
    until_repair: float = 0.0
    visits: int = 0
    part_wait: float = 0.0

    def then(self, other: Visit) -> Visit:
        """Add a visit that comes after."""
        return Visit(
            self.dispatch + other.dispatch,
            self.travel + other.travel,
            self.parts + other.parts,
            self.check + other.check,
            self.until_repair + other.until_repair,
            self.visits + other.visits,
            self.part_wait + other.part_wait,
        )


NO_VISIT = Visit()
_ORDINALS = ("", "second ", "third ")
"""A call has three visits at most: one after a wrong diagnosis, one that finds what is missing."""


@dataclass(eq=False)
class Visits:
    """
    Who goes to the failures of one part in one fleet, with what, and how long it takes.

    Attributes
    ----------
    dispatch : Dispatch
        Who can go.
    with_parts : bool
        Whether somebody leaves only when the parts are there.
    way_home : bool
        Whether he is free again when he is back only.
    misjudged : float
        Share of first visits in vain.
    travel, delivery : list of Draws, one for each visit of a call
        Times on the way, and of parts that follow [days].
    judged : Draws
        Uniform numbers: below `misjudged` the diagnosis was wrong.
    check : Draws
        Times on site of visits in vain [days].
    """

    dispatch: Dispatch
    with_parts: bool
    way_home: bool
    misjudged: float
    travel: list[Draws]
    delivery: list[Draws]
    judged: Draws
    check: Draws

    @property
    def are_plain(self) -> bool:
        """Whether somebody can always go, and the diagnosis is right."""
        return not (self.dispatch.crews or self.misjudged)

    def play(
        self, clock: Clock, call: CallNumber, job: Job, repair: float
    ) -> Generator[Event, None, Visit]:
        """Go with the parts of the job, first in vain or again for what is missing."""
        row, k, *_ = call
        so_far = NO_VISIT
        if self.misjudged and self.judged.draw(row, k) < self.misjudged:
            so_far = yield from self._go_in_vain(clock, call, NOTHING, so_far)
        load = job.load(row, k)
        if load.lacking:
            so_far = yield from self._go_in_vain(clock, call, load, so_far)
            load = Load(load.lacking)
        last = yield from self._go(clock, call, load, Trip(so_far.visits, repair, ends=True))
        return so_far.then(last) if so_far.visits else last

    def _go_in_vain(
        self, clock: Clock, call: CallNumber, load: Load, so_far: Visit
    ) -> Generator[Event, None, Visit]:
        """Go, find out what is really needed, and come back."""
        check = self.check.draw(call.row, call.k)
        begin = clock.now
        trip = Trip(so_far.visits, check, ends=False)
        visit = yield from self._go(clock, call, load, trip)
        end = begin + visit.until_repair + check
        if clock.now < end:
            yield Moment(clock, end, call.order)
        return so_far.then(visit).then(Visit(check=check, until_repair=check))

    def _go(
        self, clock: Clock, call: CallNumber, load: Load, trip: Trip
    ) -> Generator[Event, None, Visit]:
        """Find the parts and somebody who goes."""
        row, k, order, counts = call
        asked = clock.now
        travel = self.travel[trip.before].draw(row, k)
        parts = AllParts(clock, order)
        there = from_shelf = parts.ask(load.wanted)
        if not there and self.with_parts:
            yield parts
        ready = clock.now
        crew = None
        if self.dispatch.crews:
            crew = yield from self._technician(clock, order, trip, counts=counts)
        left = clock.now
        on_site = travel
        # What came before he left goes with him.
        if not (there or parts.came):
            yield parts
            on_site = max(travel, clock.now - left + self.delivery[trip.before].draw(row, k))
        if crew is not None or load.lent:
            yield Moment(clock, left + on_site + trip.work, order)
            if self.way_home:
                clock.at(clock.now + travel, order, partial(_come_back, crew, load))
            else:
                _come_back(crew, load)
        waited = (ready - asked) + (on_site - travel)
        part_wait = 0.0 if from_shelf else parts.fired - asked
        return Visit(left - ready, travel, waited, 0.0, (left - asked) + on_site, 1, part_wait)

    def _technician(
        self, clock: Clock, order: EventPriority, trip: Trip, *, counts: bool
    ) -> Generator[Event, None, Crew]:
        """Wait for somebody who can do it."""
        assigned = Signal(clock, order)
        request = Request(clock.now, trip, assigned.fire)
        # What begins after the end of the window holds up nothing that is measured.
        self.dispatch.ask(request, last=not counts)
        yield assigned
        assert request.crew is not None  # or the signal would not have come
        return request.crew


def visits_to(
    scenario: Scenario, fleet: int, part: str, rows: int, dispatch: Dispatch, streams: Streams
) -> Visits:
    """Set up the visits to the failures of a part in a fleet, of so many positions."""
    name, depot = scenario.fleet_ids[fleet], scenario.fleets[fleet].depot
    service = scenario.service
    travel = scenario.travel_time_of(depot).distribution.quantile
    delivery = scenario.delivery_time_of(depot).distribution.quantile
    check = service.check_time.distribution.quantile
    return Visits(
        dispatch,
        with_parts=service.technician_leaves == "with_parts",
        way_home=service.way_home,
        misjudged=service.wrong_diagnosis * (1 - service.remote_support),
        travel=[
            streams.draws(travel, f"{ordinal}travel", name, part, rows=rows)
            for ordinal in _ORDINALS
        ],
        delivery=[
            streams.draws(delivery, f"{ordinal}delivery", name, part, rows=rows)
            for ordinal in _ORDINALS
        ],
        judged=streams.draws(the_uniform_itself, "wrong diagnosis", name, part, rows=rows),
        check=streams.draws(check, "check", name, part, rows=rows),
    )


def _come_back(crew: Crew | None, load: Load) -> None:
    """Be free again, and bring back what was not needed."""
    if crew is not None:
        crew.release()
    for item in load.lent:
        item.shelf.take_back()

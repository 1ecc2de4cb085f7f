"""Calls: what makes a machine call, and how the call is answered."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from simpy import Event

from partsim.lifetimes import Exponential
from partsim.simulation.call_log import CallLog
from partsim.simulation.events import Clock, EventOrder, Moment, Signal
from partsim.simulation.lives import lives_of
from partsim.simulation.shelves import Shelf
from partsim.simulation.streams import Draws, Streams
from partsim.simulation.technicians import Crew, Dispatch, Request

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario


class CallSource(Protocol):
    """What makes a machine call: a position that wears out, or questions for the phone."""

    def life(self, k: int) -> float:
        """Give the time to call k (from 0) since the call before, or since the start [days]."""

    def answer(self, k: int, began: float) -> Generator[Event, None, float]:
        """Answer call k, which began then; return its response time [days]."""


class Service:
    """
    The positions that hold one part in one fleet: their draws, and the shelf that serves them.

    Rows of the draws are positions, columns are calls, so that the k-th life of a position
    ends with the same call in every plan.
    """

    def __init__(
        self,
        scenario: Scenario,
        fleet: int,
        part: str,
        shelf: Shelf,
        streams: Streams,
        dispatch: Dispatch,
    ) -> None:
        name, entry = scenario.fleet_ids[fleet], scenario.fleets[fleet]
        self.shelf = shelf
        self.claim = shelf.claim_of(scenario.tier_of(entry.customers))
        self.refill = self.claim.not_urgent()
        self.positions = scenario.machines[entry.machine].positions[part]
        self.customer_held = scenario.parts[part].customer_held
        base = scenario.installed_bases[fleet]
        rows = len(base) * self.positions
        ages = np.repeat(np.maximum(-base.delivered, 0.0), self.positions)
        self.lives = lives_of(scenario.parts[part].upkeep, ages, streams, name, part)
        self.dispatch = dispatch
        self.leaves_with_parts = scenario.service.technician_leaves == "with_parts"
        quantiles = {
            "diagnosis": scenario.service.diagnosis_time.distribution.quantile,
            "travel": scenario.travel_time_of(entry.depot).distribution.quantile,
            "delivery": scenario.delivery_time_of(entry.depot).distribution.quantile,
            "repair": scenario.repair_time_of(part).distribution.quantile,
            "customer held": _the_uniform_itself,
        }
        self.diagnosis, self.travel, self.delivery, self.repair, self.held = (
            streams.draws(quantile, what, name, part, rows=rows)
            for what, quantile in quantiles.items()
        )
        answer_time = scenario.service.answer_time
        self.answer = answer_time and streams.draws(
            answer_time.distribution.quantile, "answer", name, part, rows=rows
        )


def _the_uniform_itself(u: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(u, float)


Visit = tuple[float, float, float, float, int, float]
"""Time until somebody left, on the way, and for parts; their sum, from the diagnosis to the
repair [days]; how often somebody went; and what the depot kept waiting for the part [days]."""
_NO_VISIT: Visit = (0.0, 0.0, 0.0, 0.0, 0, 0.0)


class Position:
    """One place of a part in a machine."""

    __slots__ = ("_clock", "_demand", "_log", "_machine", "_repair", "_row", "_service")

    def __init__(
        self, clock: Clock, log: CallLog, service: Service, row: int, machine: int, number: int
    ) -> None:
        self._clock = clock
        self._log = log
        self._service = service
        self._row = row
        self._machine = machine
        self._demand = EventOrder.DEMAND.priority(number)
        self._repair = EventOrder.REPAIR.priority(number)

    def life(self, k: int) -> float:
        """Give life k: the first is what is left of one under way."""
        return self._service.lives.life(self._row, k)

    def answer(self, k: int, began: float) -> Generator[Event, None, float]:
        """Diagnose, find a part, repair; nothing else happens until the part is asked for."""
        clock, service, row = self._clock, self._service, self._row
        counts = began < clock.end
        clock.unfinished += counts
        answer = service.answer.draw(row, k) if service.answer else 0.0
        diagnosis, repair = service.diagnosis.draw(row, k), service.repair.draw(row, k)
        yield Moment(clock, began + (answer + diagnosis), self._demand)
        if service.held.draw(row, k) < service.customer_held:
            service.shelf.request(_refill, service.refill)
            visit = _NO_VISIT
        else:
            visit = yield from self._visit(k, repair, counts=counts)
        dispatch, travel, parts, until_repair, visits, part_wait = visit
        response = answer + diagnosis + repair + until_repair
        if counts:
            clock.unfinished -= 1
            times = (answer, diagnosis, dispatch, travel, parts, repair, visits, part_wait)
            self._log.add(self._machine, began, response, times)
        return response

    def _visit(self, k: int, repair: float, *, counts: bool) -> Generator[Event, None, Visit]:
        """Find a part and somebody who goes."""
        clock, service, row = self._clock, self._service, self._row
        asked, shelf = clock.now, service.shelf
        travel = service.travel.draw(row, k)
        part = Signal(clock, self._repair)
        there = from_shelf = shelf.request(part.fire, service.claim)
        if not there and service.leaves_with_parts:
            yield part
            there = True
        ready = clock.now
        crew = None
        if service.dispatch.crews:
            crew = yield from self._technician(counts=counts)
        left = clock.now
        on_site = travel
        # What came before he left goes with him.
        if not (there or part.triggered):
            yield part
            on_site = max(travel, clock.now - left + service.delivery.draw(row, k))
        if crew is not None:
            yield Moment(clock, left + on_site + repair, self._repair)
            crew.release()
        parts = (ready - asked) + (on_site - travel)
        waited = 0.0 if from_shelf else part.fired - asked
        return left - ready, travel, parts, (left - asked) + on_site, 1, waited

    def _technician(self, *, counts: bool) -> Generator[Event, None, Crew]:
        """Wait for somebody who can do it."""
        clock, dispatch = self._clock, self._service.dispatch
        assigned = Signal(clock, self._repair)
        request = Request(clock.now, assigned.fire)
        # What begins after the end of the window holds up nothing that is measured.
        dispatch.ask(request, last=not counts)
        yield assigned
        assert request.crew is not None  # or the signal would not have come
        return request.crew


def _refill() -> None:
    """Receive a unit that no call waits for."""


class Phone:
    """The calls of one machine that are solved by phone: they use no part, renew nothing."""

    __slots__ = ("_answer", "_clock", "_diagnosis", "_gaps", "_log", "_machine")

    def __init__(self, clock: Clock, log: CallLog, draws: PhoneDraws, machine: int) -> None:
        self._clock = clock
        self._log = log
        self._gaps, self._answer, self._diagnosis = draws
        self._machine = machine

    def life(self, k: int) -> float:
        """Give the time before call k."""
        return self._gaps.draw(self._machine, k)

    def answer(self, k: int, began: float) -> Generator[Event, None, float]:
        """Answer at once: no event, since nobody else is concerned."""
        machine = self._machine
        answer = self._answer.draw(machine, k) if self._answer else 0.0
        diagnosis = self._diagnosis.draw(machine, k)
        response = answer + diagnosis
        if began < self._clock.end:
            self._log.add(machine, began, response, (answer, diagnosis, 0.0, 0.0, 0.0, 0.0, 0, 0.0))
        yield from ()
        return response


PhoneDraws = tuple[Draws, Draws | None, Draws]
"""Gaps, answer times and diagnosis times of phone-fixed calls, by machine."""


def phone_draws(scenario: Scenario, fleet: int, streams: Streams) -> PhoneDraws | None:
    """Give the draws of the calls of a fleet that are fixed by phone; None without such calls."""
    share = scenario.service.phone_fix
    if not share:
        return None
    entry, name = scenario.fleets[fleet], scenario.fleet_ids[fleet]
    machines = len(scenario.installed_bases[fleet])
    part_rate = sum(
        positions / scenario.parts[part].upkeep.use.days_between_failures
        for part, positions in scenario.machines[entry.machine].positions.items()
    )
    # Extra calls, so many that they are this share of all calls.
    gaps = Exponential((1 - share) / (share * part_rate))
    answer_time, answer = scenario.service.answer_time, None
    if answer_time is not None:
        quantile = answer_time.distribution.quantile
        answer = streams.draws(quantile, "phone answer", name, rows=machines)
    diagnosis = scenario.service.diagnosis_time.distribution
    return (
        streams.draws(gaps.quantile, "phone", name, rows=machines),
        answer,
        streams.draws(diagnosis.quantile, "phone diagnosis", name, rows=machines),
    )

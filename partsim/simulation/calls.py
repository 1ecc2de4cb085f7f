"""Calls: what makes a machine call, and how the call is answered."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import ArrayLike
from simpy import Event

from partsim.lifetimes import Exponential
from partsim.simulation.call_log import CallLog
from partsim.simulation.events import Clock, EventOrder, Moment, begin
from partsim.simulation.jobs import Item, Job
from partsim.simulation.lives import Lives, lives_of
from partsim.simulation.streams import (
    Draws,
    Floats,
    JointDraws,
    SameDraws,
    Streams,
    the_uniform_itself,
)
from partsim.simulation.technicians import Dispatch
from partsim.simulation.visits import NO_VISIT, CallNumber, Visits, visits_to

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario


Over = Callable[[float], object]
"""Called with the response time of a call [days]."""


def let_it_run(_response: float) -> None:
    """Take no notice of the end of a call: the machine ages whether it runs or not."""


class CallSource(Protocol):
    """What makes a machine call: a position that wears out, or questions for the phone."""

    def life(self, k: int) -> float:
        """Give the time to call k (from 0) since the call before, or since the start [days]."""

    def answer(self, k: int, began: float, over: Over) -> None:
        """
        Answer call k.

        Parameters
        ----------
        k : int
            Number of the call.
        began : float
            When the machine fails, now at the earliest [days].
        over : callable
            Called with the response time as soon as it is known: now or later [days].
        """


class ServedPosition(CallSource, Protocol):
    """A place of a part in a machine."""

    @property
    def service(self) -> Service:
        """How its failures are answered at present."""


@dataclass(eq=False)
class Service:
    """
    The positions that hold one part in one fleet: their draws, and how failures are answered.

    Rows of the draws are positions, columns are calls, so that the k-th life of a position
    ends with the same call in every plan.

    Attributes
    ----------
    part, positions : int
        Number of the part, and of its positions in a machine.
    job : Job
        What a failure needs.
    item : Item
        The failed part's own unit.
    visits : Visits
        Who goes.
    lives : Lives
        When the positions fail.
    customer_held, guided_repair : float
        Shares of failures with the part at the customer, and of these repaired by himself.
    diagnosis, repair : Draws
        Times [days].
    held, guided : Draws
        Uniform numbers, to compare with the two shares.
    answer : Draws, optional
        Times until the phone is answered [days].
    plain_times : JointDraws
        Answer, diagnosis, travel and repair time of plain calls [days].
    """

    part: int
    positions: int
    job: Job
    item: Item
    visits: Visits
    lives: Lives
    customer_held: float
    guided_repair: float
    diagnosis: Draws
    repair: Draws
    held: Draws
    guided: Draws
    answer: Draws | None
    plain_times: JointDraws

    @property
    def is_plain(self) -> bool:
        """Whether one visit with the one part answers all failures, and nobody is waited for."""
        return self.visits.are_plain and self.job.is_plain and not self.customer_held

    def of_tier(self, job: Job, dispatch: Dispatch) -> Service:
        """Give the same positions and draws for the failures of another tier's machines."""
        visits = replace(self.visits, dispatch=dispatch)
        return replace(self, job=job, item=job.certain.wanted[0], visits=visits)


def service_of(
    scenario: Scenario, fleet: int, part: str, job: Job, streams: Streams, dispatch: Dispatch
) -> Service:
    """Set up how the failures of a part in a fleet are answered."""
    name, entry = scenario.fleet_ids[fleet], scenario.fleets[fleet]
    service, what = scenario.service, scenario.parts[part]
    positions = scenario.machines[entry.machine].positions[part]
    base = scenario.installed_bases[fleet]
    rows = len(base) * positions

    def draws(of: str, quantile: Callable[[ArrayLike], Floats]) -> Draws:
        return streams.draws(quantile, of, name, part, rows=rows)

    season = scenario.season_of(entry)
    worked = np.maximum(-base.delivered, 0.0) * (season.mean if season else 1.0)
    visits = visits_to(scenario, fleet, part, rows, dispatch, streams)
    diagnosis = draws("diagnosis", service.diagnosis_time.distribution.quantile)
    repair = draws("repair", scenario.repair_time_of(part).distribution.quantile)
    answer = None
    if service.answer_time is not None:
        answer = draws("answer", service.answer_time.distribution.quantile)
    return Service(
        part=scenario.part_ids.index(part),
        positions=positions,
        job=job,
        item=job.certain.wanted[0],
        visits=visits,
        lives=lives_of(what.upkeep, np.repeat(worked, positions), streams, name, part),
        customer_held=what.customer_held,
        guided_repair=getattr(service.guided_repair, what.difficulty),
        diagnosis=diagnosis,
        repair=repair,
        held=draws("customer held", the_uniform_itself),
        guided=draws("guided repair", the_uniform_itself),
        answer=answer,
        plain_times=JointDraws(
            [answer or SameDraws(0.0), diagnosis, visits.travel[0], repair], rows
        ),
    )


class Position:
    """One place of a part in a machine."""

    __slots__ = ("_clock", "_demand", "_log", "_machine", "_repair", "_row", "service")

    def __init__(
        self, clock: Clock, log: CallLog, service: Service, row: int, machine: int, number: int
    ) -> None:
        self._clock = clock
        self._log = log
        self.service = service
        self._row = row
        self._machine = machine
        self._demand = EventOrder.DEMAND.priority(number)
        self._repair = EventOrder.REPAIR.priority(number)

    def life(self, k: int) -> float:
        """Give life k: the first is what is left of one under way."""
        return self.service.lives.life(self._row, k)

    def answer(self, k: int, began: float, over: Over) -> None:
        """Answer in a course of events."""
        begin(self._course(k, began, over))

    def _course(self, k: int, began: float, over: Over) -> Generator[Event, None, None]:
        """Diagnose, find a part, repair; nothing else happens until the part is asked for."""
        clock, service, row = self._clock, self.service, self._row
        counts = began < clock.end
        clock.unfinished += counts
        self._log.begun[self._machine] += counts
        answer = service.answer.draw(row, k) if service.answer else 0.0
        diagnosis, repair = service.diagnosis.draw(row, k), service.repair.draw(row, k)
        yield Moment(clock, began + (answer + diagnosis), self._demand)
        job = service.job
        if service.customer_held and service.held.draw(row, k) < service.customer_held:
            for item in job.certain.wanted:
                item.shelf.request(_refill, item.refill)
            job = _KIT
        if job is _KIT and service.guided.draw(row, k) < service.guided_repair:
            visit = NO_VISIT
        else:
            call = CallNumber(row, k, self._repair, counts)
            visit = yield from service.visits.play(clock, call, job, repair)
        dispatch, travel, parts, check, until_repair, visits, part_wait = visit
        response = answer + diagnosis + repair + until_repair
        if counts:
            clock.unfinished -= 1
            times = (answer, diagnosis, dispatch, travel, parts, repair + check, visits, part_wait)
            self._log.add(self._machine, service.part, began, response, times)
        over(response)


class TieredPosition:
    """A place of a part in a machine whose calls are answered by the tier it is in as it fails."""

    __slots__ = ("_clock", "_ends", "_positions")

    def __init__(
        self, clock: Clock, positions: Sequence[ServedPosition], ends: Sequence[float]
    ) -> None:
        self._clock = clock
        self._positions = positions
        self._ends = ends

    @property
    def service(self) -> Service:
        """How its failures are answered at present."""
        return self._positions[bisect_right(self._ends, self._clock.now)].service

    def life(self, k: int) -> float:
        """Give life k, whatever the tier."""
        return self._positions[0].life(k)

    def answer(self, k: int, began: float, over: Over) -> None:
        """Answer call k as the tier of that moment has it."""
        self._positions[bisect_right(self._ends, began)].answer(k, began, over)


_KIT = Job((), (), known=True)
"""What a customer has himself: there is nothing to bring."""


def _refill(_date: float) -> None:
    """Receive a unit that no call waits for."""


_NO_PART = -1


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

    def answer(self, k: int, began: float, over: Over) -> None:
        """Answer at once: no event, since nobody else is concerned."""
        machine = self._machine
        answer = self._answer.draw(machine, k) if self._answer else 0.0
        diagnosis = self._diagnosis.draw(machine, k)
        response = answer + diagnosis
        if began < self._clock.end:
            times = (answer, diagnosis, 0.0, 0.0, 0.0, 0.0, 0, 0.0)
            self._log.add(machine, _NO_PART, began, response, times)
        over(response)


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

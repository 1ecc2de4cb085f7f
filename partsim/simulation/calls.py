"""Calls: what makes a machine call, and how the call is answered."""

from __future__ import annotations

from array import array
from collections.abc import Generator
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from simpy import Event

from partsim.lifetimes import Exponential
from partsim.simulation.events import Clock, EventOrder, Moment, Signal
from partsim.simulation.lives import Lives
from partsim.simulation.shelves import Shelf
from partsim.simulation.streams import Draws, Streams

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario


class CallLog:
    """
    The calls of one fleet that began before the end of the window.

    Attributes
    ----------
    machine : array of int
        Number of the machine in its fleet.
    began : array of float
        Moment of the failure [days].
    response : array of float
        From the failure to the running machine [days].
    """

    __slots__ = ("began", "machine", "response")

    def __init__(self) -> None:
        self.machine = array("q")
        self.began = array("d")
        self.response = array("d")

    def add(self, machine: int, began: float, response: float) -> None:
        """Add one call that is over."""
        self.machine.append(machine)
        self.began.append(began)
        self.response.append(response)


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
        self, scenario: Scenario, fleet: int, part: str, shelf: Shelf, streams: Streams
    ) -> None:
        name, entry = scenario.fleet_ids[fleet], scenario.fleets[fleet]
        self.shelf = shelf
        self.positions = scenario.machines[entry.machine].positions[part]
        self.customer_held = scenario.parts[part].customer_held
        base = scenario.installed_bases[fleet]
        rows = len(base) * self.positions
        ages = np.repeat(np.maximum(-base.delivered, 0.0), self.positions)
        self.lives = Lives(scenario.parts[part].lifetime.distribution, ages, streams, name, part)
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


def _the_uniform_itself(u: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(u, float)


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
        diagnosis = service.diagnosis.draw(row, k)
        yield Moment(clock, began + diagnosis, self._demand)
        shelf = service.shelf
        response = diagnosis + service.repair.draw(row, k)
        if service.held.draw(row, k) < service.customer_held:
            shelf.request(_refill, shelf.machine_side)
        else:
            asked = clock.now
            part = Signal(clock, self._repair)
            if shelf.request(part.fire, shelf.machine_side):
                response += service.travel.draw(row, k)
            else:
                yield part
                arrival = clock.now - asked + service.delivery.draw(row, k)
                response += max(service.travel.draw(row, k), arrival)
        if counts:
            clock.unfinished -= 1
            self._log.add(self._machine, began, response)
        return response


def _refill() -> None:
    """Receive a unit that no call waits for."""


class Phone:
    """The calls of one machine that are solved by phone: they use no part, renew nothing."""

    __slots__ = ("_clock", "_diagnosis", "_gaps", "_log", "_machine")

    def __init__(
        self, clock: Clock, log: CallLog, gaps: Draws, diagnosis: Draws, machine: int
    ) -> None:
        self._clock = clock
        self._log = log
        self._gaps = gaps
        self._diagnosis = diagnosis
        self._machine = machine

    def life(self, k: int) -> float:
        """Give the time before call k."""
        return self._gaps.draw(self._machine, k)

    def answer(self, k: int, began: float) -> Generator[Event, None, float]:
        """Answer at once: no event, since nobody else is concerned."""
        response = self._diagnosis.draw(self._machine, k)
        if began < self._clock.end:
            self._log.add(self._machine, began, response)
        yield from ()
        return response


def phone_draws(scenario: Scenario, fleet: int, streams: Streams) -> tuple[Draws, Draws] | None:
    """Give gaps and diagnosis times of phone-fixed calls, by machine; None without such calls."""
    share = scenario.service.phone_fix
    if not share:
        return None
    entry, name = scenario.fleets[fleet], scenario.fleet_ids[fleet]
    machines = len(scenario.installed_bases[fleet])
    part_rate = sum(
        positions / scenario.parts[part].lifetime.distribution.mean
        for part, positions in scenario.machines[entry.machine].positions.items()
    )
    # Extra calls, so many that they are this share of all calls.
    gaps = Exponential((1 - share) / (share * part_rate))
    diagnosis = scenario.service.diagnosis_time.distribution
    return (
        streams.draws(gaps.quantile, "phone", name, rows=machines),
        streams.draws(diagnosis.quantile, "phone diagnosis", name, rows=machines),
    )

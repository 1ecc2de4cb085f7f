"""Plain calls: the diagnosis is right, and somebody goes once, with one part."""

from __future__ import annotations

from functools import partial

from partsim.simulation.call_log import CallLog
from partsim.simulation.calls import Over, Service
from partsim.simulation.events import Clock, EventOrder


class PlainPosition:
    """One place of a part in a machine, whose calls are all plain; see `Service.is_plain`."""

    __slots__ = (
        "_demand", "_row", "_times", "clock", "item", "log", "machine", "repair", "service",
    )  # fmt: skip

    def __init__(
        self, clock: Clock, log: CallLog, service: Service, row: int, machine: int, number: int
    ) -> None:
        self.clock = clock
        self.log = log
        self.service = service
        self.item = service.item
        self.machine = machine
        self.repair = EventOrder.REPAIR.priority(number)
        self._demand = EventOrder.DEMAND.priority(number)
        self._row = row
        self._times = service.plain_times

    def life(self, k: int) -> float:
        """Give life k: the first is what is left of one under way."""
        return self.service.lives.life(self._row, k)

    def answer(self, k: int, began: float, over: Over) -> None:
        """Diagnose; nothing else happens until the part is asked for."""
        clock = self.clock
        if began < clock.end:
            clock.unfinished += 1
            self.log.begun[self.machine] += 1
        times = self._times.draw(self._row, k)
        call = PlainCall(self, k, began, times, over)
        clock.when(began + (times[0] + times[1]), self._demand, call.ask)

    def delivery(self, k: int) -> float:
        """Give the time of a part that follows the technician of call k [days]."""
        return self.service.visits.delivery[0].draw(self._row, k)


class PlainCall:
    """What `Position` and `Visits` do of a plain call: one event, if its wait is foreseen."""

    __slots__ = ("_asked", "_began", "_k", "_over", "_position", "_times")

    def __init__(
        self, position: PlainPosition, k: int, began: float, times: tuple[float, ...], over: Over
    ) -> None:
        self._position = position
        self._k = k
        self._began = began
        self._times = times
        self._over = over

    def ask(self) -> None:
        """Ask the depot for the part."""
        position = self._position
        self._asked = position.clock.now
        if position.item.shelf.request(self._receive, position.item.claim):
            self._end(0.0, 0.0)

    def _receive(self, date: float) -> None:
        clock = self._position.clock
        if clock.eventful:
            clock.at(date, self._position.repair, partial(self._go, date))
        else:
            self._go(date)

    def _go(self, date: float) -> None:
        """Bring the part that is there at a date: to the technician on his way, or with him."""
        position = self._position
        parts = wait = date - self._asked
        if not position.service.visits.with_parts:
            travel = self._times[2]
            parts = max(travel, wait + position.delivery(self._k)) - travel
        self._end(parts, wait)

    def _end(self, parts: float, wait: float) -> None:
        position, began = self._position, self._began
        answer, diagnosis, travel, repair = self._times
        response = answer + diagnosis + repair + (travel + parts)
        clock = position.clock
        if began < clock.end:
            clock.unfinished -= 1
            part = position.service.part
            times = (answer, diagnosis, 0.0, travel, parts, repair, 1, wait)
            position.log.add(position.machine, part, began, response, times)
        self._over(response)

"""Plain calls: the diagnosis is right, and somebody goes once, with one part."""

from __future__ import annotations

from functools import partial

from partsim.simulation.call_log import CallLog
from partsim.simulation.calls import Over, Service
from partsim.simulation.events import Clock, EventOrder


class PlainPosition:
    """One place of a part in a machine, whose calls are all plain; see `Service.is_plain`."""

    __slots__ = ("clock", "demand", "log", "machine", "repair", "row", "service")

    def __init__(
        self, clock: Clock, log: CallLog, service: Service, row: int, machine: int, number: int
    ) -> None:
        self.clock = clock
        self.log = log
        self.service = service
        self.row = row
        self.machine = machine
        self.demand = EventOrder.DEMAND.priority(number)
        self.repair = EventOrder.REPAIR.priority(number)

    def life(self, k: int) -> float:
        """Give life k: the first is what is left of one under way."""
        return self.service.lives.life(self.row, k)

    def answer(self, k: int, began: float, over: Over) -> None:
        """Diagnose; nothing else happens until the part is asked for."""
        clock, service, row = self.clock, self.service, self.row
        if began < clock.end:
            clock.unfinished += 1
        answer = service.answer.draw(row, k) if service.answer else 0.0
        diagnosis = service.diagnosis.draw(row, k)
        call = PlainCall(self, k, began, (answer, diagnosis), over)
        clock.when(began + (answer + diagnosis), self.demand, call.ask)


class PlainCall:
    """What `Position` and `Visits` do of a plain call: one event, and one more if it waits."""

    __slots__ = ("_asked", "_began", "_k", "_over", "_phone", "_position")

    def __init__(
        self, position: PlainPosition, k: int, began: float, phone: tuple[float, float], over: Over
    ) -> None:
        self._position = position
        self._k = k
        self._began = began
        self._phone = phone
        self._over = over

    def ask(self) -> None:
        """Ask the depot for the part."""
        position = self._position
        item = position.service.item
        self._asked = position.clock.now
        if item.shelf.request(self._receive, item.claim):
            self._end(position.service.visits.travel[0].draw(position.row, self._k), 0.0, 0.0)

    def _receive(self, date: float) -> None:
        clock = self._position.clock
        if clock.eventful:
            clock.at(date, self._position.repair, partial(self._go, date))
        else:
            self._go(date)

    def _go(self, date: float) -> None:
        """Bring the part that is there at a date: to the technician on his way, or with him."""
        position, k = self._position, self._k
        service, row = position.service, position.row
        wait, travel = date - self._asked, service.visits.travel[0].draw(row, k)
        parts = wait
        if not service.visits.with_parts:
            parts = max(travel, wait + service.visits.delivery[0].draw(row, k)) - travel
        self._end(travel, parts, wait)

    def _end(self, travel: float, parts: float, wait: float) -> None:
        position, began = self._position, self._began
        answer, diagnosis = self._phone
        repair = position.service.repair.draw(position.row, self._k)
        response = answer + diagnosis + repair + (travel + parts)
        clock = position.clock
        if began < clock.end:
            clock.unfinished -= 1
            part = position.service.part
            times = (answer, diagnosis, 0.0, travel, parts, repair, 1, wait)
            position.log.add(position.machine, part, began, response, times)
        self._over(response)

"""What happens first at one instant, and the window of time that is measured."""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import IntEnum
from heapq import heappop, heappush
from typing import Any

from simpy import Environment, Event
from simpy.events import PENDING, EventPriority

DAYS_PER_YEAR = 365.0


class EventOrder(IntEnum):
    """
    Order of events at one instant: by kind, then by the number of the depot cell or machine.

    A unit received is on the shelf for a demand of the same instant, whichever was planned
    first. What is of one kind and entity happens as it was planned: only machines that age while
    they are down can call twice at one instant. Processes that begin (SimPy's priority 0) come
    before all.
    """

    RECEIPT = 1
    """Units arrive at a depot."""
    REPAIR = 2
    """A waiting call gets its part, which dates its repair."""
    DEMAND = 3
    """A machine fails (calendar ageing), or its call asks for a part."""
    SHIFT = 4
    """A group of technicians begins its working day."""
    REVIEW = 5
    """A depot counts its shelf and orders."""

    def priority(self, entity: int) -> EventPriority:
        """Give SimPy's priority of this kind of event at an entity."""
        return EventPriority(self << 32 | entity)


class Clock(Environment):
    """
    SimPy's environment with plain functions on its schedule, and the measured window.

    Half of all that happens is a unit that arrives somewhere: a function of nothing that nobody
    waits for. It takes a third of the time without an event object around it.

    Parameters
    ----------
    start, end : float
        First and last moment of the window [days].
    eventful : bool
        Whether receipts that nobody waits for are events too, for those who watch them all.

    Attributes
    ----------
    window : float
        Length of the window [days].
    unfinished : int
        Calls and requests from before the end that still wait.
    now : float
        The present [days]; a plain attribute, for it is read all the time.
    priority : int
        Order of what happens at present.
    measured : bool
        Whether now is in the window.
    remaining : float
        The measured time from now on, `left(now)` [days].

    Examples
    --------
    >>> clock = Clock(start=0.0, end=10.0)
    >>> clock.at(2.0, EventOrder.DEMAND.priority(0), lambda: print("asked", clock.now))
    >>> clock.at(2.0, EventOrder.RECEIPT.priority(7), lambda: print("received", clock.now))
    >>> clock.run(until=10.0)
    received 2.0
    asked 2.0
    """

    now: float = 0.0
    priority: int = 0

    def __init__(self, start: float, end: float, *, eventful: bool = False) -> None:
        super().__init__()
        self.eventful = eventful
        self.start = start
        self.end = end
        self.window = end - start
        self.unfinished = 0
        self.measured = self.measures(0.0)
        self.remaining = self.left(0.0)

    def at(self, time: float, priority: EventPriority, happening: Callable[[], object]) -> None:
        """
        Put a function, or a moment or signal, on the schedule.

        Parameters
        ----------
        time : float
            When it is called [days]; now at the earliest.
        priority : int
            Its place among all that happens at that time.
        happening : callable
            Called without arguments.
        """
        # Sums of durations may fall short of now by a rounding error.
        moment = time if time > self.now else self.now
        queue: list[Any] = self._queue
        heappush(queue, (moment, priority, next(self._eid), happening))

    def when(self, time: float, priority: EventPriority, happening: Callable[[], object]) -> None:
        """Call a function at a time: now, if that is now and in the order of the present."""
        if time > self.now:
            queue: list[Any] = self._queue
            heappush(queue, (time, priority, next(self._eid), happening))
        elif priority == self.priority:
            happening()
        else:
            self.at(time, priority, happening)

    def play(self) -> None:
        """Let everything before the end of the window happen, as `step` does one by one."""
        for until, measured in ((self.start, False), (self.end, True)):
            self.measured, self.remaining = measured, self.left(until if measured else 0.0)
            self._play_to(until)
        self.now = self._now = self.end
        self.measured, self.remaining = False, 0.0

    def _play_to(self, until: float) -> None:
        queue: list[Any] = self._queue
        end, measured = self.end, self.measured
        while queue and queue[0][0] < until:
            now, self.priority, _, happening = queue[0]
            if not callable(happening):  # SimPy's own events
                self.step()
                continue
            heappop(queue)
            self.now = self._now = now
            if measured:
                self.remaining = end - now
            happening()

    def forget(self) -> None:
        """
        Drop all that is on the schedule.

        Machines that run live by it alone: they go at once, without the search for cycles.
        """
        self._queue.clear()

    def step(self) -> None:
        """Let the next function or SimPy event of the schedule happen."""
        queue: list[Any] = self._queue
        if queue:
            now, self.priority, _, happening = queue[0]
            self.now = now
            # Every event asks for them several times.
            if self.start <= now < self.end:
                self.measured, self.remaining = True, self.end - now
            else:
                self.measured, self.remaining = False, self.left(now)
            if callable(happening):
                heappop(queue)
                self._now = now
                happening()
                return
        super().step()  # SimPy's own events, and its own end

    @property
    def scheduled(self) -> list[Any]:
        """All functions and events that will happen, in no order."""
        return [happening for *_, happening in self._queue]

    def measures(self, time: float) -> bool:
        """Tell whether the time is in the window."""
        return self.start <= time < self.end

    def left(self, time: float) -> float:
        """
        Give the measured time after a moment [days].

        The time integral of a level over the window is the sum of its steps, each times this.

        Examples
        --------
        >>> clock = Clock(start=10.0, end=15.0)
        >>> clock.left(0.0), clock.left(12.0), clock.left(20.0)
        (5.0, 3.0, 0.0)
        """
        if time <= self.start:
            return self.window
        return self.end - time if time < self.end else 0.0

    def between(self, begin: float, finish: float) -> float:
        """Give the measured time from one moment to a later one [days]."""
        if self.start <= begin and finish < self.end:
            return finish - begin
        return self.left(begin) - self.left(finish)


_PAST: Any = None
"""What SimPy looks for in an event that has happened."""


class _Sure(Event):
    """An event that cannot fail and carries nothing: when called, it calls those who wait."""

    _ok = True
    _value: object = None

    def __init__(self, clock: Clock) -> None:
        self.env = clock
        self.callbacks = []

    def __call__(self) -> None:
        callbacks, self.callbacks = self.callbacks, _PAST
        for callback in callbacks:
            callback(self)


class Signal(_Sure):
    """
    An event that is fired once, now, in the order of its kind.

    Attributes
    ----------
    fired : float
        When that was, or is to be [days].
    """

    _value = PENDING
    fired: float

    def __init__(self, clock: Clock, priority: EventPriority) -> None:
        super().__init__(clock)
        self._clock = clock
        self._priority = priority

    def fire(self) -> None:
        """Let it happen now."""
        self.fire_at(self._clock.now)

    def fire_at(self, date: float) -> None:
        """Let it happen at a date, now at the earliest."""
        self._value = None
        self.fired = date
        self._clock.at(date, self._priority, self)


class Reply(_Sure):
    """
    An event that is given a number, and calls those who wait for it at once.

    Attributes
    ----------
    number : float
        What was given.
    """

    _value = PENDING
    number: float

    def give(self, number: float) -> None:
        """Let it happen."""
        self._value = None
        self.number = number
        self()


class Moment(_Sure):
    """
    An event at a set time, in the order of its kind.

    One that would come now, in the order of what happens at present, has happened already.
    """

    def __init__(self, clock: Clock, time: float, priority: EventPriority) -> None:
        super().__init__(clock)
        if time <= clock.now and priority == clock.priority:
            self.callbacks = _PAST
        else:
            clock.at(time, priority, self)


def begin(course: Generator[Event, None, object]) -> None:
    """
    Play a generator of events from now on; nobody waits for its end.

    A SimPy process costs two events more, one to begin and one to end. What an event carries is
    not handed to the generator.

    Examples
    --------
    >>> def answer(clock):
    ...     yield clock.timeout(2.0)
    ...     print("answered at", clock.now)
    >>> clock = Clock(start=0.0, end=10.0)
    >>> begin(answer(clock))
    >>> clock.run()
    answered at 2.0
    """
    _Course(course).resume(None)


class _Course:
    __slots__ = ("_course",)

    def __init__(self, course: Generator[Event, None, object]) -> None:
        self._course = course

    def resume(self, _: Event | None) -> None:
        event: Any  # whose callbacks may be past
        for event in self._course:
            if event.callbacks is not _PAST:
                event.callbacks.append(self.resume)
                return

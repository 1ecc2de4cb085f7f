"""What happens first at one instant, and the window of time that is measured."""

from __future__ import annotations

from enum import IntEnum

from simpy import Environment, Event
from simpy.events import EventPriority


class EventOrder(IntEnum):
    """
    Order of events at one instant: by kind, then by the number of the depot cell or machine.

    A unit received is on the shelf for a demand of the same instant, whichever was planned
    first. Processes that begin (SimPy's priority 0) come before all.
    """

    RECEIPT = 1
    """Units arrive at a depot."""
    REPAIR = 2
    """A waiting call gets its part, which dates its repair."""
    DEMAND = 3
    """A machine fails (calendar ageing), or its call asks for a part."""

    def priority(self, entity: int) -> EventPriority:
        """Give SimPy's priority of this kind of event at an entity."""
        return EventPriority(self << 32 | entity)


class Clock(Environment):
    """
    SimPy's environment with the measured window, and the count of what must still end.

    Parameters
    ----------
    start, end : float
        First and last moment of the window [days].

    Attributes
    ----------
    window : float
        Length of the window [days].
    unfinished : int
        Calls and requests from before the end that still wait.
    """

    def __init__(self, start: float, end: float) -> None:
        super().__init__()
        self.start = start
        self.end = end
        self.window = end - start
        self.unfinished = 0

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


class Signal(Event):
    """An event that is fired once, now, in the order of its kind."""

    def __init__(self, clock: Clock, priority: EventPriority) -> None:
        super().__init__(clock)
        self.priority = priority

    def fire(self) -> None:
        """Let it happen now."""
        self._ok, self._value = True, None
        self.env.schedule(self, self.priority)


class Moment(Event):
    """An event at a set time, in the order of its kind."""

    def __init__(self, clock: Clock, time: float, priority: EventPriority) -> None:
        super().__init__(clock)
        self._ok, self._value = True, None
        # Sums of durations may fall short of now by a rounding error.
        clock.schedule(self, priority, max(time - clock.now, 0.0))

"""Sourcing: where a unit comes from when the shelf has none, one class for each way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from partsim.simulation.claims import Elsewhere, Receive
from partsim.simulation.events import Clock, EventOrder
from partsim.simulation.shelves import Shelf

Way = Literal["lateral", "central", "outside"]
WAYS: tuple[Way, ...] = ("lateral", "central", "outside")
"""From a neighbour's shelf, from the shelf of the depot that supplies it, from outside."""


class Shipments:
    """
    Units shipped in one way to one shelf.

    Attributes
    ----------
    way : str
        One of `WAYS`.
    measured : int
        Units shipped in the window.
    transit_days : float
        Time integral of the network's own units on the way over the window [unit days].
    under_way : int
        Units on the way now.
    """

    __slots__ = ("_clock", "_priority", "measured", "transit_days", "under_way", "way")

    def __init__(self, clock: Clock, cell: int, way: Way) -> None:
        self._clock = clock
        self._priority = EventOrder.RECEIPT.priority(cell)
        self.way = way
        self.measured = 0
        self.transit_days = 0.0
        self.under_way = 0

    def send(self, receive: Receive, time: float) -> None:
        """Send one unit to whoever receives it."""
        clock = self._clock
        arrives = clock.now + time
        self.under_way += 1
        self.measured += clock.measures(clock.now)
        if self.way != "outside":  # a unit that is bought outside is not ours yet
            self.transit_days += clock.left(clock.now) - clock.left(arrives)

        def arrive() -> None:
            self.under_way -= 1
            receive(clock.now)

        clock.at(arrives, self._priority, arrive)


class FromShelves:
    """
    A unit from the first of some shelves that holds more than it keeps for others.

    Parameters
    ----------
    givers : sequence of (Shelf, int)
        Shelves in the order of preference, with the units that each keeps.
    time : float
        Until the unit is at the depot that asks [days].
    shipments : Shipments
        Where it counts.
    """

    __slots__ = ("_givers", "_shipments", "time")

    def __init__(
        self, givers: Sequence[tuple[Shelf, int]], time: float, shipments: Shipments
    ) -> None:
        self._givers = givers
        self.time = time
        self._shipments = shipments

    def ship(self, receive: Receive) -> float | None:
        """Ship from the first that can give."""
        for shelf, kept in self._givers:
            if shelf.on_hand > kept:
                shelf.give()
                self._shipments.send(receive, self.time)
                return self.time
        return None


class FromOutside:
    """A unit from outside the network, where there is always one."""

    __slots__ = ("_shipments", "time")

    def __init__(self, time: float, shipments: Shipments) -> None:
        self.time = time
        self._shipments = shipments

    def ship(self, receive: Receive) -> float:
        """Ship."""
        self._shipments.send(receive, self.time)
        return self.time


class WhenLate:
    """
    Another place, asked only when it is sooner and no unit of the shelf would come in time.

    Parameters
    ----------
    place : Elsewhere
        Who is asked then.
    shelf : Shelf
        The shelf that lacks the unit.
    patience : float
        How long a call can wait for a unit without breaking its promise [days].
    clock : Clock
        The simulated time.
    """

    __slots__ = ("_clock", "_patience", "_place", "_shelf", "time")

    def __init__(self, place: Elsewhere, shelf: Shelf, patience: float, clock: Clock) -> None:
        self._place = place
        self.time = place.time
        self._shelf = shelf
        self._patience = max(patience, place.time)
        self._clock = clock

    def ship(self, receive: Receive) -> float | None:
        """Ship, unless the next unit that nobody waits for yet is due in time."""
        date = self._shelf.date_after(len(self._shelf.waiting))
        if date <= self._clock.now + self._patience:
            return None
        return self._place.ship(receive)

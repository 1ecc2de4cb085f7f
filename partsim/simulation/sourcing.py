"""Sourcing: where a unit comes from when the shelf has none, one class for each way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from partsim.simulation.claims import Elsewhere, Receive
from partsim.simulation.events import Clock, EventOrder
from partsim.simulation.shelves import Shelf

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario
    from partsim.model.sourcing import Shipment


class Shipments:
    """
    Units shipped in one way to one shelf.

    Attributes
    ----------
    way : Way
        How they come.
    rule : Shipment
        Time and cost of each.
    measured : int
        Units shipped in the window.
    transit_days : float
        Time integral of the network's own units on the way over the window [unit days].
    under_way : int
        Units on the way now.
    """

    __slots__ = (
        "_clock", "_priority", "measured", "rule", "transit_days", "under_way", "way",
    )  # fmt: skip

    def __init__(self, clock: Clock, cell: int, way: Way, rule: Shipment) -> None:
        self._clock = clock
        self._priority = EventOrder.RECEIPT.priority(cell)
        self.way = way
        self.rule = rule
        self.measured = 0
        self.transit_days = 0.0
        self.under_way = 0

    def send(self, receive: Receive) -> float:
        """Send one unit to whoever receives it; give the time it takes."""
        clock, time = self._clock, self.rule.time
        arrives = clock.now + time
        self.under_way += 1
        self.measured += clock.measures(clock.now)
        if self.way.owned:
            self.transit_days += clock.left(clock.now) - clock.left(arrives)

        def arrive() -> None:
            self.under_way -= 1
            receive(clock.now)

        clock.at(arrives, self._priority, arrive)
        return time


class FromShelves:
    """
    A unit from the first of some shelves that holds more than it keeps for others.

    Parameters
    ----------
    givers : sequence of (Shelf, int)
        Shelves in the order of preference, with the units that each keeps.
    shipments : Shipments
        What brings it.
    """

    __slots__ = ("_givers", "_shipments", "time")

    def __init__(self, givers: Sequence[tuple[Shelf, int]], shipments: Shipments) -> None:
        self._givers = givers
        self._shipments = shipments
        self.time = shipments.rule.time

    def ship(self, receive: Receive) -> float | None:
        """Ship from the first that can give."""
        for shelf, kept in self._givers:
            if shelf.on_hand > kept:
                shelf.give()
                return self._shipments.send(receive)
        return None


class FromOutside:
    """A unit from outside the network, where there is always one."""

    __slots__ = ("_shipments", "time")

    def __init__(self, shipments: Shipments) -> None:
        self._shipments = shipments
        self.time = shipments.rule.time

    def ship(self, receive: Receive) -> float:
        """Ship."""
        return self._shipments.send(receive)


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


@dataclass(frozen=True, eq=False)
class Shortage:
    """
    A shelf that has no unit for the calls of a tier.

    Attributes
    ----------
    clock : Clock
        The simulated time.
    scenario : Scenario
        What is.
    shelves : sequence of Shelf
        Of the part, by depot.
    part, depot : int
        Their numbers.
    tier : str
        Whose calls lack the unit.
    kept : callable
        Gives the units that a depot, by its number, keeps from this tier.
    """

    clock: Clock
    scenario: Scenario
    shelves: Sequence[Shelf]
    part: int
    depot: int
    tier: str
    kept: Callable[[int], int]


class Way(Protocol):
    """
    One way to get a unit when the shelf has none.

    Attributes
    ----------
    figure : str
        What its units are called in the table of the supply side, before the name of a depot.
    cost : str
        Kind of cost of its shipments.
    owned : bool
        Whether its units are the network's own before they arrive.
    """

    figure: str
    cost: str
    owned: bool

    def rule(self, scenario: Scenario, depot: str) -> Shipment | None:
        """Give time and cost of a unit to a depot; None if none comes to it in this way."""

    def place(self, shortage: Shortage, shipments: Shipments) -> Elsewhere | None:
        """Give the place that is asked in a shortage; None if these calls may not ask."""


class Lateral:
    """From the shelves of neighbours in the pooling group, but for what they hold back."""

    figure = "lateral transshipments to"
    cost = "lateral"
    owned = True

    def rule(self, scenario: Scenario, depot: str) -> Shipment | None:
        """Give the rule of lateral transshipment to a depot that has neighbours."""
        return scenario.lateral if scenario.depots[depot].lateral else None

    def place(self, shortage: Shortage, shipments: Shipments) -> Elsewhere:
        """Give the neighbours in the order of the depot's list."""
        scenario = shortage.scenario
        givers = []
        for name in scenario.depots[scenario.depot_ids[shortage.depot]].lateral:
            d = scenario.depot_ids.index(name)
            kept = max(scenario.depots[name].hold_back or 0, shortage.kept(d))
            givers.append((shortage.shelves[d], kept))
        return FromShelves(givers, shipments)


class Central:
    """By emergency shipment from the shelf of the depot that supplies the one in need."""

    figure = "emergency shipments from the central depot to"
    cost = "emergency"
    owned = True

    def rule(self, scenario: Scenario, depot: str) -> Shipment | None:
        """Give the rule of emergency shipments from above, if a depot is above."""
        above = scenario.depots[depot].supplied_by in scenario.depots
        return scenario.emergency.central if scenario.emergency and above else None

    def place(self, shortage: Shortage, shipments: Shipments) -> Elsewhere | None:
        """Give the depot above."""
        parent = int(shortage.scenario.parents[shortage.depot])
        giver = shortage.shelves[parent], shortage.kept(parent)
        return _in_emergency(shortage, FromShelves([giver], shipments))


class Outside:
    """By emergency shipment from outside the network; not ours before it arrives."""

    figure = "emergency shipments from outside to"
    cost = "emergency"
    owned = False

    def rule(self, scenario: Scenario, _depot: str) -> Shipment | None:
        """Give the rule of emergency shipments from outside, which reach every depot."""
        return scenario.emergency.outside if scenario.emergency else None

    def place(self, shortage: Shortage, shipments: Shipments) -> Elsewhere | None:
        """Give the outside."""
        return _in_emergency(shortage, FromOutside(shipments))


def _in_emergency(shortage: Shortage, place: Elsewhere) -> Elsewhere | None:
    """Ask a place as the scenario's rules of emergency have it: for which tiers, and when."""
    scenario, tier = shortage.scenario, shortage.tier
    rules = scenario.emergency
    if not rules or (rules.tiers and tier not in rules.tiers):
        return None
    if rules.when == "always":
        return place
    part, depot = scenario.part_ids[shortage.part], scenario.depot_ids[shortage.depot]
    patience = scenario.patience(part, depot, tier)
    return WhenLate(place, shortage.shelves[shortage.depot], patience, shortage.clock)


WAYS: list[Way] = [Lateral(), Central(), Outside()]
"""All ways, in the order in which they are tried."""

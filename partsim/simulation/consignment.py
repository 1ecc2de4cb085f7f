"""Consignment: units of the maker's that lie at the customers of one fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partsim.simulation.claims import AnyClaim, Claim, Receive
from partsim.simulation.events import Clock, EventOrder
from partsim.simulation.shelves import Shelf
from partsim.simulation.streams import Draws, Streams

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario

FleetPart = tuple[int, int]
"""Number of a fleet, and of a part."""


class Consignment:
    """
    Where the calls of one fleet get one part: from what lies at the customers, or the depot.

    Each unit that a call takes there is ordered from the depot at once, as a refill that no
    machine waits for, and sent when the depot has one. While none is left calls ask the depot.

    Attributes
    ----------
    depot : Shelf
        Who refills it.
    units : int
        At the customers now.
    requests, met : int
        Units that calls asked for in the window, and those that were at the customers.
    owned_days : float
        Time integral of the units at the customers or on their way there [unit days].
    """

    __slots__ = (
        "_clock", "_delivery", "_priority", "_refills", "_sent", "depot", "met",
        "owned_days", "requests", "units",
    )  # fmt: skip

    def __init__(
        self, clock: Clock, depot: Shelf, tiers: tuple[str, ...], units: int, cell: int,
        delivery: Draws,
    ) -> None:  # fmt: skip
        self._clock = clock
        self.depot = depot
        # What refills the unit of a call, by the claim of the call's tier.
        claims = [depot.claim_of(tier) for tier in tiers]
        self._refills: dict[AnyClaim, Claim] = {claim: claim.not_urgent() for claim in claims}
        self._priority = EventOrder.RECEIPT.priority(cell)
        self._delivery = delivery
        self._sent = 0
        self.units = units
        self.requests = 0
        self.met = 0
        self.owned_days = units * clock.window

    def claim_of(self, tier: str) -> Claim:
        """Give the claim by which calls of a tier ask the depot."""
        return self.depot.claim_of(tier)

    def request(self, receive: Receive, claim: AnyClaim) -> bool:
        """Ask for one unit as of a shelf; only calls get those at the customers."""
        refill = self._refills.get(claim)
        if refill is None:
            return self.depot.request(receive, claim)
        clock = self._clock
        measured = clock.measures(clock.now)
        self.requests += measured
        if not self.units:
            return self.depot.request(receive, claim)
        self.met += measured
        self.units -= 1
        self.owned_days -= clock.left(clock.now)
        if self.depot.request(self.send, refill):
            self.send(clock.now)
        return True

    def has_for(self, claim: AnyClaim) -> bool:
        """Tell whether a unit is there at once."""
        return self.units > 0 or self.depot.has_for(claim)

    def lend(self, claim: AnyClaim) -> bool:
        """Lend a unit of the depot's, unless one is at the customers already."""
        return not self.units and self.depot.lend(claim)

    def take_back(self) -> None:
        """Take in a unit that was lent."""
        self.depot.take_back()

    def send(self, date: float) -> None:
        """Send the unit of a refill that the depot has on a date."""
        clock = self._clock
        self.owned_days += clock.left(date)
        time = self._delivery.draw(0, self._sent)
        self._sent += 1
        clock.at(date + time, self._priority, self._arrive)

    def _arrive(self) -> None:
        self.units += 1


def consignments(
    clock: Clock, scenario: Scenario, shelves: list[list[Shelf]], streams: Streams
) -> dict[FleetPart, Consignment]:
    """
    Put what the fleets of a scenario have in consignment at their customers.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    scenario : Scenario
        What is played.
    shelves : list of list of Shelf
        By part and depot.
    streams : Streams
        The random numbers of the replication.

    Returns
    -------
    dict of (fleet, part) to Consignment
        Empty without consignment stock.
    """
    stores = {}
    for f, fleet in enumerate(scenario.fleets):
        d = scenario.depot_ids.index(fleet.depot)
        delivery = scenario.delivery_time_of(fleet.depot).distribution.quantile
        for part, units in fleet.consignment.items():
            p = scenario.part_ids.index(part)
            times = streams.draws(delivery, "consignment", scenario.fleet_ids[f], part)
            cell, tiers = p * len(scenario.depot_ids) + d, scenario.tier_phases[f].tiers
            stores[f, p] = Consignment(clock, shelves[p][d], tiers, units, cell, times)
    return stores

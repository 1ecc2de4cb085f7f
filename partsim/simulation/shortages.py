"""Shortages: for each shelf and tier who comes first, and what else is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partsim.simulation.allocation import ByRank
from partsim.simulation.claims import Claim, Elsewhere, Tally
from partsim.simulation.events import Clock
from partsim.simulation.shelves import Shelf
from partsim.simulation.sourcing import WAYS, FromOutside, FromShelves, Shipments, WhenLate

if TYPE_CHECKING:
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario


def tells_tiers_apart(scenario: Scenario) -> bool:
    """Tell whether calls of different tiers at one depot may be served differently."""
    ranked = len({*scenario.priorities.values()}) > 1
    return bool(ranked or scenario.emergency or scenario.lateral)


class Shortages:
    """
    The scenario's rules for calls that find no unit: priorities, reserves, other places.

    Attributes
    ----------
    matter : bool
        Whether the scenario has any such rule.
    """

    def __init__(self, clock: Clock, scenario: Scenario, plan: Plan) -> None:
        self._reorder_point = plan.reorder_point
        self._clock = clock
        self._scenario = scenario
        self._ranked = len({*scenario.priorities.values()}) > 1
        self.matter = tells_tiers_apart(scenario)

    def settle(self, shelves: list[Shelf], cell: tuple[int, int]) -> list[Shipments]:
        """
        Give the shelf of a cell its claims by tier.

        Parameters
        ----------
        shelves : list of Shelf
            Of the cell's part, by depot.
        cell : (int, int)
            Part and depot.

        Returns
        -------
        list of Shipments
            What will count the units from elsewhere.
        """
        scenario, (p, d) = self._scenario, cell
        shelf, number = shelves[d], p * len(shelves) + d
        counts: dict[str, Shipments] = {way: Shipments(self._clock, number, way) for way in WAYS}
        if self._ranked:
            shelf.next_in_line = ByRank(self._clock)
            # A refill of a depot waits with the least important calls.
            shelf.depot_side.rank = max(scenario.priorities.values())
        for name, priority in scenario.priorities.items():
            places = self._neighbours(name, shelves, cell, counts)
            places += self._emergency(name, shelves, cell, counts)
            rank = priority if self._ranked else 0
            kept = self._kept(name, p, d)
            shelf.tiers[name] = Claim(Tally(), rank, kept, tuple(places))
        return list(counts.values())

    def _kept(self, tier: str, part: int, depot: int) -> int:
        # With more, calls could wait for a unit that nobody orders.
        most = int(self._reorder_point[part, depot]) + 1
        return max(0, min(self._scenario.kept_from[tier], most))

    def _neighbours(
        self, tier: str, shelves: list[Shelf], cell: tuple[int, int], counts: dict[str, Shipments]
    ) -> list[Elsewhere]:
        scenario = self._scenario
        names = scenario.depots[scenario.depot_ids[cell[1]]].lateral
        if not (names and scenario.lateral):
            return []
        givers = [
            (shelves[d], max(scenario.depots[name].hold_back or 0, self._kept(tier, cell[0], d)))
            for name in names
            for d in [scenario.depot_ids.index(name)]
        ]
        return [FromShelves(givers, scenario.lateral.time, counts["lateral"])]

    def _emergency(
        self, tier: str, shelves: list[Shelf], cell: tuple[int, int], counts: dict[str, Shipments]
    ) -> list[Elsewhere]:
        scenario, (p, d) = self._scenario, cell
        rules = scenario.emergency
        if not rules or (rules.tiers and tier not in rules.tiers):
            return []
        places: list[FromShelves | FromOutside] = []
        parent = int(scenario.parents[d])
        if rules.central and parent >= 0:
            giver = shelves[parent], self._kept(tier, p, parent)
            places.append(FromShelves([giver], rules.central.time, counts["central"]))
        if rules.outside:
            places.append(FromOutside(rules.outside.time, counts["outside"]))
        if rules.when == "always":
            return list(places)
        patience = scenario.patience(scenario.part_ids[p], scenario.depot_ids[d], tier)
        return [WhenLate(place, shelves[d], patience, self._clock) for place in places]

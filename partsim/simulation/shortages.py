"""Shortages: for each shelf and tier who comes first, and what else is tried."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from partsim.simulation.allocation import ByRank
from partsim.simulation.claims import Claim, Tally
from partsim.simulation.events import Clock
from partsim.simulation.shelves import Shelf
from partsim.simulation.sourcing import WAYS, Shipments, Shortage

if TYPE_CHECKING:
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario


def tells_tiers_apart(scenario: Scenario) -> bool:
    """Tell whether calls of different tiers at one depot may be served differently."""
    ranked = len({*scenario.priorities.values()}) > 1
    return ranked or any(way.rule(scenario, depot) for way in WAYS for depot in scenario.depot_ids)


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
        depot = scenario.depot_ids[d]
        counts = [
            Shipments(self._clock, number, way, rule)
            for way in WAYS
            if (rule := way.rule(scenario, depot))
        ]
        if self._ranked:
            shelf.next_in_line = ByRank(self._clock)
            # A refill of a depot waits with the least important calls.
            shelf.depot_side.rank = max(scenario.priorities.values())
        for tier, priority in scenario.priorities.items():
            kept = partial(self._kept, tier, p)
            lacks = Shortage(self._clock, scenario, shelves, p, d, tier, kept)
            places = [count.way.place(lacks, count) for count in counts]
            shelf.tiers[tier] = Claim(
                Tally(), priority if self._ranked else 0, kept(d), tuple(filter(None, places))
            )
        return counts

    def _kept(self, tier: str, part: int, depot: int) -> int:
        # With more, calls could wait for a unit that nobody orders.
        most = int(self._reorder_point[part, depot]) + 1
        return max(0, min(self._scenario.kept_from[tier], most))

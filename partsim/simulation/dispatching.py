"""Dispatching: every group of technicians of a scenario, and who goes to which failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partsim.simulation.events import Clock
from partsim.simulation.technicians import Crew, Dispatch

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Dispatching:
    """
    The groups of technicians that live in one replication.

    Attributes
    ----------
    scenario : Scenario
        What is.
    crews : dict of str to Crew
        By name, in the order of the scenario; empty if there is always somebody.
    """

    scenario: Scenario
    crews: dict[str, Crew]

    def of(self, fleet: int, part: str, tier: str) -> Dispatch:
        """Give the groups that can go to the failures of a part in a fleet, and a tier's rank."""
        scenario, entry = self.scenario, self.scenario.fleets[fleet]
        able = {
            name: crew
            for name, crew in self.crews.items()
            if entry.depot in (group := scenario.technicians[name]).depots
            and group.can(entry.machine, scenario.parts[part].difficulty)
        }
        ranks = {
            name: scenario.priorities[tier] if scenario.technicians[name].queue == "by_tier" else 0
            for name in able
        }
        return Dispatch(tuple(able.values()), tuple(ranks.values()))


def build_crews(clock: Clock, scenario: Scenario) -> Dispatching:
    """Set up every group, all technicians free."""
    crews = {
        name: Crew(clock, number, scenario.technicians_in(name), group.shift)
        for number, (name, group) in enumerate(scenario.technicians.items())
    }
    return Dispatching(scenario, crews)

"""Which parts of which fleets get units as planned, at no failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario


def maintained_parts(scenario: Scenario, fleet: int) -> tuple[str, ...]:
    """
    Name the parts of a fleet's machines of which units are put in as planned.

    Parameters
    ----------
    scenario : Scenario
        The question.
    fleet : int
        Number of the fleet.

    Returns
    -------
    tuple of str
        In the order of the machine's positions.
    """
    positions = scenario.machines[scenario.fleets[fleet].machine].positions
    inspected = scenario.inspection_of(fleet) is not None
    return tuple(part for part in positions if inspected or scenario.parts[part].upkeep.is_planned)


def has_prevention(scenario: Scenario) -> bool:
    """Tell whether any unit of any fleet is put in as planned."""
    return any(maintained_parts(scenario, fleet) for fleet in range(len(scenario.fleets)))

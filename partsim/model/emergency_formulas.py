"""Which emergency shipments the formulas know."""

from __future__ import annotations

from collections.abc import Iterator

from partsim.model.scenario import Scenario
from partsim.model.sourcing import Emergency


def emergency_in_formulas(scenario: Scenario) -> bool:
    """
    Tell whether the formulas know a scenario's emergency shipments.

    Parameters
    ----------
    scenario : Scenario
        The question.

    Returns
    -------
    bool
        False without any, and where `why_not` has a reason.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> emergency_in_formulas(read_scenario("scenarios/first_steps.yaml"))
    False
    """
    return scenario.emergency is not None and why_not(scenario) is None


def why_not(scenario: Scenario) -> str | None:
    """Give what keeps emergency shipments out of the formulas; None where they know them."""
    rules = scenario.emergency
    if rules is None:
        return None
    return next((reason for holds, reason in _reasons(scenario, rules) if holds), None)


def _reasons(scenario: Scenario, rules: Emergency) -> Iterator[tuple[bool, str]]:
    """Give what the formulas do not know, and whether it is so."""
    centre, outside, tiers = rules.central, rules.outside, scenario.tiers
    yield rules.when != "always", "they are sent only where the promise would break"
    yield outside is None, "there are none from outside"
    if centre and outside:
        worse = centre.time > outside.time or centre.cost > outside.cost
        yield worse, "those from the central depot are slower or dearer than those from outside"
    yield scenario.lateral is not None, "neighbours are asked first"
    yield len({*scenario.priorities.values()}) > 1, "tiers have priorities"
    yield any(fleet.consignment for fleet in scenario.fleets), "there is consignment stock"
    yield bool(scenario.demand), "there is demand without lifetimes"
    yield any(part.repair for part in scenario.parts.values()), "used parts are repaired"
    parents = scenario.parents
    yield bool((parents[parents[parents >= 0]] >= 0).any()), "there are three echelons"
    some = set(rules.tiers or tiers) < set(tiers)
    yield (
        some and _has_targets_of_waits(scenario),
        "only some tiers get them, and there are targets for waiting times or availability",
    )


def _has_targets_of_waits(scenario: Scenario) -> bool:
    tiers, machines = scenario.tiers.values(), scenario.machines.values()
    return any(tier.max_waiting_time is not None for tier in tiers) or any(
        machine.min_availability is not None for machine in machines
    )

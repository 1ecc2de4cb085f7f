"""Who calls and what ends a call, in words: machines that fail, or customers who order parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario


def callers_text(scenario: Scenario) -> str:
    """
    Say who is served.

    Parameters
    ----------
    scenario : Scenario
        The question.

    Returns
    -------
    str
        Such as ``40 machines and orders of 3 customer groups``.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> callers_text(read_scenario("scenarios/first_steps.yaml"))
    '40 machines'
    """
    groups = len({customers for _, customers in scenario.counters})
    named = {
        f"{sum(fleet.count for fleet in scenario.fleets):,} machines": scenario.fleets,
        f"orders of {groups:,} customer group{'s' if groups > 1 else ''}": scenario.demand,
    }
    return " and ".join(text for text, there in named.items() if there)


def end_of_call(scenario: Scenario) -> str:
    """Give what is so within the promised time: the machine runs, or the unit is there."""
    return "answered" if scenario.demand else "with the machine running"


def response_text(scenario: Scenario) -> str:
    """Say from when to when a response time is."""
    ends = {
        "from the call to the running machine": scenario.fleets,
        "from the order to the unit": scenario.demand,
    }
    return "Response time, " + " or ".join(text for text, there in ends.items() if there)

"""What the simulation plays and the formulas do not know, in sentences for a planner."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from partsim.model.scenario import Scenario


def beyond_formulas(scenario: Scenario) -> list[str]:
    """
    Say which of a scenario's rules are simulated but not in the formulas, and on which side.

    The plan is chosen by the formulas; the verdict comes from the simulation, and the
    correction of `partsim run` takes what the formulas do not know from there.

    Parameters
    ----------
    scenario : Scenario
        The question.

    Returns
    -------
    list of str
        Sentences; empty if the formulas know all of it.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> beyond_formulas(read_scenario("scenarios/first_steps.yaml"))
    []
    """
    found = (sentence for rule in _RULES for sentence in rule(scenario))
    return [f"simulated, not in the formulas: {sentence}" for sentence in found]


def _technicians(scenario: Scenario) -> Iterator[str]:
    if scenario.technicians:
        yield (
            "technicians, their shifts and queues (the formulas let somebody leave at once: "
            "responses come out too short)"
        )


def _answer_time(scenario: Scenario) -> Iterator[str]:
    answer_time = scenario.service.answer_time
    if answer_time is not None and answer_time.fixed is None:
        yield "the spread of the answer time (the formulas take its mean)"


_RULES: tuple[Callable[[Scenario], Iterator[str]], ...] = (_technicians, _answer_time)

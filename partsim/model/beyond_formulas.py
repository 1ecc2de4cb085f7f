"""What the simulation plays and the formulas do not know, in sentences for a planner."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from partsim.model.emergency_formulas import why_not
from partsim.model.scenario import Scenario

BEYOND = "simulated, not in the formulas: "
"""How each sentence begins."""


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
    return [BEYOND + sentence for sentence in found]


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


def _emergency(scenario: Scenario) -> Iterator[str]:
    reason = why_not(scenario)
    if reason:
        yield (
            f"emergency shipments, since {reason} (the formulas let such calls wait for the "
            "shelf: waits come out too long, their cost is missing)"
        )


def _lateral(scenario: Scenario) -> Iterator[str]:
    if scenario.lateral:
        yield (
            "lateral transshipments (the formulas let such calls wait for their own depot: waits "
            "come out too long, their cost is missing)"
        )


def _priorities(scenario: Scenario) -> Iterator[str]:
    if len({*scenario.priorities.values()}) > 1:
        yield (
            "priorities and reserved stock (the formulas serve first come first served: too "
            "little for the first tiers, too much for the last)"
        )
    if any(depot.allocation == "priority" for depot in scenario.depots.values()):
        yield "allocation by priority (the formulas share units out first come first served)"


def _ages(scenario: Scenario) -> Iterator[str]:
    if not all(base.is_stationary for base in scenario.installed_bases):
        yield (
            "how demand swings as machines age, come and go (the formulas take its mean over the "
            "measured years, and the variance of equilibrium: too little stock at the peaks)"
        )


def _blocks(scenario: Scenario) -> Iterator[str]:
    lived = [part for part in scenario.parts.values() if part.lifetime is not None]
    if any(part.upkeep.block is not None for part in lived):
        yield (
            "that blocks come all at once (the formulas know their rate and spread them evenly: "
            "too little stock on these days)"
        )


def _jobs(scenario: Scenario) -> Iterator[str]:
    parts = scenario.parts.values()
    if any(part.needs or part.may_need for part in parts):
        yield (
            "repairs that wait for all their parts (the formulas take each part for a call of its "
            "own: they count more calls, and each waits less)"
        )
    if scenario.service.parts_taken == "expected" and any(part.may_need for part in parts):
        yield "parts that are taken along and come back (the formulas leave them on the shelf)"


def _visits(scenario: Scenario) -> Iterator[str]:
    if scenario.service.wrong_diagnosis:
        yield (
            "second visits after a wrong diagnosis (the formulas count their downtime, not their "
            "broken promises: shares come out too high)"
        )


def _guided_repair(scenario: Scenario) -> Iterator[str]:
    guided = scenario.service.guided_repair
    if any(
        part.customer_held and getattr(guided, part.difficulty) < 1
        for part in scenario.parts.values()
    ):
        yield (
            "customers who have the part and still need a technician (in the formulas they repair "
            "it themselves: shares come out too high)"
        )


def _inspections(scenario: Scenario) -> Iterator[str]:
    if any(map(scenario.inspection_of, range(len(scenario.fleets)))):
        yield (
            "inspections (the formulas let all failures come: too many calls, too few units; "
            "their cost is missing)"
        )
    if any(depot.season for depot in scenario.depots.values()):
        yield (
            "how use swings with the seasons (the formulas take its mean over the measured years: "
            "too little stock at the peaks)"
        )


def _suppliers(scenario: Scenario) -> Iterator[str]:
    suppliers = scenario.suppliers.values()
    if any(supplier.sequential for supplier in suppliers):
        yield (
            "orders that do not overtake each other (the formulas take the lead time of each "
            "order by itself: waits come out too short)"
        )
    if any(supplier.capacity for supplier in suppliers):
        yield (
            "orders that wait for a supplier's capacity (the formulas take the work alone: waits "
            "come out too short)"
        )
    if any(supplier.disruptions for supplier in suppliers):
        yield (
            "that a disruption delays many units at once (the formulas take longer, more widely "
            "spread lead times, each by itself: waits come out too short)"
        )
    if any(supplier.second_source for supplier in suppliers):
        yield (
            "second sources (the formulas let every order wait for the first: waits come out too "
            "long, the surcharge is missing)"
        )


def _approvers(scenario: Scenario) -> Iterator[str]:
    rules = scenario.grading.grades.values()
    if any(rule.approvers for rule in rules):
        yield "queues for approval (the formulas take approval_time as declared)"
    if any(rule.ordering == "up_to" for rule in rules):
        yield (
            "orders up to the level (the formulas order in lots: where several units are taken at "
            "once, they count more orders and a lower position)"
        )
    if any(rule.review_period for rule in rules):
        yield (
            "that orders of one review come together (the formulas add the mean wait for the "
            "review to the lead time: waits come out too short)"
        )


def _repair(scenario: Scenario) -> Iterator[str]:
    if any(part.repair for part in scenario.parts.values()):
        yield (
            "queues in the repair shops (the formulas take return and work alone: waits come out "
            "too short), the cost of repairs, and that what is repaired needs no order or approval"
        )


def _purchases(scenario: Scenario) -> Iterator[str]:
    if scenario.costs.purchases:
        yield "the price of what is bought (no plan changes it; it is in no cost of the formulas)"


def _consignment(scenario: Scenario) -> Iterator[str]:
    if any(fleet.consignment for fleet in scenario.fleets):
        yield (
            "consignment stock (the formulas let these calls ask their depot: waits come out too "
            "long, its holding cost is missing)"
        )


def _recovery(scenario: Scenario) -> Iterator[str]:
    if any(scenario.recovery_cost_of(tier) for tier in scenario.tier_ids):
        yield "the cost of recovery after broken promises (it is in no cost of the formulas)"


_RULES: tuple[Callable[[Scenario], Iterator[str]], ...] = (
    _technicians, _answer_time, _emergency, _lateral, _priorities, _ages, _blocks,
    _inspections, _jobs, _visits, _recovery,
    _guided_repair, _suppliers, _approvers, _repair, _consignment, _purchases,
)  # fmt: skip

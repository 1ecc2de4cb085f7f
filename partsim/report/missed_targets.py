"""Targets that no plan reaches, in sentences; by itself, for terminals need no pictures."""

from __future__ import annotations

from math import isclose

from partsim.model.plan import Plan, Row
from partsim.report.wording import PEOPLE, target_value


def missed_targets(plan: Plan) -> list[str]:
    """
    Say which targets are not reached, and the best that can be, in sentences.

    Parameters
    ----------
    plan : Plan
        From the optimiser; of another nothing is known.

    Returns
    -------
    list of str
        A sentence for each, without its full stop.

    Examples
    --------
    >>> from partsim import optimise, read_scenario
    >>> promise = "tiers.everybody.promise.within=12 h"
    >>> missed_targets(optimise(read_scenario("scenarios/first_steps.yaml", [promise])))
    ['promise of everybody: target 95.00 %, the best that can be reached is 80.89 %']
    """
    proof = plan.certificate
    rows = proof.missed if proof else ()
    if proof and proof.out_of_time:
        return [
            f"{row.name}: target {target_value(row.target, row.unit)}, this plan "
            f"{target_value(row.value, row.unit)}; the time limit ended the search"
            for row in rows
        ]
    return [
        f"{row.name}: target {target_value(row.target, row.unit)}, {_best(row)} "
        f"is {target_value(row.best, row.unit)}"
        for row in rows
    ]


def _best(row: Row) -> str:
    if row.unit in PEOPLE:
        return "at these grades and lots it"
    # Where targets contradict each other, more of this one would be less of another.
    beside = " beside the other targets" if isclose(row.value, row.best) else ""
    return f"the best that can be reached{beside}"

"""The command that chooses a scenario's grades together with its stock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partsim.cli.options import FILE, JSON, SET
from partsim.cli.output import DONE, say, say_json
from partsim.cli.plans import read_scenario_of

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario
    from partsim.optimisation.free_grades import FreeGrades


@click.command()
@FILE
@SET
@JSON
def free_grades(*, file: Path, changes: Sequence[str], as_json: bool) -> int:
    """Say what the rule of grading costs against grades chosen with the stock."""
    from partsim.optimisation.free_grades import certificate_of, choose_free_grades

    scenario = read_scenario_of(file, changes)
    try:
        found = choose_free_grades(scenario)
    except ValueError as error:
        raise click.UsageError(f"{file}: {error}") from None
    if not as_json:
        say(_text(scenario, found))
        return DONE
    grades = zip(scenario.part_ids, found.by_rule.grades, found.free.grades, strict=True)
    say_json(
        {
            "rule": scenario.grading.scored_by,
            "cost_by_rule_per_year": certificate_of(found.by_rule).plan_cost,
            "cost_free_per_year": certificate_of(found.free).plan_cost,
            "lower_bound_per_year": found.lower_bound,
            "grades": [
                {"part": part, "by_rule": by_rule, "free": free} for part, by_rule, free in grades
            ],
        }
    )
    return DONE


def _text(scenario: Scenario, found: FreeGrades) -> str:
    """Lay out what both cost, and the parts whose grade differs."""
    from partsim.optimisation.free_grades import certificate_of

    free, by_rule = (certificate_of(plan) for plan in (found.free, found.by_rule))
    over = found.price_of_rule / free.plan_cost if free.plan_cost else 0.0
    moved = [
        f"  {part}: {old} -> {new}"
        for part, old, new in zip(
            scenario.part_ids, found.by_rule.grades, found.free.grades, strict=True
        )
        if old != new
    ]
    missed = ", ".join(row.name for row in by_rule.missed)
    unit = f"{scenario.currency} per year"
    return "\n".join(
        [
            f"grades by rule   {by_rule.plan_cost:,.0f} {unit}, by the rule "
            f"{scenario.grading.scored_by}" + (f"; misses {missed}" if missed else ""),
            f"free grades      {free.plan_cost:,.0f} {unit} at the same targets",
            f"price of rule    {found.price_of_rule:,.0f} {unit} ({over:+.1%})",
            f"proof            no grades cost less than {found.lower_bound:,.0f}: gap "
            f"{found.gap:.2%}",
            f"parts that move  {len(moved)} of {len(scenario.part_ids)}",
            *moved,
        ]
    )

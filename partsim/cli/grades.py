"""The command about grades: which, why, and what would change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partsim.cli.options import FILE, JSON, OUTPUT, SET
from partsim.cli.output import DONE, say, say_json
from partsim.cli.plans import read_scenario_of

if TYPE_CHECKING:
    import pandas as pd

    from partsim.model.scenario import Scenario

PLAN = click.option("--plan", "plan_file", type=click.Path(path_type=Path),
                     help="Table of stock levels: adds units and cost to each part.")  # fmt: skip


@click.command()
@FILE
@PLAN
@OUTPUT
@SET
@JSON
def grades(
    *, file: Path, plan_file: Path | None, output: Path | None, changes: Sequence[str],
    as_json: bool,
) -> int:  # fmt: skip
    """Say for each part which grade it has, why, and what would change it."""
    scenario = read_scenario_of(file, changes)
    if plan_file is None:
        from partsim.optimisation.free_grades import grades_of_plan

        table = _table(scenario, grades_of_plan(scenario))
    else:
        table = _table_with_plan(scenario, plan_file)
    if output is not None:
        from partsim.report.folder import whole_file
        from partsim.report.tables import csv_text

        whole_file(output, csv_text(table), encoding="utf-8-sig")
    if as_json:
        say_json({"rule": scenario.grading.name, "grades": table.to_dict("records")})
    elif output is not None:
        say(f"written      {output}")
    else:
        from partsim.report.plain_text import grades_text

        say(grades_text(table, scenario))
    return DONE


def _table(scenario: Scenario, grades: tuple[str, ...]) -> pd.DataFrame:
    from partsim.grading.explanation import explain_grades
    from partsim.grading.scoring import grade_parts

    grading = explain_grades(scenario, replace(grade_parts(scenario), grades=grades))
    return grading.table[["part", "grade", "letters", "score", "made_by", "moves"]]


def _table_with_plan(scenario: Scenario, plan_file: Path) -> pd.DataFrame:
    """Add units and cost of each part by formula; free grades are those of the plan."""
    from partsim.grading.scoring import grade_parts
    from partsim.planning.evaluation import evaluate
    from partsim.scenario_file.reading import read_plan

    plan = read_plan(plan_file, scenario)
    free = scenario.grading.rule == "free"
    table = _table(scenario, plan.grades if free else grade_parts(scenario).grades)
    parts = evaluate(scenario, plan).parts[["part", "base_stock", "cost"]]
    columns = parts.rename(columns={"cost": "cost_per_year"})
    return table.merge(columns, on="part", validate="1:1")

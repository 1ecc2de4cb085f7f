"""The rules of grading run from real item lists, read as tables of a scenario."""

import csv
from pathlib import Path

import numpy as np
import pytest

from partsim.grading.rules import RULES
from partsim.grading.scoring import grade_parts
from partsim.scenario_file.reading import read_scenario

DATA = Path(__file__).parents[3] / "shared" / "data"
HEAD = ("part", "price", "lifetime", "mean_life", "supplier", "lead_time", "criticality")


def rows_of(name, file="items.csv"):
    path = DATA / name / file
    if not path.exists():
        pytest.skip(f"needs ../shared/data/{name}/{file}, which is not part of the package")
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def abc47():
    criticality = {"1.0": "vital", "0.5": "essential", "0.01": "desirable"}
    for row in rows_of("abc47"):
        use, price = float(row["annual_usage_units"]), row["average_unit_cost_usd"]
        life = 365 / use
        yield (row["item_id"], price, "exponential", f"{life!r} d", "vendor",
               f"{row['lead_time']} weeks", criticality[row["criticality"]])  # fmt: skip


def oil_parts():
    months = {row.pop("part_id"): row for row in rows_of("oil_parts", "demand.csv")}
    for row in rows_of("oil_parts"):
        use = sum(float(units or 0) for units in months[row["part_id"]].values()) * 12 / 55
        if use > 0 and float(row["unit_price"]) > 0:
            named = ("high", "vital"), ("medium", "essential")
            found = (word for level, word in named if row[f"n_{level}_critical"])
            yield (row["part_id"], row["unit_price"], "exponential", f"{max(365 / use, 0.05)!r} d",
                   "vendor", f"{row['lead_time_days']} d", next(found, "desirable"))  # fmt: skip


def man_parts():
    weeks = {row.pop("part_id"): row for row in rows_of("man_parts", "demand_weekly.csv")}
    for row in rows_of("man_parts"):
        use = sum(float(units or 0) for units in weeks[row["part_id"]].values()) * 52 / 150
        if use > 0 and float(row["unit_cost_eur"]) > 0:
            yield (row["part_id"], row["unit_cost_eur"], "exponential",
                   f"{max(365 / use, 0.05)!r} d", "vendor",
                   f"{row['lead_time_weeks']} weeks", "essential")  # fmt: skip


CASE = """
partsim: 1
currency: EUR
parts: {table: parts.csv}
suppliers: {vendor: {kind: outsourced, lead_time: 30 d}}
depots: {store: {supplied_by: suppliers}}
machines: {table: machines.csv}
fleets: [{machine: all, depot: store, customers: plant, count: 1}]
tiers: {everyone: {customers: [plant], promise: {within: 24 h, share: 90 %}}}
service: {diagnosis_time: 0 d, travel_time: 0 d, repair_time: 0 d}
grading:
  rule: value
  part_shares: {A: 10 %, B: 30 %}
  grades: {A: {approval_time: 7 d}, B: {}, C: {}}
costs: {holding: 20 % per year, order: 5}
"""


def scenario_of(items, folder, *changes):
    """Write the items as a table of parts, one machine that holds one of each, and read it."""
    rows = [*items]
    positions = [("all", part, 1) for part, *_ in rows]
    for name, table in (
        ("parts.csv", [HEAD, *rows]),
        ("machines.csv", [("machine", "part", "count"), *positions]),
    ):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(table)
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    return read_scenario(folder / "case.yaml", changes)


def graded(grading, grade):
    chosen = zip(grading.part_ids, grading.grades, strict=True)
    return {part for part, got in chosen if got == grade}


def test_the_47_items_by_value_are_graded_from_the_top_of_their_list(tmp_path):
    """Flores, Olson and Dorai (1992) list the items by falling annual dollar usage."""
    grading = grade_parts(scenario_of(abc47(), tmp_path))
    assert graded(grading, "A") == {f"S{i}" for i in range(1, 6)}
    assert graded(grading, "B") == {f"S{i}" for i in range(6, 20)}


def test_the_47_items_have_ngs_scores(tmp_path):
    """Ng's formula (2007) by hand on dollar usage, unit cost and lead time, in this order."""
    scenario = scenario_of(
        abc47(), tmp_path, "grading.rule=ng", "grading.criteria=[value, price, lead_time]"
    )
    grading = grade_parts(scenario)
    value = np.array([float(r["annual_usage_units"]) * float(r["average_unit_cost_usd"])
                      for r in rows_of("abc47")])  # fmt: skip
    price = np.array([float(row["average_unit_cost_usd"]) for row in rows_of("abc47")])
    lead_time = np.array([float(row["lead_time"]) for row in rows_of("abc47")])
    y = [(x - x.min()) / np.ptp(x) for x in (value, price, lead_time)]
    by_hand = np.max([y[0], (y[0] + y[1]) / 2, (y[0] + y[1] + y[2]) / 3], axis=0)
    np.testing.assert_allclose(grading.scores, by_hand, rtol=1e-9)


@pytest.mark.parametrize("items", [abc47, oil_parts, man_parts])
def test_every_rule_grades_real_items(items, tmp_path):
    scenario = scenario_of(items(), tmp_path)
    n = len(scenario.parts)
    for rule in RULES:
        changed = scenario.grading.model_copy(
            update={"rule": rule, "comparisons": {"price/lead_time": 2.0}}
        )
        grading = grade_parts(scenario.model_copy(update={"grading": changed}))
        assert ((grading.scores >= 0) & (grading.scores <= 1 + 1e-12)).all(), rule
        assert len(graded(grading, "A")) >= np.ceil(0.1 * n), rule
        grades = np.array(grading.grades)
        strict, free = (grading.scores[grades == grade].min() for grade in "AC")
        assert strict > free, rule

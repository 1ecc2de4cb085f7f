"""The price of grading in a run: against every grading planned in full, and in every report."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from partsim import estimate_demand, optimise, run
from partsim.model.scenario import Scenario
from partsim.optimisation.certified_plans import build_model, certified_plan
from partsim.optimisation.decision import decide
from partsim.optimisation.free_grades import choose_free_grades
from partsim.optimisation.grading_comparison import compare_gradings
from partsim.optimisation.pool import OptionPool
from partsim.planning import rounds as rounds_of_a_run
from partsim.report.page import write_report
from partsim.report.plain_text import run_text
from partsim.report.tables import csv_tables, parts_table
from partsim.report.wording import money, price_of_grading
from partsim.report.workbook import plan_sheets
from tests.optimisation.test_free_grades import GRADES, case, certificates_of_all, kept

FLOORS = {name: rules | {"min_fill_rate": "99.9 %"} for name, rules in GRADES.items()}


def cheapest(given):
    """Cost of the cheapest of all gradings, each planned in full."""
    return min(proof.plan_cost for proof in kept(certificates_of_all(given)).values())


def test_free_grades_are_the_cheapest_and_without_floors_their_bound_is_that_of_every_part():
    given = case()
    plan = optimise(given)
    price = compare_gradings(given, plan)
    assert price.plan.cost == plan.certificate.plan_cost
    assert price.plan.grades == plan.grades
    assert price.free.cost == pytest.approx(cheapest(given))
    assert price.every_part.cost == choose_free_grades(given).lower_bound
    assert price.moved(price.free) == sum(
        a != b for a, b in zip(plan.grades, price.free.grades, strict=True)
    )


def test_a_decision_for_every_part_is_free_of_the_fill_rates_of_grades():
    given = case(FLOORS)
    price = compare_gradings(given, optimise(given))
    assert price.free.cost == pytest.approx(cheapest(given))
    plain = cheapest(case())
    assert price.every_part.cost <= plain < price.free.cost
    # A rule for some parts is no part of a grade: it stays.
    rules = [{"where": {"price_above": 1}, "min_fill_rate": "99.9 %"}]
    ruled = case(rules=rules)
    bound = compare_gradings(ruled, optimise(ruled)).every_part.cost
    assert plain < bound <= cheapest(ruled)


def test_all_is_at_the_targets_of_the_corrected_plan(monkeypatch):
    given, strict = case(), np.array([0.02])
    rounds = iter([1 - strict, None])
    monkeypatch.setattr(rounds_of_a_run, "corrected_shares", lambda *_: next(rounds))
    monkeypatch.setattr(rounds_of_a_run, "good_rounds", lambda known: [len(known) - 1])
    result = run(given, replications=2)
    price, found = result.grading_price, choose_free_grades(given, allowed_miss=strict)
    assert price.plan.cost == result.plan.certificate.plan_cost
    assert price.free.cost == found.free.certificate.plan_cost
    assert price.free.cost > choose_free_grades(given).free.certificate.plan_cost


def test_a_free_plan_is_compared_with_the_grades_of_the_scores():
    given = case()
    tree = given.to_tree()
    tree["grading"] |= {"rule": "free"}
    free = Scenario.model_validate(tree)
    price = compare_gradings(free, optimise(free))
    assert [way.grading for way in price.all] == [
        "rule free", "rule weights", "a decision for every part"]  # fmt: skip
    assert price.others[0].cost == optimise(given).certificate.plan_cost
    assert price.free is price.plan
    assert price_of_grading(price, "CNY").startswith("no cheaper grades were found")


def test_other_grades_are_planned_for_the_same_targets():
    given, strict = case(), np.array([0.05])
    plan = optimise(given, allowed_miss=strict)
    ways = {"today's grades": ("C", "A", "A"), "as planned": plan.grades}
    price = compare_gradings(given, plan, others=ways, allowed_miss=strict)
    assert [way.grading for way in price.others] == list(ways)
    today, same = price.others
    demand = estimate_demand(given)
    model = build_model(given, demand, ways["today's grades"], allowed_miss=strict)
    assert today.cost == certified_plan(model, decide(OptionPool(model)), 0.0).certificate.plan_cost
    assert today.cost >= price.free.cost
    assert (price.moved(today), price.moved(same)) == (
        sum(a != b for a, b in zip(plan.grades, today.grades, strict=True)), 0)  # fmt: skip
    assert same.cost == price.plan.cost


def test_a_plan_that_people_cannot_manage_compares_with_nothing():
    grades = GRADES | {"C": GRADES["C"] | {"max_parts": 0}}
    given = case(grades, cuts={"A": 1.0, "B": 1.0})
    plan = optimise(given)
    price = compare_gradings(given, plan)
    assert price.plan.missed == ("parts of grade C",)
    assert np.isnan(price.over(price.plan))
    assert price.over(price.free) >= 0
    assert "misses parts of grade C" in price_of_grading(price, "CNY")


def test_where_no_grades_keep_the_targets_there_is_no_price():
    tiers = {"everyone": {"customers": ["road"], "promise": {"within": "1 h", "share": "99.99 %"}}}
    tree = case().to_tree() | {"tiers": tiers}
    tree["service"] |= {"diagnosis_time": "2 h"}
    given = Scenario.model_validate(tree)
    assert compare_gradings(given, optimise(given)) is None


@pytest.fixture(scope="module")
def result():
    return run(case(FLOORS), replications=2)


def test_every_report_tells_the_price(result, tmp_path):
    price = result.grading_price
    figures = {money(way.cost) for way in price.all}
    sentence = price_of_grading(price, "CNY")
    assert f"grading      {sentence}" in run_text(result)
    told = json.loads(json.dumps(result.summary["price_of_grading"]))
    assert [row["cost_per_year"] for row in told] == [way.cost for way in price.all]
    summary = dict(next(s for s in plan_sheets(result) if s.name == "Summary").rows)
    assert summary["Cost with free grades (CNY per year)"] == price.free.cost
    assert summary["Price of grading"] == sentence
    write_report(result, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert sentence[1:] in page
    assert all(f">{figure}</td>" in page for figure in figures)
    table = pd.read_csv(tmp_path / "grading_price.csv", encoding="utf-8-sig")
    assert table["over"].tolist() == pytest.approx([price.over(way) for way in price.all])
    assert table["over"].iloc[-1] == 0 < table["over"].iloc[0]


def test_parts_are_told_with_the_grade_that_would_be_cheapest(result):
    table = parts_table(result)
    assert tuple(table["grade"]) == result.plan.grades
    assert tuple(table["free_grade"]) == result.grading_price.free.grades
    sheet = next(s for s in plan_sheets(result) if s.name == "Grades")
    place = sheet.headings.index("Cheapest grade")
    assert tuple(row[place] for row in sheet.rows) == result.grading_price.free.grades


def test_without_a_price_the_reports_are_as_before(result, tmp_path):
    bare = replace(result, grading_price=None)
    assert "free_grade" not in parts_table(bare)
    assert "grading_price.csv" not in csv_tables(bare)
    assert "grading  " not in run_text(bare)
    assert "price_of_grading" not in bare.summary
    write_report(bare, tmp_path)
    assert "What these grades cost" not in (tmp_path / "report.html").read_text(encoding="utf-8")

"""What simpler approval saves, by hand."""

import pytest

from partsim import run
from partsim.model.checks import find_contradictions
from partsim.planning.today import plan_of_today
from partsim.report import page
from partsim.report.approvals import approvals_sentence, approvals_table
from partsim.report.page import page_text
from partsim.report.plain_text import run_text
from partsim.report.tables import csv_tables
from partsim.scenario_file.reading import read_scenario
from tests.builders import scenario_tree

PICTURES = dict.fromkeys(page.PICTURES, "<svg></svg>")
FILE = "scenarios/first_steps.yaml"  # the pump is A, the seal is C


@pytest.fixture(scope="module")
def result():
    return run(read_scenario(FILE, ["today={grade: A}"]), replications=2)


def test_time_and_money_are_those_of_the_plans_orders(result):
    table = approvals_table(result).set_index("part")
    pump, seal = table.loc["pump"], table.loc["seal"]
    assert (pump.today_grade, pump.grade, pump.days_saved, pump.money_saved) == ("A", "A", 0, 0)
    assert (seal.today_grade, seal.grade) == ("A", "C")
    use = result.demand.depot_rate[1].sum() * 365
    lot = result.plan.order_quantity[1, 0]
    assert seal.orders_per_year == pytest.approx(use / lot, rel=1e-12)
    assert seal.days_saved == pytest.approx(7 * use / lot, rel=1e-12)
    assert seal.money_saved == pytest.approx(use / lot * (200 - 5) - 0.01 * 400 * use, rel=1e-9)


def test_the_report_shows_it_where_the_file_says_todays_grades(result):
    sentence = approvals_sentence(result)
    assert sentence in run_text(result)
    assert sentence in page_text(result, PICTURES)
    assert "approvals.csv" in csv_tables(result)


def test_todays_grades_are_priced_beside_the_plans_and_the_free_ones(result):
    table = result.grading_price.table.set_index("grading")
    today, free = table.loc["today's grades"], table.loc["free grades"]
    assert today.moved == 1
    assert today.missed == ""
    assert today.cost_per_year > free.cost_per_year


def test_without_todays_grades_nothing_is_said(run):
    assert approvals_sentence(run) == ""
    assert "approvals.csv" not in csv_tables(run)
    assert "Simpler approval" not in page_text(run, PICTURES)
    assert run.grading_price is None or "today's grades" not in set(run.grading_price.table.grading)


def test_grades_alone_are_no_stock_of_today(result):
    assert result.today is None
    assert result.orders is None


def test_todays_stock_is_managed_in_todays_grades():
    stock = "stock: [{part: seal, depot: depot, base_stock: 5, on_hand: 5}]"
    usual = plan_of_today(read_scenario(FILE, [f"today={{{stock}}}"]))
    strict = plan_of_today(
        read_scenario(FILE, [f"today={{{stock}, grades: {{pump: B, seal: A}}}}"])
    )
    assert usual.grades == ("A", "C")
    assert strict.grades == ("B", "A")


@pytest.mark.parametrize(
    ("today", "path", "message"),
    [
        ({"grade": "D"}, ("grade",), "expected a grade (A, B or C), got 'D'"),
        ({"grades": {"pump": "D"}}, ("grades", "pump"), "expected a grade (A, B or C), got 'D'"),
        ({"grades": {"pimp": "A"}, "grade": "A"}, ("grades", "pimp"), "the number of a part"),
    ],
)
def test_grades_that_cannot_be_are_named(today, path, message):
    findings = find_contradictions(scenario_tree(today=today))
    assert [found for found, _ in findings] == [("today", *path)]
    assert message in findings[0][1]


def test_todays_grade_of_some_parts_only_is_not_enough():
    tree = scenario_tree(today={"grades": {"pump": "A"}})
    tree["parts"]["seal"] = dict(tree["parts"]["pump"])
    tree["machines"]["mixer"]["positions"]["seal"] = 1
    ((_, message),) = find_contradictions(tree)
    assert message.endswith("or 'grade' for the others, got none of 'seal'")

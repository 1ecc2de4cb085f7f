"""What the people behind a grade can manage is a target of the plan."""

import pytest

from partsim import evaluate, optimise, simulate
from partsim.errors import InputError
from partsim.model.plan import Plan
from partsim.report.missed_targets import missed_targets
from partsim.report.plain_text import plan_text
from partsim.scenario_file.reading import read_scenario

FILE = "scenarios/first_steps.yaml"
PEOPLE = ["grading.grades.A.approvers=1", "grading.grades.A.approval_work=1 d"]
EVERYTHING_IN_A = ["grading.cuts={A: 0, B: 0}"]


def rows(plan):
    return {row.name: row for row in plan.certificate.rows}


def test_orders_of_the_grade_are_those_of_its_parts_at_the_plans_lots():
    case = read_scenario(FILE, PEOPLE)
    plan = optimise(case)
    row = rows(plan)["approvals of grade A"]
    parts = evaluate(case, plan).parts.set_index("part")
    assert row.value == pytest.approx(parts.loc["pump", "orders_per_year"] / 365, rel=1e-12)
    assert row.target == pytest.approx(1 - 1 / 7)
    assert row.reached


def test_everything_in_grade_a_is_too_much_for_its_approver_and_dearer():
    people = [*PEOPLE, "grading.grades.A.approval_work=6.9 d"]
    usual = optimise(read_scenario(FILE, people))
    strict = optimise(read_scenario(FILE, [*people, *EVERYTHING_IN_A]))
    assert usual.certificate.plan_cost < strict.certificate.plan_cost
    assert strict.certificate.status == "targets out of reach"
    (sentence,) = missed_targets(strict)
    assert sentence.startswith(
        "approvals of grade A: target 0.00207 orders per day, at these grades"
    )
    assert "too much     approvals of grade A" in plan_text(strict, "CNY")


def test_parts_of_a_grade_are_counted_against_its_limit():
    few = optimise(read_scenario(FILE, ["grading.grades.C.max_parts=0"]))
    enough = optimise(read_scenario(FILE, ["grading.grades.C.max_parts=1"]))
    assert not rows(few)["parts of grade C"].reached
    assert rows(enough)["parts of grade C"].reached
    assert enough.certificate.plan_cost == few.certificate.plan_cost


def test_counting_costs_the_same_by_formula_and_in_the_simulation():
    counts = [
        f"grading.grades.{g}.{k}" for g, k in (("A", "counts_per_year=12"), ("A", "count_cost=50"))
    ]
    case, plain = read_scenario(FILE, counts), read_scenario(FILE)
    plan = optimise(case)
    assert plan.certificate.plan_cost == pytest.approx(optimise(plain).certificate.plan_cost + 600)
    for judged in (evaluate(case, plan), simulate(case, plan, replications=2)):
        assert judged.costs.set_index("cost").loc["counting", "per_year"] == 600
    assert "counting" not in set(evaluate(plain, plan).costs["cost"])


def test_costs_of_the_parts_sum_to_the_plans_but_for_what_is_on_its_way():
    case = read_scenario(FILE)
    plan = optimise(case)
    judged = evaluate(case, plan)
    costs = judged.costs.set_index("cost")["per_year"]
    for kind in ("ordering", "approval", "control_loss"):
        assert judged.parts[kind].sum() == pytest.approx(costs[kind], rel=1e-12)
    assert judged.parts["cost"].sum() <= judged.plan_cost + 1e-6


def test_people_without_time_are_refused_in_a_sentence():
    with pytest.raises(InputError, match="expected 'approvers' beside 'approval_work', got none"):
        read_scenario(FILE, PEOPLE[1:])
    with pytest.raises(
        InputError, match="above the approval_work of 8 d, got 7 d; not even an idle"
    ):
        read_scenario(FILE, [PEOPLE[0], "grading.grades.A.approval_work=8 d"])


def test_a_plan_keeps_its_rows_of_people(tmp_path):
    plan = optimise(read_scenario(FILE, PEOPLE))
    assert isinstance(plan, Plan)
    assert "approvals of grade A" in set(plan.rows["row"])

"""The rule free: plans at the cheapest grades, a bound over all, and who else has them."""

import json

import numpy as np
import pulp
import pytest

from partsim import optimise, read_scenario, run
from partsim.cli.program import status_of
from partsim.grading import scoring
from partsim.grading.cuts import cheapest_cuts
from partsim.grading.explanation import explain_grades
from partsim.grading.scoring import grade_parts
from partsim.model.scenario import Scenario
from partsim.optimisation.baselines import baselines
from partsim.optimisation.free_grades import grades_of_plan
from partsim.optimisation.full_model import from_pulp, to_pulp
from partsim.optimisation.optimiser import model_of
from partsim.planning.today import plan_of_today
from partsim.report.plain_text import run_text
from tests.builders import merge
from tests.optimisation.test_free_grades import GRADES, PARTS, case, certificates_of_all, kept


def free(grades=GRADES, **changes):
    """Give the case with free grades, which need neither weights nor cuts."""
    tree = case(grades=grades).to_tree()
    tree["grading"] = {"rule": "free", "grades": tree["grading"]["grades"]}
    return Scenario.model_validate(merge(tree, changes))


@pytest.fixture(scope="module")
def cheapest():
    """The cheapest of all gradings, each planned in full, and the plan of each."""
    plans = kept(certificates_of_all(free()))
    return min(plans, key=lambda grades: plans[grades].plan_cost), plans


def test_a_plan_has_the_cheapest_grades_and_its_bound_is_below_all(cheapest):
    grades, plans = cheapest
    plan = optimise(free())
    assert plan.grades == grades != grade_parts(free()).grades
    assert plan.certificate.plan_cost == pytest.approx(plans[grades].plan_cost)
    assert plan.certificate.lower_bound <= plans[grades].plan_cost
    assert plan.certificate.any_grades
    assert "all grades" in plan.certificate.holds_for
    assert "the grades" in optimise(case()).certificate.holds_for


def uncut(**grading):
    """The concrete pump, scored by the economic rule, with other cuts or none."""
    tree = read_scenario("scenarios/concrete_pump.yaml").to_tree()
    tree["grading"] = {"grades": tree["grading"]["grades"]} | grading
    return grade_parts(Scenario.model_validate(tree))


def test_without_cuts_the_comparison_is_cut_at_least_cost(monkeypatch):
    asked = []

    def cut(scores, costs):
        asked.append(costs)
        return cheapest_cuts(scores, costs)

    monkeypatch.setattr(scoring, "cheapest_cuts", cut)
    found = [uncut(rule="free"), uncut(rule="economic", cut_fill_rate="95 %")]
    assert found[0].cuts == found[1].cuts
    uncut(rule="economic", cut_fill_rate="94 %")
    assert (asked[0] == asked[1]).all()
    assert (asked[0] != asked[2]).any()
    assert set(uncut(rule="free", cuts={"A": 1.0, "B": 1.0}).grades) == {"C", "A"}


def test_stricter_shares_cost_more_and_loose_ones_less():
    cost = [optimise(free(), allowed_miss=np.array([miss])).certificate.plan_cost
            for miss in (0.02, 0.10, 0.3)]  # fmt: skip
    assert cost[0] > cost[1] > cost[2]


def test_a_target_out_of_reach_is_a_plan_that_says_so():
    tiers = {"everyone": {"customers": ["road"], "promise": {"within": "1 h", "share": "99.99 %"}}}
    plan = optimise(free(tiers=tiers, service={"diagnosis_time": "2 h"}))
    assert [row.name for row in plan.certificate.missed] == ["promise of everyone"]
    assert not plan.certificate.any_grades


def test_grades_that_nobody_can_manage_are_a_plan_that_says_so():
    few = {grade: rules | {"max_parts": 0} for grade, rules in GRADES.items()}
    plan = optimise(free(few))
    assert len(plan.certificate.missed) >= 1
    assert {row.unit for row in plan.certificate.missed} == {"parts"}
    assert not plan.certificate.any_grades


def test_free_grades_leave_a_grade_that_has_room_for_none(cheapest):
    _, plans = cheapest
    assert set(grade_parts(free()).grades) == {"B"}
    plan = optimise(free(GRADES | {"B": GRADES["B"] | {"max_parts": 0}}))
    others = [proof.plan_cost for each, proof in plans.items() if "B" not in each]
    assert not plan.certificate.missed
    assert plan.certificate.plan_cost == pytest.approx(min(others))


def test_a_time_limit_gives_a_plan_and_a_bound_that_holds(cheapest):
    grades, plans = cheapest
    plan = optimise(free(), time_limit=1e-6)
    assert plan.certificate.status == "time limit"
    assert plan.certificate.lower_bound <= plans[grades].plan_cost * (1 + 1e-9)


def test_everybody_who_plans_has_the_free_grades(cheapest):
    grades, _ = cheapest
    given = free(today={"norms": dict.fromkeys(PARTS, "1 per 5 machines")})
    assert grades_of_plan(given) == model_of(given).grades == grades
    assert plan_of_today(given).grades == grades
    assert {each.plan.grades for each in baselines(given)} == {grades}
    problem = to_pulp(given)
    problem.solve(pulp.HiGHS(msg=False, threads=1))
    assert from_pulp(given, problem).grades == grades


def test_the_run_explains_the_grades_of_its_plan():
    result = run(free(), replications=2)
    assert result.grading.grades == result.plan.grades
    assert result.grading.by_score == grade_parts(free()).grades
    assert "all grades" in result.summary["bound_holds_for"]
    assert "whatever the grades" in run_text(result)


def test_parts_that_move_are_told_with_the_grade_of_the_scores():
    given = free()
    plain = grade_parts(given)
    told = explain_grades(given, plain).made_by
    assert all(text.endswith("and by the rule economic") for text in told)
    others = tuple("C" if grade == "A" else "A" for grade in plain.grades)
    moved = explain_grades(given, type(plain)(**(vars(plain) | {"grades": others}))).made_by
    for text, grade in zip(moved, plain.grades, strict=True):
        assert text.endswith(f"the rule economic says {grade}")


def test_the_commands_name_the_rule_and_what_the_bound_holds_for(capsys, tmp_path):
    change = ["scenarios/first_steps.yaml", "--set", "grading.rule=free"]
    assert status_of(["optimise", *change, "--json", "--quiet"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert "all grades" in plan["bound_holds_for"]
    assert status_of(["grades", *change, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    stock = {row["part"]: row["grade"] for row in plan["stock"]}
    assert told["rule"] == "free"
    assert {row["part"]: row["grade"] for row in told["grades"]} == stock
    # A plan with other grades is told at its own.
    file = tmp_path / "plan.csv"
    lines = [f"{row['part']},{row['depot']},A,{row['base_stock']},{row['order_quantity']}"
             for row in plan["stock"]]  # fmt: skip
    file.write_text("\n".join(["part,depot,grade,base_stock,order_quantity", *lines]))
    assert status_of(["grades", *change, "--plan", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {row["grade"] for row in told["grades"]} == {"A"}

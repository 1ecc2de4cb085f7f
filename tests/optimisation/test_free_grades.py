"""Free grades of a scenario: against every grading planned in full, and what people can manage."""

import json
from itertools import product

import pytest

from partsim.cli.program import status_of
from partsim.demand.estimation import estimate_demand
from partsim.optimisation.certified_plans import build_model, certified_plan
from partsim.optimisation.decision import decide
from partsim.optimisation.free_grades import _Search, choose_free_grades
from partsim.optimisation.pool import OptionPool
from tests.builders import scenario

GRADES = {
    "A": {"approval_time": "10 d", "approval_cost": 150},
    "B": {"approval_time": "2 d", "approval_cost": 20, "control_loss": "1 %"},
    "C": {"control_loss": "6 %"},
}
PARTS = {"pump": (9000, 300), "seal": (20, 60), "motor": (2500, 700)}  # price, mean life [days]


def case(grades=GRADES, **grading):
    parts = {
        name: {
            "price": price,
            "lifetime": {"exponential": {"mean": f"{life} d"}},
            "supplier": "plant",
        }
        for name, (price, life) in PARTS.items()
    }
    return scenario(
        parts=parts,
        machines={"mixer": {"positions": dict.fromkeys(PARTS, 1)}},
        grading={"grades": grades} | grading,
    )


def certificates_of_all(given):
    """Plan cost and bound of every grading that the scenario's rules leave open."""
    demand, found = estimate_demand(given), {}
    for grades in product(given.grade_ids, repeat=len(given.part_ids)):
        places = [given.grade_ids.index(grade) for grade in grades]
        if given.allowed_grades[range(len(places)), places].all():
            model = build_model(given, demand, grades)
            found[grades] = certified_plan(model, decide(OptionPool(model)), 0.0).certificate
    return found


def kept(certificates):
    return {g: each for g, each in certificates.items() if not each.missed}


@pytest.mark.parametrize(
    "grading",
    [
        {},
        {"rules": [{"where": {"price_above": 5000}, "grades": ["A"]}]},
        {"grades": GRADES | {"B": GRADES["B"] | {"max_parts": 1}}},
        {"grades": GRADES | {"A": GRADES["A"] | {"min_fill_rate": "99 %"}}},
        # One approver of 1.9 days each keeps two days up to one order in 38 days.
        {"grades": GRADES | {"B": GRADES["B"] | {"approvers": 1, "approval_work": "1.9 d"}}},
    ],
)
def test_no_grading_costs_less_than_the_bound_or_is_far_below_the_choice(grading):
    given = case(**grading)
    plans = kept(certificates_of_all(given))
    least = min(each.plan_cost for each in plans.values())
    found = choose_free_grades(given)
    assert found.free.grades in plans
    assert found.free.certificate.plan_cost == pytest.approx(plans[found.free.grades].plan_cost)
    assert found.lower_bound <= least * (1 + 1e-9)
    assert least * (1 - 1e-9) <= found.free.certificate.plan_cost
    assert found.free.certificate.plan_cost <= least * (1 + found.gap) * (1 + 1e-9)
    assert not found.free.certificate.missed


def test_the_choice_is_the_cheapest_grading_here():
    given = case()
    plans = certificates_of_all(given)
    found = choose_free_grades(given)
    assert found.free.grades == min(plans, key=lambda grades: plans[grades].plan_cost)
    assert found.price_of_rule == pytest.approx(
        plans[found.by_rule.grades].plan_cost - plans[found.free.grades].plan_cost
    )
    assert found.price_of_rule > 0


def test_rules_that_leave_one_grade_leave_nothing_to_choose():
    given = case(rules=[{"where": {"price_above": 1}, "grades": ["B"]}])
    found = choose_free_grades(given)
    assert found.by_rule.grades == found.free.grades == ("B", "B", "B")
    assert found.price_of_rule == 0
    assert found.lower_bound <= found.by_rule.certificate.plan_cost


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0, 1.7, 10.0])
def test_any_prices_bound_every_grading(share):
    given = case(rules=[{"where": {"price_below": 100}, "grades": ["A", "B"]}])
    search = _Search(given)
    _, decision = search.plan(("A", "A", "A"))
    assert decision.prices.any()
    _, bound = search.grades_at(share * decision.prices)
    plans = kept(certificates_of_all(given))
    assert bound <= min(each.plan_cost for each in plans.values()) * (1 + 1e-9)
    if share == 1.0:  # the right prices of one grading are good for others too
        assert bound > 0.5 * min(each.plan_cost for each in plans.values())


@pytest.mark.parametrize(
    "limit",
    [{"max_parts": 1}, {"approvers": 1, "approval_work": "1.9 d"}],
    ids=["parts", "approvers"],
)
def test_free_grades_keep_what_people_can_manage(limit):
    # Without the limit two parts are best in grade B.
    assert choose_free_grades(case()).free.grades.count("B") == 2
    given = case(grades=GRADES | {"B": GRADES["B"] | limit})
    found = choose_free_grades(given)
    assert found.free.grades.count("B") == 1
    assert found.free.certificate.plan_cost == pytest.approx(
        min(each.plan_cost for each in kept(certificates_of_all(given)).values())
    )


def test_a_rule_that_nobody_can_manage_is_no_plan_to_compare_with():
    # All parts in the grade that is best for all, but it has room for two.
    grades = {"A": GRADES["A"], "B": GRADES["B"], "C": {"max_parts": 2}}
    weights, cuts = {"price": 0, "difficulty": 1}, {"A": 0.9, "B": 0.8}
    found = choose_free_grades(case(grades=grades, weights=weights, cuts=cuts))
    assert found.by_rule.grades == ("C", "C", "C")
    assert [row.name for row in found.by_rule.certificate.missed] == ["parts of grade C"]
    assert found.free.grades.count("C") == 2
    assert found.price_of_rule < 0


def test_grades_that_leave_no_way_are_refused():
    rules = [{"where": {"price_above": 1}, "grades": ["B"]}]
    grades = GRADES | {"B": GRADES["B"] | {"max_parts": 1}}
    with pytest.raises(ValueError, match="expected"):
        choose_free_grades(case(grades=grades, rules=rules))


def test_targets_out_of_reach_are_named():
    tiers = {"everyone": {"customers": ["road"], "promise": {"within": "1 h", "share": "99.99 %"}}}
    service = {"diagnosis_time": "2 h", "travel_time": "0 d", "repair_time": "0 d"}
    with pytest.raises(ValueError, match="out of reach: "):
        choose_free_grades(scenario(tiers=tiers, service=service))


def test_the_command_says_both_costs_and_who_moves(capsys):
    file = "scenarios/first_steps.yaml"
    assert status_of(["free-grades", file, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["lower_bound_per_year"] <= found["cost_free_per_year"]
    assert found["cost_free_per_year"] <= found["cost_by_rule_per_year"]
    assert status_of(["free-grades", file]) == 0
    text = capsys.readouterr().out
    moved = [part for part in found["grades"] if part["by_rule"] != part["free"]]
    assert f"parts that move  {len(moved)} of 2" in text
    for part in moved:
        assert f"{part['part']}: {part['by_rule']} -> {part['free']}" in text

"""Every rule of grading on scenarios, by hand; and the rules for some parts."""

import numpy as np
import pytest

from partsim.grading.cuts import place
from partsim.grading.economics import criteria_ratios, economic_scores
from partsim.grading.facts import facts_of
from partsim.grading.part_costs import cost_alone
from partsim.grading.rules import RULES
from partsim.grading.scoring import grade_parts
from partsim.model.checks import find_contradictions
from partsim.model.scenario import Scenario
from partsim.optimisation.optimiser import optimise
from tests.builders import scenario_tree

GRADES = {"A": {"approval_time": "7 d", "approval_cost": 90}, "B": {}, "C": {}}
PARTS = {  # price, mean life [days], supplier, difficulty, criticality
    "engine": (100_000, 1000, "importer", "high", "vital"),
    "pump": (20_000, 500, "plant", "medium", "essential"),
    "board": (30_000, 2000, "importer", "low", "vital"),
    "seal": (10, 50, "plant", "low", "desirable"),
}


def case(parts=PARTS, machines=10, **grading):
    tree = scenario_tree(suppliers={"importer": {"kind": "outsourced", "lead_time": "90 d"}})
    keys = ("price", "lifetime", "supplier", "difficulty", "criticality")
    tree["parts"] = {
        name: dict(zip(keys, (price, {"exponential": {"mean": f"{life} d"}}, *more), strict=True))
        for name, (price, life, *more) in parts.items()
    }
    tree["machines"] = {"mixer": {"positions": dict.fromkeys(parts, 1)}}
    tree["fleets"][0]["count"] = machines
    tree["costs"]["order"] = 50
    tree["grading"] = {"grades": GRADES, "cuts": {"A": 0.6, "B": 0.3}} | grading
    return Scenario.model_validate(tree)


def scores(**grading):
    return grade_parts(case(**grading)).scores


PRICE = np.array([100_000, 20_000, 30_000, 10])
USE = 3650 / np.array([1000, 500, 2000, 50])
LEAD_TIME = np.array([90, 20, 90, 20])
CRITICALITY = np.array([1, 0.5, 1, 0.01])
DIFFICULTY = np.array([3, 2, 1, 1])


def test_value_is_price_times_use_as_a_share_of_the_greatest():
    np.testing.assert_allclose(scores(rule="value"), PRICE * USE / 365_000, rtol=1e-12)


def test_economic_is_the_default_without_rule_and_weights():
    z = np.log(CRITICALITY * DIFFICULTY * USE * LEAD_TIME / (0.2 * PRICE))
    np.testing.assert_allclose(scores(), (z - z.min()) / np.ptp(z), rtol=1e-9)
    assert scores().tolist() == scores(rule="economic").tolist()


def test_criteria_ratio_is_criticality_times_use_over_holding_cost_times_lot():
    lot = np.maximum(np.round(np.sqrt(2 * USE * 50 / (0.2 * PRICE))), 1)
    assert lot.tolist() == [1, 1, 1, 60]
    ratio = CRITICALITY * USE / (0.2 * PRICE * lot)
    np.testing.assert_allclose(scores(rule="criteria_ratio"), ratio / ratio.max(), rtol=1e-9)


def test_weights_know_criticality_and_lead_time():
    found = scores(weights={"criticality": 3, "lead_time": 1})
    assert found.tolist() == [1, 0.375, 1, 0]


def test_comparisons_stand_for_their_weights():
    compared = scores(comparisons={"criticality/lead_time": 3})
    np.testing.assert_allclose(compared, scores(weights={"criticality": 3, "lead_time": 1}))


def test_ng_takes_the_criteria_in_their_order():
    lead_time_first = scores(rule="ng", criteria=["lead_time", "price"])
    price_first = scores(rule="ng", criteria=["price", "lead_time"])
    price = (PRICE - 10) / 99_990
    np.testing.assert_allclose(lead_time_first, [1, price[1] / 2, 1, 0], rtol=1e-12)
    np.testing.assert_allclose(price_first, [1, price[1], (price[2] + 1) / 2, 0], rtol=1e-12)


def test_r_model_gives_every_criterion_a_part_that_is_best():
    found = scores(rule="r_model", criteria=["use", "criticality"])
    # vertices of the weights: all on use, all on criticality, and engine and seal on their limit
    # (both parts have at most 1: w_use = (1 - 0.01 w_c) / 73, w_c = 1 - 3.65 w_use)
    use_weight = 0.99 / (73 - 0.01 * 3.65)
    mixed = 0.5 * (1 - 3.65 * use_weight) + 7.3 * use_weight
    np.testing.assert_allclose(found, [1, mixed, 1, 1], rtol=1e-9)


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"weights"}))
def test_every_rule_scores_one_part_equal_parts_and_parts_in_no_machine(rule):
    alone = grade_parts(case({"seal": PARTS["seal"]}, rule=rule))
    twins = grade_parts(case({"seal": PARTS["seal"], "twin": PARTS["seal"]}, rule=rule))
    assert len({*alone.scores, *twins.scores}) == 1
    tree = case(rule=rule).to_tree()
    tree["machines"]["mixer"]["positions"] = {"engine": 1}
    idle = grade_parts(Scenario.model_validate(tree)).scores
    assert ((idle >= 0) & (idle <= 1)).all()
    if rule in ("value", "criteria_ratio", "economic"):
        assert (idle[0] > idle[1:]).all()


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"weights"}))
def test_scores_are_shares_and_the_criteria_too(rule):
    grading = grade_parts(case(rule=rule))
    values = np.array([grading.scores, *grading.criteria.values()])
    assert ((values >= 0) & (values <= 1 + 1e-12)).all()


def test_holding_that_costs_nothing_still_ranks():
    tree = case().to_tree()
    tree["costs"]["holding"] = "0 % per year"
    for rule in ("criteria_ratio", "economic"):
        tree["grading"]["rule"] = rule
        found = grade_parts(Scenario.model_validate(tree)).scores
        assert np.isfinite(found).all()
        assert found[0] > found[3] or rule == "economic"


def test_pareto_cuts_take_shares_of_the_value():
    grading = grade_parts(case(cuts={}, rule="value", value_shares={"A": "70 %", "B": "20 %"}))
    assert grading.grades == ("A", "A", "C", "C")  # 365, 146, 54.75, 0.73 thousand
    assert grading.cuts == pytest.approx({"A": 0.4, "B": 0.4})


def test_shares_of_the_parts():
    grading = grade_parts(case(cuts={}, rule="value", part_shares={"A": "25 %", "B": "50 %"}))
    assert grading.grades == ("A", "B", "B", "C")


def test_cheapest_cuts_cost_no_more_than_any_others():
    question = case(cuts={}, cut_fill_rate="95 %")
    facts, grading = facts_of(question), grade_parts(question)
    costs = np.array([cost_alone(facts, g, 0.95) for g in question.grading.grades.values()])
    best = min(
        costs[place(grading.scores, [a, b]), np.arange(4)].sum()
        for a in [*grading.scores, 9]
        for b in [*grading.scores, 9]
        if a >= b
    )
    grade = [question.grade_ids.index(grade) for grade in grading.grades]
    assert costs[grade, np.arange(4)].sum() == best


def test_cost_alone_is_that_of_the_least_stock_that_meets_the_fill_rate():
    facts = facts_of(case({"pump": PARTS["pump"]}, machines=100))
    mean = 73 / 365 * (20 + 7)
    stock = np.random.default_rng(1).poisson(mean, 400_000)
    level = next(s for s in range(99) if (stock < s).mean() >= 0.9)
    on_hand = np.maximum(level - stock, 0)
    error = 4 * on_hand.std() / 400_000**0.5  # a chance of 1 in 16,000
    assert facts.lot(90) == 2
    expected = 73 / 2 * (50 + 90) + 4000 * (on_hand.mean() + 0.5)
    found = cost_alone(facts, case().grade_rules("A"), 0.9)[0]
    assert abs(found - expected) < 4000 * error


def test_later_rules_override_earlier_ones():
    rules = [
        {"where": {"outsourced": True, "price_above": "20 k"}, "grades": ["A"]},
        {"where": {"criticality": "vital"}, "grades": ["B", "C"]},
        {"where": {"price_above": "50 k"}, "grades": ["A"]},
    ]
    grading = grade_parts(case(rule="value", rules=rules))
    assert grading.by_score == ("A", "B", "C", "C")
    assert grading.grades == ("A", "B", "C", "C")
    assert grade_parts(case(rule="value", rules=rules[:1])).grades == ("A", "B", "A", "C")
    assert grade_parts(case(rule="value", rules=rules[:2])).grades == ("B", "B", "C", "C")


def test_least_fill_rates_of_rules_hold_where_they_are_more_than_the_grades():
    rules = [{"where": {"criticality": "vital"}, "min_fill_rate": "97 %"}]
    grades = {"A": {"min_fill_rate": "90 %"}, "B": {"min_fill_rate": "99 %"}, "C": {}}
    plan = optimise(case(rule="value", rules=rules, grades=grades))
    without = optimise(case(rule="value", grades=grades))
    from partsim import evaluate

    question = case(rule="value", rules=rules, grades=grades)
    rates = evaluate(question, plan).cells["fill_rate"].to_numpy()
    before = evaluate(question, without).cells["fill_rate"].to_numpy()
    assert rates[0] >= 0.97 > before[0] >= 0.90
    assert rates[2] >= 0.97 > before[2]


def findings(**grading):
    tree = scenario_tree()
    tree["grading"] = {"grades": GRADES, "cuts": {"A": 0.6, "B": 0.3}} | grading
    return [(".".join(map(str, path)), message) for path, message in find_contradictions(tree)]


@pytest.mark.parametrize(
    ("grading", "where", "message"),
    [
        ({"cuts": {}}, "", "expected cuts, part_shares, value_shares or cut_fill_rate to say"),
        ({"part_shares": {"A": "10 %", "B": "10 %"}}, ".part_shares", "got cuts and part_shares"),
        (
            {"cuts": {}, "part_shares": {"A": "80 %", "B": "30 %"}},
            ".part_shares",
            "at most 100 %, got 110 %",
        ),
        (
            {"cuts": {}, "value_shares": {"A": "80 %"}},
            ".value_shares",
            "the share of grade 'B', got none",
        ),
        ({"rule": "weights"}, ".rule", "expected 'weights' or 'comparisons'"),
        ({"weights": {"price": 1}, "comparisons": {"price/wear": 1}}, ".comparisons", "got both"),
        (
            {"rules": [{"where": {}, "grades": ["A", "D"]}]},
            ".rules.0.grades.1",
            "A, B or C), got 'D'",
        ),
    ],
)
def test_contradictions_are_named(grading, where, message):
    ((path, found),) = findings(**grading)
    assert path == f"grading{where}"
    assert message in found


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"where": {}, "grades": ["A"]}, "at least one condition"),
        ({"where": {"outsourced": True}}, "expected 'grades' or 'min_fill_rate'"),
        ({"where": {"price_above": 9, "price_below": 9}, "grades": ["A"]}, "price_above < price"),
        ({"where": {"price_above": 9}, "grades": []}, "at least 1 item"),
    ],
)
def test_rules_without_condition_or_effect_are_refused(rule, message):
    with pytest.raises(ValueError, match=message):
        case(rules=[rule])


def test_numbers_out_of_range_are_refused():
    with pytest.raises(ValueError, match="use: expected numbers >= 0, got -1"):
        economic_scores(1, 1, [-1], 1, 1)
    with pytest.raises(ValueError, match="holding_cost: expected numbers > 0, got 0"):
        criteria_ratios([1], [1], [0], [1])

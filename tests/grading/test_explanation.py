"""What would change a grade does change it: the file is changed as the sentence says."""

import re

import numpy as np
import pytest

from partsim.grading.explanation import explain_grades
from partsim.grading.scoring import grade_parts
from partsim.model.scenario import Scenario
from partsim.scenario_file.reading import read_scenario
from tests.grading.test_rules import case

RULES = ["weights", "value", "criteria_ratio", "economic", "ng", "r_model"]


def explained(scenario):
    return explain_grades(scenario, grade_parts(scenario))


def pump(rule):
    return read_scenario("scenarios/concrete_pump.yaml", [f"grading.rule={rule}"])


def regraded(scenario, part, key, value):
    tree = scenario.to_tree()
    tree["parts"][part][key] = value
    grades = grade_parts(Scenario.model_validate(tree)).grades
    return grades[scenario.part_ids.index(part)]


def inner(scenario, part):
    """Tell whether the part is nowhere first or last, so that changing it rescales nothing."""
    p = scenario.part_ids.index(part)
    columns = [scenario.prices, grade_parts(scenario).scores]
    return all(x.min() < x[p] < x.max() for x in columns)


@pytest.mark.parametrize("rule", RULES[:4])
def test_prices_beyond_the_limit_change_the_grade_and_prices_before_it_do_not(rule):
    scenario = pump(rule)
    grading, checked = explained(scenario), 0
    for part, grade, moves in zip(scenario.part_ids, grading.grades, grading.moves, strict=True):
        found = re.search(r"(\w+) if price (above|below) ([\d,.]+)", moves)
        if found is None or not inner(scenario, part):
            continue
        other, way, amount = found.groups()
        limit = float(amount.replace(",", ""))
        before = limit * (0.99 if way == "above" else 1.01)  # three digits are shown
        low, high = np.sort(scenario.prices)[[0, -1]]
        if low < min(limit, before) and max(limit, before) < high:
            checked += 1
            assert regraded(scenario, part, "price", limit) == other != grade
            assert regraded(scenario, part, "price", before) == grade
    assert checked


@pytest.mark.parametrize("rule", RULES[:4])
def test_the_criticality_named_changes_the_grade(rule):
    scenario, checked = pump(rule), 0
    grading = explained(scenario)
    for part, grade, moves in zip(scenario.part_ids, grading.grades, grading.moves, strict=True):
        found = re.search(r"(\w+) if (vital|desirable)", moves)
        if found and inner(scenario, part):
            checked += 1
            assert regraded(scenario, part, "criticality", found[2]) == found[1] != grade
    assert checked or rule not in ("economic", "criteria_ratio")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_explained_in_words(rule):
    grading = explained(pump(rule))
    assert all(grading.made_by)
    assert all(grading.moves)
    assert {"letters", "made_by", "moves"} <= {*grading.table}


def test_a_part_under_a_rule_is_told_so():
    rules = [{"where": {"outsourced": True, "price_above": "20 k"}, "grades": ["A"]}]
    grading = explained(case(rule="value", rules=rules))
    assert grading.made_by[2] == "rule for outsourced, price above 20,000, else C"
    assert grading.moves[2] == "only without the rule for outsourced, price above 20,000"
    assert grading.moves[3] == "B if price above 1,500"


def test_letters_are_ved_and_xyz():
    # exponential lives: Poisson, cv = 1 / sqrt(units in a month); 10 machines
    parts = {
        "even": (1, 365 / 12 * 10 / 4.01, "plant", "low", "vital"),
        "uneven": (1, 365 / 12 * 10 / 3.99, "plant", "low", "essential"),
        "rare": (1, 365 / 12 * 10 / 0.99, "plant", "low", "desirable"),
    }
    assert explained(case(parts)).letters == ("VX", "EY", "DZ")
    assert explained(case(parts, machines=1000)).letters == ("VX", "EX", "DX")


def test_equal_parts_differ_in_nothing_and_nothing_moves_them():
    grading = explained(case({"one": (5, 9, "plant", "low", "vital")}, cuts={"A": 0, "B": 0}))
    assert grading.made_by == ("like all others",)
    assert grading.moves == ("no single change",)


def test_what_is_ordered_has_a_time_between_units_instead_of_a_life():
    tree = case(rule="weights", weights={"wear": 1}).to_tree()
    rates = {"bolt": "73 per year", "clip": "7.3 per year"}
    tree["parts"] |= {part: {"price": 5, "supplier": "plant"} for part in rates}
    depot, customers = tree["fleets"][0]["depot"], tree["fleets"][0]["customers"]
    tree["demand"] = [
        {"part": part, "depot": depot, "customers": customers, "rate": rate}
        for part, rate in rates.items()
    ]
    grading = explained(Scenario.model_validate(tree))
    assert grading.made_by[-2:] == ("time between units 5 d", "time between units 50 d")
    assert all("life" not in text for text in (*grading.made_by[-2:], *grading.moves[-2:]))
    assert "mean life" in grading.made_by[0]

"""Grades are data: one to five, with names of the planner's own, the strictest first."""

import numpy as np
import pytest

from partsim import optimise, simulate
from partsim.demand.estimation import estimate_demand
from partsim.grading.scoring import grade_parts
from partsim.model.checks import find_contradictions
from partsim.optimisation.certified_plans import build_model
from tests.builders import plan, scenario, scenario_tree

PARTS = {
    name: {
        "price": price,
        "lifetime": {"exponential": {"mean": "200 d"}},
        "supplier": "plant",
    }
    for name, price in (("pump", 1000), ("engine", 100_000), ("seal", 10), ("hose", 10**1.5))
}
RULES = ({"approval_time": "7 d", "approval_cost": 90}, {"approval_time": "1 d"}, {})


def named(letters):
    return {letter: {} for letter in letters}


def graded(grades, cuts):
    tree = scenario_tree(parts=PARTS, machines={"mixer": {"positions": dict.fromkeys(PARTS, 1)}})
    tree["grading"] = {"weights": {"price": 1}, "cuts": cuts, "grades": grades}
    return type(scenario()).model_validate(tree)


def test_names_of_grades_change_nothing_but_the_names():
    usual = graded(dict(zip("ABC", RULES, strict=True)), {"A": 0.6, "B": 0.3})
    own = graded(dict(zip(("严", "中", "松"), RULES, strict=True)), {"严": 0.6, "中": 0.3})
    there, here = optimise(usual), optimise(own)
    assert there.grades == ("B", "A", "C", "C")
    assert here.grades == ("中", "严", "松", "松")
    assert here.grade_counts == {"严": 1, "中": 1, "松": 2}
    assert here.certificate.plan_cost == there.certificate.plan_cost
    np.testing.assert_array_equal(here.base_stock, there.base_stock)
    played, replayed = (
        simulate(case, p, replications=2) for case, p in ((usual, there), (own, here))
    )
    assert played.costs.equals(replayed.costs)


def test_one_grade_needs_no_cuts():
    assert grade_parts(graded({"all": {}}, {})).grades == ("all",) * 4


def test_five_grades_begin_at_their_four_cuts():
    cuts = {"a": 0.9, "b": 0.5, "c": 0.12, "d": 0.01}
    assert grade_parts(graded(named("abcde"), cuts)).grades == ("b", "a", "e", "c")


def test_an_unused_grade_is_counted_as_none():
    case = graded({"a": {}, "b": {}}, {"a": 0})
    assert optimise(case).grade_counts == {"a": 4, "b": 0}


@pytest.mark.parametrize(
    ("cuts", "path", "message"),
    [
        ({"a": 0.5}, (), "expected the score of grade 'b', got none"),
        ({"a": 0.5, "b": 0.6}, (), "expected a >= b, got a 0.5 below b 0.6"),
        (
            {"a": 0.5, "b": 0.2, "c": 0},
            ("c",),
            "expected a score only for a or b, got 'c'; the last grade takes the rest",
        ),
        (
            {"a": 0.5, "b": 0.2, "x": 0},
            ("x",),
            "expected a score only for a or b, got 'x'; there is no such grade",
        ),
    ],
)
def test_cuts_that_do_not_fit_the_grades_are_named(cuts, path, message):
    tree = scenario_tree()
    tree["grading"] = {"weights": {"price": 1}, "cuts": cuts, "grades": named("abc")}
    assert find_contradictions(tree) == [(("grading", "cuts", *path), message)]


@pytest.mark.parametrize("grades", [{}, named("abcdef")])
def test_no_grade_and_six_grades_are_refused(grades):
    with pytest.raises(ValueError, match=r"at (least 1|most 5) item"):
        graded(grades, {})


def test_a_plan_of_grades_that_the_scenario_does_not_have_is_refused():
    case = scenario()
    wrong = plan(case, 1, grades=("D",))
    with pytest.raises(ValueError, match="expected one of A, B, C, got 'D'"):
        simulate(case, wrong)
    with pytest.raises(ValueError, match="expected one of A, B, C, got 'D'"):
        build_model(case, estimate_demand(case), ("D",))

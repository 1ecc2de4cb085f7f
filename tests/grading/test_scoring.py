"""Grades by hand."""

import numpy as np
import pytest

from partsim.grading.scoring import grade_parts
from tests.builders import scenario

SUPPLIERS = {"importer": {"kind": "outsourced", "lead_time": "90 d"}}


def part(price=1000, mean="100 d", supplier="plant", difficulty="medium"):
    return {
        "price": price,
        "lifetime": {"exponential": {"mean": mean}},
        "supplier": supplier,
        "difficulty": difficulty,
    }


def grading_of(parts, weights=None, cuts=None):
    positions = dict.fromkeys(parts, 1)
    weights = {"price": 0} | weights if weights else {"price": 1}
    grading = {"weights": weights, "cuts": cuts or {"A": 0.6, "B": 0.3}}
    return grade_parts(
        scenario(
            parts={"pump": part(), **parts},
            suppliers=SUPPLIERS,
            machines={"mixer": {"positions": {"pump": 1, **positions}}},
            grading=grading,
        )
    )


THREE = {
    "pump": part(1000, "100 d", "plant", "low"),
    "engine": part(100_000, "1000 d", "importer", "high"),
    "seal": part(10, "10 d", "plant", "medium"),
}


def test_criteria_are_scaled_from_the_least_part_to_the_greatest():
    criteria = grading_of(THREE).criteria
    np.testing.assert_allclose(criteria["price"], [0.5, 1, 0], atol=1e-12)  # logarithms
    np.testing.assert_allclose(criteria["wear"], [0.5, 0, 1], atol=1e-12)
    np.testing.assert_allclose(criteria["outsourced"], [0, 1, 0])
    np.testing.assert_allclose(criteria["difficulty"], [0, 1, 0.5])


def test_the_score_is_the_weighted_mean_and_the_grade_its_place_among_the_cuts():
    grading = grading_of(THREE, {"price": 4, "wear": 3, "outsourced": 2, "difficulty": 1})
    expected = [(4 * 0.5 + 3 * 0.5) / 10, (4 + 2 + 1) / 10, (3 + 0.5) / 10]
    np.testing.assert_allclose(grading.scores, expected, atol=1e-12)
    assert grading.grades == ("B", "A", "B")
    assert grading.part_ids == ("pump", "engine", "seal")


@pytest.mark.parametrize(
    ("criterion", "grades"),
    [
        ("price", ("B", "A", "C")),
        ("wear", ("B", "C", "A")),
        ("outsourced", ("C", "A", "C")),
        ("difficulty", ("C", "A", "B")),
    ],
)
def test_one_weight_alone_grades_by_that_criterion(criterion, grades):
    assert grading_of(THREE, {criterion: 7}).grades == grades


def test_weights_count_by_their_proportion_only():
    one = grading_of(THREE, {"price": 0.4, "wear": 0.6})
    ten = grading_of(THREE, {"price": 4, "wear": 6})
    np.testing.assert_allclose(one.scores, ten.scores, rtol=1e-12)


def test_a_part_exactly_on_a_cut_has_the_higher_grade():
    # 0.1 + 0.2 is not 0.3 in floating point, nor is log(1000) half of log(10) + log(100000)
    weights = {"price": 0.1, "wear": 0.2, "outsourced": 0.7}
    parts = {
        "on_a": part(1000, "100 d", "importer"),  # 0.05 + 0.1 + 0.7
        "on_b": part(100_000, "10 d"),  # 0.1 + 0.2
        "least": part(10, "1000 d"),
    }
    grading = grading_of(parts, weights, {"A": 0.85, "B": 0.3})
    assert grading.grades[1:] == ("A", "B", "C")


def test_parts_that_are_all_equal_are_not_set_apart():
    grading = grading_of({"twin": part()}, {"price": 1, "wear": 1})
    assert grading.scores.tolist() == [0, 0]
    assert grading.grades == ("C", "C")


def test_a_single_part_is_graded_by_what_it_is_alone():
    outsourced = {"pump": part(supplier="importer", difficulty="high")}
    assert grading_of(outsourced, {"price": 1}).grades == ("C",)
    assert grading_of(outsourced, {"outsourced": 1}).grades == ("A",)


def test_a_cut_at_zero_leaves_no_part_below_it():
    assert grading_of(THREE, cuts={"A": 1, "B": 0}).grades == ("B", "A", "B")
    assert grading_of(THREE, cuts={"A": 0, "B": 0}).grades == ("A", "A", "A")

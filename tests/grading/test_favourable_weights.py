"""Ng's and Ramanathan's scores, against their linear programs written out in PuLP."""

from itertools import pairwise

import numpy as np
import pulp
import pytest

from partsim.grading.favourable_weights import ng_scores, r_model_scores

CRITERIA = np.array(  # value, price, criticality, lead time; with ties, zeros and twins
    [[5840, 50, 1, 2], [5670, 210, 1, 5], [4769, 28, 0, 1], [0, 0, 0, 0], [500, 60, 0.5, 7],
     [500, 60, 0.5, 7], [25, 210, 0.5, 7]],
    dtype=float,
)  # fmt: skip


def solved(objective, constraints):
    problem = pulp.LpProblem("score", pulp.LpMaximize)
    weights = [problem.add_variable(f"w{j}", lowBound=0) for j in range(len(objective))]
    problem += pulp.lpSum(c * w for c, w in zip(objective, weights, strict=True))
    for row in constraints(weights):
        problem += row
    problem.solve(pulp.HiGHS(msg=False))
    return problem.objective.value()


@pytest.mark.parametrize("columns", [[0], [0, 3], [1, 3, 0], [0, 1, 2, 3]])
def test_r_model_is_the_optimum_of_its_linear_program(columns):
    y = CRITERIA[:, columns] / CRITERIA[:, columns].max(axis=0)
    expected = [solved(row, lambda w: [y_n @ np.array(w) <= 1 for y_n in y]) for row in y]
    np.testing.assert_allclose(r_model_scores(CRITERIA[:, columns]), expected, atol=1e-9)


@pytest.mark.parametrize("columns", [[0], [0, 3], [1, 3, 0], [0, 1, 2, 3]])
def test_ng_is_the_optimum_of_its_linear_program(columns):
    y = CRITERIA[:, columns]
    y = (y - y.min(axis=0)) / np.ptp(y, axis=0)

    def falling_and_one(w):
        return [pulp.lpSum(w) == 1, *(a >= b for a, b in pairwise(w))]

    expected = [solved(row, falling_and_one) for row in y]
    np.testing.assert_allclose(ng_scores(CRITERIA[:, columns]), expected, atol=1e-9)


def test_the_unit_of_a_criterion_does_not_matter():
    units = np.array([1e-3, 365, 7, 1e6])
    np.testing.assert_allclose(r_model_scores(CRITERIA * units), r_model_scores(CRITERIA))
    np.testing.assert_allclose(ng_scores(CRITERIA * units), ng_scores(CRITERIA))


@pytest.mark.parametrize("scores", [ng_scores, r_model_scores])
def test_one_part_equal_parts_and_parts_without_anything_have_scores(scores):
    alone, equal = scores([[3, 2]]), scores([[3, 2], [3, 2]])
    assert alone[0] == equal[0] == equal[1] == (0 if scores is ng_scores else 1)
    assert scores([[0, 0], [0, 0]]).tolist() == [0, 0]
    assert scores([[0, 0], [1, 1]]).tolist() == [0, 1]


@pytest.mark.parametrize("scores", [ng_scores, r_model_scores])
@pytest.mark.parametrize("criteria", [[], [[]], [1, 2], [[np.nan]], [[np.inf, 1]]])
def test_criteria_that_are_no_table_of_numbers_are_refused(scores, criteria):
    with pytest.raises(ValueError, match="criteria: expected finite numbers"):
        scores(criteria)


def test_r_model_refuses_negative_criteria():
    with pytest.raises(ValueError, match="expected numbers >= 0, got -1"):
        r_model_scores([[1, -1]])

"""Cuts by shares, and the cheapest cuts against all that there are."""

from itertools import product

import numpy as np
import pytest

from partsim.grading.cuts import cheapest_cuts, cuts_by_shares, place


@pytest.mark.parametrize("seed", range(60))
def test_no_cuts_are_cheaper_than_the_cheapest(seed):
    random = np.random.default_rng(seed)
    parts, grades = random.integers(1, 7), random.integers(1, 5)
    scores = random.integers(0, 4, parts) / 4  # with ties
    costs = random.integers(0, 9, (parts, grades)).astype(float)

    def cost(cuts):
        return costs[np.arange(parts), place(scores, cuts)].sum()

    every = product([*np.unique(scores), np.inf], repeat=grades - 1)
    best = min(cost(cuts) for cuts in every if list(cuts) == sorted(cuts, reverse=True))
    cuts = cheapest_cuts(scores, costs)
    assert cuts == sorted(cuts, reverse=True)
    assert cost(cuts) == best


def test_a_share_of_the_parts_is_rounded_up_to_whole_parts():
    scores = np.array([0.1, 0.9, 0.5, 0.7, 0.3])
    cuts = cuts_by_shares(scores, [0.3, 0.3], np.ones(5))
    assert place(scores, cuts).tolist() == [2, 0, 1, 0, 2]


def test_the_part_that_crosses_the_share_of_value_belongs_to_the_grade():
    value = np.array([50.0, 25, 10, 10, 5])
    assert place(value, cuts_by_shares(value, [0.7, 0.2], value)).tolist() == [0, 0, 1, 1, 2]


def test_parts_with_the_same_score_are_never_set_apart():
    scores = np.array([1.0, 1, 1, 0])
    assert place(scores, cuts_by_shares(scores, [0.25, 0.25], np.ones(4))).tolist() == [0, 0, 0, 2]


def test_a_share_of_nothing_leaves_a_grade_empty():
    scores = np.array([3.0, 2, 1])
    assert place(scores, cuts_by_shares(scores, [0, 0.5], np.ones(3))).tolist() == [1, 1, 2]
    assert place(scores, cuts_by_shares(scores, [1, 0], np.ones(3))).tolist() == [0, 0, 0]


def test_shares_of_a_value_that_is_nowhere_count_parts():
    cuts = cuts_by_shares(np.array([2.0, 1]), [0.5], np.zeros(2))
    assert place([2, 1], cuts).tolist() == [0, 1]


def test_a_part_exactly_on_a_cut_is_in_the_stricter_grade_in_spite_of_rounding():
    assert place([0.1 + 0.2, 0.3, 0.3 - 1e-9], [0.3]).tolist() == [0, 0, 1]
    assert place([0.3], [0.1 + 0.2]).tolist() == [0]


def test_costs_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"costs: expected shape \(2, grade\), got \(3, 1\)"):
        cheapest_cuts([1, 2], np.ones((3, 1)))

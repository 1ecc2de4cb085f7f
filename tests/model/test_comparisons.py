"""Weights from pairwise comparisons: a published example, and what Saaty's method promises."""

import numpy as np
import pytest

from partsim.model.checks import find_contradictions
from partsim.model.comparisons import weights_from_comparisons, weights_from_ratios
from tests.builders import scenario_tree

# Relative consumption of coffee, wine, tea, beer, sodas, milk and water: Saaty (2008).
DRINKS = [
    [1, 9, 5, 2, 1, 1, 1 / 2],
    [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
    [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9],
    [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3],
    [1, 9, 4, 2, 1, 2, 1 / 2],
    [1, 9, 3, 1, 1 / 2, 1, 1 / 3],
    [2, 9, 9, 3, 2, 3, 1],
]


def test_saatys_drinks_have_their_published_weights_and_consistency():
    weights, ratio = weights_from_comparisons(DRINKS)
    published = [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]
    np.testing.assert_array_equal(weights.round(3), published)
    assert round(ratio, 3) == 0.022


def test_comparisons_of_known_weights_give_them_back():
    known = np.array([0.4, 0.3, 0.2, 0.1])
    weights, ratio = weights_from_comparisons(known[:, None] / known)
    np.testing.assert_allclose(weights, known, rtol=1e-12)
    assert abs(ratio) < 1e-12


def test_a_criterion_alone_has_all_the_weight():
    assert weights_from_comparisons([[1]]) == (1.0, 0.0)


@pytest.mark.parametrize(
    "matrix", [[[1, 2]], [[1, 2], [2, 1]], [[1, -2], [-0.5, 1]], np.ones((11, 11)), np.ones((0, 0))]
)
def test_what_is_no_comparison_is_refused(matrix):
    with pytest.raises(ValueError, match="comparisons: expected"):
        weights_from_comparisons(matrix)


def test_the_other_way_round_is_the_same_comparison():
    one = weights_from_ratios({"price/wear": 4, "price / difficulty": 2, "difficulty/wear": 2})
    other = weights_from_ratios(
        {"wear/price": 1 / 4, "price/difficulty": 2, "wear/difficulty": 0.5}
    )
    assert one[0] == pytest.approx(other[0])
    assert one[1] == pytest.approx(0, abs=1e-12)


def findings(comparisons, **more):
    tree = scenario_tree()
    tree["grading"] |= {"comparisons": comparisons} | more
    del tree["grading"]["weights"]
    return [message for _, message in find_contradictions(tree)]


ROUND = {"price/wear": 3, "wear/outsourced": 3, "outsourced/price": 3}


@pytest.mark.parametrize(
    ("comparisons", "message"),
    [
        (ROUND, "expected comparisons that agree, consistency ratio at most 0.1, got 1.15; "),
        ({"price/wear": 3, "price/outsourced": 3}, "expected every pair of the criteria, got none"),
        ({"price/wear": 3, "wear/price": 2}, "expected each pair once, got also 'price/wear'"),
        ({"price": 3}, "expected two of price, wear, outsourced"),
        ({"price/price": 3}, "expected two of price, wear, outsourced"),
        ({"price/vear": 3}, "as one/other, got 'price/vear'"),
    ],
)
def test_comparisons_that_contradict_each_other_are_named(comparisons, message):
    (found,) = findings(comparisons)
    assert message in found


def test_inconsistency_can_be_allowed():
    assert findings(ROUND, max_inconsistency=1.2) == []
    assert findings({"price/wear": 3}) == []

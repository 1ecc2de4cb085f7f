"""Count tables against scipy.stats and against direct summation."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from partsim.analytic import exact_counts
from partsim.analytic.counts import count_at_most, count_table

means = st.floats(1e-6, 300.0)
ratios = st.one_of(st.just(1.0), st.floats(0.02, 8.0))


def law(mean, variance):
    """The fitted law by scipy: Poisson, negative binomial, or binomial of least n."""
    ratio = variance / mean
    if abs(ratio - 1) <= 1e-9:
        return stats.poisson(mean)
    if ratio > 1:
        return stats.nbinom(mean / (ratio - 1), 1 / ratio)
    n = max(np.ceil(mean / (1 - ratio) - 1e-9), 1)
    return stats.binom(n, min(mean / n, 1 - 1e-12))


@settings(max_examples=150)
@given(means, ratios, st.integers(0, 80))
def test_the_table_is_the_direct_sum_over_scipys_probabilities(mean, ratio, levels):
    theirs = law(mean, mean * ratio)
    x = np.arange(int(mean + 60 * np.sqrt(mean * max(ratio, 1)) + 60 * max(ratio, 1)) + levels)
    short = np.maximum(x - np.arange(levels + 1)[:, None], 0)
    table = count_table(mean, mean * ratio, levels)
    # scipy's own probabilities carry about 1e-12 relative at r or n in the thousands
    accuracy = 1e-10 * max(mean, 1e-3)
    p = theirs.pmf(x)
    np.testing.assert_allclose(table.at_most, theirs.cdf(np.arange(levels + 1)), atol=1e-9)
    np.testing.assert_allclose(table.backorders, short @ p, atol=accuracy)
    squared = short.astype(float) ** 2 @ p
    np.testing.assert_allclose(table.squared_backorders, squared, atol=1e-9 * (squared[0] + 1e-3))


@settings(max_examples=100)
@given(means, st.integers(0, 80))
def test_poisson_backorders_are_exact_to_twelve_digits_of_the_mean(mean, levels):
    S = np.arange(levels + 1)
    x = stats.poisson(mean)
    exact = mean * x.sf(S - 2) - S * x.sf(S - 1)  # E[(X - S)+] = mu P(X >= S-1) - S P(X >= S)
    got = count_table(mean, mean, levels).backorders
    np.testing.assert_allclose(got, np.where(S == 0, mean, exact), rtol=0, atol=1e-12 * (mean + 1))


@settings(max_examples=100)
@given(means, ratios, st.integers(2, 60))
def test_backorders_start_at_the_mean_and_fall_convexly(mean, ratio, levels):
    backorders = count_table(mean, mean * ratio, levels).backorders
    assert backorders[0] == mean
    falls = -np.diff(backorders)
    assert (falls >= 0).all()
    assert (np.diff(falls) <= 1e-12 * (1 + mean)).all()


@settings(max_examples=50)
@given(means, ratios)
def test_the_fit_meets_the_mean_exactly_and_the_variance_from_above(mean, ratio):
    levels = int(mean + 40 * np.sqrt(mean * max(ratio, 1)) + 60 * max(ratio, 1))
    at_most = count_table(mean, mean * ratio, levels).at_most
    assert (1 - at_most).sum() == pytest.approx(mean, rel=1e-9)
    fitted = count_table(mean, mean * ratio, 0).squared_backorders[0] - mean**2
    rounding = 1e-9 * mean * ratio + 1e-15 * mean**2
    assert fitted >= mean * ratio - rounding
    assert fitted <= mean * ratio + rounding or ratio < 1


@pytest.mark.parametrize("mean", [0.3, 0.9, 1.0, 2.5, 40.0])
def test_a_variance_that_no_count_can_have_gives_the_steadiest_binomial_on_the_safe_side(mean):
    table = count_table(mean, 0.0, 60)
    n = max(np.ceil(mean), 1)
    x = stats.binom(n, min(mean / n, 1))
    np.testing.assert_allclose(table.at_most, x.cdf(np.arange(61)), atol=1e-9)


def test_sherbrookes_published_backorders_for_a_pipeline_of_one():
    # Sherbrooke, Optimal Inventory Modeling of Systems, 2nd ed., 2004, ch. 2
    got = count_table(1.0, 1.0, 4).backorders
    np.testing.assert_allclose(got, [1.0, 0.368, 0.104, 0.023, 0.004], atol=5e-4)


def test_no_demand_needs_no_stock():
    table = count_table(0.0, 0.0, 3)
    assert table.at_most.tolist() == [1, 1, 1, 1]
    assert table.backorders.tolist() == [0, 0, 0, 0]
    assert table.squared_backorders.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
def test_a_pipeline_of_ten_thousand_units_neither_overflows_nor_drifts(ratio):
    mean = 1e4
    table = count_table(mean, ratio * mean, 12_000)
    theirs = law(mean, ratio * mean)
    levels = np.arange(9_000, 12_000, 250)
    np.testing.assert_allclose(table.at_most[levels], theirs.cdf(levels), atol=1e-8)
    # EBO(S) = sum of P(X > s) over s >= S
    sf = theirs.sf(np.arange(20_000))
    beyond = np.cumsum(sf[::-1])[::-1][levels]
    np.testing.assert_allclose(table.backorders[levels], beyond, atol=1e-8 * mean)


@settings(max_examples=100)
@given(st.floats(1e-6, 3000.0), st.one_of(ratios, st.just(0.0)), st.integers(0, 60))
def test_both_tables_of_probabilities_agree(mean, ratio, more_levels):
    levels = int(mean) + more_levels
    got = count_at_most(mean, mean * ratio, levels)
    np.testing.assert_allclose(got, count_table(mean, mean * ratio, levels).at_most, atol=1e-11)


@pytest.mark.parametrize(("mean", "variance"), [(800.0, 800.0), (30.0, 0.0), (5e3, 1e4)])
def test_probabilities_are_found_though_that_of_zero_is_too_small_a_number(mean, variance):
    levels = np.arange(int(1.1 * mean))
    theirs = law(mean, variance).cdf(levels)
    np.testing.assert_allclose(count_at_most(mean, variance, len(levels) - 1), theirs, atol=1e-9)


def test_many_cells_at_once_are_each_as_if_alone():
    mean, variance = np.array([[0.0], [1.5], [20.0]]), np.array([0.7, 1.5, 30.0])
    together = count_table(mean, variance, 9)
    assert together.backorders.shape == (3, 3, 10)
    for i, j in np.ndindex(3, 3):
        alone = count_table(mean[i, 0], variance[j], 9)
        np.testing.assert_array_equal(together.at_most[i, j], alone.at_most)
        np.testing.assert_array_equal(together.backorders[i, j], alone.backorders)


@pytest.mark.parametrize(
    ("mean", "variance", "levels"),
    [(-1.0, 1.0, 3), (1.0, -1.0, 3), (np.nan, 1.0, 3), (1.0, np.nan, 3), (1.0, 1.0, -1)],
)
def test_negative_numbers_and_none_numbers_are_refused(mean, variance, levels):
    with pytest.raises(ValueError, match=r"expected (finite|a whole) number"):
        count_table(mean, variance, levels)


def test_a_variance_a_hair_above_the_mean_keeps_all_its_digits():
    mean, ratio = Decimal(1), 1 + Decimal(2) ** -20
    r = mean / (ratio - 1)
    p, below, expected = ratio**-r, Decimal(0), []
    for k in range(9):
        below += p
        expected.append(float(below))
        p *= (r + k) / (k + 1) * (1 - 1 / ratio)
    got = count_table(1.0, float(ratio), 8).at_most
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("ratio", [0.97, 1.0, 1.0001, 4.0])
@pytest.mark.parametrize("mean", [1e-6, 0.01, 1.0, 40.0, 1e3, 1e4])
def test_tables_hold_twelve_digits_in_far_tails(mean, ratio):
    levels = int(np.ceil(mean + 8 * np.sqrt(mean * ratio)))
    table = count_table(mean, mean * ratio, levels)
    S = np.unique(np.linspace(0, levels, 40).astype(int))
    some = {
        "more": exact_counts.tail,
        "backorders": exact_counts.backorders,
        "at_most": exact_counts.at_most,
    }
    for name, measure in some.items():
        exact = measure(mean, mean * ratio, S)  # to 2e-13, see test_exact_counts.py
        np.testing.assert_allclose(getattr(table, name)[S], exact, rtol=2e-12, atol=1e-290)

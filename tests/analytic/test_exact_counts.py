"""Exact counts against 40-digit sums, limits, and the tables of the optimiser."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partsim.analytic.count_laws import fit
from partsim.analytic.counts import count_table
from partsim.analytic.exact_counts import (
    at_most,
    backorder_variance,
    backorders,
    binomial_backorders,
    on_hand,
    probability,
    tail,
)

FUNCTIONS = [tail, backorders, backorder_variance, binomial_backorders, at_most, on_hand]


def law_in_40_digits(mean, variance):
    """P(X = k) as a function of k, P(k)/P(k - 1) as another, and the largest k."""
    m, v = mp.mpf(mean), mp.mpf(variance)
    if abs(v / m - 1) <= 1e-9:

        def log_p(k):
            return k * mp.log(m) - m - mp.loggamma(k + 1)

        return log_p, lambda k: m / k, mp.inf
    if v > m:
        r, q = m * m / (v - m), (v - m) / v

        def log_p(k):
            return (
                mp.loggamma(k + r)
                - mp.loggamma(r)
                - mp.loggamma(k + 1)
                + r * mp.log(m / v)
                + k * mp.log(q)
            )

        return log_p, lambda k: q * (k - 1 + r) / k, mp.inf
    n = max(mp.ceil(m / (1 - v / m) - mp.mpf("1e-9")), 1)
    p = m / n

    def log_p(k):
        return mp.log(mp.binomial(n, k)) + k * mp.log(p) + (n - k) * mp.log(1 - p)

    return log_p, lambda k: p / (1 - p) * (n - k + 1) / k, n


def in_40_digits(mean, variance, level):
    """The values of FUNCTIONS by direct sums."""
    with mp.workdps(40):
        log_p, ratio, most = law_in_40_digits(mean, variance)
        upper, lower = [mp.mpf(0)] * 3, [mp.mpf(0)] * 2
        k = level + 1
        p = mp.exp(log_p(k)) if k <= most else mp.mpf(0)
        while p > 0 and (k <= mean or p * (k - level) ** 2 * (k + 50) ** 2 > 1e-30 * upper[0]):
            x = k - level
            upper = [upper[0] + p, upper[1] + p * x, upper[2] + p * x * x]
            k += 1
            p *= ratio(k)
        k = int(min(level, most))
        p = mp.exp(log_p(k))
        while k >= 0:
            lower = [lower[0] + p, lower[1] + p * (level - k)]
            p = p / ratio(k) if k else p
            k -= 1
        more, owed, square = upper
        return more, owed, square - owed**2, (square - owed) / 2, lower[0], lower[1]


@pytest.mark.parametrize("ratio", [0.02, 0.5, 0.97, 1.0, 1.0001, 1.5, 30.0])
@pytest.mark.parametrize("mean", [1e-6, 1e-3, 0.37, 1.0, 17.3, 250.0, 1e4])
def test_twelve_digits_hold_from_eight_deviations_below_the_mean_to_eight_above(mean, ratio):
    deviation = np.sqrt(mean * ratio)
    levels = {max(int(mean + z * deviation), 0) for z in (-8, -3, -0.1, 0, 2, 8)}
    for level in sorted(levels):
        for function, expected in zip(
            FUNCTIONS, in_40_digits(mean, mean * ratio, level), strict=True
        ):
            got = float(function(mean, mean * ratio, level))
            error = abs(mp.mpf(got) - expected)
            assert error <= 1e-12 * expected + mp.mpf(1e-300), (function.__name__, level)


@pytest.mark.parametrize(("mean", "variance"), [(1e-3, 0.1), (2.0, 100.0), (1e-6, 1.0000001e-6)])
def test_twelve_digits_hold_for_a_spread_far_beyond_the_mean_and_a_hair_above_it(mean, variance):
    for level in (0, 1, 5, 60):
        for function, expected in zip(FUNCTIONS, in_40_digits(mean, variance, level), strict=True):
            got = float(function(mean, variance, level))
            error = abs(mp.mpf(got) - expected)
            assert error <= 1e-12 * expected + mp.mpf(1e-300), (function.__name__, level)


@settings(max_examples=150)
@given(st.floats(0, 1e4), st.floats(0, 20.0), st.integers(-50, 40_000))
def test_nothing_is_ever_negative_nor_no_number(mean, ratio, level):
    for function in (*FUNCTIONS, probability):
        value = float(function(mean, mean * ratio, level))
        assert 0 <= value < np.inf
        if function in (tail, at_most, probability):
            assert value <= 1 + 1e-12


@settings(max_examples=100)
@given(st.floats(1e-6, 300.0), st.floats(0.02, 8.0), st.integers(0, 60))
def test_the_optimisers_table_has_the_same_law(mean, ratio, levels):
    S, variance = np.arange(levels + 1), mean * ratio
    table = count_table(mean, variance, levels)
    near = {"rtol": 0, "atol": 1e-10 * max(mean, 1)}
    np.testing.assert_allclose(at_most(mean, variance, S), table.at_most, **near)
    np.testing.assert_allclose(backorders(mean, variance, S), table.backorders, **near)


@settings(max_examples=100)
@given(st.floats(1e-6, 2000.0), st.floats(0.02, 30.0), st.integers(-20, 3000))
def test_stock_balances_and_one_unit_more_saves_its_tail(mean, ratio, level):
    variance = mean * ratio
    owed, left = backorders(mean, variance, level), on_hand(mean, variance, level)
    assert owed - left == pytest.approx(mean - level, rel=1e-12, abs=1e-12)
    saved = owed - backorders(mean, variance, level + 1)
    assert saved == pytest.approx(float(tail(mean, variance, level)), abs=1e-11 * (1 + owed))
    both = tail(mean, variance, level) + at_most(mean, variance, level)
    assert both == pytest.approx(1.0, abs=1e-12)


def test_limits_of_no_demand_no_stock_and_stock_without_end():
    assert [float(f(0.0, 0.0, 3)) for f in FUNCTIONS] == [0, 0, 0, 0, 1, 3]
    assert [float(f(0.0, 0.0, 0)) for f in FUNCTIONS] == [0, 0, 0, 0, 1, 0]
    assert [float(f(5.0, 5.0, 10**15)) for f in FUNCTIONS] == [0, 0, 0, 0, 1, 10**15 - 5]
    for variance in (2.5, 5.0, 50.0):
        assert float(backorders(5.0, variance, 0)) == pytest.approx(5.0, rel=1e-14)
        assert float(on_hand(5.0, variance, 0)) == pytest.approx(0.0, abs=1e-14)
        assert float(backorders(5.0, variance, -3)) == pytest.approx(8.0, rel=1e-14)
        assert float(tail(5.0, variance, -1)) == 1.0


def test_a_count_that_never_varies_is_certain():
    # variance 0 of a whole mean: the binomial with n = 4, p = 1
    levels = np.arange(7)
    np.testing.assert_allclose(backorders(4.0, 0.0, levels), [4, 3, 2, 1, 0, 0, 0], atol=1e-14)
    np.testing.assert_allclose(tail(4.0, 0.0, levels), [1, 1, 1, 1, 0, 0, 0], atol=1e-14)
    np.testing.assert_allclose(on_hand(4.0, 0.0, levels), [0, 0, 0, 0, 0, 1, 2], atol=1e-14)
    np.testing.assert_allclose(backorder_variance(4.0, 0.0, levels), 0, atol=1e-12)


def test_cells_that_broadcast_are_each_as_if_alone():
    mean, variance = np.array([[0.0], [1.5], [20.0]]), np.array([0.7, 1.5, 30.0])
    for function in FUNCTIONS:
        together = function(mean, variance, 7)
        assert together.shape == (3, 3)
        for i, j in np.ndindex(3, 3):
            assert together[i, j] == function(mean[i, 0], variance[j], 7)


def test_the_fit_does_not_change_the_callers_variance():
    variance = np.array([0.1, 5.0])
    fit(np.array([0.5, 1.0]), variance, 0)
    assert variance.tolist() == [0.1, 5.0]


@pytest.mark.parametrize("function", [*FUNCTIONS, probability])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1.0, 1.0, 3), "mean: expected finite numbers >= 0, got -1.0"),
        ((1.0, -2.0, 3), "variance: expected finite numbers >= 0, got -2.0"),
        ((np.nan, 1.0, 3), "mean: expected finite numbers >= 0, got nan"),
        ((1.0, 1.0, 2.5), "level: expected whole numbers, got 2.5"),
        ((1.0, 1.0, np.nan), "level: expected whole numbers, got nan"),
        ((np.ones(2), 1.0, np.ones(3)), r"mean \(2,\), variance \(\), level \(3,\)"),
    ],
)
def test_wrong_arguments_are_named(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)

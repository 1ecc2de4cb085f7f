"""Recurrence formulas by hand, against brute force, and their false alarms."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from partsim.history.recurrences import (
    laplace_test,
    lewis_robinson_test,
    mean_cumulative_function,
    military_handbook_test,
    unlike_units_test,
)

REPAIRS = [5, 40, 43, 175, 389, 712, 747, 795, 1299, 1478]  # one machine, observed for 1500 h


def failures_until(end, lives):
    times = np.cumsum(lives)
    return times[times <= end]


def test_mean_cumulative_function_adds_failures_per_unit_at_risk():
    ages, units = [10, 20, 30, 30], [0, 1, 0, 2]
    mean, _ = mean_cumulative_function(ages, units, [0, 0, 25], [40, 25, 40], [5, 10, 20, 30, 99])
    assert mean == pytest.approx([0, 1 / 2, 1, 1 + 2 / 2, 2])


def test_its_error_without_censoring_is_that_of_the_mean_count_of_units():
    rng = np.random.default_rng(1)
    counts = rng.poisson(3, 12)
    ages = rng.uniform(0, 100, counts.sum())
    units = np.repeat(np.arange(12), counts)
    mean, error = mean_cumulative_function(ages, units, np.zeros(12), np.full(12, 100.0), [100.0])
    assert mean[0] == pytest.approx(counts.mean())
    assert error[0] == pytest.approx(counts.std() / np.sqrt(12))


def test_its_error_is_the_sum_over_units_written_out():
    ages, units, begin, end = [10, 20, 30, 35], [0, 1, 0, 2], [0, 0, 15], [40, 25, 40]
    at_risk = {10: 2, 20: 3, 30: 2, 35: 2}
    own = {0: (10, 30), 1: (20,), 2: (35,)}
    variance = sum(
        sum(((t in own[u]) - 1 / n) / n for t, n in at_risk.items() if begin[u] < t <= end[u]) ** 2
        for u in own
    )
    _, error = mean_cumulative_function(ages, units, begin, end, [50])
    assert error[0] == pytest.approx(np.sqrt(variance))


def test_no_failures_are_none_per_unit():
    mean, error = mean_cumulative_function([], [], [0], [10], [5])
    assert (mean, error) == ([0], [0])


def test_military_handbook_statistic_by_hand():
    test = military_handbook_test(REPAIRS, 0, 1500)
    by_hand = 2 * sum(np.log(1500 / t) for t in REPAIRS)
    assert test.statistic == pytest.approx(by_hand)
    assert test.p == pytest.approx(2 * stats.chi2(20).sf(by_hand))


def test_laplace_statistic_by_hand():
    test = laplace_test(REPAIRS, 0, 1500)
    by_hand = (np.mean(REPAIRS) - 750) / (1500 * np.sqrt(1 / (12 * 10)))
    assert test.statistic == pytest.approx(by_hand)
    assert test.p == pytest.approx(2 * stats.norm.sf(abs(by_hand)))


def test_units_are_pooled_each_over_its_own_window():
    time, begin, end = np.array([4.0, 15, 18]), np.array([0.0, 10, 10]), np.array([8.0, 20, 20])
    centred = (4 - 4) + (15 - 15) + (18 - 15)
    by_hand = centred / np.sqrt((64 + 100 + 100) / 12)
    assert laplace_test(time, begin, end).statistic == pytest.approx(by_hand)


@pytest.mark.parametrize("test", [laplace_test, military_handbook_test])
def test_constant_rates_raise_false_alarms_as_often_as_stated(test):
    rng = np.random.default_rng(11)
    alarms = 0
    for _ in range(1000):
        time = rng.uniform(0, 100, 15)
        alarms += test(time, 0, 100).p < 0.05
    low, high = stats.binom(1000, 0.05).ppf([0.0005, 0.9995])  # 99.9 %
    assert low <= alarms <= high


def test_lewis_robinson_mean_and_variance_are_those_over_all_orders():
    lives = np.array([3.0, 10.0, 4.0, 7.0])
    sums = [np.dot([3, 2, 1, 0], order) for order in permutations(lives)]
    expected = (np.dot([3, 2, 1, 0], lives) - np.mean(sums)) / np.std(sums)
    assert lewis_robinson_test(lives, [0] * 4).statistic == pytest.approx(expected)


def test_lewis_robinson_takes_units_in_any_order_of_rows():
    lives, units = [50.0, 9, 40, 30, 4, 20], [0, 1, 0, 0, 1, 0]
    sorted_rows = lewis_robinson_test([50, 40, 30, 20, 9, 4], [0, 0, 0, 0, 1, 1])
    assert lewis_robinson_test(lives, units).statistic == pytest.approx(sorted_rows.statistic)


def test_wear_out_without_a_trend_alarms_laplace_but_not_lewis_and_robinson():
    rng = np.random.default_rng(2)
    repetitions, laplace, lewis = 300, 0, 0
    for _ in range(repetitions):
        lives = [rng.weibull(3, 30) for _ in range(50)]
        times = [failures_until(2, unit) for unit in lives]
        laplace += laplace_test(np.concatenate(times), 0, 2).p < 0.05
        complete = [unit[: len(seen)] for unit, seen in zip(lives, times, strict=True)]
        units = np.repeat(np.arange(50), [len(unit) for unit in complete])
        lewis += lewis_robinson_test(np.concatenate(complete), units).p < 0.05
    assert laplace > 0.9 * repetitions
    assert lewis <= stats.binom(repetitions, 0.065).ppf(0.9995)  # measured: up to 6.5 %


def test_lives_that_get_shorter_are_a_trend():
    rng = np.random.default_rng(4)
    lives = rng.weibull(2, (10, 8)) * 0.85 ** np.arange(8)
    test = lewis_robinson_test(lives.ravel(), np.repeat(np.arange(10), 8))
    assert test.statistic > 3


def test_nothing_to_compare_is_not_a_number():
    assert np.isnan(lewis_robinson_test([5.0, 7.0], [0, 1]).p)
    assert np.isnan(lewis_robinson_test([], []).p)


def test_unlike_units_statistic_by_hand():
    assert unlike_units_test([3, 0], [1, 1]).statistic == pytest.approx((1 + 1) / 2)


def test_alike_units_are_seldom_called_unlike_and_unlike_ones_often():
    rng = np.random.default_rng(6)
    expected = np.full(30, 3.0)
    alike = sum(unlike_units_test(rng.poisson(expected), expected).p < 0.05 for _ in range(1000))
    mixed = expected * np.tile([0.3, 1.7], 15)
    unlike = sum(unlike_units_test(rng.poisson(mixed), expected).p < 0.05 for _ in range(100))
    assert alike <= stats.binom(1000, 0.07).ppf(0.9995)  # the normal law is an approximation
    assert unlike > 90


@pytest.mark.parametrize("test", [laplace_test, military_handbook_test])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], 0, 10), "time: expected at least one failure, got none"),
        (([11.0], 0, 10), r"up to end \(0 to 10\), got 11"),
        (([0.0], 0, 10), r"after begin and up to end \(0 to 10\), got 0"),
    ],
)
def test_failures_outside_the_observation_are_refused(test, arguments, message):
    with pytest.raises(ValueError, match=message):
        test(*arguments)


def test_wrong_units_are_refused():
    with pytest.raises(ValueError, match="unit: expected whole numbers from 0 to 0, got 1"):
        mean_cumulative_function([5], [1], [0], [10], [5])
    with pytest.raises(ValueError, match="begin, end: expected numbers >= 0 with begin below end"):
        mean_cumulative_function([5], [0], [10], [10], [5])
    with pytest.raises(ValueError, match=r"unit: expected the shape of life \(2,\), got \(1,\)"):
        lewis_robinson_test([1.0, 2.0], [0])
    with pytest.raises(ValueError, match="life: expected finite numbers > 0, got 0"):
        lewis_robinson_test([1.0, 0.0], [0, 0])
    with pytest.raises(ValueError, match=r"expected: expected the shape of failures \(1,\)"):
        unlike_units_test([1], [1, 2])
    with pytest.raises(ValueError, match="expected: expected finite numbers >= 0, not all zero"):
        unlike_units_test([0], [0])

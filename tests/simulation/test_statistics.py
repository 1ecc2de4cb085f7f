"""Intervals against SciPy's, and nothing to estimate from."""

import numpy as np
import pytest
from scipy import stats

from partsim.simulation.response_times import ResponseTimes
from partsim.simulation.statistics import Sample


def mean_interval(x):
    return Sample.alike(len(x)).mean(x)


def ratio_interval(x, y):
    return Sample.alike(len(x)).ratio(x, y)


def share_interval(x, y):
    return Sample.alike(len(x)).share(x, y)


def quantile_interval(x, share):
    return Sample.alike(len(x)).quantile(x, share)


def test_the_mean_interval_is_students():
    x = np.array([1.0, 4.0, 2.0, 8.0])
    expected = stats.t.interval(0.95, 3, x.mean(), stats.sem(x))
    interval = mean_interval(x)
    assert (interval.low, interval.high) == pytest.approx(expected, rel=1e-12)


def test_a_ratio_over_equal_denominators_is_a_mean():
    x = np.array([3.0, 7.0, 5.0])
    ratio, mean = ratio_interval(x, [2.0, 2.0, 2.0]), mean_interval(x / 2)
    assert ratio.value == pytest.approx(mean.value.item(), rel=1e-12)
    assert (ratio.low, ratio.high) == pytest.approx((mean.low, mean.high), rel=1e-12)


def test_a_ratio_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    calls = rng.poisson(50, size=(10, 4000)) + 1.0
    interval = ratio_interval(rng.gamma(calls, 2.0), calls)
    covered = np.count_nonzero((interval.low <= 2) & (interval.high >= 2))
    low, high = stats.binomtest(covered, 4000).proportion_ci(0.999)
    assert low <= 0.95 <= high


def test_equal_shares_leave_wilsons_interval():
    expected = stats.binomtest(36, 40).proportion_ci(0.95, method="wilson")
    interval = share_interval([9, 9, 9, 9], [10, 10, 10, 10])
    assert (interval.low, interval.high) == pytest.approx(tuple(expected), rel=1e-9)


def test_a_share_of_unequal_replications_keeps_the_wider_interval():
    kept, calls = [10, 100, 190], [200, 200, 200]
    delta, share = ratio_interval(kept, calls), share_interval(kept, calls)
    assert delta.low < 0 == share.low
    assert share.high == 1 < delta.high


def test_no_trials_give_nothing_and_no_warning():
    interval = share_interval([[0], [0]], [[0], [0]])
    assert np.isnan([interval.value, interval.low, interval.high]).all()


def times(x):
    return ResponseTimes(np.sort(x), np.ones(len(x), np.int32), x.sum())


def test_the_quantile_is_the_least_value_that_keeps_the_share():
    x = np.arange(1.0, 21.0)
    found = [quantile_interval([times(x)] * 2, share)[0] for share in (0.05, 0.051, 0.5, 0.951)]
    assert found == [1, 2, 10, 20]


def test_a_quantile_is_below_a_limit_with_confidence_just_when_the_share_is():
    random = np.random.default_rng(8)
    samples = [random.exponential(1 + 0.1 * random.normal(), 500) for _ in range(8)]
    pooled = np.concatenate(samples)
    for share in (0.5, 0.9, 0.99):
        value, low, high = quantile_interval([times(x) for x in samples], share)
        assert low < value < high
        counts = [[np.count_nonzero(x <= value)] for x in samples]
        interval = share_interval(counts, [[500]] * 8)
        assert np.mean(pooled <= high) >= interval.high
        assert np.mean(pooled < low) <= interval.low


def test_the_interval_of_a_quantile_holds_as_often_as_it_says():
    random = np.random.default_rng(5)
    true = -np.log(0.1)  # 90 % of exponential lives are below
    hits = 0
    for _ in range(400):
        _, low, high = quantile_interval(
            [times(x) for x in random.exponential(size=(10, 200))], 0.9
        )
        hits += low <= true <= high
    # 400 trials at 95 %: a binomial is within these limits in 99.9 % of cases.
    assert 364 <= hits <= 393

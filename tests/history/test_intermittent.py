"""Forecasts of intermittent demand: another library's numbers, loops, and the edges."""

import numpy as np
import pytest

from partsim.history.intermittent import (
    SMOOTHING,
    best_smoothing,
    croston,
    exponential_smoothing,
    mean_rate,
    sba,
    tsb,
)

# Forecasts of statsforecast 2.1.1: CrostonClassic, CrostonSBA, TSB(0.1, 0.2) and
# SimpleExponentialSmoothing(0.3).
ORACLE = [
    ([0, 0, 3, 0, 0, 0, 5, 0, 1, 0, 0, 2],
     (0.9635573386827149, 0.915379471748579, 1.1377546504192004, 0.9913232462999999)),
    ([4, 0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0],
     (3.1484374999999996, 2.9910156249999993, 0.6926867890176006, 0.3434503727199998)),
    ([2, 3, 1, 4, 2, 2, 5, 1, 3, 2, 4, 3],
     (2.5466562371100006, 2.4193234252545004, 2.5466562371100006, 2.9330899813699993)),
    ([0, 0, 0, 0, 0, 6], (1.0, 0.95, 1.2000000000000002, 1.7999999999999998)),
]  # fmt: skip


@pytest.mark.parametrize(("counts", "expected"), ORACLE)
def test_forecasts_equal_those_of_statsforecast(counts, expected):
    ours = (croston(counts), sba(counts), tsb(counts, 0.1, 0.2), exponential_smoothing(counts, 0.3))
    assert ours == pytest.approx(expected, rel=1e-14)


def croston_by_hand(counts, weight):
    size = interval = None
    gap = 0
    for count in counts:
        if np.isnan(count):
            continue
        gap += 1
        if count > 0:
            first = size is None
            size = count if first else size + weight * (count - size)
            interval = gap if first else interval + weight * (gap - interval)
            gap = 0
    return 0.0 if size is None else size / interval


def test_many_parts_at_once_equal_a_loop_over_each():
    generator = np.random.default_rng(3)
    counts = generator.poisson(0.4, (50, 30)) * generator.geometric(0.5, (50, 30)).astype(float)
    counts[generator.random(counts.shape) < 0.1] = np.nan
    counts[0] = 0
    weights = generator.choice(SMOOTHING, 50)
    expected = [croston_by_hand(row, w) for row, w in zip(counts, weights, strict=True)]
    assert croston(counts, weights) == pytest.approx(expected, rel=1e-13)


def test_a_missing_period_is_as_if_it_had_not_been():
    with_gap = [0, 3, np.nan, 0, np.nan, 2, 0]
    without = [0, 3, 0, 2, 0]
    for forecast in (croston, sba, tsb, exponential_smoothing):
        assert forecast(with_gap, 0.3) == pytest.approx(forecast(without, 0.3), rel=1e-15)
    assert mean_rate(with_gap) == mean_rate(without) == 1.0


def test_without_demand_or_records_there_is_no_demand():
    for forecast in (croston, sba, tsb, exponential_smoothing):
        assert list(forecast([[0, 0], [np.nan, np.nan]])) == [0, 0]
    assert list(mean_rate([[0, 0], [np.nan, np.nan]])) == [0, 0]


def test_a_part_that_nobody_takes_any_more_fades_with_tsb_only():
    counts = [5] * 10 + [0] * 40
    assert croston(counts) == 5
    assert tsb(counts) < 0.1


@pytest.mark.parametrize("method", ["croston", "sba", "tsb", "smoothing"])
def test_the_best_smoothing_has_the_least_error_one_period_ahead(method):
    forecast = {"croston": croston, "sba": sba, "tsb": tsb, "smoothing": exponential_smoothing}
    generator = np.random.default_rng(8)
    counts = generator.poisson(np.repeat([0.5, 3.0], 10), (6, 20)).astype(float)
    chosen = best_smoothing(counts, method)
    for row, weight in zip(counts, chosen, strict=True):
        errors = [
            sum((row[t] - forecast[method](row[:t], w)) ** 2 for t in range(1, 20))
            for w in SMOOTHING
        ]
        assert weight == SMOOTHING[int(np.argmin(errors))]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: croston([1, -1]), "counts: expected numbers >= 0"),
        (lambda: croston([]), "counts: expected at least one period"),
        (lambda: croston([1, np.inf]), "counts: expected numbers"),
        (lambda: sba([1, 2], 0), "smoothing: expected weights above 0"),
        (lambda: tsb([1, 2], 0.1, 1.5), "chance: expected weights above 0"),
        (lambda: best_smoothing([1, 2], "mean"), "method: expected one of croston"),
    ],
)
def test_wrong_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()

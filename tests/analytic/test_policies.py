"""Policies against sums over inventory positions, brute force and published numbers."""

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.exact_counts import backorders, on_hand, tail
from partsim.analytic.policies import (
    best_reorder_point,
    newsvendor_level,
    reorder_point_measures,
)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 4.0])
def test_no_level_costs_less_than_the_newsvendors(ratio):
    mean, b = np.array([0.0, 0.01, 3.0, 40.0])[:, None], np.array([0.1, 1.0, 9.0, 999.0])
    best = newsvendor_level(mean, mean * ratio, 1.0, b)
    S = np.arange(200)[:, None, None]
    cost = on_hand(mean, mean * ratio, S) + b * backorders(mean, mean * ratio, S)
    np.testing.assert_array_equal(best, np.argmin(np.round(cost, 11), axis=0))


@pytest.mark.parametrize("ratio", [0.6, 1.0, 3.0])
@pytest.mark.parametrize(("r", "Q"), [(-5, 3), (0, 1), (6, 1), (4, 40), (20, 7)])
def test_lots_average_base_stocks_over_the_positions(r, Q, ratio):
    mean, y = 7.3, np.arange(r + 1, r + Q + 1)
    got = reorder_point_measures(mean, mean * ratio, r, Q)
    owed = backorders(mean, mean * ratio, y).mean()
    assert float(got.backorders) == pytest.approx(owed, rel=1e-11)
    left = on_hand(mean, mean * ratio, y).mean()
    assert float(got.on_hand) == pytest.approx(left, abs=1e-12)
    filled = 1 - tail(mean, mean * ratio, y - 1).mean()
    assert float(got.fill_rate) == pytest.approx(filled, abs=1e-12)


@pytest.mark.parametrize(
    ("rate", "lead_time", "K", "h", "b"),
    [(1.5, 2, 100, 20, 150), (0.01, 30, 5, 1, 50), (4.0, 3, 0, 1, 9), (2.0, 5, 30, 3, 1)],
)
def test_no_reorder_point_and_quantity_cost_less(rate, lead_time, K, h, b):
    mean = rate * lead_time
    r, Q = np.arange(-40, 41)[:, None], np.arange(1, 61)
    m = reorder_point_measures(mean, mean, r, Q)
    cost = K * rate / Q + h * m.on_hand + b * m.backorders
    *best, least = best_reorder_point(rate, mean, mean, K, h, b)
    assert least == pytest.approx(cost.min(), rel=1e-12)
    assert cost[best[0] + 40, best[1] - 1] == pytest.approx(least, rel=1e-12)


def test_the_fill_rate_of_lots_is_that_of_simulated_demands():
    rng, rate, lead, r, Q, n = np.random.default_rng(3), 2.0, 4.0, 7, 6, 40_000
    position = r + rng.integers(1, Q + 1, n)
    met = (position > rng.poisson(rate * lead, n)).astype(float)
    got = float(reorder_point_measures(8.0, 8.0, r, Q).fill_rate)
    assert abs(met.mean() - got) <= stats.norm.ppf(0.9995) * stats.sem(met)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"order_quantity: expected whole numbers >= 1, got 0.0"):
        reorder_point_measures(1.0, 1.0, 0, 0)
    with pytest.raises(ValueError, match=r"reorder_point: expected whole numbers, got 0.5"):
        reorder_point_measures(1.0, 1.0, 0.5, 1)
    with pytest.raises(ValueError, match=r"backorder_cost: expected finite numbers > 0, got 0.0"):
        newsvendor_level(1.0, 1.0, 1.0, 0.0)
    with pytest.raises(ValueError, match=r"demand_rate: expected finite numbers > 0, got -1.0"):
        best_reorder_point(-1.0, 1.0, 1.0, 1.0, 1.0, 1.0)

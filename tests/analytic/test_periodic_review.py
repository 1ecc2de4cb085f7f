"""Periodic review against Markov chains, grids and integrals."""

import numpy as np
import pytest
from scipy import integrate, stats

from partsim.analytic.exact_counts import backorders, on_hand
from partsim.analytic.periodic_review import (
    best_order_up_to,
    order_up_to_cost,
    periodic_review_measures,
)


def poisson(mean):
    p = stats.poisson(mean).pmf(np.arange(int(mean + 12 * np.sqrt(mean) + 20)))
    return p / p.sum()


def by_markov_chain(demand, lead_time, s, S, K, h, b):
    """Cost per period from the stationary positions after ordering."""
    n = S - s
    move = np.zeros((n, n))  # state j: position S - j
    orders = np.zeros(n)
    for j in range(n):
        for d, p in enumerate(demand):
            to = j + d if j + d < n else 0
            move[j, to] += p
            orders[j] += p * (j + d >= n)
    system = np.vstack([move.T - np.eye(n), np.ones(n)])
    share = np.linalg.lstsq(system, np.append(np.zeros(n), 1.0), rcond=None)[0]
    total = demand
    for _ in range(lead_time):
        total = np.convolve(total, demand)
    net = np.subtract.outer(S - np.arange(n), np.arange(len(total)))
    return share @ (K * orders + np.where(net > 0, h * net, -b * net) @ total)


@pytest.mark.parametrize(("s", "S"), [(-2, 3), (1, 2), (4, 12)])
@pytest.mark.parametrize("lead_time", [0, 2])
def test_the_cost_is_that_of_the_markov_chain_of_positions(s, S, lead_time):
    for demand in (np.array([0.5, 0.2, 0.0, 0.3]), poisson(2.5)):
        expected = by_markov_chain(demand, lead_time, s, S, 7.0, 1.0, 6.0)
        got = order_up_to_cost(demand, lead_time, s, S, 7.0, 1.0, 6.0)
        assert got == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("demand", "lead_time", "K", "h", "b"),
    [
        (poisson(6.0), 0, 5.0, 1.0, 4.0),
        (np.array([0.8, 0.1, 0.0, 0.1]), 3, 20.0, 1.0, 30.0),
        (np.array([0.3, 0.0, 0.0, 0.7]), 1, 10.0, 2.0, 1.0),
        (poisson(3.0), 2, 0.0, 1.0, 9.0),
    ],
)
def test_no_policy_costs_less_than_the_best(demand, lead_time, K, h, b):
    s, S, least = best_order_up_to(demand, lead_time, K, h, b)
    assert order_up_to_cost(demand, lead_time, s, S, K, h, b) == pytest.approx(least, rel=1e-12)
    grid = [
        order_up_to_cost(demand, lead_time, low, high, K, h, b)
        for low in range(s - 6, s + 7)
        for high in range(low + 1, S + 15)
    ]
    assert least == pytest.approx(min(grid), rel=1e-12)


@pytest.mark.parametrize(
    ("mean", "s", "S", "cost"), [(10, 6, 40, 35.022), (15, 10, 49, 42.698), (20, 14, 62, 49.173)]
)
def test_zheng_and_federgruens_published_policies_for_poisson_demand(mean, s, S, cost):
    # Operations Research 39 (1991) 654-665: no lead time, K = 64, h = 1, b = 9
    *policy, least = best_order_up_to(poisson(mean), 0, 64.0, 1.0, 9.0)
    assert policy == [s, S]
    assert least == pytest.approx(cost, abs=5e-4)


def test_periodic_review_averages_over_the_interval():
    rate, lead, review, S = 0.5, 4.0, 7.0, 8
    got = periodic_review_measures(rate, lead, review, S)

    def average(f):
        return integrate.quad(lambda t: float(f(rate * t, rate * t, S)), lead, lead + review)[0]

    assert float(got.backorders) == pytest.approx(average(backorders) / review, rel=1e-9)
    assert float(got.on_hand) == pytest.approx(average(on_hand) / review, rel=1e-9)

    def times(t):
        return stats.poisson(rate * t).cdf(S - 1)

    filled = integrate.quad(times, lead, lead + review)[0] / review
    assert float(got.fill_rate) == pytest.approx(filled, rel=1e-9)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"reorder_point: expected less than order_up_to = 3"):
        order_up_to_cost([0.5, 0.5], 0, 3, 3, 1, 1, 1)
    with pytest.raises(ValueError, match=r"demand\[0\]: expected a probability below 1"):
        best_order_up_to([1.0], 0, 1, 1, 1)
    with pytest.raises(ValueError, match=r"lead_time: expected whole numbers >= 0, got 0.5"):
        best_order_up_to([0.5, 0.5], 0.5, 1, 1, 1)
    with pytest.raises(ValueError, match=r"review_interval: expected finite numbers > 0, got 0.0"):
        periodic_review_measures(1.0, 1.0, 0.0, 1)

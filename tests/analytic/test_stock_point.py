"""One stock point against scipy and against a simulation of orders that cross."""

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.stock_point import ready_rate, wait_at_most
from partsim.lifetimes import Exponential, Fixed, Gamma, Shifted


def simulated_waits(rate, level, lead_time, n, rng):
    """Waits of n demands: the k-th demand takes the k-th unit, those of the start first."""
    demands = np.cumsum(rng.exponential(1 / rate, n))
    receipts = np.sort(demands + lead_time.quantile(rng.random(n)))
    supplied = np.concatenate([np.zeros(level), receipts])[:n]
    return np.maximum(supplied - demands, 0.0)


def test_the_wait_with_a_constant_lead_time_is_a_poisson_probability():
    rate, lead_time = 0.4, 12.0
    wait, level = np.array([[0.0], [3.0], [11.0]]), np.arange(12)
    expected = stats.poisson(rate * (lead_time - wait)).cdf(level - 1)
    got = wait_at_most(rate, level, wait, Fixed(lead_time))
    np.testing.assert_allclose(got, expected, atol=1e-12)
    np.testing.assert_allclose(wait_at_most(rate, level, 12.0, Fixed(lead_time)), 1.0, atol=1e-12)


@pytest.mark.parametrize("level", [0, 2, 5])
@pytest.mark.parametrize(
    "lead_time", [Exponential(10.0), Gamma.from_cv(10.0, 0.5), Shifted(Exponential(4.0), 6.0)]
)
def test_waits_with_lead_times_that_cross_are_those_of_a_simulation(lead_time, level):
    rng, rate, replications = np.random.default_rng(11), 0.8, 200
    waits = np.array([0.5, 3.0, 6.0, 9.0, 12.0, 30.0])
    share = np.empty((replications, len(waits)))
    for i in range(replications):
        tail = simulated_waits(rate, level, lead_time, 700, rng)[200:500]  # neither start nor end
        share[i] = (tail[:, None] <= waits).mean(axis=0)
    # 99.9 % for the six waits together; where no replication differs from the others, what
    # replications that all agree leave open at that level.
    miss = 0.001 / len(waits)
    half = stats.t.ppf(1 - miss / 2, replications - 1) * stats.sem(share, axis=0)
    half = np.maximum(half, np.where(np.ptp(share, axis=0) == 0, 1 - miss ** (1 / replications), 0))
    got = wait_at_most(rate, level, waits, lead_time)
    assert (np.abs(share.mean(axis=0) - got) <= half).all()


def test_no_wait_at_all_has_the_ready_rate_whatever_the_lead_time():
    level = np.arange(8)
    for lead_time in (Fixed(5.0), Exponential(5.0), Gamma(5.0, 4.0)):
        got = wait_at_most(0.6, level, 0.0, lead_time)
        np.testing.assert_allclose(got, ready_rate(3.0, 3.0, level), atol=1e-12)
        np.testing.assert_allclose(got, stats.poisson(3.0).cdf(level - 1), atol=1e-12)


def test_without_lead_time_or_demand_nobody_waits_for_stock():
    assert float(wait_at_most(2.0, 1, 0.0, Fixed(0.0))) == pytest.approx(1.0, abs=1e-12)
    assert float(wait_at_most(2.0, 0, 0.0, Fixed(0.0))) == pytest.approx(1.0, abs=1e-12)
    assert float(wait_at_most(0.0, 1, 0.0, Exponential(9.0))) == pytest.approx(1.0, abs=1e-12)
    assert ready_rate(3.0, 5.0, [0, 10**9]).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1.0, 1, 0.0), "demand_rate: expected finite numbers >= 0, got -1.0"),
        ((1.0, -1, 0.0), "level: expected whole numbers >= 0, got -1.0"),
        ((1.0, 0.5, 0.0), "level: expected whole numbers >= 0, got 0.5"),
        ((1.0, 1, np.nan), "wait: expected finite numbers >= 0, got nan"),
        ((np.ones(2), np.ones(3), 1.0), r"demand_rate \(2,\), level \(3,\), wait \(\)"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        wait_at_most(*arguments, Fixed(1.0))

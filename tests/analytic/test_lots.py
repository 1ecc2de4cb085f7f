"""Lots with random lead times against a simulation of the orders that are under way."""

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.lots import batch_variance, lot_variance
from partsim.lifetimes import Fixed, Gamma, Lognormal, Shifted


def owed_after(rate, lot, lead_time, lag, n, rng):
    """Sample the units demanded by now that are not delivered a lag later, looking back."""
    units = rng.integers(0, lot, n).astype(float)  # demanded since the last order
    age = rng.gamma(units + 1) / rate  # of the last order; the one before is a lot older
    longest = float(lead_time.quantile(1 - 1e-9))
    while (age < longest).any():
        units += lot * (rng.random(n) < lead_time.survival(age + lag))
        age += rng.gamma(lot, size=n) / rate
    return units


@pytest.mark.parametrize("lots_per_lead_time", [0.3, 1.0, 5.0])
@pytest.mark.parametrize("lot", [2, 10, 40, 500])
@pytest.mark.parametrize(
    "lead_time", [Gamma.from_cv(90.0, 0.5), Shifted(Gamma.from_cv(14.0, 0.35), 7.0)], ids=repr
)
def test_lots_spread_the_units_in_resupply_as_a_simulation_does(lead_time, lot, lots_per_lead_time):
    rate = lot * lots_per_lead_time / lead_time.mean
    lags = np.array([0.0, lead_time.mean / 2])
    added = lot_variance(rate, lot, lead_time, lags)
    rng = np.random.default_rng(7)
    for lag, more in zip(lags, added, strict=True):
        units = owed_after(rate, lot, lead_time, lag, 30_000, rng)
        one_for_one = rate * float(lead_time.excess(lag))
        expected = one_for_one + (lot - 1) / 2
        assert abs(units.mean() - expected) <= stats.norm.ppf(0.9995) * stats.sem(units)
        squares = (units - expected) ** 2
        variance = (lot**2 - 1) / 12 + one_for_one + more
        assert abs(squares.mean() - variance) <= stats.norm.ppf(0.9995) * stats.sem(squares)


def test_one_for_one_orders_add_nothing():
    assert lot_variance(5.0, 1, Gamma(90.0, 4.0), [0.0, 10.0]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "lead_time", [Fixed(14.0), Fixed(0.0), Shifted(Fixed(14.0), 7.0)], ids=repr
)
def test_lots_with_a_constant_lead_time_add_nothing(lead_time):
    assert lot_variance(5.0, 30, lead_time, [0.0, 5.0]).tolist() == [0.0, 0.0]


def test_nothing_is_added_to_what_is_left_after_the_longest_lead_time():
    lead_time = Gamma(14.0, 9.0)
    assert lot_variance(5.0, 30, lead_time, [200.0]) == pytest.approx(0.0, abs=1e-12)


def test_nearly_constant_lead_times_add_nearly_nothing():
    total = 30**2 / 12 + 5.0 * 14.0
    assert abs(lot_variance(5.0, 30, Gamma.from_cv(14.0, 1e-3))[0]) <= 0.005 * total


@pytest.mark.parametrize("lead_time", [Gamma(90.0, 4.0), Lognormal(30.0, 1.0)], ids=repr)
def test_many_small_lots_add_the_spread_of_independent_deliveries(lead_time):
    # lots far shorter than the lead time: Q (lambda int G (1 - G) du) in all, and no Q^2/12
    rate, lot = 1000.0, 3
    u = np.linspace(0, float(lead_time.quantile(1 - 1e-9)), 200_001)
    alive = lead_time.survival(u)
    spread = rate * np.trapezoid(alive * (1 - alive), u)
    expected = (lot - 1) * spread - (lot**2 - 1) / 12
    assert lot_variance(rate, lot, lead_time)[0] == pytest.approx(expected, rel=0.005)


def in_resupply(rate, lot, lead_time, lag, n, rng):
    """Sample the units ordered in lots and owed a lag later, each with a lead time of its own."""
    units = np.zeros(n)
    age = rng.gamma(rng.integers(0, lot, n) + 1) / rate
    longest = float(lead_time.quantile(1 - 1e-9))
    while (age < longest).any():
        units += rng.binomial(lot, lead_time.survival(age + lag))
        age += rng.gamma(lot, size=n) / rate
    return units


@pytest.mark.parametrize("lots_per_lead_time", [0.3, 1.0, 5.0])
@pytest.mark.parametrize("lot", [2, 10, 40])
@pytest.mark.parametrize("lead_time", [Gamma.from_cv(90.0, 0.5), Fixed(14.0)], ids=repr)
def test_batches_spread_the_demand_above_as_a_simulation_does(lead_time, lot, lots_per_lead_time):
    rate = lot * lots_per_lead_time / lead_time.mean
    lags = np.array([0.0, lead_time.mean / 2])
    added = batch_variance(rate, lot, lead_time, lags)
    rng = np.random.default_rng(7)
    for lag, more in zip(lags, added, strict=True):
        units = in_resupply(rate, lot, lead_time, lag, 30_000, rng)
        mean = rate * float(lead_time.excess(lag))
        assert abs(units.mean() - mean) <= stats.norm.ppf(0.9995) * stats.sem(units)
        squares = (units - mean) ** 2
        unseen = 7 * lot**2 / len(units)  # by what happens less than 7 times in n: 99.9 %
        error = stats.norm.ppf(0.9995) * stats.sem(squares) + unseen
        assert abs(squares.mean() - mean - more) <= error


def test_batches_in_a_constant_time_are_counts_rounded_to_lots():
    lot, mean = 6, 4.2
    counts, start = np.arange(200)[:, None], np.arange(lot)
    chance = stats.poisson.pmf(counts, mean) / lot
    units = lot * ((counts + start) // lot)
    variance = (chance * units**2).sum() - (chance * units).sum() ** 2
    assert batch_variance(0.3, lot, Fixed(14.0)) == pytest.approx(variance - mean, rel=1e-9)
    nearly = batch_variance(0.3, lot, Gamma.from_cv(14.0, 1e-3))
    assert nearly == pytest.approx(variance - mean, rel=0.01)


def test_single_orders_add_nothing_above():
    assert batch_variance(5.0, 1, Gamma(90.0, 4.0), [0.0, 10.0]).tolist() == [0.0, 0.0]

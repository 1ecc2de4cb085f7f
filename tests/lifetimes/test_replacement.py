"""Preventive replacement against integrals, optimality conditions and brute force."""

import mpmath as mp
import numpy as np
import pytest
from scipy import integrate, optimize

from partsim.lifetimes import Exponential, Gamma, Lognormal, Weibull
from partsim.lifetimes.renewal_counts import renewal_count
from partsim.lifetimes.replacement import (
    age_replacement_cost,
    best_age_replacement,
    best_block_replacement,
    block_replacement_cost,
)

COSTS = [1.5, 3.0, 10.0, 100.0]


@pytest.mark.parametrize("life", [Weibull(50.0, 2.5), Lognormal(50.0, 0.4)], ids=repr)
def test_a_cycle_costs_and_lasts_what_the_integral_says(life):
    for age in (5.0, 40.0, 120.0):
        cycle = integrate.quad(life.survival, 0, age, epsabs=1e-11)[0]
        alive = float(life.survival(age))
        expected = (2.0 * alive + 9.0 * (1 - alive)) / cycle
        assert age_replacement_cost(life, age, 2.0, 9.0) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("shape", [1.3, 2.0, 3.5, 8.0])
def test_the_best_weibull_age_meets_the_condition_of_barlow_and_proschan(shape):
    # h(T) int_0^T S - F(T) = c_p / (c_f - c_p), solved in 40 digits
    mp.mp.dps = 40
    life, k = Weibull(100.0, shape), mp.mpf(shape)
    scale = 100 / mp.gamma(1 + 1 / k)

    def surplus(T, ratio):
        cycle = scale / k * mp.gammainc(1 / k, 0, (T / scale) ** k)
        hazard = k / scale * (T / scale) ** (k - 1)
        return hazard * cycle - 1 + mp.exp(-((T / scale) ** k)) - 1 / (mp.mpf(ratio) - 1)

    policy = best_age_replacement(life, 1.0, COSTS[1:])
    for ratio, age, rate in zip(COSTS[1:], policy.interval, policy.cost_rate, strict=True):
        exact = float(mp.findroot(lambda T, r=ratio: surplus(T, r), float(age)))
        if rate < 0.999 * ratio / 100:
            assert age == pytest.approx(exact, rel=1e-3)  # the cost is flat there
        least = float(age_replacement_cost(life, exact, 1.0, ratio))
        assert rate == pytest.approx(least, rel=1e-6)


@pytest.mark.parametrize(
    "life", [Gamma(100.0, 5.0), Lognormal(100.0, 0.3), Weibull(100.0, 12.0)], ids=repr
)
def test_no_age_is_cheaper_than_the_best(life):
    policy = best_age_replacement(life, 1.0, COSTS)
    ages = np.append(np.geomspace(1e-2, 1e3, 20_001), np.inf)
    brute = age_replacement_cost(life, ages[:, None], 1.0, COSTS).min(axis=0)
    np.testing.assert_array_less(policy.cost_rate, brute * (1 + 1e-6))


@pytest.mark.parametrize("life", [Exponential(100.0), Weibull(100.0, 0.8)], ids=repr)
def test_parts_that_do_not_wear_out_are_never_replaced_before_they_fail(life):
    for best in (best_age_replacement, best_block_replacement):
        policy = best(life, 1.0, 50.0)
        assert np.isinf(policy.interval)
        assert policy.cost_rate == pytest.approx(0.5)


@pytest.mark.parametrize("ratio", [5.0, 20.0, 300.0])
def test_the_best_block_of_erlang_lives_meets_its_closed_condition(ratio):
    # T m(T) - M(T) = c_p/c_f with M(t) = t/mean - 1/4 + exp(-x)/4, x = 4 t/mean
    x = optimize.brentq(lambda x: (1 - np.exp(-x) * (1 + x)) / 4 - 1 / ratio, 1e-9, 50.0)
    policy = best_block_replacement(Gamma(100.0, 2.0), 1.0, ratio)
    exact = x / 4 * 100.0
    renewals = exact / 100 - 0.25 + np.exp(-x) / 4
    assert policy.interval == pytest.approx(exact, rel=1e-2)  # the cost is flat there
    assert policy.cost_rate == pytest.approx((1 + ratio * renewals) / exact, rel=1e-6)


def test_blocks_of_erlang_lives_never_pay_when_a_failure_costs_less_than_four_times_as_much():
    policy = best_block_replacement(Gamma(100.0, 2.0), 1.0, [2.0, 3.9])
    assert np.isinf(policy.interval).all()
    np.testing.assert_allclose(policy.cost_rate, [0.02, 0.039])


def test_no_block_is_cheaper_than_the_best_though_steady_lives_make_several_troughs():
    life = Weibull(100.0, 12.0)
    policy = best_block_replacement(life, 1.0, COSTS)
    intervals = np.linspace(2.0, 350.0, 500)
    brute = block_replacement_cost(life, intervals[:, None], 1.0, COSTS).min(axis=0)
    np.testing.assert_array_less(policy.cost_rate, np.minimum(brute, np.array(COSTS) / 100) + 1e-9)


def test_a_block_costs_its_failures_and_one_planned_replacement():
    life, T = Lognormal(100.0, 0.5), np.array([[30.0], [250.0]])
    got = block_replacement_cost(life, T, [1.0, 2.0], 8.0)
    expected = (np.array([1.0, 2.0]) + 8.0 * renewal_count(life, T).mean) / T
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_replacing_by_age_is_never_dearer_than_by_block():
    life = Weibull(100.0, 3.0)
    by_age, by_block = (f(life, 1.0, COSTS) for f in (best_age_replacement, best_block_replacement))
    assert (by_age.cost_rate <= by_block.cost_rate * (1 + 1e-6)).all()


@pytest.mark.parametrize("best", [best_age_replacement, best_block_replacement])
@pytest.mark.parametrize(
    ("planned", "failure", "message"),
    [
        (0.0, 1.0, "planned_cost: expected > 0, got 0"),
        (np.nan, 1.0, "planned_cost: expected finite numbers >= 0, got nan"),
        (1.0, -1.0, "failure_cost: expected finite numbers >= 0, got -1"),
        (np.ones(2), np.ones(3), r"expected shapes that broadcast, got \(\), \(2,\), \(3,\)"),
    ],
)
def test_costs_that_are_none_are_refused(best, planned, failure, message):
    with pytest.raises(ValueError, match=message):
        best(Weibull(100.0, 3.0), planned, failure)


@pytest.mark.parametrize("cost", [age_replacement_cost, block_replacement_cost])
def test_an_interval_must_be_positive(cost):
    with pytest.raises(ValueError, match="expected > 0, got 0"):
        cost(Weibull(100.0, 3.0), 0.0, 1.0, 2.0)

"""Renewal functions against closed forms; variance ratios against closed forms and Monte Carlo."""

import numpy as np
import pytest
from scipy import stats

from partsim.lifetimes import Exponential, Fixed, Gamma, Lognormal, Shifted, Weibull
from partsim.lifetimes.renewal import pipeline_variance_ratios, renewal_functions


def erlang_2_renewals(t, mean):
    """M(t) of lives that are the sum of two exponential stages (Cox 1962)."""
    return t / mean - 0.25 + np.exp(-4 * t / mean) / 4


def erlang_2_error(steps):
    grid = np.linspace(0, 250.0, steps + 1)
    got = renewal_functions([Gamma(100.0, 2.0)], [250.0], steps)[0]
    return np.abs(got - erlang_2_renewals(grid, 100.0)).max()


def test_exponential_lives_renew_at_a_constant_rate():
    got = renewal_functions([Exponential(100.0)], [300.0])[0]
    np.testing.assert_allclose(got, np.linspace(0, 3, 401), atol=3e-5)


def test_erlang_lives_renew_by_the_closed_form_as_exactly_as_documented():
    assert erlang_2_error(400) <= 3e-5


def test_the_error_falls_with_the_square_of_the_step():
    ratio = erlang_2_error(100) / erlang_2_error(200)
    assert 3.6 <= ratio <= 4.4  # 4 and terms of higher order


def test_fixed_lives_renew_at_their_multiples():
    # 8 steps to a life: every renewal lies on a node, where it has just happened
    got = renewal_functions([Fixed(10.0)], [35.0], steps=28)[0]
    assert got.tolist() == [i // 8 for i in range(29)]


def test_several_lives_with_their_own_horizons_are_solved_as_if_alone():
    lives, horizons = [Weibull(365.0, 3.0), Lognormal(80.0, 0.6)], [400.0, 30.0]
    together = renewal_functions(lives, horizons, steps=50)
    alone = [renewal_functions([x], [h], steps=50)[0] for x, h in zip(lives, horizons, strict=True)]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(("horizon", "steps"), [(0.0, 10), (-1.0, 10), (np.nan, 10), (1.0, 0)])
def test_a_horizon_or_a_step_count_that_is_not_positive_is_refused(horizon, steps):
    with pytest.raises(ValueError, match="expected all > 0"):
        renewal_functions([Exponential(1.0)], [horizon], steps)


@pytest.mark.parametrize(("window", "ratio"), [(14, 0.96), (90, 0.76), (365, 0.30)])
def test_variance_over_mean_falls_with_the_window_as_the_design_says(window, ratio):
    got = pipeline_variance_ratios([Weibull(365.0, 3.0)], [Fixed(float(window))])
    assert round(float(got[0]), 2) == ratio


@pytest.mark.parametrize(
    "lead_time",
    [Fixed(30.0), Gamma(90.0, 4.0), Lognormal(200.0, 1.0), Shifted(Exponential(20.0), 7.0)],
    ids=repr,
)
@pytest.mark.parametrize("mean", [0.5, 10.0, 1000.0])
def test_exponential_lives_are_poisson_over_every_lead_time(lead_time, mean):
    got = pipeline_variance_ratios([Exponential(mean)], [lead_time])
    assert got[0] == pytest.approx(1.0, abs=1e-5)


def erlang_2_variance_ratio(window, mean):
    """Variance over mean of the count in a window, equilibrium: 1 + 2 (int M) / L - L / mean."""
    integral = window**2 / (2 * mean) - window / 4 + mean * (1 - np.exp(-4 * window / mean)) / 16
    return 1 + 2 * integral / window - window / mean


@pytest.mark.parametrize("window", [5.0, 50.0, 200.0])
def test_erlang_lives_over_a_constant_window_have_the_closed_form(window):
    got = pipeline_variance_ratios([Gamma(100.0, 2.0)], [Fixed(window)])
    assert got[0] == pytest.approx(erlang_2_variance_ratio(window, 100.0), abs=1e-4)


def test_the_ratio_of_a_tiny_lead_time_is_one_and_of_none_exactly_one():
    got = pipeline_variance_ratios([Weibull(365.0, 3.0)] * 2, [Fixed(0.01), Fixed(0.0)])
    assert got[0] == pytest.approx(1.0, abs=1e-4)
    assert got[1] == 1.0


def test_the_ratio_of_a_long_window_is_the_squared_cv_of_the_life():
    life = Gamma.from_cv(10.0, 0.5)
    got = pipeline_variance_ratios([life], [Fixed(1000.0)], steps=2000)
    # the renewal central limit theorem: cv^2 + O(mean life / window)
    assert got[0] == pytest.approx(0.25, abs=0.01)


def test_infant_mortality_bunches_demand():
    assert pipeline_variance_ratios([Weibull(365.0, 0.7)], [Fixed(60.0)])[0] > 1.1


def test_fixed_lives_over_half_a_life_are_a_coin_toss():
    # at most one renewal in the window, with probability 1/2: variance 1/4 over mean 1/2
    got = pipeline_variance_ratios([Fixed(100.0)], [Fixed(50.0)])
    assert got[0] == pytest.approx(0.5, abs=1e-6)


def outstanding(life, lead_time, positions, rng):
    """Sample the orders outstanding at time 0 of positions in equilibrium, looking back."""
    age = life.length_biased_quantile(rng.random(positions)) * rng.random(positions)
    count = np.zeros(positions)
    last = float(lead_time.quantile(1 - 1e-9))
    while (age < last).any():
        count += rng.random(positions) < lead_time.survival(age)
        age = age + life.quantile(rng.random(positions))
    return count


@pytest.mark.parametrize(
    ("life", "lead_time"),
    [
        (Weibull(365.0, 3.0), Gamma.from_cv(90.0, 0.5)),
        (Weibull(130.0, 3.5), Shifted(Gamma.from_cv(90.0, 0.5), 7.0)),
        (Lognormal(60.0, 1.5), Gamma.from_cv(90.0, 0.5)),
    ],
    ids=repr,
)
def test_random_lead_times_agree_with_a_simulation_of_positions_in_equilibrium(life, lead_time):
    n = 200_000
    count = outstanding(life, lead_time, n, np.random.default_rng(1))
    squares = (count - count.mean()) ** 2
    mean = lead_time.mean / life.mean
    half = stats.norm.ppf(0.9995) / mean  # 99.9 % interval
    (got,) = pipeline_variance_ratios([life], [lead_time])
    assert abs(count.mean() / mean - 1) <= half * stats.sem(count)
    assert abs(squares.mean() / mean - got) <= half * stats.sem(squares)

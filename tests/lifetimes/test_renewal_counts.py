"""Counts of renewals against closed forms, a power series in 60 digits, and drawn lives."""

import mpmath as mp
import numpy as np
import pytest
from scipy import special, stats

from partsim.lifetimes import Exponential, Fixed, Gamma, Lognormal, Weibull
from partsim.lifetimes.renewal import pipeline_variance_ratios, renewal_functions
from partsim.lifetimes.renewal_counts import (
    delayed_renewal_count,
    equilibrium_renewal_count,
    fleet_renewal_count,
    renewal_count,
)

TIMES = np.array([0.01, 0.3, 1.0, 3.0, 20.0, 200.0])  # mean lives
ERROR = 1e-6


def within(got, exact, scale):
    """Tell whether all are within the documented error."""
    return (np.abs(got - exact) <= ERROR * np.maximum(scale, 1.0)).all()


@pytest.mark.parametrize("shape", [0.1, 0.5, 1.0, 1.5, 4.0, 100.0, 2000.0])
def test_gamma_lives_have_the_closed_form(shape):
    k = np.arange(1, 3000)
    at_least = special.gammainc(k * shape, TIMES[:, None] * shape)  # k lives are gamma too
    mean = at_least.sum(axis=1)
    variance = at_least @ (2 * k - 1) - mean**2
    count = renewal_count(Gamma(50.0, shape), TIMES * 50.0)
    assert within(count.mean, mean, mean)
    assert within(count.variance, variance, mean)


def weibull_series(t, shape):
    """M(t) of Weibull lives of scale 1 by the series of Smith and Leadbetter (1963)."""
    mp.mp.dps, terms = 60, 250
    t, shape = mp.mpf(t), mp.mpf(shape)
    g = [mp.gamma(1 + k * shape) / mp.factorial(k) for k in range(terms)]
    a = [mp.mpf(0)]
    for k in range(1, terms):
        a.append(g[k] - mp.fsum(g[j] * a[k - j] for j in range(1, k)))
    gammas = [mp.factorial(k) * g[k] for k in range(terms)]
    return float(mp.fsum(-((-(t**shape)) ** k) * a[k] / gammas[k] for k in range(1, terms)))


@pytest.mark.parametrize("shape", [0.5, 0.8, 1.5, 3.0])
def test_weibull_lives_have_the_power_series(shape):
    life = Weibull(40.0, shape)
    times = np.array([0.01, 0.3, 1.0, 1.5])
    exact = [weibull_series(t, shape) for t in times]
    assert within(renewal_count(life, times * life.scale).mean, exact, 1.0)


@pytest.mark.parametrize("life", [Lognormal(60.0, 0.4), Lognormal(60.0, 1.0)], ids=repr)
def test_lognormal_lives_have_the_limit_of_the_midpoint_rule(life):
    horizons = np.array([30.0, 60.0, 120.0])
    coarse, fine = (renewal_functions([life] * 3, horizons, n)[:, -1] for n in (500, 1000))
    limit = fine + (fine - coarse) / 3  # its error falls with the square of the step
    assert within(renewal_count(life, horizons).mean, limit, limit)


def drawn_counts(life, first, time, rng):
    """Count the renewals of drawn lives, one position for each first life."""
    count, age = np.zeros(len(first)), first.copy()
    while (age <= time).any():
        count += age <= time
        age += life.quantile(rng.random(len(first)))
    return count


def check_drawn(got, count):
    """Check mean and variance inside 99.9 % intervals."""
    wide = stats.norm.ppf(0.9995)
    assert abs(count.mean() - got.mean) <= wide * stats.sem(count)
    squares = (count - got.mean) ** 2
    assert abs(squares.mean() - got.variance) <= wide * stats.sem(squares)


LIVES = [Lognormal(60.0, 0.4), Lognormal(60.0, 2.0), Weibull(60.0, 0.6)]
lives = pytest.mark.parametrize("life", LIVES, ids=repr)


@lives
def test_drawn_lives_renew_as_often_and_as_unevenly(life):
    rng = np.random.default_rng(3)
    for time in (20.0, 150.0):
        count = drawn_counts(life, life.quantile(rng.random(200_000)), time, rng)
        check_drawn(renewal_count(life, time), count)


@lives
def test_drawn_lives_under_way_renew_in_a_window_as_often_and_as_unevenly(life):
    rng = np.random.default_rng(4)
    first = life.length_biased_quantile(rng.random(200_000)) * rng.random(200_000)
    check_drawn(equilibrium_renewal_count(life, 90.0), drawn_counts(life, first, 90.0, rng))


@lives
def test_a_drawn_fleet_of_given_ages_has_the_demand(life):
    rng, n, time = np.random.default_rng(5), 40_000, 90.0
    ages = np.array([0.0, 10.0, 10.0, 45.0, 70.0])
    total = np.zeros(n)
    for age in ages:
        below = 1 - float(life.survival(age))
        remaining = life.quantile(below + (1 - below) * rng.random(n)) - age
        total += drawn_counts(life, remaining, time, rng)
    check_drawn(fleet_renewal_count(life, ages, time), total)


@pytest.mark.parametrize("window", [0.5, 5.0, 50.0, 2000.0])
def test_erlang_lives_in_equilibrium_have_the_closed_form(window):
    # two stages of 5 d: M(t) = t/10 - 1/4 + exp(-4t/10)/4 (Cox 1962)
    integral = window**2 / 20 - window / 4 + 10 * (1 - np.exp(-4 * window / 10)) / 16
    mean = window / 10
    count = equilibrium_renewal_count(Gamma(10.0, 2.0), window)
    assert count.mean == pytest.approx(mean, rel=1e-12)
    assert within(count.variance, mean + 2 * integral / 10 - mean**2, mean)


def test_the_first_stage_of_an_erlang_life_delays_a_renewal_less_than_the_whole_life():
    # in stage 2 already: the count is that of every other event of a Poisson process, ahead by 1
    rate, t = 1 / 5.0, np.array([0.0, 1.0, 7.0, 60.0])
    count = delayed_renewal_count(Gamma(10.0, 2.0), Exponential(5.0), t)
    events = np.arange(200)
    p = stats.poisson.pmf(events, rate * t[:, None])
    renewals = (events + 1) // 2
    mean = p @ renewals
    assert within(count.mean, mean, mean)
    assert within(count.variance, p @ renewals**2 - mean**2, mean)


def test_a_first_life_in_equilibrium_makes_the_window_of_a_random_moment():
    class Excess:
        """What remains of an Erlang life of mean 10 at a random moment: stage 1 or 2 left."""

        mean = 7.5

        def excess(self, t):
            return (Gamma(10.0, 2.0).excess(t) + Exponential(5.0).excess(t)) / 2

    delayed = delayed_renewal_count(Gamma(10.0, 2.0), Excess(), [3.0, 40.0])
    stationary = equilibrium_renewal_count(Gamma(10.0, 2.0), [3.0, 40.0])
    np.testing.assert_allclose(delayed.mean, stationary.mean, rtol=0, atol=2 * ERROR)
    np.testing.assert_allclose(delayed.variance, stationary.variance, rtol=0, atol=8 * ERROR)


def test_a_fleet_of_new_components_is_so_many_times_one():
    life, times = Weibull(365.0, 3.0), [[30.0], [400.0]]
    one, fleet = renewal_count(life, times), fleet_renewal_count(life, np.zeros(7), times)
    np.testing.assert_allclose(fleet.mean, 7 * one.mean, atol=7 * ERROR)
    np.testing.assert_allclose(fleet.variance, 7 * one.variance, atol=7 * ERROR)


def test_a_constant_lead_time_has_the_variance_ratio_that_the_optimiser_uses():
    lives, window = [Weibull(365.0, 3.0), Gamma(90.0, 0.7), Lognormal(200.0, 1.0)], 120.0
    exact = [equilibrium_renewal_count(life, window) for life in lives]
    got = pipeline_variance_ratios(lives, [Fixed(window)] * 3)
    ratios = [count.variance / count.mean for count in exact]
    np.testing.assert_allclose(got, ratios, rtol=0, atol=0.005)  # as documented there


def test_at_time_zero_nothing_has_failed():
    count = renewal_count(Weibull(365.0, 0.5), [[0.0, 0.0]])
    assert count.mean.tolist() == count.variance.tolist() == [[0.0, 0.0]]


def test_fixed_lives_between_their_multiples_are_counted_exactly():
    count = renewal_count(Fixed(10.0), [5.0, 34.0])
    np.testing.assert_allclose(count.mean, [0.0, 3.0], atol=1e-9)
    np.testing.assert_allclose(count.variance, 0.0, atol=1e-9)


def test_a_jump_of_the_count_is_refused_not_guessed():
    with pytest.raises(ValueError, match="expected one that varies"):
        renewal_count(Gamma(10.0, 1e12), 30.0)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_times_and_ages_that_are_none_are_refused(bad):
    with pytest.raises(ValueError, match=f"times: expected finite numbers >= 0, got {bad:g}"):
        renewal_count(Exponential(1.0), [1.0, bad])
    with pytest.raises(ValueError, match=f"ages: expected finite numbers >= 0, got {bad:g}"):
        fleet_renewal_count(Exponential(1.0), [1.0, bad], 1.0)


def test_an_age_that_no_component_reaches_is_refused():
    with pytest.raises(ValueError, match=r"ages: expected ages that at least 1e-06 .* got 900"):
        fleet_renewal_count(Weibull(100.0, 5.0), [10.0, 900.0], 1.0)


def test_a_life_without_length_is_refused():
    with pytest.raises(ValueError, match="lifetime: expected a mean > 0"):
        renewal_count(Fixed(0.0), 1.0)

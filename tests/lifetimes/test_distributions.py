"""Distributions against scipy.stats and against numeric integrals of their own survival."""

import numpy as np
import pytest
from scipy import integrate, stats

from partsim.lifetimes import Exponential, Fixed, Gamma, Lognormal, Shifted, Weibull

CASES = {
    "exponential": (Exponential(40.0), stats.expon(scale=40.0)),
    "wear-out": (
        Weibull(365.0, 3.0),
        stats.weibull_min(3.0, scale=365.0 / stats.weibull_min(3.0).mean()),
    ),
    "infant mortality": (
        Weibull(365.0, 0.7),
        stats.weibull_min(0.7, scale=365.0 / stats.weibull_min(0.7).mean()),
    ),
    "gamma": (Gamma(90.0, 4.0), stats.gamma(4.0, scale=90.0 / 4.0)),
    "decreasing gamma": (Gamma(90.0, 0.5), stats.gamma(0.5, scale=180.0)),
    "lognormal": (
        Lognormal(2.0, 0.5),
        stats.lognorm(np.sqrt(np.log(1.25)), scale=2.0 / np.sqrt(1.25)),
    ),
    "shifted": (Shifted(Gamma(14.0, 9.0), 7.0), stats.gamma(9.0, loc=7.0, scale=14.0 / 9.0)),
}
cases = pytest.mark.parametrize(("ours", "theirs"), CASES.values(), ids=CASES)
LIVES = [ours for name, (ours, _) in CASES.items() if name != "shifted"]
SHARES = np.array([1e-9, 1e-4, 0.01, 0.2, 0.5, 0.8, 0.99, 0.9999])


def times(theirs):
    return np.append(0.0, theirs.ppf(SHARES))


@cases
def test_mean_and_variance_are_those_of_scipy(ours, theirs):
    assert ours.mean == pytest.approx(theirs.mean(), rel=1e-12)
    assert ours.variance == pytest.approx(theirs.var(), rel=1e-10)


@cases
def test_survival_is_that_of_scipy(ours, theirs):
    t = times(theirs)
    np.testing.assert_allclose(ours.survival(t), theirs.sf(t), rtol=1e-9, atol=1e-15)


@cases
def test_quantile_is_that_of_scipy(ours, theirs):
    np.testing.assert_allclose(ours.quantile(SHARES), theirs.ppf(SHARES), rtol=1e-9)


@cases
def test_excess_is_the_integral_of_the_survival_beyond(ours, theirs):
    for t in times(theirs):
        # substituted u = t + x/(1 - x): the whole tail, without a cut; breaks near the body
        tail, error = integrate.quad(
            lambda x, t=t: theirs.sf(t + ours.mean * x / (1 - x)) * ours.mean / (1 - x) ** 2,
            0,
            1,
            epsabs=1e-12 * ours.mean,
            epsrel=1e-12,
            limit=500,
        )
        assert abs(ours.excess(t) - tail) <= error + 1e-10 * ours.mean


@cases
def test_scalars_and_arrays_of_any_shape_are_taken(ours, theirs):
    grid = np.linspace(0.1, 0.9, 6).reshape(2, 3)
    assert ours.quantile(grid).shape == ours.excess(grid).shape == ours.survival(grid).shape
    assert np.shape(ours.quantile(0.5)) == np.shape(ours.survival(0.5)) == ()


@pytest.mark.parametrize("life", LIVES, ids=repr)
def test_the_life_under_way_has_the_length_biased_distribution(life):
    # P(length-biased <= t) = int_0^t x f(x) dx / mean = 1 - (t S(t) + excess(t)) / mean
    t = life.length_biased_quantile(SHARES)
    below = 1 - (t * life.survival(t) + life.excess(t)) / life.mean
    np.testing.assert_allclose(below, SHARES, rtol=1e-6, atol=1e-13)


def test_the_length_biased_weibull_inverts_the_integral_of_its_density():
    life = Weibull(365.0, 3.0)
    density = stats.weibull_min(3.0, scale=life.scale).pdf
    for share in (0.05, 0.5, 0.95):
        t = float(life.length_biased_quantile(share))
        below, error = integrate.quad(lambda x: x * density(x) / 365.0, 0, t)
        assert below == pytest.approx(share, abs=error + 1e-10)


@pytest.mark.parametrize("cv", [0.02, 0.3, 1.0, 2.0, 20.0])
@pytest.mark.parametrize("family", [Weibull.from_cv, Gamma.from_cv, Lognormal])
def test_mean_and_cv_survive_the_round_trip(family, cv):
    duration = family(50.0, cv)
    assert duration.mean == 50.0
    assert np.sqrt(duration.variance) / duration.mean == pytest.approx(cv, rel=1e-6)


def test_a_weibull_of_shape_one_is_exponential():
    t = np.linspace(0, 300, 7)
    weibull, exponential = Weibull(40.0, 1.0), Exponential(40.0)
    np.testing.assert_allclose(weibull.survival(t), exponential.survival(t), rtol=1e-13)
    np.testing.assert_allclose(weibull.excess(t), exponential.excess(t), rtol=1e-13)


def test_a_fixed_duration_never_varies():
    fixed = Fixed(14.0)
    assert fixed.variance == 0.0
    assert fixed.survival([0.0, 13.999, 14.0, 20.0]).tolist() == [1, 1, 0, 0]
    assert fixed.quantile([0.1, 0.9]).tolist() == [14, 14]
    assert fixed.length_biased_quantile([0.1, 0.9]).tolist() == [14, 14]


def test_before_its_delay_a_shifted_duration_is_certain_to_go_on():
    shifted = Shifted(Exponential(10.0), delay=7.0)
    assert shifted.survival([0.0, 6.999]).tolist() == [1, 1]
    np.testing.assert_allclose(shifted.excess([0.0, 3.0, 7.0]), [17.0, 14.0, 10.0], rtol=1e-15)


@pytest.mark.parametrize("life", [*LIVES, Fixed(3.0)], ids=repr)
def test_every_duration_starts_alive_and_its_excess_at_zero_is_its_mean(life):
    assert life.survival(0.0) == 1.0
    assert life.excess(0.0) == pytest.approx(life.mean, rel=1e-14)

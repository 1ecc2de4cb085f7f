"""Lives with several ends and lives cut short, against closed forms, numeric integrals, draws."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from partsim.lifetimes import Exponential, Fixed, Lognormal, Weibull
from partsim.lifetimes.capped import Capped
from partsim.lifetimes.competing import Competing
from partsim.lifetimes.power_law import age_of_failures, expected_failures

BATHTUB = Competing((Weibull(4000.0, 0.6), Weibull(300.0, 4.0)))
LIVES = {
    "bathtub": BATHTUB,
    "three modes": Competing((Weibull(90.0, 0.5), Lognormal(200.0, 1.0), Exponential(70.0))),
    "mode that never varies": Competing((Weibull(90.0, 2.0), Fixed(100.0))),
    "replaced at an age": Capped(Weibull(100.0, 3.0), 80.0),
    "bathtub, replaced": Capped(BATHTUB, 250.0),
}
lives = pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
U = (np.arange(4_000) + 0.5) / 4_000


def integral(f, begin, end, jumps=(80.0, 100.0, 250.0)):
    inside = sorted({begin, end, *(x for x in jumps if begin < x < end)})
    return sum(
        integrate.quad(f, a, b - 1e-12, limit=200, epsabs=1e-11)[0] for a, b in pairwise(inside)
    )


@pytest.mark.parametrize("shape", [0.6, 1.0, 3.0])
def test_the_first_of_equal_weibull_lives_is_weibull(shape):
    two, one = Competing((Weibull(100.0, shape),) * 2), Weibull(100.0 * 0.5 ** (1 / shape), shape)
    t = one.quantile(np.array([1e-6, 0.1, 0.5, 0.9, 0.999999]))
    assert two.mean == pytest.approx(one.mean, rel=1e-10)
    assert two.variance == pytest.approx(one.variance, rel=1e-8)
    np.testing.assert_allclose(two.survival(t), one.survival(t), rtol=1e-12)
    np.testing.assert_allclose(two.excess(t), one.excess(t), rtol=1e-7, atol=1e-10)
    shares = np.array([0.01, 0.3, 0.99])
    np.testing.assert_allclose(two.quantile(shares), one.quantile(shares), rtol=1e-10)
    ours, theirs = (x.length_biased_quantile(shares) for x in (two, one))
    np.testing.assert_allclose(ours, theirs, rtol=1e-8)


@lives
def test_moments_and_excess_are_integrals_of_the_survival(life):
    end = float(life.quantile(1 - 1e-15))
    mean = integral(lambda t: float(life.survival(t)), 0.0, end)
    square = integral(lambda t: 2 * t * float(life.survival(t)), 0.0, end)
    assert life.mean == pytest.approx(mean, rel=1e-8)
    assert life.variance == pytest.approx(square - mean**2, rel=1e-6)
    for t in life.quantile([0.1, 0.5, 0.9]).tolist():
        beyond = integral(lambda x: float(life.survival(x)), t, end)
        assert float(life.excess(t)) == pytest.approx(beyond, rel=1e-7, abs=1e-9)


@lives
def test_draws_have_the_distribution_and_the_length_biased_one(life):
    drawn, biased = life.quantile(U), life.length_biased_quantile(U)
    for t in life.quantile([0.05, 0.3, 0.7, 0.95]) * 0.999:
        assert np.mean(drawn > t) == pytest.approx(float(life.survival(t)), abs=3e-4)
        # E[X; X > t] / E[X] is what the length-biased life has beyond t.
        beyond = float(life.excess(t) + t * life.survival(t)) / life.mean
        assert np.mean(biased > t) == pytest.approx(beyond, abs=3e-4)
    assert np.mean(drawn) == pytest.approx(life.mean, rel=5e-3)


def test_the_share_that_reaches_the_age_ends_there():
    cycle = Capped(Weibull(100.0, 3.0), 80.0)
    drawn = cycle.quantile(U)
    assert np.mean(drawn == 80.0) == pytest.approx(cycle.planned_share, abs=3e-4)
    assert cycle.length_biased_quantile(U).max() == 80.0


@pytest.mark.parametrize("life", [Weibull(100.0, 3.0), Weibull(100.0, 0.7), Exponential(100.0)])
def test_the_power_law_is_the_cumulative_failure_rate(life):
    t = np.array([1.0, 50.0, 200.0])
    rate = -np.log(life.survival(t))
    np.testing.assert_allclose(expected_failures(life, t), rate, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(age_of_failures(life, expected_failures(life, t)), t, rtol=1e-12)
    far = age_of_failures(life, 5000.0)  # where no first life comes
    assert float(expected_failures(life, far)) == pytest.approx(5000.0, rel=1e-12)


def test_competing_draws_are_the_least_of_draws():
    streams = np.random.default_rng(4).random((2, 20_000))
    least = np.min([m.quantile(u) for m, u in zip(BATHTUB.modes, streams, strict=True)], axis=0)
    assert stats.kstest(least, lambda t: 1 - BATHTUB.survival(t)).pvalue > 0.001

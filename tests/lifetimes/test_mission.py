"""Missions without resupply against closed forms and drawn lives."""

import numpy as np
import pytest
from scipy import stats

from partsim.lifetimes import Exponential, Gamma, Lognormal, Weibull
from partsim.lifetimes.mission import mission_demand, mission_spares
from partsim.lifetimes.renewal_counts import fleet_renewal_count

ASSURANCES = np.array([0.0, 0.5, 0.9, 0.95, 0.99, 0.9999, 0.999999])


@pytest.mark.parametrize("ages", [np.zeros(1), np.array([0.0, 5.0, 300.0]), np.full(40, 7.0)])
def test_exponential_lives_need_poisson_spares_whatever_their_ages(ages):
    law = stats.poisson(len(ages) * 30.0 / 100.0)
    demand = mission_demand(Exponential(100.0), 30.0, ages)
    accuracy = 1e-9 if not ages.any() else 1e-6
    np.testing.assert_allclose(demand, law.pmf(np.arange(demand.size)), atol=accuracy * ages.size)
    assert (
        mission_spares(Exponential(100.0), 30.0, ages, ASSURANCES[1:]).tolist()
        == law.ppf(ASSURANCES[1:]).tolist()
    )


def test_erlang_lives_need_the_spares_of_every_third_poisson_event():
    # three stages of 10 d: d failures are 3d, 3d + 1 or 3d + 2 events
    demand = mission_demand(Gamma(30.0, 3.0), 70.0, [0.0])
    events = stats.poisson.pmf(np.arange(3 * demand.size), 7.0)
    np.testing.assert_allclose(demand, events.reshape(-1, 3).sum(axis=1), atol=1e-9)


@pytest.mark.parametrize("shape", [0.3, 0.8, 2.5, 50.0])
@pytest.mark.parametrize("time", [2.0, 10.0, 65.0])
def test_the_convolution_of_any_lives_agrees_with_the_closed_form_of_gamma_lives(shape, time):
    class Unknown:
        """A gamma life that is not known to be one."""

        def __init__(self, life):
            self.mean, self.excess, self.survival = life.mean, life.excess, life.survival

    life = Gamma(10.0, shape)
    exact = mission_demand(life, time, [0.0, 0.0])
    got = mission_demand(Unknown(life), time, [0.0, 0.0])
    size = min(exact.size, got.size)
    np.testing.assert_allclose(got[:size], exact[:size], rtol=0, atol=2e-8)


@pytest.mark.parametrize("life", [Weibull(80.0, 2.5), Lognormal(80.0, 0.5)], ids=repr)
def test_drawn_missions_have_the_demand(life):
    rng, n, duration, ages = np.random.default_rng(8), 100_000, 60.0, [0.0, 30.0, 30.0, 90.0]
    total = np.zeros(n, int)
    for age in ages:
        below = 1 - float(life.survival(age))
        end = life.quantile(below + (1 - below) * rng.random(n)) - age
        while (end <= duration).any():
            total += end <= duration
            end += life.quantile(rng.random(n))
    demand = mission_demand(life, duration, ages)
    share = np.bincount(total, minlength=demand.size) / n
    half = stats.norm.ppf(1 - 0.0005 / demand.size) * np.sqrt(demand * (1 - demand) / n)
    assert (np.abs(share - demand) <= half + 1 / n).all()


def test_the_demand_has_the_moments_of_the_renewal_counts():
    life, ages = Weibull(80.0, 0.7), [0.0, 10.0, 200.0]
    demand, count = mission_demand(life, 100.0, ages), fleet_renewal_count(life, ages, 100.0)
    d = np.arange(demand.size)
    assert demand @ d == pytest.approx(float(count.mean), abs=1e-5)
    assert demand @ d**2 - (demand @ d) ** 2 == pytest.approx(float(count.variance), abs=1e-4)


def test_spares_are_the_least_that_give_the_assurance():
    life, ages = Weibull(80.0, 2.5), np.zeros(20)
    enough = np.cumsum(mission_demand(life, 60.0, ages))
    for assurance, spares in zip(
        ASSURANCES, mission_spares(life, 60.0, ages, ASSURANCES), strict=True
    ):
        assert enough[spares] >= assurance
        assert spares == 0 or enough[spares - 1] < assurance


def test_no_mission_and_no_positions_need_no_spares():
    assert mission_spares(Weibull(80.0, 2.5), 0.0, [0.0, 5.0], 0.999) == 0
    assert mission_spares(Weibull(80.0, 2.5), 9.0, [], [0.5, 0.999]).tolist() == [0, 0]


@pytest.mark.parametrize("assurance", [-0.1, 1.0, np.nan])
def test_an_assurance_that_nothing_gives_is_refused(assurance):
    with pytest.raises(ValueError, match=f"assurance: expected 0 to 0.999999, got {assurance:g}"):
        mission_spares(Exponential(1.0), 1.0, [0.0], [0.5, assurance])


def test_negative_durations_and_ages_are_refused():
    with pytest.raises(ValueError, match="duration: expected finite numbers >= 0, got -1"):
        mission_demand(Exponential(1.0), -1.0, [0.0])
    with pytest.raises(ValueError, match="ages: expected finite numbers >= 0, got -2"):
        mission_demand(Exponential(1.0), 1.0, [-2.0])

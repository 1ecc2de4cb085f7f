"""Fleets of known age that grow and retire: against renewal theory, inside 99.9 % intervals."""

import numpy as np
import pytest

from partsim.demand.estimation import estimate_demand
from partsim.lifetimes import Weibull
from partsim.lifetimes.renewal_counts import delayed_renewal_count, fleet_renewal_count
from partsim.simulation.replication import build, play
from tests.builders import plan, scenario
from tests.simulation.test_against_theory import agree

LIFE = {"weibull": {"mean": "200 d", "shape": 3}}
WINDOW = 300.0


def fleet_case(run=None, life=LIFE, **fleet):
    """Give machines whose wear-out shows: a window shorter than two lives, ample stock."""
    entry = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 12}
    return scenario(
        parts={"pump": {"lifetime": life}},
        fleets=[entry | fleet],
        simulation={"years": WINDOW / 365, "warm_up": "0 d"} | (run or {}),
    )


def uses(case, replications=150):
    """Units asked for in the window of each replication, with stock for all."""
    return [play(case, plan(case, 99), 3, n).requests[0].sum() for n in range(replications)]


@pytest.mark.parametrize("ageing", ["operating", "calendar"])
def test_new_machines_use_what_the_renewal_function_says(ageing):
    case = fleet_case(ages="new").model_copy(update={"ageing": ageing})
    expected = fleet_renewal_count(Weibull(200.0, 3.0), np.zeros(12), WINDOW)
    used = uses(case)
    assert agree(float(expected.mean), used)
    demand = estimate_demand(case).rate.sum() * WINDOW
    assert demand == pytest.approx(float(expected.mean), abs=12e-4)
    # The spread too: counts of renewals vary far less than Poisson counts.
    squares = (np.array(used) - float(expected.mean)) ** 2
    assert agree(float(expected.variance), squares)


@pytest.mark.parametrize(
    "modes",
    [
        [{"weibull": {"mean": "150 d", "shape": 0.6}}],  # infant mortality
        [{"weibull": {"mean": "300 d", "shape": 0.7}}, {"weibull": {"mean": "250 d", "shape": 4}}],
    ],
)
def test_early_failures_and_mixed_modes_come_as_the_renewal_function_says(modes):
    case = fleet_case(life=modes[0] if len(modes) == 1 else {"modes": modes}, ages="new")
    expected = fleet_renewal_count(case.parts["pump"].upkeep.lifetime, np.zeros(12), WINDOW)
    used = uses(case)
    assert agree(float(expected.mean), used)
    assert agree(float(expected.variance), (np.array(used) - float(expected.mean)) ** 2)


def test_used_machines_have_the_lives_of_positions_that_old_not_of_components_that_old():
    case = fleet_case(ages=["100 d", "250 d", "900 d"])
    life = Weibull(200.0, 3.0)
    expected = 0.0
    for age in (100.0, 250.0, 900.0):
        # Renewals after the age are all renewals less those before it.
        both = delayed_renewal_count(life, life, np.array([age, age + WINDOW])).mean
        expected += 4 * float(both[1] - both[0])
    assert agree(expected, uses(case))
    assert estimate_demand(case).rate.sum() * WINDOW == pytest.approx(expected, abs=12e-4)


def test_machines_come_and_go_on_their_days():
    days = {"2025-01-01": 4, "2026-02-20": 5, "2026-10-01": 3, "2030-01-01": 1}
    case = fleet_case({"start_date": "2026-01-01"}, count=13, delivered=days, retire_at="500 d")
    base = case.installed_bases[0]
    assert base.delivered.tolist() == [-365] * 4 + [50] * 5 + [273] * 3 + [1461]
    assert base.retires.tolist() == [135] * 4 + [550] * 5 + [773] * 3 + [1961]
    life, ends = Weibull(200.0, 3.0), np.array([365.0, 500.0, WINDOW - 50, WINDOW - 273])
    m = delayed_renewal_count(life, life, ends).mean
    expected = 4 * (m[1] - m[0]) + 5 * m[2] + 3 * m[3]
    assert agree(expected, uses(case))
    assert estimate_demand(case).rate.sum() * WINDOW == pytest.approx(expected, abs=13e-4)
    network = build(case, plan(case, 99), seed=1, replication=0)
    network.run()
    machine, began = np.array(network.logs[0].machine), np.array(network.logs[0].began)
    assert np.all((base.delivered[machine] < began) & (began < base.retires[machine]))


@pytest.mark.parametrize("ages", [{"ages": "1 year"}, {}])
def test_a_growing_fleet_leaves_the_lives_of_the_others_as_they_were(ages):
    cases = fleet_case(**ages), fleet_case(**ages, deliveries_per_year=10)
    logs = []
    for case in cases:
        network = build(case, plan(case, 99), seed=1, replication=0)
        network.run()
        log = network.logs[0]
        old = np.array(log.machine) < 12
        logs.append((np.array(log.machine)[old].tolist(), np.array(log.began)[old].tolist()))
    assert logs[0] == logs[1]
    later = cases[1].installed_bases[0].delivered[12:]
    np.testing.assert_allclose(later, (np.arange(8) + 0.5) * 36.5)


def test_machines_that_come_to_a_fleet_of_unknown_age_are_new():
    case = fleet_case(deliveries_per_year=10)
    left = WINDOW - case.installed_bases[0].delivered[12:]
    new = [fleet_renewal_count(Weibull(200.0, 3.0), np.zeros(1), days).mean for days in left]
    assert agree(12 * WINDOW / 200 + float(sum(new)), uses(case))


def test_equilibrium_says_itself_again_when_machines_of_unknown_age_retire_on_a_day():
    case = fleet_case({"start_date": "2026-01-01"}, retires_on="2026-06-30")
    assert agree(12 * 180 / 200, uses(case))
    record = play(case, plan(case, 99), 1, 0)
    assert record.availability.tolist() == [1.0]
    assert estimate_demand(case).rate.sum() * WINDOW == pytest.approx(12 * 180 / 200)


def test_ages_spread_over_a_distribution_below_the_retirement():
    law = {"exponential": {"mean": "3 years"}}
    base = fleet_case(age_distribution=law, retire_at="4 years").installed_bases[0]
    shares = (1 - np.exp(base.delivered / 1095)) / (1 - np.exp(-4 / 3))
    np.testing.assert_allclose(shares, (np.arange(12) + 0.5) / 12)

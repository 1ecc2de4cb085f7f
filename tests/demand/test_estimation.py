"""Demand by hand, by its laws, and against the simulation."""

import numpy as np
import pytest
from scipy import stats

from partsim.demand.estimation import estimate_demand, supply_lead_times
from partsim.lifetimes import Fixed, Weibull
from partsim.lifetimes.renewal import pipeline_variance_ratios
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario

DAY = 1 / 24  # hours in days

VALVE = {
    "price": 50,
    "lifetime": {"exponential": {"mean": "50 d"}},
    "supplier": "plant",
    "difficulty": "low",
    "customer_held": "25 %",
}
SERVICE = {
    "phone_fix": "20 %",
    "diagnosis_time": "1 h",
    "travel_time": "3 h",
    "repair_time": {"low": "2 h", "medium": "5 h", "high": "9 h"},
}


def two_parts(**changes):
    """Ten machines with two pumps and a valve each."""
    return scenario(
        parts={"valve": VALVE},
        machines={"mixer": {"positions": {"pump": 2, "valve": 1}}},
        service=SERVICE,
        **changes,
    )


def test_rates_follow_from_lives_positions_and_the_time_that_machines_run():
    demand = estimate_demand(two_parts())
    pump, valve = 2 / 100, 1 / 50  # failures per day that one machine runs
    by_phone = (pump + valve) * 0.2 / 0.8  # extra calls: 20 % of all calls
    downtime = pump * (1 + 3 + 5) + valve * (1 + 0.75 * 3 + 2) + by_phone * 1
    running = 10 / (1 + downtime * DAY)
    assert demand.availability == pytest.approx(running / 10, rel=1e-12)
    np.testing.assert_allclose(demand.rate[:, 0, 0], running * np.array([pump, valve]), rtol=1e-12)
    assert demand.phone_call_rate[0, 0] == pytest.approx(running * by_phone, rel=1e-12)
    assert demand.sources[:, 0].tolist() == [20, 10]


def test_by_calendar_age_machines_always_run_and_the_source_is_open():
    demand = estimate_demand(two_parts(ageing="calendar"))
    assert demand.availability.tolist() == [1.0]
    assert demand.sources.tolist() == [[0], [0]]
    np.testing.assert_allclose(demand.rate[:, 0, 0], [10 * 2 / 100, 10 / 50], rtol=1e-12)


def fleet_of(count):
    lifetime = {"weibull": {"mean": "100 d", "shape": 3}}
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": count}
    return estimate_demand(scenario(parts={"pump": {"lifetime": lifetime}}, fleets=[fleet]))


def test_the_size_of_a_fleet_scales_the_rate_but_not_the_variance_ratio():
    one, hundred = fleet_of(1), fleet_of(100)
    np.testing.assert_allclose(hundred.rate, 100 * one.rate, rtol=1e-12)
    np.testing.assert_array_equal(hundred.variance_ratio, one.variance_ratio)
    assert (one.sources.item(), hundred.sources.item()) == (1, 100)
    (expected,) = pipeline_variance_ratios([Weibull(100.0, 3.0)], [Fixed(20.0)])
    np.testing.assert_allclose(one.variance_ratio, expected, rtol=1e-12)


def two_echelons():
    """A central depot with approval, a field depot two days away, and one fleet at each."""
    fleet = {"machine": "mixer", "customers": "road"}
    return scenario(
        parts={"pump": {"lifetime": {"weibull": {"mean": "100 d", "shape": 3}}}},
        depots={"north": {"supplied_by": "centre", "transport_time": "2 d", "travel_time": "9 h"}},
        fleets=[fleet | {"depot": "centre", "count": 10}, fleet | {"depot": "north", "count": 5}],
        service=SERVICE,
        grading={"grades": {"A": {"approval_time": "7 d"}, "B": {"approval_time": "1 d"}}},
    )


def test_approval_lengthens_the_lead_time_of_the_root_only():
    demand = estimate_demand(two_echelons())
    assert demand.lead_time[0].tolist() == [[27, 21, 20], [2, 2, 2]]
    ratio = demand.variance_ratio[0]
    assert ratio[0, 0] < ratio[0, 1] < ratio[0, 2] < ratio[1, 0]
    assert len(set(ratio[1])) == 1


def test_supply_lead_times_are_the_suppliers_after_the_approval_of_the_grade():
    lead_times = supply_lead_times(two_echelons(), ["A"])
    assert [lead_time.mean for lead_time in lead_times] == [27.0]
    assert lead_times[0].survival([26.9, 27.1]).tolist() == [1, 0]


def test_every_fleet_has_its_own_depots_travel_time():
    demand = estimate_demand(two_echelons())
    calls = 1 / 100
    for availability, travel in zip(demand.availability, (3, 9), strict=True):
        downtime = calls * (1 + travel + 5) + calls / 4 * 1
        assert availability == pytest.approx(1 / (1 + downtime * DAY), rel=1e-12)
    np.testing.assert_array_equal(demand.rate[0, :, 0] > 0, [True, True])


def test_each_customer_group_demands_for_its_own_tier():
    tiers = {"first": {"customers": ["rail"], "promise": {"within": "8 h", "share": "95 %"}}}
    fleet = {"machine": "mixer", "depot": "centre"}
    fleets = [fleet | {"customers": "road", "count": 3}, fleet | {"customers": "rail", "count": 4}]
    demand = estimate_demand(scenario(tiers=tiers, fleets=fleets, ageing="calendar"))
    assert demand.tier_ids == ("everyone", "first")
    np.testing.assert_allclose(demand.rate[0, 0], [0.03, 0.04], rtol=1e-12)


def test_a_position_more_and_a_fleet_more_add_up():
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road"}
    apart = scenario(fleets=[fleet | {"count": 4}, fleet | {"count": 6}])
    together, apart = estimate_demand(scenario()), estimate_demand(apart)
    np.testing.assert_allclose(apart.rate, together.rate, rtol=1e-12)
    np.testing.assert_array_equal(apart.sources, together.sources)


def inside(expected, simulated):
    """Tell whether replications agree with an expected mean inside 99.9 %."""
    half = stats.t.ppf(0.9995, len(simulated) - 1) * stats.sem(simulated)
    return abs(np.mean(simulated) - expected) <= half


@pytest.mark.parametrize("ageing", ["calendar", "operating"])
def test_the_simulation_demands_as_much(ageing):
    case = two_parts(ageing=ageing, simulation={"years": 2, "warm_up": "200 d"})
    demand = estimate_demand(case)
    # stock for all: no call waits for a part, as the estimate assumes
    outcomes = [simulate(case, plan(case, 60), seed=seed, replications=2) for seed in range(12)]
    for p, part in enumerate(case.part_ids):
        per_year = [
            float(outcome.cells.set_index("part").loc[part, "demand_per_year"])
            for outcome in outcomes
        ]
        assert inside(demand.rate[p, 0, 0] * 365, per_year)
    calls = demand.rate.sum() + demand.phone_call_rate.sum()
    assert inside(calls * 365, [o.promises["calls_per_year"].sum() for o in outcomes])
    ran = [o.fleets["availability"].mean() for o in outcomes]
    assert ageing == "calendar" or inside(float(demand.availability[0]), ran)

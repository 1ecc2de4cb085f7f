"""Networks of machines, shelves, shops and people against exact formulas, within 99.9 %."""

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.overflow import overflow_table
from partsim.analytic.repair_shop import closed_loop
from partsim.simulation.call_log import SUMS
from tests.builders import plan, scenario
from tests.simulation.agreement import agree, records

CALLS, DISPATCH, PART_WAIT = (SUMS.index(name) for name in ("calls", "dispatch", "part_wait"))
PROMISE = {"within": "24 h", "share": "90 %"}
TEN_YEARS = {"years": 10, "warm_up": "2 years"}
TIERS = {
    "everyone": {"customers": ["road"], "promise": PROMISE, "priority": 2},
    "key": {"customers": ["rail"], "promise": PROMISE, "priority": 1},
}


def fleet(count, depot="centre", customers="road"):
    return {"machine": "mixer", "depot": depot, "customers": customers, "count": count}


def per_call(played, caller, what):
    return ([r.service[caller, i] for r in played] for i in (what, CALLS))


def test_machines_that_share_spares_and_a_repair_shop_are_a_closed_network():
    machines, spares, servers = 8, 2, 2
    repair = {
        "shop": "bench",
        "work_time": {"exponential": {"mean": "6 d"}},
        "return_time": {"gamma": {"mean": "9 d", "cv": 0.5}},
    }
    case = scenario(
        parts={"pump": {"lifetime": {"exponential": {"mean": "40 d"}}, "repair": repair}},
        repair_shops={"bench": {"servers": servers}},
        fleets=[fleet(machines)],
        simulation=TEN_YEARS,
    )
    exact = closed_loop(machines, spares, servers, 40.0, 6.0, 9.0)
    played = records(case, plan(case, spares), 80)
    assert agree(float(exact.availability), [r.availability[0] for r in played])
    assert agree(machines * (1 - float(exact.availability)), [r.backorders[0, 0] for r in played])
    assert agree(float(exact.failure_rate) * 3650, [r.requests[0, 0, 0] for r in played])


@pytest.mark.parametrize("allocation", ["shelf", "centre"])
def test_units_of_one_server_go_to_the_important_as_in_a_queue_with_preemption(allocation):
    # A unit is given when it is made, and what is being made is anybody's: those of the first
    # tier have the server of exponential works to themselves.
    work, rates = 6.0, {"key": 0.04, "everyone": 0.1}
    central = allocation == "centre"
    far = {d: {"supplied_by": "centre", "transport_time": "3 d"} for d in ("north", "south")}
    case = scenario(
        ageing="calendar",
        suppliers={"plant": {"capacity": 1, "lead_time": {"exponential": {"mean": f"{work} d"}}}},
        depots={"centre": {"supplied_by": "suppliers", "allocation": "priority"}} | far
        if central
        else {},
        fleets=[fleet(4, "north" if central else "centre", "rail"),
                fleet(10, "south" if central else "centre")],
        tiers=TIERS,
        simulation={"years": 15, "warm_up": "3 years"},
    )  # fmt: skip
    played = records(case, plan(case, 0), 60)

    def in_system(rate):
        return rate * work / (1 - rate * work)

    owed = {"key": in_system(rates["key"]), "all": in_system(sum(rates.values()))}
    owed["everyone"] = owed["all"] - owed["key"]
    for caller, tier in enumerate(("key", "everyone")):
        wait = owed[tier] / rates[tier] + 3 * central
        assert agree(wait, *per_call(played, caller, PART_WAIT))


def central_and_field_law(central_stock, lots, shares, rate, lead_time, transport):
    """Give the law of the units owed to a field depot and on their way, for one with `shares`."""
    n = np.arange(100)
    demand = stats.poisson.pmf(n, rate * lead_time)
    owed = np.zeros(100)
    for position in range(central_stock - lots + 1, central_stock + 1):  # uniform
        owed += np.bincount(np.maximum(n - position, 0), weights=demand, minlength=100) / lots
    split = sum(p * stats.binom.pmf(n, b, shares) for b, p in enumerate(owed))
    return np.convolve(split, stats.poisson.pmf(n, shares * rate * transport))[:100]


def check_shelf(played, depot, stock, law, side=0):
    x = np.arange(len(law))
    requests = [r.requests[side, 0, depot] for r in played]
    assert agree(law[:stock].sum(), [r.from_shelf[side, 0, depot] for r in played], requests)
    assert agree(np.maximum(x - stock, 0) @ law, [r.backorders[0, depot] for r in played])
    assert agree(np.maximum(stock - x, 0) @ law, [r.on_hand[0, depot] for r in played])


def test_lots_at_the_centre_of_two_echelons():
    # The position is uniform and knows nothing of the demand to come; whose demands are owed is
    # by chance.
    depots = {d: {"supplied_by": "centre", "transport_time": "4 d"} for d in ("north", "south")}
    case = scenario(
        ageing="calendar", depots=depots, fleets=[fleet(15, "north"), fleet(5, "south")],
        simulation=TEN_YEARS,
    )  # fmt: skip
    played = records(case, plan(case, [[4, 2, 1]], [[3, 1, 1]]), 80)
    for depot, stock, share in ((1, 2, 0.75), (2, 1, 0.25)):
        check_shelf(played, depot, stock, central_and_field_law(4, 3, share, 0.2, 20, 4))


def test_three_echelons_with_constant_times():
    # What a region owes is split among its fields as what the centre owes is among regions.
    depots = {
        "region": {"supplied_by": "centre", "transport_time": "6 d"},
        "north": {"supplied_by": "region", "transport_time": "3 d"},
        "south": {"supplied_by": "region", "transport_time": "3 d"},
    }
    case = scenario(
        ageing="calendar", depots=depots,
        fleets=[fleet(10, "north"), fleet(5, "south"), fleet(5, "centre")],
        simulation=TEN_YEARS,
    )  # fmt: skip
    played = records(case, plan(case, [[3, 2, 1, 1]]), 80)
    region = central_and_field_law(3, 1, 0.75, 0.2, 20, 6)
    check_shelf(played, 1, 2, region, side=1)
    n = np.arange(100)
    owed = np.bincount(np.maximum(n - 2, 0), weights=region, minlength=100)
    for depot, share in ((2, 2 / 3), (3, 1 / 3)):
        split = sum(p * stats.binom.pmf(n, b, share) for b, p in enumerate(owed))
        law = np.convolve(split, stats.poisson.pmf(n, share * 0.15 * 3))[:100]
        check_shelf(played, depot, 1, law)


def test_where_one_tier_goes_elsewhere_and_the_other_waits():
    case = scenario(
        ageing="calendar",
        suppliers={"plant": {"lead_time": {"gamma": {"mean": "20 d", "cv": 0.5}}}},
        fleets=[fleet(8, customers="rail"), fleet(8)],
        tiers=TIERS,
        emergency={"tiers": ["key"], "outside": {"time": "2 d"}},
        simulation=TEN_YEARS,
    )
    exact = overflow_table(3.2, 3.2, 0.5, 3)
    played = records(case, plan(case, 3), 80)
    empty = exact.empty[3]
    requests = np.array([r.requests[0, 0, 0] for r in played])
    assert agree(1 - empty, [r.from_shelf[0, 0, 0] for r in played], requests)
    assert agree(exact.on_hand[3], [r.on_hand[0, 0] for r in played])
    assert agree(0.08 * empty * 3650, [r.supply[0, 0] for r in played])
    assert agree(2 * empty, *per_call(played, 0, PART_WAIT))
    # Little: those that wait, over their rate.
    assert agree(exact.backorders[3] / 0.08, *per_call(played, 1, PART_WAIT))


def test_a_second_group_gets_what_the_first_cannot_take_as_in_two_servers_in_order():
    # States: nobody, the first, the second, and both with n waiting; one call a day, 1.2 days each.
    rate, served, most = 1.0, 1 / 1.2, 60
    both = 3
    flow = np.zeros((both + most, both + most))
    flow[0, 1], flow[2, both] = rate, rate
    flow[1, 0], flow[2, 0] = served, served
    flow[1, both] = rate
    flow[both, 1] = flow[both, 2] = served
    for state in range(both, both + most - 1):
        flow[state, state + 1] = rate
        flow[state + 1, state] = 2 * served
    balance = (flow - np.diag(flow.sum(axis=1))).T
    p = np.linalg.lstsq(
        np.vstack([balance, np.ones(both + most)]), np.eye(1, both + most + 1, both + most)[0]
    )[0]
    first_busy, second_busy = 1 - p[0] - p[2], 1 - p[0] - p[1]
    queue = np.arange(most) @ p[both:]
    case = scenario(
        ageing="calendar",
        parts={"pump": {"lifetime": {"exponential": {"mean": "40 d"}}}},
        fleets=[fleet(40)],
        technicians={name: {"depots": ["centre"], "number": 1} for name in ("first", "second")},
        service={"repair_time": {"exponential": {"mean": "1.2 d"}}},
        simulation={"years": 4, "warm_up": "1 year"},
    )
    played = records(case, plan(case, 999), 40)
    assert agree(queue / rate, *per_call(played, 0, DISPATCH))
    for group, busy in enumerate((first_busy, second_busy)):
        assert agree(busy, [r.technicians[group, 0] / (4 * 365) for r in played])


def test_a_machine_of_several_parts_runs_its_share_of_the_time_whatever_the_laws():
    # Renewals of working time: so many failures of each part, each with its mean time down.
    parts = {
        "pump": {"lifetime": {"exponential": {"mean": "50 d"}}, "difficulty": "high"},
        "hose": {"price": 10, "lifetime": {"exponential": {"mean": "80 d"}}, "supplier": "plant"},
    }
    case = scenario(
        parts=parts,
        machines={"mixer": {"positions": {"pump": 1, "hose": 2}}},
        service={"phone_fix": "25 %", "diagnosis_time": "6 h", "travel_time": "12 h",
                 "repair_time": {"lognormal": {"mean": "2 d", "cv": 1}}},
        simulation={"years": 10, "warm_up": "1 year"},
    )  # fmt: skip
    failures = 1 / 50 + 2 / 80  # a working day
    phone = failures / 3  # a quarter of all calls
    down = failures * (0.25 + 0.5 + 2) + phone * 0.25
    played = records(case, plan(case, 999), 60)
    assert agree(1 / (1 + down), [r.availability[0] for r in played])
    requests = np.array([r.requests[0, :, 0] for r in played])
    for number, rate in enumerate((1 / 50, 2 / 80)):
        assert agree(10 * rate / (1 + down) * 3650, requests[:, case.part_ids.index(
            ("pump", "hose")[number])])  # fmt: skip

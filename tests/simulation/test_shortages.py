"""Emergency, lateral transshipment, reserves and priorities, against exact formulas and by hand."""

import numpy as np
import pytest

from partsim.analytic.emergency_supply import emergency_measures, erlang_loss
from partsim.analytic.pooling_chain import pooling_chain
from partsim.analytic.reserved_stock import reserved_emergency, threshold_clearing
from partsim.simulation.replication import build, play
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario
from tests.simulation.agreement import agree
from tests.simulation.agreement import records as _records

GAMMA = {"gamma": {"mean": "20 d", "cv": 0.5}}
EXPONENTIAL = {"exponential": {"mean": "20 d"}}


def records(case, decision):
    return _records(case, decision, replications=60)


def open_case(**changes):
    run = {"years": 10, "warm_up": "1 year", "replications": 5}
    return scenario(**{"ageing": "calendar", "simulation": run, **changes})


def fleet(depot, count, customers="road"):
    return {"machine": "mixer", "depot": depot, "customers": customers, "count": count}


def two_tiers(first=(), last=(), **changes):
    """Give 4 machines of a first tier and 12 of a last one at one depot, one demand in 100 d."""
    promise = {"within": "24 h", "share": "90 %"}
    return open_case(
        fleets=[fleet("centre", 4, "rail"), fleet("centre", 12)],
        tiers={
            "everyone": {"customers": ["road"], "promise": promise, "priority": 2} | dict(last),
            "key": {"customers": ["rail"], "promise": promise} | dict(first),
        },
        suppliers={"plant": {"lead_time": GAMMA}},
        **changes,
    )


def fill(played, depot=0):
    requests = [r.requests[0, 0, depot] for r in played]
    return [r.from_shelf[0, 0, depot] for r in played], requests


def test_emergency_from_outside_agrees_with_erlangs_loss_formula():
    outside = {"time": "2 d", "cost": 800}
    case = open_case(suppliers={"plant": {"lead_time": GAMMA}}, emergency={"outside": outside})
    played = records(case, plan(case, 3))
    exact = emergency_measures(10 / 100, 20, 3)
    assert agree(exact.fill_rate.item(), *fill(played))
    assert agree(exact.on_hand.item(), [r.on_hand[0, 0] for r in played])
    assert agree(exact.emergency_rate.item() * 2, [r.backorders[0, 0] for r in played])
    assert agree(exact.emergency_rate.item() * 3650 * 800, [r.supply_costs[0] for r in played])
    # All that waits waits for an emergency shipment of two days.
    late = sum(n - k for k, n in zip(*fill(played), strict=True))
    assert sum(r.waited[0, 0, 0] for r in played) == pytest.approx(2 * late, rel=1e-9)


def test_emergency_from_a_full_centre_agrees_with_erlangs_loss_formula_and_leaves_the_orders():
    case = open_case(
        depots={"north": {"supplied_by": "centre", "transport_time": "15 d"}},
        fleets=[fleet("north", 20)],
        emergency={"central": {"time": "1 d"}, "outside": {"time": "3 d"}},
    )
    played = records(case, plan(case, [[99, 2]]))
    assert agree(1 - erlang_loss(3.0, 2).item(), *fill(played, 1))
    central, outside = (np.array([r.supply[i, 0] for r in played]) for i in (0, 1))
    assert agree(erlang_loss(3.0, 2).item() * 0.2 * 3650, central)
    assert not outside.any()
    lacking = 2 - np.array([r.on_hand[0, 1] for r in played])
    on_the_way = np.array([r.in_transit[0] for r in played])
    assert (on_the_way - lacking) * 3650 == pytest.approx(central, abs=3)  # one day each


@pytest.mark.parametrize("hold_back", [0, 1])
def test_lateral_transshipment_agrees_with_the_markov_chain_of_the_pooling_group(hold_back):
    depots = {
        "centre": {"supplied_by": "suppliers", "lateral": ["west", "east"]},
        "west": {"supplied_by": "suppliers", "lateral": ["east"], "hold_back": hold_back},
        "east": {"supplied_by": "suppliers", "lateral": ["centre", "west"]},
    }
    case = open_case(
        depots=depots,
        fleets=[fleet("centre", 10), fleet("west", 5), fleet("east", 8)],
        suppliers={"plant": {"lead_time": EXPONENTIAL}},
        lateral={"time": "1 d", "cost": 100},
        emergency={"outside": {"time": "3 d", "cost": 900}},
    )
    played = records(case, plan(case, [[2, 2, 1]]))
    rates = np.array([10, 5, 8]) / 100
    asks = [[1, 2], [2, -1], [0, 1]]
    exact = pooling_chain(rates, 20.0, [2, 2, 1], asks, [0, hold_back, 0])
    for depot in range(3):
        requests = [r.requests[0, 0, depot] for r in played]
        assert agree(exact.own[depot], [r.from_shelf[0, 0, depot] for r in played], requests)
        assert agree(exact.lateral[depot], [r.supply[depot, 0] for r in played], requests)
        assert agree(exact.emergency[depot], [r.supply[3 + depot, 0] for r in played], requests)
        assert agree(exact.on_hand[depot], [r.on_hand[0, depot] for r in played])


def tier_fill(case, played, exact_rates):
    """Give what each tier got at once, from its responses: no other time is in this case."""
    for f in range(2):
        at_once = [np.count_nonzero(r.responses[f].each() == 0) for r in played]
        assert agree(exact_rates[f], at_once, [len(r.responses[f]) for r in played])


def test_reserved_stock_with_emergency_agrees_with_the_exact_loss_system():
    case = two_tiers({"reserved_stock": 2}, emergency={"outside": {"time": "2 d"}})
    exact = reserved_emergency([0.04, 0.12], 20.0, 4, [0, 2])
    played = records(case, plan(case, 4))
    tier_fill(case, played, exact.fill_rate)
    assert agree(exact.on_hand.item(), [r.on_hand[0, 0] for r in played])


def test_reserved_stock_that_owes_agrees_where_the_formula_is_exact():
    case = two_tiers({"reserved_stock": 1})
    played = records(case, plan(case, 4))
    last = threshold_clearing([0.04, 0.12], 20.0, 4, [0, 1]).fill_rate[1]
    at_once = [np.count_nonzero(r.responses[1].each() == 0) for r in played]
    assert agree(last, at_once, [len(r.responses[1]) for r in played])
    # A base stock less the mean in resupply, whoever gets the units.
    assert agree(4 - 3.2, [r.on_hand[0, 0] - r.backorders[0, 0] for r in played])


def test_priority_changes_who_waits_and_not_how_many_do():
    plain, ranked = two_tiers(last={"priority": 1}), two_tiers()
    one, other = (play(case, plan(case, 2), 1, 0) for case in (plain, ranked))
    assert other.backorders == pytest.approx(one.backorders, rel=1e-9)
    assert other.responses[0].each().mean() < one.responses[0].each().mean()
    assert other.responses[1].each().mean() > one.responses[1].each().mean()


def test_reserved_stock_never_lets_a_call_wait_for_a_unit_that_nobody_orders():
    case = two_tiers({"reserved_stock": 9})
    record = play(case, plan(case, 1), 1, 0)
    assert len(record.responses[1]) > 100
    assert record.responses[1].each().max() < 1000


def test_a_reserve_of_the_whole_base_stock_leaves_nothing_on_the_shelf_for_the_last_tier():
    case = two_tiers({"reserved_stock": 9})
    key, last = (times.each() for times in play(case, plan(case, 2), 1, 0).responses)
    assert key.min() == 0
    assert last.min() > 0


def test_calls_that_outrun_a_supplier_end_although_the_last_tier_never_has_its_turn():
    case = two_tiers({"reserved_stock": 1})
    plant = case.suppliers["plant"].model_copy(update={"capacity": 1})  # 20 days for each of 0.16
    case = case.model_copy(update={
        "suppliers": {"plant": plant},
        "simulation": case.simulation.model_copy(update={"years": 1.0}),
    })  # fmt: skip
    key, last = (times.each() for times in play(case, plan(case, 1), 1, 0).responses)
    assert key.mean() < last.mean()
    assert last.max() > 300


def test_a_refill_that_nobody_waits_for_gets_no_emergency_shipment():
    case = open_case(
        parts={"pump": {"customer_held": "100 %"}}, emergency={"outside": {"time": "2 d"}}
    )
    record = play(case, plan(case, 0), 1, 0)
    assert record.requests[0, 0, 0] > 300
    assert record.supply[0, 0] == 0


def test_emergency_for_some_tiers_leaves_the_others_waiting():
    case = two_tiers(emergency={"tiers": ["key"], "outside": {"time": "2 d"}})
    record = play(case, plan(case, 0), 1, 0)
    assert record.responses[0].each() == pytest.approx(2.0, rel=1e-9)
    assert record.responses[1].each().min() > 2


@pytest.mark.parametrize(("within", "most"), [("30 d", 20), ("10 d", 10)])
def test_by_promise_only_calls_that_would_wait_too_long_get_an_emergency_shipment(within, most):
    case = open_case(
        tiers={"everyone": {"promise": {"within": within, "share": "90 %"}}},
        emergency={"when": "promise", "outside": {"time": "2 d"}},
    )
    record = play(case, plan(case, 1), 1, 0)  # resupply takes 20 days, so nobody waits 30
    waits = record.responses[0].each()
    waits = waits[waits > 0]
    assert waits.max() <= most + 1e-9
    assert np.count_nonzero(np.abs(waits - 2) < 1e-9) == record.supply[0, 0]
    assert (record.supply[0, 0] > 0) == (most == 10)
    assert np.any((waits > 2.001) & (waits <= most))  # who can wait does


def test_calls_that_would_wait_too_long_are_those_that_erlang_loses():
    # With a fixed lead time of 20 days, no unit is due within 8 of them if as many calls as there
    # are units waited for the shelf in the last 12: each of them holds a server so long.
    case = open_case(
        tiers={"everyone": {"promise": {"within": "8 d", "share": "90 %"}}},
        emergency={"when": "promise", "outside": {"time": "2 d"}},
    )
    played = records(case, plan(case, 3))
    requests = [r.requests[0, 0, 0] for r in played]
    assert agree(erlang_loss(0.1 * 12, 3).item(), [r.supply[0, 0] for r in played], requests)


def test_central_allocation_by_priority_sends_the_unit_to_where_the_key_customer_waits():
    depots = {d: {"supplied_by": "centre", "transport_time": "1 d"} for d in ("north", "south")}
    promise = {"within": "24 h", "share": "90 %"}
    tiers = {
        "everyone": {"customers": ["road"], "promise": promise, "priority": 2},
        "key": {"customers": ["rail"], "promise": promise},
    }
    fleets = [fleet("north", 8), fleet("south", 8, "rail")]
    means = []
    for allocation in ("first_come", "priority"):
        centre = {"supplied_by": "suppliers", "allocation": allocation}
        case = open_case(depots={"centre": centre} | depots, fleets=fleets, tiers=tiers)
        record = play(case, plan(case, [[1, 0, 0]]), 1, 0)
        means.append([times.days / len(times) for times in record.responses])
        total = record.backorders[0, 0]
    assert means[1][1] < means[0][1]
    assert means[1][0] > means[0][0]
    assert total > 0


def test_costs_and_figures_of_shortages_stand_in_their_tables():
    case = open_case(emergency={"outside": {"time": "2 d", "cost": 800}})
    outcome = simulate(case, plan(case, 2))
    row = outcome.supply.iloc[0]
    name = "emergency shipments from outside to"
    assert (row.measure, row.place, row.unit) == (name, "centre", "units per year")
    assert row.value_low <= row.value <= row.value_high
    costs = outcome.costs.set_index("cost")["per_year"]
    assert costs["emergency"] == pytest.approx(800 * row.value, rel=1e-9)


def test_equal_priorities_and_no_rules_leave_everything_as_it_was():
    case = scenario()
    network = build(case, plan(case, 2), seed=1, replication=0)
    assert network.supply.shipments == {}
    assert network.shelves[0][0].tiers == {}

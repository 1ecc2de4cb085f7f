"""Suppliers, approvers, repair shops and reviews, against exact formulas and by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from partsim.analytic.order_up_to import order_up_to_measures
from partsim.analytic.periodic_review import order_up_to_cost, periodic_review_measures
from partsim.analytic.repair_shop import (
    repair_shop,
    shared_shop,
    shop_backorders,
    turnaround_beyond,
)
from partsim.demand.lead_times import disrupted
from partsim.lifetimes import Exponential, Fixed, Gamma
from partsim.model.grading_rules import GradeRules
from partsim.simulation.disruptions import Disruptions
from partsim.simulation.events import Clock
from partsim.simulation.replenishment import Replenished, at_reviews
from partsim.simulation.replication import play
from partsim.simulation.servers import Servers
from partsim.simulation.simulation import simulate
from partsim.simulation.streams import Streams
from partsim.simulation.supply_measures import supply_costs
from tests.builders import plan, scenario
from tests.simulation.agreement import agree
from tests.simulation.agreement import records as _records

GAMMA = {"gamma": {"mean": "20 d", "cv": 0.5}}
EXPONENTIAL = {"exponential": {"mean": "20 d"}}
RATE = 10 / 100
"""Demand of ten machines [per day]."""


def records(case, decision, replications=60):
    return _records(case, decision, replications)


def open_case(plant=(), **changes):
    """Give ten machines at one depot; `plant` are keys of its supplier."""
    run = {"years": 10, "warm_up": "2 years"}
    suppliers = {"plant": {"kind": "own", "lead_time": GAMMA} | dict(plant)}
    changes["suppliers"] = suppliers | changes.get("suppliers", {})
    return scenario(**{"ageing": "calendar", "simulation": run, **changes})


def check_shelf(played, fill_rate, backorders, on_hand):
    requests = [r.requests[0, 0, 0] for r in played]
    assert agree(fill_rate, [r.from_shelf[0, 0, 0] for r in played], requests)
    assert agree(backorders, [r.backorders[0, 0] for r in played])
    assert agree(on_hand, [r.on_hand[0, 0] for r in played])


def check_law(played, S, law):
    """Check a shelf of which the units in resupply have this law, at demands too."""
    x = np.arange(len(law))
    check_shelf(played, law[:S].sum(), np.maximum(x - S, 0) @ law, np.maximum(S - x, 0) @ law)


def test_orders_that_do_not_overtake_agree_with_the_exact_law_of_the_oldest_under_way():
    # On order are all placed since the oldest that is still on its way by itself, of age T with
    # P(T <= t) = exp(-rate E[(L - t)+]); after it orders are Poisson, whatever became of them.
    case = open_case({"sequential": True})
    lead_time, n = Gamma.from_cv(20.0, 0.5), np.arange(60)

    def density(t):
        return RATE * lead_time.survival(t) * np.exp(-RATE * lead_time.excess(t))

    law = np.zeros(60)
    law[0] = np.exp(-RATE * 20)
    for k in n[1:]:
        more = lambda t, k=k: density(t) * stats.poisson.pmf(k - 1, RATE * t)  # noqa: E731
        law[k] = integrate.quad(more, 0, 150, epsabs=1e-10)[0]
    assert law.sum() == pytest.approx(1, abs=1e-7)
    check_law(records(case, plan(case, 3)), 3, law)


@pytest.mark.parametrize(("servers", "base_stock"), [(1, 3), (3, 4)])
def test_a_suppliers_capacity_agrees_with_the_exact_backorders_of_c_servers(servers, base_stock):
    work = 8.0 * servers
    lead_time = {"exponential": {"mean": f"{work} d"}}
    case = open_case({"capacity": servers, "lead_time": lead_time})
    played = records(case, plan(case, base_stock))
    owed = shop_backorders(RATE, work, servers, base_stock)[0].item()
    shop = repair_shop(RATE, work, servers)
    assert agree(owed, [r.backorders[0, 0] for r in played])
    assert agree(base_stock + owed - shop.mean.item(), [r.on_hand[0, 0] for r in played])
    days, use = (np.array([r.supply[i] for r in played]) for i in (0, 1))
    assert agree(shop.turnaround.item(), *days.T)
    assert agree(shop.utilisation.item(), *use.T)


def test_the_queue_for_approval_agrees_with_the_exact_law_of_c_servers():
    rules = {"approvers": 2, "approval_work": "14 d"}
    grades = {"C": rules | {"approval_time": "20 d"}}
    case = open_case({"lead_time": "0 d"}, grading={"grades": grades})
    played = records(case, plan(case, 3))
    days, in_time, use = (np.array([r.supply[i] for r in played]) for i in range(3))
    assert agree(repair_shop(RATE, 14.0, 2).turnaround.item(), *days.T)
    assert agree(1 - turnaround_beyond(RATE, 14.0, 2, 20.0).item(), *in_time.T)
    assert agree(RATE * 14 / 2, *use.T)
    assert agree(shop_backorders(RATE, 14.0, 2, 3)[0].item(), [r.backorders[0, 0] for r in played])


def test_a_repair_shop_shared_by_two_parts_agrees_with_the_exact_mean_of_each():
    repair = {"shop": "bench", "work_time": {"exponential": {"mean": "6 d"}}, "cost": 50}
    pump = {"price": 1000, "lifetime": {"exponential": {"mean": "100 d"}}, "supplier": "plant"}
    pipe = pump | {"lifetime": {"exponential": {"mean": "300 d"}}}
    case = open_case(
        parts={"pump": pump | {"repair": repair}, "pipe": pipe | {"repair": repair}},
        machines={"mixer": {"positions": {"pump": 1, "pipe": 1}}},
        repair_shops={"bench": {"servers": 1}},
    )
    played = records(case, plan(case, [[3], [2]]))
    rate = RATE + 10 / 300
    for p, (S, share) in enumerate(((3, 0.75), (2, 0.25))):
        mean = shared_shop(rate, 6.0, 1, share)[0].item()
        assert agree(S - mean, [r.on_hand[p, 0] - r.backorders[p, 0] for r in played])
    assert agree(rate * 3650 * 50, [r.supply_costs[0] for r in played])
    assert not any(r.orders.any() for r in played)


def test_returned_repaired_and_condemned_units_agree_with_palms_formula():
    repair = {
        "shop": "bench",
        "work_time": GAMMA,
        "return_time": {"exponential": {"mean": "10 d"}},
        "condemned": "30 %",
    }
    case = open_case(
        {"lead_time": "40 d"},
        parts={"pump": {"repair": repair}},
        repair_shops={"bench": {}},
        grading={"grades": {"C": {"approval_time": "5 d"}}},
    )
    mean = RATE * (10 + 0.7 * 20 + 0.3 * 45)
    played = records(case, plan(case, 4))
    check_law(played, 4, stats.poisson.pmf(np.arange(60), mean))
    assert agree(0.3 * RATE * 3650, [r.orders[0] for r in played])


def test_a_second_source_for_slow_orders_agrees_with_palms_formula():
    lead_time = Exponential(20.0)
    case = open_case(
        {"lead_time": EXPONENTIAL, "second_source": {"supplier": "other", "longer_than": "25 d",
                                                     "surcharge": "40 %"}},
        suppliers={"other": {"kind": "own", "lead_time": "8 d"}},
    )  # fmt: skip
    late = lead_time.survival(25.0).item()
    in_time = 20 - lead_time.excess(25.0).item() - 25 * late
    played = records(case, plan(case, 2))
    check_law(played, 2, stats.poisson.pmf(np.arange(60), RATE * (in_time + late * 8)))
    assert agree(late * RATE * 3650 * 400, [r.supply_costs[0] for r in played])


def test_disruptions_agree_with_the_exact_mean_and_variance_of_a_disrupted_work():
    streams = [Streams(5, n) for n in range(2000)]
    clock, lasting = Clock(0.0, 999.0), Exponential(30.0)
    ends = np.array(
        [Disruptions(clock, 60.0, lasting, s, "plant").end_of(50.0, 20.0) - 50 for s in streams]
    )
    mean, variance = disrupted((20.0, 0.0), 60.0, lasting)  # a gamma's third moment is exact here
    assert agree(mean, ends)
    assert agree(variance, (ends - mean) ** 2)


def test_disruptions_in_a_scenario_lengthen_lead_times_as_the_formula_says():
    rules = {"every": "100 d", "lasting": {"fixed": "40 d"}}
    case = open_case({"lead_time": "20 d", "disruptions": rules})
    played = records(case, plan(case, 3))
    mean = disrupted((20.0, 0.0), 100.0, Fixed(40.0))[0]
    assert agree(mean, *np.array([r.supply[0] for r in played]).T)
    assert agree(3 - RATE * mean, [r.on_hand[0, 0] - r.backorders[0, 0] for r in played])


def test_while_a_supplier_is_disrupted_all_orders_stand_still():
    disruptions = Disruptions(Clock(0, 99), 10.0, Fixed(5.0), Streams(1, 0), "plant")
    disruptions._begins, disruptions._ends = [10.0, 20.0], [15.0, 25.0]
    for begins, work, ends in ((8, 1, 9), (8, 4, 17), (12, 4, 19), (15, 5, 20), (8, 9, 27)):
        assert disruptions.end_of(begins, work) == ends
    one = Servers(Clock(0, 99), 1, disruptions)
    assert [one.accept(t, 4.0) for t in (8.0, 9.0)] == [17.0, 26.0]
    assert [disruptions.under_way(t) for t in (9.9, 10, 14.9, 15)] == [False, True, True, False]


def test_past_disruptions_are_forgotten_and_those_to_come_are_the_same():
    clock, times = Clock(0.0, 9e4), np.arange(5.0, 9e4, 50.0)
    ahead, along = (
        Disruptions(c, 60.0, Exponential(30.0), Streams(1, 0), "plant")
        for c in (Clock(0.0, 9e4), clock)
    )
    known = [ahead.end_of(t, 20.0) for t in times]
    for t, end in zip(times, known, strict=True):
        clock.now = t
        assert along.end_of(t, 20.0) == end
    assert len(ahead._ends) > 900
    assert len(along._ends) < 5


def test_orders_in_a_disruption_go_to_the_second_source():
    rules = {"disruptions": {"every": "100 d", "lasting": "100 d"},
             "second_source": {"supplier": "other"}, "lead_time": "1 d"}  # fmt: skip
    case = open_case(rules, suppliers={"other": {"kind": "own", "lead_time": "2 d"}})
    played = records(case, plan(case, 0))
    second = np.array([r.supply[1, 0] for r in played])
    assert agree(RATE * 3650 / 2, second)
    assert max(r.responses[0].each().max() for r in played) > 50  # what was under way is held up


@pytest.mark.parametrize("base_stock", [3, 5])
def test_periodic_review_agrees_with_the_exact_formula(base_stock):
    grades = {"C": {"review_period": "14 d"}}
    case = open_case({"lead_time": "20 d"}, grading={"grades": grades})
    exact = periodic_review_measures(RATE, 20.0, 14.0, base_stock)
    played = records(case, plan(case, base_stock))
    check_shelf(played, exact.fill_rate.item(), exact.backorders.item(), exact.on_hand.item())


@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=30),
)
@settings(max_examples=100)
def test_servers_work_on_as_many_things_as_they_are_in_the_order_of_arrival(count, jobs):
    servers, now, works = Servers(Clock(0.0, 1000.0), count), 0, []
    for gap, work in jobs:
        now += gap
        ends = servers.accept(float(now), float(work))
        works.append((now, ends - work, ends))
    assert [begins for _, begins, _ in works] == sorted(begins for _, begins, _ in works)

    def in_work(moment):
        return sum(begins <= moment < ends for _, begins, ends in works)

    for arrives, begins, _ in works:
        assert begins >= arrives
        assert in_work(begins) <= count
        # All are at work as long as somebody waits.
        assert all(in_work(moment) == count for moment in range(arrives, int(begins)))
    assert servers.held_days == sum(work for _, work in jobs)


def test_periodic_review_with_a_reorder_point_agrees_with_the_renewals_of_its_positions():
    s, S, review = 2, 6, 14.0
    demand = stats.poisson.pmf(np.arange(40), RATE * review)

    def reviews_in_a_cycle(reorder_point):  # what one more unit of order cost costs per review
        dearer, cheaper = (order_up_to_cost(demand, 0, reorder_point, S, K, 1, 1) for K in (2, 1))
        return 1 / (dearer - cheaper)

    visits = np.diff([0.0] + [reviews_in_a_cycle(y - 1) for y in range(S, s, -1)])
    levels = np.arange(S, s, -1)
    owed = periodic_review_measures(RATE, 20.0, review, levels).backorders @ visits / visits.sum()
    grades = {"C": {"review_period": f"{review} d"}}
    case = open_case({"lead_time": "20 d"}, grading={"grades": grades})
    played = records(case, plan(case, S, S - s))
    assert agree(3650 / review / visits.sum(), [r.orders[0] for r in played])
    assert agree(owed, [r.backorders[0, 0] for r in played])


def reviewed(**pump):
    grades = {"C": {"review_period": "14 d"}}
    return open_case({"lead_time": "20 d"}, parts={"pump": pump}, grading={"grades": grades})


def test_reviews_order_whole_packs():
    """Reviews leave 0, 1 and 2 of a pack of 3 missing equally often, for demand is Poisson."""
    case, S = reviewed(order_multiple=3), 6
    exact = periodic_review_measures(RATE, 20.0, 14.0, S - np.arange(3))
    played = records(case, plan(case, S, 3))
    check_shelf(played, exact.fill_rate.mean(), exact.backorders.mean(), exact.on_hand.mean())


def test_reviews_order_no_less_than_the_supplier_delivers():
    free, bound = reviewed(), reviewed(min_order=3)
    for number in range(3):
        one, other = play(free, plan(free, 6, 3), 1, number), play(bound, plan(bound, 6), 1, number)
        assert one.orders.tolist() == other.orders.tolist()
        assert one.backorders.tolist() == other.backorders.tolist()


@pytest.mark.parametrize(
    ("missing", "ordered"), [(2, []), (3, [6]), (4, [6]), (7, [6]), (8, [8]), (11, [10])]
)
def test_a_review_orders_whole_packs_or_waits_as_long_as_no_call_does(missing, ordered):
    """Level 2, 6 units at least, packs of 2: a third unit missing is a call that waits."""
    orders, clock = [], Clock(0.0, 1.0)
    shelf = SimpleNamespace(
        reorder_point=1, order_quantity=1, position=2 - missing, place_order=orders.append
    )
    rules = GradeRules(review_period="1 d")
    at_reviews(Replenished(clock, shelf, 0, rules, lambda: 0.5, least=6, pack=2))
    clock.run(until=1.0)
    assert orders == ordered


def test_orders_up_to_the_level_agree_with_the_exact_formula_where_units_go_in_pairs():
    s, S = 2, 7
    needy = {"ring": {"price": 5, "lifetime": {"exponential": {"mean": "200 d"}},
                      "supplier": "plant"}, "pump": {"needs": {"ring": 2}}}  # fmt: skip
    case = open_case(
        {"lead_time": "20 d"}, parts=needy,
        machines={"mixer": {"positions": {"pump": 1, "ring": 1}}},
        grading={"grades": {"C": {"ordering": "up_to"}}},
    )  # fmt: skip
    p = case.part_ids.index("ring")
    levels, lots = np.full((2, 1), 30), np.ones((2, 1), int)
    levels[p], lots[p] = S, S - s
    played = records(case, plan(case, levels, lots))
    batches = 0.1 + 0.05  # a day: pairs for pumps, single rings for rings
    exact, per_order = order_up_to_measures(batches * 20, [0, 1 / 3, 2 / 3], s, S)
    requests = [r.requests[0, p, 0] for r in played]
    assert agree(exact.fill_rate, [r.from_shelf[0, p, 0] for r in played], requests)
    assert agree(exact.backorders, [r.backorders[p, 0] for r in played])
    assert agree(exact.on_hand, [r.on_hand[p, 0] for r in played])
    assert agree(3650 * batches / per_order, [r.orders[p] for r in played])


def test_single_units_ordered_up_to_the_level_are_lots():
    lots = open_case()
    up_to = open_case(grading={"grades": {"C": {"ordering": "up_to"}}})
    one, other = (play(case, plan(case, 5, 3), 1, 0) for case in (lots, up_to))
    for name in ("requests", "from_shelf", "waited", "on_hand", "orders"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


def test_used_units_cost_holding_until_they_are_repaired_and_condemned_ones_are_bought():
    repair = {"shop": "bench", "work_time": "15 d", "return_time": "5 d", "condemned": "20 %",
              "used_value": "40 %"}  # fmt: skip
    case = open_case(parts={"pump": {"repair": repair}}, repair_shops={"bench": {}},
                     costs={"purchases": "yes"})  # fmt: skip
    played = records(case, plan(case, 3))
    assert [*supply_costs(case)] == ["repair", "in_repair", "purchases"]
    _, in_repair, purchases = np.array([r.supply_costs for r in played]).T
    used = RATE * (5 + 0.8 * 15)  # at a time, by Little's law
    assert agree(used * 0.4 * 1000 * 0.2 * 10, in_repair)
    assert agree(RATE * 3650 * 0.2 * 1000, purchases)


@pytest.mark.parametrize(("rules", "lot"), [({}, 1), ({"capacity": 99}, 4)])
def test_purchases_are_what_is_used_at_its_price(rules, lot):
    case = open_case(rules, costs={"purchases": "yes"})
    played = records(case, plan(case, 5, lot))
    assert agree(RATE * 3650 * 1000, [r.supply_costs[-1] for r in played])
    outcome = simulate(case, plan(case, 5, lot), replications=2)
    assert outcome.costs["cost"].tolist()[-1] == "purchases"


def test_servers_are_held_by_what_came_before_the_window_and_not_by_what_they_do_after_it():
    (one, two) = (Servers(Clock(10.0, 20.0), count) for count in (1, 2))
    for arrives, work in ((0.0, 12.0), (1.0, 5.0), (14.0, 100.0)):
        one.accept(arrives, work)
        two.accept(arrives, work)
    assert one.held_days == 10  # never free: 12, then 5 until 17, then on and on
    assert two.held_days == 2 + 6  # until 12, from 14 on


def test_no_server_is_used_for_more_than_all_the_time():
    repair = {"shop": "bench", "work_time": {"exponential": {"mean": "30 d"}}}
    case = open_case(parts={"pump": {"repair": repair}}, repair_shops={"bench": {"servers": 1}})
    outcome = simulate(case, plan(case, 2), replications=3)
    use = outcome.supply[outcome.supply["measure"] == "use of the repair shop"].iloc[0]
    assert use["value"] == pytest.approx(1)  # asked for three times what it can do
    assert use["value"] <= use["value_high"] <= 1


def test_supply_figures_and_costs_stand_in_their_tables():
    grades = {"C": {"approvers": 1, "approval_work": "1 d", "approval_time": "2 d"}}
    repair = {"shop": "bench", "work_time": "5 d", "condemned": "20 %", "cost": 70}
    case = open_case(
        {"capacity": 3, "second_source": {"supplier": "other", "longer_than": "30 d"}},
        suppliers={"other": {"kind": "own", "lead_time": "2 d"}},
        parts={"pump": {"repair": repair}},
        repair_shops={"bench": {"servers": 2}},
        grading={"grades": grades},
    )
    outcome = simulate(case, plan(case, 2), replications=3)
    assert outcome.supply["measure"].tolist() == [
        "approval time", "approved within approval_time", "use of the approvers",
        "lead time of orders", "use of the capacity", "time in the repair shop",
        "use of the repair shop", "units from the second source",
    ]  # fmt: skip
    assert (outcome.supply["value"] > 0).all()
    assert outcome.costs["cost"].tolist()[-2:] == ["repair", "second_source"]
    assert play(case, plan(case, 2), 1, 0).supply_costs[0] % 70 == 0

"""Plans by age and warranty: who is in which tier when, in demand, simulation and tables."""

import numpy as np
import pytest

from partsim import evaluate
from partsim.demand.estimation import estimate_demand
from partsim.report.plain_text import scenario_text
from partsim.simulation.replication import build, play
from partsim.simulation.response_times import RESOLUTION, together
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario
from tests.simulation.agreement import agree, records
from tests.simulation.test_technicians import chance_of_waiting

PROMISE = {"within": "24 h", "share": "90 %"}
YEAR = 365


def aged(*plans, fleet=None, gold=None, **changes):
    """Machines of 0 and 3 years that fail by chance; the tier gold has no customers of its own."""
    first = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 10}
    tree = {
        "ageing": "calendar",
        "machines": {"mixer": {"positions": {"pump": 1}, "warranty": "1 year"}},
        "fleets": [first | ({"ages": ["0 d", "3 years"]} if fleet is None else fleet)],
        "simulation": {"years": 2, "warm_up": "0 d"},
    }
    if plans:
        tree["tiers"] = {"gold": {"customers": ["rail"], "promise": PROMISE} | (gold or {})}
    return scenario(**tree | {"plans": list(plans)} | changes)


def shares(case):
    """Give the machine years of everyone and gold."""
    days = {"everyone": 0.0, "gold": 0.0}
    for f, phases in enumerate(case.tier_phases):
        for tier, there in zip(phases.tiers, case.machine_days(f), strict=True):
            days[tier] += there
    return [days["everyone"] / YEAR, days["gold"] / YEAR]


@pytest.mark.parametrize(
    ("plans", "fleet", "years"),
    [
        # Five machines go from 0 to 2 years of age, five from 3 to 5.
        ([{"younger_than": "1 year", "tier": "gold"}], None, [15, 5]),
        ([{"older_than": "4 years", "tier": "gold"}], None, [15, 5]),
        ([{"older_than": "18 months", "younger_than": "54 months", "tier": "gold"}],
         None, [10, 10]),
        ([{"warranty": "in", "tier": "gold"}], None, [15, 5]),
        ([{"warranty": "after", "tier": "gold"}], None, [5, 15]),
        ([{"tier": "gold", "machines": ["mixer"]}, {"older_than": "1 year", "tier": "everyone"}],
         None, [15, 5]),
        ([{"older_than": "1 year", "tier": "gold"}, {"older_than": "4 years", "tier": "everyone"}],
         None, [10, 10]),
        ([{"warranty": "in", "younger_than": "6 months", "tier": "gold"}], None, [17.5, 2.5]),
        ([{"warranty": "in", "tier": "gold"}], {"in_warranty": "30 %"}, [14, 6]),
        ([{"warranty": "in", "tier": "gold"}],
         {"ages": "new", "retire_at": "18 months"}, [5, 10]),
        # One machine a year comes, in the middle of each.
        ([{"older_than": "1 year", "tier": "gold"}],
         {"ages": "6 months", "count": 2, "deliveries_per_year": 1}, [2.5, 3.5]),
    ],
)  # fmt: skip
def test_machines_are_in_the_tier_that_their_age_says(plans, fleet, years):
    case = aged(*plans, fleet=fleet)
    assert shares(case) == pytest.approx(years, rel=1e-12, abs=1e-9)
    # Failures by chance, once in 100 days: demand is in proportion of the machines.
    rates = estimate_demand(case).rate[0, 0]
    assert rates == pytest.approx(np.array(years) / 2 / 100, rel=1e-9, abs=1e-12)


def test_calls_come_as_demand_says_where_parts_wear_out():
    case = aged(
        {"older_than": "9 months", "tier": "gold"}, fleet={"ages": ["0 d", "100 d"]},
        parts={"pump": {"lifetime": {"weibull": {"mean": "200 d", "shape": 3}}}},
    )  # fmt: skip
    played = records(case, plan(case, 99), 60)
    rates = estimate_demand(case).rate[0, 0]
    # Young machines use less than their share of the time: renewal theory, not time, says it.
    use = rates / case.machine_days(0)
    assert use[1] > 1.2 * use[0]
    for phase, rate in enumerate(rates):
        assert agree(rate * 2 * YEAR, [len(r.responses[phase]) for r in played])


def test_the_formulas_agree_where_they_are_exact():
    """Poisson demand at one depot; half of the machines are in each tier, for good."""
    case = aged(
        {"older_than": "10 years", "tier": "gold"}, fleet={"ages": ["0 d", "20 y"]},
        gold={"promise": {"within": "5 d", "share": "50 %"}},
        parts={"pump": {"lifetime": {"exponential": {"mean": "60 d"}}}},
        simulation={"years": 8, "warm_up": "1 year"},
    )  # fmt: skip
    stock = plan(case, 4)
    formula = evaluate(case, stock).promises.set_index("tier")["share_modelled"]
    played = records(case, stock, 60)
    for i, phase in enumerate(case.phases):
        within = case.promise_of(phase.tier).within
        kept = [r.responses[i].within(within) for r in played]
        assert agree(formula[phase.tier], kept, [len(r.responses[i]) for r in played])
    assert formula["gold"] > formula["everyone"] + 0.05


def test_a_plan_by_age_moves_calls_between_tiers_and_changes_none():
    free, moved = aged(), aged({"older_than": "500 d", "tier": "gold"})
    for n in range(3):
        one, both = play(free, plan(free, 1), 1, n), play(moved, plan(moved, 1), 1, n)
        assert [phase.tier for phase in moved.phases] == ["everyone", "gold"]
        times, moved_times = one.responses[0].each(), together(both.responses).each()
        np.testing.assert_allclose(moved_times, times, rtol=RESOLUTION)
        assert both.service.sum(axis=0) == pytest.approx(one.service[0], rel=1e-12)
        assert both.warranty.sum(axis=0) == pytest.approx(one.warranty[0], rel=1e-12)


@pytest.mark.parametrize("customer_held", ["0 %", "30 %"])  # by the short cut, and the long way
def test_a_call_is_served_as_the_tier_at_its_failure_is(customer_held):
    case = aged(
        {"older_than": "400 d", "tier": "gold"}, fleet={"ages": ["0 d", "100 d"]},
        parts={"pump": {"customer_held": customer_held}},
        emergency={"when": "always", "tiers": ["gold"], "outside": {"time": "2 d", "cost": 5}},
        costs={"holding": "20 % per year"},
    )  # fmt: skip
    network = build(case, plan(case, 0), seed=1, replication=0)
    network.run()
    log = network.logs[0]
    waited = log.column("part_wait")[log.column("visits") > 0]
    age = (log.began + 100.0 * (log.machine >= 5))[log.column("visits") > 0]
    assert 0 < (age < 400).sum() < len(age)
    assert waited == pytest.approx(np.where(age < 400, 20.0, 2.0), rel=1e-9)


def test_calls_of_all_tiers_take_what_lies_at_their_customers():
    case = aged({"older_than": "1 year", "tier": "gold"}, gold={"priority": 2},
                fleet={"ages": "new", "consignment": {"pump": 99}})  # fmt: skip
    record = play(case, plan(case, 0), 1, 0)
    assert min(len(responses) for responses in record.responses) > 20
    assert max(times.each().max() for times in record.responses) == 0


def test_older_machines_wait_for_technicians_behind_younger_ones_as_cobham_says():
    servers, repair, rate = 2, 1.6, 1.0
    case = aged(
        {"younger_than": "10 years", "tier": "gold"}, fleet={"count": 40, "ages": ["0 d", "20 y"]},
        tiers={"everyone": {"priority": 2},
               "gold": {"customers": ["rail"], "promise": PROMISE, "priority": 1}},
        parts={"pump": {"lifetime": {"exponential": {"mean": "40 d"}}}},
        service={"repair_time": {"exponential": {"mean": "1.6 d"}}},
        technicians={"crew": {"depots": ["centre"], "number": servers, "queue": "by_tier"}},
        simulation={"years": 4, "warm_up": "1 year"},
    )  # fmt: skip
    played = records(case, plan(case, 999), 40)
    first = chance_of_waiting(rate * repair, servers) * repair / servers
    use = rate / 2 * repair / servers  # of each tier
    waits = {"gold": first / (1 - use), "everyone": first / (1 - use) / (1 - 2 * use)}
    for i, phase in enumerate(case.phases):
        calls, dispatched = (np.array([r.service[i, of] for r in played]) for of in (0, 3))
        assert agree(waits[phase.tier], dispatched, calls)


def test_tables_give_each_tier_its_calls():
    case = aged({"warranty": "in", "tier": "gold"}, gold={"max_waiting_time": "1 d"})
    outcome = simulate(case, plan(case, 1), replications=4)
    assert outcome.fleets["tier"].tolist() == ["gold; from 1 year on everyone"]
    calls = outcome.promises.set_index("tier")["calls_per_year"]
    by_warranty = outcome.warranty.set_index("tier")
    assert by_warranty["calls_in_warranty_per_year"].to_dict() == {
        "everyone": 0, "gold": pytest.approx(calls["gold"]),
    }  # fmt: skip
    service = outcome.service.set_index(["group", "name"])["calls_per_year"]
    assert service["depot", "centre"] == pytest.approx(calls.sum())
    assert service["tier", "gold"] == pytest.approx(calls["gold"])
    assert outcome.tier_depots["calls_per_year"].tolist() == pytest.approx(calls.tolist())
    assert outcome.targets["row"].tolist() == ["waiting time of gold"]
    assert "plan: mixer/centre/road: gold, priority 1; from 1 year on everyone" in (
        scenario_text(case)
    )


def test_a_planned_replacement_is_ordered_as_the_tier_of_its_day_is():
    case = aged(
        {"older_than": "300 d", "tier": "gold"}, fleet={"ages": "new", "count": 1},
        gold={"priority": 2},
        parts={"pump": {"lifetime": "400 d", "replace_at": "200 d"}},
    )  # fmt: skip
    network = build(case, plan(case, 0), seed=1, replication=0)
    asked, shelf = [], network.shelves[0][0]

    class Watched(type(shelf)):
        __slots__ = ()

        def request(self, receive, claim):
            asked.append((network.clock.now, claim.rank))
            return super().request(receive, claim)

    shelf.__class__ = Watched
    network.run()
    assert asked == [(200.0, 1), (400.0, 2), (600.0, 2)]


def test_half_the_technicians_of_each_norm_where_machines_spend_half_their_time_in_each():
    case = aged(
        {"older_than": "1 year", "tier": "gold"}, fleet={"ages": "new", "count": 40},
        tiers={"gold": {"customers": ["rail"], "standard": "one"},
               "everyone": {"promise": None, "standard": "two"}},
        standards={"one": {"promise": PROMISE, "technicians": "1 per 10 machines"},
                   "two": {"promise": PROMISE, "technicians": "1 per 20 machines"}},
        technicians={"crew": {"depots": ["centre"]}},
    )  # fmt: skip
    assert case.technicians_in("crew") == 3

"""Jobs of several parts, wrong diagnoses and guided repairs: exact figures, and rules."""

import numpy as np
import pytest

from partsim.analytic.availability import job_waiting_time
from partsim.demand.estimation import estimate_demand
from partsim.simulation.replication import build, play
from partsim.simulation.shelves import Shelf
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario
from tests.simulation.test_against_theory import agree, records

HOURS = {"diagnosis_time": "1 h", "travel_time": "6 h", "repair_time": "4 h"}
PARTS = ("pump", "seal", "ring")


def three_parts(lead_times=("20 d", "5 d", "10 d"), positions=PARTS, **changes):
    """Give pumps, seals and rings, each from a supplier of its own."""
    changes = dict(changes)
    of_parts = changes.pop("parts", {})
    life = {"exponential": {"mean": "100 d"}}
    return scenario(
        parts={
            name: {"price": 1000, "lifetime": life, "supplier": name} | of_parts.get(name, {})
            for name in PARTS
        },
        suppliers={
            name: {"kind": "own", "lead_time": time}
            for name, time in zip(PARTS, lead_times, strict=True)
        },
        machines={"mixer": {"positions": dict.fromkeys(positions, 1)}},
        **changes,
    )


def one_machine(base_stock=9, positions=("pump",), lead_times=("2 h", "5 h", "8 h"), **changes):
    """Play one machine; give the network after the run."""
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 1}
    case = three_parts(lead_times, positions, fleets=[fleet], **changes)
    network = build(case, plan(case, base_stock), seed=1, replication=0)
    network.run()
    return network


def hours(network, column="response"):
    return network.logs[0].column(column) * 24


def test_jobs_of_several_parts_wait_as_their_exact_formula_says():
    needs = {"pump": {"needs": {"seal": 1, "ring": 2}}, "ring": {"needs": {"seal": 1}}}
    case = three_parts(
        parts=needs, ageing="calendar", simulation={"years": 10, "warm_up": "1 year"}
    )
    levels = [3, 2, 4]
    played = records(case, plan(case, np.array(levels)[:, None]), 60)
    jobs = [[1, 1, 2], [0, 1, 0], [0, 1, 1]]
    waits = job_waiting_time([0.1, 0.1, 0.1], jobs, [20, 5, 10], levels)
    calls, waited = (np.array([r.service[0, i] for r in played]) for i in (0, 5))
    assert agree(waits.mean(), waited, calls)


def test_demand_counts_what_other_parts_failures_take():
    needs = {"pump": {"needs": {"ring": 2}, "may_need": {"seal": "30 %"}}}
    case = three_parts(parts=needs, ageing="calendar", positions=("pump", "seal"),
                       simulation={"years": 10, "warm_up": "0 d"})  # fmt: skip
    assert estimate_demand(case).rate[:, 0, 0] == pytest.approx([0.1, 0.13, 0.2], rel=1e-12)
    played = records(case, plan(case, 99), 40)
    for part, rate in enumerate((0.1, 0.13, 0.2)):
        assert agree(rate * 3650, [r.requests[0, part, 0] for r in played])


@pytest.mark.parametrize(("way_home", "hours"), [("no", 6 + 4), ("yes", 6 + 4 + 6)])
def test_parts_that_are_taken_along_cost_holding_until_they_are_back(way_home, hours):
    may = {"pump": {"may_need": {"seal": "30 %"}}}
    service = HOURS | {"parts_taken": "expected", "way_home": way_home}
    case = three_parts(parts=may, service=service, ageing="calendar", positions=("pump",),
                       simulation={"years": 10, "warm_up": "100 d"})  # fmt: skip
    outcome = simulate(case, plan(case, 30), replications=2)
    assert outcome.costs["cost"].tolist()[-1] == "lent"
    played = records(case, plan(case, 30), 40)
    lent = 0.1 * 0.7 * hours / 24  # at a time
    assert agree(lent * 1000 * 0.2 * 10, [r.supply_costs[0] for r in played])


@pytest.mark.parametrize(("levels", "waits"), [([9, 9, 9], 6), ([0, 9, 0], 14), ([0, 9, 9], 8)])
def test_the_repair_waits_for_the_last_of_its_parts(levels, waits):
    needs = {"pump": {"needs": {"seal": 1, "ring": 1}}}
    network = one_machine(np.array(levels)[:, None], parts=needs, service=HOURS)
    assert hours(network) == pytest.approx(1 + waits + 4, rel=1e-9)  # lead time, and 6 h more


def test_after_a_wrong_diagnosis_somebody_comes_again_with_the_parts():
    service = HOURS | {"wrong_diagnosis": "99.9999 %", "check_time": "2 h"}
    network = one_machine(0, service=service)
    # Six hours and two in vain; then the part takes two hours and six on its way.
    assert hours(network) == pytest.approx(1 + 6 + 2 + max(6, 2 + 6) + 4, rel=1e-9)
    assert np.all(hours(network, "visits") == 2 * 24)
    assert hours(network, "travel") == pytest.approx(12, rel=1e-9)
    assert hours(network, "repair") == pytest.approx(6, rel=1e-9)


@pytest.mark.parametrize(("support", "share"), [({}, 0.4), ({"remote_support": "75 %"}, 0.1)])
def test_second_visits_are_the_share_that_remote_support_leaves(support, share):
    service = HOURS | {"wrong_diagnosis": "40 %", "phone_fix": "20 %"} | support
    case = three_parts(service=service)
    played = records(case, plan(case, 9), 30)
    visited, again = (np.array([r.service[0, i] for r in played]) for i in (9, 10))
    assert agree(share, again, visited)


def may_need(share, taken, base_stock, **changes):
    parts = {"pump": {"may_need": {"seal": share}}}
    return one_machine(
        base_stock, parts=parts, service=HOURS | {"parts_taken": taken, "check_time": "1 h"},
        **changes,
    )  # fmt: skip


def test_a_diagnosis_that_names_the_parts_needs_no_second_visit():
    network = may_need("99.9999 %", "needed", np.array([[9], [0], [9]]))
    assert hours(network) == pytest.approx(1 + (5 + 6) + 4, rel=1e-9)
    assert np.all(hours(network, "visits") == 24)


def test_what_was_expected_but_not_on_the_shelf_makes_a_second_visit():
    network = may_need("99.9999 %", "expected", np.array([[9], [0], [9]]))
    assert hours(network) == pytest.approx(1 + 6 + 1 + (5 + 6) + 4, rel=1e-9)
    assert np.all(hours(network, "visits") == 48)


def test_what_was_expected_and_is_needed_goes_along():
    network = may_need("99.9999 %", "expected", 9)
    assert hours(network) == pytest.approx(1 + 6 + 4, rel=1e-9)
    assert network.shelves[1][0].machine_side.tally.requests == len(
        [began for began in network.logs[0].began if began >= network.clock.start]
    )


def test_what_was_not_used_comes_back_and_nothing_is_ordered_for_it():
    network = may_need("0.0001 %", "expected", 1)
    seals = network.shelves[1][0]
    assert hours(network) == pytest.approx(1 + 6 + 4, rel=1e-9)
    assert seals.on_hand + seals.on_order == 1
    assert seals.machine_side.tally.requests == 0
    window = network.clock.window
    on_loan = 1 - seals.on_hand_days / window
    calls = sum(began >= network.clock.start for began in network.logs[0].began)
    one = 10 / 24  # travel and repair; the first and the last may be cut by the window
    assert on_loan * window == pytest.approx(calls * one, abs=one)


def test_nobody_else_can_have_what_is_on_loan():
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 200}
    parts = {"pump": {"may_need": {"seal": "0.0001 %"}}}
    case = three_parts(fleets=[fleet], parts=parts, service=HOURS | {"parts_taken": "expected"})
    with_loans, without = (
        play(c, plan(c, np.array([[99], [12], [9]])), 1, 0)
        for c in (case, three_parts(fleets=[fleet], service=HOURS))
    )
    assert with_loans.from_shelf[0, 1, 0] < without.from_shelf[0, 1, 0]


@pytest.mark.parametrize("guided", [1.0, 0.3])
def test_customers_who_have_the_part_repair_their_share_themselves(guided):
    case = three_parts(
        positions=("pump",),
        parts={"pump": {"customer_held": "50 %", "difficulty": "high"}},
        service=HOURS | {"guided_repair": {"high": f"{guided:.0%}"}},
    )
    played = records(case, plan(case, 99), 30)
    calls, visited = (np.array([r.service[0, i] for r in played]) for i in (0, 9))
    assert agree(1 - 0.5 * guided, visited, calls)


def test_who_goes_to_a_customer_with_the_part_waits_for_none():
    network = one_machine(0, parts={"pump": {"customer_held": "100 %"}},
                          service=HOURS | {"guided_repair": {"medium": "0 %"}})  # fmt: skip
    assert hours(network) == pytest.approx(1 + 6 + 4, rel=1e-9)


def test_the_technician_of_a_visit_in_vain_is_free_again_before_the_second():
    service = HOURS | {"wrong_diagnosis": "99.9999 %", "technician_leaves": "with_parts"}
    crew = {"crew": {"depots": ["centre"], "number": 1}}
    network = one_machine(0, lead_times=("30 h", "5 h", "8 h"), service=service, technicians=crew)
    assert hours(network) == pytest.approx(1 + 6 + 30 + 6 + 4, rel=1e-9)
    calls = sum(began >= network.clock.start for began in network.logs[0].began)
    busy = network.dispatching.crews["crew"].busy_days
    one = (6 + 6 + 4) / 24  # the first and the last may be cut by the window
    assert busy == pytest.approx(calls * one, abs=one)


def test_parts_for_the_second_visit_are_asked_for_when_the_first_is_over(monkeypatch):
    asked = []
    request = Shelf.request

    def noted(shelf, receive, claim):
        asked.append(shelf._clock.now)
        return request(shelf, receive, claim)

    monkeypatch.setattr(Shelf, "request", noted)
    service = HOURS | {"wrong_diagnosis": "99.9999 %", "check_time": "2 h"}
    network = one_machine(service=service)
    calls = sorted(network.logs[0].began)
    assert (np.array(asked[: len(calls)]) - calls) * 24 == pytest.approx(1 + 6 + 2, rel=1e-6)


def test_a_part_that_comes_before_somebody_leaves_goes_along():
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 100}
    case = three_parts(
        ("5 h", "5 h", "5 h"), ("pump",), fleets=[fleet], ageing="calendar",
        service=HOURS | {"delivery_time": "50 h"},
        technicians={"crew": {"depots": ["centre"], "number": 1}},
    )  # fmt: skip
    network = build(case, plan(case, 0), seed=1, replication=0)
    network.run()
    dispatch, parts = hours(network, "dispatch"), hours(network, "parts")
    late = dispatch > 5 + 1e-6  # the part was there: nobody waits for it
    early = dispatch < 5 - 1e-6  # it is sent after him, and takes longer than he does
    assert late.any()
    assert early.any()
    assert parts[late] == pytest.approx(0, abs=1e-6)
    assert dispatch[early] + 6 + parts[early] == pytest.approx(5 + 50, rel=1e-9)

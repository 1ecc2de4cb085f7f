"""Technicians against queueing formulas, each written here, inside 99.9 % intervals; and rules."""

from math import factorial

import numpy as np
import pytest

from partsim.model.overload import overloads
from partsim.simulation.events import Clock
from partsim.simulation.replication import build, play
from partsim.simulation.technicians import Crew, Request, Trip
from tests.builders import plan, scenario
from tests.simulation.test_against_theory import agree, records

HOURS = {"diagnosis_time": "1 h", "travel_time": "6 h", "repair_time": "4 h"}


def staffed(count=40, *, groups, ageing="calendar", repair="1.6 d", **changes):
    """Give machines that fail every 40 days, with plenty of parts: only technicians are short."""
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": count}
    defaults = {
        "fleets": [fleet],
        "service": {"repair_time": {"exponential": {"mean": repair}}},
        "simulation": {"years": 4, "warm_up": "1 year"},
    }
    return scenario(
        ageing=ageing,
        parts={"pump": {"lifetime": {"exponential": {"mean": "40 d"}}}},
        technicians={name: {"depots": ["centre"]} | group for name, group in groups.items()},
        **(defaults | changes),
    )


def chance_of_waiting(load, servers):
    """Give Erlang's C: P(all servers are busy) when calls wait."""
    idle = [load**n / factorial(n) for n in range(servers)]
    busy = load**servers / factorial(servers) * servers / (servers - load)
    return busy / (sum(idle) + busy)


def figures(played, group=0):
    return (np.array([r.technicians[group, i] for r in played]) for i in range(3))


def test_calls_wait_for_technicians_as_in_the_queue_with_c_servers():
    rate, repair, servers = 1.0, 1.6, 2
    case = staffed(groups={"crew": {"number": servers}})
    busy, jobs, waited = figures(records(case, plan(case, 999), 40))
    wait = chance_of_waiting(rate * repair, servers) / (servers / repair - rate)
    assert agree(wait, waited, jobs)
    assert agree(rate * repair / servers, busy / (servers * 4 * 365))


@pytest.mark.parametrize("way_home", ["no", "yes"])
def test_the_way_home_keeps_the_next_call_waiting_as_pollaczek_and_khinchine_say(way_home):
    rate, travel, repair = 0.5, 0.3, 0.5
    busy_for = repair + travel * (2 if way_home == "yes" else 1)
    times = {"travel_time": f"{travel} d", "repair_time": f"{repair} d", "way_home": way_home}
    case = staffed(20, groups={"crew": {"number": 1}}, service=times)
    played = records(case, plan(case, 999), 40)
    busy, jobs, waited = figures(played)
    wait = rate * busy_for**2 / (2 * (1 - rate * busy_for))
    assert agree(wait, waited, jobs)
    assert agree(rate * busy_for, busy / (4 * 365))
    calls, response = (np.array([r.service[0, i] for r in played]) for i in (0, 7))
    assert agree(
        wait + travel + repair, response, calls
    )  # nobody waits for a technician's way home


def test_a_way_home_that_keeps_nobody_busy_is_refused_and_one_that_does_counts_as_work():
    with pytest.raises(ValueError, match="way_home: expected groups under 'technicians'"):
        scenario(service={"way_home": "yes"})
    times = {"travel_time": "0.6 d", "repair_time": "0.3 d", "way_home": "yes"}
    case = staffed(32, groups={"crew": {"number": 1}}, service=times)
    (sentence,) = overloads(case)
    assert "asked for 28.8 (120 %)" in sentence  # 0.8 a day, each 1.5 days


def test_waiting_calls_of_the_first_tier_go_first_as_cobham_says():
    rate, repair, servers = 1.0, 1.6, 2
    fleets = [
        {"machine": "mixer", "depot": "centre", "customers": customers, "count": 20}
        for customers in ("road", "rail")
    ]
    promise = {"promise": {"within": "24 h", "share": "90 %"}}
    case = staffed(
        groups={"crew": {"number": servers, "queue": "by_tier"}},
        fleets=fleets,
        tiers={
            "everyone": {"customers": ["road"]},
            "others": {"customers": ["rail"], "priority": 2} | promise,
        },
    )
    played = records(case, plan(case, 999), 40)
    first = chance_of_waiting(rate * repair, servers) * repair / servers
    use = rate / 2 * repair / servers  # of each tier
    for fleet, wait in ((0, first / (1 - use)), (1, first / (1 - use) / (1 - 2 * use))):
        calls, dispatched = (np.array([r.service[fleet, i] for r in played]) for i in (0, 3))
        assert agree(wait, dispatched, calls)


def test_machines_that_stop_while_down_wait_as_in_the_repairman_model():
    machines, servers, failing, mending = 6, 2, 1 / 40, 1 / 10
    case = staffed(
        machines, groups={"crew": {"number": servers}}, ageing="operating", repair="10 d"
    )
    down = np.arange(machines + 1)
    births = failing * (machines - down)
    weights = np.cumprod([1.0, *(births[:-1] / (mending * np.minimum(down[1:], servers)))])
    expected = 1 - (down * weights).sum() / weights.sum() / machines
    played = records(case, plan(case, 999), 60)
    assert agree(expected, [r.availability[0] for r in played])


def same(one, other):
    """Compare response times; a call that a technician ends is recorded later."""
    pairs = zip(one.responses, other.responses, strict=True)
    return all(np.array_equal(a.each(), b.each()) for a, b in pairs)


def test_plenty_of_technicians_are_as_none_at_all():
    service = HOURS | {"travel_time": {"exponential": {"mean": "6 h"}}, "phone_fix": "20 %"}
    free = scenario(service=service, parts={"pump": {"customer_held": "20 %"}})
    many = free.model_copy(
        update={"technicians": staffed(groups={"crew": {"number": 500}}).technicians}
    )
    assert same(play(free, plan(free, 2), 1, 0), play(many, plan(many, 2), 1, 0))


def one_call(lead_time="2 h", base_stock=9, **changes):
    """Play one machine whose one technician does nothing else; give its log."""
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 1}
    case = scenario(
        fleets=[fleet], suppliers={"plant": {"lead_time": lead_time}},
        technicians={"crew": {"depots": ["centre"], "number": 1}}, **changes,
    )  # fmt: skip
    network = build(case, plan(case, base_stock), seed=1, replication=0)
    network.run()
    return network.logs[0]


def test_who_leaves_with_the_parts_waits_for_them_at_the_depot():
    log = one_call("10 h", 0, service=HOURS | {"technician_leaves": "with_parts"})
    assert log.response * 24 == pytest.approx(1 + 10 + 6 + 4, rel=1e-9)
    assert log.column("parts") * 24 == pytest.approx(10, rel=1e-9)


def test_who_leaves_at_once_waits_for_parts_at_the_machine():
    log = one_call("10 h", 0, service=HOURS | {"delivery_time": "3 h"})
    assert log.response * 24 == pytest.approx(1 + 10 + 3 + 4, rel=1e-9)
    assert log.column("parts") * 24 == pytest.approx(10 + 3 - 6, rel=1e-9)


def test_the_time_to_answer_comes_before_the_diagnosis():
    log = one_call(service=HOURS | {"answer_time": "30 min"})
    assert log.response * 24 == pytest.approx(0.5 + 1 + 6 + 4, rel=1e-9)


@pytest.mark.parametrize(
    ("days", "start", "end", "hours"), [(6, 8, 18, 10), (6, 22, 6, 8), (7, 20, 4, 8)]
)
def test_calls_out_of_hours_are_begun_when_the_next_shift_begins(days, start, end, hours):
    shift = {"days": days, "start": f"{start} h", "end": f"{end} h"}
    case = staffed(groups={"crew": {"number": 40, "shift": shift}}, service=HOURS)
    network = build(case, plan(case, 999), seed=1, replication=0)
    network.run()
    log = network.logs[0]
    diagnosed = log.began + log.column("diagnosis")
    starts = np.array([day + start / 24 for day in range(-1, 3000) if day % 7 < days])
    today = np.searchsorted(starts, diagnosed, side="right") - 1  # the shift that began last
    at_work = (today >= 0) & (diagnosed < starts[today] + hours / 24)
    assert case.technicians["crew"].shift.working_share == pytest.approx(days * hours / 7 / 24)
    expected = np.where(at_work, diagnosed, starts[today + 1])
    assert 0 < at_work.sum() < len(at_work)
    assert diagnosed + log.column("dispatch") == pytest.approx(expected, rel=1e-12)


def test_a_group_goes_only_where_its_skills_allow():
    groups = {
        "juniors": {"number": 1, "skills": ["low"]},
        "seniors": {"number": 1, "machines": ["mixer"]},
    }
    case = staffed(groups=groups)  # pumps are of medium difficulty
    juniors, seniors = play(case, plan(case, 99), 1, 0).technicians[:, 1]
    assert juniors == 0 < seniors


def test_the_second_group_helps_out_when_the_first_is_busy():
    alone = staffed(groups={"first": {"number": 1}})
    both = staffed(groups={"first": {"number": 1}, "second": {"number": 1}})
    one = play(alone, plan(alone, 999), 1, 0).technicians
    two = play(both, plan(both, 999), 1, 0).technicians
    assert two[0, 1] > two[1, 1] > 0  # the first is asked first
    assert two[:, 2].sum() < one[0, 2]


def test_a_group_fixes_at_once_what_was_diagnosed_right():
    service = {"repair_time": "1.6 d", "wrong_diagnosis": "40 %", "remote_support": "25 %"}
    case = staffed(groups={"crew": {"number": 9}}, service=service)
    played = records(case, plan(case, 999), 40)
    _, visits, _, calls, fixed = (np.array([r.technicians[0, i] for r in played]) for i in range(5))
    assert agree(1 - 0.4 * 0.75, fixed, calls)
    assert agree(1 + 0.4 * 0.75, visits, calls)


@pytest.mark.parametrize(("start", "counted"), [(0.0, (4, 2, 1)), (5.0, (0, 0, 0))])
def test_a_group_counts_first_visits_and_those_that_end_their_call(start, counted):
    crew = Crew(Clock(start, 10.0), 0, 9, None)
    for before, ends in ((0, True), (0, False), (1, True), (1, False)):
        crew.queue((False, 0), Request(0.0, Trip(before, 1.0, ends=ends), lambda: None))
    assert (crew.jobs, crew.calls, crew.fixed) == counted


def test_the_stages_of_every_call_add_up_to_its_response():
    shift = {"start": "8 h", "end": "18 h"}
    case = staffed(groups={"crew": {"number": 3, "shift": shift}},
                   service=HOURS | {"phone_fix": "10 %", "answer_time": "10 min"})  # fmt: skip
    network = build(case, plan(case, 1), seed=1, replication=0)
    network.run()
    log = network.logs[0]
    stages = ("answer", "diagnosis", "dispatch", "travel", "parts", "repair")
    total = sum(log.column(stage) for stage in stages)
    assert total == pytest.approx(log.response, rel=1e-9)
    assert min(log.column(stage).min() for stage in stages) > -1e-9
    record = play(case, plan(case, 1), 1, 0)
    assert record.service[0, 1:7].sum() == pytest.approx(record.responses[0].days, rel=1e-9)


@pytest.mark.parametrize(
    ("group", "number"),
    [
        ({"number": 7}, 7),
        ({"norm": "1 per 3 machines"}, 20),  # 60 / 3, whatever rounding says
        ({"norm": "1 per 40 machines"}, 2),
        ({"machines": ["crane"], "norm": "1 per 40 machines"}, 1),
        ({}, 5),  # 20 / 10 + 40 / 16 = 4.5
    ],
)
def test_the_number_follows_from_the_machines_that_are_served(group, number):
    promise = {"within": "24 h", "share": "90 %"}
    case = staffed(
        groups={"crew": group, "rest": {}},
        machines={"crane": {"positions": {"pump": 1}}},
        fleets=[
            {"machine": m, "depot": "centre", "customers": c, "count": n}
            for m, c, n in (("mixer", "road", 20), ("mixer", "rail", 20), ("crane", "rail", 20))
        ],
        tiers={
            "everyone": {"customers": ["road"], "standard": "exceed", "promise": None},
            "others": {"customers": ["rail"], "standard": "equal"},
        },
        standards={
            "exceed": {"promise": promise, "technicians": "1 per 10 machines"},
            "equal": {"promise": promise, "technicians": "1 per 16 machines"},
        },
    )
    assert case.technicians_in("crew") == number

"""How one call is answered, what a machine does meanwhile, and what never changes a draw."""

import numpy as np
import pytest

from partsim.simulation import call_log, down_time, response_times
from partsim.simulation.call_counts import FleetCounts
from partsim.simulation.call_log import SUMS, CallLog
from partsim.simulation.events import Clock
from partsim.simulation.replication import build, count_calls, play, record_of
from tests.builders import plan, scenario

TIMES = {
    "diagnosis_time": "1 h",
    "travel_time": "6 h",
    "delivery_time": "3 h",
    "repair_time": "4 h",
}


def one_machine(positions=None, **changes):
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 1}
    return scenario(
        fleets=[fleet], machines={"mixer": {"positions": positions or {"pump": 1}}}, **changes
    )


@pytest.mark.parametrize(
    ("base_stock", "lead_time", "hours"),
    [
        (9, "10 h", 1 + 6 + 4),  # from the shelf: the technician takes it along
        (0, "2 h", 1 + max(6, 2 + 3) + 4),  # sent after him, and there before him
        (0, "10 h", 1 + max(6, 10 + 3) + 4),  # he waits for it
    ],
)
def test_the_response_is_diagnosis_the_later_of_technician_and_part_and_repair(
    base_stock, lead_time, hours
):
    case = one_machine(service=TIMES, suppliers={"plant": {"lead_time": lead_time}})
    responses = play(case, plan(case, base_stock), 1, 0).responses[0].each()
    assert len(responses) > 0
    assert responses * 24 == pytest.approx(hours, rel=1e-9)


def test_a_call_whose_customer_holds_the_part_never_waits_but_its_refill_does():
    case = one_machine(
        service=TIMES, parts={"pump": {"customer_held": "100 %"}}, simulation={"years": 20}
    )
    record = play(case, plan(case, 0), 1, 0)
    assert record.responses[0].each() * 24 == pytest.approx(1 + 4, rel=1e-9)
    assert record.waited[0, 0, 0] / record.requests[0, 0, 0] == pytest.approx(20, rel=1e-9)


def two_parts(ageing):
    life, down = {"fixed": "10 d"}, {"plant": {"lead_time": "5 d"}}
    parts = {name: {"price": 1, "lifetime": life, "supplier": "plant"} for name in ("pump", "pipe")}
    run = {"years": 200 / 365, "warm_up": "100 d"}
    case = one_machine(
        {"pump": 1, "pipe": 1}, ageing=ageing, parts=parts, suppliers=down, simulation=run
    )
    return play(case, plan(case, 0), 1, 0)


def test_while_a_machine_is_down_its_other_parts_do_not_age():
    record = two_parts("operating")  # 10 days of running and twice 5 days of waiting, repeated
    assert len(record.responses[0]) == 20
    assert record.availability[0] == pytest.approx(0.5, rel=1e-9)


def test_in_calendar_ageing_every_part_fails_at_its_own_pace():
    record = two_parts("calendar")
    assert len(record.responses[0]) == 40


def failures(case, base_stock=1, fleet=0):
    network = build(case, plan(case, base_stock), seed=1, replication=0)
    network.run()
    log = network.logs[fleet]
    return set(zip(log.machine, log.began, strict=True))


def test_a_new_part_leaves_the_failures_of_the_others_as_they_were():
    pipe = {"price": 5, "lifetime": {"exponential": {"mean": "50 d"}}, "supplier": "plant"}
    small = scenario(ageing="calendar")
    large = scenario(
        ageing="calendar",
        parts={"pipe": pipe},
        machines={"mixer": {"positions": {"pipe": 2, "pump": 1}}},
    )
    assert failures(small) < failures(large)


def test_new_machines_and_a_new_fleet_leave_the_failures_of_the_others_as_they_were():
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 10}
    before, more = scenario(ageing="calendar"), fleet | {"count": 15}
    other = fleet | {"depot": "north"}
    after = scenario(
        ageing="calendar",
        depots={"north": {"supplied_by": "centre", "transport_time": "2 d"}},
        fleets=[other, more],
    )
    assert failures(before) < failures(after, fleet=1)


def test_two_plans_see_the_same_failures_in_calendar_ageing():
    case = scenario(ageing="calendar")
    assert failures(case, base_stock=0) == failures(case, base_stock=9)


def test_calls_from_before_the_end_are_played_to_their_own_end():
    case = scenario(
        ageing="calendar",
        suppliers={"plant": {"lead_time": "300 d"}},
        simulation={"years": 100 / 365, "warm_up": "0 d"},
    )
    record = play(case, plan(case, 0), 1, 0)
    assert np.all(record.responses[0].each() >= 300 - 1e-9)
    assert len(record.responses[0]) == record.requests[0, 0, 0]
    assert record.waited.sum() == pytest.approx(record.responses[0].days, rel=1e-9)


@pytest.mark.parametrize("ageing", ["operating", "calendar"])
def test_time_after_a_machine_has_retired_is_no_downtime(ageing):
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 1}
    case = scenario(
        ageing=ageing,
        fleets=[fleet | {"delivered": {"2026-01-01": 1}, "retire_at": "113 d"}],
        simulation={"start_date": "2026-01-01"},
    )
    log, counts = CallLog(1), FleetCounts(case, 0, Clock(100.0, 200.0), np.zeros((2, len(SUMS))))
    log.counted_by = counts.take
    log.add(0, 0, 111.0, 6.0, (0.0, 0.0, 0.0, 0.0, 0.0, 6.0, 0, 0.0))
    log.hand_over()
    assert counts.down_days() == pytest.approx(2, rel=1e-12)


@pytest.mark.parametrize("ageing", ["operating", "calendar"])
@pytest.mark.parametrize("wrong", ["0 %", "20 %"])
def test_the_same_is_counted_however_many_calls_are_handed_over_at_a_time(
    ageing, wrong, monkeypatch
):
    service = {"phone_fix": "30 %", "repair_time": "2 d", "wrong_diagnosis": wrong}
    case = scenario(ageing=ageing, service=service)
    whole = play(case, plan(case, 2), 1, 0)
    monkeypatch.setattr(call_log, "_FULL", 7 * 8 * len(call_log.COLUMNS))
    monkeypatch.setattr(down_time, "FEWEST_TO_SETTLE", 10)
    monkeypatch.setattr(response_times, "FEWEST_TO_SORT", 10)
    network = build(case, plan(case, 2), seed=1, replication=0)
    counts = count_calls(case, network)
    network.run()
    assert len(network.logs[0].began) < 7
    by_seven = record_of(case, network, counts)
    assert len(network.logs[0].began) == 0
    # All calls but those by phone are counted as they begin and as they are over.
    by_visit = whole.by_part[0, SUMS.index("calls")]
    assert sum(network.logs[0].begun) > by_visit > 50
    if ageing == "calendar":
        assert network.logs[0].begun == counts.fleets[0]._logged.tolist()
    np.testing.assert_array_equal(by_seven.responses[0].each(), whole.responses[0].each())
    for name in ("service", "warranty", "availability"):
        np.testing.assert_allclose(getattr(by_seven, name), getattr(whole, name), rtol=1e-12)

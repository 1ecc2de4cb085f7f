"""The trace: all that happens, in the order that is written down, and the stock between."""

import numpy as np
import pytest

from partsim.simulation.events import EventOrder
from partsim.simulation.replication import build, play
from partsim.simulation.trace import stock_over_time, trace
from tests.builders import plan, scenario
from tests.simulation.test_simulate import case_with_all_features

RECEIPT, REPAIR, DEMAND = EventOrder.RECEIPT, EventOrder.REPAIR, EventOrder.DEMAND


def whole_days(ageing):
    """Everything falls on whole days, so that much happens at one instant."""
    return scenario(
        ageing=ageing,
        parts={
            "pump": {"lifetime": {"fixed": "6 d"}},
            "pipe": {"price": 1, "lifetime": {"fixed": "4 d"}, "supplier": "plant"},
        },
        suppliers={"plant": {"lead_time": "3 d"}},
        depots={"north": {"supplied_by": "centre", "transport_time": "1 d"}},
        machines={"mixer": {"positions": {"pump": 2, "pipe": 1}}},
        fleets=[
            {
                "machine": "mixer",
                "depot": depot,
                "customers": "road",
                "count": 8,
                "ages": "new",
            }
            for depot in ("north", "centre")
        ],
        simulation={"years": 0.5, "warm_up": "10 d"},
    )


@pytest.mark.parametrize("ageing", ["operating", "calendar"])
def test_at_one_instant_events_come_by_kind_and_entity(ageing):
    case = whole_days(ageing)
    network = build(case, plan(case, 2), seed=1, replication=0, eventful=True)
    clock, keys = network.clock, []
    while clock.now < clock.end:
        clock.step()
        keys.append((clock.now, clock.priority))
    by_day = {day: [priority for time, priority in keys if time == day] for day, _ in keys}
    assert len(by_day) < len(keys) / 5  # most share their instant with others
    assert all(priorities == sorted(priorities) for priorities in by_day.values())
    assert {priority >> 32 for _, priority in keys} == {RECEIPT, REPAIR, DEMAND}


def test_events_name_their_places():
    case = case_with_all_features()
    events = trace(case, plan(case, [[8, 2]], [[4, 1]]))
    assert (np.diff(events["day"]) >= 0).all()
    receipts = events[events["event"] == "receipt"]
    assert set(zip(receipts["part"], receipts["depot"], strict=True)) == {
        ("pump", "centre"),
        ("pump", "north"),
    }
    calls = events[events["event"].isin(["demand", "repair"])]
    assert set(calls["fleet"]) == set(case.fleet_ids)
    assert (calls["machine"].min(), calls["machine"].max()) == (0, 14)
    assert (receipts[["fleet", "group"]] == "").all(axis=None)
    assert (receipts["machine"] == -1).all()
    assert (calls[["part", "depot", "group"]] == "").all(axis=None)


def test_orders_and_reviews_name_their_part_and_depot():
    case = scenario(
        parts={"seal": {"price": 5, "supplier": "plant"}},
        depots={"north": {"supplied_by": "centre", "transport_time": "2 d"}},
        grading={"grades": {"C": {"review_period": "30 d"}}},
        demand=[
            {"part": "seal", "depot": "north", "customers": "road", "rate": "2 per month",
             "variance_to_mean": 5}
        ],
    )  # fmt: skip
    decision = plan(case, 9)
    events = trace(case, decision, seed=4)
    window = events["day"].between(100, 100 + 2 * 365, inclusive="left")
    asked = events[window & (events["event"] == "demand")]
    ordered = asked[asked["machine"] == -1]
    assert (ordered[["part", "depot", "fleet"]] == ["seal", "north", ""]).all(axis=None)
    record = play(case, decision, 4, 0)
    assert len(asked) - len(ordered) == len(record.responses[0])
    # An order is one event for all its units.
    north = record.responses[1].each()
    assert 0 < len(ordered) < len(north) == record.requests[0, 1, 1]
    reviews = events[events["event"] == "review"]
    assert set(zip(reviews["part"], reviews["depot"], reviews["fleet"], strict=True)) == {
        ("pump", "centre", ""),
        ("seal", "centre", ""),
    }


def test_demands_of_the_trace_are_the_requests_of_the_record():
    case = scenario(service={"diagnosis_time": "1 h"})
    decision = plan(case, 3)
    events = trace(case, decision, seed=4, replication=2)
    window = events["day"].between(100, 100 + 2 * 365, inclusive="left")
    record = play(case, decision, 4, 2)
    assert (events["event"][window] == "demand").sum() == record.requests[0].sum()


def test_stock_over_time_has_the_time_averages_of_the_record():
    case = case_with_all_features()
    decision = plan(case, [[8, 2]], [[4, 1]])
    for d, depot in enumerate(case.depot_ids):
        stock = stock_over_time(case, decision, "pump", depot, seed=4, replication=2)
        record = play(case, decision, 4, 2)
        edges = np.clip([*stock["day"], np.inf], 100, 100 + 365)
        for column, average in (("on_hand", record.on_hand), ("waiting", record.backorders)):
            mean = np.diff(edges) @ stock[column] / 365
            assert mean == pytest.approx(average[0, d], rel=1e-9)


def test_an_unknown_part_is_refused():
    case = scenario()
    with pytest.raises(ValueError, match=r"part: expected one of pump, got 'pomp'"):
        stock_over_time(case, plan(case, 1), "pomp", "centre")

"""What falls on one instant goes by kind and entity, whatever was planned first."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partsim.simulation.events import Clock, EventOrder
from partsim.simulation.replication import build, count_calls, record_of
from tests.builders import plan, scenario
from tests.simulation.random_scenarios import decisions, organisations
from tests.simulation.test_foresight import check_same


class LastFirst(Clock):
    """A clock that lets the last planned happen first of what is equal in all else."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._eid = count(0, -1)


def record(case, decision, clock, seed=2):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("partsim.simulation.replication.Clock", clock)
        network = build(case, decision, seed=seed, replication=0)
    counts = count_calls(case, network)
    network.run()
    return record_of(case, network, counts)


def whole_days(**changes):
    """Give lives, ways, hours, inspections and orders that all fall on whole days."""
    fleet = {"machine": "mixer", "customers": "road", "count": 6, "ages": ["0 d", "2 d"]}
    return scenario(
        parts={
            "pump": {"lifetime": {"fixed": "6 d"}, "needs": {"hose": 1}},
            "hose": {"price": 1, "lifetime": {"fixed": "10 d"}, "supplier": "plant"},
        },
        suppliers={"plant": {"lead_time": "4 d"}},
        depots={
            "north": {"supplied_by": "centre", "transport_time": "1 d", "lateral": ["centre"]},
        },
        lateral={"time": "1 d"},
        emergency={"tiers": ["everyone"], "when": "promise", "outside": {"time": "3 d"}},
        machines={"mixer": {"positions": {"pump": 1, "hose": 2}, "inspection": "plan"}},
        inspections={"plan": {"ages": ["5 d", "9 d", "20 d"], "warning": "2 d", "finds": "50 %"}},
        fleets=[fleet | {"depot": depot} for depot in ("north", "centre")],
        technicians={
            "crew": {"depots": ["north", "centre"], "number": 3,
                     "shift": {"days": 6, "start": "0 h", "end": "24 h"}},
        },
        service={"travel_time": "1 d", "repair_time": "1 d", "delivery_time": "1 d"},
        grading={"grades": {"C": {"ordering": "up_to"}}},
        simulation={"years": 0.5, "warm_up": "0 d"},
        **changes,
    )  # fmt: skip


def test_on_one_day_units_come_calls_ask_shifts_begin_and_orders_go_out_in_this_order():
    case = whole_days()
    network = build(case, plan(case, [[9, 2], [9, 3]], [[3, 1], [4, 1]]), seed=1, replication=0,
                    eventful=True)  # fmt: skip
    clock, days = network.clock, set()
    while clock.now < clock.end:
        now = clock.peek()
        planned = {number: priority for when, priority, number, _ in clock._queue if when == now}
        happened, kinds = [], set()
        while clock.peek() == now:
            _, priority, number, _ = clock._queue[0]
            clock.step()
            kinds.add(EventOrder(priority >> 32))
            if number in planned:
                happened.append(priority)
        # What happens now may bring more of this instant; what was planned before keeps its order.
        assert happened == sorted(planned.values())
        assert now == int(now)
        days |= {now} if kinds == set(EventOrder) else set()
    assert days
    order = [kind.name for kind in sorted(EventOrder)]
    assert order == ["RECEIPT", "REPAIR", "DEMAND", "SHIFT", "REVIEW"]


def test_what_was_planned_first_decides_nothing_on_whole_days():
    case = whole_days()
    decision = plan(case, [[9, 2], [9, 3]], [[3, 1], [4, 1]])
    check_same(record(case, decision, Clock), record(case, decision, LastFirst))


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_was_planned_first_decides_nothing_where_machines_call_one_at_a_time(data):
    # Machines that age while they are down may call twice at one instant: that stays as planned.
    case = data.draw(organisations()).model_copy(update={"ageing": "operating"})
    decision = data.draw(decisions(case))
    check_same(record(case, decision, Clock), record(case, decision, LastFirst))

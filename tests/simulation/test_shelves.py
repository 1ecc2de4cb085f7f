"""Who gets a unit and when, and that no unit is lost."""

from collections import Counter
from functools import partial

import numpy as np
import pytest

from partsim.lifetimes import Fixed
from partsim.simulation.events import Clock, EventOrder, Moment
from partsim.simulation.lead_times import LeadTimes
from partsim.simulation.replication import build, play
from partsim.simulation.shelves import Shelf
from partsim.simulation.sources import Supplier
from partsim.simulation.streams import Streams
from tests.builders import plan, scenario

LUMPY = {"gamma": {"mean": "20 d", "cv": 1}}


@pytest.fixture(params=["foresees", "waits", "eventful"])
def one_shelf(request):
    def build_one(on_hand, lead_time):
        clock = Clock(0.0, 100.0, eventful=request.param == "eventful")
        shelf = Shelf(clock, 0, on_hand, on_hand - 1, 1)
        draws = Streams(1, 0).draws(Fixed(lead_time).quantile, "lead time")
        shelf.source = Supplier(clock, shelf, 0.0, LeadTimes(clock, draws, lead_time))
        shelf.foresees = request.param == "foresees"
        return clock, shelf

    return build_one


def demand_at(clock, shelf, time, served, machine):
    def ask(_):
        def receive(date):
            served.append((machine, date))

        if shelf.request(receive, shelf.machine_side):
            served.append((machine, "shelf"))

    Moment(clock, time, EventOrder.DEMAND.priority(machine)).callbacks.append(ask)


def test_a_receipt_comes_before_a_demand_of_the_same_instant(one_shelf):
    clock, shelf = one_shelf(on_hand=1, lead_time=2.0)
    served = []
    demand_at(clock, shelf, 2.0, served, machine=0)
    demand_at(clock, shelf, 0.0, served, machine=1)  # its replacement arrives at 2
    clock.run(until=3)
    assert served == [(1, "shelf"), (0, "shelf")]


def test_of_demands_at_one_instant_the_first_machine_is_served_first(one_shelf):
    clock, shelf = one_shelf(on_hand=1, lead_time=2.0)
    served = []
    for machine in (5, 3):
        demand_at(clock, shelf, 1.0, served, machine)
    clock.run(until=4)
    assert served == [(3, "shelf"), (5, 3.0)]


def test_who_waits_is_served_first_come_first_served(one_shelf):
    clock, shelf = one_shelf(on_hand=0, lead_time=10.0)
    served = []
    for machine, time in ((1, 3.0), (2, 1.0), (3, 2.0)):
        demand_at(clock, shelf, time, served, machine)
    clock.run(until=20)
    assert served == [(2, 11.0), (3, 12.0), (1, 13.0)]
    assert shelf.machine_side.tally.waited == 30.0
    assert shelf.backorder_days == 30.0
    assert (shelf.on_hand, shelf.on_order, clock.unfinished) == (0, 0, 0)


def test_a_part_of_a_lot_serves_who_waits_and_the_rest_is_found_on_the_shelf(one_shelf):
    clock, shelf = one_shelf(on_hand=0, lead_time=10.0)
    shelf.reorder_point, shelf.order_quantity = -2, 3
    served = []
    for machine, time in enumerate((1.0, 2.0, 12.0, 30.0)):
        demand_at(clock, shelf, time, served, machine)
    clock.run(until=31)
    assert served == [(0, 12.0), (1, 12.0), (2, "shelf")]
    assert shelf.machine_side.tally.waited == 21.0
    assert shelf.on_hand_days == 0.0
    assert shelf.backorder_days == 21.0 + 70.0
    assert clock.unfinished == 1  # nobody has ordered for the last


def two_echelons(served=("north", "south", "centre")):
    depots = {
        "north": {"supplied_by": "centre", "transport_time": "3 d"},
        "south": {"supplied_by": "centre", "transport_time": "5 d"},
    }
    fleets = [
        {"machine": "mixer", "depot": depot, "customers": "road", "count": 20} for depot in served
    ]
    return scenario(
        depots=depots,
        fleets=fleets,
        suppliers={"plant": {"lead_time": LUMPY}},
        parts={"pump": {"customer_held": "20 %"}},
    )


def receipts(network):
    """Count the units on the event list by the shelf that gets them."""
    units = Counter()
    for *_, event in network.clock._queue:
        if isinstance(event, partial) and isinstance(event.func.__self__, Shelf):
            units[event.func.__self__] += event.args[0]
    return units


def steps(network, count=1500):
    for _ in range(count):
        network.clock.step()
        yield network


def test_one_for_one_net_stock_and_on_order_are_the_base_stock_after_every_event():
    case = two_echelons()
    levels = [[4, 1, 2]]
    for network in steps(build(case, plan(case, levels), seed=1, replication=0)):
        net = [s.on_hand - len(s.waiting) + s.on_order for s in network.shelves[0]]
        assert net == levels[0]
        assert not any(s.on_hand and s.waiting for s in network.shelves[0])


@pytest.mark.parametrize("lots", [[1, 1, 1], [5, 1, 3]])
def test_every_unit_on_order_is_on_the_way_or_waited_for_at_the_parent(lots):
    case = two_echelons()
    decision = plan(case, [[4, 1, 2]], [lots])
    for network in steps(build(case, decision, seed=1, replication=0, eventful=True)):
        centre, *field = network.shelves[0]
        coming = receipts(network)
        owed = Counter(getattr(r, "__self__", None) for _, r, _ in centre.waiting)
        assert centre.on_order == coming[centre]
        for shelf in field:
            assert shelf.on_order == coming[shelf] + owed[shelf.source]


def test_in_lots_the_position_stays_above_the_reorder_point_and_at_most_the_base_stock():
    case = two_echelons()
    seen = set()
    for network in steps(build(case, plan(case, [[7, 1, 1]], [[5, 1, 1]]), seed=1, replication=0)):
        shelf = network.shelves[0][0]
        seen.add(shelf.on_hand - len(shelf.waiting) + shelf.on_order)
    assert seen == {3, 4, 5, 6, 7}


def test_in_lots_the_start_is_uniform_over_the_positions():
    case = scenario()
    starts = Counter(
        build(case, plan(case, 7, 5), seed=1, replication=n).shelves[0][0].on_hand
        for n in range(500)
    )
    expected = 100
    chi_square = sum((count - expected) ** 2 / expected for count in starts.values())
    assert set(starts) == {3, 4, 5, 6, 7}
    assert chi_square < 18.47  # 99.9 % of the chi-square distribution with 4 degrees


def test_the_mean_in_transit_is_what_the_field_lacks_less_what_the_centre_owes():
    case = two_echelons(served=("north", "south"))
    levels = np.array([4, 1, 2])
    record = play(case, plan(case, [levels]), 1, 0)
    lacking = (levels - record.on_hand[0] + record.backorders[0])[1:].sum()
    assert record.in_transit[0] == pytest.approx(lacking - record.backorders[0, 0], rel=1e-9)


def test_the_clock_measures_from_start_to_end():
    clock = Clock(10.0, 15.0)
    assert [clock.measures(t) for t in (9.9, 10.0, 14.9, 15.0)] == [False, True, True, False]

"""The schedule: by time, then kind, then entity, whatever form the event has."""

from itertools import permutations

import pytest
import simpy

from partsim.simulation.events import Clock, EventOrder, Moment, Signal, begin

RECEIPT, REPAIR, DEMAND = EventOrder.RECEIPT, EventOrder.REPAIR, EventOrder.DEMAND


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_what_happens_at_one_instant_is_ordered_by_kind_and_entity_not_by_planning(order):
    clock, happened = Clock(0.0, 10.0), []
    keys = [(RECEIPT, 1), (RECEIPT, 2), (REPAIR, 0), (DEMAND, 0)]
    for i in order:
        kind, entity = keys[i]
        if i % 2:
            Moment(clock, 2.0, kind.priority(entity)).callbacks.append(
                lambda _, i=i: happened.append(i)
            )
        else:
            clock.at(2.0, kind.priority(entity), lambda i=i: happened.append(i))
    clock.run()
    assert happened == [0, 1, 2, 3]


def test_an_hour_that_rounding_puts_into_the_past_is_now():
    clock, seen = Clock(0.0, 10.0), []
    clock.at(0.3, DEMAND.priority(0), lambda: clock.at(0.1, 0, lambda: seen.append(clock.now)))
    clock.run()
    assert seen == [0.3]


def test_functions_and_simpys_events_share_one_time():
    clock, seen = Clock(0.0, 10.0), []
    clock.timeout(1.0).callbacks.append(lambda _: seen.append(("timeout", clock.now)))
    clock.at(0.5, 1, lambda: clock.timeout(0.25).callbacks.append(lambda _: seen.append(clock.now)))
    clock.run(until=5.0)
    assert (seen, clock.now) == ([0.75, ("timeout", 1.0)], 5.0)


def course(clock, seen, signal):
    yield Moment(clock, 1.0, 1)
    seen.append(clock.now)
    yield signal
    yield signal  # it has happened: no waiting
    seen.append(clock.now)
    yield clock.timeout(1.0) | clock.timeout(3.0)
    seen.append(clock.now)


@pytest.mark.parametrize("play", [lambda _, course: begin(course), simpy.Environment.process])
def test_a_course_waits_for_moments_signals_and_simpys_events_as_a_process_does(play):
    clock, seen = Clock(0.0, 10.0), []
    signal = Signal(clock, REPAIR.priority(0))
    play(clock, course(clock, seen, signal))
    clock.at(4.0, 1, signal.fire)
    assert not signal.triggered
    clock.run()
    assert signal.triggered
    assert seen == [1.0, 4.0, 5.0]


def test_an_error_in_a_course_is_an_error_of_the_run():
    def broken():
        yield Moment(clock, 1.0, 1)
        raise RuntimeError("no such unit")

    clock = Clock(0.0, 10.0)
    begin(broken())
    with pytest.raises(RuntimeError, match="no such unit"):
        clock.run()


def test_play_lets_all_before_the_end_of_the_window_happen_and_knows_what_is_measured():
    clock, seen = Clock(2.0, 5.0), []

    def note(_=None):
        seen.append((clock.now, clock.measured, clock.remaining))

    for time in (0.0, 1.0, 2.0, 4.5, 5.0, 6.0):
        clock.at(time, DEMAND.priority(0), note)
    clock.timeout(3.0).callbacks.append(note)
    clock.play()
    note()
    expected = [
        (0.0, False, 3.0), (1.0, False, 3.0), (2.0, True, 3.0), (3.0, True, 2.0), (4.5, True, 0.5),
        (5.0, False, 0.0),
    ]  # fmt: skip
    assert seen == expected
    clock.step()
    clock.step()
    assert seen[-2:] == [(5.0, False, 0.0), (6.0, False, 0.0)]

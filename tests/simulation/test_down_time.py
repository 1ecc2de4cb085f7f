"""Time in which machines stand: known bit by bit, counted as if all were known at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partsim.simulation import down_time as module
from partsim.simulation.down_time import DownTime, down_time
from partsim.simulation.events import Clock

MACHINES = 3
START, END = 10.0, 40.0
# Whole days, so that much begins and ends at one instant.
CALLS = st.lists(
    st.tuples(st.integers(0, MACHINES - 1), st.integers(0, 50), st.integers(0, 9), st.floats(0, 1)),
    max_size=40,
)


def played(calls, at_once):
    """Let each call be known some time between its begin and its end, and some come together."""
    stops = [(m, float(b), float(b + length), b + length * known) for m, b, length, known in calls]
    stops.sort(key=lambda stop: stop[3])
    clock = Clock(START, END)
    down, over = DownTime(clock), np.zeros(MACHINES, int)
    for first in range(0, len(stops), at_once):
        block = stops[first : first + at_once]
        clock.now = block[-1][3]
        begun = np.bincount([s[0] for s in stops if s[1] <= clock.now], minlength=MACHINES)
        over += np.bincount([s[0] for s in block], minlength=MACHINES)
        down.add(np.array(block).T[:3], begun - over)
    return down


def quarter_hours(calls):
    """Count by looking at every quarter of a day, in which nothing begins or ends."""
    moments = np.arange(START, END, 0.25) + 0.1
    stands = [
        any(m == machine and b <= t < b + length for m, b, length, _ in calls)
        for machine in range(MACHINES)
        for t in moments
    ]
    return 0.25 * sum(stands)


@given(CALLS, st.integers(1, 5))
def test_overlapping_stops_count_once_however_late_they_are_known(calls, at_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FEWEST_TO_SETTLE", 1)
        assert played(calls, at_once).days() == pytest.approx(quarter_hours(calls), abs=1e-9)


def test_time_with_two_open_calls_counts_once_and_only_inside_the_window():
    stood = np.array(
        [(0, 9.0, 12.0), (1, 8.0, 9.0), (0, 10.5, 11.0), (0, 14.0, 16.0), (1, 19.0, 28.0)]
    ).T
    # Machine 0 is down 10-12 and 14-16, machine 1 is down 19-20.
    assert down_time(stood, Clock(10.0, 20.0)) == pytest.approx(5, rel=1e-12)


def test_what_is_settled_is_kept_no_longer():
    clock = Clock(0.0, 1e6)
    down = DownTime(clock)
    for began in np.split(np.arange(20_000) * 50.0, 100):
        clock.now = began[-1] + 50
        down.add(np.array([np.zeros_like(began), began, began + 25]), [0])
        assert sum(block.shape[1] for block in down._stops) <= module.FEWEST_TO_SETTLE
    assert down.days() == pytest.approx(5e5, rel=1e-9)

"""Memory of a replication does not grow with the years that are played."""

import gc
import tracemalloc

import pytest

from partsim.simulation import replication, response_times
from partsim.simulation.replication import play
from tests.builders import plan, scenario

YEARS = 10
A_CALL = 8
"""Bytes of one number for each call, which is what must not be kept."""


def case(ageing, years, count=60):
    return scenario(
        ageing=ageing,
        parts={"pump": {"lifetime": {"weibull": {"mean": "40 d", "shape": 4}}}},
        fleets=[{"machine": "mixer", "depot": "centre", "customers": "road", "count": count}],
        service={"phone_fix": "20 %", "travel_time": {"exponential": {"mean": "6 h"}},
                 "repair_time": {"exponential": {"mean": "2 h"}}},
        simulation={"years": years, "warm_up": "1 year"},
    )  # fmt: skip


def most_memory(ageing, years):
    """Give the most bytes at a time, and the calls."""
    played = case(ageing, years)
    decision = plan(played, 6)
    tracemalloc.start()
    record = play(played, decision, 1, 0)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most, record.service[:, 0].sum()


@pytest.mark.parametrize("ageing", ["operating", "calendar"])
def test_four_times_the_years_take_less_than_a_number_for_each_call(ageing, monkeypatch):
    # What classes of response times take is bounded too (test_response_times), but by more
    # than these calls would need.
    monkeypatch.setattr(response_times, "_CLASS_BITS", 52 - 4)
    most_memory(ageing, 1)  # what is loaded late
    (short, few), (long, many) = (most_memory(ageing, years) for years in (YEARS, 4 * YEARS))
    assert many > 3.5 * few > 10_000
    assert long - short < A_CALL * (many - few)


@pytest.mark.parametrize("ageing", ["operating", "calendar"])
def test_no_machine_is_left_for_the_search_for_cycles(ageing, monkeypatch):
    found, search = [], gc.collect
    monkeypatch.setattr(replication.gc, "collect", lambda _: found.append(search(0)))
    for count in (60, 60, 120):  # the first leaves what is loaded late
        played = case(ageing, 1, count)
        search()
        play(played, plan(played, 100), 1, 0)  # nobody waits at the depot
    assert found[2] - found[1] < 60

"""The simulation beside textbook SimPy models of the same network, with the same lives.

Goals: 4 times the speed of the textbook model, 20 times that of its interrupt version, and 40,000
model events a unit: failures, and receipts at the central and the field depots. All are played in
turns in one run; CPU time, the least of three rounds counts, first round dropped.
"""

import time

import numpy as np
import pytest

from benchmarks import reference_network, textbook_simpy
from partsim.simulation.replication import play

EVENTS_A_FAILURE = 3
CASES = [
    ("calendar", textbook_simpy.start_uncoupled, 10, 4),
    ("operating", textbook_simpy.start_coupled, 1, 20),
]
"""Ageing, the textbook's model, its years (a tenth where it takes long), and the goal."""


def ours(ageing, years):
    case = reference_network.scenario(ageing, years)
    plan = reference_network.plan(case)
    return lambda: play(case, plan, 1, 0)


def textbook(start, years, after=0.0):
    case = reference_network.scenario("calendar")
    lives = reference_network.lives(case, seed=1, replication=0)
    return lambda: textbook_simpy.play(start, lives, 365.0 * years, after)


def seconds_of(function):
    began = time.process_time()
    function()
    return time.process_time() - began


@pytest.mark.parametrize(("ageing", "start", "_years", "_goal"), CASES)
def test_the_textbook_model_counts_the_same_calls_and_waits(ageing, start, _years, _goal):
    played = ours(ageing, years=1)()
    counts = textbook(start, 1, after=reference_network.SUPPLY_DAYS * 2)()
    assert np.array_equal(counts.calls, played.requests[0, :, 1:])
    assert counts.calls.sum() > 3000
    np.testing.assert_allclose(counts.waited, played.waited[0, :, 1:], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("ageing", "start", "years", "goal"), CASES)
def test_speed_beside_the_textbook_model(benchmark, unit, ageing, start, years, goal):
    if benchmark.disabled:  # a smoke test
        benchmark(ours(ageing, years=1))
        return
    mine, theirs = ours(ageing, reference_network.YEARS), textbook(start, years)
    rounds = [(seconds_of(mine), seconds_of(theirs)) for _ in range(4)][1:]
    seconds, textbook_seconds = np.min(rounds, axis=0)
    failures = mine().requests[0].sum()
    facts = {
        "times_textbook": textbook_seconds * reference_network.YEARS / years / seconds,
        "goal": goal,
        "events_a_unit": EVENTS_A_FAILURE * failures / seconds * unit,
    }
    benchmark.extra_info.update(facts)
    print(f"\n{ageing}: " + ", ".join(f"{name} {value:,.1f}" for name, value in facts.items()))
    benchmark.pedantic(mine, rounds=1)

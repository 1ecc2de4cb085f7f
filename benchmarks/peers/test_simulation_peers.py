"""The reference network by salabim and cimba beside our simulation and textbook SimPy, same lives.

One run plays all in turns and prints one table; CPU time, the least of three rounds after a first,
in which cimba compiles.
"""

import time

import numpy as np
import pytest

from benchmarks import reference_network as network
from benchmarks import textbook_simpy
from partsim.simulation.replication import play

MISSING = "it is missing; install it by pip install -e '.[dev,peers]'"
AFTER = 2 * network.SUPPLY_DAYS


@pytest.fixture(scope="module")
def by_cimba():
    """Give the compiled model."""
    pytest.importorskip("cimba", reason=MISSING)
    from benchmarks.peers import cimba_network

    return cimba_network.Played


@pytest.fixture(scope="module")
def by_salabim():
    """Give the model's play."""
    pytest.importorskip("salabim", reason=MISSING)
    from benchmarks.peers import salabim_network

    return salabim_network.play


@pytest.fixture(scope="module")
def lives():
    return network.lives(network.scenario("calendar"), seed=1, replication=0)


def ours(years):
    case = network.scenario("calendar", years)
    decision = network.plan(case)
    return lambda: play(case, decision, 1, 0)


def check(counts, years):
    played = ours(years)()
    assert counts.calls.sum() > 3000 * years
    assert np.array_equal(counts.calls, played.requests[0, :, 1:])
    np.testing.assert_allclose(counts.waited, played.waited[0, :, 1:], rtol=1e-9, atol=1e-9)


def test_salabim_counts_the_same_calls_and_waits(lives, by_salabim):
    check(by_salabim(lives, 365.0, AFTER), years=1)


@pytest.mark.parametrize("years", [1, 4])
def test_cimba_counts_the_same_calls_and_waits(lives, by_cimba, years):
    check(by_cimba(lives, 365.0 * years, AFTER).play(), years)


def seconds_of(function):
    began = time.process_time()
    function()
    return time.process_time() - began


def show(years, engines, unit):
    """Play all engines in turns and print what each takes."""
    rounds = [[seconds_of(engine) for engine in engines.values()] for _ in range(4)][1:]
    events = 3 * ours(years)().requests[0].sum()
    print(f"\n{years} years, {events:,.0f} events")
    for name, seconds in zip(engines, np.min(rounds, axis=0), strict=True):
        print(f"{name:<28} {seconds:8.3f} CPU s {events / seconds * unit:10,.0f} events a unit")


def test_speed_beside_salabim_for_a_year(benchmark, unit, lives, by_salabim):
    if benchmark.disabled:  # a smoke test
        benchmark(ours(1))
        return
    start = textbook_simpy.start_uncoupled
    engines = {
        "partsim": ours(1),
        "textbook SimPy": lambda: textbook_simpy.play(start, lives, 365.0),
        "salabim": lambda: by_salabim(lives, 365.0),
    }
    show(1, engines, unit)
    benchmark.pedantic(ours(1), rounds=1)


def test_speed_beside_cimba(benchmark, unit, lives, by_cimba):
    if benchmark.disabled:  # a smoke test
        benchmark(ours(1))
        return
    years, horizon = network.YEARS, network.HORIZON
    start = textbook_simpy.start_uncoupled
    built = by_cimba(lives, horizon)
    engines = {
        "partsim": ours(years),
        "textbook SimPy": lambda: textbook_simpy.play(start, lives, horizon),
        "cimba, compiled and built": built.play,
        "cimba, built anew": lambda: by_cimba(lives, horizon).play(),
    }
    show(years, engines, unit)
    benchmark.pedantic(ours(1), rounds=1)

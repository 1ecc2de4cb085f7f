"""The reference network by salabim beside our simulation and a textbook SimPy model, same lives.

One run plays all in turns and prints one table; CPU time, the least of three rounds after a first.
"""

import time

import numpy as np
import pytest

from benchmarks import reference_network as network
from benchmarks import textbook_simpy
from partsim.simulation.replication import play

salabim = pytest.importorskip(
    "salabim", reason="salabim is missing; install it by pip install -e '.[dev,peers]'"
)
YEARS = 1  # salabim takes a hundredth of a second for each call
AFTER = 2 * network.SUPPLY_DAYS


class Position(salabim.Component):
    """A component that fails at the end of each life; the next life begins at once."""

    def setup(self, place, part, fleet, lives):
        self.place, self.part, self.fleet, self.lives = place, part, fleet, lives

    def process(self):
        for life in self.lives:
            yield self.hold(life)
            Call(place=self.place, part=self.part, fleet=self.fleet)


class Call(salabim.Component):
    """Takes a unit from a field depot, which orders another at once."""

    def setup(self, place, part, fleet):
        self.place, self.part, self.fleet = place, part, fleet

    def process(self):
        asked, place = self.env.now(), self.place
        FieldOrder(place=place, part=self.part, depot=self.fleet + 1)
        yield self.request(place.shelves[self.part][self.fleet + 1])
        if asked < place.counts.horizon:
            place.counts.calls[self.part, self.fleet] += 1
            place.counts.waited[self.part, self.fleet] += self.env.now() - asked


class FieldOrder(salabim.Component):
    """Takes a unit from the central depot, which orders another at once, and carries it."""

    def setup(self, place, part, depot):
        self.place, self.part, self.depot = place, part, depot

    def process(self):
        shelves = self.place.shelves[self.part]
        SupplierOrder(shelf=shelves[0])
        yield self.request(shelves[0])
        yield self.hold(network.TRANSPORT_DAYS)
        shelves[self.depot].release(1)


class SupplierOrder(salabim.Component):
    """Waits for the supplier."""

    def setup(self, shelf):
        self.shelf = shelf

    def process(self):
        yield self.hold(network.SUPPLY_DAYS)
        self.shelf.release(1)


class Place:
    """All shelves, as resources that nobody owns a share of, and the counts."""

    def __init__(self, env, horizon):
        self.counts = textbook_simpy.Counts(horizon)
        self.shelves = [
            [
                salabim.Resource(capacity=int(level), anonymous=True, monitor=False, env=env)
                for level in row
            ]
            for row in network.base_stock()
        ]


def play_salabim(lives, horizon, after=0.0):
    salabim.yieldless(False)  # noqa: FBT003 - it knows no keyword
    env = salabim.Environment(trace=False)
    place = Place(env, horizon)
    for fleet, by_part in enumerate(lives):
        for part, rows in enumerate(by_part):
            for row in rows:
                Position(place=place, part=part, fleet=fleet, lives=row, env=env)
    env.run(horizon + after)
    return place.counts


@pytest.fixture(scope="module")
def lives():
    return network.lives(network.scenario("calendar"), seed=1, replication=0)


def ours():
    case = network.scenario("calendar", YEARS)
    decision = network.plan(case)
    return lambda: play(case, decision, 1, 0)


def test_salabim_counts_the_same_calls_and_waits(lives):
    played, counts = ours()(), play_salabim(lives, 365.0 * YEARS, AFTER)
    assert np.array_equal(counts.calls, played.requests[0, :, 1:])
    np.testing.assert_allclose(counts.waited, played.waited[0, :, 1:], rtol=1e-9, atol=1e-9)


def seconds_of(function):
    began = time.process_time()
    function()
    return time.process_time() - began


def test_speed_beside_salabim(benchmark, unit, lives):
    if benchmark.disabled:  # a smoke test
        benchmark(ours())
        return
    horizon = 365.0 * YEARS
    start = textbook_simpy.start_uncoupled
    engines = {
        "partsim": ours(),
        "textbook SimPy": lambda: textbook_simpy.play(start, lives, horizon),
        "salabim": lambda: play_salabim(lives, horizon),
    }
    rounds = [[seconds_of(engine) for engine in engines.values()] for _ in range(4)][1:]
    events = 3 * ours()().requests[0].sum()
    print()
    for name, seconds in zip(engines, np.min(rounds, axis=0), strict=True):
        print(f"{name:<16} {seconds:8.3f} CPU s {events / seconds * unit:10,.0f} events a unit")
    benchmark.pedantic(ours(), rounds=1)

"""The reference network by cimba, compiled: events and counters, one object for each position."""

from __future__ import annotations

import cimba
import numpy as np
from cimba import inputs

from benchmarks import reference_network as network
from benchmarks.textbook_simpy import Counts

QUEUE = 4096
"""Most orders that wait at the central shelf of one part."""


class Field(cimba.Model):
    """A field depot's shelf of one part."""

    central: cimba.Ref[Central]
    number: int
    on_hand: int
    horizon: float
    waiting: int = 0
    counted: int = 0
    calls: cimba.Output[int]
    waited: cimba.Output[float]

    def __init__(self, central, number, on_hand, horizon):
        self.central, self.number = central, number
        self.on_hand, self.horizon = int(on_hand), horizon

    @cimba.on_start
    def begin(self):
        self.waited = 0.0

    @cimba.function
    def request(self) -> None:
        """Order another unit, and take one or wait: the oldest call gets the next."""
        self.central.request(self.number)
        counts = cimba.now() < self.horizon
        if counts:
            self.calls += 1
        if self.on_hand > 0:
            self.on_hand -= 1
            return
        self.waiting += 1
        if counts:
            self.counted += 1
            self.waited -= cimba.now()

    @cimba.event
    def receive(self):
        if self.waiting == 0:
            self.on_hand += 1
            return
        self.waiting -= 1
        if self.counted > 0:
            self.counted -= 1
            self.waited += cimba.now()


class Central(cimba.Model):
    """The central shelf of one part, and the queue of the field depots that wait."""

    fields: list[Field]
    queue: cimba.Array[int] = cimba.Array(QUEUE)
    first: int = 0
    last: int = 0
    on_hand: int
    supply: float = network.SUPPLY_DAYS
    transport: float = network.TRANSPORT_DAYS

    def __init__(self, levels, horizon):
        self.on_hand = int(levels[0])
        self.fields = [Field(self, d, level, horizon) for d, level in enumerate(levels[1:])]

    @cimba.function
    def request(self, number: int) -> None:
        cimba.schedule(self.receive, self.supply)
        if self.on_hand > 0:
            self.on_hand -= 1
            cimba.schedule(self.fields[number].receive, self.transport)
        else:
            self.queue[self.last % len(self.queue)] = number
            self.last += 1

    @cimba.event
    def receive(self):
        if self.first == self.last:
            self.on_hand += 1
        else:
            cimba.schedule(
                self.fields[self.queue[self.first % len(self.queue)]].receive, self.transport
            )
            self.first += 1


class Position(cimba.Model):
    """A component that fails at the end of each life; the next life begins at once."""

    lives: cimba.Input[float]
    field: cimba.Ref[Field]
    end: float

    def __init__(self, lives, field, end):
        self.lives, self.field, self.end = inputs.trace(lives), field, end

    @cimba.on_start
    def begin(self):
        cimba.schedule(self.fail, self.lives.next())

    @cimba.event
    def fail(self):
        """Call; what would come after the end is not begun, for events go on after the window."""
        if cimba.now() < self.end:
            self.field.request()
            cimba.schedule(self.fail, self.lives.next())


class Network(cimba.Model):
    """All shelves and positions."""

    centrals: list[Central]
    positions: list[Position]

    def __init__(self, lives, horizon, end):
        self.centrals = [Central(levels, horizon) for levels in network.base_stock()]
        self.positions = [
            Position(row, self.centrals[part].fields[fleet], end)
            for fleet, by_part in enumerate(lives)
            for part, rows in enumerate(by_part)
            for row in rows
        ]


class Played:
    """The network with its lives, ready to be played as often as wanted."""

    def __init__(self, lives, horizon, after=0.0):
        self.horizon = horizon
        self.model = Network(lives, horizon, horizon + after)
        window = cimba.Window(warmup=0.0, duration=horizon + after)
        self.experiment = cimba.Experiment(self.model, replications=1, window=window, seed=1)

    def play(self):
        """Play to the horizon and some days after it; give the counts."""
        results = self.experiment.run(workers=1, on_failure="raise")
        rows = [[results[shelf] for shelf in central.fields] for central in self.model.centrals]
        counts = Counts(self.horizon)
        counts.calls = np.array([[np.asarray(of.calls).item() for of in row] for row in rows])
        counts.waited = np.array([[np.asarray(of.waited).item() for of in row] for row in rows])
        return counts

"""The reference network as SimPy's own guide would write it: the yardstick of our simulation.

A process for each component and each order, a Container for each shelf. In the coupled version a
component that fails interrupts the other components of its machine, which wait until it runs.
"""

from dataclasses import dataclass, field

import numpy as np
import simpy

from benchmarks.reference_network import (
    DEPOTS,
    FIELDS,
    MACHINES_A_DEPOT,
    PARTS,
    SUPPLY_DAYS,
    TRANSPORT_DAYS,
    base_stock,
)


@dataclass
class Counts:
    """Calls that began by the horizon: how many, and their wait [days], by part and field depot."""

    horizon: float
    calls: np.ndarray = field(default_factory=lambda: np.zeros((PARTS, FIELDS), int))
    waited: np.ndarray = field(default_factory=lambda: np.zeros((PARTS, FIELDS)))


class Network:
    """Shelves, and one-for-one orders as processes."""

    def __init__(self, env, horizon):
        self.env = env
        self.counts = Counts(horizon)
        levels = base_stock()
        self.shelves = [
            [simpy.Container(env, init=int(levels[p, d])) for d in range(DEPOTS)]
            for p in range(PARTS)
        ]

    def take(self, part, fleet):
        """Take a unit from a field depot, which orders another at once."""
        asked = self.env.now
        self.env.process(self.refill_field(part, fleet + 1))
        yield self.shelves[part][fleet + 1].get(1)
        if asked < self.counts.horizon:
            self.counts.calls[part, fleet] += 1
            self.counts.waited[part, fleet] += self.env.now - asked

    def refill_field(self, part, depot):
        """Get a unit from the central depot, which orders another at once; carry it."""
        self.env.process(self.refill_central(part))
        yield self.shelves[part][0].get(1)
        yield self.env.timeout(TRANSPORT_DAYS)
        yield self.shelves[part][depot].put(1)

    def refill_central(self, part):
        """Wait for the supplier."""
        yield self.env.timeout(SUPPLY_DAYS)
        yield self.shelves[part][0].put(1)


def uncoupled_component(network, part, fleet, lives):
    """Fail at the end of each life; the next life begins at once."""
    for life in lives:
        yield network.env.timeout(life)
        network.env.process(network.take(part, fleet))


class Machine:
    """Components that age only while the machine runs."""

    def __init__(self, network, fleet, lives):
        self.network = network
        self.fleet = fleet
        self.runs = network.env.event()
        self.components = [
            network.env.process(self.component(part, lives[part])) for part in range(PARTS)
        ]

    def component(self, part, lives):
        """Live, fail, wait for a unit; interrupted by the failures of the others."""
        env = self.network.env
        for life in lives:
            remaining = life
            while remaining > 0:
                began = env.now
                try:
                    yield env.timeout(remaining)
                    remaining = 0.0
                except simpy.Interrupt:
                    remaining -= env.now - began
                    yield self.runs
            yield from self.stop_while(part)

    def stop_while(self, part):
        """Stop the other components, take a unit, let them go on."""
        env = self.network.env
        for other, component in enumerate(self.components):
            if other != part:
                component.interrupt()
        yield from self.network.take(part, self.fleet)
        self.runs.succeed()
        self.runs = env.event()


def start_uncoupled(network, lives):
    """Start components that age in calendar time; lives by fleet, part and machine."""
    for fleet in range(FIELDS):
        for part in range(PARTS):
            for own in lives[fleet][part]:
                network.env.process(uncoupled_component(network, part, fleet, own))


def start_coupled(network, lives):
    """Start machines whose components stop together; lives by fleet, part and machine."""
    for fleet in range(FIELDS):
        for machine in range(MACHINES_A_DEPOT):
            Machine(network, fleet, [rows[machine] for rows in lives[fleet]])


def play(start, lives, horizon, after=0.0):
    """Play to the horizon and some days after it, so that calls can end; give the counts."""
    network = Network(simpy.Environment(), horizon)
    start(network, lives)
    network.env.run(horizon + after)
    return network.counts

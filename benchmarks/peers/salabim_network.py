"""The reference network by salabim: a component for each position, call and order."""

import salabim

from benchmarks import reference_network as network
from benchmarks import textbook_simpy


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


def play(lives, horizon, after=0.0):
    salabim.yieldless(False)  # noqa: FBT003 - it knows no keyword
    env = salabim.Environment(trace=False)
    place = Place(env, horizon)
    for fleet, by_part in enumerate(lives):
        for part, rows in enumerate(by_part):
            for row in rows:
                Position(place=place, part=part, fleet=fleet, lives=row, env=env)
    env.run(horizon + after)
    return place.counts

"""One replication: the scenario and the plan played out once, and what was counted."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.model.maintenance import maintained_parts
from partsim.simulation.call_counts import CallerCounts, FleetCounts
from partsim.simulation.call_log import SUMS, CallLog
from partsim.simulation.claims import Tally
from partsim.simulation.counters import open_counters
from partsim.simulation.dispatching import Dispatching, build_crews
from partsim.simulation.events import DAYS_PER_YEAR, Clock
from partsim.simulation.machines import start_fleet
from partsim.simulation.prevention import PreventionLog
from partsim.simulation.response_times import ResponseTimes
from partsim.simulation.series import CallSeries
from partsim.simulation.shelves import Shelf
from partsim.simulation.streams import Streams
from partsim.simulation.supply_measures import supply_costs, supply_measures
from partsim.simulation.supply_network import SupplyNetwork, build_supply
from partsim.simulation.watched_calls import CallWatch

if TYPE_CHECKING:
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Record:
    """
    Counts and time averages of one replication, over the measured period.

    Attributes
    ----------
    requests, from_shelf, waited : ndarray of float, shape (side, part, depot)
        Unit requests, those met from the shelf at once, and their total wait [days]; side 0
        is calls and refills, side 1 the depots supplied from here.
    tiers : ndarray of float, shape (tier, 3)
        The same of the calls and refills of each tier, where tiers are told apart; else zero.
    on_hand, backorders : ndarray of float, shape (part, depot)
        Time averages [units].
    in_transit : ndarray of float, shape (part,)
        Time average of the units between depots [units].
    orders : ndarray of float, shape (part,)
        Orders to suppliers.
    lateness : ndarray of float, shape (part,)
        Units times days above the mean lead time, as `LeadTimes` counts them.
    responses : tuple of ResponseTimes, one for each phase, then for each counter
        Response times of the calls; by `Scenario.phases`, fleet by fleet and tier by tier.
        Every unit that is ordered at a counter is a call.
    availability : ndarray of float, shape (fleet,)
        Share of the machines' time without an open call.
    service : ndarray of float, shape (phase and counter, sum)
        Sums over calls, in the order of `partsim.simulation.call_log.SUMS`.
    by_part : ndarray of float, shape (part, sum)
        The same by the part that fails or is ordered.
    technicians : ndarray of float, shape (group, 5)
        Time on calls [technician days], visits begun, their waits for somebody [days], calls whose
        first visit it was, and those of them that it ended.
    supply : ndarray of float, shape (measure, 2)
        Numerators and denominators of `supply_measures`.
    supply_costs : ndarray of float, shape (kind,)
        Money in the window by the kinds of `supply_costs`.
    failures, planned : ndarray of float, shape (fleet, part)
        Failures and planned replacements, of parts of which some units are put in as planned.
    inspections : ndarray of float, shape (fleet,)
        Of single machines.
    warranty : ndarray of float, shape (phase, 2, 4)
        In warranty and after it: calls, visits, price of the parts used, claims on suppliers.
    series : ndarray of float, shape (period, tier, 3)
        Calls by period, as `CallSeries` counts them.
    """

    requests: Floats
    from_shelf: Floats
    waited: Floats
    tiers: Floats
    on_hand: Floats
    backorders: Floats
    in_transit: Floats
    orders: Floats
    lateness: Floats
    responses: tuple[ResponseTimes, ...]
    availability: Floats
    service: Floats
    by_part: Floats
    technicians: Floats
    supply: Floats
    supply_costs: Floats
    failures: Floats
    planned: Floats
    inspections: Floats
    warranty: Floats
    series: Floats


@dataclass(frozen=True, eq=False)
class Network:
    """Everything that lives in one replication: the clock, the supply side, the calls."""

    clock: Clock
    supply: SupplyNetwork
    logs: list[CallLog]
    counters: list[CallLog]
    dispatching: Dispatching
    prevention: list[PreventionLog]
    watch: CallWatch | None = None

    @property
    def shelves(self) -> list[list[Shelf]]:
        """Shelves by part and depot."""
        return self.supply.shelves

    def run(self) -> None:
        """Run to the end of the window, and on until all that began before it is over."""
        clock = self.clock
        with _no_garbage_collection():
            clock.play()
            while clock.unfinished:
                clock.step()


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """
    Spare the search for cycles among what lives as long as the replication.

    Calls make none, and the search takes a tenth of a run; of a million positions being set up, a
    third.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def build(
    scenario: Scenario, plan: Plan, *, seed: int, replication: int, eventful: bool = False,
    watch: CallWatch | None = None,
) -> Network:  # fmt: skip
    """
    Set up a replication at time zero: full shelves, machines of the ages that the scenario says.

    Parameters
    ----------
    scenario : Scenario
        What is.
    plan : Plan
        Grades and stock levels, on the axes of the scenario.
    seed, replication : int
        Name of the random numbers.
    eventful : bool
        As for the `Clock`.
    watch : CallWatch, optional
        Sees every call, for tests.

    Returns
    -------
    Network
        Ready to run.
    """
    rules = scenario.simulation
    end = rules.warm_up + rules.years * DAYS_PER_YEAR
    clock = Clock(rules.warm_up, end, eventful=eventful)
    streams = Streams(seed, replication)
    supply = build_supply(clock, scenario, plan, streams)
    dispatching = build_crews(clock, scenario)
    fleets = range(len(scenario.fleets))
    prevention = [PreventionLog(maintained_parts(scenario, fleet)) for fleet in fleets]
    depots = [scenario.depot_ids.index(fleet.depot) for fleet in scenario.fleets]
    logs = [
        start_fleet(
            clock, scenario, fleet, supply.stores_of(fleet, depot), streams, dispatching,
            prevention[fleet], watch,
        )
        for fleet, depot in enumerate(depots)
    ]  # fmt: skip
    counters = open_counters(clock, scenario, supply, streams)
    return Network(clock, supply, logs, counters, dispatching, prevention, watch)


def play(scenario: Scenario, plan: Plan, seed: int, replication: int) -> Record:
    """
    Play one replication to the end of its last counted call.

    Parameters
    ----------
    scenario : Scenario
        What is.
    plan : Plan
        Grades and stock levels, on the axes of the scenario.
    seed, replication : int
        Name of the random numbers.

    Returns
    -------
    Record
        What was counted.
    """
    with _no_garbage_collection():
        record = _played(scenario, plan, seed, replication)
        gc.collect(0)  # what the replication leaves behind, and nothing older
    return record


def _played(scenario: Scenario, plan: Plan, seed: int, replication: int) -> Record:
    network = build(scenario, plan, seed=seed, replication=replication)
    counts = count_calls(scenario, network)
    network.run()
    record = record_of(scenario, network, counts)
    network.clock.forget()
    return record


@dataclass(frozen=True, eq=False)
class CallCounts:
    """What is measured of the calls of each fleet and counter."""

    fleets: list[FleetCounts]
    counters: list[CallerCounts]
    by_part: Floats
    series: CallSeries

    @property
    def callers(self) -> list[CallerCounts]:
        """Those of each phase and counter, as `Scenario.caller_tiers`."""
        phases = chain.from_iterable(fleet.phases for fleet in self.fleets)
        return [*phases, *self.counters]


def count_calls(scenario: Scenario, network: Network) -> CallCounts:
    """Let calls be counted while they come, so that none need be kept."""
    clock, fleets = network.clock, len(network.logs)
    tiers = scenario.caller_tiers[len(scenario.phases) :]
    by_part = np.zeros((len(scenario.parts) + 1, len(SUMS)))
    counts = CallCounts(
        [FleetCounts(scenario, fleet, clock, by_part) for fleet in range(fleets)],
        [CallerCounts(scenario, tier, clock, by_part) for tier in tiers],
        by_part,
        CallSeries(scenario, clock.start, clock.end),
    )
    series = counts.series
    for f, (log, fleet) in enumerate(zip(network.logs, counts.fleets, strict=True)):
        log.counted_by = _each(fleet.take, series.of_fleet(f))
    for tier, log, counter in zip(tiers, network.counters, counts.counters, strict=True):
        log.counted_by = _each(counter.take, series.of_tier(tier))
    return counts


def _each(*counting: Callable[[CallLog], object]) -> Callable[[CallLog], None]:
    """Let several count the same calls."""

    def count(log: CallLog) -> None:
        for take in counting:
            take(log)

    return count


def record_of(scenario: Scenario, network: Network, counts: CallCounts) -> Record:
    """Give what was counted in a network that has run."""
    clock = network.clock
    for log in (*network.logs, *network.counters):
        log.hand_over()
    cells = np.array([[_counts(shelf) for shelf in row] for row in network.shelves], float)
    requests, from_shelf, waited = (
        cells[..., :6].reshape(*cells.shape[:2], 3, 2).transpose(2, 3, 0, 1)
    )
    on_hand, backorders, in_transit, orders = np.moveaxis(cells[..., 6:], 2, 0)
    bases = scenario.installed_bases
    there = np.array([base.machine_days(clock.start, clock.end).sum() for base in bases])
    measures = [measure.read(network.supply, clock) for measure in supply_measures(scenario)]
    costs = [count(network.supply) for count in supply_costs(scenario).values()]
    return Record(
        requests=requests,
        from_shelf=from_shelf,
        waited=waited,
        tiers=_by_tier(scenario, network),
        on_hand=on_hand / clock.window,
        backorders=backorders / clock.window,
        in_transit=(in_transit.sum(axis=1) + _shipped_days(network)) / clock.window,
        orders=orders.sum(axis=1),
        lateness=_lateness(network),
        responses=tuple(caller.times.so_far() for caller in counts.callers),
        availability=1 - np.array([fleet.down_days() for fleet in counts.fleets]) / there,
        service=np.array([caller.service for caller in counts.callers]),
        by_part=counts.by_part[:-1],
        technicians=np.array([crew.counts for crew in network.dispatching.crews.values()]).reshape(
            -1, 5
        ),
        supply=np.array(measures, float).reshape(-1, 2),
        supply_costs=np.array(costs, float),
        failures=_by_part(scenario, [log.failures for log in network.prevention]),
        planned=_by_part(scenario, [log.planned for log in network.prevention]),
        inspections=np.array([log.inspections for log in network.prevention], float),
        warranty=np.array([phase for fleet in counts.fleets for phase in fleet.warranty]).reshape(
            -1, 2, 4
        ),
        series=counts.series.sums,
    )


def _counts(shelf: Shelf) -> tuple[float, ...]:
    """Give the counts of a shelf in the order in which `play` takes them apart."""
    sides = (_sum(shelf.machine_tallies), shelf.depot_side.tally)
    return (
        *(side.requests for side in sides),
        *(side.from_shelf for side in sides),
        *(side.waited for side in sides),
        shelf.on_hand_days,
        shelf.backorder_days,
        shelf.source.transit_days,
        shelf.source.measured_orders,
    )


def _sum(tallies: Sequence[Tally]) -> Tally:
    """Add tallies up."""
    total = Tally()
    for tally in tallies:
        total.requests += tally.requests
        total.from_shelf += tally.from_shelf
        total.waited += tally.waited
    return total


def _by_tier(scenario: Scenario, network: Network) -> Floats:
    """Give what the calls and refills of each tier asked for, shape (tier, 3)."""
    shelves = [shelf for row in network.shelves for shelf in row]
    sums = [
        _sum([shelf.claim_of(tier).tally for shelf in shelves if shelf.tiers])
        for tier in scenario.tiers
    ]
    return np.array([(one.requests, one.from_shelf, one.waited) for one in sums], float)


def _shipped_days(network: Network) -> Floats:
    """Give the time integral of units shipped between depots at shortages, shape (part,)."""
    days = np.zeros(len(network.shelves))
    for (p, _), shipments in network.supply.shipments.items():
        days[p] += sum(one.transit_days for one in shipments)
    return days


def _lateness(network: Network) -> Floats:
    """Give what came later than the mean lead times say, shape (part,)."""
    late = np.zeros(len(network.shelves))
    for part, lead_times in network.supply.deliveries.lead_times:
        late[part] += lead_times.lateness
    return late


def _by_part(scenario: Scenario, counts: Sequence[Mapping[str, int]]) -> Floats:
    """Put counts by part, fleet by fleet, on the axes of the scenario."""
    rows = [[count.get(part, 0) for part in scenario.part_ids] for count in counts]
    return np.array(rows, float).reshape(-1, len(scenario.parts))

"""What the supply side is measured by, beside its shelves: one entry for each figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.simulation.events import DAYS_PER_YEAR, Clock
from partsim.simulation.sourcing import WAYS, Way
from partsim.simulation.supply_network import SupplyNetwork

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """
    One figure of the supply side: a ratio of what one replication counted.

    Attributes
    ----------
    what, where, unit : str
        Such as ``emergency shipments from outside``, ``north``, ``units per year``.
    read : callable
        Gives numerator and denominator of a replication.
    """

    what: str
    where: str
    unit: str
    read: Callable[[SupplyNetwork, Clock], tuple[float, float]]


_NAMES: dict[Way, str] = {
    "lateral": "lateral transshipments to",
    "central": "emergency shipments from the central depot to",
    "outside": "emergency shipments from outside to",
}


def supply_measures(scenario: Scenario) -> list[Measure]:
    """
    List the figures that a scenario's supply rules call for, the same for every replication.

    Parameters
    ----------
    scenario : Scenario
        What is played.

    Returns
    -------
    list of Measure
        Empty for plain replenishment.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> supply_measures(read_scenario("scenarios/first_steps.yaml"))
    []
    """
    return list(_shipments(scenario))


def _shipments(scenario: Scenario) -> Iterator[Measure]:
    for way in WAYS:
        if not _plays(scenario, way):
            continue
        for d, depot in enumerate(scenario.depot_ids):

            def read(
                network: SupplyNetwork, clock: Clock, d: int = d, way: Way = way
            ) -> tuple[float, float]:
                counts = [
                    count.measured
                    for (_, depot), all_counts in network.shipments.items()
                    for count in all_counts
                    if depot == d and count.way == way
                ]
                return float(sum(counts)), clock.window / DAYS_PER_YEAR

            yield Measure(_NAMES[way], depot, "units per year", read)


def _plays(scenario: Scenario, way: Way) -> bool:
    if way == "lateral":
        return scenario.lateral is not None
    return scenario.emergency is not None and getattr(scenario.emergency, way) is not None


def supply_costs(scenario: Scenario) -> dict[str, Callable[[SupplyNetwork], float]]:
    """
    Give the kinds of cost that a scenario's supply rules add, and how to count each.

    Parameters
    ----------
    scenario : Scenario
        What is played.

    Returns
    -------
    dict of str to callable
        Money of one replication's window by kind of cost.
    """
    costs: dict[str, Callable[[SupplyNetwork], float]] = {}
    if scenario.emergency:
        rules = scenario.emergency
        price = {
            way: shipment.cost
            for way, shipment in (("central", rules.central), ("outside", rules.outside))
            if shipment
        }
        costs["emergency"] = lambda network: _money(network, price)
    if scenario.lateral:
        lateral = {"lateral": scenario.lateral.cost}
        costs["lateral"] = lambda network: _money(network, lateral)
    return costs


def _money(network: SupplyNetwork, price: dict[str, float]) -> float:
    counts = (count for counts in network.shipments.values() for count in counts)
    return sum(count.measured * price.get(count.way, 0.0) for count in counts)

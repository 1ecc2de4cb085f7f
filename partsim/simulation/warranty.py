"""Warranty: how many calls came in it and after it, and what parts and visits come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.model.tier_phases import moments_of_age
from partsim.simulation.call_log import CallLog
from partsim.simulation.events import Clock

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]


class WarrantySums:
    """
    Sums over the calls of a fleet, in warranty and after it.

    Parameters
    ----------
    scenario : Scenario
        What is played.
    fleet : int
        Number of the fleet.
    clock : Clock
        With the window.
    """

    def __init__(self, scenario: Scenario, fleet: int, clock: Clock) -> None:
        self._start = clock.start
        self._ends = warranty_ends(scenario, fleet)
        # The last of calls solved by phone, whose part is -1.
        self._prices, self._claims = (np.append(of, 0.0) for of in part_values(scenario))

    def of(self, log: CallLog) -> Floats:
        """
        Sum up some calls, those that began in the window.

        Parameters
        ----------
        log : CallLog
            Of the fleet.

        Returns
        -------
        ndarray of float, shape (2, 4)
            Row 0 in warranty, row 1 after it: calls, visits, price of the parts used, and what
            their suppliers pay back in warranty.
        """
        began, part = log.began, log.column("part").astype(np.int64)
        measured = began >= self._start
        covered = began < self._ends[log.machine]
        rows = np.array(
            [np.ones(len(part)), log.column("visits"), self._prices[part], self._claims[part]]
        )
        in_each = (measured & covered, measured & ~covered)
        return np.array([rows[:, calls].sum(axis=1) for calls in in_each])


def part_values(scenario: Scenario) -> tuple[Floats, Floats]:
    """
    Give the mean price of what a failure of each part takes, and of what its suppliers pay back.

    Parts that only some failures take count by their share, since none of this depends on which
    failures these are.

    Returns
    -------
    (ndarray, ndarray), each of shape (part,)
        In the scenario's currency.
    """
    prices = dict(zip(scenario.part_ids, scenario.prices.tolist(), strict=True))
    claimed = {
        name: prices[name] * (scenario.suppliers[part.supplier].warranty_claims or 0.0)
        for name, part in scenario.parts.items()
    }

    def of_a_failure(value: dict[str, float], name: str) -> float:
        part = scenario.parts[name]
        always = value[name] + sum(value[other] * units for other, units in part.needs.items())
        # Customers who have the part take nothing that is only sometimes needed.
        sometimes = sum(value[other] * share for other, share in part.may_need.items())
        return always + (1 - part.customer_held) * sometimes

    priced, paid = (
        np.array([of_a_failure(value, name) for name in scenario.part_ids])
        for value in (prices, claimed)
    )
    return priced, paid


def warranty_ends(scenario: Scenario, fleet: int) -> Floats:
    """
    Say until when each machine of a fleet is in warranty.

    Parameters
    ----------
    scenario : Scenario
        The question.
    fleet : int
        Number of the fleet.

    Returns
    -------
    ndarray of float, shape (machine,)
        Days from the start of the simulation; minus infinity for never. Of machines whose age
        nobody knows the share `in_warranty`, to the nearest machine, is in it all the time: as
        some grow out of it, as many new ones come.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> changes = ["machines.machine.warranty=12 months", "fleets.0.in_warranty=10 %"]
    >>> scenario = read_scenario("scenarios/first_steps.yaml", changes)
    >>> ends = warranty_ends(scenario, 0)
    >>> len(ends), int(np.isinf(ends).sum()), int(np.isposinf(ends).sum())
    (40, 40, 4)
    """
    entry, base = scenario.fleets[fleet], scenario.installed_bases[fleet]
    length = scenario.machines[entry.machine].warranty
    if length is None:
        return np.full(len(base), -np.inf)
    return moments_of_age(entry, base, [length])[:, 0]

"""Emergency shipments as arrays: whose demand they fill, what they take and cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from partsim.model.demand import Demand
from partsim.model.emergency_formulas import emergency_in_formulas
from partsim.model.scenario import Scenario
from partsim.model.sourcing import Shipment
from partsim.optimisation.targets import response_windows

Floats = NDArray[np.float64]

CENTRE, OUTSIDE = 0, 1
"""First axis of what is said of both ways."""
_NODES = 512
"""Slices of the tolerable wait: a certain wait must not fall on one side of a wide one."""


@dataclass(frozen=True, eq=False)
class EmergencyRules:
    """
    Emergency shipments, one to each urgent demand that finds the shelf empty.

    Attributes
    ----------
    scenario, demand
        Whose they are.
    shipments : tuple of (Shipment or None, Shipment)
        From the central depot, if it helps, and from outside.
    """

    scenario: Scenario
    demand: Demand
    shipments: tuple[Shipment | None, Shipment]

    @cached_property
    def tiers(self) -> NDArray[np.bool_]:
        """Tiers whose calls get them, shape (tier,)."""
        rules = self.scenario.emergency
        named = rules.tiers if rules else ()
        return np.array([not named or tier in named for tier in self.scenario.tier_ids])

    @cached_property
    def urgent(self) -> Floats:
        """Demand of machines that stand still, of these tiers [units per day], (part, depot)."""
        return np.asarray((self._calls * self.tiers).sum(axis=2))

    @cached_property
    def _calls(self) -> Floats:
        """Calls that need a part of ours [per day], shape (part, depot, tier)."""
        held = np.array([part.customer_held for part in self.scenario.parts.values()])
        return np.asarray(self.demand.call_rate * (1 - held)[:, None, None])

    @cached_property
    def waits(self) -> Floats:
        """Share of a depot's own demand that waits for the shelf, shape (part, depot)."""
        rate = self.demand.depot_rate
        urgent = np.divide(self.urgent, rate, out=np.zeros_like(rate), where=rate > 0)
        return np.asarray(1 - urgent)

    @cached_property
    def times(self) -> Floats:
        """Until the unit is at the depot [days], shape (way,)."""
        return np.array([shipment.time if shipment else 0.0 for shipment in self.shipments])

    @cached_property
    def costs(self) -> Floats:
        """Cost of a shipment, shape (way,)."""
        return np.array([shipment.cost if shipment else 0.0 for shipment in self.shipments])

    @cached_property
    def kept(self) -> Floats:
        """P(promise kept) if the part comes so, shape (way, kind, depot, tier)."""
        windows = response_windows(self.scenario, nodes=_NODES)
        waits = self.times.reshape(2, 1, 1, 1, 1) * (1 - 1e-12)
        return np.asarray((windows.weights * (windows.waits >= waits)).sum(axis=-1))

    @cached_property
    def downtime(self) -> tuple[Floats, Floats]:
        """What a machine costs [money per year] that waits for the shelf, and for a shipment.

        Both of shape (part, depot): means over the calls that do.
        """
        money = self._calls * self.scenario.downtime_costs * 365
        urgent = (money * self.tiers).sum(axis=2)
        patient = self.demand.depot_rate - self.urgent
        return _ratio(money.sum(axis=2) - urgent, patient), _ratio(urgent, self.urgent)

    def waiting(self, shipped: Floats) -> Floats:
        """
        Give the machines that wait for a shipment.

        Parameters
        ----------
        shipped : ndarray of float, shape (way, ...)
            Shipments [units per day].

        Returns
        -------
        ndarray of float, shape (...)
            Machines.
        """
        return np.tensordot(self.times, shipped, axes=1)

    def money(self, shipped: Floats) -> Floats:
        """
        Give what shipments cost.

        Parameters
        ----------
        shipped : ndarray of float, shape (way, ...)
            Shipments [units per day].

        Returns
        -------
        ndarray of float, shape (...)
            Money per year.
        """
        return np.tensordot(self.costs * 365, shipped, axes=1)

    def held(self, shipped: Floats, lead_time: Floats) -> Floats:
        """
        Give the units that shipments add to the stock owned.

        Those from the central depot are ours on their way; suppliers owe none for those from
        outside. The first count no more than the second, as if no shipment took longer than
        suppliers do.

        Parameters
        ----------
        shipped : ndarray of float, shape (way, ...)
            Shipments [units per day].
        lead_time : ndarray of float
            Mean lead time of suppliers [days], to be broadcast with a shipment's axes.

        Returns
        -------
        ndarray of float, shape (...)
            Units.
        """
        from_centre = np.minimum(self.times[CENTRE], lead_time)
        return np.asarray(shipped[CENTRE] * from_centre + shipped[OUTSIDE] * lead_time)


def emergency_rules(scenario: Scenario, demand: Demand) -> EmergencyRules | None:
    """
    Give a scenario's emergency shipments, if the formulas know them.

    Parameters
    ----------
    scenario, demand
        The question and its demand.

    Returns
    -------
    EmergencyRules or None
        None where there are none, or none that the formulas know.
    """
    rules = scenario.emergency
    if rules is None or rules.outside is None or not emergency_in_formulas(scenario):
        return None
    return EmergencyRules(scenario, demand, (rules.central, rules.outside))


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 1e-15)

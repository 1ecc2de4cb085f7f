"""What a part's grade is made of: facts of the scenario, and criteria derived from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.model.ordered_units import ordered_units
from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]

DIFFICULTIES = ("low", "medium", "high")
CRITICALITIES = ("desirable", "essential", "vital")
DIFFICULTY_WEIGHT = np.array([1.0, 2.0, 3.0])
"""Weight of a wait for an easy, a middling, a difficult part; an assumption."""
CRITICALITY_WEIGHT = np.array([0.01, 0.5, 1.0])
"""Weight of a wait for a desirable, an essential, a vital part, as Flores, Olson and Dorai (1992)
number not critical, moderately and very critical."""


@dataclass(frozen=True, eq=False)
class PartFacts:
    """
    Facts of the parts, as arrays of shape (part,).

    Attributes
    ----------
    price : ndarray of float
        Of one unit.
    life : ndarray of float
        Mean life [days]; of a part without a lifetime the mean time between units, over all depots.
    positions : ndarray of float
        Places in machines in the field that hold the part, on average over the measured years; 1
        for a part without a lifetime that is ordered at all.
    lead_time : ndarray of float
        Mean of the supplier, without approval [days].
    outsourced : ndarray of float
        0 or 1.
    difficulty, criticality : ndarray of int
        Index into `DIFFICULTIES` and `CRITICALITIES`.
    ordered : ndarray of bool
        Whether customers order it, and no machine wears it out.
    holding_rate : float
        Share of the price per year.
    order_cost : float
        Of one order, without approval.
    """

    price: Floats
    life: Floats
    positions: Floats
    lead_time: Floats
    outsourced: Floats
    difficulty: NDArray[np.int64]
    criticality: NDArray[np.int64]
    ordered: NDArray[np.bool_]
    holding_rate: float
    order_cost: float

    @property
    def wear(self) -> Floats:
        """Wear rate [per year of running]."""
        return 365 / self.life

    @property
    def use(self) -> Floats:
        """Units per year, as if machines always ran."""
        return self.positions * self.wear

    @property
    def value(self) -> Floats:
        """Annual usage value [money per year]."""
        return self.use * self.price

    @property
    def holding_cost(self) -> Floats:
        """Holding cost of one unit [money per year]."""
        return self.price * self.holding_rate

    @property
    def criticality_weight(self) -> Floats:
        """Weight of a wait by criticality, 0 to 1."""
        return np.asarray(CRITICALITY_WEIGHT[self.criticality])

    @property
    def difficulty_weight(self) -> Floats:
        """Weight of a wait by difficulty, 1 to 3."""
        return np.asarray(DIFFICULTY_WEIGHT[self.difficulty])

    def lot(self, approval_cost: float = 0.0) -> Floats:
        """Give the economic lot, from one unit to a year's use; 1 where holding is free."""
        cost = 2 * self.use * (self.order_cost + approval_cost)
        holding = self.holding_cost
        lot = np.sqrt(np.divide(cost, holding, out=np.ones_like(cost), where=holding > 0))
        return np.clip(np.round(lot), 1, np.maximum(self.use, 1))

    def measures(self, names: tuple[str, ...]) -> Floats:
        """Give criteria as columns, shape (part, criterion), greater being stricter."""
        weighted = {"criticality": "criticality_weight", "difficulty": "difficulty_weight"}
        return np.column_stack([getattr(self, weighted.get(name, name)) for name in names])


def facts_of(scenario: Scenario) -> PartFacts:
    """
    Collect the facts of a scenario's parts.

    Parameters
    ----------
    scenario : Scenario
        The question.

    Returns
    -------
    PartFacts
        In the order of ``scenario.part_ids``.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> facts_of(read_scenario("scenarios/first_steps.yaml")).positions.tolist()
    [40.0, 80.0]
    """
    parts = scenario.parts.values()
    positions = dict.fromkeys(scenario.parts, 0.0)
    begin, length = scenario.simulation.warm_up, scenario.simulation.years * 365
    for fleet, base in zip(scenario.fleets, scenario.installed_bases, strict=True):
        machines = float(base.machine_days(begin, begin + length).sum()) / length
        for part, count in scenario.machines[fleet.machine].positions.items():
            positions[part] += machines * count
    rate = ordered_units(scenario).rate.sum(axis=(1, 2))
    ordered = scenario.demand_parts
    # A part that is never ordered wears like the slowest one.
    gaps = np.divide(1.0, rate, out=np.full_like(rate, length), where=rate > 0)
    lives = [part.lifetime.distribution.mean if part.lifetime else 0.0 for part in parts]
    life = np.where(ordered, gaps, lives)
    never = ordered & (rate == 0)
    life[never] = life.max()
    lead_times = [scenario.suppliers[part.supplier].lead_time.distribution for part in parts]
    return PartFacts(
        price=scenario.prices,
        life=life,
        positions=np.where(ordered, rate > 0, list(positions.values())),
        lead_time=np.array([lead_time.mean for lead_time in lead_times]),
        outsourced=np.array([float(scenario.is_outsourced(part)) for part in scenario.parts]),
        difficulty=np.array([DIFFICULTIES.index(part.difficulty) for part in parts]),
        criticality=np.array([CRITICALITIES.index(part.criticality) for part in parts]),
        ordered=ordered,
        holding_rate=scenario.costs.holding * 365,
        order_cost=scenario.costs.order,
    )

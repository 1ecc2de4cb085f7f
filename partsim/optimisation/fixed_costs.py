"""Costs per year of parts that no stock level changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partsim.model.demand import Demand
from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]


def fixed_part_costs(
    scenario: Scenario,
    demand: Demand,
    grades: tuple[str, ...],
    order_rate: Floats,
    internal_order_rate: Floats,
) -> dict[str, Floats]:
    """
    Give what ordering, approval, control, counting and planned replacement cost.

    Parameters
    ----------
    scenario, demand
        The question and its demand.
    grades : tuple of str
        Grade of each part.
    order_rate, internal_order_rate : ndarray of float, shape (part,)
        Orders to suppliers, and of depots to each other [per year].

    Returns
    -------
    dict of str to ndarray of float, shape (part,)
        Money per year.
    """
    rules = [scenario.grade_rules(grade) for grade in grades]
    value = demand.depot_rate.sum(axis=1) * scenario.prices * 365
    counting = np.array([rule.counting_cost for rule in rules])
    planned = demand.planned_rate.sum(axis=(1, 2)) * 365
    work = planned * scenario.costs.planned_replacement
    internal = internal_order_rate * scenario.costs.internal_order
    prevention = {"planned_replacement": work} if planned.any() else {}
    return (
        prevention
        | {
            "ordering": order_rate * scenario.costs.order,
            "approval": order_rate * np.array([rule.approval_cost for rule in rules]),
            "control_loss": value * np.array([rule.control_loss for rule in rules]),
        }
        | ({"counting": counting} if counting.any() else {})
        | ({"internal_ordering": internal} if scenario.costs.internal_order else {})
    )

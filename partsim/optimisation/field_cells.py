"""Cells of field depots: what each level leaves on the shelf, waiting, and to be shipped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.counts import count_table
from partsim.analytic.order_units import with_units_before
from partsim.analytic.overflow_under_centre import (
    FieldOverflow,
    field_overflow,
    ready_when_empty,
)
from partsim.analytic.two_echelon import finite_source_backorders
from partsim.optimisation.emergency import CENTRE
from partsim.optimisation.evaluation_model import RootNetwork
from partsim.optimisation.field_lots import average_over_positions
from partsim.optimisation.sight import Sight, units_in_resupply

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LIMIT = -1
"""Index of the relaxed level in every table over levels."""


@dataclass(frozen=True, eq=False)
class FieldCells:
    """
    Field depots of a batch of options, level by level.

    Attributes
    ----------
    in_stock : ndarray of float, shape (option, field, level)
        Share of demand met at once.
    backorders : ndarray of float, shape (option, field, level)
        Expected backorders that wait for the shelf [units].
    on_hand : ndarray of float, shape (option, field, level)
        Stock on the shelf [units].
    shipped : ndarray of float, shape (way, option, field, level)
        Emergency shipments from the root and from outside [units per day].
    bypass : ndarray of float, shape (state, option, field, level)
        Demand that does not reach the root while it has a unit, and while it has none [units
        per day].
    """

    in_stock: Floats
    backorders: Floats
    on_hand: Floats
    shipped: Floats
    bypass: Floats


def field_cells(
    root: RootNetwork, part: Ints, central_level: Ints, sight: Sight, levels: int
) -> FieldCells:
    """
    Evaluate the field depots of options.

    Parameters
    ----------
    root : RootNetwork
        Who supplies them.
    part, central_level : ndarray of int, shape (option,)
        Part and S0.
    sight : Sight
        The root's stock.
    levels : int
        Levels 0 to levels - 1.

    Returns
    -------
    FieldCells
        Each depot by itself: what others keep from the root is in what it sees of it.
    """
    if root.model.emergency is None:
        return _waiting_cells(root, part, sight, levels)
    return _emergency_cells(root, part, central_level, sight, levels)


def _waiting_cells(root: RootNetwork, part: Ints, sight: Sight, levels: int) -> FieldCells:
    """Let all demand wait for the shelf."""
    mean, variance = units_in_resupply(root, part, sight)
    ready = sight.of_fields[2][..., 0]
    table, lot = count_table(mean, variance, levels - 1), root.model.lot[part][:, root.fields]
    in_stock = np.zeros((*mean.shape, levels))  # P(X <= S - 1)
    # Without stock a demand still waits for nothing if nothing has to be transported.
    soon = np.broadcast_to(np.where(root.transport == 0, ready, 0.0), mean.shape)
    order_ratio = root.model.demand.order_ratio[part][:, root.fields]
    in_stock[..., 0] = soon
    in_stock[..., 1:] = met_in_time(table.at_most[..., :-1], order_ratio, soon)
    in_stock = average_over_positions(in_stock, lot)
    sources = root.model.demand.sources[part][:, root.fields][..., None]
    backorders = finite_source_backorders(
        average_over_positions(table.backorders, lot), mean[..., None], 1 - in_stock, sources
    )
    position = np.arange(levels) - (lot[..., None] - 1) / 2
    # The share of demand that is left while backorders keep machines down.
    down = np.divide(backorders, sources, out=np.zeros_like(backorders), where=sources > 0)
    on_hand = position - mean[..., None] * (1 - down) + backorders
    nothing = np.broadcast_to(0.0, (2, *in_stock.shape))
    return FieldCells(in_stock, backorders, on_hand, shipped=nothing, bypass=nothing)


def met_in_time(at_most: Floats, order_ratio: Floats, soon: Floats) -> Floats:
    """
    Give the share of units met, from P(X <= S - 1) of the units that stand before an order.

    J units of its order that come before it hold a unit up, unless what the depot orders for them
    is there as soon as it has to be. Then nothing stands before them, so that the units are met if
    that is so, or X + J <= S - 1 all the same.

    Parameters
    ----------
    at_most : ndarray of float, shape (..., level)
        For S = 1, 2, ...
    order_ratio : ndarray of float, shape (...)
        Variance over mean of the units of orders.
    soon : ndarray of float, shape (...)
        P(what is ordered now is there in time).

    Returns
    -------
    ndarray of float, shape (..., level)
        `at_most` itself where orders are of one unit.
    """
    if (order_ratio == 1).all():
        return at_most
    held_up = 1 - with_units_before(np.ones(at_most.shape[-1]), order_ratio)  # P(J > S - 1)
    return np.asarray(with_units_before(at_most, order_ratio) + soon[..., None] * held_up)


def _emergency_cells(
    root: RootNetwork, part: Ints, central_level: Ints, sight: Sight, levels: int
) -> FieldCells:
    """Ship what urgent demand does not find on the shelf; the rest waits for it."""
    model = root.model
    assert model.emergency is not None
    lot = model.lot[part][:, root.fields]
    mean, _ = units_in_resupply(root, part, sight)
    field = _overflow(root, part, central_level, sight, levels)
    table = field.table
    empty, backorders, on_hand, both, ready = (
        average_over_positions(values, lot)
        for values in (table.empty, table.backorders, table.on_hand, field.both, field.ready)
    )
    sources = model.demand.sources[part][:, root.fields][..., None]
    backorders = finite_source_backorders(backorders, mean[..., None], empty, sources)
    urgent = model.emergency.urgent[part][:, root.fields][..., None]
    while_out = _ratio(empty - both, 1 - ready)
    if model.emergency.shipments[CENTRE] is None:
        shipped, while_ready = (np.zeros_like(empty), empty), _ratio(both, ready)
    else:  # what the root ships reaches it
        shipped, while_ready = (both, empty - both), np.zeros_like(empty)
    return FieldCells(
        in_stock=1 - empty,
        backorders=backorders,
        on_hand=on_hand,
        shipped=urgent * np.stack(shipped),
        bypass=urgent * np.stack([while_ready, while_out]),
    )


def _overflow(
    root: RootNetwork, part: Ints, central_level: Ints, sight: Sight, levels: int
) -> FieldOverflow:
    """Evaluate each position of a field with the root's stock."""
    demand, grade = root.model.demand, root.model.grade[part]
    moving = demand.depot_rate[part][:, root.fields] * root.transport
    ratio = demand.variance_ratio[part[:, None], root.fields, grade[:, None]]
    lead_time = root.supply_time(part)
    position = np.maximum(central_level - (root.model.lot[part, root.depot] - 1) // 2, 0)
    factor = ready_when_empty(
        root.reached_by.ready_of_field[part] * lead_time,
        position[:, None],
        lead_time / np.maximum(lead_time + root.transport, 1e-12),
        moving,
        levels - 1,
    )
    ready, of_root = sight.of_fields[2][..., 0], sight.of_root[2][:, :1]
    in_lots = root.model.lot[part, root.depot][:, None] > 1
    return field_overflow(
        (moving, ratio * moving),
        units_in_resupply(root, part, sight),
        ready,
        root.model.waits[part][:, root.fields],
        factor,
        most_ready=np.where(in_lots, np.maximum(ready, of_root), 1.0),
    )


def _ratio(above: Floats, below: Floats) -> Floats:
    share = np.divide(above, below, out=np.zeros_like(above), where=below > 1e-12)
    return np.clip(share, 0.0, 1.0)

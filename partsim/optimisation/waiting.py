"""Machines that wait for a part: how many, and what one of them costs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.two_echelon import finite_source_backorders
from partsim.optimisation.emergency import OUTSIDE
from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def kept_back(root: RootNetwork, part: Ints, depots: Ints) -> Floats:
    """
    Give the units that one backorder of machines adds to the stock owned.

    Stock owned is base stock, less what suppliers still owe, plus backorders. A machine that
    waits takes no other unit, so that suppliers owe less by its demand in their lead time.

    Parameters
    ----------
    root : RootNetwork
        Who supplies the depots.
    part : ndarray of int, shape (option,)
        Parts.
    depots : ndarray of int, shape (depot,)
        Depots that serve the machines.

    Returns
    -------
    ndarray of float, shape (option, depot)
        1 for an open source.
    """
    rate = root.model.demand.depot_rate[part][:, depots]
    sources = root.model.demand.sources[part][:, depots]
    lead_time = root.supply_time(part)
    taken = np.divide(rate, sources, out=np.zeros_like(rate), where=sources > 0)
    return np.asarray(1 + taken * lead_time)


def backorder_cost(root: RootNetwork, part: Ints, depots: Ints) -> Floats:
    """
    Give what one backorder of machines costs: holding of units kept back, and downtime.

    Parameters
    ----------
    root : RootNetwork
        Who supplies the depots.
    part : ndarray of int, shape (option,)
        Parts.
    depots : ndarray of int, shape (depot,)
        Depots that serve the machines.

    Returns
    -------
    ndarray of float, shape (option, depot)
        Money per year.
    """
    held = root.model.holding[part][:, None] * kept_back(root, part, depots)
    return np.asarray(held + root.model.downtime[part][:, depots])


def own_backorders(root: RootNetwork, part: Ints, owed: Floats, ready: Floats) -> Floats:
    """
    Give the backorders of the root's own customers.

    Parameters
    ----------
    root : RootNetwork
        Who supplies the depots.
    part : ndarray of int, shape (option,)
        Parts.
    owed, ready : ndarray of float, shape (option,)
        All backorders of the root, and its ready rate.

    Returns
    -------
    ndarray of float, shape (option,)
        Units.
    """
    mine = root.own_share[part]
    rate = (root.model.demand.depot_rate * root.model.waits)[part, root.depot]
    out = root.reached_by.out[part]
    waiting = np.divide(rate, out, out=np.zeros_like(out), where=out > 0)
    sources = root.model.demand.sources[part, root.depot]
    return finite_source_backorders(
        waiting * owed, mine * root.lead_time_demand[part, 0], 1 - ready, sources
    )


def own_shipments(root: RootNetwork, part: Ints, ready: Floats) -> Floats:
    """
    Give the emergency shipments to the root's own customers, all from outside.

    Parameters
    ----------
    root : RootNetwork
        The root.
    part : ndarray of int, shape (option,)
        Parts.
    ready : ndarray of float, shape (option,)
        Its ready rate.

    Returns
    -------
    ndarray of float, shape (way, option)
        Units per day.
    """
    shipped = np.zeros((2, len(part)))
    if root.model.emergency is not None:
        shipped[OUTSIDE] = root.model.emergency.urgent[part, root.depot] * (1 - ready)
    return shipped


def waiting_machines(model: EvaluationModel, backorders: Floats, shipped: Floats) -> Floats:
    """
    Give the machines that wait for a part, from the shelf or by an emergency shipment.

    Parameters
    ----------
    model : EvaluationModel
        With the times of shipments.
    backorders : ndarray of float, shape (...)
        Those that wait for the shelf.
    shipped : ndarray of float, shape (way, ...)
        Shipments [units per day].

    Returns
    -------
    ndarray of float, shape (...)
        Machines.
    """
    return backorders if model.emergency is None else backorders + model.emergency.waiting(shipped)

"""Demand that reaches a root: while it has a unit, while it has none, and as each field sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bypass:
    """
    Demand of field depots that emergency shipments keep from the root above.

    Attributes
    ----------
    while_ready, while_out : ndarray of float, shape (part, depot)
        While the root has a unit, and while it has none [units per day].
    outside : ndarray of float, shape (part, depot)
        All that is shipped from outside to the depot's customers [units per day].
    """

    while_ready: Floats
    while_out: Floats
    outside: Floats

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> Bypass:
        """Give that of a network where all demand is passed on."""
        return cls(*np.zeros((3, *shape)))


@dataclass(frozen=True, eq=False)
class CentralDemand:
    """
    Demand on a root [units per day].

    Attributes
    ----------
    ready, out : ndarray of float, shape (part,)
        While it has a unit, and while it has none.
    ready_of_field, out_of_field : ndarray of float, shape (part, field)
        The same as if one field passed on all it is asked for.
    """

    ready: Floats
    out: Floats
    ready_of_field: Floats
    out_of_field: Floats


def central_demand(
    total: Floats, own_urgent: Floats, bypass: Bypass, fields: Ints
) -> CentralDemand:
    """
    Take what bypasses a root from the demand on it.

    Parameters
    ----------
    total : ndarray of float, shape (part,)
        Demand on the root and all below it [units per day].
    own_urgent : ndarray of float, shape (part,)
        Demand of its own customers that does not wait for it.
    bypass : Bypass
        Demand of fields that does not reach it.
    fields : ndarray of int
        Field depots.

    Returns
    -------
    CentralDemand
        Zero or more.
    """
    ready_lost, out_lost = bypass.while_ready[:, fields], bypass.while_out[:, fields]
    ready = np.maximum(total - ready_lost.sum(axis=1), 0.0)
    out = np.maximum(total - own_urgent - out_lost.sum(axis=1), 0.0)
    return CentralDemand(ready, out, ready[:, None] + ready_lost, out[:, None] + out_lost)

"""What a root and its fields see of the root's stock, option by option."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.two_echelon import vari_metric
from partsim.optimisation.evaluation_model import RootNetwork

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sight:
    """
    The stock of a root at the central levels of options.

    Attributes
    ----------
    owed, spread, ready : ndarray of float, shape (option, view, lag)
        Mean and variance of the units owed, and the ready rate: as the root sees itself, then
        as each field does, if they differ.
    level : ndarray of int, shape (option,)
        The central levels.
    """

    owed: Floats
    spread: Floats
    ready: Floats
    level: Ints

    @property
    def of_root(self) -> tuple[Floats, Floats, Floats]:
        """Each of shape (option, lag)."""
        return self.owed[:, 0], self.spread[:, 0], self.ready[:, 0]

    @property
    def of_fields(self) -> tuple[Floats, Floats, Floats]:
        """Each of shape (option, field or 1, lag)."""
        first = min(self.owed.shape[1] - 1, 1)
        return self.owed[:, first:], self.spread[:, first:], self.ready[:, first:]

    def at(self, options: Ints) -> Sight:
        """Give that of some options."""
        return Sight(
            self.owed[options], self.spread[options], self.ready[options], self.level[options]
        )


def look_up(root: RootNetwork, part: Ints, central_level: Ints) -> Sight:
    """
    Look up the tables of a root.

    Parameters
    ----------
    root : RootNetwork
        The root.
    part, central_level : ndarray of int, shape (option,)
        Part and S0.

    Returns
    -------
    Sight
        Of these options.
    """
    tables = [root.views[p] for p in part]
    owed, spread, ready = (
        np.array([table[k][s] for table, s in zip(tables, central_level, strict=True)])
        for k in range(3)
    )
    return Sight(owed, spread, ready, central_level)


def units_in_resupply(root: RootNetwork, part: Ints, sight: Sight) -> tuple[Floats, Floats]:
    """
    Give mean and variance of the fields' units in resupply, if all demand waits.

    Parameters
    ----------
    root : RootNetwork
        Who supplies them.
    part : ndarray of int, shape (option,)
        Parts.
    sight : Sight
        The root's stock.

    Returns
    -------
    mean, variance : ndarray of float, shape (option, field)
        Units, units squared.
    """
    m = root.model.demand.depot_rate[part][:, root.fields]
    grade = root.model.grade[part]
    ratio = root.model.demand.variance_ratio[part[:, None], root.fields, grade[:, None]]
    owed, spread, _ = (values[..., 0] for values in sight.of_fields)
    order_ratio = root.model.demand.order_ratio[part][:, root.fields]
    return vari_metric(m * root.transport, ratio, root.share[part], owed, spread, order_ratio)

"""What the stock of a depot that supplies others leaves owed, for every level and lag."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.order_units import with_units_before
from partsim.analytic.overflow import levels_enough, overflow_central
from partsim.analytic.overtaking import UnitsAhead, with_overtaking
from partsim.analytic.two_echelon import CentralTable, central_table

Floats = NDArray[np.float64]
Tables = tuple[Floats, Floats, Floats]


class TablesByPart(dict[int, Tables]):
    """What is known of a depot's stock, part by part, worked out when first asked for."""

    def __init__(self, tables_of: Callable[[int], Tables]) -> None:
        self._tables_of = tables_of

    def __missing__(self, p: int) -> Tables:
        return self.setdefault(p, self._tables_of(p))


def central_stock(
    mean: Floats, variance: Floats, lumps: Floats, lot: int, most: int, order_ratio: float,
    ahead: UnitsAhead | None,
) -> Tables:  # fmt: skip
    """
    Tabulate backorders, their variance as fields see it, and ready rate of one part.

    Parameters
    ----------
    mean, variance, lumps : ndarray of float, shape (lag,)
        Demand in what is left of the lead time, its variance, and what of that the lots of fields
        make.
    lot, most : int
        Order quantity, and the largest level.
    order_ratio : float
        Variance over mean of the units of its orders.
    ahead : UnitsAhead, optional
        Units that come ahead of a demand, if orders may overtake each other.

    Returns
    -------
    tuple of ndarray of float, shape (most + 2, lag)
        What is owed before a demand that is served after the lag, and whether it is served by
        then. The last level is the relaxed one, where nothing is owed.
    """
    if ahead is None:
        table = central_table(mean, variance, lot, most)
        ready = with_units_before(table.ready, order_ratio)
        table = CentralTable(table.backorders, table.backorder_variance, ready)
    else:
        enough = levels_enough(mean, variance, most) + lot
        levels = min(most + ahead.of_order.shape[1] - 1, enough)
        table = with_overtaking(central_table(mean, variance, lot, levels), ahead, most)
    return _relaxed(table, lumps)


def bypassed_stock(
    mean: Floats, variance: Floats, lumps: Floats, rates: tuple[Floats, Floats, Floats], lot: int,
    most: int,
) -> Tables:  # fmt: skip
    """
    Tabulate the same where less of the demand reaches the root while it has no unit.

    Parameters
    ----------
    mean, variance, lumps : ndarray of float, shape (lag,)
        As for `central_stock`, if all demand reached the root.
    rates : tuple of ndarray of float, shape (view,)
        All demand, that while the root has a unit, and that while it has none, as the root and
        each field see it [units per day].
    lot, most : int
        As for `central_stock`.

    Returns
    -------
    tuple of ndarray of float, shape (most + 2, view, lag)
        The last level is the relaxed one.
    """
    total, ready, out = rates
    reaching = np.divide(ready, total, out=np.zeros_like(ready), where=total > 0)[:, None]
    waits = np.divide(out, ready, out=np.ones_like(ready), where=ready > 0)
    table = overflow_central(
        reaching * mean, reaching * variance, np.minimum(waits, 1.0), lot, most
    )
    return _relaxed(table, lumps)


def _relaxed(table: CentralTable, lumps: Floats) -> Tables:
    """Put the levels first, and one where nothing is owed last."""
    # With what the root owes just after an order stands a position at the field that the
    # order has raised. Both fall together, and without central stock the lumps cancel:
    # Stein's lemma for the normal law makes it a share of the lumps for any stock.
    spread = np.maximum(table.backorder_variance - (1 - table.ready) * lumps[:, None], 0.0)
    tables = ((table.backorders, 0.0), (spread, 0.0), (table.ready, 1.0))
    owed, variance, ready = (
        np.concatenate([np.moveaxis(values, -1, 0), np.full((1, *values.shape[:-1]), last)])
        for values, last in tables
    )
    return owed, variance, ready

"""Rows that cannot be kept together: which these are, and what could be reached of each."""

from __future__ import annotations

import numpy as np

from partsim.errors import SolverFailed
from partsim.optimisation.depot_prices import DepotColumns, Floats, Pricing
from partsim.optimisation.depot_pricing import Priced
from partsim.optimisation.master import solve_master
from partsim.optimisation.stock_rows import StockRows

_ROUNDS = 60
_NOTHING = 1e-9
"""Rows broken by so little together are kept; prices so much smaller are none."""
_FAR = 1e9
"""Uses so many times the limit are as bad as any; HiGHS takes no numbers without end."""
_FIRM = 1e4
"""How much more it counts that any other row is broken."""


def first_columns(rows: StockRows, pricing: Pricing, limit: Floats, scale: float) -> DepotColumns:
    """
    Price ever more service, with rows that limit stock also ever less stock.

    Parameters
    ----------
    rows : StockRows
        The rows.
    pricing : callable
        Gives cost and use of the cheapest levels at prices.
    limit : ndarray of float, shape (row,)
        Most use, without that by calls that are always late.
    scale : float
        Money to start from.

    Returns
    -------
    DepotColumns
        To start from.

    Raises
    ------
    ValueError
        Where no stock is limited, and no stock keeps the rows.
    """
    if rows.limits_stock:
        stock = np.asarray(rows.stock.any(axis=(1, 2)))
        return DepotColumns.from_two_prices(pricing, limit, scale, stock)
    columns = DepotColumns.from_one_price(pricing, limit, scale)
    uses = np.array([column.use.sum(axis=0) for column in columns.columns])
    if not (uses <= limit).all(axis=1).any():
        names = ", ".join(np.array(rows.names)[uses[-1] > limit])
        too_short = f"{names}: expected limits that some stock keeps, got tighter ones"
        raise ValueError(_out_of_reach(rows, pricing, columns.columns, limit) or too_short)
    return columns


def no_levels(rows: StockRows, pricing: Pricing, columns: list[Priced], limit: Floats) -> Exception:
    """
    Say why no whole levels were found: rows at odds, or none among the levels looked at.

    Parameters
    ----------
    rows, pricing, limit
        As for `first_columns`.
    columns : list of Priced
        Levels priced so far.

    Returns
    -------
    Exception
        To be raised: a ``ValueError`` with what could be reached of each row, all others kept, or
        `SolverFailed` if parts that mix levels keep all rows.
    """
    said = _out_of_reach(rows, pricing, columns, limit)
    if said:
        return ValueError(said)
    return SolverFailed(
        "HiGHS found no whole levels that keep all limits, though parts that mix levels would; "
        "limits a little looser may do"
    )


def _out_of_reach(
    rows: StockRows, pricing: Pricing, columns: list[Priced], limit: Floats
) -> str | None:
    """Name the rows that no levels keep together, with what could be reached of each."""
    least, prices = _least_excess(pricing, columns, limit, np.ones(len(limit)))
    if least <= _NOTHING:
        return None
    said, at_odds = [], np.flatnonzero(prices > 1e-6 * prices.max())
    for k in at_odds:
        weight = np.where(np.arange(len(limit)) == k, 1.0, _FIRM)
        excess, firm = _least_excess(pricing, columns, limit, weight)
        if np.delete(firm, k).max(initial=0.0) < (1 - 1e-6) * _FIRM:
            reached = rows.values(limit + excess + rows.always)[k]
            unit = "" if rows.units[k] == "share" else f" {rows.units[k]}"
            said.append(f"{rows.names[k]} {reached:.6g}{unit} (asked: {rows.limit[k]:.6g})")
    names = ", ".join(rows.names[k] for k in at_odds)
    reach = f"; best reachable with all others kept: {', '.join(said)}" if said else ""
    return f"{names}: expected limits that some stock keeps, got tighter ones{reach}"


def _least_excess(
    pricing: Pricing, columns: list[Priced], limit: Floats, weight: Floats
) -> tuple[float, Floats]:
    """Break rows as little as can be, by weight, whatever it costs; give that and the prices."""
    found = list(columns)
    most = max(float(column.cost.sum()) for column in columns) or 1.0
    for _ in range(_ROUNDS):
        free = [(np.zeros(len(each.cost)), np.minimum(each.use, _FAR)) for each in found]
        value, prices = solve_master(free, limit, weight)
        if value <= _NOTHING:
            break
        found.append(pricing(prices / weight.max() * most / _NOTHING))
        if prices @ (found[-1].use.sum(axis=0) - limit) >= value * (1 - 1e-6):
            break
    return value, prices

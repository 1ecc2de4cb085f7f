"""All levels of few parts that a bound leaves open, as changes of a choice, in plain numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.counts import count_table
from partsim.optimisation.depot_pricing import Changes
from partsim.optimisation.stock_problem import StockProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NOTHING = 1e-12
"""Levels whose backorders and late calls are so small a share of the demand are as good as none."""


def core_changes(problem: StockProblem, prices: Floats, level: Ints, room: float) -> Changes:
    """
    List every other level of every cell that a plan may have which costs less than the best known.

    Parameters
    ----------
    problem : StockProblem
        Depots alone.
    prices : ndarray of float, shape (row,)
        Prices of the rows.
    level : ndarray of int, shape (part, depot)
        Cheapest levels at these prices.
    room : float
        Cost of the best plan known less the bound of these prices: a level whose reduced cost is
        larger is in no better plan.

    Returns
    -------
    Changes
        From `level`, in the order of the cells.
    """
    rows = problem.rows
    demand = problem.demand_rate * problem.lead_time[:, None]
    money, owed_price, late_price = rows.unit_prices(prices, problem.owed_cost)
    owed_price, late_price = owed_price[problem.family], late_price[problem.family]
    unit = rows.amount.T @ money[:, :-1]
    top = int(np.ceil(demand + 8 * np.sqrt(demand) + 8).max())
    S = np.arange(top + 1)
    table = count_table(demand.ravel(), demand.ravel(), top)
    owed = table.backorders.reshape(*demand.shape, top + 1)
    late = np.stack([_late(problem, wait, top) for wait in rows.window] or [owed[..., :0]], axis=-1)
    late = late if len(rows.window) else np.zeros((*owed.shape, 0))
    value = unit[..., None] * S + owed_price[..., None] * owed
    value = value + np.einsum("pdw,pdsw->pds", late_price, late)
    at = level[..., None]
    reduced = value - np.take_along_axis(value, at, axis=-1)
    useful = owed + late.sum(axis=-1) > _NOTHING * demand[..., None]
    useful = np.concatenate([np.ones_like(at, bool), useful[..., :-1]], axis=-1)
    p, d, s = np.nonzero((reduced <= room) & useful & (at != S))
    old = level[p, d]
    more = owed[p, d, s] - owed[p, d, old]
    cost = problem.holding_cost[p] * (s - old) + problem.owed_cost[problem.family[p], d] * more
    return Changes(p, d, s, s - old, cost, more, late[p, d, s] - late[p, d, old])


def _late(problem: StockProblem, wait: float, top: int) -> Floats:
    """Give the late calls per day after a wait, shape (part, depot, level)."""
    rate = problem.demand_rate
    mean = rate * np.maximum(problem.lead_time - wait, 0.0)[:, None]
    more = count_table(mean.ravel(), mean.ravel(), top).more.reshape(*rate.shape, top + 1)
    none = (mean > 0).astype(float)[..., None]
    return np.asarray(rate[..., None] * np.concatenate([none, more[..., :-1]], axis=-1))

"""The other way round for plain arrays: least backorders for the money and room that there are."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.argument_checks import non_negative, positive
from partsim.optimisation.large_scale import choose_levels
from partsim.optimisation.stock_levels import KeptRow
from partsim.optimisation.stock_problem import StockProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SCALE = 1e6
"""Backorders without stock count so much, as much as money does elsewhere."""
_TIE = 1e-9
"""Weight of the whole budget against that: the cheaper of two plans of one service."""


@dataclass(frozen=True, eq=False)
class ServiceLevels:
    """
    Levels of the best service within limits of stock.

    Attributes
    ----------
    central_level : ndarray of int, shape (part,)
        Base stock of the central depot; zeros without one.
    level : ndarray of int, shape (part, depot)
        Base stock of the depots.
    backorders : float
        Expected backorders by their weights, by the exact law [units].
    lower_bound : float
        No levels that keep the rows have fewer.
    spent : float
        Money that the stock ties up.
    rows : tuple of KeptRow
        Targets, with the backorders that one unit of each limit more would save as prices.
    seconds : float
        CPU time.
    """

    central_level: Ints
    level: Ints
    backorders: float
    lower_bound: float
    spent: float
    rows: tuple[KeptRow, ...]
    seconds: float

    @property
    def gap(self) -> float:
        """Distance of the backorders from the bound, over the bound."""
        return self.backorders / self.lower_bound - 1 if self.lower_bound > 0 else 0.0


def choose_service(
    problem: StockProblem, weight: Floats | None = None, gap: float = 1e-4
) -> ServiceLevels:
    """
    Choose base stock levels with the least expected backorders within a budget.

    Parameters
    ----------
    problem : StockProblem
        The arrays; its targets, a budget for units of positive prices among them, are kept. Its
        holding costs and costs of backorders are left aside.
    weight : ndarray of float, shape (family, depot), optional
        How much a backorder counts, zero or more, not all zero; all alike if left out. By
        Little's law, weights of one over the demand of a depot or a tier make backorders their
        mean wait in days.
    gap : float
        As for `choose_levels`.

    Returns
    -------
    ServiceLevels
        Backorders and bound are of the exact law.

    Raises
    ------
    ValueError
        If there is no budget, or as for `choose_levels`.
    SolverFailed
        If HiGHS gives no answer.

    References
    ----------
    .. [1] M. L. Fisher, The Lagrangian relaxation method for solving integer programming
       problems, Management Science 27 (1981) 1-18.

    Examples
    --------
    >>> from partsim.optimisation.stock_targets import StockTargets
    >>> problem = StockProblem.single_tier([20.0, 2.0], [[0.1, 0.2], [1.0, 0.5]], [20.0, 10.0])
    >>> targets = StockTargets(unit_price=np.array([100.0, 10.0]), budget=900.0)
    >>> chosen = choose_service(replace(problem, targets=targets))
    >>> chosen.level.tolist(), chosen.spent, round(chosen.backorders, 3)
    ([[2, 4], [19, 11]], 900.0, 1.338)
    """
    start = time.process_time()
    prices, budget = problem.targets.unit_price, problem.targets.budget
    if prices is None or not np.isfinite(budget):
        raise ValueError("targets: expected a budget and the money that a unit ties up, got none")
    counts = np.ones(problem.family_rate.shape) if weight is None else weight
    all_owed = _owed_without_stock(problem, counts)
    scale, tie = _SCALE / all_owed, _SCALE * _TIE / budget
    costs = tie * positive("unit_price", prices)
    asked = replace(problem, holding_cost=costs, backorder_cost=scale * counts)
    chosen = choose_levels(asked, gap)
    units = chosen.level.sum(axis=1) + chosen.central_level
    return ServiceLevels(
        central_level=chosen.central_level,
        level=chosen.level,
        backorders=(chosen.cost - float(costs @ units)) / scale,
        lower_bound=max(chosen.lower_bound - tie * budget, 0.0) / scale,
        spent=float(prices @ units),
        rows=tuple(replace(row, price=row.price / scale) for row in chosen.rows),
        seconds=time.process_time() - start,
    )


def _owed_without_stock(problem: StockProblem, weight: Floats) -> float:
    """Add up the backorders without any stock by their weights."""
    if np.shape(weight) != problem.family_rate.shape:
        expected, got = problem.family_rate.shape, np.shape(weight)
        raise ValueError(f"weight: expected shape {expected}, got {got}")
    none = np.zeros_like(problem.demand_rate, dtype=np.int64)
    owed = problem.exact_backorders(none[:, 0], none)
    total = float((non_negative("weight", weight)[problem.family] * owed).sum())
    if total == 0:
        raise ValueError("weight: expected some above 0 where there is demand, got none")
    return total

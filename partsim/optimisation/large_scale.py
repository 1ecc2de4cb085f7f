"""
Stock levels of a `StockProblem` at least cost, with a proven bound and an exact check.

Depots alone are decided in `depots_alone`. Under a central depot, tables of all levels by the exact
law decide in `central_parts`, and where there are too many parts for these, `central_waits`.
"""

from __future__ import annotations

import time
from typing import Protocol

from partsim.analytic.argument_checks import non_negative
from partsim.optimisation.central_parts import CentralSearch
from partsim.optimisation.central_tables import table_entries
from partsim.optimisation.central_waits import WaitSearch
from partsim.optimisation.depots_alone import DepotSearch
from partsim.optimisation.stock_levels import Floats, Ints, StockLevels, kept_rows
from partsim.optimisation.stock_problem import StockProblem

_FEW = 1_000_000
"""Entries of the tables up to which mean waits under a central depot are decided by these."""
_MOST = 60_000_000
"""Most entries of tables: half a gigabyte."""


class Search(Protocol):
    """Best levels and best bound so far, as `DepotSearch` says."""

    central_level: Ints
    level: Ints
    cost: float
    bound: float
    prices: Floats

    def run(self) -> None:
        """Search until the gap is proven, or nothing helps any more."""


def choose_levels(problem: StockProblem, gap: float = 1e-4) -> StockLevels:
    """
    Choose base stock levels at least cost that keep all targets.

    Parameters
    ----------
    problem : StockProblem
        The arrays. Under a central depot, targets other than mean waits and costs of backorders
        are for as many parts as tables of 60 million numbers hold: about 1,000 parts at 10 depots
        with a dozen slices of tolerable waits, and more without promises.
    gap : float
        Gap at which the search may stop; it also stops where nothing helps any more. Depots
        alone of at most 1,500 cells are decided to this gap, or to HiGHS's 1e-6.

    Returns
    -------
    StockLevels
        Cost and bound are exact for depots alone and for few parts under a central depot. For
        many, the gap is that of the cost, found by the exact law, from a bound by VARI-METRIC: it
        includes what VARI-METRIC is too hopeful by.

    Raises
    ------
    ValueError
        If `gap` is negative, if no stock keeps the targets, with what could be reached of each,
        or if there are too many parts for tables.
    SolverFailed
        If HiGHS gives no answer.

    References
    ----------
    .. [1] E. Topan, Z. P. Bayindir and T. Tan, Heuristics for multi-item two-echelon spare
       parts inventory control subject to aggregate and individual service measures, European
       Journal of Operational Research 256 (2017) 126-138.

    Examples
    --------
    >>> problem = StockProblem.single_tier([100.0, 2.0], [[0.1, 0.2], [1.0, 0.5]], [20.0, 10.0],
    ...                                    transport_time=[2.0, 4.0], wait=0.5)
    >>> chosen = choose_levels(problem)
    >>> bool(chosen.use[0] <= 1), chosen.cost >= chosen.lower_bound
    (True, True)
    >>> chosen.rows[0].name, chosen.rows[0].limit, chosen.rows[0].value <= 0.5
    ('wait of tier 0', 0.5, True)
    """
    start = time.process_time()
    search = _search(problem, float(non_negative("gap", gap)))
    search.run()
    use = problem.exact_use(search.central_level, search.level)
    return StockLevels(
        central_level=search.central_level,
        level=search.level,
        cost=problem.exact_cost(search.central_level, search.level),
        lower_bound=search.bound,
        use=use,
        price=search.prices / 100,
        rows=kept_rows(problem.rows, use, search.prices),
        seconds=time.process_time() - start,
    )


def _search(problem: StockProblem, gap: float) -> Search:
    """Choose the way of searching."""
    if problem.transport_time is None:
        return DepotSearch(problem, gap)
    rows = problem.rows
    waits_alone = not (rows.late.any() or rows.limits_stock or problem.owed_cost.any())
    entries = table_entries(problem, _FEW if waits_alone else _MOST)
    if waits_alone and entries > _FEW:
        return WaitSearch(problem, gap)
    if entries > _MOST:
        raise ValueError(
            f"problem: expected tables of at most {_MOST:,} numbers under a central depot with "
            f"targets other than mean waits, got {entries:,}; use fewer parts, or fewer slices of "
            "tolerable waits"
        )
    return CentralSearch(problem, gap)

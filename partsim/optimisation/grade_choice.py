"""
Grades chosen together with what they decide: which policies to open, and one for every part.

Every price of the rows bounds what each set of policies costs; such cuts show which sets are worth
a closer look. Column generation finds the prices of one set, repair makes its choices whole, and
the search ends when no set that is left could be cheaper.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.argument_checks import non_negative
from partsim.errors import SolverFailed
from partsim.optimisation.full_grade_model import FullGradeModel
from partsim.optimisation.grade_prices import Column, RowPrices, block_starts, find_row_prices
from partsim.optimisation.grade_problem import GradeProblem
from partsim.optimisation.whole_choice import KEPT, Options, Whole, choose_near, keep_rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_VISITS = 40
"""Sets that are looked at closely; a quarter of them where the whole model takes over."""
_FEW = 300
"""Parts up to which the whole model decides what bounds of sets leave open."""
_NODES = 20_000
_SAMPLE = 3_000
"""Parts that give the first prices, which need not be the best."""
_ROUGH = 1e-2
_SMALL = 3_000
"""Parts up to which PuLP improves what repair has found."""
_LARGE = 300_000
"""Costs or uses from which the compiled twin repays loading it."""


@dataclass(frozen=True, eq=False)
class GradeChoice:
    """
    Policies opened, and the policy of every part.

    Attributes
    ----------
    policy : ndarray of int, shape (part,)
        Policy of each part.
    cost : float
        Money per year, with the fixed cost of the open policies.
    lower_bound : float
        No choice of policies and parts that keeps the rows costs less.
    use : ndarray of float, shape (row,)
        Use of each row, at most its limit.
    prices : ndarray of float, shape (row,)
        What one unit of limit more would save, about [money per year].
    sets_visited : int
        Sets of policies looked at closely.
    seconds : float
        CPU time.
    """

    policy: Ints
    cost: float
    lower_bound: float
    use: Floats
    prices: Floats
    sets_visited: int
    seconds: float

    @property
    def open_policies(self) -> tuple[int, ...]:
        """Policies that some part has."""
        return tuple(int(g) for g in np.unique(self.policy))

    @property
    def gap(self) -> float:
        """Distance of the cost from the bound, over the bound."""
        return (self.cost - self.lower_bound) / self.lower_bound if self.lower_bound else 0.0


def choose_grades(problem: GradeProblem, gap: float = 1e-3) -> GradeChoice:
    """
    Choose policies and the parts under them at least cost so that all rows are kept.

    The model is that of Millstein, Yang and Li [1]_ with rows over all parts; Lagrangian cuts over
    the sets of policies take the place of branching.

    Parameters
    ----------
    problem : GradeProblem
        The arrays.
    gap : float
        Relative gap at which the search ends, zero or more.

    Returns
    -------
    GradeChoice
        The bound holds over all policies and grades; the order of the parts does not matter.

    Raises
    ------
    ValueError
        If `gap` is negative, or no choice that was tried keeps the rows.
    SolverFailed
        If HiGHS gives no answer.

    References
    ----------
    .. [1] M. A. Millstein, L. Yang and H. Li, Optimizing ABC inventory grouping decisions,
       International Journal of Production Economics 148 (2014) 71-80.

    Examples
    --------
    >>> problem = GradeProblem(cost=[[0, 5, 7], [0, 1, 2]], use=[[[2, 0, 0], [2, 1, 0]]],
    ...                        limit=[2.0], most_grades=2)
    >>> chosen = choose_grades(problem)
    >>> chosen.policy.tolist(), chosen.cost, chosen.lower_bound
    ([0, 2], 2.0, 2.0)
    """
    start = time.process_time()
    search = _Search(problem, float(non_negative("gap", gap)))
    search.run()
    assert search.best is not None
    back = np.empty_like(search.order)
    back[search.order] = np.arange(len(back))
    policy = search.policies_of_best[back]
    used = problem.use[:, np.arange(len(policy)), policy].sum(axis=1)
    return GradeChoice(
        policy=policy,
        cost=search.best.cost,
        lower_bound=min(float(search.lower.min()), search.best.cost),
        use=used,
        prices=search.prices / problem.limit,
        sets_visited=int(search.visited.sum()),
        seconds=time.process_time() - start,
    )


class _Search:
    """Bounds of all sets of policies, and the best choice so far."""

    def __init__(self, problem: GradeProblem, gap: float) -> None:
        self.problem, self.gap, self.sets = problem, gap, problem.sets
        # By what they use and cost: the answer must not depend on the order of the parts.
        self.order = np.lexsort((problem.cost.sum(axis=1), problem.use.sum(axis=(0, 2))))
        use = problem.use.take(self.order, axis=1)
        use /= problem.limit[:, None, None]
        self.options = Options(problem.allowed_cost[self.order], use)
        self.fixed = np.append(problem.fixed_cost, 0.0)[self.sets].sum(axis=1)
        self.lower = np.full(len(self.sets), -np.inf)
        self.visited = np.zeros(len(self.sets), bool)
        self.best: Whole | None = None
        self.policies_of_best: Ints = np.zeros(0, np.int64)
        self.prices: Floats = np.zeros(len(problem.limit))

    def run(self) -> None:
        """Look at the sets in the order of their bounds until none is worth it."""
        self.prices = self._first_prices()
        self.cut(self.prices)
        few = len(self.order) <= _FEW
        while self.visited.sum() < (_VISITS // 4 if few else _VISITS):
            left = np.where(self.visited, np.inf, self.lower)
            i = int(np.argmin(left))
            if left[i] >= self.goal:
                break
            self.visit(i)
        if few and self.lower.min() < self.goal:
            self._solve_whole()
        if self.best is None:
            raise ValueError(
                "limit: expected rows that some choice of policies keeps, got none that was tried; "
                "raise limits, or offer policies that use less"
            )

    def _solve_whole(self) -> None:
        """Let the whole model decide, where it is small enough."""
        given, order = self.problem, self.order
        ordered = replace(
            given, cost=given.cost[order], use=given.use[:, order], allowed=given.allowed[order]
        )
        try:
            policy, cost, bound = FullGradeModel(ordered).solve(self.gap / 2, _NODES)
        except SolverFailed:  # nothing keeps the rows, or nothing was found in time
            return
        self.lower = np.maximum(self.lower, bound)
        if self.best is None or cost < self.best.cost:
            self.best, self.policies_of_best = Whole(policy, cost), policy

    @property
    def goal(self) -> float:
        """Bound from which on a set need not be looked at."""
        return np.inf if self.best is None else self.best.cost / (1 + self.gap)

    def cut(self, prices: Floats) -> None:
        """Bound every set by these prices."""
        cost = np.ascontiguousarray(self.options.priced(prices).T)
        bound = self.fixed - prices.sum()
        bound += np.concatenate([least_by_set(cost, size) for size in self.problem.sizes])
        self.lower = np.maximum(self.lower, bound)

    def visit(self, i: int) -> None:
        """Find the prices of a set, cut all sets with them, and make its choices whole."""
        self.visited[i] = True
        members = self.sets[i][self.sets[i] >= 0]
        options = Options(
            np.ascontiguousarray(self.options.cost[:, members]),
            np.ascontiguousarray(self.options.use[:, :, members]),
        )
        if _hopeless(options):
            self.lower[i] = np.inf
            return
        close = max(self.gap / 10, 1e-6)
        found = _prices(options, close, self.goal - self.fixed[i], self.prices)
        self.cut(found.prices)
        if self.lower[i] >= self.goal:
            return
        whole = self._whole(options, found, i)
        if whole is not None and (self.best is None or whole.cost < self.best.cost):
            self.best, self.policies_of_best = whole, members[whole.pick]
            self.prices = found.prices

    def _whole(self, options: Options, found: RowPrices, i: int) -> Whole | None:
        whole = keep_rows(options, found.prices)
        if whole is None:
            return None
        far = whole.cost > (1 + self.gap) * found.bound
        if far and len(self.order) <= _SMALL:
            whole = choose_near(options, found.prices, whole, found.bound, self.gap / 4)
            self.lower[i] = max(self.lower[i], whole.bound + self.fixed[i])
        return replace(whole, cost=whole.cost + float(self.fixed[i]))

    def _first_prices(self) -> Floats:
        """Give about the right prices, from some of the parts under all policies."""
        some = slice(None, None, max(len(self.order) // _SAMPLE, 1))
        share = len(self.order[some]) / len(self.order)
        options = Options(self.options.cost[some], self.options.use[:, some] / share)
        return _prices(options, _ROUGH, np.inf, None).prices / share


def _prices(options: Options, close: float, beyond: float, first: Floats | None) -> RowPrices:
    starts = block_starts(len(options.cost))

    def choose(prices: Floats) -> Column:
        return cheapest(options, prices, starts)

    return find_row_prices(choose, len(options.use), close, beyond, first)


def least_by_set(cost: Floats, size: int) -> Floats:
    """
    Sum over all parts the least cost within every set of so many policies.

    Parameters
    ----------
    cost : ndarray of float, shape (policy, part)
        Cost of every part under every policy; infinite where it is not allowed.
    size : int
        Policies in a set.

    Returns
    -------
    ndarray of float, shape (set,)
        In the order of ``itertools.combinations``.
    """
    sets = math.comb(len(cost), size)
    if sets * cost.shape[1] < _LARGE:
        chosen = combinations(range(len(cost)), size)
        return np.array([cost[list(members)].min(axis=0).sum() for members in chosen])
    from partsim.kernels.grade_options import add_least_by_set

    total = np.zeros(sets)
    add_least_by_set(cost, size, total)
    return total


def cheapest(options: Options, prices: Floats, starts: Ints) -> Column:
    """
    Sum, block by block, what the parts' cheapest options cost and use at given prices.

    Parameters
    ----------
    options : Options
        What every part may have.
    prices : ndarray of float, shape (row,)
        Money for the whole limit of each row.
    starts : ndarray of int, shape (block + 1,)
        First part of every block; the last is the number of parts.

    Returns
    -------
    (ndarray of float, shape (block,), ndarray of float, shape (block, row))
        Cost without the priced use, and use.
    """
    if options.use.size < _LARGE:
        cost, use = options.chosen(options.priced(prices).argmin(axis=1))
        return np.add.reduceat(cost, starts[:-1]), np.add.reduceat(use.T, starts[:-1])
    from partsim.kernels.grade_options import add_cheapest

    total = np.zeros(len(starts) - 1)
    used = np.zeros((len(total), len(prices)))
    add_cheapest(options.cost, options.use, prices, starts, total, used)
    return total, used


def _hopeless(options: Options) -> bool:
    """Tell whether a part has no option, or a row is broken even if only it counted."""
    open_ones = np.isfinite(options.cost)
    least = np.where(open_ones, options.use, np.inf).min(axis=2).sum(axis=1)
    return not open_ones.any(axis=1).all() or bool((least > 1 + KEPT).any())

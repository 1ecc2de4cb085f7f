"""The price of grading: rules of grading against free grades and a decision for every part."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.grade_choice import GradeChoice, choose_grades
from partsim.optimisation.grade_problem import GradeProblem
from partsim.optimisation.graded_stock import GradedStock, GradePolicy
from partsim.optimisation.own_levels import choose_own_levels, fair_wait_prices
from partsim.optimisation.score_classes import choose_cuts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FILL_RATES = (
    *(0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.965),
    *(0.98, 0.99, 0.995, 0.999, 0.9995, 0.9999),
)
"""Fill rates that grades may promise; a grade may also be one of parts not stocked."""
_WAIT_PRICES = 40
_SETS = 20_000
"""Sets of policies; with many grades or ways, fewer fill rates and prices are tried."""


@dataclass(frozen=True)
class GradingCost:
    """
    What one rule of grading costs.

    Attributes
    ----------
    rule : str
        How parts are graded.
    promise : str
        What a grade carries: a fill rate, a price of waiting, or nothing.
    cost : float
        Money per year.
    over : float
        Cost over that of a decision for every part, as a share of it.
    gap : float
        Distance of the cost from its own lower bound, over the bound.
    grades : tuple of str
        Policies of the grades.
    """

    rule: str
    promise: str
    cost: float
    over: float
    gap: float
    grades: tuple[str, ...]


def price_of_grading(
    stock: GradedStock,
    scores: Mapping[str, Floats],
    ways: Sequence[GradePolicy] = (GradePolicy(""),),
    most_grades: int = 3,
    gap: float = 1e-3,
    given: Mapping[str, Ints] | None = None,
) -> tuple[GradingCost, ...]:
    """
    Compare ways of grading parts that keep the same rows, each at its best.

    Every score has its best cuts, and every grade the best policy for it; free grades take any
    parts. Policies are fill rates, or prices of waiting, each in every way of ordering.

    Parameters
    ----------
    stock : GradedStock
        Parts and the rows that every rule keeps.
    scores : mapping of str to ndarray of float, shape (part,)
        Rules that grade in the order of a score, by name.
    ways : sequence of GradePolicy
        Ways of ordering open to grades: approval time, its cost, and control loss.
    most_grades : int
        Grades.
    gap : float
        Relative gap at which searches end.
    given : mapping of str to ndarray of int, shape (part,), optional
        Grades as they are, numbered from 0: only the policy of each grade is chosen.

    Returns
    -------
    tuple of GradingCost
        A decision for every part first, then by promise the cheapest rule first.

    Raises
    ------
    ValueError
        If no policies keep the rows.

    Examples
    --------
    >>> from partsim.optimisation.stock_problem import StockProblem
    >>> rate = np.array([[0.1], [1.0], [0.3]])
    >>> holding = np.array([100.0, 2.0, 30.0])
    >>> problem = StockProblem.single_tier(holding, rate, [20.0, 10.0, 5.0], wait=0.5)
    >>> stock = GradedStock.plain(problem)
    >>> rows = price_of_grading(stock, {"price": -holding}, most_grades=2)
    >>> [(row.rule, row.promise, round(row.cost)) for row in rows if row.promise != "wait price"]
    [('every part', 'nothing', 322), ('free', 'fill rate', 388), ('price', 'fill rate', 388)]
    """
    own, prices = choose_own_levels(stock, ways, gap=gap)
    choices: list[tuple[str, str, GradeChoice, tuple[str, ...]]] = []
    for promise, policies in _policies(stock, prices, ways, most_grades).items():
        problem = stock.grade_problem(policies, most_grades)
        chosen = {"free": choose_grades(problem, gap)}
        chosen |= {name: choose_cuts(problem, score, gap) for name, score in scores.items()}
        for name, grade in (given or {}).items():
            chosen[name] = choose_policies(problem, grade, gap)
        # Free grades may be those of any rule, which may have come closer within the gap.
        best = min(chosen.values(), key=lambda choice: choice.cost)
        chosen["free"] = replace(best, lower_bound=chosen["free"].lower_bound)
        for name, choice in sorted(chosen.items(), key=lambda item: item[1].cost):
            grades = tuple(policies[g].name for g in choice.open_policies)
            choices.append((name, promise, choice, grades))
    # What any rule decides, a decision for every part may be too.
    least = min([own.cost, *(choice.cost for _, _, choice, _ in choices)])
    own_gap = least / own.bound - 1 if own.bound else 0.0
    return (
        GradingCost("every part", "nothing", least, 0.0, own_gap, ()),
        *(
            GradingCost(
                rule=name,
                promise=promise,
                cost=choice.cost,
                over=choice.cost / least - 1 if least else 0.0,
                gap=choice.gap,
                grades=grades,
            )
            for name, promise, choice, grades in choices
        ),
    )


def choose_policies(problem: GradeProblem, grade: Ints, gap: float = 1e-3) -> GradeChoice:
    """
    Choose the best policy for each grade where the grades of parts are given.

    Parameters
    ----------
    problem : GradeProblem
        The arrays; `most_grades` does not count.
    grade : ndarray of int, shape (part,)
        Grade of each part.
    gap : float
        Relative gap at which the search ends.

    Returns
    -------
    GradeChoice
        The bound holds for these grades.

    Raises
    ------
    ValueError
        If there are more than five grades, or no policies keep the rows.

    Examples
    --------
    >>> problem = GradeProblem(cost=[[0, 5], [0, 1], [0, 2]], use=[[[2, 0], [2, 0], [2, 0]]],
    ...                        limit=[2.0], most_grades=2)
    >>> choose_policies(problem, np.array([0, 1, 0])).cost
    7.0
    """
    names, place = np.unique(np.asarray(grade), return_inverse=True)
    if len(names) > 5 or place.shape != (len(problem.cost),):
        raise ValueError(
            f"grade: expected at most 5 grades of {len(problem.cost)} parts, got {len(names)} of "
            f"{place.size}"
        )
    sums = np.eye(len(names))[place].T  # (grade, part)
    together = GradeProblem(
        cost=sums @ problem.cost,
        use=np.einsum("np,kpg->kng", sums, problem.use),
        limit=problem.limit,
        most_grades=len(names),
        fixed_cost=problem.fixed_cost,
        allowed=sums @ ~problem.allowed == 0,
    )
    chosen = choose_grades(together, gap)
    return replace(chosen, policy=chosen.policy[place])


def _policies(
    stock: GradedStock, prices: Floats, ways: Sequence[GradePolicy], grades: int
) -> dict[str, list[GradePolicy]]:
    """Give the policies that grades may have, by what they promise."""
    most = _WAIT_PRICES
    while most > 3 and math.comb(most * len(ways), grades) > _SETS:
        most -= 1
    fair = fair_wait_prices(stock, prices, most)
    rates = [("not stocked", 0.0), *((f"{100 * rate:.4g} %", rate) for rate in FILL_RATES)]
    spread = np.unique(np.linspace(0, len(rates) - 1, min(most, len(rates))).round().astype(int))
    return {
        "fill rate": [
            replace(way, name=f"{rates[i][0]} {way.name}".strip(), fill_rate=rates[i][1])
            for way in ways
            for i in spread
        ],
        "wait price": [
            replace(way, name=f"{price:.3g} a day {way.name}".strip(), wait_price=float(price))
            for way in ways
            for price in fair
        ],
    }

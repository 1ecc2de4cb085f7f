"""The other way round: the best service for a budget, with a bound that no plan passes."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.argument_checks import positive
from partsim.errors import SolverFailed
from partsim.model.frontier import BestService, Money
from partsim.model.scenario import Scenario
from partsim.optimisation.assessment import assess, reaching
from partsim.optimisation.certified_plans import bare_plan, levels_of
from partsim.optimisation.core_model import MOST_OPTIONS, solve_core
from partsim.optimisation.evaluation_model import EvaluationModel
from partsim.optimisation.optimiser import model_of
from partsim.optimisation.pool import Nearby, OptionPool, Pick
from partsim.optimisation.service_measure import (
    NO_WAIT,
    measure_unit,
    service_rows,
    service_weights,
)

Floats = NDArray[np.float64]

MONEY: tuple[Money, ...] = ("investment", "cost")
_GAP = 1e-4
"""Gap at which the core model may stop."""
_OPTIONS_PER_PART = 2
"""Options and levels in the core model for each part, where there are many parts: what the last of
the budget buys may be a unit of any."""
_ROUNDS = 60
_TIE = 1e-7
"""Weight of all cost that there may be against all service that stock can give: enough to choose
the cheaper of two plans of one service."""


def optimise_service(
    scenario: Scenario,
    budget: float,
    *,
    measure: str = "promises",
    money: Money = "investment",
) -> BestService:
    """
    Choose grades and stock levels for the best service that a budget buys.

    The targets of the scenario are set aside, its least fill rates by grade and its limits on
    levels are kept. Service has one price, that of the budget's money; it is found where the
    cheapest decisions cross the budget, and whole levels near it by an integer program in PuLP,
    as in `optimise`. A share of calls is not concave in the levels and is not treated as if it
    were: the first unit at a depot may buy nothing and the second much.

    Parameters
    ----------
    scenario : Scenario
        The question.
    budget : float
        Money to spend, positive.
    measure : str
        ``promises``, the share of all calls that keep their promise, each with its tier's;
        ``backorders``, the machines that wait for a part at a time (by Little's law least total
        waiting too); or one of `partsim.optimisation.named_targets.service_names`, such as
        ``promise of TIER``, ``waiting time at DEPOT``, ``fill rate of GROUP`` or ``availability
        of MACHINE``.
    money : 'investment' or 'cost'
        What is limited: base stock times prices, or the cost per year.

    Returns
    -------
    BestService
        Plan, value and the bound, proven for the evaluation model at these grades and lots.

    Raises
    ------
    ValueError
        If the budget is not positive or less than the cheapest plan takes, or for an unknown
        measure or money.
    SolverFailed
        If HiGHS gives no answer.

    References
    ----------
    .. [1] M. L. Fisher, The Lagrangian relaxation method for solving integer programming
       problems, Management Science 27 (1981) 1-18.
    .. [2] W. Dinkelbach, On nonlinear fractional programming, Management Science 13 (1967)
       492-498: a waiting time is a ratio, backorders over demand.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> best = optimise_service(read_scenario("scenarios/first_steps.yaml"), 500_000)
    >>> best.spent <= 500_000, best.value <= best.bound, best.gap < 0.01
    (True, True, True)
    """
    start = time.process_time()
    budget = float(positive("budget", budget))
    if money not in MONEY:
        raise ValueError(f"money: expected one of {', '.join(MONEY)}, got '{money}'")
    model = model_of(scenario)
    unit = measure_unit(scenario, measure)
    found = _best_within(model, budget, measure, money)
    if unit == "hours":
        found = _shorter_wait(model, budget, measure, money, found)
    scale = {"share": -1, "hours": 24, "units": 1}[unit]  # what is least is a share of misses
    offset = float(unit == "share")
    return BestService(
        plan=bare_plan(model, found.base_stock),
        measure=measure,
        unit=unit,
        value=offset + scale * found.value,
        bound=offset + scale * found.bound,
        money=money,
        budget=budget,
        spent=found.spent,
        price=found.price * abs(scale),
        seconds=time.process_time() - start,
    )


@dataclass(frozen=True, eq=False)
class _Found:
    """
    The least disservice for a budget.

    Attributes
    ----------
    base_stock : ndarray of int, shape (part, depot)
        Levels.
    value, bound : float
        Disservice, and the least that any levels within the budget have: a share, days or units.
    price, spent : float
        Disservice per money at the margin, and money.
    """

    base_stock: NDArray[np.int64]
    value: float
    bound: float
    price: float
    spent: float


def _best_within(
    model: EvaluationModel, budget: float, measure: str, money: Money, wait: float = NO_WAIT
) -> _Found:
    model = replace(model, targets=service_rows(model, measure, wait))
    search = _search_of(model, budget, measure, money)
    picks, bound, price = search.run()
    base_stock = levels_of(model, picks)
    result = assess(reaching(model, base_stock), base_stock)
    value = float(result.use @ search.weights)
    best = float(search.pool.best_reachable() @ search.weights)
    bound = max(bound, best) + float(model.targets.constant @ search.weights)
    spent = result.plan_cost if money == "cost" else float(result.use[-1])
    return _Found(base_stock, value, min(bound, value), price, spent)


def _shorter_wait(
    model: EvaluationModel, budget: float, measure: str, money: Money, first: _Found
) -> _Found:
    """Search once more for backorders weighed as at the wait of the plan found first."""
    wait = _wait_of(model, measure, first.base_stock)
    second = _best_within(model, budget, measure, money, wait)
    shorter = _wait_of(model, measure, second.base_stock)
    best = second if shorter < wait else first
    slower = np.divide(
        model.demand.depot_rate,
        model.demand.sources,
        out=np.zeros_like(model.demand.depot_rate),
        where=model.demand.sources > 0,
    )
    bound = _least_wait(min(second.bound, wait), wait, float(slower.max()) * wait)
    bound = min(max(bound, first.bound), wait, shorter)
    return replace(best, value=min(wait, shorter), bound=bound)


def _least_wait(least: float, wait: float, standing: float) -> float:
    """Bound waits w = a / (1 - s) up to W by the least L of a + W s, where s <= standing.

    a is backorders over full demand, and s the share of demand that stands still with the
    machines that wait. w >= (L - W s) / (1 - s), which falls with s because L <= W.
    """
    return (least - wait * standing) / (1 - standing) if standing < 1 else 0.0


def _wait_of(model: EvaluationModel, measure: str, base_stock: NDArray[np.int64]) -> float:
    """Give the mean wait [days] that a measure is about."""
    least = np.maximum(model.least_levels, base_stock)
    open_wait, with_standing = (
        float(
            assess(
                replace(model, least_levels=least, targets=service_rows(model, measure, wait)),
                base_stock,
            ).use[model.targets.tier_rows]
        )
        for wait in (NO_WAIT, 1.0)
    )
    return open_wait / (1 - (with_standing - open_wait))


def _search_of(model: EvaluationModel, budget: float, measure: str, money: Money) -> _ServiceSearch:
    weights, pool = service_weights(model, measure), OptionPool(model)
    spread = max(float((pool.without_stock() - pool.best_reachable()) @ weights), 1e-12)
    if money == "cost":
        fixed = sum(model.fixed_costs.values())
        return _ServiceSearch(pool, weights, spread, budget - fixed, fixed=fixed)
    # No more is held than all base stock, and what is in transport without any stock.
    fewest = model.lot - 1
    empty = assess(replace(model, least_levels=fewest), fewest).plan_cost
    most = model.scenario.costs.holding * 365 * budget + abs(empty)
    return _ServiceSearch(pool, weights, spread, budget, most_cost=most)


@dataclass(frozen=True, eq=False)
class _ServiceSearch:
    """
    Least weighted use for money.

    Attributes
    ----------
    pool : OptionPool
        Options; grows.
    weights : ndarray of float, shape (row,)
        What is minimised: this sum of uses, the disservice.
    spread : float
        Disservice without stock, less that of endless stock.
    budget : float
        Money, fixed costs taken off.
    most_cost : float
        Cost that no plan within the investment passes [money per year]; 0 if the cost itself is
        the money.
    fixed : float
        Fixed costs [money per year].
    """

    pool: OptionPool
    weights: Floats
    spread: float
    budget: float
    most_cost: float = 0.0
    fixed: float = 0.0

    @property
    def tie(self) -> float:
        """Weight of the cost in what is minimised."""
        return _TIE * self.spread / self.most_cost if self.most_cost else 0.0

    def run(self) -> tuple[list[Pick], float, float]:
        """Give picks within the budget, the bound on their disservice, and the money's price."""
        picks, bound, price, trail = self._cross_budget()
        if price > self._least_price:
            picks, bound = self._whole_levels(picks, bound, price, trail)
        return picks, bound - self.tie * self.most_cost, price

    @property
    def _least_price(self) -> float:
        return 0.0 if self.tie else _TIE * self.spread / max(abs(self.budget), 1e-9)

    def _prices(self, price: float) -> tuple[Floats, float]:
        """Turn the price of money into prices of the rows and the weight of the cost."""
        scale = self.tie or price
        prices = self.weights / scale
        if self.tie:
            prices[-1] += price / scale
        return prices, scale

    def _cheapest(self, price: float) -> tuple[list[Pick], float]:
        """Give the picks of least disservice and priced money, and the bound that they prove."""
        prices, scale = self._prices(price)
        priced = self.pool.price(prices)
        return priced.picks, scale * priced.bound - price * self.budget

    def _sums(self, picks: list[Pick]) -> tuple[float, float]:
        """Add up disservice and money."""
        use, cost = np.sum([pick.use for pick in picks], axis=0), sum(pick.cost for pick in picks)
        money = float(use[-1]) if self.tie else cost
        return float(use @ self.weights) + self.tie * cost, money

    def _cross_budget(self) -> tuple[list[Pick], float, float, list[Floats]]:
        """Maximise the bound over the price of money: from both sides to where two lines meet."""
        over, bound = self._cheapest(self._least_price)
        if self._fits(over):
            return over, bound, self._least_price, []
        within, top = self._cheapest(1e9 * self.spread / max(abs(self.budget), 1e-9))
        if not self._fits(within):
            least = self._sums(within)[1] + self.fixed
            raise ValueError(
                f"budget: expected at least {least:,.2f}, which the cheapest plan takes, "
                f"got {self.budget + self.fixed:,.2f}"
            )
        bound, best, trail = max(bound, top), self._least_price, []
        for _ in range(_ROUNDS):
            (f, m), (g, n) = self._sums(over), self._sums(within)
            price = (g - f) / (m - n)
            if price <= self._least_price:
                break
            found, proven = self._cheapest(price)
            trail.append(self._prices(price)[0])
            if proven > bound:
                bound, best = proven, price
            h, k = self._sums(found)
            if h + price * k >= (g + price * n) * (1 - 1e-12) - 1e-9 * self.spread:
                break  # on the line through both: no price proves more
            over, within = (over, found) if self._fits(found) else (found, within)
        return within, bound, best, trail[-4:]

    def _fits(self, picks: list[Pick]) -> bool:
        return self._sums(picks)[1] <= self.budget + 1e-9 * abs(self.budget)

    def _whole_levels(
        self, picks: list[Pick], bound: float, price: float, trail: list[Floats]
    ) -> tuple[list[Pick], float]:
        """Choose among the levels near the price, as `optimise` does; disservice in money."""
        prices, scale = self._prices(price)
        most = max(MOST_OPTIONS, _OPTIONS_PER_PART * len(self.pool.model.grade))
        for _ in range(2):
            value = self._sums(picks)[0]
            slack = (value - bound) * (1 + 1e-9) + 1e-9 * self.spread
            nearby, complete = self.pool.nearby(prices, slack / scale, most, trail)
            swapped = [self._swapped(near, price) for near in nearby]
            try:
                core = solve_core(swapped, np.array([self.budget]), np.array([np.inf]), _GAP)
            except SolverFailed:  # what was left out is needed
                break
            found = [self.pool.find(pick) for pick in core.chosen]
            least = self._sums(found)[0]
            if complete:
                bound = max(bound, min(core.bound * price, least))
            better = least < value and self._fits(found)
            picks = found if better else picks
            if complete or not better or value - least < (value - bound) / 2:
                break
        return picks, bound

    def _swapped(self, near: Nearby, price: float) -> Nearby:
        """Let cost and uses change their roles."""
        disservice, money = self._sums([near.pick])
        pick = replace(near.pick, cost=disservice / price, use=(money,))
        alternatives = [
            (
                j,
                level,
                float(use @ self.weights + self.tie * cost) / price,
                np.array([use[-1] if self.tie else cost]),
            )
            for j, level, cost, use in near.alternatives
        ]
        regions = [[self._swapped(below, price) for below in group] for group in near.regions]
        return Nearby(pick, alternatives, regions)

"""The other way round: the best service for a budget, with a bound that no plan passes."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.argument_checks import positive
from partsim.errors import SolverFailed
from partsim.model.frontier import BestService, Measure, Money
from partsim.model.scenario import Scenario
from partsim.optimisation.assessment import assess
from partsim.optimisation.core_model import MOST_OPTIONS, solve_core
from partsim.optimisation.evaluation_model import EvaluationModel
from partsim.optimisation.optimiser import bare_plan, levels_of, model_of
from partsim.optimisation.pool import Nearby, OptionPool, Pick
from partsim.optimisation.targets import Targets, Term, calls_per_day

Floats = NDArray[np.float64]

MEASURES: tuple[Measure, ...] = ("backorders", "promises")
MONEY: tuple[Money, ...] = ("investment", "cost")
_GAP = 1e-4
"""Gap at which the core model may stop."""
_ROUNDS = 60
_TIE = 1e-7
"""Weight of all cost that there may be against all service that stock can give: enough to choose
the cheaper of two plans of one service."""


def optimise_service(
    scenario: Scenario,
    budget: float,
    *,
    measure: Measure = "promises",
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
    measure : 'promises' or 'backorders'
        The share of all calls that keep their promise, each with its tier's, to be as large; or
        the machines that wait for a part at a time, to be as small as possible. By Little's law
        the latter is least total waiting too.
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

    Examples
    --------
    >>> from partsim import read_scenario
    >>> best = optimise_service(read_scenario("scenarios/first_steps.yaml"), 500_000)
    >>> best.spent <= 500_000, best.value <= best.bound, best.gap < 0.01
    (True, True, True)
    """
    start = time.process_time()
    budget = float(positive("budget", budget))
    if measure not in MEASURES:
        raise ValueError(f"measure: expected one of {', '.join(MEASURES)}, got '{measure}'")
    if money not in MONEY:
        raise ValueError(f"money: expected one of {', '.join(MONEY)}, got '{money}'")
    model = model_of(scenario)
    model = replace(model, targets=service_rows(model))
    search = _search_of(model, budget, measure, money)
    picks, bound, price = search.run()
    base_stock = levels_of(model, picks)
    least = np.maximum(model.least_levels, base_stock)
    result = assess(replace(model, least_levels=least), base_stock)
    value = float(result.use @ search.weights)
    best = float(search.pool.best_reachable() @ search.weights)
    bound = max(bound, best) + float(model.targets.constant @ search.weights)
    bound = min(bound, value)
    falls = measure == "promises"  # what is minimised is the share of broken calls
    return BestService(
        plan=bare_plan(model, base_stock),
        measure=measure,
        value=1 - value if falls else value,
        bound=1 - bound if falls else bound,
        money=money,
        budget=budget,
        spent=result.plan_cost if money == "cost" else float(result.use[-1]),
        price=price,
        seconds=time.process_time() - start,
    )


def service_rows(model: EvaluationModel) -> Targets:
    """Give the rows promises of tiers, backorders, investment, without limits."""
    scenario, old = model.scenario, model.targets
    T = old.tier_rows
    served = (model.demand.depot_rate > 0).astype(float)
    depots = range(len(scenario.depots))
    return Targets(
        names=(*old.names[:T], "backorders", "investment"),
        units=(*old.units[:T], "volume", "money"),
        limit=np.full(T + 2, np.inf),
        constant=np.append(old.constant[:T], [0.0, 0.0]),
        tier_rows=T,
        terms=(
            *(Term(T, d, "backorders", served[:, d]) for d in depots),
            *(Term(T + 1, d, "units", scenario.prices) for d in depots),
        ),
        has_budget=True,
    )


def service_weights(model: EvaluationModel, measure: Measure) -> Floats:
    """Give the weights of the service rows whose sum is to be small: disservice; shape (row,)."""
    weights = np.zeros(len(model.targets.limit))
    if measure == "backorders":
        weights[model.targets.tier_rows] = 1.0
    else:
        calls = calls_per_day(model.demand)
        weights[: model.targets.tier_rows] = calls / calls.sum()
    return weights


def _search_of(
    model: EvaluationModel, budget: float, measure: Measure, money: Money
) -> _ServiceSearch:
    weights, pool = service_weights(model, measure), OptionPool(model)
    spread = max(float((pool.without_stock() - pool.best_reachable()) @ weights), 1e-12)
    if money == "cost":
        fixed = sum(model.fixed_costs.values())
        return _ServiceSearch(pool, weights, spread, budget - fixed, fixed=fixed)
    # No more is held than all base stock, and what is in transport without any stock.
    fewest = np.where(model.scenario.parents < 0, model.lot - 1, 0)
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
        for _ in range(2):
            value = self._sums(picks)[0]
            slack = (value - bound) * (1 + 1e-9) + 1e-9 * self.spread
            nearby, complete = self.pool.nearby(prices, slack / scale, MOST_OPTIONS, trail)
            swapped = [self._swapped(near, price) for near in nearby]
            try:
                core = solve_core(swapped, np.array([self.budget]), np.array([np.inf]), _GAP)
            except SolverFailed:  # what was left out is needed
                break
            found = self._picks_of(core.chosen)
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
        return Nearby(pick, alternatives)

    def _picks_of(self, chosen: list[tuple[Pick, dict[int, int]]]) -> list[Pick]:
        """Give the pool's own picks of a core model's choice."""
        roots = {root.depot: root for root in self.pool.model.roots}
        picks = []
        for pick, changes in chosen:
            levels = np.array(pick.levels, int)
            levels[list(changes)] = list(changes.values())
            picks.append(self.pool.find(roots[pick.root], pick.part, pick.central_level, levels))
        return picks

"""A scenario's grades chosen together with its stock, and what its own rule of grading costs."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.approval_queue import most_orders
from partsim.demand.estimation import estimate_demand
from partsim.grading.scoring import grade_parts
from partsim.model.plan import Certificate, Plan
from partsim.model.scenario import Scenario
from partsim.optimisation.decision import Decision, decide
from partsim.optimisation.evaluation_model import EvaluationModel
from partsim.optimisation.grade_choice import choose_grades
from partsim.optimisation.grade_problem import GradeProblem
from partsim.optimisation.optimiser import build_model, certified_plan
from partsim.optimisation.pool import OptionPool

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDS = 4


@dataclass(frozen=True, eq=False)
class FreeGrades:
    """
    Plans with the grades of the scenario's rule, and with grades that any part may have.

    Attributes
    ----------
    by_rule, free : Plan
        Both keep the same targets; `free` is the rule's plan where nothing cheaper was found.
        Only `free` surely keeps what the people behind each grade can manage.
    lower_bound : float
        No plan that keeps the targets costs less, whatever the grades that the scenario's rules
        leave open and the people behind them can manage, at the lots of each grade.
    """

    by_rule: Plan
    free: Plan
    lower_bound: float

    @property
    def price_of_rule(self) -> float:
        """What the rule's plan costs more than the free one [money per year]."""
        return certificate_of(self.by_rule).plan_cost - certificate_of(self.free).plan_cost

    @property
    def gap(self) -> float:
        """Distance of the free plan's cost from the bound, over the bound."""
        bound = self.lower_bound
        return (certificate_of(self.free).plan_cost - bound) / bound if bound else 0.0


def choose_free_grades(scenario: Scenario) -> FreeGrades:
    """
    Choose the grade of every part together with the stock.

    At the prices of the targets, each part's least cost is bounded in each grade; the cheapest
    grades that the people behind them can manage are planned in full, and its prices tried next.

    Parameters
    ----------
    scenario : Scenario
        The question; its grades mean what they mean, its cuts do not count.

    Returns
    -------
    FreeGrades
        Plans and a bound over all grades.

    Raises
    ------
    ValueError
        If targets are out of reach at the scenario's own grades, or no grades that were tried
        keep them and what the people behind the grades can manage.
    SolverFailed
        If HiGHS gives no answer.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> found = choose_free_grades(read_scenario("scenarios/first_steps.yaml"))
    >>> found.by_rule.grades, found.free.grades, found.price_of_rule > 0
    (('A', 'C'), ('B', 'B'), True)
    """
    search = _Search(scenario)
    own = grade_parts(scenario).grades
    by_rule, decision = search.plan(own)
    if not decision.reached:
        missed = ", ".join(row.name for row in certificate_of(by_rule).missed)
        raise ValueError(
            "targets: expected ones that a plan by the grades given keeps, got out of reach: "
            f"{missed}"
        )
    # What the people behind the grades cannot manage is no plan to compare with.
    plans = [] if certificate_of(by_rule).missed else [by_rule]
    bound, seen = -np.inf, {own}
    for _ in range(_ROUNDS):
        grades, least = search.grades_at(decision.prices)
        bound = max(bound, least)
        if grades in seen:
            break
        seen.add(grades)
        plan, decision = search.plan(grades)
        plans += [] if certificate_of(plan).missed else [plan]
    if not plans:
        raise ValueError("grades: expected some that keep all targets, got none that was tried")
    free = min(plans, key=lambda plan: certificate_of(plan).plan_cost)
    return FreeGrades(by_rule, free, min(bound, certificate_of(free).plan_cost))


def certificate_of(plan: Plan) -> Certificate:
    """Give the certificate that every plan of an optimiser has."""
    assert plan.certificate is not None
    return plan.certificate


class _Search:
    """Options of all parts in each grade, evaluated once for all prices."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.demand = scenario, estimate_demand(scenario)
        self.allowed = scenario.allowed_grades
        own = np.array([scenario.grade_ids.index(g) for g in grade_parts(scenario).grades])
        # A part stays where it is, and so costs what it does there, while the others are looked
        # at in a grade not open to it.
        columns = range(len(scenario.grade_ids))
        self.pools = [OptionPool(self._model(np.where(self.allowed[:, g], g, own)))
                      for g in columns]  # fmt: skip

    def plan(self, grades: tuple[str, ...]) -> tuple[Plan, Decision]:
        """Plan the stock at these grades."""
        start = time.process_time()
        model = build_model(self.scenario, self.demand, grades)
        decision = decide(OptionPool(model))
        return certified_plan(model, decision, start), decision

    def grades_at(self, prices: Floats) -> tuple[tuple[str, ...], float]:
        """Give the cheapest grades at these prices, and what no grades and stock undercut."""
        value = np.stack([self._part_bounds(pool, prices) for pool in self.pools], axis=1)
        least = value.min(axis=1)
        use, limit = self._workload()
        problem = GradeProblem(
            cost=value - least[:, None],
            use=use,
            limit=limit,
            most_grades=len(self.pools),
            allowed=self.allowed,
        )
        chosen = choose_grades(problem)
        targets = self.pools[0].model.targets
        bound = least.sum() + chosen.lower_bound - prices @ (targets.limit - targets.constant)
        return self._names(chosen.policy), float(bound)

    def _part_bounds(self, pool: OptionPool, prices: Floats) -> Floats:
        fixed = sum(pool.model.fixed_part_costs.values(), start=np.zeros(len(self.allowed)))
        return pool.bound_by_part(prices) + fixed

    def _workload(self) -> tuple[Floats, Floats]:
        """Give use and limits of what the people behind each grade can manage."""
        uses, limits = [], []
        for g, grade in enumerate(self.scenario.grade_ids):
            rules = self.scenario.grade_rules(grade)
            if rules.approvers is not None and rules.approval_work is not None:
                most = most_orders(rules.approval_time, rules.approval_work, rules.approvers)
                uses.append(self._only(g, self.pools[g].model.order_rate / 365))
                limits.append(most)
            if rules.max_parts is not None:
                uses.append(self._only(g, np.ones(len(self.allowed))))
                limits.append(float(rules.max_parts))
        return np.array(uses).reshape(-1, *self.allowed.shape), np.array(limits)

    def _only(self, g: int, use: Floats) -> Floats:
        return use[:, None] * (np.arange(self.allowed.shape[1]) == g)

    def _model(self, grade: Ints) -> EvaluationModel:
        return build_model(self.scenario, self.demand, self._names(grade))

    def _names(self, grade: Ints) -> tuple[str, ...]:
        return tuple(self.scenario.grade_ids[g] for g in grade)

"""A scenario's grades chosen together with its stock, and what its own rule of grading costs."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.approval_queue import most_orders
from partsim.demand.estimation import estimate_demand
from partsim.grading.scoring import grade_parts
from partsim.model.plan import Certificate, Plan
from partsim.model.scenario import Scenario
from partsim.optimisation.certified_plans import build_model, certified_plan
from partsim.optimisation.decision import Decision, decide
from partsim.optimisation.evaluation_model import EvaluationModel
from partsim.optimisation.grade_choice import choose_grades
from partsim.optimisation.grade_problem import GradeProblem
from partsim.optimisation.pool import OptionPool
from partsim.optimisation.settled_search import search

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
        At the same targets; `free` is the rule's plan where nothing cheaper was found. Only
        `free` surely keeps them and what the people behind each grade can manage.
    prices : ndarray of float, shape (row,)
        Of the free plan: money per year for one unit of use of each target.
    """

    by_rule: Plan
    free: Plan
    prices: Floats

    @property
    def lower_bound(self) -> float:
        """
        No plan that keeps the targets costs less [money per year].

        Whatever the grades that the scenario's rules leave open and the people behind them can
        manage, at the lots of each grade.
        """
        return certificate_of(self.free).lower_bound

    @property
    def price_of_rule(self) -> float:
        """What the rule's plan costs more than the free one [money per year]."""
        return certificate_of(self.by_rule).plan_cost - certificate_of(self.free).plan_cost

    @property
    def gap(self) -> float:
        """Distance of the free plan's cost from the bound, over the bound."""
        return certificate_of(self.free).gap


def choose_free_grades(scenario: Scenario, *, allowed_miss: Floats | None = None) -> FreeGrades:
    """
    Choose the grade of every part together with the stock.

    At the prices of the targets, each part's least cost is bounded in each grade; the cheapest
    grades that the people behind them can manage are planned in full, and its prices tried next.

    Parameters
    ----------
    scenario : Scenario
        The question; its grades mean what they mean, its cuts do not count.
    allowed_miss : ndarray of float, shape (tier,) or longer, optional
        As for `optimise`.

    Returns
    -------
    FreeGrades
        Plans and a bound over all grades.

    Raises
    ------
    ValueError
        If no grades that were tried keep the targets and what the people behind the grades can
        manage.
    SolverFailed
        If HiGHS gives no answer.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> found = choose_free_grades(read_scenario("scenarios/first_steps.yaml"))
    >>> found.by_rule.grades, found.free.grades, found.price_of_rule > 0
    (('A', 'C'), ('B', 'B'), True)
    """
    found = search_free_grades(scenario, allowed_miss=allowed_miss)
    if certificate_of(found.free).missed:
        missed = ", ".join(row.name for row in certificate_of(found.free).missed)
        raise ValueError(
            f"targets: expected ones that some grades and stock keep, got out of reach: {missed}"
        )
    return found


def search_free_grades(
    scenario: Scenario, *, allowed_miss: Floats | None = None, deadline: float = np.inf
) -> FreeGrades:
    """
    Choose free grades, also where targets are out of reach.

    Parameters
    ----------
    scenario : Scenario
        The question.
    allowed_miss : ndarray of float, shape (tier,) or longer, optional
        As for `optimise`.
    deadline : float
        When to end with the best so far, on `time.monotonic` [seconds].

    Returns
    -------
    FreeGrades
        The free plan is the cheapest of those found that miss the fewest targets. Where it
        misses none, its bound holds for all grades that the scenario's rules leave open, else
        for its own.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> plan = search_free_grades(read_scenario("scenarios/first_steps.yaml")).free
    >>> plan.grades, plan.certificate.any_grades
    (('B', 'B'), True)
    """
    return _choose(_Search(scenario, allowed_miss, deadline))


def bound_of_grades(
    scenario: Scenario, prices: Floats, *, allowed_miss: Floats | None = None
) -> float:
    """
    Bound the cost of all plans that keep the targets, at whatever grades.

    Parameters
    ----------
    scenario : Scenario
        The question.
    prices : ndarray of float, shape (row,)
        Of the targets, zero or more: all bound, good ones closely.
    allowed_miss : ndarray of float, shape (tier,) or longer, optional
        As for `optimise`.

    Returns
    -------
    float
        Money per year.

    Raises
    ------
    ValueError
        If no grades are within what the people behind them can manage.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> case = read_scenario("scenarios/first_steps.yaml")
    >>> found = choose_free_grades(case)
    >>> bound_of_grades(case, found.prices) <= found.free.certificate.plan_cost
    True
    """
    return _Search(scenario, allowed_miss).grades_at(prices)[1]


def plan_at_grades(
    scenario: Scenario,
    grades: tuple[str, ...],
    *,
    allowed_miss: Floats | None = None,
    deadline: float = np.inf,
) -> Plan:
    """
    Plan the stock at given grades, whatever the scenario's rule.

    Parameters
    ----------
    scenario : Scenario
        The question.
    grades : tuple of str
        Grade of each part.
    allowed_miss, deadline
        As for `search_free_grades`.

    Returns
    -------
    Plan
        With its certificate.

    Raises
    ------
    ValueError
        If the scenario does not have a grade.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> plan = plan_at_grades(read_scenario("scenarios/first_steps.yaml"), ("B", "B"))
    >>> plan.grades, plan.certificate.missed
    (('B', 'B'), ())
    """
    start, demand = time.process_time(), estimate_demand(scenario)
    model = build_model(scenario, demand, grades, allowed_miss=allowed_miss)
    return search(model, deadline, start)


def grades_of_plan(scenario: Scenario, *, allowed_miss: Floats | None = None) -> tuple[str, ...]:
    """
    Give the grades that plans have: those of the rule, or the free ones.

    Parameters
    ----------
    scenario : Scenario
        The question.
    allowed_miss : ndarray of float, shape (tier,) or longer, optional
        As for `optimise`; free grades may depend on it.

    Returns
    -------
    tuple of str
        Grade of each part.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> grades_of_plan(read_scenario("scenarios/first_steps.yaml"))
    ('A', 'C')
    """
    if scenario.grading.rule == "free":
        return search_free_grades(scenario, allowed_miss=allowed_miss).free.grades
    return grade_parts(scenario).grades


def _choose(search: _Search) -> FreeGrades:
    start, own = time.process_time(), grade_parts(search.scenario).grades
    by_rule, decision = search.plan(own)
    plans, prices, bound, seen = [by_rule], [decision.prices], -np.inf, {own}
    for _ in range(_ROUNDS):
        try:
            grades, least = search.grades_at(decision.prices)
        except ValueError:
            break  # no grades that people can manage: the rule's plan says what they lack
        bound = max(bound, least)
        if grades in seen or search.late:
            break
        seen.add(grades)
        plan, decision = search.plan(grades)
        plans.append(plan)
        prices.append(decision.prices)
    proofs = [certificate_of(plan) for plan in plans]
    best = min(range(len(plans)), key=lambda n: (len(proofs[n].missed), proofs[n].plan_cost))
    proof = replace(proofs[best], seconds=time.process_time() - start, out_of_time=search.late)
    if not proof.missed:
        proof = replace(proof, lower_bound=min(bound, proof.plan_cost), any_grades=True)
    return FreeGrades(by_rule, replace(plans[best], certificate=proof), prices[best])


def certificate_of(plan: Plan) -> Certificate:
    """Give the certificate that every plan of an optimiser has."""
    assert plan.certificate is not None
    return plan.certificate


class _Search:
    """Options of all parts in each grade, evaluated once for all prices."""

    def __init__(
        self, scenario: Scenario, allowed_miss: Floats | None = None, deadline: float = np.inf
    ) -> None:
        self.scenario, self.demand = scenario, estimate_demand(scenario)
        self.allowed_miss, self.deadline = allowed_miss, deadline
        self.allowed = scenario.allowed_grades
        own = np.array([scenario.grade_ids.index(g) for g in grade_parts(scenario).grades])
        # A part stays where it is, and so costs what it does there, while the others are looked
        # at in a grade not open to it.
        columns = range(len(scenario.grade_ids))
        self.pools = [
            OptionPool(self._model(self._names(np.where(self.allowed[:, g], g, own))))
            for g in columns
        ]

    @property
    def late(self) -> bool:
        """Whether the time has run out."""
        return time.monotonic() >= self.deadline

    def plan(self, grades: tuple[str, ...]) -> tuple[Plan, Decision]:
        """Plan the stock at these grades."""
        start = time.process_time()
        model = self._model(grades)
        decision = decide(OptionPool(model), self.deadline)
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
            allowed=self.allowed & self._manned(),
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
            if rules.max_parts:
                uses.append(self._only(g, np.ones(len(self.allowed))))
                limits.append(float(rules.max_parts))
        return np.array(uses).reshape(-1, *self.allowed.shape), np.array(limits)

    def _manned(self) -> NDArray[np.bool_]:
        """Tell which grades can have any parts at all: limits of a problem are above 0."""
        rules = (self.scenario.grade_rules(grade) for grade in self.scenario.grade_ids)
        return np.array([rule.max_parts != 0 for rule in rules])

    def _only(self, g: int, use: Floats) -> Floats:
        return use[:, None] * (np.arange(self.allowed.shape[1]) == g)

    def _model(self, grades: tuple[str, ...]) -> EvaluationModel:
        return build_model(self.scenario, self.demand, grades, allowed_miss=self.allowed_miss)

    def _names(self, grade: Ints) -> tuple[str, ...]:
        return tuple(self.scenario.grade_ids[g] for g in grade)

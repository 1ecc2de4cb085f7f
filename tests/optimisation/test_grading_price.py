"""The price of grading: every rule between the optimum of all gradings and a worse one."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from partsim.optimisation.grade_choice import choose_grades
from partsim.optimisation.graded_stock import GradedStock, GradePolicy
from partsim.optimisation.grading_price import choose_policies, price_of_grading
from partsim.optimisation.own_levels import choose_own_levels
from partsim.optimisation.stock_problem import StockProblem
from tests.optimisation.test_grade_choice import KEPT, assert_kept, random_problem


def stock(parts=30, depots=1, seed=3, families=3):
    random = np.random.default_rng(seed)
    return GradedStock.plain(
        StockProblem(
            holding_cost=np.exp(random.normal(3, 1.2, parts)),
            demand_rate=np.exp(random.normal(-3, 1, (parts, depots))),
            lead_time=random.choice([7.0, 14.0, 30.0, 60.0], parts),
            transport_time=None,
            family=random.integers(0, families, parts),
            tier_share=np.eye(families)[:, :, None].repeat(depots, axis=2),
            depot_wait=np.full(depots, np.inf),
            tier_wait=np.array([0.5, 2.0, 5.0])[:families],
        )
    )


def scores_of(given):
    problem = given.problem
    return {"price": -problem.holding_cost, "use": problem.demand_rate.sum(axis=1)}


def test_rules_stand_between_no_grades_and_the_worst():
    given = stock()
    today = np.random.default_rng(0).integers(0, 3, 30)
    rows = price_of_grading(given, scores_of(given), given={"today": today})
    assert rows[0].rule == "every part"
    assert rows[0].over == 0
    by_promise = {
        promise: {row.rule: row for row in rows if row.promise == promise}
        for promise in ("fill rate", "wait price")
    }
    for found in by_promise.values():
        assert set(found) == {"free", "price", "use", "today"}
        assert min(row.cost for row in found.values()) == found["free"].cost >= rows[0].cost
        assert all(row.gap >= 0 and len(row.grades) <= 3 for row in found.values())
        assert found["free"].gap <= 2e-3
        assert found["free"].over == pytest.approx(found["free"].cost / rows[0].cost - 1)


def test_a_price_of_waiting_for_each_row_is_as_good_as_no_grades():
    # Each family has a row of its own, and so a price of waiting of its own: three grades.
    given = stock(parts=300)
    own, prices = choose_own_levels(given, [GradePolicy("")])
    backorder = np.einsum("k,kfd->f", prices, given.problem.row_weights)
    policies = [GradePolicy(f"{price:.3g}", wait_price=price / 365) for price in backorder]
    table = given.grade_problem(policies, 3)
    priced = table.cost + np.einsum("k,kpg->pg", prices, table.use)
    assert priced.min(axis=1).sum() - prices.sum() == pytest.approx(own.bound, rel=1e-12)


def test_ways_of_ordering_are_chosen_with_the_grades():
    given = stock(parts=12)
    given = replace(given, price=5 * given.problem.holding_cost)
    slow = GradePolicy("by committee", approval_time=7, approval_cost=90, control_loss=0.002)
    quick = GradePolicy("at once", approval_cost=0.5, control_loss=0.03)
    both = price_of_grading(given, {}, [slow, quick], most_grades=2)
    for one in (slow, quick):
        alone = price_of_grading(given, {}, [one], most_grades=2)
        for row, single in zip(both, alone, strict=True):
            bound = row.cost / (1 + row.gap)
            assert bound <= single.cost * (1 + 1e-9)
    assert any("at once" in grade for row in both for grade in row.grades)


@pytest.mark.parametrize("seed", range(5))
def test_policies_of_given_grades_are_the_best_of_all(seed):
    problem = random_problem(seed, parts=12, policies=5, grades=5, fixed=True, forbid=True)
    grade = np.random.default_rng(seed).integers(0, 3, 12)
    best, parts = np.inf, np.arange(12)
    for policies in product(range(5), repeat=3):
        chosen = np.array(policies)[grade]
        used = problem.use[:, parts, chosen].sum(axis=1)
        if (used <= problem.limit * KEPT).all() and problem.allowed[parts, chosen].all():
            fixed = problem.fixed_cost[sorted(set(policies))].sum()
            best = min(best, problem.cost[parts, chosen].sum() + fixed)
    if np.isinf(best):
        with pytest.raises(ValueError, match="expected"):
            choose_policies(problem, grade, 0.0)
        return
    found = choose_policies(problem, grade, 0.0)
    assert_kept(problem, found)
    assert found.cost == pytest.approx(best, rel=1e-9)
    assert found.cost >= choose_grades(problem).lower_bound


def test_too_many_given_grades_are_refused():
    problem = random_problem(1, parts=8)
    with pytest.raises(ValueError, match="grade: expected at most 5 grades of 8 parts, got 8"):
        choose_policies(problem, np.arange(8))

"""Grades with stock: against brute force over all gradings, the whole PuLP model, and bounds."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from partsim.optimisation.full_grade_model import FullGradeModel
from partsim.optimisation.grade_choice import choose_grades
from partsim.optimisation.grade_problem import GradeProblem

KEPT = 1 + 1e-9


def random_problem(seed, parts=5, policies=4, rows=2, grades=2, fixed=False, forbid=False):
    """Policies that cost more the less they use, as service does."""
    random = np.random.default_rng(seed)
    size = np.exp(random.normal(0, 1, (parts, 1)))
    cost = size * np.sort(random.random((parts, policies)), axis=1)
    use = -np.sort(-random.random((rows, parts, policies)), axis=2)
    least, most = use.min(axis=2).sum(axis=1), use.max(axis=2).sum(axis=1)
    allowed = random.random((parts, policies)) < 0.7 if forbid else np.ones((parts, policies), bool)
    allowed[:, -1] = True
    return GradeProblem(
        cost=cost,
        use=use,
        limit=least + random.uniform(0.1, 0.7) * (most - least),
        most_grades=grades,
        fixed_cost=random.uniform(0, 1, policies) if fixed else np.zeros(policies),
        allowed=allowed,
    )


def brute_force(problem):
    """Least cost over every policy of every part."""
    P, G = problem.cost.shape
    best = np.inf
    for policy in product(range(G), repeat=P):
        parts, chosen = np.arange(P), np.array(policy)
        opened = np.unique(chosen)
        if len(opened) > problem.most_grades or not problem.allowed[parts, chosen].all():
            continue
        if (problem.use[:, parts, chosen].sum(axis=1) <= problem.limit * KEPT).all():
            cost = problem.cost[parts, chosen].sum() + problem.fixed_cost[opened].sum()
            best = min(best, cost)
    return best


def assert_kept(problem, chosen):
    parts = np.arange(len(chosen.policy))
    assert problem.allowed[parts, chosen.policy].all()
    assert len(chosen.open_policies) <= problem.most_grades
    used = problem.use[:, parts, chosen.policy].sum(axis=1)
    np.testing.assert_allclose(chosen.use, used, rtol=1e-12)
    assert (used <= problem.limit * KEPT).all()
    assert chosen.lower_bound <= chosen.cost


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "kind", [{}, {"fixed": True}, {"forbid": True}, {"grades": 1}, {"grades": 3, "rows": 3}]
)
def test_tiny_cases_are_solved_to_the_optimum_of_all_gradings(seed, kind):
    problem = random_problem(seed, **kind)
    chosen = choose_grades(problem, gap=0.0)
    assert_kept(problem, chosen)
    assert chosen.cost == pytest.approx(brute_force(problem), rel=1e-9)
    assert chosen.lower_bound == pytest.approx(chosen.cost, rel=1e-6)


@pytest.mark.parametrize("seed", range(2))
def test_forty_parts_equal_the_whole_model(seed):
    problem = random_problem(seed, parts=40, policies=6, rows=4, grades=3, fixed=True, forbid=True)
    _, cost, bound = FullGradeModel(problem).solve(gap=0.0, nodes=100_000)
    chosen = choose_grades(problem, gap=0.0)
    assert_kept(problem, chosen)
    assert chosen.cost == pytest.approx(cost, rel=1e-6)
    assert chosen.lower_bound <= cost * (1 + 1e-9)
    assert bound == pytest.approx(cost, rel=1e-6)


def test_a_bound_of_a_loose_search_lies_below_the_optimum_and_its_cost_above():
    problem = random_problem(3, parts=60, policies=8, rows=3, grades=3)
    loose, tight = choose_grades(problem, gap=0.1), choose_grades(problem, gap=0.0)
    assert loose.lower_bound <= tight.lower_bound * (1 + 1e-9)
    assert tight.cost <= loose.cost * (1 + 1e-9)
    assert loose.gap <= 0.1


def test_the_order_of_the_parts_changes_nothing():
    problem = random_problem(5, parts=400, policies=8, rows=5, grades=3, forbid=True)
    order = np.random.default_rng(0).permutation(400)
    turned = replace(
        problem,
        cost=problem.cost[order],
        use=problem.use[:, order],
        allowed=problem.allowed[order],
    )
    first, second = choose_grades(problem), choose_grades(turned)
    assert first.cost == second.cost
    assert first.policy[order].tolist() == second.policy.tolist()


@pytest.mark.parametrize("grades", [1, 2, 3, 4, 5])
def test_more_grades_cost_no_more_and_the_gap_asked_for_is_proven(grades):
    problem = random_problem(7, parts=500, policies=10, rows=6, grades=grades)
    chosen = choose_grades(problem)
    assert_kept(problem, chosen)
    assert chosen.gap <= 1e-3
    more = choose_grades(replace(problem, most_grades=grades + 1))
    assert more.lower_bound <= chosen.cost
    assert more.cost <= chosen.cost * (1 + 1e-3)


def test_free_rows_leave_every_part_its_cheapest_policy():
    problem = random_problem(1, parts=50, policies=5, grades=5)
    roomy = replace(problem, limit=problem.limit * 1e6)
    chosen = choose_grades(roomy)
    assert chosen.cost == pytest.approx(problem.cost.min(axis=1).sum())
    assert chosen.prices.tolist() == [0.0, 0.0]


def test_no_rows_at_all():
    chosen = choose_grades(GradeProblem([[3.0, 1.0]], np.zeros((0, 1, 2)), np.zeros(0), 1))
    assert (chosen.cost, chosen.lower_bound, chosen.policy.tolist()) == (1.0, 1.0, [1])


def test_one_part_and_parts_that_are_all_equal():
    one = GradeProblem([[0.0, 1.0, 2.0]], [[[3.0, 2.0, 1.0]]], [2.0], 3)
    assert choose_grades(one, gap=0.0).policy.tolist() == [1]
    # Four of ten equal parts may use 2 rather than 1: 4 * 2 + 6 * 1 = 14.
    equal = GradeProblem([[1.0, 2.0]] * 10, [[[2.0, 1.0]] * 10], [14.0], 2)
    assert choose_grades(equal, gap=0.0).cost == 16.0


def test_rows_that_nothing_keeps_are_refused():
    with pytest.raises(ValueError, match="limit: expected rows that some choice"):
        choose_grades(GradeProblem([[0.0, 1.0]], [[[3.0, 2.0]]], [1.0], 2))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cost": [[-1.0, 1.0]]}, "cost: expected finite numbers >= 0"),
        ({"cost": [1.0, 2.0]}, r"cost: expected shape \(part, policy\)"),
        ({"use": [[[1.0, 2.0, 3.0]]]}, r"use: expected shape \(1, 1, 2\), got \(1, 1, 3\)"),
        ({"limit": [0.0]}, "limit: expected finite numbers > 0"),
        ({"most_grades": 0}, "most_grades"),
        ({"allowed": [[False, False]]}, "allowed: expected at least one policy .* part 0"),
        ({"fixed_cost": [1.0]}, r"fixed_cost: expected shape \(2,\)"),
    ],
)
def test_wrong_arrays_are_named(change, words):
    right = {"cost": [[0.0, 1.0]], "use": [[[2.0, 1.0]]], "limit": [1.0], "most_grades": 1}
    with pytest.raises(ValueError, match=words):
        GradeProblem(**(right | change))


def test_more_sets_than_can_be_bounded_are_refused():
    with pytest.raises(ValueError, match=r"got 2,118,760 of 5 out of 50"):
        GradeProblem(np.ones((1, 50)), np.ones((1, 1, 50)), [1.0], 5)


def test_a_negative_gap_is_refused():
    with pytest.raises(ValueError, match="gap"):
        choose_grades(random_problem(0), gap=-1.0)

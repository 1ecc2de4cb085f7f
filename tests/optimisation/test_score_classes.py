"""Cuts of a score: against all cuts and policies tried, and ties, floors and bounds."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from partsim.optimisation.grade_choice import choose_grades
from partsim.optimisation.grade_problem import GradeProblem
from partsim.optimisation.score_classes import choose_cuts
from tests.optimisation.test_grade_choice import KEPT, assert_kept, random_problem


def all_cuts(problem, score):
    """Least cost over every cut between different scores and every policy of each grade."""
    order = np.argsort(-score, kind="stable")
    sorted_score = score[order]
    places = [i for i in range(1, len(order)) if sorted_score[i] != sorted_score[i - 1]]
    best = np.inf
    for grades in range(1, problem.most_grades + 1):
        for cuts in combinations(places, grades - 1):
            sizes = np.diff([0, *cuts, len(order)])
            for policies in product(range(problem.cost.shape[1]), repeat=grades):
                chosen = np.repeat(policies, sizes)
                if not problem.allowed[order, chosen].all():
                    continue
                used = problem.use[:, order, chosen].sum(axis=1)
                if (used <= problem.limit * KEPT).all():
                    fixed = problem.fixed_cost[list(policies)].sum()
                    best = min(best, problem.cost[order, chosen].sum() + fixed)
    return best


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", [{}, {"fixed": True}, {"forbid": True}, {"grades": 1}])
def test_one_and_two_grades_are_cut_at_the_best_places(seed, kind):
    problem = random_problem(seed, parts=9, policies=4, **kind)
    score = np.random.default_rng(seed).integers(0, 6, 9).astype(float)
    best = all_cuts(problem, score)
    if np.isinf(best):
        with pytest.raises(ValueError, match="some cuts of the score keep"):
            choose_cuts(problem, score)
        return
    chosen = choose_cuts(problem, score)
    assert_kept(problem, chosen)
    assert chosen.cost == pytest.approx(best, rel=1e-9)
    assert chosen.lower_bound <= best * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_three_grades_lie_between_the_best_cuts_and_two_grades(seed):
    problem = random_problem(seed, parts=9, policies=4, grades=3)
    score = np.random.default_rng(seed).random(9)
    best, chosen = all_cuts(problem, score), choose_cuts(problem, score)
    two = all_cuts(random_problem(seed, parts=9, policies=4, grades=2), score)
    assert_kept(problem, chosen)
    assert chosen.lower_bound <= best * (1 + 1e-9)
    assert best * (1 - 1e-9) <= chosen.cost <= two * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_without_rows_in_the_way_cuts_are_the_best_and_the_bound_says_so(seed):
    given = random_problem(seed, parts=10, policies=4, grades=3, fixed=True, forbid=True)
    # Shuffled costs: else everybody would take the first policy.
    cost = np.random.default_rng(seed).permuted(given.cost, axis=1)
    problem = replace(given, cost=cost, limit=given.limit * 1e6, fixed_cost=given.fixed_cost / 5)
    score = np.arange(10.0)
    chosen = choose_cuts(problem, score)
    assert chosen.cost == pytest.approx(all_cuts(problem, score), rel=1e-9)
    assert chosen.lower_bound == pytest.approx(chosen.cost, rel=1e-9)


def test_a_score_never_beats_free_choice_and_equal_scores_share_a_grade():
    problem = random_problem(3, parts=1200, policies=8, rows=4, grades=3)
    score = np.random.default_rng(1).integers(0, 700, 1200).astype(float)
    chosen, free = choose_cuts(problem, score), choose_grades(problem)
    assert_kept(problem, chosen)
    assert free.lower_bound <= chosen.cost
    for value in np.unique(score):
        assert len(set(chosen.policy[score == value])) == 1


def test_grades_are_contiguous_along_the_score():
    problem = random_problem(4, parts=300, policies=8, rows=4, grades=4)
    score = np.random.default_rng(2).random(300)
    along = choose_cuts(problem, score).policy[np.argsort(-score)]
    assert np.count_nonzero(np.diff(along)) <= 3


def test_parts_all_equal_have_one_grade_by_any_score():
    problem = GradeProblem([[1.0, 2.0]] * 10, [[[2.0, 1.0]] * 10], [14.0], 2)
    assert choose_cuts(problem, np.zeros(10)).policy.tolist() == [1] * 10
    assert choose_cuts(problem, np.arange(10.0)).cost == 16.0


@pytest.mark.parametrize("score", [[1.0, 2.0], [1.0, np.nan, 2.0], [[1.0, 2.0, 3.0]]])
def test_wrong_scores_are_refused(score):
    problem = GradeProblem([[1.0, 2.0]] * 3, [[[2.0, 1.0]] * 3], [9.0], 2)
    with pytest.raises(ValueError, match="score: expected 3 finite numbers"):
        choose_cuts(problem, score)

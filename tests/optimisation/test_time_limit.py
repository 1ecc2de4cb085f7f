"""A time limit ends the search with a plan, a bound, and the word for it."""

import time
from itertools import count

import numpy as np
import pytest

from partsim import optimise
from tests.optimisation.test_against_brute_force import best_of_all, two_echelons
from tests.optimisation.test_optimiser import one_depot, waiting


def with_a_clock_of_looks(monkeypatch, seconds):
    """Let every look at the clock take a second, so that the limit counts looks."""
    ticks = count()
    monkeypatch.setattr(time, "monotonic", lambda: float(next(ticks)))
    return optimise(waiting("0.2 h"), time_limit=seconds).certificate


def test_the_shortest_time_gives_a_plan_that_keeps_its_targets_and_a_bound():
    case = two_echelons(0)
    plan = optimise(case, time_limit=1e-9)
    assert plan.certificate.status == "time limit"
    assert not plan.certificate.missed
    assert 0 <= plan.certificate.lower_bound <= best_of_all(case) <= plan.certificate.plan_cost


def test_more_time_never_makes_the_plan_dearer_or_the_bound_lower(monkeypatch):
    proofs = [with_a_clock_of_looks(monkeypatch, seconds) for seconds in (1, 4, 10, 16, 22, 40)]
    costs, bounds = ([getattr(p, name) for p in proofs] for name in ("plan_cost", "lower_bound"))
    assert (np.diff(costs) <= 0).all()
    assert (np.diff(bounds) >= 0).all()
    assert costs[0] > costs[-1] >= bounds[-1] > bounds[0]


def test_time_that_suffices_changes_nothing():
    case = two_echelons(3)
    free, timed = optimise(case), optimise(case, time_limit=1e6)
    assert np.array_equal(free.base_stock, timed.base_stock)
    assert timed.certificate.lower_bound == free.certificate.lower_bound
    assert free.certificate.status == timed.certificate.status == "optimal within gap"


def test_targets_that_contradict_each_other_leave_a_bound_for_what_was_reached():
    case = waiting("12 h", optimisation={"budget": 350_000})
    proof = optimise(case, time_limit=1e-9).certificate
    assert proof.status == "time limit"
    assert proof.lower_bound <= proof.plan_cost


def test_a_target_out_of_reach_is_told_from_a_lack_of_time():
    assert optimise(one_depot("99.9 %", repair="20 h")).certificate.status == "targets out of reach"


@pytest.mark.parametrize("seconds", [0, -1, np.inf, np.nan])
def test_a_time_limit_that_is_none_is_refused(seconds):
    with pytest.raises(ValueError, match=r"time_limit: expected finite numbers > 0, got"):
        optimise(one_depot(), time_limit=seconds)


def test_a_bound_of_no_time_is_none_below_nothing():
    """Prices far too high prove a negative cost; that no cost is negative is known without them."""
    proof = optimise(waiting("0.2 h"), time_limit=1e-9).certificate
    assert proof.lower_bound == 0
    assert proof.gap == np.inf

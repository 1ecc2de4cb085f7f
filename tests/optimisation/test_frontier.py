"""The frontier: each point is the cheapest plan, and stricter never costs less."""

import numpy as np
import pandas as pd
import pytest

from partsim import optimise
from partsim.optimisation.frontier import _with_targets, trace_frontier
from partsim.optimisation.named_targets import target_names, with_target
from partsim.optimisation.optimiser import model_of
from partsim.optimisation.pool import OptionPool
from tests.optimisation.test_against_brute_force import best_of_all, two_echelons
from tests.optimisation.test_optimiser import one_depot, waiting
from tests.optimisation.test_rows import asking

GAP = 3e-4
"""At which the core model of a point may stop."""


def with_group_and_volumes(seed):
    return asking(seed, groups={"moving": {}}, parts={"pump": {"volume": 2},
                  "valve": {"group": "moving", "volume": 1.5}})  # fmt: skip


@pytest.mark.parametrize(
    ("target", "points"),
    [
        ("promise of express", [0.6, 0.7, 0.8]),
        ("waiting time at west", [6, 24, 96]),
        ("all promises", [0.9, 1.0, 1.5]),
        ("waiting time of express", [3, 12, 48]),
        ("fill rate at east", [0.7, 0.9, 0.95]),
        ("fill rate of everyone", [0.7, 0.9, 0.95]),
        ("fill rate of moving", [0.8, 0.9, 0.97]),
        ("availability of mixer", [0.97, 0.985, 0.992]),
        ("storage at east", [4, 6]),
    ],
)
def test_every_point_is_the_cheapest_of_all_plans(target, points):
    case = with_group_and_volumes(2)
    for point in trace_frontier(case, target=target, points=points).points:
        cheapest = best_of_all(with_target(case, target, point.target))
        proof = point.plan.certificate
        assert not proof.missed
        assert proof.lower_bound <= cheapest * (1 + 1e-9)
        assert cheapest * (1 - 1e-9) <= proof.plan_cost <= cheapest * (1 + GAP)


def test_a_point_is_what_optimise_says_of_the_scenario_with_that_target():
    case = two_echelons(5, wait="24 h")
    found = trace_frontier(case, target="waiting time at east", points=[12, 60])
    for point in found.points:
        alone = optimise(with_target(case, "waiting time at east", point.target)).certificate
        proof = point.plan.certificate
        assert proof.plan_cost == pytest.approx(alone.plan_cost, rel=GAP)
        assert [row.target for row in proof.rows] == [row.target for row in alone.rows]


@pytest.mark.parametrize(
    "target", ["promise of everyone", "waiting time at west", "availability of mixer"]
)
def test_chosen_points_run_from_what_is_reached_anyway_to_near_the_best(target):
    table = trace_frontier(two_echelons(2), target=target, points=4)
    table = table.to_frame()
    assert table["reached"].all()
    assert (table["cost"].diff().dropna() >= 0).all()
    assert table["cost"].iloc[0] < table["cost"].iloc[-1]
    assert (table["lower_bound"].diff().dropna() >= 0).all()
    assert (table["lower_bound"] <= table["cost"] * (1 + 1e-12)).all()
    shares = not target.startswith("waiting")
    looser = 1 - table["target"] if shares else table["target"]
    assert (looser.diff().dropna() < 0).all()
    kept = 1 - table[target] if shares else table[target]
    assert (kept <= looser * (1 + 1e-9)).all()


def test_all_promises_together_get_stricter_by_the_same_multiple():
    case = two_echelons(3)
    half, promised = reversed(trace_frontier(case, points=[0.5, 1.0]).points)
    for strict, row in zip(half.plan.certificate.rows, promised.plan.certificate.rows, strict=True):
        assert 1 - strict.target == pytest.approx((1 - row.target) / 2)
    assert promised.plan.certificate.plan_cost == pytest.approx(
        optimise(case).certificate.plan_cost, rel=GAP
    )


def test_the_loosest_chosen_point_leaves_every_promise_above_nothing():
    # Repair alone takes longer than is promised: every call is missed, twice what half allows.
    case = one_depot("50 %", repair="25 h")
    found = trace_frontier(case, points=3)
    assert len(found.points) >= 1
    for point in found.points:
        assert point.plan.certificate.rows[0].target > 0


def test_less_budget_never_costs_less():
    case = two_echelons(1)
    spent = float(optimise(case).base_stock.sum(axis=1) @ case.prices)
    found = trace_frontier(case, target="budget", points=[spent * k for k in (0.97, 1, 1.2)])
    table = found.to_frame()
    assert table["target"].is_monotonic_decreasing
    assert (table["investment"] <= table["target"] * (1 + 1e-9))[table["reached"]].all()
    assert table["cost"][table["reached"]].is_monotonic_increasing


def test_options_under_another_waiting_time_are_those_evaluated_anew():
    case = waiting("1 h")
    other = with_target(case, "waiting time at north", 400.0)
    reused = _with_targets(OptionPool(model_of(case)), other)
    anew = OptionPool(model_of(other))
    for (_, left), (_, right) in zip(reused.batches, anew.batches, strict=True):
        assert left.use == pytest.approx(right.use, rel=1e-12, abs=1e-15)
        assert left.central_use == pytest.approx(right.central_use, rel=1e-12, abs=1e-15)
    old = OptionPool(model_of(case))
    assert not np.allclose(old.batches[0][1].use, anew.batches[0][1].use, rtol=1e-3, atol=0)


def test_the_frontier_is_the_same_each_time():
    first, second = (trace_frontier(two_echelons(4), points=3).to_frame() for _ in range(2))
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_a_value_out_of_reach_is_marked_and_takes_nothing_from_the_others():
    case = one_depot()
    found = trace_frontier(case, target="promise of everyone", points=[0.9, 0.9999999])
    assert found.to_frame()["reached"].tolist() == [True, False]
    alone = optimise(case).certificate.plan_cost
    assert found.points[0].plan.certificate.plan_cost == pytest.approx(alone, rel=1e-12)


def test_what_is_not_there_cannot_be_varied():
    assert target_names(one_depot()) == (
        "all promises", "promise of everyone", "waiting time at centre", "waiting time of everyone",
        "fill rate at centre", "fill rate of everyone", "availability of mixer", "budget",
    )  # fmt: skip
    assert {"fill rate of moving", "storage at centre"} <= set(
        target_names(with_group_and_volumes(1))
    )
    with pytest.raises(ValueError, match=r"target: expected one of all promises.*, got 'speed'"):
        trace_frontier(one_depot(), target="speed")
    idle = one_depot(depots={"idle": {"supplied_by": "suppliers"}})
    with pytest.raises(ValueError, match="'waiting time at idle'"):
        trace_frontier(idle, target="waiting time at idle")


@pytest.mark.parametrize(
    ("target", "points", "sentence"),
    [
        ("promise of everyone", [1.0], "below 100 %, got 100 %"),
        ("waiting time at centre", [0.0], "finite numbers > 0, got 0"),
        ("all promises", [11.0], "above 0 %, got 11"),
        ("all promises", [], "at least one value"),
        ("all promises", 0, "whole numbers >= 1"),
        ("budget", 3, "amounts of money"),
        ("storage at centre", 3, "volumes"),
        ("fill rate at centre", [-0.1], "shares above 0 % and below 100 %, got -10 %"),
    ],
)
def test_impossible_points_are_refused_in_a_sentence(target, points, sentence):
    with pytest.raises(ValueError, match=f"points: expected .*{sentence}"):
        trace_frontier(one_depot(parts={"pump": {"volume": 1}}), target=target, points=points)


def test_where_no_stock_changes_anything_there_is_one_point():
    held = one_depot(parts={"pump": {"customer_held": "100 %"}})
    (point,) = trace_frontier(held, target="availability of mixer").points
    assert not point.plan.certificate.missed


@pytest.mark.parametrize("points", [0, 2.5, "a"])
def test_a_number_of_points_that_is_none_is_refused(points):
    with pytest.raises(ValueError, match="points: expected"):
        trace_frontier(one_depot(), points=points)


def test_the_number_of_points_may_be_of_numpy():
    assert len(trace_frontier(one_depot(), points=np.int64(1)).points) == 1

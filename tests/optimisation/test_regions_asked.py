"""Three echelons: frontiers, best service, next units, simpler rules and free grades."""

from dataclasses import replace

import numpy as np
import pytest

from partsim import evaluate, optimise, trace_frontier
from partsim.optimisation.baselines import baselines
from partsim.optimisation.best_service import optimise_service
from partsim.optimisation.free_grades import plan_at_grades, search_free_grades
from partsim.optimisation.named_targets import with_target
from partsim.optimisation.next_units import next_units
from partsim.optimisation.optimiser import model_of
from partsim.optimisation.service_measure import service_rows, service_weights
from tests import builders
from tests.optimisation.test_next_units import measured
from tests.optimisation.test_regions import cheapest_of_all, choices, regions


@pytest.mark.parametrize(
    ("target", "points"),
    [("promise of everyone", [0.3, 0.5, 0.6]), ("waiting time at west", [60.0, 30.0, 20.0])],
)
def test_every_point_of_a_frontier_is_the_cheapest_of_all_plans(target, points):
    case = regions(1, wait="30 h")
    frontier = trace_frontier(case, target=target, points=points)
    for point in frontier.points:
        cheapest = cheapest_of_all(with_target(case, target, point.target))
        proof = point.plan.certificate
        assert proof.lower_bound <= cheapest * (1 + 1e-9)
        assert cheapest * (1 - 1e-9) <= proof.plan_cost <= cheapest * (1 + 3e-4)


@pytest.mark.parametrize(("measure", "money"), [("promises", "cost"), ("backorders", "investment")])
def test_no_plan_within_the_budget_serves_better(measure, money):
    case = regions(1)
    model = model_of(case)
    model = replace(model, targets=service_rows(model, measure))
    weights, constant = service_weights(model, measure), model.targets.constant
    (cost, use), (other_cost, other_use) = (choices(model, p, (3, 2, 2, 2, 2)) for p in range(2))
    disservice = np.add.outer(use @ weights, other_use @ weights) + constant @ weights
    total = np.add.outer(cost, other_cost) + sum(model.fixed_costs.values())
    spent = total if money == "cost" else np.add.outer(use[:, -1], other_use[:, -1])
    budget = float(np.quantile(spent, 0.05))
    least = disservice[spent <= budget * (1 + 1e-9)].min()
    best = optimise_service(case, budget, measure=measure, money=money)
    falls = measure == "promises"
    value, bound = (1 - best.value, 1 - best.bound) if falls else (best.value, best.bound)
    assert bound <= least * (1 + 1e-9)
    assert least * (1 - 1e-9) <= value <= least * (1 + 1e-3)
    assert best.spent <= budget * (1 + 1e-9)
    assert best.plan.base_stock.max() <= 3


@pytest.mark.parametrize("start", [[[1, 1, 0, 1, 0], [0, 1, 1, 0, 1]], [[0] * 5, [3, 1, 2, 1, 1]]])
def test_each_unit_is_the_best_of_all_single_units_by_evaluation(start):
    case, levels = regions(0), np.array(start)
    for row in next_units(case, builders.plan(case, levels), most=3).itertuples():
        before, cost = measured(case, builders.plan(case, levels), "promises")
        worth = {}
        for p, d in np.ndindex(levels.shape):
            more = levels.copy()
            more[p, d] += 1
            after, its_cost = measured(case, builders.plan(case, more), "promises")
            worth[p, d] = (after - before) / case.prices[p], after - before, its_cost - cost
        best = max(worth, key=worth.get)
        assert (row.part, row.depot) == (case.part_ids[best[0]], case.depot_ids[best[1]])
        assert (row.gain, row.cost_per_year) == pytest.approx(worth[best][1:], rel=1e-9)
        levels[best] += 1


def test_simpler_rules_are_evaluated_alike_and_cost_no_less_than_the_bound():
    case = regions(2, wait="40 h", fill="60 %")
    bound = optimise(case).certificate.lower_bound
    lines = baselines(case)
    assert len(lines) == 3
    for line in lines:
        assert line.kept
        assert line.cost == pytest.approx(evaluate(case, line.plan).plan_cost, rel=1e-12)
        assert line.cost >= bound * (1 - 1e-9)


def test_one_fill_rate_is_reached_at_every_depot_by_the_least_stock():
    case = regions(1, wait="30 h")
    line = baselines(case)[0]
    rate = float(line.setting.removesuffix(" %")) / 100
    cells = evaluate(case, line.plan).cells
    reached = cells["fill_rate"] >= rate - 1e-12
    assert reached.all()
    for p, d in zip(*np.nonzero(line.plan.base_stock), strict=True):
        less = line.plan.base_stock.copy()
        less[p, d] -= 1
        seen = evaluate(case, replace(line.plan, base_stock=less)).cells
        mine = (seen["part"] == case.part_ids[p]) & (seen["depot"] == case.depot_ids[d])
        assert seen.loc[mine, "fill_rate"].item() < rate


def test_no_grading_costs_less_than_the_bound_of_free_grades():
    case = regions(1, wait="30 h")
    tree = case.to_tree()
    tree["grading"] |= {"rule": "free"}
    tree["grading"]["grades"] = {"A": {"approval_time": "6 d"}, "B": {"approval_cost": 400}}
    tree["grading"]["cuts"] = {"A": 0.5}
    case = type(case).model_validate(tree)
    free = search_free_grades(case).free.certificate
    costs = [
        plan_at_grades(case, (one, other)).certificate.plan_cost for one in "AB" for other in "AB"
    ]
    assert free.lower_bound <= min(costs) * (1 + 1e-9)
    assert free.plan_cost <= min(costs) * (1 + 1e-3)
    assert max(costs) > min(costs) * 1.01

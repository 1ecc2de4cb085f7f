"""Depots order from each other in economic lots where an order between them costs something."""

from dataclasses import replace
from itertools import product

import numpy as np
import pulp
import pytest
from scipy.stats import t as student

from partsim import evaluate, optimise, simulate, to_pulp
from partsim.demand.estimation import estimate_demand
from partsim.grading.scoring import grade_parts
from partsim.model.scenario import Scenario
from partsim.optimisation.assessment import assess
from partsim.optimisation.certified_plans import build_model
from tests.builders import scenario


def two_fields(internal_order, **changes):
    """One cheap part that two field depots take from a central one."""
    return scenario(
        ageing="calendar",
        parts={"pump": {"price": 100, "lifetime": {"exponential": {"mean": "100 d"}}}},
        depots={
            "west": {"supplied_by": "centre", "transport_time": "2 d"},
            "east": {"supplied_by": "centre", "transport_time": "3 d"},
        },
        fleets=[
            {"machine": "mixer", "depot": depot, "customers": "road", "count": count}
            for depot, count in (("west", 4), ("east", 9))
        ],
        costs={"internal_order": internal_order},
        simulation={"years": 20, "warm_up": "400 d", "replications": 20, "seed": 3},
        **changes,
    )


def cost(table, name):
    return table.costs.set_index("cost")["per_year"][name]


def test_lots_are_economic_where_an_order_costs_and_one_by_one_where_not():
    assert optimise(two_fields(0)).order_quantity.tolist() == [[1, 1, 1]]
    plan = optimise(two_fields(5))
    by_wilson = [np.sqrt(2 * rate * 5 / 20) for rate in (4 * 3.65, 9 * 3.65)]
    assert plan.order_quantity.tolist() == [[1, *np.rint(by_wilson)]]
    assert (plan.base_stock >= plan.order_quantity - 1).all()


def test_the_plan_is_the_cheapest_of_all_at_its_lots():
    case = two_fields(5)
    plan = optimise(case)
    model = build_model(case, estimate_demand(case), grade_parts(case).grades)
    model = replace(model, least_levels=np.full(model.lot.shape, 14))
    assert (model.lot == plan.order_quantity).all()
    _, west, east = model.lot[0]
    costs = []
    for S0, S1, S2 in product(range(8), range(west - 1, 12), range(east - 1, 14)):
        found = assess(model, np.array([[S0, S1, S2]]))
        if (found.use <= model.targets.limit + 1e-9).all():
            costs.append(found.plan_cost)
    proof = plan.certificate
    assert proof.lower_bound <= min(costs) * (1 + 1e-9)
    assert proof.plan_cost == pytest.approx(min(costs), rel=3e-4)
    problem = to_pulp(case)
    problem.solve(pulp.HiGHS(msg=False))
    assert pulp.value(problem.objective) == pytest.approx(min(costs), rel=3e-4)


def test_orders_between_depots_cost_the_same_by_formula_and_in_the_simulation():
    case = two_fields(5)
    plan = optimise(case)
    formula, played = evaluate(case, plan), simulate(case, plan)
    _, west, east = plan.order_quantity[0]
    by_hand = 5 * (4 * 3.65 / west + 9 * 3.65 / east)
    assert cost(formula, "internal_ordering") == pytest.approx(by_hand, rel=1e-9)
    row = played.costs.set_index("cost").loc["internal_ordering"]
    wider = student.ppf(0.9995, 19) / student.ppf(0.975, 19)
    assert abs(row.per_year - by_hand) <= wider * (row.per_year_high - row.per_year)
    assert row.per_year_high > row.per_year


def test_lots_pay_where_orders_cost():
    dear = two_fields(5)
    one_by_one = replace(optimise(two_fields(0)), certificate=None)
    assert evaluate(dear, optimise(dear)).plan_cost < evaluate(dear, one_by_one).plan_cost


def test_below_regions_depots_order_one_by_one():
    case = two_fields(5).to_tree()
    case["depots"]["region"] = {"supplied_by": "centre", "transport_time": "2 d"}
    case["depots"]["west"]["supplied_by"] = "region"
    plan = optimise(Scenario.model_validate(case))
    assert (plan.order_quantity == 1).all()
    orders = 3.65 * (4 + 4 + 9)  # those of the west pass the region too
    formula = evaluate(Scenario.model_validate(case), plan)
    assert cost(formula, "internal_ordering") == pytest.approx(5 * orders)

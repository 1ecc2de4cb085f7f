"""The optimiser against the enumeration of every plan."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from partsim.demand.estimation import estimate_demand
from partsim.grading.scoring import grade_parts
from partsim.optimisation.assessment import assess
from partsim.optimisation.certified_plans import build_model
from partsim.optimisation.optimiser import optimise
from partsim.optimisation.options import evaluate_options
from partsim.optimisation.pool import OptionPool
from tests.builders import scenario


def two_echelons(seed, *, budget=None, least_fill="0 %", wait=None):
    """Two dear slow parts, a central depot and two field depots, two tiers, random numbers."""
    random = np.random.default_rng(seed)
    grade = {"min_fill_rate": least_fill}
    field = {"supplied_by": "centre", "transport_time": f"{random.integers(1, 6)} d"}
    return scenario(
        parts={
            name: {
                "price": float(random.integers(10, 100) * 1000),
                "lifetime": {"weibull": {"mean": f"{random.integers(300, 900)} d", "shape": 2}},
                "supplier": "plant",
            }
            for name in ("pump", "valve")
        },
        suppliers={"plant": {"lead_time": {"gamma": {"mean": "15 d", "cv": 0.5}}}},
        depots={"west": field | ({"max_waiting_time": wait} if wait else {}), "east": field},
        machines={"mixer": {"positions": {"pump": 1, "valve": 1}}},
        fleets=[
            {"machine": "mixer", "depot": depot, "customers": customers, "count": count}
            for depot, customers, count in (
                ("west", "road", int(random.integers(5, 15))),
                ("east", "road", int(random.integers(5, 15))),
                ("east", "rail", int(random.integers(2, 8))),
            )
        ],
        tiers={
            "everyone": {"promise": {"within": "24 h", "share": f"{random.integers(70, 93)} %"}},
            "express": {"customers": ["rail"], "promise": {"within": "20 h", "share": "75 %"}},
        },
        service={
            "diagnosis_time": "1 h",
            "travel_time": {"lognormal": {"mean": "4 h", "cv": 0.5}},
            "repair_time": "3 h",
        },
        grading={"grades": {"A": grade, "B": grade, "C": grade}},
        optimisation={"budget": budget} if budget else {},
    )


def best_of_all(case, most_central=5, most_field=3):
    """Enumerate: costs and uses of parts add up, so parts are enumerated one by one."""
    model = build_model(case, estimate_demand(case), grade_parts(case).grades)
    model = replace(model, least_levels=np.full(model.lot.shape, most_central))
    levels = list(product(range(most_central + 1), range(most_field + 1), range(most_field + 1)))
    assert np.all(model.lot == 1)
    empty = assess(model, np.zeros(model.lot.shape, dtype=int))
    costs, uses, fills = [], [], []
    for p in range(2):
        found = []
        for choice in levels:
            if np.any(choice < case.least_stock[p]) or np.any(choice > case.most_stock[p]):
                continue
            stock = np.zeros(model.lot.shape, dtype=int)
            stock[p] = choice
            result = assess(model, stock)
            fill = np.nanmin(result.own_fill_rate[p])
            found.append((result.plan_cost - empty.plan_cost, result.use - empty.use, fill))
        costs.append(np.array([cost for cost, _, _ in found]))
        uses.append(np.array([use for _, use, _ in found]))
        fills.append(np.array([fill for _, _, fill in found]))
    cost = costs[0][:, None] + costs[1] + empty.plan_cost
    use = uses[0][:, None] + uses[1] + empty.use
    least = case.grading.grades["C"].min_fill_rate
    allowed = (use <= model.targets.limit + 1e-9).all(axis=2)
    allowed &= (fills[0][:, None] >= least) & (fills[1] >= least)
    return float(cost[allowed].min()) if allowed.any() else None


@pytest.mark.parametrize("seed", range(8))
def test_the_plan_is_the_cheapest_of_all_and_the_bound_below_it(seed):
    case = two_echelons(seed)
    cheapest = best_of_all(case)
    proof = optimise(case).certificate
    assert not proof.missed
    assert proof.lower_bound <= cheapest * (1 + 1e-9)
    assert cheapest * (1 - 1e-9) <= proof.plan_cost <= cheapest * (1 + 2e-4)


@pytest.mark.parametrize("seed", range(4))
def test_waits_fill_rates_and_promises_hold_together(seed):
    case = two_echelons(seed, least_fill="60 %", wait="12 h")
    cheapest = best_of_all(case)
    proof = optimise(case).certificate
    assert proof.lower_bound <= cheapest * (1 + 1e-9)
    assert cheapest * (1 - 1e-9) <= proof.plan_cost <= cheapest * (1 + 2e-4)


@pytest.mark.parametrize("price", [0.0, 1e5, 1e6, 1e7])
def test_the_bound_holds_over_central_levels_that_were_never_evaluated(price):
    case = two_echelons(1)
    fleets = tuple(f.model_copy(update={"count": f.count * 50}) for f in case.fleets)
    case = case.model_copy(update={"fleets": fleets})
    model = build_model(case, estimate_demand(case), grade_parts(case).grades)
    prices = np.full(len(model.targets.limit), price)
    every_level = OptionPool(model)
    for root in model.roots:
        for p in root.parts:
            levels = np.arange(root.fewest[p], root.most[p] + 1)
            every_level.batches += [
                (root, batch) for batch in evaluate_options(root, np.full(len(levels), p), levels)
            ]
    truth = sum(pick.cost + np.dot(pick.use, prices) for pick in every_level.price(prices).picks)
    coarse = OptionPool(model)
    assert coarse.price(prices, close=np.inf).bound <= truth * (1 + 1e-12)
    assert coarse.price(prices).bound == pytest.approx(truth, rel=2e-4)


def test_the_options_of_a_decision_add_up_to_its_assessment():
    case = two_echelons(4, wait="12 h", budget=1e6)
    model = build_model(case, estimate_demand(case), grade_parts(case).grades)
    pool = OptionPool(model)
    for price in (1e2, 1e4, 1e6):
        picks = pool.price(np.full(len(model.targets.limit), price)).picks
        stock = np.array([(pick.central_level, *pick.levels) for pick in picks])
        result = assess(replace(model, least_levels=stock), stock)
        cost = sum(pick.cost for pick in picks) + sum(model.fixed_costs.values())
        assert result.plan_cost == pytest.approx(cost, rel=1e-12)
        use = np.sum([pick.use for pick in picks], axis=0) + model.targets.constant
        assert result.use == pytest.approx(use, rel=1e-12)


def test_a_budget_that_suffices_changes_the_plan_to_the_cheapest_within_it():
    free = optimise(two_echelons(3))
    prices = two_echelons(3).prices
    spent = float(free.base_stock.sum(axis=1) @ prices)
    tight = two_echelons(3, budget=spent - 1)
    cheapest = best_of_all(tight)
    plan = optimise(tight)
    if cheapest is None:
        assert plan.certificate.missed
    else:
        assert cheapest * (1 - 1e-9) <= plan.certificate.plan_cost <= cheapest * (1 + 2e-4)
        assert float(plan.base_stock.sum(axis=1) @ prices) <= spent - 1


def test_a_budget_that_suffices_to_the_last_unit_is_kept():
    free = optimise(two_echelons(1))
    spent = float(free.base_stock.sum(axis=1) @ two_echelons(1).prices)
    tight = optimise(two_echelons(1, budget=spent))
    assert not tight.certificate.missed
    assert np.array_equal(tight.base_stock, free.base_stock)


def test_a_budget_that_cannot_do_names_what_is_missed_and_still_gives_a_plan():
    case = two_echelons(0, budget=20_000)
    plan = optimise(case)
    assert {row.name for row in plan.certificate.missed} & {"promise of everyone", "budget"}
    assert best_of_all(case) is None


def test_a_central_level_that_no_price_asked_for_is_in_the_proof_all_the_same():
    """The best plan has central levels that are no rung of the first ladder."""
    case = two_echelons(2)
    express = case.tiers["express"]
    stricter = express.promise.model_copy(update={"share": 0.8})
    tiers = case.tiers | {"express": express.model_copy(update={"promise": stricter})}
    case = case.model_copy(update={"tiers": tiers})
    proof, cheapest = optimise(case).certificate, best_of_all(case)
    assert proof.lower_bound <= cheapest * (1 + 1e-9)
    assert proof.plan_cost == pytest.approx(cheapest, rel=1e-9)

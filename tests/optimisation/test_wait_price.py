"""Grades that carry a price of waiting: a unit is kept as far as it saves more than it costs."""

from dataclasses import replace
from itertools import product

import numpy as np
import pulp
import pytest
from scipy.stats import poisson

from partsim import evaluate, optimise, read_scenario, to_pulp
from partsim.demand.estimation import estimate_demand
from partsim.errors import InputError
from partsim.grading.facts import facts_of
from partsim.grading.part_costs import cost_alone
from partsim.grading.scoring import grade_parts
from partsim.model.grading_rules import GradeRules
from partsim.model.scenario import Scenario
from partsim.optimisation.assessment import assess
from partsim.optimisation.certified_plans import build_model
from partsim.optimisation.free_grades import choose_free_grades, plan_at_grades
from partsim.optimisation.grading_comparison import compare_gradings
from tests.builders import merge
from tests.optimisation.test_against_brute_force import two_echelons

FILE = "scenarios/first_steps.yaml"
MOST = 4


def priced(seed, price, **changes):
    """Two parts in two echelons, every grade with this price of waiting."""
    grades = {grade: {"wait_price": f"{price} per day"} for grade in "ABC"}
    tree = merge(two_echelons(seed).to_tree(), {"grading": {"grades": grades}})
    return Scenario.model_validate(merge(tree, changes))


def best_of_all(case, price):
    """Enumerate: a unit more must save less waiting at each field than it costs to hold."""
    model = build_model(case, estimate_demand(case), grade_parts(case).grades)
    model = replace(model, least_levels=np.full(model.lot.shape, MOST + 1))
    empty = assess(model, np.zeros(model.lot.shape, dtype=int))
    costs, uses = [], []
    for p in range(2):
        held = case.prices[p] * case.costs.holding  # per day
        found = {}
        for choice in product(range(MOST + 1), range(MOST + 2), range(MOST + 2)):
            stock = np.zeros(model.lot.shape, dtype=int)
            stock[p] = choice
            found[choice] = assess(model, stock)
        mine = []
        for (S0, west, east), result in found.items():
            if max(west, east) > MOST:
                continue
            more = found[S0, west + 1, east], found[S0, west, east + 1]
            saved = [result.backorders[p, j] - more[j - 1].backorders[p, j] for j in (1, 2)]
            if price * max(saved) <= held:
                mine.append((result.plan_cost - empty.plan_cost, result.use - empty.use))
        costs.append(np.array([cost for cost, _ in mine]))
        uses.append(np.array([use for _, use in mine]))
    cost = costs[0][:, None] + costs[1] + empty.plan_cost
    use = uses[0][:, None] + uses[1] + empty.use
    return float(cost[(use <= model.targets.limit + 1e-9).all(axis=2)].min())


@pytest.mark.parametrize(("seed", "price"), [(0, 30), (1, 100), (2, 300), (3, 1000)])
def test_the_plan_is_the_cheapest_whose_units_are_worth_their_price(seed, price):
    case = priced(seed, price)
    proof, free = optimise(case).certificate, optimise(two_echelons(seed)).certificate
    cheapest = best_of_all(case, price)
    assert not proof.missed
    assert proof.lower_bound <= cheapest * (1 + 1e-9)
    assert cheapest * (1 - 1e-9) <= proof.plan_cost <= cheapest * (1 + 2e-4)
    assert proof.plan_cost >= free.plan_cost * (1 - 1e-9)


def test_prices_decide_where_promises_ask_for_less():
    assert optimise(priced(3, 1000)).certificate.plan_cost > optimise(
        priced(3, 0)
    ).certificate.plan_cost * (1 + 1e-2)


def test_a_root_keeps_what_its_own_customers_are_worth():
    price = 300
    case = read_scenario(FILE, [f"grading.grades.{g}.wait_price={price} per day" for g in "ABC"])
    plan = optimise(case)
    held = case.prices * case.costs.holding

    def owed(change):
        levels = plan.base_stock + change
        cells = evaluate(case, replace(plan, base_stock=levels)).cells
        return cells["expected_backorders"].to_numpy()

    fewer, level, more = owed(-1), owed(0), owed(1)
    assert (price * (level - more) <= held).all()
    assert (price * (fewer - level) > held).all()  # the promise asks for less


def test_pulp_knows_the_prices_too():
    case = priced(2, 300)
    problem = to_pulp(case)
    problem.solve(pulp.HiGHS(msg=False))
    assert pulp.value(problem.objective) == pytest.approx(
        optimise(case).certificate.plan_cost, rel=3e-4
    )


def test_free_grades_are_the_cheapest_of_grades_with_prices():
    prices = {"A": 20, "B": 300, "C": 2000}
    case = read_scenario(FILE, [f"grading.grades.{g}.wait_price={w} per day"
                                for g, w in prices.items()])  # fmt: skip
    plans = [plan_at_grades(case, grades) for grades in product("ABC", repeat=2)]
    cheapest = min(plan.certificate.plan_cost for plan in plans if not plan.certificate.missed)
    found = choose_free_grades(case)
    assert found.free.certificate.plan_cost == pytest.approx(cheapest)
    assert found.lower_bound <= cheapest * (1 + 1e-9)


def test_a_decision_for_every_part_knows_no_price():
    dear = read_scenario(FILE, [f"grading.grades.{g}.wait_price=1000 per day" for g in "ABC"])
    plain = read_scenario(FILE)
    assert compare_gradings(dear, optimise(dear)).every_part.cost == pytest.approx(
        compare_gradings(plain, optimise(plain)).every_part.cost, rel=1e-3
    )


def test_a_limit_below_the_price_is_refused():
    changes = [
        "grading.grades.A.wait_price=300 per day",
        "limits=[{part: pump, depot: depot, max: 5}]",
    ]
    with pytest.raises(InputError, match=r"wait_price of its grade \(300 per day\), got 5"):
        optimise(read_scenario(FILE, changes))


@pytest.mark.parametrize("price", [0.0, *np.geomspace(1.0, 1e4, 50), 1e6])
def test_cuts_count_stock_that_the_price_asks_for(price):
    facts = facts_of(read_scenario(FILE))
    got = cost_alone(facts, GradeRules.model_validate({"wait_price": f"{price} per day"}), 0.5)
    for p in range(2):
        mean = facts.use[p] / 365 * facts.lead_time[p]
        law = poisson(mean)
        S = next(
            S
            for S in range(1000)
            if law.cdf(S - 1) >= 0.5 and price * 365 * law.sf(S) <= facts.holding_cost[p]
        )
        on_hand = sum((S - k) * law.pmf(k) for k in range(S + 1))
        lot = facts.lot(0.0)[p]
        orders = facts.use[p] / lot * facts.order_cost
        assert got[p] == pytest.approx(orders + facts.holding_cost[p] * (on_hand + (lot - 1) / 2))

"""The best service for a budget against the enumeration of every plan."""

from dataclasses import replace
from functools import lru_cache
from itertools import product

import numpy as np
import pytest

from partsim import evaluate
from partsim.model.scenario import Scenario
from partsim.optimisation.assessment import assess
from partsim.optimisation.best_service import optimise_service, service_rows, service_weights
from partsim.optimisation.optimiser import model_of
from tests.optimisation.test_against_brute_force import two_echelons
from tests.optimisation.test_optimiser import one_depot

MOST_CENTRAL, MOST_FIELD = 5, 4
CASES = list(product(range(3), ("promises", "backorders"), ("investment", "cost")))


@lru_cache(maxsize=4)
def every_plan(seed):
    """Give cost and uses of all plans; those of the two parts add up."""
    case = two_echelons(seed)
    model = replace(model_of(case), least_levels=np.full((2, 3), MOST_CENTRAL))
    model = replace(model, targets=service_rows(model))
    empty = assess(model, np.zeros((2, 3), int))
    found = []
    for p in range(2):
        for choice in product(range(MOST_CENTRAL + 1), *[range(MOST_FIELD + 1)] * 2):
            stock = np.zeros((2, 3), int)
            stock[p] = choice
            result = assess(model, stock)
            found.append([result.plan_cost - empty.plan_cost, *(result.use - empty.use)])
    one, other = np.array(found).reshape(2, -1, len(found[0]))
    total = one[:, None] + other + np.array([empty.plan_cost, *empty.use])
    return model, total[..., 0].ravel(), total[..., 1:].reshape(-1, total.shape[-1] - 1)


@pytest.mark.parametrize(("seed", "measure", "money"), CASES)
def test_no_plan_within_the_budget_serves_better(seed, measure, money):
    model, cost, use = every_plan(seed)
    disservice = use @ service_weights(model, measure)
    spent = cost if money == "cost" else use[:, -1]
    # So little that no level beyond the enumeration is among the best.
    budget = float(np.quantile(spent, 0.02))
    least = disservice[spent <= budget * (1 + 1e-9)].min()
    best = optimise_service(two_echelons(seed), budget, measure=measure, money=money)
    falls = measure == "promises"
    value, bound = (1 - best.value, 1 - best.bound) if falls else (best.value, best.bound)
    assert bound <= least * (1 + 1e-9)
    assert least * (1 - 1e-9) <= value <= least * (1 + 2e-4)
    assert best.plan.base_stock.max() <= MOST_FIELD
    assert best.spent <= budget * (1 + 1e-9)


def test_more_money_never_serves_worse_and_the_value_is_what_evaluate_says():
    case = two_echelons(5)
    found = [optimise_service(case, budget) for budget in (1e5, 2e5, 4e5, 8e5, 1.6e6)]
    values = [best.value for best in found]
    assert np.all(np.diff(values) >= -1e-4)  # the gap at which the core model stops
    assert values[-1] > values[0]
    promises = evaluate(case, found[2].plan).promises
    calls = promises["calls_per_year"]
    assert found[2].value == pytest.approx((promises["share_modelled"] * calls).sum() / calls.sum())


def test_money_beyond_all_use_reaches_the_best_that_stock_can():
    best = optimise_service(one_depot(), 1e12, measure="backorders")
    assert best.value < 1e-6
    assert best.bound == 0
    assert best.price == 0


def test_a_budget_for_no_unit_at_all_keeps_no_stock():
    best = optimise_service(one_depot(), 1e-3)
    assert best.plan.base_stock.sum() == 0
    assert best.spent == 0


def test_many_parts_leave_a_small_gap():
    tree = one_depot().to_tree()
    random = np.random.default_rng(5)
    tree["parts"] = {f"part{i}": tree["parts"]["pump"] | {"price": float(random.integers(9, 9999))}
                     for i in range(40)}  # fmt: skip
    tree["machines"]["mixer"]["positions"] = dict.fromkeys(tree["parts"], 1)
    best = optimise_service(Scenario.model_validate(tree), 4e5)
    assert best.value <= best.bound
    assert best.gap < 1e-3


def test_what_the_grades_ask_for_is_the_least_to_spend():
    rule = {"min_fill_rate": "90 %"}
    case = one_depot(grading={"grades": {"A": rule, "B": rule, "C": rule}})
    with pytest.raises(ValueError, match=r"budget: expected at least .*, got 10\.00"):
        optimise_service(case, 10)


@pytest.mark.parametrize(
    ("budget", "options", "sentence"),
    [
        (0, {}, "budget: expected finite numbers > 0"),
        (1e6, {"measure": "speed"}, "measure: expected one of backorders, promises"),
        (1e6, {"money": "time"}, "money: expected one of investment, cost"),
    ],
)
def test_wrong_arguments_are_refused_in_a_sentence(budget, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        optimise_service(one_depot(), budget, **options)

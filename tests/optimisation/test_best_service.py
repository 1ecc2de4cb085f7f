"""The best service for a budget against the enumeration of every plan."""

from dataclasses import replace
from functools import lru_cache
from itertools import product

import numpy as np
import pytest

from partsim import evaluate
from partsim.model.scenario import Scenario
from partsim.optimisation import best_service
from partsim.optimisation.assessment import assess
from partsim.optimisation.best_service import _least_wait, optimise_service
from partsim.optimisation.named_targets import with_target
from partsim.optimisation.optimiser import model_of
from partsim.optimisation.service_measure import NO_WAIT, service_rows, service_weights
from tests.optimisation.test_against_brute_force import two_echelons
from tests.optimisation.test_optimiser import one_depot, one_depot_many

MOST_CENTRAL, MOST_FIELD = 5, 4
CASES = list(product(range(3), ("promises", "backorders"), ("investment", "cost")))


@lru_cache(maxsize=4)
def every_plan(seed, measure="backorders", wait=NO_WAIT):
    """Give cost and uses of all plans; those of the two parts add up."""
    case = two_echelons(seed)
    model = replace(model_of(case), least_levels=np.full((2, 3), MOST_CENTRAL))
    model = replace(model, targets=service_rows(model, measure, wait))
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


SERVICES = (
    "promise of express",
    "fill rate at east",
    "fill rate of express",
    "availability of mixer",
    "waiting time at west",
    "waiting time of everyone",
)


@pytest.mark.parametrize("money", ["investment", "cost"])
@pytest.mark.parametrize("measure", SERVICES)
def test_no_plan_within_the_budget_serves_one_target_better(measure, money):
    model, cost, use = every_plan(1, measure)
    disservice = use @ service_weights(model, measure)
    if measure.startswith("waiting"):
        # The wait is a ratio: its row says a + w s, from which both sums follow.
        slower = every_plan(1, measure, 1.0)[2] @ service_weights(model, measure) - disservice
        disservice = 24 * disservice / (1 - slower)
    spent = cost if money == "cost" else use[:, -1]
    budget = float(np.quantile(spent, 0.02))
    least = disservice[spent <= budget * (1 + 1e-9)].min()
    best = optimise_service(two_echelons(1), budget, measure=measure, money=money)
    value, bound = best.value, best.bound
    if best.unit == "share":
        value, bound = 1 - value, 1 - bound
    assert bound <= least * (1 + 1e-9)
    assert least * (1 - 1e-9) <= value <= least * (1 + 2e-4)
    assert best.plan.base_stock.max() <= MOST_FIELD
    assert best.spent <= budget * (1 + 1e-9)


def test_no_wait_is_below_its_bound():
    random = np.random.default_rng(1)
    backorders, stand = random.uniform(0, 2, 5000), random.uniform(0, 0.9, 5000)
    wait = backorders / (1 - stand)
    for most in (0.5, 1.0, 3.0):
        for standing in (0.05, 0.4, 1.2):
            able = (stand <= standing) & (wait <= most)
            least = (backorders + most * stand)[able].min()
            bound = _least_wait(least, most, standing)
            assert bound <= wait[able].min()
    assert _least_wait(1.0, 1.0, 0.5) == 1.0  # where the search finds nothing better


@pytest.mark.parametrize("measure", ["waiting time at west", "availability of mixer"])
def test_the_best_service_is_the_value_that_its_plan_has_as_a_target(measure):
    """What is reached is what the target's own row says of the plan, and can be asked for."""
    best = optimise_service(two_echelons(1), 4e5, measure=measure)
    asked = with_target(two_echelons(1), measure, best.value)
    model = replace(model_of(asked), least_levels=best.plan.base_stock)
    row = model.targets.names.index(measure)
    use = assess(model, best.plan.base_stock).use[row]
    assert use == pytest.approx(model.targets.limit[row], rel=1e-9)


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
        (
            1e6,
            {"measure": "speed"},
            "measure: expected one of backorders, promises, promise of everyone, waiting",
        ),
        (1e6, {"money": "time"}, "money: expected one of investment, cost"),
    ],
)
def test_wrong_arguments_are_refused_in_a_sentence(budget, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        optimise_service(one_depot(), budget, **options)


@pytest.mark.parametrize("budget", [60_000, 90_000])
def test_many_parts_need_few_options_each(budget, monkeypatch):
    case = one_depot_many("90 %", parts=40)
    whole = optimise_service(case, budget)
    asked, solve = [], best_service.solve_core
    monkeypatch.setattr(best_service, "MOST_OPTIONS", 1)
    monkeypatch.setattr(
        best_service,
        "solve_core",
        lambda near, *rest: asked.append(len(near)) or solve(near, *rest),
    )
    few = optimise_service(case, budget)
    assert max(asked) <= 40 * 3
    assert (1 - few.value) - (1 - whole.bound) <= 1e-4 * (1 - whole.bound)
    assert few.value <= few.bound

"""Plans by simpler rules: what each rule says, and where they stand beside the optimiser."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from partsim import Scenario, estimate_demand, evaluate, grade_parts, optimise
from partsim.optimisation import baselines as rules
from partsim.optimisation.assessment import assess
from partsim.optimisation.baselines import baselines
from partsim.optimisation.certified_plans import build_model
from tests.builders import scenario
from tests.optimisation.test_against_brute_force import two_echelons
from tests.optimisation.test_full_model import held_by_customers
from tests.optimisation.test_optimiser import one_depot, one_depot_many, waiting

LOOSE = {"everyone": {"promise": {"within": "30 d", "share": "10 %"}}}

CASES = [
    *(two_echelons(seed) for seed in range(4)),
    *(two_echelons(seed, wait="12 h", least_fill="60 %") for seed in range(2)),
    waiting("0.2 h"),
    waiting("24 h"),
    one_depot("95 %"),
    held_by_customers(),
    one_depot_many("90 %", parts=12),
]


def model_of(question):
    return build_model(question, estimate_demand(question), grade_parts(question).grades)


def plan_cells(question, plan, base_stock):
    """Give the table of cells, with levels of its own, by evaluate()."""
    return evaluate(question, replace(plan, base_stock=base_stock)).cells


@pytest.mark.parametrize("question", CASES)
def test_every_rule_keeps_the_targets_and_none_costs_less_than_the_bound(question):
    proof = optimise(question).certificate
    assert not proof.missed
    for line in baselines(question):
        assert line.kept
        assert all(row.reached for row in line.rows)
        assert line.cost >= proof.lower_bound * (1 - 1e-9)


@pytest.mark.parametrize("question", [CASES[0], CASES[5]])
def test_cost_and_rows_are_what_evaluate_says_of_the_plan(question):
    for line in baselines(question):
        performance = evaluate(question, line.plan)
        assert line.cost == pytest.approx(performance.plan_cost, rel=1e-12)
        kept = [row.value for row in line.rows if row.unit == "share"]
        assert performance.promises["share_modelled"].tolist() == pytest.approx(kept, rel=1e-12)


def test_one_fill_rate_and_value_classes_are_never_cheaper_for_a_stricter_promise():
    lines = [baselines(one_depot_many(f"{share} %", parts=5)) for share in range(70, 99, 4)]
    for rule in range(2):
        costs = [found[rule].cost for found in lines]
        assert np.all(np.diff(costs) >= 0)
        assert costs[-1] > costs[0]


def test_value_classes_are_never_dearer_than_one_fill_rate():
    for question in CASES[:6]:
        item, classes, _ = baselines(question)
        assert classes.cost <= item.cost * (1 + 1e-12)


def least_levels(question, plan, rate):
    """Raise the root's levels, then the fields', until evaluate() shows the fill rate."""
    stock = np.zeros(plan.base_stock.shape, dtype=int)
    for depots in ([0], [1, 2]):
        while True:
            filled = plan_cells(question, plan, stock)["fill_rate"].to_numpy().reshape(stock.shape)
            short = filled[:, depots] < rate
            if not short.any():
                break
            stock[:, depots] += short
    return stock


def test_one_fill_rate_is_the_cheapest_by_trying_each_with_evaluate(monkeypatch):
    question = two_echelons(3)
    rates = np.array([0.2, 0.5, 0.7, 0.8, 0.9, 0.95])
    monkeypatch.setattr(rules, "FILL_RATES", rates)
    found = baselines(question)[0]
    tried = [least_levels(question, found.plan, rate) for rate in rates]
    model = model_of(question)
    assert np.array_equal(tried, [rules._at_fill_rate(model, r).base_stock for r in rates])
    results = [evaluate(question, replace(found.plan, base_stock=stock)) for stock in tried]
    promised = results[0].promises["share_promised"]
    costs = [r.plan_cost for r in results if (r.promises["share_modelled"] >= promised).all()]
    assert 0 < len(costs) < len(rates)
    assert found.cost == pytest.approx(min(costs), rel=1e-12)


def test_value_classes_are_cut_at_80_and_95_percent_of_annual_value():
    prices = {"w": 15.0, "x": 80.0, "y": 4.0, "z": 1.0}
    life = {"exponential": {"mean": "100 d"}}
    question = scenario(
        parts={n: {"price": p, "lifetime": life, "supplier": "plant"} for n, p in prices.items()},
        machines={"mixer": {"positions": dict.fromkeys(prices, 1)}},
    )
    classes = dict(zip(question.part_ids, rules._classes(model_of(question)), strict=True))
    assert {name: "ABC"[classes[name]] for name in prices} == {
        "x": "A", "w": "B", "y": "C", "z": "C"
    }  # fmt: skip
    assert "ABC"[classes["pump"]] == "C"  # on no machine


@pytest.mark.parametrize("share", [1.0, 0.6, 0.2, 0.01])
def test_the_central_depot_meets_its_wait_and_no_cheaper_stock_waits_less(share):
    tree = two_echelons(4).to_tree()
    tree["parts"]["valve"]["price"] = 900  # the other costs a hundred times as much
    question = Scenario.model_validate(tree)
    (root,) = model_of(question).roots
    owed = np.array([root.central[p][0][:9, 0] for p in range(2)])
    levels = rules._levels_for_wait(root, share)
    price, parts = question.prices, np.arange(2)
    reached = owed[parts, levels].sum()
    assert reached <= share * owed[:, 0].sum() * (1 + 1e-9)
    for other in product(range(9), repeat=2):
        if other @ price <= levels @ price * (1 + 1e-12):
            assert owed[parts, other].sum() >= reached * (1 - 1e-12)


def test_one_echelon_at_a_time_holds_no_unit_in_the_field_that_the_targets_do_not_need():
    question = waiting("0.2 h")
    line = baselines(question)[2]
    for p, d in np.argwhere(line.plan.base_stock[:, 1:] > 0):
        stock = line.plan.base_stock.copy()
        stock[p, d + 1] -= 1
        result = evaluate(question, replace(line.plan, base_stock=stock))
        wait = result.depots["waiting_time_hours"][question.depot_ids.index("north")]
        (kept,) = result.promises["share_modelled"]
        assert kept < 0.9 or wait > 0.2


@pytest.mark.parametrize("share", [1.0, 0.4])
def test_the_field_makes_good_what_the_central_depot_owes_its_own_machines(share):
    model = model_of(waiting("24 h"))
    found = rules._at_central_wait(model, share)
    result = assess(replace(model, least_levels=found.base_stock), found.base_stock)
    assert np.all(result.use <= model.targets.limit * (1 + 1e-9))


def test_least_fill_rates_of_grades_hold_at_every_depot():
    rule = {"min_fill_rate": "90 %"}
    question = waiting("24 h", grading={"grades": {"A": rule, "B": rule, "C": rule}})
    question = question.model_copy(update={"tiers": scenario(tiers=LOOSE).tiers})
    for line in baselines(question):
        assert evaluate(question, line.plan).cells["fill_rate"].min() >= 0.9
    (root,) = model_of(question).roots
    for p, level in enumerate(rules._levels_for_wait(root, 1.0)):
        assert root.central[p][2][level, 0] >= 0.9


def test_without_a_second_echelon_there_are_two_rules():
    names = [line.name for line in baselines(one_depot())]
    assert names == ["one fill rate for all parts", "one fill rate for each value class"]


def test_depots_and_parts_without_demand_hold_nothing():
    far = {"supplied_by": "centre", "transport_time": "2 d"}
    idle = {"idle": {"supplied_by": "suppliers"}, "far": far}
    spare = {"price": 5, "lifetime": {"fixed": "9 d"}, "supplier": "plant"}
    question = scenario(depots=idle, parts={"spare": spare})
    plans = [line.plan for line in baselines(question)]
    assert len(plans) == 3
    for plan in plans:
        assert plan.base_stock[question.part_ids.index("spare")].sum() == 0
        assert plan.base_stock[:, 1:].sum() == 0
        assert plan.base_stock.sum() > 0


def test_a_budget_is_kept_where_a_rule_can():
    free = two_echelons(3)
    dearest = max(float(line.plan.base_stock.sum(axis=1) @ free.prices) for line in baselines(free))
    for line in baselines(two_echelons(3, budget=dearest)):
        assert line.kept
        assert line.plan.base_stock.sum(axis=1) @ free.prices <= dearest


def test_a_budget_too_small_for_the_promises_is_kept_all_the_same():
    question = two_echelons(0, budget=101_000)
    assert optimise(question).certificate.missed
    for line in baselines(question):
        assert not line.kept
        assert not all(row.reached for row in line.rows)
        assert line.plan.base_stock.sum(axis=1) @ question.prices <= 101_000


def test_corrected_shares_are_the_ones_to_keep():
    question = one_depot("90 %")
    for line in baselines(question, allowed_miss=np.array([0.05])):
        (row,) = line.rows
        assert row.target == pytest.approx(0.9)
        assert row.value >= 0.95

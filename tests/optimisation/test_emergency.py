"""Emergency shipments in the formulas: against the simulation, and all plans of tiny cases."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from partsim import evaluate, next_units, optimise
from partsim.demand.estimation import estimate_demand
from partsim.optimisation.assessment import assess
from partsim.optimisation.certified_plans import build_model, levels_of
from partsim.optimisation.options import evaluate_options
from partsim.optimisation.pool import OptionPool
from partsim.optimisation.settled_demand import settled
from tests.builders import plan, scenario
from tests.optimisation.test_against_brute_force import two_echelons
from tests.optimisation.test_field_lots import both, near
from tests.optimisation.test_rows import within

FILL, PROMISE, SHIPPED = (-0.019, 0.034), (-0.061, 0.031), (-0.112, 0.058)
"""Worst of what the formula says less the simulation's mean, over `drawn(0)` to `drawn(29)`; other
draws are tested. Of the cost of shipments a share."""

BY_AIR = {"outside": {"time": "2 d", "cost": 3000}}
FROM_BOTH = BY_AIR | {"central": {"time": "6 h", "cost": 1000}}


def drawn(seed):
    """A root alone or with up to four fields: times, demand, tiers, levels by chance."""
    random = np.random.default_rng([20261123, seed])
    fields = int(random.integers(0, 5))
    names = [f"field{j}" for j in range(fields)]
    served = names + ["centre"] * int(not fields or random.random() < 0.3)
    counts = random.integers(2, 21, len(served))
    mean, cv = 10 ** random.uniform(0.7, 1.7), random.choice([0.0, 0.3, 0.6, 1.0])
    rate = 10 ** random.uniform(-0.7, 0.9) / mean / counts.mean()  # of one machine
    moves, demand = random.uniform(1, 5, fields), rate * counts.sum()
    lot = int(random.choice([1, 1, 1, random.integers(2, 9)]))
    levels = [max(0, round(demand * mean + random.uniform(-1.5, 1.5) * np.sqrt(demand * mean + 1)))]
    levels[0] += lot if lot > 1 else int(not fields and not levels[0])
    for moving in rate * counts[:fields] * moves:
        levels.append(max(0, round(moving + random.uniform(-1, 2.5) * np.sqrt(moving + 0.5))))
    rules = {"outside": {"time": f"{random.uniform(0.5, 3)} d", "cost": 500}}
    if fields and random.random() < 0.7:
        rules["central"] = {"time": f"{random.uniform(0.1, 0.5)} d", "cost": 100}
    if random.random() < 0.4:
        rules["tiers"] = ["express"]
    express = random.integers(1, counts)
    case = scenario(
        ageing="calendar",
        parts={"pump": {"lifetime": {"exponential": {"mean": f"{1 / rate} d"}}}},
        suppliers={"plant": {"lead_time": {"gamma": {"mean": f"{mean} d", "cv": cv}} if cv
                             else f"{mean} d"}},
        depots={name: {"supplied_by": "centre", "transport_time": f"{time} d"}
                for name, time in zip(names, moves, strict=True)},
        fleets=[{"machine": "mixer", "customers": customers, "count": int(number), "depot": depot}
                for depot, count, fast in zip(served, counts, express, strict=True)
                for customers, number in (("rail", fast), ("road", count - fast)) if number],
        tiers={"everyone": {"customers": ["road"], "promise": {"within": "3 d", "share": "90 %"}},
               "express": {"customers": ["rail"], "promise": {"within": "1 d", "share": "90 %"}}},
        emergency=rules,
        simulation={"years": min(6_000 / demand / 365, 1000), "warm_up": f"{10 * mean} d",
                    "replications": 20, "seed": seed},
    )  # fmt: skip
    return case, levels, [lot] + [1] * fields


@pytest.mark.parametrize(
    "seed", [30, 31, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(32, 38))]
)
def test_it_is_near_the_simulation(seed):
    formula, played = both(*drawn(seed))
    seen = played.cells.to_dict("records")
    for cell, measured in zip(formula.cells.to_dict("records"), seen, strict=True):
        if np.isfinite(measured["fill_rate"]):
            assert near(measured, "fill_rate", cell["fill_rate"], FILL)
    promises = played.promises.rename(columns={"share_simulated": "share"}).to_dict("records")
    for promise, share in zip(promises, formula.promises["share_modelled"], strict=True):
        assert near(promise, "share", share, PROMISE)
    cost = formula.costs.set_index("cost")["per_year"]
    for row in played.costs.to_dict("records"):
        if row["cost"] == "emergency":
            assert near(row, "per_year", cost["emergency"], SHIPPED, row["per_year"])


def one_depot(**rules):
    """Poisson demand of one part at one depot, for two tiers."""
    fleet = {"machine": "mixer", "depot": "centre"}
    return scenario(
        ageing="calendar",
        parts={"pump": {"lifetime": {"exponential": {"mean": "100 d"}}}},
        suppliers={"plant": {"lead_time": "20 d"}},
        fleets=[fleet | {"customers": "road", "count": 6}, fleet | {"customers": "rail",
                "count": 4}],
        tiers={"everyone": {"customers": ["road"], "promise": {"within": "9 d", "share": "90 %"}},
               "express": {"customers": ["rail"], "promise": {"within": "1 d", "share": "90 %"}}},
        costs={"downtime": "100 per day", "order": 10},
        emergency={"outside": {"time": "12 h", "cost": 500}} | rules,
        simulation={"years": 40, "warm_up": "300 d", "replications": 20, "seed": 8},
    )  # fmt: skip


@pytest.mark.parametrize("rules", [{}, {"tiers": ["express"]}], ids=["all", "one tier"])
def test_it_is_the_simulation_at_one_depot(rules):
    case = one_depot(**rules)
    formula, played = both(case, [3], [1])
    cell, seen = formula.cells.iloc[0], played.cells.iloc[0]
    assert within(seen, "fill_rate", cell.fill_rate, 20)
    assert within(seen, "backorders", cell.expected_backorders, 20)
    assert within(seen, "on_hand", cell.on_hand, 20)
    costs = formula.costs.set_index("cost")["per_year"]
    for _, row in played.costs.iterrows():
        assert within(row, "per_year", costs[row["cost"]], 20), row["cost"]
    shares = formula.promises["share_modelled"]
    promises = played.promises.rename(columns={"share_simulated": "share"})
    for t in range(2):
        assert within(promises.iloc[t], "share", shares[t], 20)


def with_emergency(seed, rules):
    case = two_echelons(seed)
    return case.model_validate(case.to_tree() | {"emergency": rules})


@pytest.mark.parametrize(
    ("seed", "rules"), [(2, FROM_BOTH), pytest.param(5, BY_AIR, marks=pytest.mark.slow)]
)
def test_no_plan_is_cheaper_at_the_demand_that_it_leaves(seed, rules):
    case = with_emergency(seed, rules)
    found = optimise(case)
    proof = found.certificate
    assert not proof.missed
    assert evaluate(case, found).plan_cost == pytest.approx(proof.plan_cost, rel=1e-12)
    model = build_model(case, estimate_demand(case), found.grades)
    model = settled(replace(model, least_levels=np.full(model.lot.shape, 5)), found.base_stock)
    cheapest = cheapest_of_all(model)
    assert proof.lower_bound <= cheapest * (1 + 1e-9)
    assert proof.plan_cost <= cheapest * (1 + 1.1e-3)


def cheapest_of_all(model, most=3):
    """Enumerate all levels of both parts at one demand on the root."""
    empty = assess(model, np.zeros(model.lot.shape, dtype=int))
    costs, uses = [], []
    for p in range(2):
        found = []
        for choice in product(range(most + 1), repeat=3):
            stock = np.zeros(model.lot.shape, dtype=int)
            stock[p] = choice
            result = assess(model, stock)
            found.append((result.plan_cost - empty.plan_cost, *(result.use - empty.use)))
        costs.append(np.array(found)[:, 0])
        uses.append(np.array(found)[:, 1:])
    cost = costs[0][:, None] + costs[1] + empty.plan_cost
    use = uses[0][:, None] + uses[1] + empty.use
    return float(cost[(use <= model.targets.limit + 1e-9).all(axis=2)].min())


def test_dear_shipments_buy_stock_and_cheap_ones_save_it():
    held = []
    for price in (0, 3000, 100_000):
        rules = {"outside": {"time": "12 h", "cost": price}}
        found = optimise(with_emergency(2, rules))
        held.append(float(two_echelons(2).prices @ found.base_stock.sum(axis=1)))
    assert held[0] < held[1] < held[2]


def many(rules, seed=1):
    case = with_emergency(seed, rules)
    fleets = tuple(f.model_copy(update={"count": f.count * 30}) for f in case.fleets)
    case = case.model_copy(update={"fleets": fleets})
    return build_model(case, estimate_demand(case), ("C", "C"))


@pytest.mark.parametrize("price", [0.0, 1e5, 1e7])
@pytest.mark.parametrize("rules", [BY_AIR, FROM_BOTH, FROM_BOTH | {"tiers": ["express"]}],
                         ids=["outside", "both", "one tier"])  # fmt: skip
def test_the_bound_holds_over_central_levels_that_were_never_evaluated(price, rules):
    model = many(rules)
    prices = np.full(len(model.targets.limit), price)
    first = levels_of(model, OptionPool(model).price(prices).picks)
    model = settled(model, np.maximum(first, 1))
    every = OptionPool(model)
    for root in model.roots:
        for p in root.parts:
            levels = np.arange(root.fewest[p], root.most[p] + 1)
            every.batches += [
                (root, batch) for batch in evaluate_options(root, np.full(len(levels), p), levels)
            ]
    truth = sum(pick.cost + np.dot(pick.use, prices) for pick in every.price(prices).picks)
    coarse = OptionPool(model)
    assert coarse.price(prices, close=np.inf).bound <= truth * (1 + 1e-12)
    assert coarse.price(prices).bound == pytest.approx(truth, rel=2e-4)


def test_the_options_of_a_decision_add_up_to_its_assessment():
    model = many(FROM_BOTH | {"tiers": ["express"]})
    model = settled(model, np.ones(model.lot.shape, dtype=int))
    pool = OptionPool(model)
    for price in (0.0, 1e5, 1e7):
        picks = pool.price(np.full(len(model.targets.limit), price)).picks
        stock = levels_of(model, picks)
        result = assess(replace(model, least_levels=stock), stock)
        cost = sum(pick.cost for pick in picks) + sum(model.fixed_costs.values())
        assert result.plan_cost == pytest.approx(cost, rel=1e-12)
        use = np.sum([pick.use for pick in picks], axis=0) + model.targets.constant
        assert result.use == pytest.approx(use, rel=1e-12)


def test_demand_has_settled():
    """Once more round the circle nothing changes: what shelves lack is what they were told."""
    case = with_emergency(3, FROM_BOTH)
    stock = np.array([[2, 1, 0], [1, 0, 2]])
    model = build_model(case, estimate_demand(case), ("C", "C"), least_levels=stock)
    model = settled(model, stock)
    shipped = assess(model, stock).shipped
    assert shipped[1] == pytest.approx(model.bypass.outside, rel=1e-6)
    # What reaches the root, less what it ships itself, are the orders of the fields.
    on_hand = evaluate(case, plan(case, stock, grades=("C", "C"))).cells["on_hand"]
    assert (on_hand >= -1e-9).all()


def test_a_depot_without_stock_leaves_the_root_to_the_others():
    """All its calls are filled from outside: it orders nothing."""
    case = with_emergency(3, BY_AIR)
    tree = case.to_tree()
    west = [fleet for fleet in tree["fleets"] if fleet["depot"] == "west"]
    tiers = {"everyone": tree["tiers"]["everyone"]}
    alone = case.model_validate(tree | {"fleets": west, "tiers": tiers})
    shelves = [
        evaluate(given, plan(given, [[1, 2, 0]] * 2)).cells.query("depot == 'west'")
        for given in (case, alone)
    ]
    for column in ("fill_rate", "on_hand", "expected_backorders", "from_outside_per_year"):
        assert shelves[0][column].to_numpy() == pytest.approx(
            shelves[1][column].to_numpy(), rel=1e-7
        )


def test_no_lot_waits_for_a_backorder_that_never_comes():
    case = one_depot()
    model = build_model(case, estimate_demand(case), ("C",), lot=np.array([[5]]))
    assert model.roots[0].fewest.tolist() == [5]
    stuck = evaluate(case, plan(case, [[4]], [[5]]))
    assert stuck.cells["fill_rate"][0] == 0


def test_the_next_unit_is_worth_what_evaluate_says_at_one_depot():
    case = one_depot(outside={"time": "2 d", "cost": 500})
    given = plan(case, [[2]])
    (row,) = next_units(case, given, most=1).to_dict("records")
    before, after = (evaluate(case, plan(case, [[level]])) for level in (2, 3))
    calls = before.promises["calls_per_year"]
    gain = after.promises["share_modelled"] - before.promises["share_modelled"]
    assert row["gain"] == pytest.approx((gain * calls).sum() / calls.sum(), rel=1e-9)
    ordering = [table.costs.set_index("cost")["per_year"]["ordering"] for table in (before, after)]
    cost = after.plan_cost - before.plan_cost - (ordering[1] - ordering[0])
    assert row["cost_per_year"] == pytest.approx(cost, rel=1e-6)

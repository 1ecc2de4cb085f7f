"""Stock levels chosen on three echelons: against the enumeration of all plans, and two echelons."""

from dataclasses import replace

import numpy as np
import pulp
import pytest

from partsim import evaluate, from_pulp, optimise, to_pulp
from partsim.model.scenario import Scenario
from partsim.optimisation import full_model
from partsim.optimisation.assessment import assess
from partsim.optimisation.certified_plans import levels_of
from partsim.optimisation.evaluation_model import RootNetwork
from partsim.optimisation.optimiser import model_of
from partsim.optimisation.options import evaluate_options
from partsim.optimisation.pool import OptionPool
from partsim.optimisation.regional_network import RegionalNetwork
from tests.builders import scenario
from tests.optimisation.test_full_model import solve


def regions(
    seed, *, wait=None, fill=None, budget=None, least_fill="0 %", most=(), promise=None, shape=2
):
    """Two dear slow parts; a centre, a region with two fields, another field; random numbers."""
    random = np.random.default_rng([20261122, seed])

    def days(low, high):
        return f"{random.integers(low, high)} d"

    grade = {"min_fill_rate": least_fill}
    depots = {
        "west": {"supplied_by": "north", "transport_time": days(1, 4)},
        "north": {"supplied_by": "centre", "transport_time": days(2, 8)},
        "near": {"supplied_by": "north", "transport_time": days(1, 3)},
        "south": {"supplied_by": "centre", "transport_time": days(1, 6)},
    }
    if wait:
        depots["west"]["max_waiting_time"] = wait
    if fill:
        depots["south"]["min_fill_rate"] = fill
    count = {"west": random.integers(5, 15), "near": random.integers(3, 12),
             "north": random.integers(0, 2) * 4, "south": random.integers(4, 14)}  # fmt: skip
    return scenario(
        parts={
            name: {
                "price": float(random.integers(10, 100) * 1000),
                "lifetime": {"weibull": {"mean": f"{random.integers(300, 900)} d", "shape": shape}},
                "supplier": "plant",
            }
            for name in ("pump", "valve")
        },
        suppliers={"plant": {"lead_time": {"gamma": {"mean": "15 d", "cv": 0.5}}}},
        depots=depots,
        machines={"mixer": {"positions": {"pump": 1, "valve": 1}}},
        fleets=[
            {"machine": "mixer", "depot": depot, "customers": "road", "count": int(machines)}
            for depot, machines in count.items()
            if machines
        ],
        tiers={
            "everyone": {
                "promise": {
                    "within": "24 h",
                    "share": promise or f"{random.integers(50, 88)} %",
                }
            }
        },
        service={
            "diagnosis_time": "1 h",
            "travel_time": {"lognormal": {"mean": "4 h", "cv": 0.5}},
            "repair_time": "3 h",
        },
        grading={"grades": {"A": grade, "B": grade, "C": grade}},
        optimisation={"budget": budget} if budget else {},
        limits=[
            {"part": part, "depot": depot, "max": units}
            for part in ("pump", "valve")
            for depot, units in dict(most).items()
        ],
    )


def choices(model, p, highest):
    """Give cost and uses of every level of a part: centre, north, west, near, south."""
    (root,) = model.roots
    (north,) = root.regions
    part, costs, uses = np.array([p]), [], []
    for level in range(highest[0] + 1):
        (top,) = evaluate_options(root, part, np.array([level]))
        region = RegionalNetwork(model, int(north), root, np.full(len(model.grade), level))
        for s in range(highest[1] + 1):
            (below,) = evaluate_options(region, part, np.array([s]))
            cost = top.central_cost[0] + below.central_cost[0]
            use = top.central_use[0] + below.central_use[0]
            cells = [(below, 0), (below, 1), (top, 0)]
            for n, (options, j) in enumerate(cells):
                table = options.cost[0, j, : highest[n + 2] + 1]
                cost = np.add.outer(cost, table)
                use = use[..., None, :] + options.use[:, 0, j, : highest[n + 2] + 1].T
            costs.append(cost.ravel())
            uses.append(use.reshape(-1, use.shape[-1]))
    return np.concatenate(costs), np.concatenate(uses)


def cheapest_of_all(case):
    """Enumerate all levels of both parts; costs and uses of parts add up."""
    model = model_of(case)
    limit = model.targets.limit - model.targets.constant
    order = [case.depot_ids.index(name) for name in ("centre", "north", "west", "near", "south")]
    highest = np.minimum(case.most_stock[0, order], (4, 3, 2, 2, 2))
    found = [choices(model, p, highest) for p in range(2)]
    cost = found[0][0][:, None] + found[1][0] + sum(model.fixed_costs.values())
    kept = np.isfinite(cost)
    for k, most in enumerate(limit + 1e-9 * np.abs(limit)):
        kept &= found[0][1][:, None, k] + found[1][1][:, k] <= most
    return float(cost[kept].min()) if kept.any() else None


CASES = [
    *({"seed": seed} for seed in range(6)),
    *({"seed": seed, "wait": "30 h", "fill": "60 %"} for seed in range(2)),
    *({"seed": seed, "least_fill": "55 %", "most": {"north": 1}} for seed in range(2)),
]


@pytest.mark.parametrize("given", CASES, ids=str)
def test_the_plan_is_the_cheapest_of_all_and_the_bound_below_it(given):
    case = regions(**given)
    cheapest, proof = cheapest_of_all(case), optimise(case).certificate
    assert not proof.missed
    assert proof.lower_bound <= cheapest * (1 + 1e-9)
    assert cheapest * (1 - 1e-9) <= proof.plan_cost <= cheapest * (1 + 3e-4)


def every_level(model):
    """Evaluate all levels of the centre, and for each all those of the regions."""
    pool = OptionPool(model)
    roots = {id(root): root for root in model.roots}
    for kind in (RootNetwork, RegionalNetwork):  # the roots' levels bring new networks in
        networks = {id(network): network for network, _ in pool.batches} | roots
        for network in networks.values():
            if type(network) is not kind:
                continue
            for p in network.parts:
                given = -1 if kind is RootNetwork else int(network.level[p])
                levels = [
                    s
                    for s in range(network.fewest[p], network.top[p] + 1)
                    if (network.depot, given, int(p), s) not in pool.places
                ]
                pool._evaluate(network, np.full(len(levels), p), np.array(levels, int))
    return pool


def value(picks, prices):
    return sum(pick.cost + np.dot(pick.use, prices) for pick in picks)


@pytest.mark.parametrize("price", [0.0, 1e5, 1e6, 1e7])
def test_the_bound_holds_over_levels_that_were_never_evaluated(price):
    case = regions(1, wait="30 h")
    fleets = tuple(f.model_copy(update={"count": f.count * 6}) for f in case.fleets)
    model = model_of(case.model_copy(update={"fleets": fleets}))
    prices = np.full(len(model.targets.limit), price)
    truth = value(every_level(model).price(prices, close=np.inf).picks, prices)
    coarse, closer = OptionPool(model), OptionPool(model)
    assert coarse.price(prices, close=np.inf).bound <= truth * (1 + 1e-12)
    found = closer.price(prices)
    assert truth * (1 - 2e-4) <= found.bound <= truth * (1 + 1e-12)
    assert value(found.picks, prices) <= truth * (1 + 2e-4)
    assert len(closer.places) < len(every_level(model).places) / 2


def test_the_options_of_a_decision_add_up_to_its_assessment():
    case = regions(2, wait="30 h", fill="60 %", budget=1e6)
    model = model_of(case)
    pool = OptionPool(model)
    for price in (1e4, 1e5, 1e6):
        picks = pool.price(price * (np.array(model.targets.units) != "money")).picks
        stock = levels_of(model, picks)
        assert [pool.find(pick) for pick in picks] == picks
        result = assess(replace(model, least_levels=stock), stock)
        cost = sum(pick.cost for pick in picks) + sum(model.fixed_costs.values())
        assert result.plan_cost == pytest.approx(cost, rel=1e-12)
        use = np.sum([pick.use for pick in picks], axis=0) + model.targets.constant
        assert result.use == pytest.approx(use, rel=1e-12)
    assert stock[:, case.depot_ids.index("north")].any()


def direct(case):
    """Let the centre supply the region's fields, as many days away."""
    depots = case.to_tree()["depots"]
    days = {name: depot.transport_time for name, depot in case.depots.items()}
    for name in ("west", "near"):
        way = f"{days[name] + days['north']} d"
        depots[name] |= {"supplied_by": "centre", "transport_time": way}
    return Scenario.model_validate(case.to_tree() | {"depots": depots})


@pytest.mark.parametrize("seed", range(3))
def test_a_region_that_may_keep_nothing_is_a_longer_way(seed):
    """Waits and fill rates are the same for any levels, and the promise binds nowhere."""
    case = regions(seed, wait="30 h", fill="60 %", most={"north": 0}, promise="1 %", shape=1)
    three, two = optimise(case), optimise(direct(case))
    assert three.base_stock.tolist() == two.base_stock.tolist()
    for name in ("plan_cost", "lower_bound"):
        found = getattr(three.certificate, name)
        assert found == pytest.approx(getattr(two.certificate, name), rel=1e-7)


def test_a_budget_that_suffices_to_the_last_unit_is_kept():
    free = optimise(regions(3))
    spent = float(free.base_stock.sum(axis=1) @ regions(3).prices)
    assert np.array_equal(optimise(regions(3, budget=spent)).base_stock, free.base_stock)


def test_a_budget_that_cannot_do_names_what_is_missed():
    case = regions(3, budget=30_000)
    assert cheapest_of_all(case) is None
    assert {row.name for row in optimise(case).certificate.missed} & {
        "budget",
        "promise of everyone",
    }


FEW = {"centre": 3, "north": 2, "west": 2, "near": 2, "south": 2}


@pytest.mark.parametrize("given", [CASES[1], CASES[7]], ids=str)
def test_the_whole_model_has_the_same_optimum_and_is_read_back(given):
    case = regions(**given, most=FEW)
    problem = solve(to_pulp(case))
    found = pulp.value(problem.objective)
    assert found == pytest.approx(cheapest_of_all(case), rel=1e-9)
    read = evaluate(case, from_pulp(case, problem))
    assert read.plan_cost == pytest.approx(found, rel=1e-9)
    assert (read.promises["share_modelled"] >= read.promises["share_promised"] - 1e-8).all()


def test_a_whole_model_of_too_many_variables_is_refused(monkeypatch):
    monkeypatch.setattr(full_model, "MOST_VARIABLES", 2000)
    with pytest.raises(ValueError, match=r"at most 2,000 variables, got one that takes at least"):
        to_pulp(regions(0))

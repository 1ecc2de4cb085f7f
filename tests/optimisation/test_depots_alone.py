"""Depots alone: against linear programs, the whole integer program in PuLP, and enumeration."""

from dataclasses import replace
from itertools import product

import numpy as np
import pulp
import pytest
from scipy import sparse
from scipy.optimize import linprog
from scipy.stats import poisson

from partsim.optimisation.core_levels import core_changes
from partsim.optimisation.depot_prices import DepotColumns
from partsim.optimisation.depot_pricing import DepotPricing
from partsim.optimisation.depots_alone import DepotSearch
from partsim.optimisation.large_scale import choose_levels
from partsim.optimisation.poisson_cells import group_levels, poisson_backorders, reached
from partsim.optimisation.stock_problem import StockProblem


def problem(parts, depots, seed, slices=0, waits=True):
    """Mean waits by depot and tier, and promises with so many slices of the tolerable wait."""
    random = np.random.default_rng(seed)
    share = random.dirichlet(np.full(2, 2.0), (2, depots))
    promised = {}
    if slices:
        promised["tolerable_wait"] = random.uniform(-0.2, 6.0, (2, slices))
        late = (promised["tolerable_wait"] < 0).mean(axis=1)
        promised["kept_share"] = (1 - late) * random.uniform(0.8, 0.97, 2)
    return StockProblem(
        holding_cost=np.exp(random.normal(4, 1.2, parts)),
        demand_rate=np.exp(random.normal(-4, 1, (parts, depots))),
        lead_time=random.choice([4.0, 7.0, 14.0, 30.0, 60.0], parts),
        transport_time=None,
        family=random.integers(0, 2, parts),
        tier_share=np.ascontiguousarray(share.transpose(2, 0, 1)),
        depot_wait=random.uniform(0.5, 3, depots) if waits else np.full(depots, np.inf),
        tier_wait=random.uniform(0.4, 1.5, 2) if waits else np.full(2, np.inf),
        **promised,
    )


def table_of_uses(given, top):
    """Use of every row by every cell at every level, by scipy: (row, part, depot, level)."""
    rate, lead = given.demand_rate[..., None], given.lead_time[:, None, None]
    S = np.arange(top + 1)
    mean = rate * lead
    # E(X - S)+ = mean P(X >= S) - S P(X > S)
    owed = mean * poisson.sf(S - 1, mean) - S * poisson.sf(S, mean)
    total = np.zeros((2, given.demand_rate.shape[1]))
    for p, f in enumerate(given.family):
        total[f] += given.demand_rate[p]
    share = given.tier_share[:, given.family]  # (tier, part, depot)
    rows, limits = [], []
    for d in np.flatnonzero(np.isfinite(given.depot_wait)):
        rows.append(owed * (np.arange(rate.shape[1]) == d)[:, None])
        limits.append(given.depot_wait[d] * total[:, d].sum())
    for t in np.flatnonzero(np.isfinite(given.tier_wait)):
        rows.append(owed * share[t][..., None])
        limits.append(given.tier_wait[t] * (given.tier_share[t] * total).sum())
    for t in range(2 * (given.kept_share is not None)):
        late = 0.0
        for wait in given.tolerable_wait[t]:
            if wait < 0:
                late = late + np.ones_like(owed)
            else:
                waits = np.broadcast_to(lead > wait, owed.shape)
                late = late + poisson.sf(S - 1, rate * np.maximum(lead - wait, 0)) * waits
        late = late / len(given.tolerable_wait[t])
        rows.append(late * rate * share[t][..., None])
        limits.append((1 - given.kept_share[t]) * (given.tier_share[t] * total).sum())
    return np.array(rows) / np.array(limits)[:, None, None, None]


def linear_cost(given, top=80):
    """One choice among all levels in each cell, in parts: scipy's HiGHS."""
    use = table_of_uses(given, top)
    K, P, D, S = use.shape
    cost = np.broadcast_to(given.holding_cost[:, None, None] * np.arange(S), (P, D, S)).ravel()
    one = sparse.kron(sparse.eye(P * D), np.ones((1, S)), format="csr")
    found = linprog(
        cost, A_ub=use.reshape(K, -1), b_ub=np.ones(K), A_eq=one, b_eq=np.ones(P * D),
        options={"dual_feasibility_tolerance": 1e-10, "primal_feasibility_tolerance": 1e-10},
    )  # fmt: skip
    assert found.status == 0
    return found.fun


@pytest.mark.parametrize(("slices", "waits"), [(0, True), (3, True), (4, False), (1, False)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_bound_is_the_linear_program_of_all_levels_to_1e9(seed, slices, waits):
    given = problem(40, 3, seed, slices, waits)
    pricing, limit = DepotPricing(given), 1 - given.rows.always

    def priced(prices):
        return pricing.price(prices)[0]

    columns = DepotColumns.from_one_price(priced, limit, 100.0)
    prices, _ = columns.prices(priced, limit, 1e-13)
    bound = priced(prices).bound(prices, limit)
    assert bound == pytest.approx(linear_cost(given), rel=1e-9)


def exact_plan(given, top):
    """The whole model in PuLP, a binary for every level of every cell."""
    use = table_of_uses(given, top)
    K, P, D, S = use.shape
    model = pulp.LpProblem("whole", pulp.LpMinimize)
    x = {
        key: model.add_variable(f"x_{'_'.join(map(str, key))}", cat="Binary")
        for key in np.ndindex(P, D, S)
    }
    cost = {(p, d, s): float(given.holding_cost[p] * s) for p, d, s in x}
    model.setObjective(pulp.lpSum(cost[key] * x[key] for key in x))
    for k in range(K):
        model.addConstraint(pulp.lpSum(float(use[k][key]) * x[key] for key in x) <= 1.0)
    for p, d in np.ndindex(P, D):
        model.addConstraint(pulp.lpSum(x[p, d, s] for s in range(S)) == 1.0)
    tight = {"mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9}
    model.solve(pulp.HiGHS(msg=False, threads=1, gapRel=1e-6, **tight))
    return model.solverModel.getInfo()


@pytest.mark.parametrize(("slices", "waits"), [(0, True), (3, True), (2, False)])
@pytest.mark.parametrize("seed", [4, 5])
def test_few_parts_end_with_the_optimum_of_the_whole_model_in_pulp(seed, slices, waits):
    given = problem(25, 2, seed, slices, waits)
    chosen = choose_levels(given, gap=0.0)
    top = int(chosen.level.max()) + 6
    whole = exact_plan(given, top)
    # both stop at HiGHS's relative gap of 1e-6
    assert chosen.cost == pytest.approx(whole.objective_function_value, rel=2e-6)
    assert chosen.gap <= 2e-6
    assert whole.mip_dual_bound <= chosen.cost * (1 + 1e-9)
    assert chosen.lower_bound <= whole.objective_function_value * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_two_parts_cost_what_enumeration_finds(seed):
    given = problem(2, 2, seed, slices=2)
    chosen = choose_levels(given, gap=0.0)
    top = int(chosen.level.max()) + 4
    use = table_of_uses(given, top)
    best = np.inf
    for levels in product(range(top + 1), repeat=4):
        level = np.reshape(levels, (2, 2))
        taken = np.take_along_axis(use, level[None, ..., None], axis=-1).sum(axis=(1, 2, 3))
        if (taken <= 1).all():
            best = min(best, float(given.holding_cost @ level.sum(axis=1)))
    assert chosen.cost == pytest.approx(best, rel=1e-9)
    assert chosen.lower_bound == pytest.approx(best, rel=2e-6)


@pytest.mark.parametrize("slices", [0, 3])
def test_the_gap_asked_for_is_proven_where_cells_are_many(slices):
    given = problem(3_000, 5, 7, slices)
    chosen = choose_levels(given, gap=1e-3)
    assert 0 <= chosen.gap <= 1e-3
    assert (chosen.use <= 1).all()


@pytest.mark.parametrize("slices", [0, 3])
def test_parts_too_many_to_be_priced_at_once_are_as_good(slices, monkeypatch):
    given = problem(2_000, 4, 8, slices)
    whole = choose_levels(given, gap=1e-3)
    monkeypatch.setattr("partsim.optimisation.depots_alone._SAMPLE", 1_000)
    sampled = choose_levels(given, gap=1e-3)
    assert sampled.gap <= 1e-3
    assert (sampled.use <= 1).all()
    assert sampled.lower_bound <= whole.cost
    assert whole.lower_bound <= sampled.cost


def test_uses_are_shares_of_calls_and_waits_over_those_allowed():
    given = problem(30, 3, 2, slices=3)
    chosen = choose_levels(given)
    use = table_of_uses(given, int(chosen.level.max()))
    at = np.broadcast_to(chosen.level[..., None], (len(use), 30, 3, 1))
    expected = np.take_along_axis(use, at, axis=-1).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(chosen.use, expected, rtol=1e-11)
    assert given.row_names[-1] == "promise of tier 1"


def test_cells_of_large_means_are_priced_as_exactly():
    given = replace(problem(6, 2, 3, slices=2), demand_rate=np.full((6, 2), 30.0))
    chosen = choose_levels(given, gap=1e-3)
    assert chosen.level.max() > 1_000
    assert (chosen.use <= 1).all()
    use = table_of_uses(given, int(chosen.level.max()))
    at = np.broadcast_to(chosen.level[..., None], (len(use), 6, 2, 1))
    expected = np.take_along_axis(use, at, axis=-1).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(chosen.use, expected, rtol=1e-9)
    assert chosen.gap < 0.01


def test_a_promise_that_nobody_can_keep_is_named():
    given = problem(3, 2, 1, slices=4)
    waits = np.array([[-1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]])
    hopeless = replace(given, tolerable_wait=waits, kept_share=np.array([0.8, 0.8]))
    with pytest.raises(ValueError, match="promise of tier 0: expected"):
        choose_levels(hopeless)
    kept = replace(hopeless, kept_share=np.array([0.7, 0.8]))
    assert (choose_levels(kept).use <= 1).all()


def test_a_longer_tolerable_wait_never_costs_more():
    given = problem(60, 3, 9, slices=2, waits=False)
    longer = replace(given, tolerable_wait=given.tolerable_wait + 1.0)
    one, other = (choose_levels(each, gap=0.0) for each in (given, longer))
    assert other.cost <= one.cost * (1 + 2e-6)
    assert other.lower_bound < one.lower_bound


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kept_share": None}, "tolerable_wait and kept_share: expected both or neither, got one"),
        ({"kept_share": np.array([0.5, 1.0])}, "kept_share: expected numbers from 0 to below 1"),
        ({"kept_share": np.array([0.5])}, r"kept_share: expected shape \(2,\), got \(1,\)"),
        ({"tolerable_wait": np.ones(2)}, r"tolerable_wait: expected shape \(2, slices\), got \(2,"),
        ({"tolerable_wait": np.full((2, 1), np.nan)}, "tolerable_wait: expected finite numbers"),
    ],
)
def test_wrong_promises_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        replace(problem(2, 2, 1, slices=1), **change)


def test_core_levels_hold_every_better_plan():
    given = problem(3, 2, 5, slices=2)
    search = DepotSearch(given, 0.0)
    search.run()
    _, choice = search.pricing.price(search.prices)
    level = choice.level.astype(np.int64)
    room = 0.3 * search.cost
    changes = core_changes(given, search.prices, level, room)
    listed = set(zip(changes.part, changes.depot, changes.level, strict=True))
    use = table_of_uses(given, 12)
    reduced = given.holding_cost[:, None, None] * np.arange(13)
    reduced = reduced + np.einsum("k,kpds->pds", search.prices, use)
    reduced -= np.take_along_axis(reduced, level[..., None], axis=-1)
    for p, d, s in np.ndindex(reduced.shape):
        inside = reduced[p, d, s] <= room and s != level[p, d]
        assert ((p, d, s) in listed) == inside


@pytest.mark.parametrize("mean", [0.0, 1e-9, 0.3, 40.0, 900.0])
def test_poisson_cells_are_scipys(mean):
    level = np.array([0, 1, 3, 45, 950])
    means = np.full(5, mean)
    groups = group_levels(level)
    expected = poisson.sf(level - 1, mean) * (mean > 0)
    np.testing.assert_allclose(reached(means, groups), expected, rtol=1e-10, atol=1e-14)
    owed = means * poisson.sf(level - 1, mean) - level * poisson.sf(level, mean)
    np.testing.assert_allclose(poisson_backorders(means, groups), owed, rtol=1e-9, atol=1e-12)

"""Money, room, fill rates, promises and costs of backorders in `choose_levels`."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog
from scipy.stats import binom, poisson

from partsim.optimisation.central_tables import CentralPricing
from partsim.optimisation.depot_pricing import DepotPricing
from partsim.optimisation.large_scale import choose_levels
from partsim.optimisation.reachable import first_columns
from partsim.optimisation.stock_problem import StockProblem
from partsim.optimisation.stock_targets import StockTargets


def problem(parts, depots, seed, central, tight=1.0):
    """Every kind of row at once; money and room are a share of what waits alone would take."""
    random = np.random.default_rng(seed)
    share = random.dirichlet(np.full(2, 2.0), (2, depots))
    price = np.exp(random.normal(4, 1.0, parts))
    volume = random.uniform(0.5, 3.0, parts)
    waits = random.uniform(0.0, 6.0, (2, 3))
    waits[0, 0] = -1.0
    given = StockProblem(
        holding_cost=price * random.uniform(0.1, 0.4, parts),
        demand_rate=np.exp(random.normal(-4, 1, (parts, depots))),
        lead_time=random.choice([4.0, 7.0, 14.0, 30.0], parts),
        transport_time=random.choice([1.0, 2.0, 5.0], depots) if central else None,
        family=np.arange(parts) % 2,
        tier_share=np.ascontiguousarray(share.transpose(2, 0, 1)),
        depot_wait=random.uniform(1.0, 3, depots),
        tier_wait=random.uniform(0.8, 1.5, 2),
        tolerable_wait=waits,
        kept_share=np.array([0.45, 0.7]),
        backorder_cost=random.uniform(10.0, 300.0, (2, depots)),
        targets=StockTargets(
            depot_fill_rate=np.append(0.5, np.zeros(depots - 1)),
            tier_fill_rate=np.array([0.0, 0.55]),
            family_fill_rate=np.array([0.5, 0.0]),
        ),
    )
    free = choose_levels(given, gap=1e-3)
    stock = np.column_stack([free.level, free.central_level])
    limits = StockTargets(
        unit_price=price,
        volume=volume,
        budget=tight * float(price @ stock.sum(axis=1)),
        storage=np.append(tight * float(volume @ stock[:, 0]) + 0.1, np.full(depots - 1, np.inf)),
        central_storage=tight * float(volume @ stock[:, -1]) + 1.5 if central else np.inf,
        depot_fill_rate=given.targets.depot_fill_rate,
        tier_fill_rate=given.targets.tier_fill_rate,
        family_fill_rate=given.targets.family_fill_rate,
    )
    return replace(given, targets=limits)


@cache
def shared_out(share, n):
    """P(k of b backorders are the depot's), (b, k)."""
    b = np.arange(n)
    return binom.pmf(b, b[:, None], share)


def law_in_resupply(given, p, d, S0, wait, n=60):
    """P(X = x) of what is still to come after a wait, from Poisson and binomial laws by scipy."""
    rates = given.demand_rate[p]
    if given.transport_time is None:
        return poisson.pmf(np.arange(n), rates[d] * max(given.lead_time[p] - wait, 0.0))
    transport = given.transport_time[d]
    left = max(given.lead_time[p] - max(wait - transport, 0.0), 0.0)
    owing = poisson.pmf(S0 + np.arange(n), rates.sum() * left)
    owing[0] = poisson.cdf(S0, rates.sum() * left)
    b = np.arange(n)
    mine = owing @ shared_out(rates[d] / rates.sum(), n)
    moving = poisson.pmf(b, rates[d] * max(transport - wait, 0.0))
    return np.convolve(mine, moving)[:n]


def kept_without_stock(given, p, d, S0, wait):
    """Share of calls that a depot without stock serves within a wait."""
    lead = given.lead_time[p]
    if given.transport_time is None:
        return float(wait >= lead)
    left = wait - given.transport_time[d]
    if left >= lead:
        return 1.0
    if left < 0 or S0 == 0:
        return 0.0
    return poisson.cdf(S0 - 1, given.demand_rate[p].sum() * (lead - max(left, 0.0)))


def plain_cell(given, p, d, S0, top):
    """Cost and uses of all levels of a cell, target by target: (level,), (row, level)."""
    S, n = np.arange(top + 1), 60
    rate, f = given.demand_rate[p, d], given.family[p]
    x = np.arange(n)
    owed = np.maximum(x - S[:, None], 0) @ law_in_resupply(given, p, d, S0, 0.0, n)

    def late(wait):
        law = law_in_resupply(given, p, d, S0, wait, n)
        kept = np.append(kept_without_stock(given, p, d, S0, wait), np.cumsum(law)[:top])
        return rate * (1 - kept)

    families = [given.demand_rate[given.family == g].sum(axis=0) for g in range(2)]
    total, t = np.array(families), given.targets
    rows = []
    for e in range(len(given.depot_wait)):
        rows.append(owed * (d == e) / (total[:, e].sum() * given.depot_wait[e]))
    for i in range(2):
        calls = (given.tier_share[i] * total).sum()
        rows.append(owed * given.tier_share[i, f, d] / (calls * given.tier_wait[i]))
    for i in range(2):
        calls = (given.tier_share[i] * total).sum()
        slices = [late(w) if w >= 0 else np.full(len(S), rate) for w in given.tolerable_wait[i]]
        allowed = calls * (1 - given.kept_share[i])
        rows.append(np.mean(slices, axis=0) * given.tier_share[i, f, d] / allowed)
    at_once = late(0.0)
    rows.append(at_once * (d == 0) / (total[:, 0].sum() * (1 - t.depot_fill_rate[0])))
    calls = (given.tier_share[1] * total).sum()
    rows.append(at_once * given.tier_share[1, f, d] / (calls * (1 - t.tier_fill_rate[1])))
    rows.append(at_once * (f == 0) / (total[0].sum() * (1 - t.family_fill_rate[0])))
    rows.append(t.unit_price[p] * S / t.budget)
    rows.append(t.volume[p] * S * (d == 0) / t.storage[0])
    if given.transport_time is not None:
        rows.append(0.0 * S)
    return given.holding_cost[p] * S + given.backorder_cost[f, d] * owed, np.array(rows)


def central_use(given, p, S0):
    """Uses of central levels."""
    use = np.zeros(len(given.row_names))
    if given.transport_time is not None:
        use[given.row_names.index("budget")] = given.targets.unit_price[p] / given.targets.budget
        use[-1] = given.targets.volume[p] / given.targets.central_storage
    return use * S0


def options(given, p, top, most):
    """Cost and use of every combination of levels of a part."""
    found = []
    for S0 in range(most + 1):
        cells = [plain_cell(given, p, d, S0, top) for d in range(given.demand_rate.shape[1])]
        for levels in product(range(top + 1), repeat=len(cells)):
            cost = sum(cell[0][s] for cell, s in zip(cells, levels, strict=True))
            use = sum(cell[1][:, s] for cell, s in zip(cells, levels, strict=True))
            own = given.holding_cost[p] * S0
            found.append((cost + own, use + central_use(given, p, S0)))
    return np.array([c for c, _ in found]), np.array([u for _, u in found])


@pytest.mark.parametrize("central", [False, True], ids=["depots alone", "central depot"])
@pytest.mark.parametrize("seed", range(6))
def test_two_parts_cost_what_enumeration_finds_under_every_kind_of_row(seed, central):
    given = problem(2, 2, seed, central)
    chosen = choose_levels(given, gap=0.0)
    most = (int(chosen.central_level.max()) + 2) * central
    (cost, use), (more, uses) = (
        options(given, p, int(chosen.level.max()) + 2, most) for p in range(2)
    )
    cost, use = cost[:, None] + more, use[:, None] + uses
    best = cost[(use <= 1 + 1e-12).all(axis=-1)].min()
    assert chosen.cost == pytest.approx(best, rel=2e-6)
    assert chosen.lower_bound <= best * (1 + 1e-9)
    assert chosen.gap <= 2e-6
    assert (chosen.use <= 1 + 1e-9).all()


@pytest.mark.parametrize("central", [False, True], ids=["depots alone", "central depot"])
def test_uses_and_cost_are_added_up_cell_by_cell(central):
    given = problem(6, 3, 4, central)
    chosen = choose_levels(given)
    cost, use = 0.0, np.zeros(len(given.row_names))
    for p in range(6):
        S0 = int(chosen.central_level[p])
        cost += given.holding_cost[p] * S0
        use += central_use(given, p, S0)
        for d in range(3):
            S = int(chosen.level[p, d])
            cell_cost, cell_use = plain_cell(given, p, d, S0, S)
            cost, use = cost + cell_cost[S], use + cell_use[:, S]
    assert chosen.cost == pytest.approx(cost, rel=1e-10)
    np.testing.assert_allclose(chosen.use, use, rtol=1e-9)
    for row, used in zip(chosen.rows, use, strict=True):
        share = row.unit == "share"
        value = 1 - used * (1 - row.limit) if share else used * row.limit
        assert row.value == pytest.approx(value, rel=1e-9)
        assert row.slack == pytest.approx((value - row.limit) * (1 if share else -1), abs=1e-9)
        assert row.slack >= -1e-9 * row.limit


def test_tables_under_a_central_depot_are_those_of_scipys_laws():
    given = problem(3, 2, 2, central=True)
    tables = CentralPricing(given).tables
    x = np.arange(60)
    for i, (p, S0) in enumerate(zip(tables.part, tables.central_level, strict=True)):
        for d in range(2):
            cell = slice(tables.start[2 * i + d], tables.start[2 * i + d + 1])
            S = np.arange(cell.stop - cell.start)
            law = law_in_resupply(given, p, d, S0, 0.0)
            owed = np.maximum(x - S[:, None], 0) @ law
            np.testing.assert_allclose(tables.owed[cell], owed, rtol=1e-9, atol=1e-12)
            for w, wait in enumerate(given.rows.window):
                ready = np.cumsum(law_in_resupply(given, p, d, S0, wait))
                kept = np.append(kept_without_stock(given, p, d, S0, wait), ready)[: len(S)]
                late = given.demand_rate[p, d] * (1 - kept)
                np.testing.assert_allclose(tables.late[w, cell], late, rtol=1e-9, atol=1e-13)


def linear_cost(given, top, most):
    """Parts that mix their central levels, and cells their levels under each: scipy's HiGHS."""
    cost, use, links, ones, n = [], [], [], [], 0
    for p in range(len(given.family)):
        heads = []
        for S0 in range(most + 1):
            head, n = n, n + 1
            heads.append(head)
            cost.append([given.holding_cost[p] * S0])
            use.append(central_use(given, p, S0)[:, None])
            for d in range(given.demand_rate.shape[1]):
                cell_cost, cell_use = plain_cell(given, p, d, S0, top)
                links.append((head, range(n, n + top + 1)))
                cost.append(cell_cost)
                use.append(cell_use)
                n += top + 1
        ones.append(heads)
    equal = sparse.lil_array((len(links) + len(ones), n))
    for i, (head, entries) in enumerate(links):
        equal[i, list(entries)] = 1.0
        equal[i, head] = -1.0
    for i, heads in enumerate(ones, len(links)):
        equal[i, heads] = 1.0
    right = np.append(np.zeros(len(links)), np.ones(len(ones)))
    found = linprog(
        np.concatenate(cost), A_ub=np.hstack(use), b_ub=np.ones(len(given.row_names)),
        A_eq=equal.tocsr(), b_eq=right,
        options={"dual_feasibility_tolerance": 1e-10, "primal_feasibility_tolerance": 1e-10},
    )  # fmt: skip
    assert found.status == 0
    return found.fun


@pytest.mark.parametrize("central", [False, True], ids=["depots alone", "central depot"])
@pytest.mark.parametrize("seed", [1])
def test_the_bound_is_the_linear_program_of_all_levels_to_1e9(seed, central):
    given = problem(8, 2, seed, central)
    pricing = (CentralPricing if central else DepotPricing)(given)
    limit = 1 - given.rows.always

    def priced(prices):
        found = pricing.price(prices)
        return found if central else found[0]

    columns = first_columns(given.rows, priced, limit, 100.0)
    prices, _ = columns.prices(priced, limit, 1e-13)
    bound = priced(prices).bound(prices, limit)
    assert bound == pytest.approx(linear_cost(given, 25, 18 * central), rel=1e-9)
    of_stock = [k for k, unit in enumerate(given.rows.units) if unit in ("money", "room")]
    assert (prices[of_stock] > 1e-6).any()


def with_budget(parts, depots, seed, share, slices=0):
    """Mean waits of depots alone under a share of the money that they take at least holding."""
    random = np.random.default_rng(seed)
    price = np.exp(random.normal(4, 1.2, parts))
    promised = {}
    if slices:
        promised["tolerable_wait"] = random.uniform(0, 6.0, (1, slices))
        promised["kept_share"] = np.array([0.93])
    given = StockProblem(
        holding_cost=price * random.uniform(0.1, 0.4, parts),
        demand_rate=np.exp(random.normal(-4, 1, (parts, depots))),
        lead_time=random.choice([7.0, 14.0, 30.0, 60.0], parts),
        transport_time=None,
        family=np.zeros(parts, np.int64),
        tier_share=np.ones((1, 1, depots)),
        depot_wait=random.uniform(0.5, 3, depots),
        tier_wait=np.array([0.8]),
        **promised,
    )
    free = choose_levels(given, gap=1e-3)
    volume = random.uniform(0.5, 3.0, parts)
    room = np.full(depots, np.inf)
    room[:2] = share * (volume @ free.level)[:2]
    budget = share * float(price @ free.level.sum(axis=1))
    targets = StockTargets(unit_price=price, budget=budget, volume=volume, storage=room)
    return replace(given, targets=targets), free


@pytest.mark.parametrize("slices", [0, 3])
def test_many_parts_keep_money_and_room_beside_their_waits(slices):
    given, free = with_budget(1_500, 4, 3, 0.98, slices)
    chosen = choose_levels(given, gap=1e-3)
    assert 0 <= chosen.gap <= 1e-3
    assert (chosen.use <= 1 + 1e-9).all()
    assert chosen.lower_bound > free.lower_bound
    tight = {row.name for row in chosen.rows if row.price > 0}
    assert {"budget", "storage at depot 0", "storage at depot 1"} <= tight


def test_parts_too_many_to_be_priced_at_once_keep_money_and_room_too(monkeypatch):
    given, _ = with_budget(1_500, 4, 3, 0.98)
    whole = choose_levels(given, gap=1e-3)
    monkeypatch.setattr("partsim.optimisation.depots_alone._SAMPLE", 1_000)
    sampled = choose_levels(given, gap=1e-3)
    assert sampled.gap <= 1e-3
    assert (sampled.use <= 1 + 1e-9).all()
    assert sampled.lower_bound <= whole.cost
    assert whole.lower_bound <= sampled.cost


@pytest.mark.parametrize("central", [False, True], ids=["depots alone", "central depot"])
def test_rows_at_odds_are_named_with_what_could_be_reached(central):
    given = problem(3, 2, 3, central)
    poor = replace(given, targets=replace(given.targets, budget=0.5 * given.targets.budget))
    with pytest.raises(
        ValueError, match=r"budget.* best reachable .*budget ([\d.]+) money"
    ) as said:
        choose_levels(poor)
    least = float(str(said.value).split("budget ")[-1].split(" money")[0])
    assert poor.targets.budget < least <= given.targets.budget * (1 + 1e-6)
    # just below it parts that mix levels cannot keep all rows, just above they can
    short = replace(given, targets=replace(given.targets, budget=least * (1 - 1e-5)))
    with pytest.raises(ValueError, match="budget"):
        choose_levels(short)
    pricing = (CentralPricing if central else DepotPricing)(
        replace(given, targets=replace(given.targets, budget=least * (1 + 1e-5)))
    )
    assert linear_cost(pricing.problem, 25, 18 * central) > 0


def test_more_money_and_room_never_cost_more():
    given, _ = with_budget(40, 3, 5, 1.0)
    costs = []
    for share in (1.0, 1.05, 1.2):
        targets = given.targets
        looser = replace(targets, budget=share * targets.budget, storage=share * targets.storage)
        costs.append(choose_levels(replace(given, targets=looser), gap=0.0).cost)
    assert costs[0] >= costs[1] * (1 - 2e-6)
    assert costs[1] >= costs[2] * (1 - 2e-6)
    assert costs[0] > costs[2]


def test_backorders_that_cost_enough_need_no_targets():
    given = StockProblem.single_tier([100.0, 2.0], [[0.1, 0.2], [1.0, 0.5]], [20.0, 10.0])
    dear = replace(given, backorder_cost=np.full((1, 2), 900.0))
    chosen = choose_levels(dear)
    mean = given.demand_rate * given.lead_time[:, None]
    levels = np.arange(60)
    owed = np.array(
        [np.maximum(levels - s, 0) @ poisson.pmf(levels, mean.ravel()[:, None]).T for s in levels]
    )
    cost = np.repeat(given.holding_cost, 2) * levels[:, None] + 900.0 * owed
    np.testing.assert_array_equal(chosen.level.ravel(), cost.argmin(axis=0))
    assert chosen.cost == pytest.approx(cost.min(axis=0).sum(), rel=1e-12)
    assert chosen.cost == pytest.approx(chosen.lower_bound, rel=1e-12)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({"budget": 5.0}, "unit_price: expected the money a unit ties up, got a budget alone"),
        ({"central_storage": 5.0}, "volume: expected the room that a unit takes, got storage"),
        ({"storage": np.ones(3)}, r"storage: expected shape \(2,\), got \(3,\)"),
        ({"unit_price": np.array([1.0, -1.0])}, "unit_price: expected finite numbers >= 0"),
        ({"budget": np.nan, "unit_price": np.ones(2)}, "budget: expected finite numbers > 0"),
        ({"depot_fill_rate": np.array([0.5, 1.0])}, "depot_fill_rate: expected numbers from 0"),
        ({"volume": np.ones(2), "central_storage": 1.0}, "central_storage: expected a transport"),
    ],
)
def test_targets_that_cannot_be_meant_are_named(targets, message):
    given = StockProblem.single_tier([100.0, 2.0], [[0.1, 0.2], [1.0, 0.5]], [20.0, 10.0])
    with pytest.raises(ValueError, match=message):
        replace(given, targets=StockTargets(**targets))


@pytest.mark.parametrize(
    ("cost", "message"),
    [(np.ones(2), r"backorder_cost: expected shape \(1, 2\)"), (-np.ones((1, 2)), "numbers >= 0")],
)
def test_costs_of_backorders_that_cannot_be_meant_are_named(cost, message):
    given = StockProblem.single_tier([100.0, 2.0], [[0.1, 0.2], [1.0, 0.5]], [20.0, 10.0])
    with pytest.raises(ValueError, match=message):
        replace(given, backorder_cost=cost)


def test_too_many_parts_for_tables_are_refused(monkeypatch):
    monkeypatch.setattr("partsim.optimisation.large_scale._MOST", 1_000)
    with pytest.raises(ValueError, match="expected tables of at most 1,000 numbers"):
        choose_levels(problem(40, 2, 1, central=True))


@pytest.mark.parametrize("seed", [4, 8, 10])
def test_a_bound_from_few_levels_near_the_prices_is_one_for_all(seed, monkeypatch):
    given = problem(5, 2, seed, central=True)
    best = choose_levels(given, gap=0.0).cost
    monkeypatch.setattr("partsim.optimisation.central_parts._NUMBERS", (6, 12, 24))
    monkeypatch.setattr("partsim.optimisation.central_parts._SMALL", 0)
    rough = choose_levels(given, gap=0.0)
    assert rough.lower_bound <= best * (1 + 1e-9)
    assert rough.cost > best * (1 + 1e-4)

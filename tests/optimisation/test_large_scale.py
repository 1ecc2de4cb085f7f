"""Levels of plain arrays: bound and cost against enumeration, linear programs and exact laws."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from partsim.analytic.exact_counts import backorders
from partsim.analytic.two_echelon import two_echelon_vari_metric
from partsim.kernels.pricing import Decision, fill_cheapest, fill_nearby
from partsim.optimisation.central_waits import WaitSearch
from partsim.optimisation.depots_alone import DepotSearch
from partsim.optimisation.large_scale import choose_levels
from partsim.optimisation.stock_problem import StockProblem


def problem(parts, depots, seed, central=True, families=2, tiers=2):
    random = np.random.default_rng(seed)
    share = random.dirichlet(np.full(tiers, 2.0), (families, depots))
    return StockProblem(
        holding_cost=np.exp(random.normal(4, 1.2, parts)),
        demand_rate=np.exp(random.normal(-4, 1, (parts, depots))),
        lead_time=random.choice([7.0, 14.0, 30.0, 60.0], parts),
        transport_time=random.choice([1.0, 2.0, 5.0], depots) if central else None,
        family=random.integers(0, families, parts),
        tier_share=np.ascontiguousarray(share.transpose(2, 0, 1)),
        depot_wait=random.uniform(0.5, 3, depots),
        tier_wait=random.uniform(0.4, 1.5, tiers),
    )


def modelled(given, central_level, level):
    """Expected backorders by plain numpy: Palm, or VARI-METRIC under a central depot."""
    if given.transport_time is None:
        mean = given.demand_rate * given.lead_time[:, None]
        return backorders(mean, mean, level)
    total = given.demand_rate.sum(axis=1, keepdims=True)
    share, moving = given.demand_rate / total, given.demand_rate * given.transport_time
    return two_echelon_vari_metric(
        given.central_demand[:, None], central_level[:, None], share, moving, level
    ).expected_backorders


def uses(given, owed):
    """Use of every row, term by term."""
    total = np.zeros(len(given.row_names))
    for k, weight in enumerate(given.row_weights):
        for p, d in np.ndindex(owed.shape):
            total[k] += weight[given.family[p], d] * owed[p, d]
    return total


def enumerated_least_cost(given, most, most_central):
    """Cheapest levels up to these that keep all rows by the model: all of them are tried."""
    P, D = given.demand_rate.shape
    central = range(most_central + 1)
    options = []  # by part: cost and uses of every combination of its levels
    for p in range(P):
        combos = np.array(list(product(central, *[range(most + 1)] * D)))
        alone = replace(
            given,
            **{
                name: np.repeat(getattr(given, name)[[p]], len(combos), axis=0)
                for name in ("holding_cost", "demand_rate", "lead_time", "family")
            },
        )
        owed = modelled(alone, combos[:, 0], combos[:, 1:])
        weight = given.row_weights[:, given.family[p]]
        options.append((given.holding_cost[p] * combos.sum(axis=1), owed @ weight.T))
    cost, use = options[0]
    for more_cost, more_use in options[1:]:
        cost = (cost[:, None] + more_cost).ravel()
        use = (use[:, None] + more_use).reshape(-1, use.shape[1])
    return cost[(use <= 1 + 1e-12).all(axis=1)].min()


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("central", [False, True], ids=["depots alone", "central depot"])
def test_the_bound_is_below_and_the_cost_not_below_the_best_of_all_plans(seed, central):
    given = problem(2, 2 - central * (seed % 2), seed, central=central)
    chosen = (WaitSearch if central else DepotSearch)(given, 1e-4)
    chosen.run()
    most_central = (chosen.central_level.max() + 3) * central
    best = enumerated_least_cost(given, chosen.level.max() + 3, most_central)
    assert chosen.bound <= best * (1 + 1e-9)
    owed = modelled(given, chosen.central_level, chosen.level)
    if (uses(given, owed) <= 1).all():
        assert chosen.cost >= best * (1 - 1e-9)


@pytest.mark.parametrize("central", [False, True])
def test_exact_waits_keep_every_row_and_are_what_is_said(central):
    given = problem(1_000, 4, 7, central=central)
    chosen = choose_levels(given)
    assert (chosen.use <= 1).all()
    owed = given.exact_backorders(chosen.central_level, chosen.level)
    np.testing.assert_allclose(chosen.use, uses(given, owed), rtol=1e-12)
    units = chosen.level.sum(axis=1) + chosen.central_level
    assert chosen.cost == pytest.approx(given.holding_cost @ units, rel=1e-12)
    assert chosen.lower_bound <= chosen.cost <= chosen.lower_bound * 1.01


def test_looser_waits_never_have_a_higher_bound():
    given = problem(400, 2, 5, central=False)
    bounds = [
        choose_levels(
            replace(given, depot_wait=given.depot_wait * f, tier_wait=given.tier_wait * f)
        ).lower_bound
        for f in (0.5, 1.0, 2.0)
    ]
    assert bounds[0] > bounds[1] > bounds[2]


def test_the_order_of_parts_and_depots_does_not_matter():
    given = problem(60, 4, 11)
    parts, depots = np.random.default_rng(1).permutation(60), [2, 0, 3, 1]
    turned = replace(
        given,
        holding_cost=given.holding_cost[parts],
        demand_rate=given.demand_rate[parts][:, depots],
        lead_time=given.lead_time[parts],
        transport_time=given.transport_time[depots],
        family=given.family[parts],
        tier_share=np.ascontiguousarray(given.tier_share[..., depots]),
        depot_wait=given.depot_wait[depots],
    )
    one, other = choose_levels(given, gap=1e-3), choose_levels(turned, gap=1e-3)
    # each is within its gap of the same optimum
    assert one.lower_bound <= other.cost
    assert other.lower_bound <= one.cost
    assert other.lower_bound == pytest.approx(one.lower_bound, rel=1e-3)


def test_the_same_problem_has_the_same_answer_again():
    given = problem(80, 3, 13)
    one, other = choose_levels(given, gap=1e-3), choose_levels(given, gap=1e-3)
    np.testing.assert_array_equal(one.level, other.level)
    assert (one.cost, one.lower_bound) == (other.cost, other.lower_bound)


def test_without_targets_nothing_is_stocked():
    chosen = choose_levels(StockProblem.single_tier([5.0], [[0.1, 0.2]], [10.0], [1.0, 1.0]))
    assert chosen.cost == chosen.lower_bound == chosen.gap == 0
    assert not chosen.level.any()


def test_a_part_without_demand_is_not_stocked():
    given = StockProblem.single_tier(
        [5.0, 7.0], [[0.0, 0.0], [0.2, 0.4]], [10.0, 20.0], [1.0, 2.0], wait=0.2
    )
    chosen = choose_levels(given)
    assert not chosen.level[0].any()
    assert chosen.central_level[0] == 0
    assert chosen.level[1].all()


def test_prices_say_what_a_looser_wait_saves():
    given = problem(2000, 3, 3, central=False)
    tight = choose_levels(given, gap=1e-6)
    row = int(tight.price.argmax())
    name, looser = given.row_names[row], {}
    kind, number = ("depot_wait", int(name.split()[-1]))
    if "tier" in name:
        kind = "tier_wait"
    looser[kind] = getattr(given, kind).copy()
    looser[kind][number] *= 1.01
    saved = tight.lower_bound - choose_levels(replace(given, **looser), gap=1e-6).lower_bound
    # the bound is concave in the limit: its slope falls over the one percent
    assert 0.8 * tight.price[row] <= saved <= tight.price[row] * 1.02


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"holding_cost": np.array([1.0, -1.0])}, "holding_cost: expected finite numbers > 0"),
        ({"lead_time": np.array([1.0])}, r"lead_time: expected shape \(2,\), got \(1,\)"),
        ({"family": np.array([0, 5])}, "family: expected numbers below 2, got 5"),
        ({"demand_rate": np.ones(2)}, r"demand_rate: expected shape \(part, depot\), got \(2,\)"),
        ({"transport_time": np.ones(1)}, r"transport_time: expected shape \(2,\), got \(1,\)"),
        ({"transport_time": np.zeros(2)}, "transport_time: expected finite numbers > 0"),
        ({"tier_wait": np.array([0.0, 1.0])}, "tier_wait: expected finite numbers > 0, got 0"),
    ],
)
def test_wrong_arrays_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        replace(problem(2, 2, 1), **change)


@pytest.mark.parametrize("central", [False, True])
def test_uses_are_mean_waits_over_the_waits_allowed(central):
    given = problem(30, 3, 2, central=central)
    chosen = choose_levels(given, gap=1e-2)
    owed = given.exact_backorders(chosen.central_level, chosen.level)
    rate = given.demand_rate
    waits = [owed[:, d].sum() / rate[:, d].sum() / given.depot_wait[d] for d in range(3)]
    for t in range(2):
        share = given.tier_share[t][given.family]
        waits.append((share * owed).sum() / (share * rate).sum() / given.tier_wait[t])
    np.testing.assert_allclose(chosen.use, waits, rtol=1e-12)


def priced(network, family, price, close, start):
    """Cheapest levels and bounds of all parts by the kernel."""
    shape = network.moving.shape
    found = Decision(start.copy(), np.empty(shape, np.int64), np.empty(shape))
    bound = np.empty(shape[0])
    fill_cheapest(network, price, family, close, found, bound)
    return found, bound


def values(network, family, price, found):
    own = network.central_unit * found.central_level + network.unit * found.level.sum(axis=1)
    return own + (price[family] * found.backorders).sum(axis=1)


def test_bounds_hold_however_few_central_levels_are_looked_at():
    given = problem(200, 4, 21)
    network, family = given.central_network, given.family
    price = np.exp(np.random.default_rng(1).uniform(4, 9, given.family_rate.shape))
    start = np.rint(given.central_demand).astype(np.int64)
    best, exact = priced(network, family, price, 0.0, start)
    np.testing.assert_allclose(values(network, family, price, best), exact, rtol=1e-12)
    _, rough = priced(network, family, price, 0.3, start)
    assert (rough <= exact * (1 + 1e-12)).all()
    assert (rough >= 0.7 * exact).all()
    assert (rough < exact * (1 - 1e-6)).any()
    # fewer central levels in the tables: what lies beyond them is in the bound all the same
    short = network._replace(most=np.maximum(best.central_level // 2, 1))
    _, bounded = priced(short, family, price, 0.0, start)
    assert (bounded <= exact * (1 + 1e-12)).all()


def test_nearby_levels_are_no_dearer_than_their_neighbours():
    given = problem(150, 3, 22)
    network, family = given.central_network, given.family
    price = np.exp(np.random.default_rng(2).uniform(4, 9, given.family_rate.shape))
    shape = network.moving.shape
    found = Decision(np.zeros(150, np.int64), np.empty(shape, np.int64), np.empty(shape))
    fill_nearby(network, price, family, found)
    value = values(network, family, price, found)
    for step in (-1, 1):
        at = np.clip(found.central_level + step, 0, network.most)
        beside, _ = priced(network._replace(fewest=at, most=at), family, price, 0.0, at)
        assert (value <= values(network, family, price, beside) * (1 + 1e-12)).all()


def short_wait(wait):
    rates, lead_times = [[0.1, 0.2], [1.0, 0.5]], [20.0, 10.0]
    return StockProblem.single_tier([100.0, 2.0], rates, lead_times, [2.0, 4.0], wait)


@pytest.mark.parametrize("wait", [1e-2, 1e-3, 1e-4])
def test_very_short_waits_are_kept_too(wait):
    assert choose_levels(short_wait(wait)).use.max() <= 1


def test_a_wait_that_needs_no_stock_gets_none():
    chosen = choose_levels(short_wait(1e3))
    assert (chosen.cost, chosen.level.sum()) == (0, 0)


@pytest.mark.parametrize("gap", [-0.1, np.nan])
def test_an_impossible_gap_is_refused(gap):
    with pytest.raises(ValueError, match="gap: expected finite numbers >= 0"):
        choose_levels(short_wait(1.0), gap=gap)


def test_waits_that_no_stock_keeps_are_named():
    given = StockProblem.single_tier([5.0], [[0.4, 0.2]], [10.0], [1.0, 1.0], wait=1e-15)
    with pytest.raises(ValueError, match=r"wait of tier 0: expected .* that some stock keeps"):
        choose_levels(given)

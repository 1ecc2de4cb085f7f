"""Reserved stock against Markov chains, brute force, enumeration and demands played out."""

import heapq
from itertools import product

import numpy as np
import pytest
from scipy import sparse, stats
from scipy.sparse.linalg import spsolve

from partsim.analytic.emergency_supply import best_emergency_level, emergency_measures
from partsim.analytic.reserved_stock import (
    best_reserved_emergency,
    priority_clearing,
    reserved_emergency,
    threshold_clearing,
)
from partsim.analytic.stock_point import ready_rate


def played(rng, demands, rates, lead, level, critical, refused_waits):
    """Share met at once and units owed, tier by tier; the best tier that waits goes first."""
    at = np.cumsum(rng.exponential(1 / sum(rates), demands)).tolist()
    whose = rng.choice(len(rates), demands, p=np.array(rates) / sum(rates)).tolist()
    on_hand, owed, receipts, last = level, [0] * len(rates), [], 0.0
    met, seen, area = np.zeros(len(rates)), np.zeros(len(rates)), np.zeros(len(rates))
    for k, (t, j) in enumerate(zip(at, whose, strict=True)):
        while receipts and receipts[0] <= t:
            now = heapq.heappop(receipts)
            area += np.array(owed) * (now - last)
            on_hand, last = on_hand + 1, now
            waits = [i for i, units in enumerate(owed) if units and on_hand > critical[i]]
            if waits:
                owed[waits[0]] -= 1
                on_hand -= 1
        served = on_hand > critical[j]
        area += np.array(owed) * (t - last)
        last = t
        met[j] += served and k >= 200
        seen[j] += k >= 200
        on_hand -= served
        owed[j] += refused_waits and not served
        if served or refused_waits:
            heapq.heappush(receipts, t + lead())
    return np.array([met / seen, area / last])


def interval(rng, replications, *arguments):
    """Means over replications and half the width of their 99.9 % intervals."""
    found = np.array([played(rng, *arguments) for _ in range(replications)])
    width = stats.t.ppf(0.9995, replications - 1) * found.std(axis=0, ddof=1)
    return found.mean(axis=0), width / replications**0.5


def lead_times(rng, law):
    return {
        "constant": lambda: 2.0,
        "exponential": lambda: rng.exponential(2.0),
        "gamma": lambda: rng.gamma(0.5, 4.0),
    }[law]


def test_one_tier_without_reserve_is_erlangs():
    S = np.arange(9)
    shelf = reserved_emergency([0.4], 6.0, S, 0)
    depot = emergency_measures(0.4, 6.0, S)
    assert shelf.fill_rate[:, 0] == pytest.approx(depot.fill_rate, abs=1e-13)
    assert shelf.on_hand == pytest.approx(depot.on_hand, abs=1e-12)
    assert shelf.pipeline == pytest.approx(depot.pipeline, rel=1e-12)


@pytest.mark.parametrize("critical", [[0, 0, 0], [0, 1, 3], [1, 1, 2], [0, 4, 9], [5, 5, 5]])
def test_refused_demand_leaves_the_chain_of_the_shelf(critical):
    rates, time, S = np.array([0.3, 0.5, 0.9]), 2.5, 5
    births = [rates[np.array(critical) < S - n].sum() for n in range(S)]
    balance = np.zeros((S + 1, S + 1))
    for n, birth in enumerate(births):
        balance[n, [n, n + 1]] += [-birth, birth]
        balance[n + 1, [n + 1, n]] += [-(n + 1) / time, (n + 1) / time]
    law = np.linalg.lstsq(
        np.vstack([balance.T, np.ones(S + 1)]), np.eye(1, S + 2, S + 1)[0], rcond=None
    )[0]
    shelf = reserved_emergency(rates, time, S, critical)
    fill = [law[: max(S - c, 0)].sum() for c in critical]
    assert shelf.fill_rate == pytest.approx(fill, abs=1e-12)
    assert shelf.pipeline == pytest.approx(np.arange(S + 1) @ law, abs=1e-12)
    assert shelf.on_hand == pytest.approx(S - np.arange(S + 1) @ law, abs=1e-12)


@pytest.mark.parametrize("law", ["constant", "exponential", "gamma"])
def test_refused_demand_makes_the_shelf_depend_on_the_mean_lead_time_alone(law):
    # 20 replications of 3,000 demands
    rng = np.random.default_rng(3)
    mean, width = interval(
        rng, 20, 3000, [0.5, 0.5, 1.0], lead_times(rng, law), 6, [0, 1, 3], False
    )
    exact = reserved_emergency([0.5, 0.5, 1.0], 2.0, 6, [0, 1, 3]).fill_rate
    assert (abs(mean[0] - exact) <= width[0]).all()


def test_cells_are_rows_that_do_not_touch_each_other():
    rates = np.array([[0.2, 0.3], [1.0, 0.0], [0.0, 0.0]])
    levels, critical = np.array([4, 2, 3]), np.array([[0, 2], [1, 1], [0, 3]])
    for function in (reserved_emergency, threshold_clearing, priority_clearing):
        cells = function(rates, [1.0, 3.0, 2.0], levels, critical)
        for i, time in enumerate([1.0, 3.0, 2.0]):
            alone = function(rates[i], time, levels[i], critical[i])
            assert cells.fill_rate[i] == pytest.approx(alone.fill_rate, abs=1e-12)
            assert cells.on_hand[i] == pytest.approx(alone.on_hand, abs=1e-12)
        assert cells.fill_rate[2].tolist() == [1.0, 0.0]  # no demand: it would be served above 3
        assert cells.on_hand[2] == 3.0


def test_the_best_reserve_is_that_of_a_search_over_all():
    holding, time = 1.0, 4.0
    for rates, refusals in [
        ([0.2, 0.4], [60.0, 6.0]),
        ([0.5, 0.5, 1.0], [90.0, 20.0, 3.0]),
        ([0.0, 0.3], [50.0, 50.0]),
        ([0.3, 0.3], [2.0, 1.0]),
        ([0.3, 5.0], [60.0, 0.01]),
    ]:
        costs = {}
        for S, *critical in product(range(13), *[range(13)] * len(rates)):
            if critical == sorted(critical) and critical[-1] <= S:
                filled = reserved_emergency(rates, time, S, critical).fill_rate
                costs[S, *critical] = holding * S + (1 - filled) @ (np.array(rates) * refusals)
        best = best_reserved_emergency(rates, time, holding, refusals)
        assert best.cost == pytest.approx(min(costs.values()), rel=1e-12)
        assert costs[best.level, *best.critical_levels] == pytest.approx(best.cost, rel=1e-12)
        assert best.level < 12


def test_the_best_reserve_of_one_tier_is_the_best_emergency_level():
    best = best_reserved_emergency([0.7], 6.0, 1.5, [40.0])
    assert best.level == best_emergency_level(0.7, 6.0, 1.5, 40.0)
    assert best.critical_levels.tolist() == [0.0]


def test_of_equal_costs_the_least_stock_is_taken():
    # the first unit halves the refusals of cost 2 and costs 1
    best = best_reserved_emergency([1.0], 1.0, 1.0, [2.0])
    assert (best.level, best.cost) == (0, 2.0)


@pytest.mark.parametrize("function", [reserved_emergency, threshold_clearing, priority_clearing])
def test_units_that_nobody_may_have_stay_on_the_shelf(function):
    rates, S = [0.4, 0.3, 0.5], np.arange(3, 9)
    plain, dead = function(rates, 2.0, S, [0, 1, 3]), function(rates, 2.0, S + 2, [2, 3, 5])
    assert dead.fill_rate == pytest.approx(plain.fill_rate, abs=1e-12)
    assert dead.on_hand == pytest.approx(plain.on_hand + 2, abs=1e-11)


def test_what_costs_nothing_to_refuse_gets_no_stock():
    best = best_reserved_emergency([0.7, 0.2], 6.0, 1.5, [0.0, 0.0])
    assert (best.level, best.cost) == (0, 0.0)


@pytest.mark.parametrize("clearing", [threshold_clearing, priority_clearing])
def test_without_reserve_owed_demand_is_that_of_palm(clearing):
    rates, time, S = np.array([0.3, 0.0, 0.9]), 3.0, np.arange(12)
    shelf = clearing(rates, time, S, [0, 0, 0])
    ready = ready_rate(3.6, 3.6, S)
    owed = 3.6 - S + shelf.on_hand
    assert shelf.fill_rate == pytest.approx(np.tile(ready[:, None], 3), abs=1e-12)
    assert shelf.on_hand == pytest.approx(stats.poisson(3.6).cdf(S[:, None] - 1 - S).sum(axis=1))
    assert shelf.backorders.sum(axis=-1) == pytest.approx(owed, abs=1e-11)


@pytest.mark.parametrize("clearing", [threshold_clearing, priority_clearing])
def test_the_last_tier_and_the_net_stock_are_exact(clearing):
    rates, time, critical = np.array([0.5, 0.4, 0.6]), 2.0, np.array([0, 1, 3])
    S = np.arange(3, 20)
    shelf = clearing(rates, time, S, critical)
    assert shelf.fill_rate[:, 2] == pytest.approx(ready_rate(3.0, 3.0, S - 3), abs=1e-12)
    assert shelf.on_hand - shelf.backorders.sum(axis=-1) == pytest.approx(S - 3.0, abs=1e-11)
    assert (np.diff(shelf.fill_rate, axis=-1) <= 1e-12).all()


def virtual_shelf(tiers, level, critical):
    """Give the units left and those owed to each tier after demands from a full shelf."""
    owed = np.zeros(len(critical))
    for j in tiers:
        if level > critical[j]:
            level -= 1
        else:
            owed[j] += 1
    return level, owed


def test_threshold_clearing_is_the_sum_over_all_orders_of_demand():
    rates, time, S, critical = np.array([0.3, 0.2]), 1.0, 3, [0, 1]
    fill, owed, on_hand = np.zeros(2), np.zeros(2), 0.0
    for n in range(13):
        chance = stats.poisson(0.5).pmf(n)
        for tiers in product([0, 1], repeat=n):
            p = chance * np.prod(rates[list(tiers)] / 0.5)
            left, waits = virtual_shelf(tiers, S, critical)
            fill += p * (left > np.array(critical))
            owed += p * waits
            on_hand += p * left
    shelf = threshold_clearing(rates, time, S, critical)
    assert shelf.fill_rate == pytest.approx(fill, abs=1e-10)
    assert shelf.backorders == pytest.approx(owed, abs=1e-10)
    assert shelf.on_hand == pytest.approx(on_hand, abs=1e-9)


def test_a_slot_that_comes_in_clears_one_unit_or_fills_the_shelf():
    # threshold clearing can be played: without its first demand, a row of demands leaves one unit
    # more on the shelf, or owes one less, and nobody who was served is owed again
    rng = np.random.default_rng(2)
    for _ in range(300):
        tiers, critical = rng.integers(0, 3, 9), np.sort(rng.integers(0, 4, 3))
        left, owed = virtual_shelf(tiers, 4, critical)
        later, fewer = virtual_shelf(tiers[1:], 4, critical)
        freed = owed - fewer
        assert later - left + freed.sum() == 1
        assert later >= left
        assert (freed >= 0).all()


def priority_chain(rates, level, reserve, cut):
    """Fill rates and backorders of two tiers, exponential times of mean 1: the chain itself."""
    high, low = rates
    states = [
        (net, owed)
        for net in range(level, level - cut - 1, -1)
        for owed in range(cut + 1)
        if level - net + owed <= cut and (owed == 0 or net <= reserve)
    ]
    index = {state: i for i, state in enumerate(states)}
    entries = []
    for (net, owed), i in index.items():
        receipt = (net, owed - 1) if owed and net >= reserve else (net + 1, owed)
        refused = (net - 1, owed) if net > reserve else (net, owed + 1)
        for following, rate in [
            ((net - 1, owed), high),
            (refused, low),
            (receipt, level - net + owed),
        ]:
            if rate and following in index:
                entries += [(index[following], i, rate), (i, i, -rate)]
    rows, columns, values = zip(*entries, strict=True)
    balance = sparse.csr_matrix((values, (rows, columns)), shape=(len(states),) * 2).tolil()
    balance[0, :] = 1.0
    law = spsolve(balance.tocsc(), np.eye(1, len(states))[0])
    net, owed = np.array(states).T
    fill = [law[net > 0].sum(), law[net > reserve].sum()]
    return np.array([fill, [np.maximum(-net, 0) @ law, owed @ law]])


def test_two_tiers_are_as_far_from_the_chain_as_documented():
    exact, found, safe = [], [], []
    for mean, best, reserve in product([0.5, 1, 2, 4, 8], [0.1, 0.3, 0.5, 0.8], [1, 2, 3, 4]):
        rates = [mean * best, mean * (1 - best)]
        for S in range(max(reserve, int(mean)), int(mean + 3 * mean**0.5 + reserve + 2)):
            exact.append(priority_chain(rates, S, reserve, int(mean + 9 * mean**0.5 + 12)))
            for clearing, values in [(priority_clearing, found), (threshold_clearing, safe)]:
                shelf = clearing(rates, 1.0, S, [0, reserve])
                values.append([shelf.fill_rate, shelf.backorders])
    exact, found, safe = np.array(exact), np.array(found), np.array(safe)
    error, below = found - exact, exact - safe
    assert exact.shape == (652, 2, 2)
    assert abs(error[:, 0, 1]).max() < 1e-9
    assert abs(below[:, 0, 1]).max() < 1e-9
    assert error[:, 0, 0].min() > -0.036
    assert error[:, 0, 0].max() < 0.044
    assert np.quantile(abs(error[:, 0, 0]), 0.95) < 0.010
    assert below[:, 0, 0].min() > -1e-9
    assert below[:, 0, 0].max() < 0.294
    assert np.quantile(below[:, 0, 0], 0.95) < 0.11


@pytest.mark.parametrize(
    ("mean", "best", "reserve", "level"),
    [(1, 0.8, 1, 1), (2, 0.8, 2, 2), (4, 0.8, 2, 4), (8, 0.8, 2, 8), (8, 0.3, 4, 8)],
)
def test_constant_times_are_as_far_off_as_documented(mean, best, reserve, level):
    # 10 replications of 3,000 demands; the worst of the cells played out are among these
    rng = np.random.default_rng(4)
    rates = [mean * best / 2, mean * (1 - best) / 2]
    found, width = interval(
        rng, 10, 3000, rates, lead_times(rng, "constant"), level, [0, reserve], True
    )
    error = priority_clearing(rates, 2.0, level, [0, reserve]).fill_rate - found[0]
    assert -0.007 - width[0, 0] <= error[0] <= 0.08 + width[0, 0]
    assert abs(error[1]) <= width[0, 1]


@pytest.mark.parametrize(
    ("rates", "level", "critical"),
    [
        ([0.5, 0.5, 1.0], 6, [0, 1, 2]),
        ([1.5, 1.0, 1.5], 14, [0, 2, 4]),
        ([0.25, 1.0, 2.0], 12, [0, 1, 3]),
    ],
)
@pytest.mark.parametrize("law", ["constant", "exponential"])
def test_three_tiers_are_near_those_played_out(rates, level, critical, law):
    # 10 replications of 4,000 demands; fill rates within 0.01 and backorders within 0.02
    rng = np.random.default_rng(9)
    mean, width = interval(rng, 10, 4000, rates, lead_times(rng, law), level, critical, True)
    shelf = priority_clearing(rates, 2.0, level, critical)
    error = abs(np.array([shelf.fill_rate, shelf.backorders]) - mean) - width
    assert error[0].max() <= 0.01
    assert error[1].max() <= 0.02


@pytest.mark.parametrize("clearing", [threshold_clearing, priority_clearing])
def test_owed_demand_at_the_edges(clearing):
    still = clearing([0.0, 0.0], 2.0, 3, [0, 2])
    assert still.fill_rate.tolist() == [1.0, 1.0]
    assert still.backorders.tolist() == [0.0, 0.0]
    empty = clearing([1.0, 2.0], 2.0, 0, [0, 0])
    assert empty.fill_rate.tolist() == [0.0, 0.0]
    assert empty.backorders.sum() == pytest.approx(6.0, rel=1e-12)
    huge = clearing([1.0, 2.0], [2.0, 0.0], [500, 3], [0, 2])
    assert huge.fill_rate == pytest.approx(np.ones((2, 2)), abs=1e-15)
    assert huge.backorders == pytest.approx(np.zeros((2, 2)), abs=1e-11)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (reserved_emergency, ([1.0, -1.0], 1.0, 2, [0, 1]), "tier_rates: .* got -1.0"),
        (reserved_emergency, ([1.0], np.inf, 2, [0]), "lead_time: .* got inf"),
        (reserved_emergency, ([1.0], 1.0, 2.5, [0]), "level: .* got 2.5"),
        (reserved_emergency, ([1.0, 1.0], 1.0, 2, [1, 0]), "critical_levels: .* do not fall"),
        (reserved_emergency, ([1.0, 1.0], 1.0, 2, [0, 1, 2]), "shapes that broadcast"),
        (threshold_clearing, ([1.0, 1.0], 1.0, 2, [0, 3]), "at most the base stock, got 3"),
        (priority_clearing, ([1.0, 1.0], 1.0, [2, 1], [0, 2]), "at most the base stock, got 2"),
        (best_reserved_emergency, ([1.0], 1.0, 0.0, [1.0]), "holding_cost: .* got 0.0"),
        (best_reserved_emergency, ([1.0, 1.0], 1.0, 1.0, [1.0, 2.0]), "that do not rise"),
        (best_reserved_emergency, ([[1.0]], 1.0, 1.0, [1.0]), "one axis of tiers"),
    ],
)
def test_wrong_arguments_are_named(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)

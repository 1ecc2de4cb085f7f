"""The chain of a pooling group against a dense generator, Erlang's loss formula and play."""

import heapq
from itertools import product

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.lateral_transshipment import group_balance
from partsim.analytic.pooling_chain import pooling_chain


def ring(depots):
    return [[(j + i) % depots for i in range(1, depots)] for j in range(depots)]


def erlang_loss(load, units):
    loss = 1.0
    for n in range(1, units + 1):
        loss = load * loss / (n + load * loss)
    return loss


def source_of(j, held, hold_back, asks):
    """The depot that fills a demand of depot j, -1 for none."""
    if held[j] > 0:
        return j
    return next((k for k in asks if k >= 0 and held[k] > hold_back[k]), -1)


def dense(rate, lead_time, stock, preference, hold_back):
    """Shares filled by each depot and from outside, and stock on hand, by the dense generator."""
    depots = range(len(rate))
    states = list(product(*(range(s + 1) for s in stock)))  # on hand
    number = {state: i for i, state in enumerate(states)}
    flows = np.zeros((len(states), len(states)))
    sources = np.array(
        [[source_of(j, x, hold_back, preference[j]) for j in depots] for x in states]
    )
    for x, fills in zip(states, sources, strict=True):
        for j in depots:
            if fills[j] >= 0:
                less = tuple(x[k] - (k == fills[j]) for k in depots)
                flows[number[x], number[less]] += rate[j]
            if x[j] < stock[j]:
                more = tuple(x[k] + (k == j) for k in depots)
                flows[number[x], number[more]] += (stock[j] - x[j]) / lead_time[j]
    generator = flows - np.diag(flows.sum(axis=1))
    equations = np.vstack([generator.T, np.ones(len(states))])
    p = np.linalg.lstsq(equations, np.append(np.zeros(len(states)), 1.0), rcond=None)[0]
    shares = [[p[sources[:, j] == k].sum() for k in (*depots, -1)] for j in depots]
    return np.array(shares), p @ np.array(states)


GROUPS = [
    ([0.7], [2.0], [3], [[]], [0]),
    ([1.0, 0.5], [1.0, 1.0], [1, 1], [[1], [0]], [0, 0]),
    ([1.0, 0.5], [1.0, 3.0], [2, 3], [[1], [0]], [0, 1]),
    ([1.0, 0.5, 2.0], [1.0, 0.3, 1.2], [2, 1, 3], [[1, 2], [2, 0], [0, 1]], [0, 0, 1]),
    ([1.0, 0.0, 2.0], [1.0, 0.3, 1.2], [2, 2, 2], [[1, -1], [-1, -1], [1, 0]], [1, 1, 0]),
    ([1.0, 0.5, 2.0], [1.0, 0.3, 1.2], [0, 1, 3], [[2, 1], [-1, 2], [0, -1]], [0, 0, 2]),
    ([0.3, 0.5, 0.9, 0.2], [1.0, 2.0, 1.2, 5.0], [1, 2, 1, 2], ring(4), [0, 1, 0, 1]),
]


@pytest.mark.parametrize("group", GROUPS)
def test_the_measures_are_those_of_the_dense_generator(group):
    shares, on_hand = dense(*group)
    chain = pooling_chain(*group)
    np.testing.assert_allclose(chain.filled, shares[:, :-1], atol=1e-11)
    np.testing.assert_allclose(chain.emergency, shares[:, -1], atol=1e-11)
    np.testing.assert_allclose(chain.own, shares.diagonal(), atol=1e-11)
    np.testing.assert_allclose(chain.lateral, shares[:, :-1].sum(1) - shares.diagonal(), atol=1e-11)
    np.testing.assert_allclose(chain.on_hand, on_hand, atol=1e-11)


def test_what_is_not_on_hand_is_on_its_way():
    rate, lead_time, stock = np.array([1.0, 0.2, 0.7]), np.array([1.0, 4.0, 2.0]), [3, 2, 1]
    chain = pooling_chain(rate, lead_time, stock, ring(3), [1, 0, 0])
    np.testing.assert_allclose(chain.on_hand, stock - lead_time * (rate @ chain.filled), rtol=1e-10)
    np.testing.assert_allclose(chain.own + chain.lateral + chain.emergency, 1.0, rtol=1e-12)


@pytest.mark.parametrize("stock", [[1, 1, 1], [4, 0, 2]])
def test_a_group_that_shares_everything_is_one_loss_system(stock):
    rate = [0.5, 1.5, 0.4]
    chain = pooling_chain(rate, 1.5, stock, ring(3))
    loss = erlang_loss(sum(rate) * 1.5, sum(stock))
    np.testing.assert_allclose(chain.emergency, loss, rtol=1e-11)


def test_depots_that_ask_nobody_or_give_nothing_are_loss_systems():
    rate, stock = [0.5, 1.5, 0.4], [2, 3, 1]
    expected = [erlang_loss(m * 1.5, s) for m, s in zip(rate, stock, strict=True)]
    for chain in (
        pooling_chain(rate, 1.5, stock, np.empty((3, 0))),
        pooling_chain(rate, 1.5, stock, np.full((3, 2), -1)),
        pooling_chain(rate, 1.5, stock, ring(3), hold_back=3),
    ):
        np.testing.assert_allclose(chain.emergency, expected, rtol=1e-11)
        np.testing.assert_array_equal(chain.lateral, 0.0)


def test_no_demand_no_stock_and_no_lead_time():
    idle = pooling_chain(np.zeros(2), 1.0, [3, 0], [[1], [0]])
    assert idle.own.tolist() == [1.0, 0.0]
    assert idle.filled[1].tolist() == [1.0, 0.0]
    assert idle.on_hand.tolist() == [3.0, 0.0]
    bare = pooling_chain([1.0, 2.0], 1.0, 0, [[1], [0]])
    assert bare.emergency.tolist() == [1.0, 1.0]
    assert bare.on_hand.tolist() == [0.0, 0.0]
    at_once = pooling_chain([1.0, 1.0], [1.0, 0.0], [1, 2], [[1], [0]], [0, 1])
    np.testing.assert_allclose(at_once.filled, [[0.5, 0.5], [0.0, 1.0]], atol=1e-14)
    assert at_once.on_hand[1] == 2


def test_parts_are_evaluated_one_by_one():
    rate, stock = np.array([[1.0, 0.5], [0.2, 3.0]]), np.array([[[1, 2]], [[3, 0]]])
    chain = pooling_chain(rate, [1.0, 2.0], stock, [[1], [0]], 1)
    assert chain.filled.shape == (2, 2, 2, 2)
    for i, j in product(range(2), repeat=2):
        one = pooling_chain(rate[j], [1.0, 2.0], stock[i, 0], [[1], [0]], 1)
        np.testing.assert_array_equal(chain.filled[i, j], one.filled)
        np.testing.assert_array_equal(chain.on_hand[i, j], one.on_hand)
    assert pooling_chain(np.ones((0, 2)), 1.0, 1, [[1], [0]]).filled.shape == (0, 2, 2)


def test_a_single_depot_may_hold_thousands():
    chain = pooling_chain([5000.0], 1.0, 5000, [[]])
    assert chain.emergency == pytest.approx(erlang_loss(5000.0, 5000), rel=1e-9)
    assert pooling_chain([1e9], 1.0, 900, [[]]).own == pytest.approx(900e-9, rel=1e-5)


def played(group, lead_times, demands, warm_up, rng):
    """Shares of the demands after the warm-up filled by each depot and from outside."""
    rate, lead_time, stock, preference, hold_back = group
    depots, held, due, now = len(rate), list(stock), [], 0.0
    fills = np.zeros((depots, depots + 1))
    gaps = rng.exponential(1 / sum(rate), demands)
    who = rng.choice(depots, demands, p=np.array(rate) / sum(rate)).tolist()
    for i, (gap, j, time) in enumerate(zip(gaps, who, lead_times(demands), strict=True)):
        now += gap
        while due and due[0][0] <= now:
            held[heapq.heappop(due)[1]] += 1
        k = source_of(j, held, hold_back, preference[j])
        fills[j, k] += i >= warm_up
        if k >= 0:
            held[k] -= 1
            heapq.heappush(due, (now + time * lead_time[k], k))
    return fills / fills.sum(axis=1, keepdims=True)


def interval(group, lead_times, rng):
    """Means and half widths of 99.9 % for all shares of 24 replications of 5,000 demands."""
    runs = np.array([played(group, lead_times, 5500, 500, rng) for _ in range(24)])
    half = stats.t.ppf(1 - 0.0005 / runs[0].size, len(runs) - 1) * stats.sem(runs, axis=0)
    return runs.mean(axis=0), half


PLAYED = [
    ([1.2, 1.2, 1.2], [1.0] * 3, [2, 2, 2], ring(3), [0] * 3),
    ([2.0, 2.0, 4.0], [1.0, 2.0, 0.5], [4, 4, 2], ring(3), [1, 1, 0]),
    ([1.2] * 5, [1.0] * 5, [2] * 5, ring(5), [0] * 5),
    ([1.2] * 5, [1.0] * 5, [2] * 5, [[1, -1], [0, -1], [0, 1], [0, 1], [0, 1]], [0] * 5),
]


@pytest.mark.parametrize("group", PLAYED)
def test_exponential_lead_times_played_out_are_inside_the_interval(group):
    rng = np.random.default_rng(20)
    mean, half = interval(group, lambda n: rng.exponential(1, n).tolist(), rng)
    chain = pooling_chain(*group)
    exact = np.column_stack([chain.filled, chain.emergency])
    assert (np.abs(mean - exact) <= half).all()


@pytest.mark.parametrize("group", PLAYED)
def test_constant_lead_times_change_shares_by_no_more_than_documented(group):
    rng = np.random.default_rng(21)
    mean, half = interval(group, lambda n: [1.0] * n, rng)
    chain = pooling_chain(*group)
    exact = np.column_stack([chain.filled, chain.emergency])
    assert (np.abs(mean - exact) <= 0.01 + half).all()


@pytest.mark.parametrize("group", [PLAYED[0], PLAYED[2]])
def test_the_loss_of_a_group_that_shares_everything_is_the_same_for_constant_lead_times(group):
    rng = np.random.default_rng(22)
    mean, half = interval(group, lambda n: [1.0] * n, rng)
    loss = erlang_loss(sum(group[0]), sum(group[2]))
    assert (np.abs(mean - loss) <= half)[:, -1].all()


@pytest.mark.parametrize(
    ("depots", "stock", "hold_back", "load"), [(12, 2, 0, 0.6), (12, 3, 1, 0.8), (20, 1, 0, 0.8)]
)
def test_large_groups_played_out_are_balanced_within_the_documented_error(
    depots, stock, hold_back, load
):
    # too large for the chain; depots are alike, so that one number stands for all
    all_alike = [[stock * load] * depots, [1.0] * depots, [stock] * depots]
    group, rng = (*all_alike, ring(depots), [hold_back] * depots), np.random.default_rng(23)
    runs = np.array([played(group, lambda n: [1.0] * n, 6000, 1000, rng) for _ in range(16)])
    own, lost = np.diagonal(runs, axis1=1, axis2=2).mean(axis=1), runs[:, :, -1].mean(axis=1)
    got = group_balance(*group)
    for share, expected in ((own, got.own[0]), (lost, got.emergency[0])):
        half = stats.t.ppf(1 - 0.0005, len(runs) - 1) * stats.sem(share)
        assert abs(share.mean() - expected) <= 0.02 + half


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rate": [-1.0, 1.0]}, "rate: expected finite numbers >= 0, got -1"),
        ({"lead_time": np.nan}, "lead_time: expected finite numbers >= 0, got nan"),
        ({"base_stock": [1, 0.5]}, "base_stock: expected whole numbers >= 0, got 0.5"),
        ({"hold_back": -1}, "hold_back: expected whole numbers >= 0, got -1"),
        ({"base_stock": [1, 1, 1]}, "expected shapes that broadcast, got rate"),
        ({"preference": [[1], [-2]]}, "preference: expected whole numbers >= -1, got -2"),
        ({"preference": [[1]]}, r"preference: expected a row for each depot, got shape \(1, 1\)"),
        ({"preference": [1, 0]}, r"preference: expected a row for each depot, got shape \(2,\)"),
        ({"rate": [], "preference": np.empty((0, 1))}, "preference: expected a row for each"),
        ({"preference": [[0], [0]]}, r"preference\[0\]: expected other depots, 0 to 1, .* \[0\]"),
        ({"preference": [[1, 1], [0, -1]]}, r"each once, got \[1, 1\]"),
        ({"preference": [[1], [2]]}, r"preference\[1\]: expected other depots, 0 to 1, .* \[2\]"),
        ({"base_stock": [100, 100]}, "base_stock: expected 10,000 states at most, got 10,201"),
        ({"base_stock": 10**12}, "base_stock: expected 10,000 states at most, got 1,000,0"),
    ],
)
def test_wrong_arguments_are_named(changed, message):
    right = {"rate": [1.0, 1.0], "lead_time": 1.0, "base_stock": 1, "preference": [[1], [0]]}
    with pytest.raises(ValueError, match=message):
        pooling_chain(**(right | changed))

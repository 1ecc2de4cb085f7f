"""Methods for pooling groups of any size against their Markov chain and Erlang's loss formula."""

from itertools import pairwise

import numpy as np
import pytest

from partsim.analytic import lateral_transshipment
from partsim.analytic.lateral_transshipment import group_balance, poisson_overflow
from partsim.analytic.pooling_chain import pooling_chain

LOADS = np.array([0.1, 0.3, 0.6, 0.9])
STOCKS = {
    2: [(1, 1), (3, 3), (6, 6), (1, 4)],
    3: [(1, 1, 1), (2, 2, 2), (4, 4, 4), (1, 3, 2)],
    5: [(1,) * 5, (2,) * 5, (3, 1, 0, 2, 1)],
}

methods = pytest.mark.parametrize("method", [group_balance, poisson_overflow])


def ring(depots):
    """Every depot asks all others."""
    return [[(j + i) % depots for i in range(1, depots)] for j in range(depots)]


def two_givers(depots):
    """Only the first two depots are asked."""
    return [[1, -1], [0, -1]] + [[0, 1]] * (depots - 2)


def erlang_loss(load, units):
    loss = 1.0
    for n in range(1, int(units) + 1):
        loss = load * loss / (n + load * loss)
    return loss


def documented_groups():
    """Arguments of four groups at a time, their loads along the first axis."""
    for depots, stocks in STOCKS.items():
        for rates in ([1.0] * 5, [1.0, 3.0, 0.5, 2.0, 1.0]):
            for times in ([1.0] * 5, [1.0, 2.0, 0.5, 1.0, 1.0]):
                rate, time = np.array(rates[:depots]), np.array(times[:depots])
                for stock in stocks:
                    demand = LOADS[:, None] * rate * sum(stock) / (rate @ time)
                    for asks in [ring(depots), two_givers(depots)][: depots - 1]:
                        for hold_back in range(min(3, max(stock))):
                            yield demand, time, stock, asks, hold_back


@pytest.fixture(scope="module")
def errors():
    """For each group: what it is, and by method the errors of shares and of emergencies."""
    rows = []
    for group in documented_groups():
        rate, time, stock, asks, hold_back = group
        exact = pooling_chain(*group)
        total = (rate * exact.emergency).sum(axis=1)
        row = {
            "free": hold_back == 0,
            "all give": asks == ring(len(stock)),
            "seen": total >= 0.001 * rate.sum(axis=1),
            "one system": hold_back == 0 and asks == ring(len(stock)) and len(set(time)) == 1,
        }
        for method in (group_balance, poisson_overflow):
            got, name = method(*group), method.__name__
            off = np.abs(got.filled - exact.filled).max(axis=(1, 2))
            row[name] = np.maximum(off, np.abs(got.emergency - exact.emergency).max(axis=1))
            row[name + " own"] = np.abs(got.own - exact.own).max(axis=1)
            row[name + " lateral"] = np.abs(got.lateral - exact.lateral).max(axis=1)
            row[name + " emergency"] = (rate * got.emergency).sum(axis=1) / total
        rows.append({name: np.broadcast_to(value, LOADS.shape) for name, value in row.items()})
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def test_any_share_is_within_the_documented_error(errors):
    off, everything = errors["group_balance"], errors["free"] & errors["all give"]
    assert off.size == 640
    assert off.max() <= 0.044
    assert np.quantile(off, 0.95) <= 0.025
    assert off[everything].max() <= 0.023
    assert errors["group_balance own"][everything].max() <= 0.012


def test_the_emergency_share_is_within_the_documented_range(errors):
    ratio, seen = errors["group_balance emergency"], errors["seen"]
    free, all_give = errors["free"] & seen, errors["all give"] & seen
    for these, low, high in (
        (free & all_give, 0.98, 1.08),
        (seen & ~free, 0.65, 1.0001),
        (free & ~all_give, 0.35, 1.0001),
    ):
        assert low <= ratio[these].min()
        assert ratio[these].max() <= high
    np.testing.assert_allclose(ratio[errors["one system"]], 1.0, rtol=1e-9)


def test_poisson_overflow_is_off_by_no_more_and_no_less_than_documented(errors):
    off = errors["poisson_overflow"]
    assert 0.044 < off.max() <= 0.074
    assert 0.025 < np.quantile(off, 0.95) <= 0.055
    assert errors["poisson_overflow own"].max() <= 0.073
    assert 0.1 < errors["poisson_overflow lateral"].max() <= 0.13
    ratio = errors["poisson_overflow emergency"][errors["seen"]]
    assert ratio.min() >= 0.04
    assert ratio.max() <= 1.0001


def random_group(rng):
    depots = int(rng.integers(2, 6))
    rate = 10 ** rng.uniform(-3, 1, depots) * (rng.random(depots) < 0.85)
    time = 10 ** rng.uniform(-1, 1, depots) * (rng.random(depots) < 0.9)
    asks = np.array([rng.permutation(others) for others in ring(depots)])
    asks[rng.random(asks.shape) < 0.2] = -1
    return rate, time, rng.integers(0, 5, depots), asks, rng.integers(0, 3, depots)


def test_groups_far_out_of_proportion_are_within_the_documented_error():
    rng, off = np.random.default_rng(2), []
    for group in (random_group(rng) for _ in range(400)):
        exact, got = pooling_chain(*group), group_balance(*group)
        lost = np.column_stack([got.filled - exact.filled, got.emergency - exact.emergency])
        off.append(np.abs(lost[group[0] > 0]).max(initial=0))
        np.testing.assert_allclose(got.own + got.lateral + got.emergency, 1, atol=1e-7)
    assert max(off) <= 0.06
    assert np.quantile(off, 0.95) <= 0.02


def test_one_depot_with_all_the_demand_settles_slowly_but_well():
    group = (
        [0.0, 0.131, 0.0],
        [6.547, 1.561, 8.235],
        [4, 3, 3],
        [[1, 2], [2, -1], [1, 0]],
        [2, 1, 2],
    )
    exact, got = pooling_chain(*group), group_balance(*group)
    np.testing.assert_allclose(got.filled[1], exact.filled[1], atol=1e-4)


def test_a_large_group_that_shares_everything_loses_what_erlang_says():
    depots, rng = 20, np.random.default_rng(3)
    rate, stock = rng.uniform(0.5, 2.0, (3, depots)), rng.integers(0, 4, (3, depots))
    got = group_balance(rate, 1.0, stock, ring(depots))
    expected = [erlang_loss(a, s) for a, s in zip(rate.sum(axis=1), stock.sum(axis=1), strict=True)]
    np.testing.assert_allclose(got.emergency, np.transpose([expected] * depots), rtol=1e-9)


@methods
def test_depots_that_ask_nobody_or_give_nothing_are_loss_systems(method):
    rate, stock = np.array([0.5, 1.5, 0.0, 9.0]), [2, 3, 1, 0]
    expected = [erlang_loss(m * 1.5, s) for m, s in zip(rate, stock, strict=True)]
    for got in (
        method(rate, 1.5, stock, np.full((4, 1), -1)),
        method(rate, 1.5, stock, ring(4), hold_back=3),
    ):
        np.testing.assert_allclose(got.emergency, expected, atol=1e-9)
        np.testing.assert_allclose(got.lateral, 0.0, atol=1e-15)


def test_two_depots_that_pass_poisson_streams_to_each_other_have_the_golden_ratio():
    # with b empty and a stream b: b = (1 + b) / (2 + b)
    pair = poisson_overflow([1.0, 1.0], 1.0, 1, [[1], [0]])
    empty = (np.sqrt(5) - 1) / 2
    np.testing.assert_allclose(pair.own, 1 - empty, atol=1e-9)
    np.testing.assert_allclose(pair.emergency, empty**2, atol=1e-9)


@methods
def test_what_is_not_on_hand_is_on_its_way(method):
    rate, time = np.array([1.0, 0.2, 0.7, 2.0]), np.array([1.0, 4.0, 2.0, 0.5])
    got = method(rate, time, [3, 2, 1, 2], ring(4), [1, 0, 0, 1])
    np.testing.assert_allclose(got.on_hand, [3, 2, 1, 2] - time * (rate @ got.filled), atol=1e-8)
    np.testing.assert_allclose(got.own + got.lateral + got.emergency, 1.0, atol=1e-9)


@methods
def test_more_to_hold_back_leaves_more_for_the_own_demand(method):
    got = method([1.0, 2.0, 3.0], 1.0, 3, ring(3), np.arange(4)[:, None])
    assert all((more > less).all() for less, more in pairwise(got.own))
    assert all((more < less).all() for less, more in pairwise(got.lateral))


@methods
def test_parts_at_once_are_parts_one_by_one(method):
    rng = np.random.default_rng(4)
    rate, stock = rng.uniform(0.1, 2.0, (5, 1, 3)), rng.integers(0, 5, (4, 3))
    got = method(rate, [1.0, 0.0, 2.0], stock, ring(3), [0, 1, 1])
    assert got.filled.shape == (5, 4, 3, 3)
    for i, j in np.ndindex(5, 4):
        one = method(rate[i, 0], [1.0, 0.0, 2.0], stock[j], ring(3), [0, 1, 1])
        np.testing.assert_allclose(got.filled[i, j], one.filled, atol=1e-8)
        np.testing.assert_allclose(got.emergency[i, j], one.emergency, atol=1e-8)
        np.testing.assert_allclose(got.on_hand[i, j], one.on_hand, atol=1e-8)
    assert method(np.ones((0, 2)), 1.0, 1, [[1], [0]]).filled.shape == (0, 2, 2)


@methods
def test_the_numbering_of_depots_does_not_matter(method):
    rate, stock, order = np.array([1.0, 0.3, 2.0]), np.array([1, 2, 3]), np.array([2, 0, 1])
    asks = np.array([[1, 2], [2, -1], [0, 1]])
    renumbered = np.where(asks >= 0, np.argsort(order)[asks], -1)[order]
    got, same = method(rate, 1.0, stock, asks), method(rate[order], 1.0, stock[order], renumbered)
    np.testing.assert_allclose(same.filled, got.filled[np.ix_(order, order)], atol=1e-8)


@methods
def test_no_demand_no_stock_and_no_lead_time(method):
    idle = method(np.zeros(2), 1.0, [3, 0], [[1], [0]])
    np.testing.assert_allclose(idle.filled, [[1, 0], [1, 0]], atol=1e-12)
    np.testing.assert_allclose(idle.on_hand, [3, 0], atol=1e-12)
    bare = method([1.0, 2.0], 1.0, 0, [[1], [0]])
    np.testing.assert_allclose(bare.emergency, 1.0, atol=1e-12)
    at_once = method([1.0, 1.0], [1.0, 0.0], [1, 2], [[1], [0]], [0, 1])
    np.testing.assert_allclose(at_once.filled, [[0.5, 0.5], [0, 1]], atol=1e-9)
    np.testing.assert_allclose(at_once.on_hand, [0.5, 2.0], atol=1e-9)


@methods
def test_tiny_and_huge_loads_and_levels_neither_overflow_nor_vanish(method):
    rate, stock = np.array([1e-12, 1e-3, 1.0, 300.0, 1e8])[:, None, None], [[1], [3], [200]]
    got = method(rate * [1.0, 0.5], 1.0, np.array(stock) * [1, 1], [[1], [0]])
    for values in (got.filled, got.emergency, got.on_hand):
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    np.testing.assert_allclose(got.own[:3, 2], 1.0, atol=1e-12)
    np.testing.assert_allclose(got.emergency[4, :2], 1.0, atol=1e-6)


def test_flows_that_do_not_balance_are_no_result(monkeypatch):
    monkeypatch.setattr(lateral_transshipment, "ROUNDS", 1)
    with pytest.raises(ValueError, match="rate: expected flows that balance, got probabilities"):
        group_balance([1.0, 2.0], 1.0, 3, [[1], [0]])


@methods
def test_wrong_arguments_are_named(method):
    with pytest.raises(ValueError, match="rate: expected finite numbers >= 0, got nan"):
        method([1.0, np.nan], 1.0, 1, [[1], [0]])
    with pytest.raises(ValueError, match=r"preference\[1\]: expected other depots, 0 to 1, each"):
        method([1.0, 1.0], 1.0, 1, [[1], [1]])
    with pytest.raises(ValueError, match=r"hold_back: expected whole numbers >= 0, got 0.5"):
        method([1.0, 1.0], 1.0, 1, [[1], [0]], 0.5)

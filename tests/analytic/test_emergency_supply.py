"""Emergency supply against 40-digit sums, brute force, Markov chains and demands played out."""

import heapq
from collections import deque
from itertools import product

import mpmath
import numpy as np
import pytest
from scipy import sparse, stats
from scipy.sparse.linalg import spsolve

from partsim.analytic.emergency_echelons import emergency_network
from partsim.analytic.emergency_supply import (
    best_emergency_level,
    emergency_measures,
    erlang_loss,
    erlang_loss_table,
)


def loss_of_40_digits(mean, level):
    with mpmath.workdps(40):
        inverse = mpmath.mpf(1)
        for S in range(1, level + 1):
            inverse = 1 + S / mpmath.mpf(mean) * inverse
        return 1 / inverse


@pytest.mark.parametrize("mean", [1e-6, 1e-3, 0.1, 1.0, 3.7, 20.0, 100.5, 1e3, 1e4])
def test_the_loss_has_twelve_digits_at_all_levels(mean):
    levels = {int(max(0, mean + z * mean**0.5)) for z in (-50, -8, -1, 0, 1, 8, 20)}
    for S in levels | {0, 1, 2, 17, int(mean) + 1}:
        exact = loss_of_40_digits(mean, S)
        if exact > 1e-280:
            with mpmath.workdps(40):
                assert abs(mpmath.mpf(float(erlang_loss(mean, S))) / exact - 1) < 1e-12
                last = float(erlang_loss_table(mean, S)[-1])
                assert abs(mpmath.mpf(last) / exact - 1) < 1e-12


def test_the_textbook_line_of_erlang():
    # 2 erlangs offered to 2 lines: (2^2 / 2!) / (1 + 2 + 2)
    assert erlang_loss(2.0, 2) == pytest.approx(0.4, rel=1e-15)


def test_the_loss_at_the_edges():
    assert erlang_loss([0.0, 0.0, 5.0], [0, 3, 0]).tolist() == [1.0, 0.0, 1.0]
    assert erlang_loss(1.0, 100_000) == 0.0
    assert erlang_loss(np.ones((2, 1)), np.arange(3)).shape == (2, 3)
    assert erlang_loss_table(np.ones((2, 3)), 4).shape == (2, 3, 5)
    assert erlang_loss_table([0.0], 2).tolist() == [[1.0, 0.0, 0.0]]


@pytest.mark.parametrize("mean", [0.2, 1.0, 6.0])
def test_a_depot_has_the_poisson_count_cut_off_at_its_stock(mean):
    for S in range(12):
        law = stats.poisson(mean).pmf(np.arange(S + 1))
        law /= law.sum()
        depot = emergency_measures(mean / 7.0, 7.0, S)
        assert depot.fill_rate == pytest.approx(1 - law[S], abs=1e-13)
        assert depot.emergency_rate == pytest.approx(mean / 7.0 * law[S], rel=1e-12)
        assert depot.pipeline == pytest.approx(np.arange(S + 1) @ law, rel=1e-12)
        assert depot.on_hand == pytest.approx((S - np.arange(S + 1)) @ law, abs=1e-12)


def test_a_depot_without_demand_or_lead_time_keeps_its_stock():
    depot = emergency_measures([0.0, 2.0], [5.0, 0.0], 3)
    assert depot.fill_rate.tolist() == [1.0, 1.0]
    assert depot.on_hand.tolist() == [3.0, 3.0]
    assert depot.emergency_rate.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("mean", [0.01, 0.4, 3.0, 25.0])
def test_the_best_level_is_that_of_a_search_over_all(mean):
    for worth in (0.0, 0.3, 1.5, 20.0, 3e3):
        costs = np.arange(400) + worth * mean * erlang_loss(mean, np.arange(400))
        assert best_emergency_level(mean / 5, 5.0, 2.0, 2.0 * worth * 5) == costs.argmin()


def test_costs_of_the_shelf_alone_are_costs_of_an_emergency():
    # h on hand = h S - h mean (1 - B): the emergency cost rises by h times the lead time
    rate, time, holding, cost = 0.7, 6.0, 1.5, 40.0
    S = np.arange(60)
    depot = emergency_measures(rate, time, S)
    best = (holding * depot.on_hand + cost * depot.emergency_rate).argmin()
    assert best_emergency_level(rate, time, holding, cost + holding * time) == best


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (erlang_loss, (-1.0, 2), "mean: expected finite numbers >= 0, got -1.0"),
        (erlang_loss, (1.0, 2.5), "level: expected whole numbers >= 0, got 2.5"),
        (erlang_loss, (np.ones(2), np.ones(3)), "mean .2,., level .3,."),
        (erlang_loss_table, (1.0, -1), "levels: expected whole numbers >= 0, got -1.0"),
        (emergency_measures, (1.0, np.nan, 1), "lead_time: .* got nan"),
        (best_emergency_level, (1.0, 1.0, 0.0, 1.0), "holding_cost: expected finite numbers > 0"),
        (emergency_network, ([1.0, -2.0], 1.0, 1, 1.0, 1), "demand_rate: .* got -2.0"),
        (emergency_network, ([1.0], 1.0, 1, 1.0, -1), "central_level: .* got -1.0"),
        (emergency_network, ([[1.0]], 1.0, 1, 1.0, 1), "one axis of depots, got shape .1, 1."),
    ],
)
def test_wrong_arguments_are_named(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


def successors(state, rate, time, level, lead, central_level):
    """Yield what can follow (on order by the centre, who waits there, in transport), at a rate."""
    n, waiting, moving = state

    def sent(j, by):
        return (*moving[:j], moving[j] + by, *moving[j + 1 :])

    for j in range(len(rate)):
        full = moving[j] + waiting.count(j) == level[j]
        if n < central_level:
            yield (n + 1, waiting, moving if full else sent(j, 1)), rate[j]
        elif not full:
            yield (n + 1, (*waiting, j), moving), rate[j]
        if moving[j]:
            yield (n, waiting, sent(j, -1)), moving[j] / time[j]
    if n:
        to = sent(waiting[0], 1) if waiting else moving
        yield (n - 1, waiting[1:], to), n / lead


def network_chain(rate, time, level, lead, central_level):
    """Share from the centre and from outside, exponential times: the chain with its queue."""
    start = (0, (), (0,) * len(rate))
    index, todo, entries = {start: 0}, [start], []
    while todo:
        state = todo.pop()
        i = index[state]
        for following, speed in successors(state, rate, time, level, lead, central_level):
            if following not in index:
                index[following] = len(index)
                todo.append(following)
            entries += [(index[following], i, speed), (i, i, -speed)]
    rows, columns, values = zip(*entries, strict=True)
    balance = sparse.csr_matrix((values, (rows, columns)), shape=(len(index),) * 2).tolil()
    balance[0, :] = 1.0
    law = spsolve(balance.tocsc(), np.eye(1, len(index))[0])
    shares = np.zeros((2, len(rate)))
    for (n, waiting, moving), i in index.items():
        for j in range(len(rate)):
            if moving[j] + waiting.count(j) == level[j]:
                shares[int(n >= central_level), j] += law[i]
    return shares


def mean_delays_alone(rate, time, level, lead, central_level):
    """Share from the centre and from outside with Erlang's loss at each depot's mean delay."""
    rate, n, delay = np.array(rate), np.arange(central_level + 200), 0.0
    for _ in range(60):
        lost = erlang_loss(rate * (np.array(time) + delay), level)
        births = np.where(n[1:] <= central_level, rate.sum(), (rate * (1 - lost)).sum())
        law = np.cumprod(np.append(1.0, births * lead / n[1:]))
        law /= law.sum()
        owed = np.maximum(n - central_level, 0) @ law
        delay = (delay + owed / (rate * (1 - lost)).sum()) / 2
    ready = law[:central_level].sum()
    return np.array([lost * ready, lost * (1 - ready)])


def test_the_network_is_as_far_from_the_chain_as_documented():
    found, exact, plain = [], [], []
    for load, part, levels, transport, central_level in product(
        [0.5, 1.0, 2.0, 4.0], [1.0, 0.3], [(1, 1), (2, 1), (3, 2)], [0.2, 1.0, 2.0], [1, 2, 4]
    ):
        if central_level > 1 + load + 3 * load**0.5:
            continue
        rate = [load] if part == 1.0 else [part * load, (1 - part) * load]
        times, level = [transport] * len(rate), levels[: len(rate)]
        cell = (rate, times, level, 1.0, central_level)
        shares = emergency_network(*cell)
        found.append([shares.from_centre, shares.from_outside])
        exact.append(network_chain(*cell))
        plain.append(mean_delays_alone(*cell))
    found, exact, plain = (np.hstack(x) for x in (found, exact, plain))
    error, fill = found - exact, (exact - found).sum(axis=0)
    assert fill.shape == (297,)
    assert fill.min() > -0.024
    assert fill.max() < 0.002
    assert np.quantile(abs(fill), 0.95) < 0.013
    assert (error.min(axis=1) > [-0.026, -0.005]).all()
    assert (error.max(axis=1) < [0.008, 0.048]).all()
    assert (np.quantile(abs(error), 0.95, axis=1) < [0.016, 0.028]).all()
    seen = exact[1] > 0.01
    assert (found[1] / exact[1])[seen].min() > 0.75
    assert (found[1] / exact[1])[seen].max() < 1.17
    assert np.median((plain[1] / exact[1])[seen]) == pytest.approx(0.79, abs=0.005)
    assert (plain[1] / exact[1])[seen].min() == pytest.approx(0.13, abs=0.005)


@pytest.mark.parametrize("central_level", [0, 60])
def test_without_central_stock_or_with_plenty_the_network_is_erlangs(central_level):
    rate, time, level = np.array([0.5, 1.5, 0.0, 2.0]), np.array([1.0, 0.3, 1.0, 0.0]), [1, 2, 1, 0]
    shares = emergency_network(rate, time, level, 4.0, central_level)
    delay = 4.0 if central_level == 0 else 0.0
    exact = erlang_loss(rate * (time + delay), level)
    passed_on = shares.from_centre + shares.from_outside
    assert passed_on == pytest.approx(exact, abs=1e-12)
    assert (shares.from_outside if central_level else shares.from_centre).max() < 1e-12
    assert shares.from_shelf == pytest.approx(1 - exact, abs=1e-12)


def test_a_network_of_thousands_of_units_does_not_underflow():
    # 9 deviations above the mean, the centre has stock
    shares = emergency_network([1000.0, 1000.0], 1.0, [1100, 1000], 1.0, 2400)
    assert shares.from_shelf == pytest.approx(1 - erlang_loss(1000.0, [1100, 1000]), abs=1e-12)
    deep = emergency_network([1000.0, 1.0], 1.0, [1, 300], 5.0, 0)  # one depot is always empty
    assert deep.from_shelf == pytest.approx([1 - erlang_loss(6000.0, 1), 1.0], abs=1e-12)


def test_a_network_without_demand_or_times_is_filled_from_the_shelf():
    still = emergency_network([0.0, 0.0], 0.0, [0, 3], 10.0, 0)
    assert still.from_shelf.tolist() == [0.0, 1.0]
    instant = emergency_network([1.0, 1.0], 0.0, [0, 3], 0.0, 1)
    assert instant.from_shelf.tolist() == [0.0, 1.0]
    assert instant.from_centre.tolist() == [1.0, 0.0]


def played(rng, demands, rate, transport, level, lead, central_level):
    """Play demands out, first come first served; give the shares of where they are filled from."""
    at = np.cumsum(rng.exponential(1 / sum(rate), demands)).tolist()
    whose = rng.choice(len(rate), demands, p=np.array(rate) / sum(rate)).tolist()
    shelf, centre, waiting, events = list(level), central_level, deque(), []
    counts = np.zeros((3, len(rate)))
    for k, (t, j) in enumerate(zip(at, whose, strict=True)):
        while events and events[0][0] <= t:
            now, depot = heapq.heappop(events)
            if depot >= 0:
                shelf[depot] += 1
            elif waiting:
                depot = waiting.popleft()
                heapq.heappush(events, (now + transport(), depot))
            else:
                centre += 1
        source = 0 if shelf[j] else 1 if centre else 2
        counts[source, j] += k >= 300
        if source == 0 and not centre:
            waiting.append(j)
        elif source == 0:
            heapq.heappush(events, (t + transport(), j))
        shelf[j] -= source == 0
        centre -= centre > 0
        if source < 2:
            heapq.heappush(events, (t + lead(), -1))
    return counts / counts.sum(axis=0)


def interval(rng, replications, *arguments):
    """Mean shares over replications and half the width of their 99.9 % intervals."""
    shares = np.array([played(rng, *arguments) for _ in range(replications)])
    width = stats.t.ppf(0.9995, replications - 1) * shares.std(axis=0, ddof=1)
    return shares.mean(axis=0), width / replications**0.5


def rows(shares):
    return np.array([shares.from_shelf, shares.from_centre, shares.from_outside])


@pytest.mark.parametrize("central_level", [0, 30])
@pytest.mark.parametrize("law", ["constant", "gamma"])
def test_the_exact_networks_hold_for_other_lead_times(central_level, law):
    # 20 replications of 2,000 demands; gamma times of shape 1/2, so that orders overtake
    rng = np.random.default_rng(11)
    lead, transport = {
        "constant": (lambda: 4.0, lambda: 1.0),
        "gamma": (lambda: rng.gamma(0.5, 8.0), lambda: rng.gamma(0.5, 2.0)),
    }[law]
    mean, width = interval(rng, 20, 2000, [0.5, 1.0], transport, [2, 4], lead, central_level)
    exact = rows(emergency_network([0.5, 1.0], 1.0, [2, 4], 4.0, central_level))
    assert (abs(mean - exact) <= width + 1e-12).all()


@pytest.mark.parametrize(
    ("rate", "transport", "level", "central_level"),
    [
        ([1.0], 1.0, [1], 1),  # the worst of the cells played out
        ([1.0], 0.5, [1], 1),
        ([4.0], 1.0, [1], 1),
        ([4.0], 0.2, [1], 2),
        ([1.2, 2.8], 0.5, [3, 2], 4),
        ([0.3, 0.7], 1.0, [3, 2], 2),
    ],
)
def test_constant_times_are_as_far_off_as_documented(rate, transport, level, central_level):
    # 10 replications of 3,000 demands
    rng = np.random.default_rng(5)
    mean, width = interval(
        rng, 10, 3000, rate, lambda: transport, level, lambda: 1.0, central_level
    )
    error = rows(emergency_network(rate, transport, level, 1.0, central_level)) - mean
    assert (error >= np.array([[-0.062], [-0.024], [-0.09]]) - width).all()
    assert (error <= np.array([[0.004], [0.145], [0.047]]) + width).all()


@pytest.mark.parametrize(
    ("load", "level", "transport", "central_level"),
    [(4.0, 1, 0.2, 4), (4.0, 1, 1.0, 6), (8.0, 2, 0.3, 8), (8.0, 2, 1.0, 4)],
)
def test_ten_depots_are_within_half_a_percentage_point(load, level, transport, central_level):
    # 10 replications of 5,000 demands, constant times; all depots alike and averaged
    rng, rate = np.random.default_rng(7), [load / 10] * 10
    shares = np.array(
        [
            played(rng, 5000, rate, lambda: transport, [level] * 10, lambda: 1.0, central_level)
            for _ in range(10)
        ]
    ).mean(axis=2)
    width = stats.t.ppf(0.9995, 9) * shares.std(axis=0, ddof=1) / 10**0.5
    found = rows(emergency_network(rate, transport, level, 1.0, central_level))[:, 0]
    assert (abs(found - shares.mean(axis=0)) <= 0.005 + width).all()

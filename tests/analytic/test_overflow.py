"""Overflow against Markov chains, other formulas, and demands followed one by one."""

import heapq

import numpy as np
import pytest
from scipy.stats import binom, poisson
from scipy.stats import t as student

from partsim.analytic.counts import count_table
from partsim.analytic.emergency_supply import erlang_loss, erlang_loss_table
from partsim.analytic.overflow import overflow_central, overflow_later, overflow_table
from partsim.analytic.overflow_under_centre import field_overflow, ready_when_empty
from partsim.analytic.two_echelon import central_table

CASES = [(0.3, 0.0, 1), (2.6, 0.4, 3), (2.6, 1.0, 0), (9.0, 0.75, 11), (30.0, 0.1, 25)]


def chain(mean, waits, level):
    """Give the law of units in resupply: births that depend on their number, ample servers."""
    n = np.arange(400)
    birth = np.where(n < level, mean, mean * waits)
    with np.errstate(divide="ignore"):
        logs = np.cumsum(np.log(np.append(1.0, birth[:-1] / np.arange(1, 400))))
    law = np.exp(logs - logs.max())
    return n, law / law.sum()


@pytest.mark.parametrize(("mean", "waits", "level"), CASES)
def test_it_is_the_markov_chain_of_ample_servers(mean, waits, level):
    table = overflow_table(mean, mean, waits, level)
    n, law = chain(mean, waits, level)
    owed = np.maximum(n - level, 0)
    assert table.empty[level] == pytest.approx(law[level:].sum(), rel=1e-10)
    assert table.backorders[level] == pytest.approx(owed @ law, rel=1e-9)
    assert table.squared_backorders[level] == pytest.approx(owed**2 @ law, rel=1e-9)
    assert table.on_hand[level] == pytest.approx(np.maximum(level - n, 0) @ law, rel=1e-10)


@pytest.mark.parametrize(("mean", "waits", "level"), CASES)
@pytest.mark.parametrize("still", [0.0, 0.3, 0.9])
def test_units_still_to_come_are_split_off_at_random(mean, waits, level, still):
    now = overflow_table(mean, mean, waits, level)
    later = overflow_later(now, mean, (still * mean, still * mean), waits)
    n, law = chain(mean, waits, level)
    # Of at least S units in resupply; with fewer, none that waits is late.
    late = law @ binom.sf(level - 1, n, still)
    assert later.empty[level] == pytest.approx(late, rel=1e-9, abs=1e-14)
    owed = sum(law @ binom.sf(k, n, still) for k in range(level, 400))
    assert later.backorders[level] == pytest.approx(owed, rel=1e-9, abs=1e-10)


def test_it_is_erlangs_loss_where_nothing_waits_and_the_plain_law_where_all_does():
    means = np.array([0.01, 0.5, 7.0, 80.0])
    lost = overflow_table(means, means, 0.0, 100)
    assert np.allclose(lost.empty, erlang_loss_table(means, 100), rtol=1e-9, atol=1e-13)
    plain = count_table(means, 2 * means, 100)
    all_wait = overflow_table(means, 2 * means, 1.0, 100)
    assert np.allclose(all_wait.backorders, plain.backorders, rtol=1e-12)
    central = overflow_central(means, 2 * means, 1.0, lot=7, levels=100)
    lots = central_table(means, 2 * means, 7, 100)
    assert np.allclose(central.backorders[:, 6:], lots.backorders[:, 6:], rtol=1e-9, atol=1e-12)
    assert np.allclose(central.ready[:, 6:], lots.ready[:, 6:], rtol=1e-9)


def followed(mean, waits, level, lot, draw, seed, batches=20, demands=4_000):
    """Follow demands of an (r,Q) shelf one by one; give the share that finds it empty, by batch."""
    random = np.random.default_rng(seed)
    on_hand = position = level
    now, due, found = 0.0, [], np.zeros(batches)
    for b in range(batches):
        gaps, waiting = random.exponential(1 / mean, demands), random.random(demands) < waits
        times = draw(random, demands)
        for k in range(demands):
            now += gaps[k]
            while due and due[0] <= now:
                heapq.heappop(due)
                on_hand += lot
            found[b] += on_hand <= 0
            if on_hand <= 0 and not waiting[k]:
                continue
            on_hand, position = on_hand - 1, position - 1
            if position <= level - lot:
                heapq.heappush(due, now + times[k])
                position += lot
    return found / demands


def interval(shares, level=0.999):
    half = student.ppf((1 + level) / 2, len(shares) - 1) * shares.std(ddof=1)
    return half / np.sqrt(len(shares))


TIMES = {
    "constant": lambda random, n: np.ones(n),
    "gamma of cv 1.5": lambda random, n: random.gamma(1 / 2.25, 2.25, n),
}


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize(("mean", "waits", "level"), [(2.0, 0.0, 3), (2.0, 0.5, 2)])
def test_the_law_of_the_lead_time_does_not_matter_one_for_one(name, mean, waits, level):
    shares = followed(mean, waits, level, 1, TIMES[name], seed=11)
    empty = overflow_table(mean, mean, waits, level).empty[level]
    assert abs(shares.mean() - empty) < interval(shares)


@pytest.mark.parametrize("waits", [0.0, 0.5])
def test_a_lot_under_way_comes_no_sooner_because_less_waits(waits):
    """At most one lot is under way: shortages last as long as if all demand waited."""
    shares = followed(3.0, waits, 8, 7, TIMES["constant"], seed=5)
    table = overflow_central([3.0], [3.0], waits, lot=7, levels=8)
    assert abs(shares.mean() - 1 + table.ready[0, 8]) < interval(shares)
    stuck = overflow_central([1.5], [1.5], 0.0, lot=7, levels=9).ready[0, 6]
    assert stuck == 0  # r = -1: nobody waits, nothing is ordered


def test_a_field_is_erlangs_loss_with_plenty_and_without_stock_at_the_centre():
    levels = np.arange(5)
    plenty = field_overflow((0.8, 0.8), (0.8, 0.8), 1.0, 0.0, np.ones(5))
    assert np.allclose(plenty.table.empty, erlang_loss(0.8, levels))
    assert np.allclose(plenty.both, plenty.table.empty)
    nothing = field_overflow((0.8, 0.8), (3.8, 3.8), 0.0, 0.0, np.ones(5))
    assert np.allclose(nothing.table.empty, erlang_loss(3.8, levels))
    assert not nothing.both.any()


def test_the_mixture_keeps_mean_and_variance_where_all_demand_waits():
    field = field_overflow((0.8, 0.8), (1.4, 2.6), 0.7, 1.0, np.ones(60))
    assert field.table.backorders[0] == pytest.approx(1.4)
    assert field.table.squared_backorders[0] == pytest.approx(2.6 + 1.4**2)
    assert np.allclose(field.ready, 0.7)


def test_the_factor_is_the_sum_over_units_on_their_way():
    got = ready_when_empty(4.0, [3, 5], 0.7, 1.2, levels=6)
    for i, central in enumerate((3, 5)):
        for S in range(7):
            k = np.arange(S + 1)
            both = binom.pmf(k, S, 0.7) @ poisson.cdf(central - 1 - k, 4.0 - 0.7 * 1.2)
            assert got[i, S] == pytest.approx(min(both / poisson.cdf(central - 1, 4.0), 1.0))


@pytest.mark.parametrize(
    ("arguments", "what"),
    [((-1.0, 1.0, 0.0, 2), "mean"), ((1.0, 1.0, 1.5, 2), "waits"), ((1.0, 1.0, 0.0, -1), "levels")],
)
def test_wrong_arguments_are_named(arguments, what):
    with pytest.raises(ValueError, match=what):
        overflow_table(*arguments)

"""Repair shops against textbook numbers, truncated chains, brute-force sums and generators."""

from itertools import product

import numpy as np
import pytest
from scipy import integrate, stats

from partsim.analytic.counts import count_table
from partsim.analytic.finite_source import machine_repair
from partsim.analytic.repair_shop import (
    closed_loop,
    repair_shop,
    shared_shop,
    shop_backorders,
    turnaround_beyond,
)
from partsim.analytic.two_echelon import vari_metric

N = np.arange(3000)


def occupancy(load, servers):
    """P(n in the shop) by the balance of each step, cut far out."""
    steps = load / np.minimum(N[1:], servers)
    p = np.concatenate([[1.0], np.cumprod(steps)])
    return p / p.sum()


shops = pytest.mark.parametrize(
    ("load", "servers"), [(0.5, 1), (0.95, 1), (2.0, 3), (4.5, 5), (9.0, 10), (0.3, 8)]
)


def test_the_eye_clinic_of_gross_and_harris():
    # Fundamentals of Queueing Theory, ch. 2: 6 per hour, 20 minutes each, 3 doctors
    shop = repair_shop(6.0, 1 / 3, 3)
    assert shop.mean == pytest.approx(26 / 9, rel=1e-12)
    assert shop.turnaround == pytest.approx(26 / 54, rel=1e-12)
    assert shop.wait_probability == pytest.approx(4 / 9, rel=1e-12)
    assert shop.utilisation == pytest.approx(2 / 3, rel=1e-12)


@shops
def test_the_shop_has_the_moments_of_its_chain(load, servers):
    p, shop = occupancy(load, servers), repair_shop(load / 7.0, 7.0, servers)
    mean = N @ p
    assert shop.mean == pytest.approx(mean, rel=1e-10)
    assert shop.variance == pytest.approx(N**2 @ p - mean**2, rel=1e-9)
    assert shop.wait_probability == pytest.approx(p[servers:].sum(), rel=1e-10)
    assert shop.turnaround == pytest.approx(mean / load * 7.0, rel=1e-10)  # Little


@shops
def test_the_backorders_are_those_of_the_chain(load, servers):
    p, S = occupancy(load, servers), np.arange(25)
    short = np.maximum(N - S[:, None], 0)
    mean, variance = shop_backorders(load / 7.0, 7.0, servers, S)
    np.testing.assert_allclose(mean, short @ p, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(variance, short**2 @ p - (short @ p) ** 2, rtol=1e-7, atol=1e-13)


@pytest.mark.parametrize(("load", "servers"), [(0.5, 1), (2.0, 3), (1.0, 2), (9.0, 10)])
def test_the_turnaround_is_the_wait_behind_the_queue_and_the_repair(load, servers):
    # found n >= c units: the wait is n - c + 1 departures of all servers; load 1 of 2: both alike
    p = occupancy(load, servers)
    for t in (0.3, 1.0, 4.0):
        late = p[:servers].sum() * np.exp(-t)
        for n in range(servers, servers + 300):
            wait = stats.gamma(n - servers + 1, scale=1 / servers)
            if p[n] < 1e-13:
                break
            ends = integrate.quad(lambda w, x=wait, t=t: x.pdf(w) * np.exp(w - t), 0, t)[0]
            late += p[n] * (wait.sf(t) + ends)
        assert turnaround_beyond(load, 1.0, servers, t) == pytest.approx(late, rel=1e-7)


@shops
def test_the_turnaround_has_its_mean(load, servers):
    mean = integrate.quad(
        lambda x: float(turnaround_beyond(load / 7, 7.0, servers, x / (1 - x))) / (1 - x) ** 2,
        0,
        1,
        epsrel=1e-10,
        limit=200,
    )[0]
    assert mean == pytest.approx(float(repair_shop(load / 7, 7.0, servers).turnaround), rel=1e-7)


def test_many_servers_are_palms_model():
    S = np.arange(12)
    mean, variance = shop_backorders(2.0, 1.5, 400, S)
    table = count_table(3.0, 3.0, 11)
    np.testing.assert_allclose(mean, table.backorders, rtol=1e-9)
    expected = table.squared_backorders - table.backorders**2
    np.testing.assert_allclose(variance, expected, rtol=1e-8)
    assert turnaround_beyond(2.0, 1.5, 400, 3.0) == pytest.approx(np.exp(-2), rel=1e-12)


def test_a_large_shop_and_a_tiny_load_neither_overflow_nor_vanish():
    shop = repair_shop([1e-6, 9990.0, 0.0], 1.0, 10_000)
    np.testing.assert_allclose(shop.mean[:2], [1e-6, 9990.0], rtol=0.2)
    assert (shop.variance >= 0).all()
    assert shop.mean[2] == shop.variance[2] == 0
    mean, _ = shop_backorders([1e-6, 9990.0, 0.0], 1.0, 10_000, 1)
    assert (mean >= 0).all()
    assert mean[2] == 0


@pytest.mark.parametrize("share", [0.0, 0.1, 0.7, 1.0])
@shops
def test_a_parts_units_in_a_shared_shop_are_split_at_random(load, servers, share):
    p = occupancy(load, servers)
    mean = share * (N @ p)
    second = (N * share * (1 - share) + (N * share) ** 2) @ p
    got_mean, got_variance = shared_shop(load / 7, 7.0, servers, share)
    assert got_mean == pytest.approx(mean, rel=1e-9)
    assert got_variance == pytest.approx(second - mean**2, rel=1e-8)


@pytest.mark.parametrize("use", [0.5, 0.8, 0.95])
def test_the_law_of_two_moments_of_a_shop_is_within_the_documented_error(use):
    servers, S = np.array([1, 2, 3, 5, 10, 20])[:, None], np.arange(61)
    shop = repair_shop(use * servers, 1.0, servers)
    exact = shop_backorders(use * servers, 1.0, servers, S)[0]
    table = count_table(shop.mean[:, 0], shop.variance[:, 0], 60)
    errors = np.abs(table.backorders - exact) / shop.mean
    assert errors[0].max() <= 1e-9  # one server: geometric
    assert errors.max() <= 0.03
    poisson = count_table(shop.mean[:, 0], shop.mean[:, 0], 60)
    assert 0.1 <= (np.abs(poisson.backorders - exact) / shop.mean).max() <= 0.3


def field_error(servers, use, S0, share, moving):
    """Errors of the fitted law of a field depot behind a shop's stock, against exact sums."""
    x, p = np.arange(200), occupancy(servers * use, servers)
    owed = np.append(p[: S0 + 1].sum(), p[S0 + 1 : 800])  # P(the centre owes 0, 1, 2, ...)
    split = owed @ stats.binom.pmf(x, np.arange(owed.size)[:, None], share)
    pipeline = np.convolve(split, stats.poisson.pmf(x, moving))[:200]
    exact = np.maximum(x - np.arange(12)[:, None], 0) @ pipeline
    central = shop_backorders(use, servers, servers, S0)
    table = count_table(*vari_metric(moving, 1.0, share, *central), 11)
    second = np.maximum(x - np.arange(12)[:, None], 0) ** 2 @ pipeline
    assert table.backorders[0] == pytest.approx(exact[0], rel=1e-4)  # cut at 200 and 800 units
    assert table.squared_backorders[0] == pytest.approx(second[0], rel=1e-3)
    return np.abs(table.backorders - exact).max() / exact[0]


@pytest.mark.parametrize(("use", "documented"), [(0.5, 0.02), (0.8, 0.12), (0.95, 0.07)])
def test_field_depots_behind_a_repair_shop_are_within_the_documented_error(use, documented):
    cases = product((1, 3, 10), (0, 3, 8, 20), (0.05, 0.2, 0.5), (0.2, 2.0))
    errors = [field_error(servers, use, S0, f, moving) for servers, S0, f, moving in cases]
    assert max(errors) <= documented


def loop_measures(M, S, c, life, repair, out, back):
    """Solve the generator over (on the way out, in the shop, on the way back)."""
    total = M + S
    states = [s for s in product(range(total + 1), repeat=3) if sum(s) <= total]
    number = {s: i for i, s in enumerate(states)}
    Q = np.zeros((len(states), len(states)))
    for s in states:
        i, (o, w, b) = number[s], s
        for rate, to in (
            (min(M, total - sum(s)) / life, (o + 1, w, b)),
            (o / out, (o - 1, w + 1, b)),
            (min(w, c) / repair, (o, w - 1, b + 1)),
            (b / back, (o, w, b - 1)),
        ):
            if rate:
                Q[i, number[to]] += rate
                Q[i, i] -= rate
    equations = np.vstack([Q.T, np.ones(len(states))])
    p = np.linalg.lstsq(equations, np.append(np.zeros(len(states)), 1.0), rcond=None)[0]
    away = np.array([sum(s) for s in states])
    return np.bincount(away, p), np.array([s[1] for s in states]) @ p


@pytest.mark.parametrize(("M", "S", "c"), [(1, 0, 1), (3, 2, 1), (5, 1, 2), (4, 4, 3)])
def test_the_closed_loop_is_its_markov_chain(M, S, c):
    p, in_shop = loop_measures(M, S, c, life=20.0, repair=6.0, out=3.0, back=5.0)
    loop = closed_loop(M, S, c, 20.0, 6.0, 8.0)
    np.testing.assert_allclose(loop.probability, p, atol=1e-11)
    n = np.arange(M + S + 1)
    assert loop.backorders == pytest.approx(np.maximum(n - S, 0) @ p, rel=1e-9)
    assert loop.failed - loop.failure_rate * 8.0 == pytest.approx(in_shop, rel=1e-9)


def test_a_loop_without_transport_is_the_repairman_model():
    arguments = [[[3], [40]], [0, 2, 9], [1, 2, 60], 20.0, 6.0]
    loop, model = closed_loop(*arguments, 0.0), machine_repair(*arguments)
    np.testing.assert_allclose(loop.probability, model.probability, rtol=1e-10, atol=1e-300)


def test_a_loop_without_repair_time_has_ample_servers():
    loop, model = closed_loop(6, 2, 1, 30.0, 0.0, 20.0), machine_repair(6, 2, 8, 30.0, 20.0)
    np.testing.assert_allclose(loop.probability, model.probability, rtol=1e-10)
    assert closed_loop(6, 2, 1, 30.0, 0.0, 0.0).availability == 1


def test_many_machines_make_the_loop_an_open_shop():
    M, rate = 2000, 0.8
    loop = closed_loop(M, 0, 2, M / rate, 2.0, 0.0)
    # each unit in the shop takes 1/M off the rate, and queues amplify that tenfold
    assert loop.failed == pytest.approx(float(repair_shop(rate, 2.0, 2).mean), rel=0.02)


wrong = pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1.0, 1.0, 1), "rate: expected finite numbers >= 0, got -1"),
        ((1.0, 0.0, 1), "repair_time: expected finite numbers > 0, got 0"),
        ((1.0, 1.0, 1.5), "servers: expected whole numbers >= 1, got 1.5"),
        ((2.0, 1.5, 3), "servers: expected more than the load 3, got 3"),
        ((np.ones(2), np.ones(3), 9), "expected shapes that broadcast, got rate"),
    ],
)


@wrong
def test_wrong_arguments_of_a_shop_are_named(arguments, message):
    for call in (
        lambda: repair_shop(*arguments),
        lambda: turnaround_beyond(*arguments, 1.0),
        lambda: shop_backorders(*arguments, 1),
        lambda: shared_shop(*arguments, 0.5),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_levels_shares_and_times_that_are_none_are_named():
    with pytest.raises(ValueError, match=r"base_stock: expected whole numbers >= 0, got 0.5"):
        shop_backorders(0.5, 1.0, 1, 0.5)
    with pytest.raises(ValueError, match=r"share: expected numbers from 0 to 1, got 1.1"):
        shared_shop(0.5, 1.0, 1, 1.1)
    with pytest.raises(ValueError, match="t: expected finite numbers >= 0, got nan"):
        turnaround_beyond(0.5, 1.0, 1, np.nan)
    with pytest.raises(ValueError, match="transport_time: expected finite numbers >= 0, got -1"):
        closed_loop(1, 0, 1, 1.0, 1.0, -1.0)

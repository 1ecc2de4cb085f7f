"""Waits against orders followed one by one, waits of zero, and Little's law."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate

from partsim.analytic.compound import compound_table
from partsim.analytic.periodic_review import periodic_review_measures
from partsim.analytic.policies import reorder_point_measures
from partsim.analytic.stock_point import wait_at_most
from partsim.analytic.waits import (
    batch_wait_at_most,
    periodic_review_wait_at_most,
    reorder_point_wait_at_most,
    wait_without_stock,
)
from partsim.lifetimes import Exponential, Fixed, Gamma, Shifted
from tests.simulation.test_against_theory import agree

SIZES = np.array([0.0, 0.4, 0.3, 0.0, 0.2, 0.1])
RATE, LEAD = 0.5, 8.0
WAITS = np.array([0.0, 1.5, 4.0, 7.0])


def customers(random, n):
    """Times and sizes of orders, and the order of each unit."""
    t = np.cumsum(random.exponential(1 / RATE, n))
    size = random.choice(SIZES.size, size=n, p=SIZES)
    return t, size, np.repeat(np.arange(n), size)


def followed_lots(seed, r, Q):
    """Waits of the units of orders: the u-th unit goes to the u-th demanded."""
    random = np.random.default_rng(seed)
    t, size, order = customers(random, 1500)
    start = r + random.integers(1, Q + 1)
    supplied = start + Q * np.maximum(np.ceil((r + 1 - start + np.cumsum(size)) / Q), 0)
    unit = np.arange(1, order.size + 1)
    unit = unit[order < 1200]  # the last ones may wait for orders beyond the end
    ordered = np.append(t, np.inf)[np.searchsorted(supplied, unit)]
    received = np.where(unit <= start, -np.inf, ordered + LEAD)
    order = order[: unit.size]
    wait = np.maximum(received - t[order], 0.0)
    kept = order >= 200
    return wait[kept], order[kept]


@pytest.mark.parametrize(("r", "Q"), [(4, 1), (-1, 1), (2, 7), (-1, 12), (9, 3)])
def test_units_of_orders_followed_one_by_one_wait_that_long(r, Q):
    # 120 replications of 1000 orders, 99.9 % intervals
    played = [followed_lots(seed, r, Q) for seed in range(120)]
    law = batch_wait_at_most(RATE, SIZES, r, Q, WAITS, LEAD)
    for i, tau in enumerate(WAITS):
        met = {"first": [], "unit": [], "order": []}
        for wait, order in played:
            begins = np.flatnonzero(np.diff(order, prepend=-1))
            met["first"].append((wait[begins] <= tau).mean())
            met["unit"].append((wait <= tau).mean())
            met["order"].append((np.maximum.reduceat(wait, begins) <= tau).mean())
        for name, shares in met.items():
            assert agree(getattr(law, name)[i], shares), (name, tau)


def followed_reviews(seed, review, S):
    """Waits of single units whose orders go out at the next review."""
    random = np.random.default_rng(seed)
    t = review * random.random() + np.cumsum(random.exponential(1 / RATE, 1500))
    ordered = np.ceil(np.concatenate([np.full(S, -np.inf), t]) / review) * review
    return np.maximum(ordered[: t.size] + LEAD - t, 0.0)[100:]


@pytest.mark.parametrize(("review", "S"), [(7.0, 0), (7.0, 5), (1.0, 4), (30.0, 12)])
def test_units_followed_through_reviews_wait_that_long(review, S):
    # 150 replications of 1400 units, 99.9 % intervals
    played = [followed_reviews(seed, review, S) for seed in range(150)]
    waits = np.array([0.0, 3.0, 7.5, LEAD, LEAD + 0.4 * review])
    law = periodic_review_wait_at_most(RATE, review, S, waits, LEAD)
    for tau, expected in zip(waits, law, strict=True):
        shares = [(wait <= tau).mean() for wait in played]
        # Where nobody waited, rarer waits than 21,000 units show are left open.
        assert agree(expected, shares) or (min(shares) == 1 and 1 - expected < 1e-4)


def mean_wait(law, longest):
    return integrate.quad(lambda tau: 1 - float(law(tau)), 0.0, longest, limit=200)[0]


@pytest.mark.parametrize(("r", "Q"), [(-1, 1), (-1, 6), (3, 1), (2, 9)])
def test_the_mean_waits_under_lots_are_littles(r, Q):
    owed = float(reorder_point_measures(RATE * LEAD, RATE * LEAD, r, Q).backorders)
    wait = mean_wait(lambda tau: reorder_point_wait_at_most(RATE, r, Q, tau, LEAD), LEAD)
    assert wait == pytest.approx(owed / RATE, rel=1e-9)
    batches = compound_table(RATE * LEAD, SIZES, r + Q).backorders
    owed = batches[r + 1 :].mean()
    wait = mean_wait(lambda tau: batch_wait_at_most(RATE, SIZES, r, Q, tau, LEAD).unit, LEAD)
    assert wait == pytest.approx(owed / (RATE * (SIZES @ np.arange(6))), rel=1e-9)


@pytest.mark.parametrize(("review", "S"), [(7.0, 0), (7.0, 5), (0.5, 3), (40.0, 20)])
def test_the_mean_wait_under_reviews_is_littles(review, S):
    owed = float(periodic_review_measures(RATE, LEAD, review, S).backorders)
    parts = [0.0, LEAD, LEAD + review]
    late = [
        integrate.quad(
            lambda tau: 1 - float(periodic_review_wait_at_most(RATE, review, S, tau, LEAD)), *ends
        )[0]
        for ends in pairwise(parts)
    ]
    assert sum(late) == pytest.approx(owed / RATE, rel=1e-9)


def test_no_wait_at_all_is_the_fill_rate():
    r, Q, S = np.arange(-1, 9), np.array([[1], [5]]), np.arange(9)
    got = reorder_point_wait_at_most(RATE, r, Q, 0.0, LEAD)
    np.testing.assert_allclose(got, reorder_point_measures(4.0, 4.0, r, Q).fill_rate, atol=1e-14)
    got = periodic_review_wait_at_most(RATE, 7.0, S, 0.0, LEAD)
    expected = periodic_review_measures(RATE, LEAD, 7.0, S).fill_rate
    np.testing.assert_allclose(got, expected, atol=1e-14)


def test_single_units_one_for_one_are_a_base_stock():
    tau, S = np.array([[0.0], [3.0], [7.9], [8.0], [20.0]]), np.arange(10)
    expected = wait_at_most(RATE, S, tau, Fixed(LEAD))
    single = reorder_point_wait_at_most(RATE, S - 1, 1, tau, LEAD)
    np.testing.assert_allclose(single, expected, atol=1e-12)
    batches = batch_wait_at_most(RATE, [0, 1.0], S - 1, 1, tau, LEAD)
    for share in (batches.first, batches.unit, batches.order):
        np.testing.assert_allclose(share, expected, atol=1e-12)
    often = periodic_review_wait_at_most(RATE, 1e-7, S, tau, LEAD)
    near = np.abs(tau - LEAD) > 1e-6  # a review later than the lead time is too late
    np.testing.assert_allclose(often[near[:, 0]], expected[near[:, 0]], atol=1e-6)


def test_batches_of_one_under_lots_are_single_units():
    r, Q, tau = np.array([-1, 3, 8]), np.array([[1], [4], [25]]), 2.5
    batches = batch_wait_at_most(RATE, [0, 1.0], r, Q, tau, LEAD)
    expected = reorder_point_wait_at_most(RATE, r, Q, tau, LEAD)
    np.testing.assert_allclose(batches.unit, expected, atol=1e-12)


def test_the_limits_are_right():
    for law in (
        lambda rate, r, tau, L: batch_wait_at_most(rate, SIZES, r, 1, tau, L).order,
        lambda rate, r, tau, L: reorder_point_wait_at_most(rate, r, 1, tau, L),
    ):
        assert float(law(2.0, -1, 0.0, 0.0)) == 1.0  # no lead time
        assert law(2.0, -1, [7.9, 8.0], LEAD).tolist() == [0.0, 1.0]  # no stock
        assert float(law(0.0, 4, 0.0, LEAD)) == pytest.approx(1.0, abs=1e-14)  # no demand
        assert float(law(0.5, 20_000, 0.0, LEAD)) == pytest.approx(1.0, abs=1e-11)
    late = periodic_review_wait_at_most(0.5, 10.0, 0, [0.0, 8.0, 13.0, 18.0], LEAD)
    np.testing.assert_allclose(late, [0.0, 0.0, 0.5, 1.0], atol=1e-14)
    assert float(periodic_review_wait_at_most(0.5, 10.0, 10**9, 0.0, LEAD)) == 1.0
    rare = periodic_review_wait_at_most(1e-12, 10.0, [0, 1], 0.0, LEAD)
    np.testing.assert_allclose(rare, [0.0, 1.0], atol=1e-10)


def test_lots_that_never_leave_their_steps_are_refused():
    batch_wait_at_most(RATE, [0, 0, 1.0], 3, [1, 3], 0.0, LEAD)
    batch_wait_at_most(RATE, [0, 0, 0.5, 0.5], 3, 6, 0.0, LEAD)
    with pytest.raises(ValueError, match=r"order_quantity: .* got 6, all multiples of 2"):
        batch_wait_at_most(RATE, [0, 0, 0.5, 0, 0.5], 3, [1, 6], 0.0, LEAD)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({0: -1.0}, "_rate: expected finite numbers >"),
        ({1: -2}, "reorder_point: expected whole numbers >= -1, got -2"),
        ({2: 0}, "order_quantity: expected whole numbers >= 1, got 0"),
        ({3: -0.1}, "wait: expected finite numbers >= 0, got -0.1"),
        ({4: np.inf}, "lead_time: expected finite numbers >= 0, got inf"),
        ({1: [1, 2], 2: [1, 2, 3]}, "expected shapes that broadcast"),
    ],
)
def test_wrong_arguments_are_named(changed, message):
    rate, *rest = [changed.get(i, right) for i, right in enumerate((1.0, 1, 1, 0.0, 2.0))]
    with pytest.raises(ValueError, match=message):
        reorder_point_wait_at_most(rate, *rest)
    with pytest.raises(ValueError, match=message):
        batch_wait_at_most(rate, SIZES, *rest)


def test_wrong_reviews_are_named():
    with pytest.raises(ValueError, match="review_interval: expected finite numbers > 0, got 0"):
        periodic_review_wait_at_most(1.0, 0.0, 1, 0.0, 1.0)
    with pytest.raises(ValueError, match="level: expected whole numbers >= 0, got -1"):
        periodic_review_wait_at_most(1.0, 1.0, -1, 0.0, 1.0)
    with pytest.raises(ValueError, match="batch_size: expected one row of probabilities"):
        batch_wait_at_most(1.0, [0, 0.5], 1, 1, 0.0, 1.0)


def receipts_in_turn(random, rate, lead_time, n=4000):
    """Follow demands without stock: each gets the receipt of its turn; give their waits."""
    t = np.cumsum(random.exponential(1 / rate, n))
    waits = np.sort(t + lead_time.quantile(random.random(n))) - t
    return waits[n // 4 : -n // 4]


@pytest.mark.parametrize("rate", [0.02, 0.5, 3.0])
@pytest.mark.parametrize(
    "lead_time",
    [
        Exponential(mean=6.0),
        Gamma.from_cv(6.0, 0.4),
        Fixed(6.0),
        Shifted(Exponential(mean=4.0), 2.0),
    ],
)
def test_waits_without_stock_are_those_of_demands_followed_one_by_one(lead_time, rate):
    taus = np.array([5.0, 5.9, 6.0, 7.0])
    runs = [receipts_in_turn(np.random.default_rng(seed), rate, lead_time) for seed in range(60)]
    exact = wait_without_stock(rate, lead_time, taus)
    for tau, value in zip(taus, exact, strict=True):
        # Receipts are sums with rounding: a wait of exactly tau must count as one.
        assert agree(value, [np.mean(waits <= tau + 1e-9) for waits in runs])


def test_waits_without_stock_have_the_mean_of_the_lead_time():
    lead_time = Gamma.from_cv(6.0, 0.7)
    for rate in (0.0, 0.4, 20.0):
        longer, _ = integrate.quad(lambda t, r=rate: 1 - wait_without_stock(r, lead_time, t), 0, 90)
        assert longer == pytest.approx(6.0, rel=1e-7)
    with pytest.raises(ValueError, match="order_rate: expected"):
        wait_without_stock(-1.0, lead_time, 1.0)

"""Units that come ahead of a demand: against the law of one stock point, and demands one by one."""

import numpy as np
import pytest

from partsim.analytic.overtaking import UnitsAhead, orders_ahead, units_ahead, with_overtaking
from partsim.analytic.stock_point import wait_at_most
from partsim.analytic.two_echelon import central_table
from partsim.lifetimes import Exponential, Gamma, Shifted
from tests.analytic.test_order_units import orders
from tests.simulation.agreement import agree

LEAD_TIMES = [Exponential(10.0), Gamma.from_cv(10.0, 0.4), Shifted(Exponential(4.0), 6.0)]
LAGS = np.array([0.0, 1.0, 6.0, 9.0, 12.0, 30.0])


def table(rate, lead_time, levels, lags=LAGS):
    ahead = units_ahead(rate, 1.0, 1, lead_time, lags)
    left = rate * lead_time.excess(lags)
    plain = central_table(left, left, 1, levels + ahead.of_order.shape[1] - 1)
    return with_overtaking(plain, ahead, levels)


@pytest.mark.parametrize("rate", [0.0, 0.003, 0.4, 2.0])
@pytest.mark.parametrize("lead_time", LEAD_TIMES)
def test_who_is_served_by_then_has_waited_no_longer(lead_time, rate):
    levels = int(20 * rate) + 12
    expected = wait_at_most(rate, np.arange(levels + 1), LAGS[1:, None], lead_time)
    np.testing.assert_allclose(table(rate, lead_time, levels).ready[1:], expected, atol=1e-12)


@pytest.mark.parametrize("lead_time", LEAD_TIMES)
def test_nobody_comes_ahead_without_a_lag(lead_time):
    left = np.atleast_1d(0.4 * lead_time.mean)
    found, plain = table(0.4, lead_time, 9), central_table(left, left, 1, 9)
    for name in ("backorders", "backorder_variance", "ready"):
        np.testing.assert_allclose(getattr(found, name)[:1], getattr(plain, name), atol=1e-14)
    assert orders_ahead(0.4, 3, lead_time, [0.0]).tolist() == [[1.0]]


def followed(random, rate, level, lead_time, lags, n=900):
    """Give moments of what is owed before demands at lags after them, and whom is served."""
    asked = np.cumsum(random.exponential(1 / rate, n))
    come = np.sort(asked + lead_time.quantile(random.random(n)))
    middle = np.arange(n // 3, 2 * n // 3)
    served = level + np.searchsorted(come, asked[middle] + lags[:, None], side="right")
    owed = np.maximum(middle - served, 0)
    return owed.mean(axis=1), (owed**2).mean(axis=1), (served > middle).mean(axis=1)


@pytest.mark.parametrize("level", [0, 1, 4])
@pytest.mark.parametrize("lead_time", LEAD_TIMES)
def test_what_is_owed_is_that_of_demands_followed_one_by_one(lead_time, level):
    random, rate = np.random.default_rng(5), 0.6
    runs = np.array([followed(random, rate, level, lead_time, LAGS) for _ in range(200)])
    found = table(rate, lead_time, level)
    owed, variance = found.backorders[:, -1], found.backorder_variance[:, -1]
    laws = np.array([owed, variance + owed**2, found.ready[:, -1]])
    for expected, played in zip(laws.ravel(), runs.reshape(200, -1).T, strict=True):
        # Where no run had any, rarer ones than 60,000 demands show are left open.
        assert agree(expected, played) or (np.ptp(played) == 0 and abs(expected - played[0]) < 1e-4)


def followed_orders(random, rate, ratio, lead_time, n=4000):
    """Give for units of orders of logarithmic sizes, each with a time of its own, what is ahead.

    Of the units after the first of its order, and after itself, those that came within each lag.
    """
    asked = np.cumsum(random.exponential(1 / orders(rate, ratio), n))
    asked = np.repeat(asked, random.logseries(1 - 1 / ratio, n))
    come = asked + lead_time.quantile(random.random(len(asked)))
    unit = random.integers(len(asked) // 4, len(asked) // 2, 300)
    first = np.searchsorted(asked, asked[unit])
    near = np.arange(1000)
    for_order = np.array(
        [[(come[i + near] <= asked[i] + lag).sum() for lag in LAGS] for i in first]
    )
    return for_order, for_order - (unit - first)[:, None]


@pytest.mark.parametrize("ratio", [1.5, 4.0])
@pytest.mark.parametrize("lead_time", LEAD_TIMES[:2])
def test_units_ahead_of_orders_are_those_of_orders_followed_one_by_one(lead_time, ratio):
    random = np.random.default_rng(8)
    runs = [followed_orders(random, 0.6, ratio, lead_time) for _ in range(60)]
    found = units_ahead(0.6, ratio, 1, lead_time, LAGS)
    laws = ((found.of_order, 0), (found.of_unit, found.first))
    for (law, start), played in zip(laws, zip(*runs, strict=True), strict=True):
        count = start + np.arange(law.shape[1])
        np.testing.assert_allclose(law.sum(axis=1), 1.0, atol=1e-10)
        for power in (1, 2):
            expected = law @ count.astype(float) ** power
            means = np.array([(run.astype(float) ** power).mean(axis=0) for run in played])
            for lag in range(len(LAGS)):
                assert agree(expected[lag], means[:, lag]) or np.ptp(means[:, lag]) == 0


@pytest.mark.parametrize("lead_time", LEAD_TIMES[:2])
def test_the_law_of_the_own_order_is_exact(lead_time):
    random, rate = np.random.default_rng(9), 1e-7  # nobody else orders
    runs = [followed_orders(random, rate, 4.0, lead_time)[1] for _ in range(60)]
    found = units_ahead(rate, 4.0, 1, lead_time, LAGS)
    for most in (-4, -1, 0, 1, 3):
        expected = found.of_unit[:, : most - found.first + 1].sum(axis=1)
        means = np.array([(run <= most).mean(axis=0) for run in runs])
        for lag in range(len(LAGS)):
            sure = np.ptp(means[:, lag]) == 0 and abs(expected[lag] - means[0, lag]) < 1e-4
            assert sure or agree(expected[lag], means[:, lag])


@pytest.mark.parametrize("excess", [1e-9, 2e-6])
def test_orders_of_hardly_more_than_a_unit_are_single_ones(excess):
    one, near = (units_ahead(0.6, ratio, 1, LEAD_TIMES[1], LAGS) for ratio in (1.0, 1 + excess))
    n = one.of_order.shape[1]
    np.testing.assert_allclose(near.of_order[:, :n], one.of_order, atol=1e-5)
    from_none = near.of_unit[:, -near.first :]
    np.testing.assert_allclose(from_none[:, :n], one.of_unit, atol=1e-5)


def test_lots_bring_units_by_the_lot_and_orders_have_units_before():
    orders_of_three = orders_ahead(0.6, 3, LEAD_TIMES[0], LAGS)
    found = units_ahead(0.6, 2.0, 3, LEAD_TIMES[0], LAGS)
    np.testing.assert_allclose(found.of_order[:, ::3], orders_of_three, atol=0)
    mean = found.of_unit @ (found.first + np.arange(found.of_unit.shape[1]))
    expected = found.of_order @ np.arange(found.of_order.shape[1]) - 0.5  # (v - 1) / 2 before
    np.testing.assert_allclose(mean, expected, atol=1e-9)


@pytest.mark.parametrize("lot", [1, 5])
def test_the_law_is_whole_and_brings_the_units_that_were_ordered(lot):
    law = Gamma.from_cv(10.0, 1.2)
    for rate in (1e-9, 0.5, 40.0):
        ahead = orders_ahead(rate, lot, law, LAGS)
        np.testing.assert_allclose(ahead.sum(axis=1), 1.0, atol=1e-12)
        units = rate * (LAGS - 10 + law.excess(LAGS)) + 1 - law.survival(LAGS)
        brought = lot * (ahead @ np.arange(ahead.shape[1]))
        np.testing.assert_allclose(brought, units, rtol=1e-9, atol=1e-12)


def test_a_table_need_not_go_beyond_what_anybody_waits_for():
    left, law = 2.0 * Gamma.from_cv(10.0, 0.4).excess(LAGS), np.full((len(LAGS), 57), 1 / 57)
    ahead = UnitsAhead(law, law, 0)
    short, long = (
        with_overtaking(central_table(left, left, 7, levels), ahead, 30) for levels in (80, 90)
    )
    for name in ("backorders", "backorder_variance", "ready"):
        np.testing.assert_allclose(getattr(short, name), getattr(long, name), atol=1e-10)


@pytest.mark.parametrize(("rate", "lag"), [(-1.0, 1.0), (1.0, -1.0), (np.nan, 1.0)])
def test_wrong_arguments_are_named(rate, lag):
    with pytest.raises(ValueError, match=r"(demand_rate|lags): expected finite numbers >= 0"):
        orders_ahead(rate, 1, Exponential(1.0), [lag])
    with pytest.raises(ValueError, match="lot: expected 1 or more, got 0"):
        orders_ahead(1.0, 0, Exponential(1.0), [1.0])

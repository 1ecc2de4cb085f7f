"""Order quantities against published numbers."""

import numpy as np
import pytest

from partsim.analytic.order_quantities import (
    all_units_discount,
    backorder_order_quantity,
    disruption_order_quantity,
    economic_order_quantity,
    incremental_discount,
    production_batch,
)

LIMITS, PRICES = np.array([0.0, 400.0, 800.0]), np.array([0.75, 0.72, 0.68])


def test_the_lot_of_snyder_and_shen_example_3_1():
    # K = 8 per order, h = 0.225 per unit and year, 1300 units per year
    assert float(economic_order_quantity(1300, 8, 0.225)) == pytest.approx(304.047, abs=5e-4)


def test_no_lot_near_it_costs_less():
    rate, order, holding = 730.0, 50.0, 252.0
    best = float(economic_order_quantity(rate, order, holding))
    lots = best * np.array([0.5, 0.9, 0.99, 1.0, 1.01, 1.1, 2.0])
    assert np.argmin(order * rate / lots + holding * lots / 2) == 3


def test_free_orders_and_no_demand_give_no_lot():
    assert economic_order_quantity([0.0, 10.0], [5.0, 0.0], 1.0).tolist() == [0.0, 0.0]


def test_no_lot_with_backorders_costs_less():
    K, rate, h, b = 8.0, 1300.0, 0.225, 5.0
    lot, share = backorder_order_quantity(rate, K, h, b)
    Q, x = np.linspace(200, 400, 401)[:, None], np.linspace(0, 0.2, 401)

    def cost(Q, x):
        return K * rate / Q + h * Q * (1 - x) ** 2 / 2 + b * Q * x**2 / 2

    assert cost(lot, share) <= cost(Q, x).min()
    assert cost(lot, share) == pytest.approx(cost(Q, x).min(), rel=1e-5)


def test_no_production_batch_costs_less():
    K, rate, made, h = 8.0, 1300.0, 2000.0, 0.225
    Q = np.linspace(100, 1500, 14_001)
    cost = K * rate / Q + h * (1 - rate / made) * Q / 2
    best = float(production_batch(rate, made, K, h))
    assert abs(best - Q[np.argmin(cost)]) <= 0.1


@pytest.mark.parametrize("order_cost", [0.5, 8.0, 30.0, 200.0])
@pytest.mark.parametrize("rate", [0.0, 20.0, 400.0, 1300.0])
def test_no_lot_at_discounts_costs_less(rate, order_cost):
    Q = np.unique(np.append(np.linspace(1, 6000, 60_001), LIMITS[1:]))
    level = np.searchsorted(LIMITS, Q, side="right") - 1
    one_price = PRICES[level] * Q
    lower = np.array([0, *np.cumsum(PRICES[:-1] * np.diff(LIMITS))])
    by_parts = lower[level] + PRICES[level] * (Q - LIMITS[level])
    for discount, paid in ((all_units_discount, one_price), (incremental_discount, by_parts)):
        cost = (order_cost + paid) * rate / Q + 0.3 * paid / 2
        lot, least = discount(rate, order_cost, 0.3, LIMITS, PRICES)
        if rate == 0:
            assert (lot, least) == (0.0, 0.0)
        elif lot >= 1:
            assert least <= cost.min() * (1 + 1e-12)
            assert least == pytest.approx(cost.min(), rel=1e-4)


@pytest.mark.parametrize(("disruptions", "recoveries"), [(0.0, 5.0), (1.5, 14.0), (20.0, 1.0)])
@pytest.mark.parametrize("lost", [0.0, 0.2, 5.0, 100.0])
def test_no_lot_under_disruptions_costs_less(lost, disruptions, recoveries):
    rate, K, h = 1300.0, 8.0, 0.225
    Q = np.geomspace(0.1, 1e6, 200_001)
    both = disruptions + recoveries
    down = disruptions / both * -np.expm1(-both * Q / rate) / recoveries
    cost = (K + h * Q**2 / (2 * rate) + lost * rate * down) / (Q / rate + down)
    lot, least = disruption_order_quantity(rate, K, h, lost, disruptions, recoveries)
    assert float(least) == pytest.approx(cost.min(), rel=1e-7)
    assert abs(np.log(float(lot) / Q[np.argmin(cost)])) <= 1e-3


def test_supply_that_never_fails_leaves_the_economic_lot():
    lot, cost = disruption_order_quantity(1300, 8, 0.225, 5, 0.0, 14.0)
    assert float(lot) == pytest.approx(float(economic_order_quantity(1300, 8, 0.225)), rel=1e-6)
    assert float(cost) == pytest.approx((2 * 8 * 1300 * 0.225) ** 0.5, rel=1e-12)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"demand_rate: expected finite numbers >= 0, got -1.0"):
        economic_order_quantity(-1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match=r"holding_cost: expected finite numbers > 0, got 0.0"):
        backorder_order_quantity(1.0, 1.0, 0.0, 1.0)
    with pytest.raises(ValueError, match=r"production_rate: expected more than demand_rate = 5.0"):
        production_batch(5.0, 5.0, 1.0, 1.0)
    with pytest.raises(ValueError, match=r"prices: expected 3 falling prices"):
        all_units_discount(1.0, 1.0, 1.0, LIMITS, PRICES[::-1])
    with pytest.raises(ValueError, match=r"least_quantities: expected numbers that rise from 0"):
        incremental_discount(1.0, 1.0, 1.0, LIMITS + 1, PRICES)
    with pytest.raises(ValueError, match=r"recovery_rate: expected finite numbers > 0, got nan"):
        disruption_order_quantity(1.0, 1.0, 1.0, 1.0, 1.0, np.nan)

"""Order quantities against published numbers."""

import numpy as np
import pytest

from partsim.analytic.order_quantities import economic_order_quantity


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

"""Variance of demand in orders of several units: against arithmetic and direct sampling."""

import numpy as np
import pytest

from partsim.demand.order_variance import order_ratios, pipeline_ratios, resupply_ratio
from partsim.lifetimes import Exponential, Fixed, Gamma, Shifted
from partsim.model.ordered_units import OrderedUnits


def test_units_of_one_order_that_come_together_keep_its_variance():
    assert resupply_ratio([1.0, 4.0], Fixed(30.0)).tolist() == [1, 4]
    assert resupply_ratio(4.0, Fixed(0.0)) == 4


@pytest.mark.parametrize(
    ("lead_time", "shorter"),
    [
        (Exponential(30.0), 0.5),
        (Shifted(Exponential(20.0), 10.0), (10 + 10) / 30),
        (Gamma.from_cv(30.0, 0.5), 1 - 0.2734375),  # shape 4: E|L1 - L2| / 2 by the beta function
    ],
)
def test_units_with_lead_times_of_their_own_lose_part_of_it(lead_time, shorter):
    # The ends of the quantile are what the rule of 64 points misses: 1e-4, as it says.
    assert resupply_ratio(4.0, lead_time) == pytest.approx(1 + 3 * shorter, rel=1e-4)


def test_units_under_way_vary_as_said():
    random = np.random.default_rng(1)
    rate, ratio, mean, days = 0.2, 5.0, 20.0, 400_000
    orders = random.poisson(rate * np.log(ratio) / (ratio - 1) * days)
    begin = np.repeat(random.uniform(0, days, orders), random.logseries(1 - 1 / ratio, orders))
    end = begin + random.exponential(mean, len(begin))
    looks = np.arange(500.0, days - 500, 100.0)  # five mean lead times apart: independent
    under_way = np.searchsorted(np.sort(begin), looks) - np.searchsorted(np.sort(end), looks)
    batches = np.array_split(under_way, 40)
    ratios = [batch.var(ddof=1) / batch.mean() for batch in batches]
    error = np.std(ratios, ddof=1) / np.sqrt(40)
    expected = resupply_ratio(ratio, Exponential(mean))
    assert abs(np.mean(ratios) - expected) < 3 * error
    assert error < 0.1


def test_each_part_has_the_lead_time_of_its_own():
    ratios = pipeline_ratios(np.full((3, 2), 3.0), [Fixed(5.0), Exponential(5.0), Fixed(5.0)])
    assert ratios == pytest.approx(np.array([[3, 3], [2, 2], [3, 3]]), rel=1e-4)


def test_a_central_depot_sees_what_its_depots_and_customers_order():
    rate = np.array([[[1.0], [2.0], [3.0], [0.0]]])
    ratio = np.array([[5.0, 2.0, 4.0, 1.0]])
    parents = np.array([-1, 0, 1, 0])  # three echelons, and a depot without demand
    seen = order_ratios(OrderedUnits(rate, ratio), parents)
    assert seen[0] == pytest.approx([(5 + 4 + 12) / 6, (4 + 12) / 5, 4, 1])

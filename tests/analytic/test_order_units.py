"""Units of orders of several: against sums over the sizes, and the slope of the backorders."""

import numpy as np
import pytest

from partsim.analytic.compound import compound_table, unit_fill_rate
from partsim.analytic.counts import count_at_most, count_table
from partsim.analytic.order_units import largest_orders, units_before, with_units_before


def logarithmic(ratio, most=4000):
    """Sizes of orders whose units are negative binomial over any time."""
    n = np.arange(1, most + 1)
    p = 1 - 1 / ratio
    sizes = np.append(0.0, p**n / n)
    return sizes / sizes.sum()


def orders(mean, ratio):
    return mean * np.log(ratio) / (ratio - 1)


@pytest.mark.parametrize("ratio", [1.0001, 1.5, 4.0, 30.0])
def test_units_before_are_counted_order_by_order(ratio):
    sizes = logarithmic(ratio)
    beyond = 1 - np.cumsum(sizes)
    expected = beyond / (sizes @ np.arange(len(sizes)))
    before = units_before(ratio, 300)
    assert before == pytest.approx(expected[:301], abs=1e-12)
    assert (before >= 0).all()


def test_the_mean_of_units_before_is_half_of_what_the_ratio_is_above_one():
    before = units_before([2.0, 9.0], 2000)
    assert before.sum(axis=1) == pytest.approx(1)
    assert before @ np.arange(2001) == pytest.approx([0.5, 4])


@pytest.mark.parametrize(("mean", "ratio"), [(0.3, 1.2), (2.0, 3.0), (40.0, 8.0)])
def test_the_share_of_units_met_is_that_of_the_compound_poisson_count(mean, ratio):
    sizes, levels = logarithmic(ratio), 120
    exact = unit_fill_rate(compound_table(orders(mean, ratio), sizes, levels).at_most, sizes)
    met = with_units_before(count_at_most(mean, mean * ratio, levels - 1), ratio)
    assert met == pytest.approx(exact[1:], abs=1e-10)


@pytest.mark.parametrize(("mean", "ratio"), [(0.3, 1.2), (2.0, 3.0), (40.0, 8.0)])
def test_what_is_not_met_is_the_slope_of_the_backorders_at_a_fixed_ratio(mean, ratio):
    step = 1e-4 * mean
    above, below = (count_table(m, m * ratio, 60).backorders for m in (mean + step, mean - step))
    met = with_units_before(count_at_most(mean, mean * ratio, 59), ratio)
    # The error of a central difference is a third of the square of the step, and rounding.
    assert (above - below)[1:] / (2 * step) == pytest.approx(1 - met, abs=1e-6)


def test_cells_have_ratios_of_their_own_and_single_units_have_none_before_them():
    at_most = count_at_most([[1.0], [2.0]], [[2.0], [6.0]], 30)
    met = with_units_before(at_most, [[1.0], [3.0]])
    assert met[0, 0] == pytest.approx(at_most[0, 0], abs=1e-14)
    assert met[1, 0] == pytest.approx(with_units_before(at_most[1, 0], 3.0), abs=1e-14)
    assert with_units_before(at_most, 1.0) is not None
    assert (with_units_before(at_most, 1.0) == at_most).all()


@pytest.mark.parametrize("ratio", [0.5, np.nan])
def test_a_ratio_below_one_is_refused(ratio):
    with pytest.raises(ValueError, match="ratio: expected numbers of 1 or more"):
        units_before(ratio, 3)


@pytest.mark.parametrize("ratio", [1.0001, 1.1, 1.5, 2.0, 4.0, 40.0, 1500.0])
def test_hardly_any_unit_has_more_before_it_than_the_largest_orders(ratio):
    most = largest_orders([1.0, ratio])
    assert most[0] == 0
    assert units_before(ratio, int(most[1])).sum() > 1 - 1e-5

"""Demand in batches against direct sums over the number of batches."""

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.compound import (
    compound_table,
    geometric_table,
    order_fill_rate,
    unit_fill_rate,
)
from partsim.analytic.exact_counts import at_most, backorders

SIZES = np.array([0.0, 0.4, 0.3, 0.0, 0.2, 0.1])


def direct(batches, sizes, n):
    """P(X = k) for k < n: Poisson mixture of convolutions."""
    power, total = np.eye(1, n)[0], np.zeros(n)
    for j in range(int(batches + 12 * np.sqrt(batches) + 40)):
        total += stats.poisson(batches).pmf(j) * power
        power = np.convolve(power, sizes)[:n]
    return total


@pytest.mark.parametrize("batches", [0.0, 1e-6, 0.7, 12.0, 90.0])
def test_the_table_is_the_sum_over_the_number_of_batches(batches):
    p = direct(batches, SIZES, 800)
    x, S = np.arange(800), np.arange(121)
    short = np.maximum(x - S[:, None], 0)
    table = compound_table(batches, SIZES, 120)
    np.testing.assert_allclose(table.at_most, np.cumsum(p)[:121], atol=1e-12)
    np.testing.assert_allclose(table.backorders, short @ p, atol=1e-11 * (1 + batches))
    np.testing.assert_allclose(
        table.squared_backorders, short**2 @ p, atol=1e-11 * (1 + batches) ** 2
    )


@pytest.mark.parametrize("repeat", [0.0, 0.3, 0.8])
@pytest.mark.parametrize("batches", [0.0, 0.5, 20.0, 2000.0])
def test_the_three_term_recurrence_is_panjers_with_geometric_batches(batches, repeat):
    sizes = np.append(0.0, (1 - repeat) * repeat ** np.arange(200))
    levels = int(batches / (1 - repeat)) + 30
    ours, general = (
        geometric_table(batches, repeat, levels),
        compound_table(batches, sizes / sizes.sum(), levels),
    )
    np.testing.assert_allclose(ours.at_most, general.at_most, rtol=1e-9, atol=1e-290)
    near = 1e-10 * (1 + batches / (1 - repeat))
    np.testing.assert_allclose(ours.backorders, general.backorders, rtol=0, atol=near)


def test_batches_of_one_are_poisson_demand():
    mean, S = np.array([0.0, 3.0, 900.0]), np.arange(950)
    table = compound_table(mean, [0, 1.0], 949)
    exact = at_most(mean[:, None], mean[:, None], S)
    np.testing.assert_allclose(table.at_most, exact, rtol=2e-12, atol=1e-300)
    owed = backorders(mean[:, None], mean[:, None], S)
    np.testing.assert_allclose(table.backorders, owed, atol=1e-9)


def test_fill_rates_are_those_of_simulated_orders():
    rng, batches, levels = np.random.default_rng(5), 2.0, 12
    n = 40_000
    stock = rng.poisson(batches, n)
    units = np.array([rng.choice(6, size=k, p=SIZES).sum() for k in stock])
    order = rng.choice(6, size=n, p=SIZES)
    table = compound_table(batches, SIZES, levels)
    whole, unit = order_fill_rate(table.at_most, SIZES), unit_fill_rate(table.at_most, SIZES)
    for S in (0, 1, 4, 8, 12):
        left = np.maximum(S - units, 0)
        met = (order <= left).astype(float)
        assert abs(met.mean() - whole[S]) <= stats.norm.ppf(0.9995) * stats.sem(met) + 1e-15
        taken = np.minimum(order, left) / (SIZES @ np.arange(6))
        assert abs(taken.mean() - unit[S]) <= stats.norm.ppf(0.9995) * stats.sem(taken) + 1e-15


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1.0, [0, 1.0], 3), "batches: expected finite numbers >= 0, got -1.0"),
        ((1.0, [0.5, 0.5], 3), r"batch_size\[0\]: expected 0"),
        ((1.0, [0, 0.5], 3), "batch_size: expected one row of probabilities"),
        ((1.0, [0, 1.0], 2.5), "levels: expected whole numbers >= 0, got 2.5"),
        ((1.0, [0, 1.0], -1), "levels: expected whole numbers >= 0, got -1.0"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        compound_table(*arguments)


def test_a_batch_that_never_ends_is_refused():
    with pytest.raises(ValueError, match=r"repeat: expected numbers from 0 to below 1, got 1.0"):
        geometric_table(1.0, 1.0, 3)

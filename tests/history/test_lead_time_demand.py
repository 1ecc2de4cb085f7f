"""Spread of demand over a lead time: exact cases, and the bootstrap against its chain."""

import numpy as np
import pytest
from scipy.stats import norm

from partsim.history.lead_time_demand import bootstrap_demand, variance_to_mean


def test_the_ratio_is_that_of_numpy_and_at_least_poissons():
    counts = np.array([0, 0, 4, 0, 7, np.nan, 1])
    known = counts[~np.isnan(counts)]
    assert variance_to_mean(counts) == pytest.approx(known.var(ddof=1) / known.mean())
    assert list(variance_to_mean([[0, 0], [3, 3], [5, np.nan]])) == [1, 1, 1]


def inside(values, expected, z=3.29):
    """Tell whether the mean of independent values is expected, in a 99.9 % interval."""
    return abs(np.mean(values) - expected) < z * np.std(values, ddof=1) / np.sqrt(len(values))


@pytest.mark.parametrize("length", [1, 3])
def test_the_ratio_of_geometric_batches_is_theirs_whatever_the_period(length):
    # Orders at random times, sizes geometric with mean 2: variance over mean is 2 * 2 - 1 = 3.
    generator = np.random.default_rng(5)
    orders = generator.poisson(0.3, (100, 30_000))
    sizes = generator.negative_binomial(np.maximum(orders, 1), 0.5) + orders
    units = np.where(orders > 0, sizes, 0).reshape(100, -1, length).sum(axis=2)
    assert inside(variance_to_mean(units), 3)


def test_the_bootstrap_follows_the_chain_of_the_records():
    # Demand in every second period, of one unit: over four periods two of them, jittered.
    demand = bootstrap_demand([0, 1] * 10, 4, samples=20_000)
    least = np.arange(0, 12)
    chance = norm.cdf(least) - norm.cdf(least - 1)  # of 1 + standard normal from k to k + 1
    unit = (least + 1) @ chance + norm.cdf(-1)
    assert inside(demand, 2 * unit)
    assert demand.min() == 2


def test_the_bootstrap_leaves_a_state_that_ends_the_records_by_the_share_of_demand():
    demand = bootstrap_demand([0, 0, 0, 4], 1, samples=20_000)
    assert inside(demand > 0, 0.25)


def test_without_demand_the_bootstrap_gives_none():
    assert bootstrap_demand([0, 0, np.nan, 0], 3, samples=4).tolist() == [0, 0, 0, 0]


def test_the_same_seed_gives_the_same_samples():
    counts = [0, 0, 3, 0, 5, 0, 0, 1]
    first, again = (bootstrap_demand(counts, 5, samples=50, seed=7) for _ in range(2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != bootstrap_demand(counts, 5, samples=50, seed=8).tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], 0), "periods: expected 1 or more, got 0"),
        (([1, np.nan], 2), "counts: expected one part with at least two"),
        (([[1, 2], [3, 4]], 2), "counts: expected one part"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        bootstrap_demand(*arguments)
    with pytest.raises(ValueError, match="samples: expected 1 or more"):
        bootstrap_demand([1, 2], 1, samples=0)

"""Speed of formulas on large arrays, where they run compiled; `extra_info` has values per unit."""

import numpy as np
import pytest

from partsim.analytic import counts, exact_counts, policies
from partsim.analytic.exact_two_echelon import two_echelon_exact
from partsim.analytic.two_echelon import two_echelon_vari_metric

CELLS = 1_000_000


@pytest.fixture
def time_values(benchmark, unit):
    """Time a call that makes so many values; the first call may compile."""

    def run(values, function, *arguments):
        result = benchmark.pedantic(function, arguments, rounds=3, warmup_rounds=1)
        if benchmark.stats is not None:  # None with --benchmark-disable
            per_unit = values * unit / benchmark.stats.stats.min
            benchmark.extra_info["million_values_per_unit"] = round(per_unit / 1e6, 2)
        return result

    return run


@pytest.fixture(scope="module")
def means():
    random = np.random.default_rng(1)
    return np.exp(random.uniform(np.log(1e-6), np.log(60), CELLS))


@pytest.fixture(scope="module")
def levels(means):
    random = np.random.default_rng(2)
    return np.floor(means + random.uniform(0, 4, CELLS) * np.sqrt(means))


@pytest.fixture(scope="module")
def network():
    """100,000 slow parts at a centre and 10 field depots, stock about half a deviation up."""
    random = np.random.default_rng(3)
    shape = (CELLS // 10, 10)
    rate = np.exp(random.normal(np.log(0.002), 1.3, (shape[0], 1)))
    rate = rate * random.dirichlet(np.ones(shape[1]), shape[0]) * shape[1]
    total = rate.sum(axis=1, keepdims=True)
    central = total * random.choice([7, 14, 30, 60, 120], (shape[0], 1))
    moving = rate * random.choice([1.0, 2.0, 3.0, 5.0], shape[1])
    central_level = np.floor(central + 0.5 * np.sqrt(central))
    pipeline = moving + rate / total * np.maximum(central - central_level, 0.3 * np.sqrt(central))
    return central, central_level, rate / total, moving, np.floor(pipeline + 1.5 * pipeline**0.5)


@pytest.mark.parametrize("ratio", [1.0, 1.5], ids=["poisson", "negative_binomial"])
def test_tables(time_values, means, ratio):
    """Goal: 25 million values a unit; one level has four."""
    table = time_values(4 * 16 * CELLS, counts.count_table, means, ratio * means, 15)
    assert table.backorders.shape == (CELLS, 16)


def test_tables_of_probabilities(time_values, means):
    assert time_values(16 * CELLS, counts.count_at_most, means, means, 15).shape == (CELLS, 16)


@pytest.mark.parametrize("ratio", [1.0, 1.5], ids=["poisson", "negative_binomial"])
def test_single_backorders(time_values, means, levels, ratio):
    assert (time_values(CELLS, exact_counts.backorders, means, ratio * means, levels) >= 0).all()


def test_newsvendor_levels(time_values, means):
    assert time_values(CELLS, policies.newsvendor_level, means, means, 1.0, 20.0).min() == 0


def test_reorder_point_measures(time_values, means, levels):
    measures = time_values(CELLS, policies.reorder_point_measures, means, means, levels, 7)
    assert (measures.backorders >= 0).all()


def test_two_echelons_by_vari_metric(time_values, network):
    """Goal: 6 million depot cells a unit."""
    assert time_values(CELLS, two_echelon_vari_metric, *network).fill_rate.shape == (100_000, 10)


def test_two_echelons_exactly(time_values, network):
    """Goal: 0.7 million depot cells a unit."""
    assert time_values(CELLS, two_echelon_exact, *network).fill_rate.shape == (100_000, 10)

"""Compiled kernels against their twins in plain numpy, cell by cell and at the edges."""

import subprocess
import sys

import numpy as np
import pytest

from partsim.analytic import counts, exact_counts, exact_two_echelon, policies, two_echelon
from partsim.analytic.count_laws import LARGE
from partsim.kernels import compiling
from partsim.optimisation import grade_choice
from partsim.optimisation.whole_choice import Options

RATIOS = np.array([0.0, 0.02, 0.7, 1.0, 1.0 + 1e-7, 1.6, 30.0])


def moments(cells, largest, seed=1):
    """Means from tiny to large, of every kind of variance, with the edges at the front."""
    random = np.random.default_rng(seed)
    mean = np.exp(random.uniform(np.log(1e-6), np.log(largest), cells))
    mean[:5] = 0.0, 5e-324, 1.0, 3.0, largest
    return mean, mean * random.choice(RATIOS, cells)


def near(mean, variance, seed=2):
    """Levels from eight deviations below the mean to eight above."""
    random = np.random.default_rng(seed)
    deviations = random.uniform(-8, 8, mean.shape) * np.sqrt(np.maximum(mean, variance))
    return np.maximum(np.rint(mean + deviations), -2.0)


@pytest.fixture
def plain(monkeypatch):
    """Keep every formula in plain numpy."""
    for module in (counts, two_echelon, exact_two_echelon):
        monkeypatch.setattr(module, "_LARGE", np.inf)
    for module in ("count_laws", "exact_counts"):
        monkeypatch.setattr(f"partsim.analytic.{module}.LARGE", np.inf)


@pytest.mark.parametrize(("largest", "levels"), [(60.0, 72), (60.0, 5), (2e3, 2400), (2e3, 0)])
def test_compiled_tables_are_the_plain_ones(largest, levels, plain, monkeypatch):
    mean, variance = moments(400, largest)
    expected = counts.count_table(mean, variance, levels)
    expected_at_most = counts.count_at_most(mean, variance, levels)
    monkeypatch.setattr(counts, "_LARGE", 0)
    got = counts.count_table(mean, variance, levels)
    for name, table in vars(expected).items():
        # both sum at most some thousand positive terms, each right to 1e-13
        np.testing.assert_allclose(getattr(got, name), table, rtol=1e-11, atol=1e-290)
    at_most = counts.count_at_most(mean, variance, levels)
    np.testing.assert_allclose(at_most, expected_at_most, rtol=1e-11, atol=1e-290)


@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_no_table_is_lost_where_the_probability_of_zero_is_hardly_a_number(
    ratio, plain, monkeypatch
):
    # log P(X = 0) runs from -680 to -710; below 1e-300 probabilities are taken for zero
    decay = 1.0 if ratio == 1 else np.log(ratio) / (ratio - 1)
    mean = np.linspace(680, 710, 61) / decay
    expected = counts.count_table(mean, ratio * mean, 1000)
    monkeypatch.setattr(counts, "_LARGE", 0)
    got = counts.count_table(mean, ratio * mean, 1000)
    np.testing.assert_allclose(got.at_most, expected.at_most, rtol=1e-11, atol=1e-290)
    np.testing.assert_allclose(got.backorders, expected.backorders, rtol=1e-11)


def test_a_compiled_table_does_not_depend_on_its_neighbours(monkeypatch):
    monkeypatch.setattr(counts, "_LARGE", 0)
    mean, variance = moments(70, 300.0)  # not a whole number of blocks of cells
    together = counts.count_table(mean, variance, 40)
    for i in range(len(mean)):
        alone = counts.count_table(mean[i], variance[i], 40)
        for name, table in vars(together).items():
            np.testing.assert_array_equal(getattr(alone, name), table[i])


def test_compiled_tables_take_one_variance_for_all_means(monkeypatch):
    monkeypatch.setattr(counts, "_LARGE", 0)
    mean = np.linspace(0.5, 3.0, 6).reshape(2, 3)
    one, each = (counts.count_table(mean, v, 4) for v in (2.0, np.full((2, 3), 2.0)))
    np.testing.assert_array_equal(one.backorders, each.backorders)
    at_most = counts.count_at_most(mean, 2.0, 4)
    np.testing.assert_array_equal(at_most, one.at_most)


def test_compiled_tables_of_nothing_are_empty(monkeypatch):
    monkeypatch.setattr(counts, "_LARGE", 0)
    assert counts.count_table([], [], 3).backorders.shape == (0, 4)
    assert counts.count_at_most(np.empty((2, 0)), 1.0, 3).shape == (2, 0, 4)


MEASURES = (
    exact_counts.tail,
    exact_counts.at_most,
    exact_counts.backorders,
    exact_counts.on_hand,
    exact_counts.backorder_variance,
    exact_counts.binomial_backorders,
)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda f: f.__name__)
def test_compiled_sums_are_the_plain_ones(measure):
    mean, variance = moments(LARGE, 1e4)
    level = near(mean, variance)
    got = measure(mean, variance, level)
    some = np.r_[:500, LARGE - 500 : LARGE]
    expected = measure(mean[some], variance[some], level[some])
    # the variance of backorders below the mean is a difference of larger numbers
    rounding = 1e-13 * (1 + mean[some]) ** 2 if measure in MEASURES[4:] else 1e-290
    assert (np.abs(got[some] - expected) <= 2e-12 * expected + rounding).all()


def test_compiled_newsvendor_levels_are_the_plain_ones():
    mean, variance = moments(LARGE, 1e3)
    cost = np.exp(np.random.default_rng(3).uniform(-3, 18, LARGE))
    got = policies.newsvendor_level(mean, variance, 1.0, cost)
    some = np.r_[:300, LARGE - 300 : LARGE]
    expected = policies.newsvendor_level(mean[some], variance[some], 1.0, cost[some])
    np.testing.assert_array_equal(got[some], expected)


def network(parts, depots, seed=4):
    random = np.random.default_rng(seed)
    central = np.exp(random.normal(0.5, 1.2, (parts, 1)))
    central[:3, 0] = 0.0, 750.0, 1e-9
    S0 = np.floor(central * random.uniform(0, 1.6, (parts, 1)))
    share = random.dirichlet(np.ones(depots), parts)
    share[3] = np.eye(depots)[0]
    moving = share * central * random.uniform(0, 1, (1, depots))
    return central, S0, share, moving, random.integers(0, 9, (parts, depots))


@pytest.mark.parametrize(
    ("module", "name", "accuracy"),
    [
        (two_echelon, "two_echelon_vari_metric", 1e-14),
        (exact_two_echelon, "two_echelon_exact", 1e-12),
    ],
)
def test_compiled_echelons_are_the_plain_ones(module, name, accuracy, plain, monkeypatch):
    cells = network(40, 7)
    expected = getattr(module, name)(*cells)
    monkeypatch.setattr(module, "_LARGE", 0)
    got = getattr(module, name)(*cells)
    # second moments are differences of squares of the mean and the level
    size = 4 * (1 + expected.pipeline + cells[-1]) ** 2
    for field, values in vars(expected).items():
        measured = getattr(got, field)
        assert measured.shape == values.shape
        assert (np.abs(measured - values) <= accuracy * size).all(), field


def test_a_tail_of_numbers_too_small_to_shrink_comes_to_an_end():
    assert exact_counts.tail(1.0, 20.0, [14_000, 1_000_000]).tolist() == [0.0, 0.0]
    many = exact_counts.tail(np.ones(LARGE), 20.0, 14_000)
    assert (many == 0).all()


@pytest.mark.parametrize("size", [1, 2, 3])
def test_compiled_sets_of_policies_are_the_plain_ones(size, monkeypatch):
    cost = np.random.default_rng(5).uniform(1, 9, (6, 5_000))
    cost[2, 7] = np.inf
    expected = grade_choice.least_by_set(cost, size)
    monkeypatch.setattr(grade_choice, "_LARGE", 0)
    np.testing.assert_allclose(grade_choice.least_by_set(cost, size), expected, rtol=1e-13)


def test_compiled_choices_of_policies_are_the_plain_ones(monkeypatch):
    random = np.random.default_rng(6)
    options = Options(random.uniform(1, 9, (500, 4)), random.uniform(0, 1, (3, 500, 4)))
    options.cost[random.random((500, 4)) < 0.2] = np.inf
    options.cost[:, 0] = 9.0
    starts, prices = np.array([0, 13, 200, 500]), np.array([0.0, 2.0, 7.0])
    expected = grade_choice.cheapest(options, prices, starts)
    monkeypatch.setattr(grade_choice, "_LARGE", 0)
    got = grade_choice.cheapest(options, prices, starts)
    for plain_sums, compiled_sums in zip(expected, got, strict=True):
        np.testing.assert_allclose(compiled_sums, plain_sums, rtol=1e-13)


def test_small_work_does_not_load_the_compiler(tmp_path):
    program = (
        "import sys; from partsim.cli.program import status_of;"
        f"status_of(['run', 'scenarios/first_steps.yaml', '--output', {str(tmp_path / 'out')!r}]);"
        "sys.exit(3 if 'numba' in sys.modules else 0)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_without_a_folder_for_compiled_code_kernels_are_compiled_all_the_same(monkeypatch):
    original = compiling.numba.njit

    def no_cache(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return original(**options)

    monkeypatch.setattr(compiling.numba, "njit", no_cache)
    assert compiling.compiled(lambda x: x + 1)(1) == 2

"""Supply trees: against the two echelons, recursions in scipy, and demands followed one by one."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.exact_two_echelon import two_echelon_exact
from partsim.analytic.multi_echelon import tree_exact, tree_metric, tree_vari_metric
from partsim.analytic.two_echelon import two_echelon_metric, two_echelon_vari_metric
from tests.simulation.test_against_theory import agree

METHODS = {
    tree_metric: two_echelon_metric,
    tree_vari_metric: two_echelon_vari_metric,
    tree_exact: two_echelon_exact,
}
MEASURES = tuple(tree_exact([1.0], [1.0], [1], [-1]).__dataclass_fields__)
X = np.arange(200)

# A world depot, two regions, five countries; the first region and the world have own customers.
SUPPLIED_BY = [-1, 0, 0, 1, 1, 1, 2, 2]
RATE = np.array([0.05, 0.1, 0.0, 0.1, 0.2, 0.05, 0.3, 0.1])
TIME = np.array([20.0, 5.0, 8.0, 2.0, 3.0, 1.0, 2.0, 4.0])
LEVEL = np.array([16, 3, 4, 1, 2, 0, 2, 1])


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
def test_a_tree_of_two_echelons_is_the_two_echelons(method):
    rate, time = np.array([0.1, 0.3, 0.2]), np.array([9.0, 3.0, 5.0])
    level = np.array([[[6, 1, 2]], [[2, 0, 1]], [[0, 2, 4]]])  # (case, 1, depot)
    got = method(rate, time, level, [-1, 0, 0])
    expected = METHODS[method](
        5.4, level[..., :1], rate[1:] / 0.6, rate[1:] * time[1:], level[..., 1:]
    )
    for name in MEASURES:
        np.testing.assert_allclose(
            getattr(got, name)[..., 1:], getattr(expected, name), rtol=1e-11, atol=1e-13
        )


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
def test_the_order_of_depots_and_other_trees_do_not_matter(method):
    order = np.array([7, 3, 0, 5, 1, 6, 2, 4])
    place = np.argsort(order)
    parents = np.array([place[p] if p >= 0 else -1 for p in SUPPLIED_BY])[order]
    shuffled = method(RATE[order], TIME[order], LEVEL[order], parents)
    straight = method(RATE, TIME, LEVEL, SUPPLIED_BY)
    twice = method(
        *(np.tile(x, 2) for x in (RATE, TIME, LEVEL)),
        SUPPLIED_BY + [8 + p if p >= 0 else -1 for p in SUPPLIED_BY],
    )
    for name in MEASURES:
        alone = getattr(straight, name)
        np.testing.assert_allclose(getattr(shuffled, name), alone[order], rtol=1e-11)
        np.testing.assert_allclose(getattr(twice, name), np.tile(alone, 2), rtol=1e-11)


def scipy_law(mean, variance):
    if variance <= mean * (1 + 1e-9):
        return stats.poisson.pmf(X, mean)
    return stats.nbinom.pmf(X, mean**2 / (variance - mean), mean / variance)


def recursion(spread_counts):
    """Pipelines and backorders of the tree, depot by depot, METRIC or VARI-METRIC."""
    total = RATE.copy()
    for j in range(7, 0, -1):
        total[SUPPLIED_BY[j]] += total[j]
    means, variances, EBO, VBO = np.zeros((4, 8))
    for j, parent in enumerate(SUPPLIED_BY):
        f = total[j] / total[parent] if parent >= 0 else 0.0
        means[j] = total[j] * TIME[j] + f * EBO[parent]
        more = f * (1 - f) * EBO[parent] + f**2 * VBO[parent]
        variances[j] = total[j] * TIME[j] + (more if spread_counts else f * EBO[parent])
        p, owed = scipy_law(means[j], variances[j]), np.maximum(X - LEVEL[j], 0)
        EBO[j] = owed @ p
        VBO[j] = (owed - EBO[j]) ** 2 @ p
    return means, variances, EBO


@pytest.mark.parametrize(("method", "spread"), [(tree_metric, False), (tree_vari_metric, True)])
def test_three_echelons_equal_a_recursion_written_with_scipy(method, spread):
    got = method(RATE, TIME, LEVEL, SUPPLIED_BY)
    means, variances, EBO = recursion(spread)
    np.testing.assert_allclose(got.pipeline, means, rtol=1e-9)
    np.testing.assert_allclose(got.pipeline_variance, variances, rtol=1e-9)
    np.testing.assert_allclose(got.expected_backorders, EBO, rtol=1e-8)


def waits(seed, world_lead_time):
    """Follow each demand: the n-th takes the unit that the n - S-th ordered, in turn."""
    random = np.random.default_rng(seed)
    n = 40_000
    t = np.cumsum(random.exponential(1 / RATE.sum(), n))
    place = random.choice(8, size=n, p=RATE / RATE.sum())
    found = {}

    def serve(j, t, place, ordered):
        received = np.sort(ordered)
        S = LEVEL[j]
        met = np.maximum(t, np.concatenate([np.full(S, -np.inf), received])[: t.size])
        used = slice(t.size // 4, t.size * 3 // 4)  # settled, and all orders known
        mine = (place == j)[used]
        found[j] = (met - t)[used][mine]
        for k, parent in enumerate(SUPPLIED_BY):
            if parent == j:
                below = np.isin(place, [k] + [c for c in range(8) if SUPPLIED_BY[c] == k])
                serve(k, t[below], place[below], met[below] + TIME[k])

    serve(0, t, place, t + world_lead_time(random, n))
    return found


@pytest.mark.parametrize(
    "world_lead_time",
    [lambda random, n: 20.0, lambda random, n: random.gamma(2.0, 10.0, n)],
    ids=["constant", "gamma"],
)
def test_demands_followed_one_by_one_agree_with_the_exact_tree(world_lead_time):
    played = [waits(seed, world_lead_time) for seed in range(40)]
    got = tree_exact(RATE, TIME, LEVEL, SUPPLIED_BY)
    for j in (3, 4, 5, 6, 7):  # they see all three echelons
        assert agree(got.expected_backorders[j] / RATE[j], [w[j].mean() for w in played]), j
        assert agree(got.fill_rate[j], [(w[j] == 0).mean() for w in played]), j
    for j in (0, 1):  # own customers see what every demand on the depot sees
        assert agree(got.fill_rate[j], [(w[j] == 0).mean() for w in played]), j


def error_grid():
    """Regions of 4 and 2 field depots; stocks from 1 deviation below to 2 above the mean."""
    supplied_by = [-1, 0, 0, 1, 1, 1, 1, 2, 2]
    time = np.array([20.0, 5.0, 5.0] + [2.0] * 6)
    levels, rates = [], []
    for m, k in product((0.02, 0.1, 0.4), product((-1, 0, 1), (-1, 0, 1), (0, 1, 2))):
        rate = m * np.array([0, 0, 0, 1, 1, 1, 1, 2, 2])
        level = np.zeros(9)
        for echelon, depots in enumerate((slice(0, 1), slice(1, 3), slice(3, 9))):
            mean = tree_metric(rate, time, level, supplied_by).pipeline[depots]
            level[depots] = np.maximum(np.round(mean + k[echelon] * mean**0.5), 0)
        levels.append(level)
        rates.append(rate)
    return np.array(rates), time, np.array(levels), supplied_by


def test_three_echelons_err_as_their_notes_say():
    cells = error_grid()
    exact = tree_exact(*cells)
    fields = exact.expected_backorders[:, 3:]
    for method, usual, worst, mean_error, lowest, highest in (
        (tree_metric, 0.66, 0.82, 0.14, -0.23, -0.22),
        (tree_vari_metric, 0.075, 0.15, 0.008, -0.0015, 0.0),
    ):
        got = method(*cells)
        error = np.abs(got.expected_backorders[:, 3:] / fields - 1)[fields >= 0.01]
        total = got.expected_backorders[:, 3:].sum() / fields.sum() - 1
        means = np.abs(got.pipeline / exact.pipeline - 1)
        assert np.quantile(error, 0.95) <= usual
        assert error.max() <= worst
        assert means.max() <= mean_error
        assert lowest <= total <= highest


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
@pytest.mark.parametrize(
    ("rate", "supplied_by", "message"),
    [
        ([0.1, -0.1], [-1, 0], "rate: expected finite numbers >= 0, got -0.1"),
        ([0.1, 0.1], [1, 0], r"supplied_by: expected a tree under -1, depots \[0, 1\] are not"),
        ([0.1, 0.1], [-1, 5], r"supplied_by: expected a tree under -1, depots \[1\] are not"),
        ([0.1, 0.1], [-1, 0.5], "supplied_by: expected whole numbers >= -1, got 0.5"),
        ([0.1, 0.1, 0.1], [-1, 0], "expected shapes that broadcast"),
        (0.1, -1, "supplied_by: expected one entry for each depot"),
    ],
)
def test_wrong_trees_are_refused(method, rate, supplied_by, message):
    with pytest.raises(ValueError, match=message):
        method(rate, 1.0, 1, supplied_by)

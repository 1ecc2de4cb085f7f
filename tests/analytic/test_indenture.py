"""Modules with parts of their own: brute force, failures followed one by one, errors as noted."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.exact_two_echelon import two_echelon_exact
from partsim.analytic.indenture import module_exact, module_mod_metric, module_vari_metric
from partsim.analytic.two_echelon import two_echelon_metric, two_echelon_vari_metric
from tests.simulation.test_against_theory import agree

X = np.arange(120)
REPAIR, PART_DEMAND, PART_LEVEL, SHARE = 1.5, [3.0, 0.4, 6.0], [2, 1, 7], [1.0, 0.5, 0.2]


def brute_force():
    """Law of the modules in repair: every part's backorders, its binomial share, convolved."""
    law = stats.poisson.pmf(X, REPAIR)
    for mean, s, f in zip(PART_DEMAND, PART_LEVEL, SHARE, strict=True):
        owed = np.bincount(np.maximum(X - s, 0), stats.poisson.pmf(X, mean), X.size)
        law = np.convolve(law, owed @ stats.binom.pmf(X, X[:, None], f))
    return law


def test_the_exact_module_equals_brute_force_convolution():
    law = brute_force()
    x = np.arange(law.size)
    levels = np.arange(12)
    got = module_exact(REPAIR, levels, PART_DEMAND, PART_LEVEL, SHARE)
    for S in levels:
        owed = np.maximum(x - S, 0)
        assert got.expected_backorders[S] == pytest.approx(owed @ law, abs=1e-12)
        spread = (owed - owed @ law) ** 2 @ law
        assert got.backorder_variance[S] == pytest.approx(spread, abs=1e-11)
        assert got.fill_rate[S] == pytest.approx(law[:S].sum(), abs=1e-12)


def test_vari_metric_has_the_exact_moments_and_mod_metric_the_exact_mean():
    law = brute_force()
    x = np.arange(law.size)
    for method in (module_mod_metric, module_vari_metric):
        got = method(REPAIR, 3, PART_DEMAND, PART_LEVEL, SHARE)
        assert float(got.pipeline) == pytest.approx(x @ law, rel=1e-11)
    assert float(got.pipeline_variance) == pytest.approx((x - x @ law) ** 2 @ law, rel=1e-11)


@pytest.mark.parametrize(
    ("module", "depot"),
    [
        (module_mod_metric, two_echelon_metric),
        (module_vari_metric, two_echelon_vari_metric),
        (module_exact, two_echelon_exact),
    ],
)
def test_a_module_with_one_part_is_a_field_depot_under_a_centre(module, depot):
    levels = np.arange(5)
    got, expected = module(1.2, levels, [4.0], [3], [0.4]), depot(4.0, 3, 0.4, 1.2, levels)
    for name in got.__dataclass_fields__:
        np.testing.assert_allclose(getattr(got, name), getattr(expected, name), rtol=1e-10)


def test_a_module_whose_parts_are_plenty_is_one_stock_point():
    alone = float(module_exact(2.0, 1, [0.0], [0]).expected_backorders)
    assert alone == pytest.approx(1 + np.exp(-2), rel=1e-13)  # EBO(1) = mean - 1 + P(X = 0)
    assert float(module_exact(2.0, 1, [3.0], [60]).expected_backorders) == pytest.approx(alone)


def waits(seed):
    """Module failures one by one: wait for one of two parts, then repair, then the queue."""
    random, n, rate, level = np.random.default_rng(seed), 30_000, 0.5, 2
    t = np.cumsum(random.exponential(1 / rate, n))
    which = (random.random(n) < 0.3).astype(int)
    begins = t.copy()
    for part, (lead_time, s) in enumerate(((8.0, 2), (25.0, 4))):
        mine = which == part
        ordered = t[mine]
        received = np.concatenate([np.full(s, -np.inf), ordered + lead_time])[: ordered.size]
        begins[mine] = np.maximum(ordered, received)
    # The n-th machine takes the unit that comes back n - S-th, whichever module it was.
    back = np.concatenate([np.full(level, -np.inf), np.sort(begins + 3.0)])[:n]
    return np.maximum(back - t, 0)[n // 4 : n * 3 // 4]


def test_failures_followed_one_by_one_agree_with_the_exact_module():
    cell = module_exact(0.5 * 3, 2, [0.35 * 8, 0.15 * 25], [2, 4])
    played = [waits(seed) for seed in range(60)]
    assert agree(float(cell.expected_backorders) / 0.5, [w.mean() for w in played])
    assert agree(float(cell.fill_rate), [(w == 0).mean() for w in played])


def error_grid():
    rows = []
    for m, ratio, n, k0, f, k in product(
        (0.5, 2.0, 8.0), (0.1, 0.5, 2), (1, 3, 10), (-1, 0, 1), (0.25, 1.0), (0, 0.5, 1, 1.5, 2, 3)
    ):
        demand = np.where(np.arange(10) < n, m / n / f, 0.0)
        stock = np.maximum(np.round(demand + k0 * demand**0.5), 0) * (demand > 0)
        mean = float(module_mod_metric(m * ratio, 0, demand, stock, f).pipeline)
        rows.append((m * ratio, np.ceil(mean + k * mean**0.5), demand, stock, [f]))
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def test_mod_metric_and_vari_metric_err_as_their_notes_say():
    cells = error_grid()
    exact, share = module_exact(*cells).expected_backorders, cells[4][:, 0]
    counts = exact >= 0.01
    for method, usual, worst, worst_shared, highest in (
        (module_mod_metric, 0.59, 0.97, 0.86, 1e-12),
        (module_vari_metric, 0.063, 0.71, 0.21, 0.71),
    ):
        error = method(*cells).expected_backorders / exact - 1
        assert np.quantile(np.abs(error[counts]), 0.95) <= usual
        assert np.abs(error[counts]).max() <= worst
        assert np.abs(error[counts & (share < 1)]).max() <= worst_shared
        assert error[counts].max() <= highest


@pytest.mark.parametrize("method", [module_mod_metric, module_vari_metric, module_exact])
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"repair_demand": -1.0}, "repair_demand: expected finite numbers >= 0, got -1.0"),
        ({"part_level": [1, 0.5]}, "part_level: expected whole numbers >= 0, got 0.5"),
        ({"part_share": 1.1}, "part_share: expected numbers from 0 to 1, got 1.1"),
        ({"part_demand": [], "part_level": []}, "part_demand: expected one part or more"),
        ({"part_level": [1, 2, 3]}, "expected shapes that broadcast"),
    ],
)
def test_wrong_arguments_are_refused_by_name_and_value(method, changed, message):
    right = {"repair_demand": 1.0, "level": 1, "part_demand": [1.0, 2.0], "part_level": [1, 1]}
    with pytest.raises(ValueError, match=message):
        method(**(right | changed))

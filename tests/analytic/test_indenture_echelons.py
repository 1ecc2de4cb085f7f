"""Modules and parts in two echelons: limits, the exact pieces, failures followed one by one."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.exact_two_echelon import two_echelon_exact
from partsim.analytic.indenture import module_exact, module_vari_metric
from partsim.analytic.indenture_echelons import (
    ModuleFlow,
    ModuleStock,
    mod_metric_echelons,
    vari_metric_echelons,
)
from partsim.analytic.two_echelon import two_echelon_vari_metric
from tests.simulation.test_against_theory import agree

RATE, HERE, REPAIR, TRANSPORT = (np.array(x) for x in ([0.1, 0.3], [0.7, 0.2], [5, 9.0], [3, 4.0]))
NEEDS, LEAD = np.array([0.6, 0.3]), np.array([30.0, 10.0])
FLOW = ModuleFlow(RATE, HERE, REPAIR, TRANSPORT, 20.0, NEEDS, LEAD)
STOCK = ModuleStock([1, 4], 5, [[1, 0], [1, 1]], [6, 2])
NONE = ModuleStock([0, 0], 0, 0, 0)
BOTH = pytest.mark.parametrize("method", [mod_metric_echelons, vari_metric_echelons])


def shelf(demanded, received, level):
    """When each demand is met: the n-th by what was received (n - S)-th."""
    supply = np.concatenate([np.full(level, -np.inf), np.sort(received)])
    return np.maximum(demanded, supply[: demanded.size])


def followed(seed, flow, stock, n=30_000):
    """Failures one by one: waits for a module and times to resupply, by depot."""
    random, rate = np.random.default_rng(seed), np.asarray(flow.failure_rate)
    parts = np.size(flow.part_share)
    t = np.cumsum(random.exponential(1 / rate.sum(), n))
    depot = random.choice(rate.size, size=n, p=rate / rate.sum())
    here = random.random(n) < flow.repaired_here[depot]
    part = random.choice(parts + 1, size=n, p=np.append(flow.part_share, 1 - sum(flow.part_share)))
    way, begins = flow.transport_time[depot], t.copy()
    for i in range(parts):
        mine = part == i
        begins[mine] = shelf(t[mine], t[mine] + flow.part_lead_time[i], stock.central_part_level[i])
        for j in range(rate.size):
            local = mine & here & (depot == j)
            begins[local] = shelf(t[local], begins[local] + way[local], stock.part_level[j][i])
    back, away = begins + flow.repair_time[depot], ~here
    repaired = begins[away] + flow.central_repair_time
    back[away] = shelf(t[away], repaired, stock.central_level) + way[away]
    found = []
    for j in range(rate.size):
        mine = np.flatnonzero(depot == j)
        kept = slice(mine.size // 4, mine.size * 3 // 4)
        wait = shelf(t[mine], back[mine], stock.level[j]) - t[mine]
        found.append((wait[kept], (back - t)[mine][kept]))
    return found


def exact_pieces(flow, stock):
    """Modules at the centre and parts at the field depots, written out depot by depot."""
    rate, here = flow.failure_rate, flow.repaired_here
    removed, sent = rate.sum(), (rate * (1 - here)).sum()
    ordered, s0 = flow.part_share * removed * flow.part_lead_time, stock.central_part_level
    repairs = sent * flow.central_repair_time
    centre = module_exact(repairs, stock.central_level, ordered, s0, sent / removed)
    parts = []
    for local, way, s in zip(rate * here, flow.transport_time, stock.part_level, strict=True):
        moving = flow.part_share * local * way
        parts.append(two_echelon_exact(ordered, s0, local / removed, moving, s))
    return centre, parts


def exact_pipelines(flow, stock):
    """Mean modules in resupply at the field depots: sums of exact means."""
    centre, parts = exact_pieces(flow, stock)
    here, away = (
        flow.failure_rate * flow.repaired_here,
        flow.failure_rate * (1 - flow.repaired_here),
    )
    own = here * flow.repair_time + away * flow.transport_time
    short_of_parts = np.array([p.expected_backorders.sum() for p in parts])
    return own + away / away.sum() * centre.expected_backorders + short_of_parts


def test_failures_followed_one_by_one_have_the_exact_mean_in_resupply():
    # 60 replications of 15,000 failures, 99.9 % intervals
    played = [followed(seed, FLOW, STOCK) for seed in range(60)]
    mean = exact_pipelines(FLOW, STOCK)
    for j in range(2):
        assert agree(mean[j] / RATE[j], [depots[j][1].mean() for depots in played])


def test_vari_metric_has_the_exact_moments_of_all_but_the_field_modules():
    got, (centre, parts) = vari_metric_echelons(FLOW, STOCK), exact_pieces(FLOW, STOCK)
    pairs = [(got.central_modules, centre, ...), *((got.parts, p, j) for j, p in enumerate(parts))]
    for ours, exact, cell in pairs:
        for name in ("pipeline", "pipeline_variance"):
            expected = getattr(exact, name)
            np.testing.assert_allclose(getattr(ours, name)[cell], expected, rtol=1e-10)
    law = stats.poisson(NEEDS * RATE.sum() * LEAD)
    np.testing.assert_allclose(got.central_parts.fill_rate, law.cdf([5, 1]), rtol=1e-12)


@BOTH
def test_without_stock_or_with_plenty_below_all_is_poisson_and_exact(method):
    delay = 20.0 + NEEDS @ LEAD
    mean = RATE * (HERE * (REPAIR + NEEDS @ LEAD + NEEDS.sum() * TRANSPORT))
    mean = mean + RATE * (1 - HERE) * (TRANSPORT + delay)
    bare = method(FLOW, replace(NONE, level=[2, 3])).modules
    np.testing.assert_allclose(bare.pipeline, mean, rtol=1e-12)
    np.testing.assert_allclose(bare.pipeline_variance, mean, rtol=1e-10)
    np.testing.assert_allclose(bare.fill_rate, stats.poisson(mean).cdf([1, 2]), rtol=1e-8)
    plenty = method(FLOW, ModuleStock([2, 3], 10**4, 10**3, 10**3)).modules
    mean = RATE * (HERE * REPAIR + (1 - HERE) * TRANSPORT)
    np.testing.assert_allclose(plenty.fill_rate, stats.poisson(mean).cdf([1, 2]), rtol=1e-8)


def test_modules_that_need_no_parts_are_two_echelons():
    flow = replace(FLOW, repaired_here=0.0, part_share=0.0)
    got = vari_metric_echelons(flow, STOCK).modules
    expected = two_echelon_vari_metric(
        RATE.sum() * 20.0, 5, RATE / RATE.sum(), RATE * TRANSPORT, [1, 4]
    )
    for name in got.__dataclass_fields__:
        np.testing.assert_allclose(getattr(got, name), getattr(expected, name), rtol=1e-12)


def test_modules_all_repaired_here_are_one_depot_with_parts():
    flow = ModuleFlow([0.4], 1.0, 5.0, 0.0, 20.0, NEEDS, LEAD)
    level = np.array([[1], [2], [5]])
    expected = module_vari_metric(0.4 * 5, [1, 2, 5], NEEDS * 0.4 * LEAD, [3, 1])
    for here, centre in (([3, 1], 0), (0, [3, 1])):  # without a way it does not matter where
        got = vari_metric_echelons(flow, ModuleStock(level, 3, here, centre)).modules
        for name in got.__dataclass_fields__:
            same = getattr(got, name)[:, 0]
            np.testing.assert_allclose(same, getattr(expected, name), rtol=1e-10)


def cell(number):
    """One of the cells that the notes speak of, all field depots alike."""
    random = np.random.default_rng(number)
    depots, parts = random.choice([2, 4, 8]), random.choice([1, 2, 4])
    here, rate = random.choice([0.2, 0.5, 0.8]), random.choice([0.5, 2.0]) / 10
    share = np.full(parts, random.choice([0.5, 1.0]) / parts)
    each = np.ones(depots)
    flow = ModuleFlow(
        rate * each, here * each, 5.0 * each, 4.0 * each, 20.0, share, np.full(parts, 40.0)
    )

    def near(mean):
        off = random.choice([-0.5, 0.5, 1.5])
        return np.maximum(np.rint(mean + off * np.sqrt(mean)), 0).astype(int)

    removed = depots * rate
    modules, central_parts = near(removed * (1 - here) * 20.0), near(removed * share * 40.0)
    field_parts = np.full((depots, parts), random.choice([0, 1]))
    stock = ModuleStock(0 * each.astype(int), modules, field_parts, central_parts)
    return flow, replace(stock, level=near(vari_metric_echelons(flow, stock).modules.pipeline))


@pytest.mark.parametrize("number", [155, 48, 139, *range(9)])  # the worst, and some
def test_both_methods_err_as_their_notes_say(number):
    # 16 replications of 15,000 failures, 99.9 % intervals
    flow, stock = cell(number)
    rate = flow.failure_rate[0]
    played = [
        rate * np.mean([wait.mean() for wait, _ in followed(seed, flow, stock)])
        for seed in range(16)
    ]
    half = stats.t.ppf(0.9995, 15) * stats.sem(played)
    low, high = np.mean(played) - half, np.mean(played) + half
    for method, worst in ((vari_metric_echelons, 0.18), (mod_metric_echelons, 0.77)):
        got = method(flow, stock).modules.expected_backorders[0]
        assert (1 - worst) * low <= got <= high


def test_the_means_of_both_methods_err_as_their_notes_say():
    for number in range(160):
        flow, stock = cell(number)
        exact = exact_pipelines(flow, stock)
        vari = vari_metric_echelons(flow, stock).modules.pipeline / exact
        assert np.abs(vari - 1).max() <= 0.008, number
        mod = mod_metric_echelons(flow, stock).modules.pipeline / exact
        assert 0.91 <= mod.min() <= mod.max() <= 1 + 1e-12, number


@BOTH
def test_without_failures_every_shelf_is_full(method):
    idle = method(replace(FLOW, failure_rate=[0.0, 0.0]), STOCK)
    assert idle.modules.expected_backorders.tolist() == [0, 0]
    assert idle.modules.fill_rate.tolist() == [1, 1]
    assert idle.parts.fill_rate.tolist() == [[1, 0], [1, 1]]


@BOTH
def test_many_modules_at_once_are_each_as_if_alone(method):
    levels = np.arange(6)[:, None]
    many = method(FLOW, replace(STOCK, level=levels, central_level=np.arange(6)))
    assert many.modules.pipeline.shape == (6, 2)
    assert many.central_modules.pipeline.shape == (6,)
    for S in range(6):
        alone = method(FLOW, replace(STOCK, level=[S, S], central_level=S)).modules
        np.testing.assert_allclose(many.modules.expected_backorders[S], alone.expected_backorders)


@BOTH
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"failure_rate": [-0.1, 0.1]}, "failure_rate: expected finite numbers >= 0, got -0.1"),
        ({"repaired_here": 1.5}, "repaired_here: expected numbers from 0 to 1, got 1.5"),
        ({"central_repair_time": np.nan}, "central_repair_time: expected finite numbers >= 0"),
        ({"part_share": [[0.1], [0.6]]}, "part_share: expected at most 1 together, got 1.2"),
        ({"part_lead_time": [1.0, 2.0, 3.0]}, "expected shapes that broadcast"),
        ({"part_level": 0.5}, "part_level: expected whole numbers >= 0, got 0.5"),
        ({"central_level": -1}, "central_level: expected whole numbers >= 0, got -1"),
    ],
)
def test_wrong_arguments_are_refused_by_name_and_value(method, changed, message):
    flow = {k: v for k, v in changed.items() if k in ModuleFlow.__dataclass_fields__}
    stock = {k: v for k, v in changed.items() if k in ModuleStock.__dataclass_fields__}
    with pytest.raises(ValueError, match=message):
        method(replace(FLOW, **flow), replace(STOCK, **stock))

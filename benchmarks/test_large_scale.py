"""Levels of plain arrays at full scale; `extra_info` has units, gap and peak memory."""

import resource
from dataclasses import replace

import numpy as np
import pytest

from partsim.optimisation.large_scale import choose_levels
from partsim.optimisation.stock_problem import StockProblem


def instance(parts, depots, central, seed=1, families=3, tiers=3):
    """Lognormal prices and demand, five lead-time classes, mean waits per depot and tier."""
    random = np.random.default_rng(seed)
    price = np.exp(random.normal(np.log(300), 1.6, parts)).clip(1, 250e3)
    rate = np.exp(random.normal(np.log(0.004), 1.2, (parts, 1)))
    rate = rate * random.dirichlet(np.full(depots, 3.0)) * depots
    share = random.dirichlet(np.full(tiers, 2.0), (families, depots))
    return StockProblem(
        holding_cost=0.2 * price,
        demand_rate=rate * np.exp(random.normal(0, 0.3, (parts, depots))),
        lead_time=random.choice([7.0, 14.0, 30.0, 60.0, 120.0], parts),
        transport_time=random.choice([1.0, 2.0, 3.0, 5.0], depots) if central else None,
        family=random.integers(0, families, parts),
        tier_share=np.ascontiguousarray(share.transpose(2, 0, 1)),
        depot_wait=random.uniform(0.5, 2, depots),
        tier_wait=random.uniform(0.5, 1.2, tiers),
    )


def with_promises(problem, slices=4, seed=5):
    """Add to the waits what 90, 93 and 96 % of the calls of three tiers may wait, in slices."""
    random = np.random.default_rng(seed)
    return replace(
        problem,
        tolerable_wait=np.sort(random.uniform(0, 3, (3, slices)), axis=1),
        kept_share=np.array([0.90, 0.93, 0.96]),
    )


SLOW = pytest.mark.slow


@pytest.mark.parametrize("kind", ["depots", "promises", "central"])
@pytest.mark.parametrize(
    ("parts", "depots", "gap"),
    [
        (200, 4, 1e-4),
        (1_000, 10, 1e-3),
        (10_000, 10, 1e-4),
        pytest.param(100_000, 50, 2e-5, marks=SLOW),
    ],
)
def test_choose_levels(benchmark, unit, parts, depots, gap, kind):
    problem = instance(parts, depots, kind == "central")
    if kind == "promises":
        problem, gap = with_promises(problem), max(gap, 2e-4)
    if kind == "central":
        gap = {10_000: 2e-4, 100_000: 1e-4}.get(parts, gap)
    warmups = parts < 20_000
    chosen = benchmark.pedantic(choose_levels, (problem, gap), rounds=1, warmup_rounds=warmups)
    benchmark.extra_info["gap"] = chosen.gap
    benchmark.extra_info["units"] = round(chosen.seconds / unit, 1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # of the process so far [KiB]
    benchmark.extra_info["peak_memory_gb"] = round(memory / 1e6, 2)
    assert chosen.gap < 0.01
    assert (chosen.use <= 1).all()

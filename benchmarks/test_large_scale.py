"""Levels of plain arrays at full scale; `extra_info` has units, gap and peak memory."""

import resource

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


SLOW = pytest.mark.slow


@pytest.mark.parametrize("central", [False, True], ids=["depots", "central"])
@pytest.mark.parametrize(
    ("parts", "depots"),
    [(200, 4), (1_000, 10), (10_000, 10), pytest.param(100_000, 50, marks=SLOW)],
)
def test_choose_levels(benchmark, unit, parts, depots, central):
    problem = instance(parts, depots, central)
    chosen = benchmark.pedantic(choose_levels, (problem,), rounds=1, warmup_rounds=parts < 20_000)
    benchmark.extra_info["gap"] = chosen.gap
    benchmark.extra_info["units"] = round(chosen.seconds / unit, 1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # of the process so far [KiB]
    benchmark.extra_info["peak_memory_gb"] = round(memory / 1e6, 2)
    assert chosen.gap < 0.01
    assert (chosen.use <= 1).all()

"""`choose_levels` against the optimiser of scenarios, where both mean the same."""

import numpy as np
import pytest

from partsim import estimate_demand, optimise
from partsim.optimisation.large_scale import choose_levels
from partsim.optimisation.stock_problem import StockProblem
from tests.builders import scenario

PRICES, LIVES, LEADS = (60_000, 400, 5_000, 900), (540, 120, 600, 200), (60, 20, 60, 20)
DEPOTS = ("north", "south")


def case(most_hours):
    """Exponential lives in calendar time, one-for-one orders, calls that only wait for a part."""
    parts = {
        f"part{i}": {
            "price": price,
            "lifetime": {"exponential": {"mean": f"{life} d"}},
            "supplier": f"takes{lead}",
        }
        for i, (price, life, lead) in enumerate(zip(PRICES, LIVES, LEADS, strict=True))
    }
    fields = {name: {"supplied_by": "suppliers", "max_waiting_time": most_hours} for name in DEPOTS}
    return scenario(
        parts={"pump": {"price": 1}} | parts,
        suppliers={f"takes{lead}": {"kind": "own", "lead_time": f"{lead} d"} for lead in LEADS},
        depots=fields,
        machines={"mixer": {"positions": dict.fromkeys(parts, 1)}},
        ageing="calendar",
        fleets=[
            {"machine": "mixer", "depot": depot, "customers": "road", "count": count}
            for depot, count in zip(DEPOTS, (30, 22), strict=True)
        ],
        tiers={"everyone": {"promise": {"within": "24 h", "share": "85 %"}}},
    )


def as_arrays(given):
    """The same question: a day's wait is tolerable, and only stock on the shelf is paid for."""
    demand = estimate_demand(given)
    part = [given.part_ids.index(f"part{i}") for i in range(4)]
    depot = [given.depot_ids.index(name) for name in DEPOTS]
    holding = 0.2 * np.array(PRICES, float)
    on_hand = np.repeat(holding[:, None], 2, axis=1)  # stock less pipeline plus backorders
    waits = [given.depots[name].max_waiting_time for name in DEPOTS]
    problem = StockProblem(
        holding_cost=holding,
        demand_rate=np.ascontiguousarray(demand.depot_rate[np.ix_(part, depot)]),
        lead_time=np.array(LEADS, float),
        transport_time=None,
        family=np.arange(4),
        tier_share=np.ones((1, 4, 2)),
        depot_wait=np.array(waits, float),
        tier_wait=np.array([np.inf]),
        tolerable_wait=np.array([[1.0]]),
        kept_share=np.array([0.85]),
        backorder_cost=on_hand,
    )
    return problem, part, depot


@pytest.mark.parametrize("most", ["6 h", "24 h", "72 h"])
def test_depots_alone_get_the_levels_of_the_scenario(most):
    given = case(most)
    problem, part, depot = as_arrays(given)
    plan, chosen = optimise(given), choose_levels(problem, gap=0.0)
    level = plan.base_stock[np.ix_(part, depot)]
    none = np.zeros(4, np.int64)
    pipeline = problem.demand_rate * problem.lead_time[:, None]
    passing = float((problem.holding_cost[:, None] * pipeline).sum())
    # the optimiser of scenarios stops at a gap of 3e-4
    assert problem.exact_use(none, level).max() <= 1 + 1e-9
    assert chosen.cost <= problem.exact_cost(none, level) * (1 + 2e-6)
    assert plan.certificate.lower_bound <= chosen.cost - passing + 1e-6
    assert plan.certificate.plan_cost == pytest.approx(
        problem.exact_cost(none, level) - passing, rel=1e-9
    )

"""Plans: which fleets they select, who wins, and that demand and simulation follow."""

import pytest

from partsim.demand.estimation import estimate_demand
from partsim.report.plain_text import scenario_text
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario

PROMISE = {"within": "24 h", "share": "90 %"}


def planned(*plans):
    return scenario(
        machines={"crane": {"positions": {"pump": 1}}},
        depots={"north": {"market": "mature", "supplied_by": "centre", "transport_time": "1 d"}},
        fleets=[
            {"machine": machine, "depot": depot, "customers": customers, "count": 10}
            for machine, depot, customers in (
                ("mixer", "centre", "road"), ("mixer", "north", "road"), ("crane", "north", "road"),
                ("mixer", "centre", "rail"),
            )
        ],
        tiers={"gold": {"customers": ["rail"], "promise": PROMISE, "priority": 2}},
        plans=list(plans),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("plans", "gold"),
    [
        ([], [3]),
        ([{"markets": ["mature"], "tier": "gold"}], [1, 2, 3]),
        ([{"machines": ["crane"], "tier": "gold"}], [2, 3]),
        ([{"depots": ["centre"], "customers": ["road"], "tier": "gold"}], [0, 3]),
        ([{"markets": ["mature"], "tier": "gold"},
          {"machines": ["crane"], "tier": "everyone"}], [1, 3]),  # the later one wins
        ([{"machines": ["crane"], "tier": "everyone"},
          {"markets": ["mature"], "tier": "gold"}], [1, 2, 3]),
    ],
)  # fmt: skip
def test_the_last_plan_that_selects_a_fleet_sets_its_tier(plans, gold):
    phases = planned(*plans).phases
    assert [phase.fleet for phase in phases if phase.tier == "gold"] == gold
    assert [phase.fleet for phase in phases] == [0, 1, 2, 3]


def test_demand_and_simulation_count_a_fleet_where_its_plan_puts_it():
    case = planned({"markets": ["mature"], "tier": "gold"})
    everyone, gold = estimate_demand(case).rate.sum(axis=(0, 1))
    assert gold == pytest.approx(3 * everyone, rel=1e-12)
    outcome = simulate(case, plan(case, 9), replications=2)
    assert outcome.fleets["tier"].tolist() == ["everyone", "gold", "gold", "gold"]
    calls = outcome.service.set_index("name")["calls_per_year"]
    tiers = outcome.promises.set_index("tier")["calls_per_year"]
    assert tiers["gold"] == calls["gold"] > 2 * tiers["everyone"]


def test_the_resolved_plan_of_every_fleet_is_shown():
    text = scenario_text(planned({"machines": ["crane"], "tier": "gold"}))
    assert "plan: crane/north/road: gold, priority 2" in text
    assert "plan: mixer/north/road: everyone, priority 1" in text
    assert "plan:" not in scenario_text(planned())

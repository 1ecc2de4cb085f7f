"""Speed of the main paths, in CPU time; conftest.py adds the unit measured beside them.

A smoke test on every change (`pytest benchmarks --benchmark-disable`); measured by `make bench`.
"""

import numpy as np
import pytest

from benchmarks.national_network import national_network
from partsim import evaluate, optimise, read_scenario, simulate
from partsim.model.scenario import Scenario
from partsim.optimisation import targets

PARTS, FIELDS = 200, 11


def wide_scenario(parts=PARTS, fields=FIELDS, seed=1):
    """Many parts at a central and field depots: lognormal prices and lives, three tiers."""
    random = np.random.default_rng(seed)
    groups = ("urban", "rail", "road")
    promises = (("24 h", "93 %"), ("48 h", "95 %"), ("96 h", "92 %"))
    part = {
        f"part{i}": {
            "price": round(float(np.exp(random.normal(7.5, 1.6))), 2),
            "lifetime": {
                "weibull": {
                    "mean": f"{np.exp(random.normal(np.log(500), 0.7)):.1f} d",
                    "shape": round(float(random.uniform(0.9, 4)), 2),
                }
            },
            "supplier": "importer" if random.random() < 0.4 else "plant",
            "difficulty": ["low", "medium", "high"][int(random.integers(3))],
        }
        for i in range(parts)
    }
    depots = {"central": {"supplied_by": "suppliers"}} | {
        f"field{d}": {"supplied_by": "central", "transport_time": f"{1 + d % 4} d"}
        for d in range(fields)
    }
    depots["field0"]["max_waiting_time"] = "6 h"
    lognormal = {hours: {"lognormal": {"mean": f"{hours} h", "cv": 0.6}} for hours in (1, 2, 4, 8)}
    grade = {"approval_time": "3 d", "approval_cost": 50}
    return Scenario.model_validate(
        {
            "partsim": 1,
            "currency": "EUR",
            "parts": part,
            "suppliers": {
                "importer": {
                    "kind": "outsourced",
                    "lead_time": {"gamma": {"mean": "90 d", "cv": 0.5}},
                },
                "plant": {"kind": "own", "lead_time": {"gamma": {"mean": "14 d", "cv": 0.3}}},
            },
            "depots": depots,
            "machines": {"machine": {"positions": dict.fromkeys(part, 1)}},
            "fleets": [
                {
                    "machine": "machine",
                    "depot": f"field{d}",
                    "customers": group,
                    "count": int(random.integers(5, 50)),
                }
                for d in range(fields)
                for group in groups
            ],
            "tiers": {
                group: {"customers": [group], "promise": {"within": within, "share": share}}
                for group, (within, share) in zip(groups, promises, strict=True)
            },
            "service": {
                "phone_fix": "20 %",
                "diagnosis_time": lognormal[1],
                "travel_time": lognormal[4],
                "repair_time": {"low": lognormal[2], "medium": lognormal[4], "high": lognormal[8]},
            },
            "grading": {
                "weights": {"price": 2, "wear": 1, "outsourced": 1, "difficulty": 1},
                "cuts": {"A": 0.6, "B": 0.35},
                "grades": {"A": grade | {"approval_time": "7 d"}, "B": grade, "C": {}},
            },
            "costs": {"holding": "20 % per year", "order": 50},
        }
    )


@pytest.fixture(scope="module")
def pumps():
    return read_scenario("scenarios/concrete_pump.yaml")


def forget():
    """Begin each round as a new process does."""
    targets.known_window.cache_clear()


def test_optimise_200_parts_12_depots(benchmark):
    """Goal: 10 CPU s, a gap below 1 %."""
    scenario = wide_scenario()
    plan = benchmark.pedantic(optimise, (scenario,), setup=forget, rounds=3, warmup_rounds=0)
    benchmark.extra_info["gap"] = plan.certificate.gap
    assert plan.certificate.gap < 0.01


def test_optimise_concrete_pump(benchmark, pumps):
    plan = benchmark.pedantic(optimise, (pumps,), setup=forget, rounds=5, warmup_rounds=1)
    assert plan.certificate.gap < 0.01


def test_evaluate_concrete_pump(benchmark, pumps):
    plan = optimise(pumps)
    performance = benchmark.pedantic(
        evaluate, (pumps, plan), setup=forget, rounds=10, warmup_rounds=1
    )
    assert performance.plan_cost > 0


def test_simulate_concrete_pump(benchmark, pumps):
    plan = optimise(pumps)
    outcome = benchmark.pedantic(
        simulate, (pumps, plan), {"replications": 2}, rounds=3, warmup_rounds=1
    )
    assert len(outcome.promises) == 3


def test_simulate_a_national_network(benchmark):
    """One of 200 parts and a tenth of the trucks: many positions with a failure now and then."""
    scenario = national_network(200, trucks=770)
    plan = optimise(scenario)
    outcome = benchmark.pedantic(
        simulate, (scenario, plan), {"replications": 2}, rounds=1, warmup_rounds=0
    )
    assert len(outcome.promises) == 3

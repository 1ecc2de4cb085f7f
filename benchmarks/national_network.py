"""A maker's whole national network, generated: many parts at one central and eleven field depots.

python benchmarks/national_network.py 1000 /tmp/national.yaml && partsim run /tmp/national.yaml

Six types of pump trucks with parts of their own. Lives, prices, lead times and regions are in the
ranges of `scenarios/concrete_pump.yaml`: parts that wear, main components, electrical parts with a
constant hazard, and many that fail once in some tens of years. A truck has about twelve failures a
year.
"""

import sys
from pathlib import Path

import numpy as np

from partsim.model.scenario import Scenario
from partsim.scenario_file.writing import write_scenario_text

MACHINES = 6
DEPOTS = {  # transport [d], travel [h], weight of the fleet
    "guangzhou": (2, 6, 20), "beijing": (3, 5, 10), "tianjin": (3, 7, 10), "shanghai": (2, 6, 16),
    "wuhan": (1, 6, 12), "chengdu": (3, 8, 13), "urumqi": (7, 16, 4), "shenyang": (4, 9, 7),
    "hengyang": (1, 5, 9), "fuzhou": (2, 7, 8), "xian": (3, 9, 7),
}  # fmt: skip
GROUPS = {"urban_construction": 0.3, "railway": 0.2, "water": 0.15, "municipal": 0.2, "road": 0.15}
KINDS = {  # share of the parts, mean life [months], price, Weibull shape, difficulty, suppliers
    "wear": (0.035, (6, 24), (300, 30_000), (2.5, 4.0), "low", ("plant", "domestic")),
    "main": (0.17, (60, 180), (2_000, 60_000), (1.4, 2.1), "high", ("importer", "domestic")),
    "control": (0.12, (60, 240), (500, 25_000), (1.0, 1.0), "low", ("importer", "domestic")),
    "other": (0.675, (240, 1200), (50, 20_000), (1.0, 2.0), "medium", ("plant", "domestic")),
}


def national_network(parts=1000, trucks=7700, seed=1):
    """Generate the scenario; the same for the same numbers."""
    random = np.random.default_rng(seed)
    made = dict(_parts(parts, random))
    lognormal = {
        h: {"lognormal": {"mean": f"{h} h", "cv": 0.6}} for h in (1, 2, 4, 5, 6, 7, 8, 9, 16)
    }
    lead_times = {"importer": ("90 d", 0.5), "domestic": ("30 d", 0.5), "plant": ("14 d", 0.35)}
    return Scenario.model_validate(
        {
            "partsim": 1,
            "name": f"National network of {parts} parts",
            "currency": "CNY",
            "parts": made,
            "suppliers": {
                supplier: {
                    "kind": "own" if supplier == "plant" else "outsourced",
                    "lead_time": {"gamma": {"mean": mean, "cv": cv}},
                }
                for supplier, (mean, cv) in lead_times.items()
            },
            "depots": {"changsha": {"supplied_by": "suppliers"}}
            | {
                depot: {
                    "supplied_by": "changsha",
                    "transport_time": f"{transport} d",
                    "travel_time": lognormal[travel],
                }
                for depot, (transport, travel, _) in DEPOTS.items()
            },
            "machines": {
                f"truck{m}": {"positions": dict.fromkeys(list(made)[m::MACHINES], 1)}
                for m in range(MACHINES)
            },
            "fleets": list(_fleets(trucks, random)),
            "tiers": {
                "key_account": {"customers": list(GROUPS)[:2], "standard": "exceed"},
                "contract": {"customers": ["water", "municipal"], "standard": "above"},
                "basic": {"customers": ["road"], "standard": "equal"},
            },
            "standards": {
                "exceed": {"promise": {"within": "24 h", "share": "90 %"}},
                "above": {"promise": {"within": "36 h", "share": "94 %"}},
                "equal": {"promise": {"within": "48 h", "share": "95 %"}},
            },
            "service": {
                "phone_fix": "20 %",
                "diagnosis_time": lognormal[1],
                "travel_time": lognormal[6],
                "repair_time": {"low": lognormal[2], "medium": lognormal[4], "high": lognormal[9]},
            },
            "grading": {
                "weights": {"price": 3, "wear": 1, "outsourced": 1, "difficulty": 1},
                "cuts": {"A": 0.6, "B": 0.35},
                "grades": {
                    "A": {"approval_time": "7 d", "approval_cost": 200},
                    "B": {"approval_time": "3 d", "approval_cost": 80, "control_loss": "0.3 %"},
                    "C": {"approval_time": "12 h", "approval_cost": 10, "control_loss": "1 %"},
                },
            },
            "costs": {"holding": "20 % per year", "order": 50},
            "simulation": {"years": 2, "warm_up": "1 year", "replications": 6, "seed": 1},
        }
    )  # fmt: skip


def _parts(count, random):
    """Keep the shares of the kinds, so that every truck has some of each."""
    kinds = [kind for kind, facts in KINDS.items() for _ in range(round(facts[0] * count))]
    kinds += ["other"] * (count - len(kinds))
    for number, kind in enumerate(kinds[:count]):
        _, lives, prices, shapes, difficulty, suppliers = KINDS[kind]
        months, price = (np.exp(random.uniform(*np.log(ends))) for ends in (lives, prices))
        life = {"mean": f"{months:.1f} months", "shape": round(float(random.uniform(*shapes)), 2)}
        yield (
            f"{kind}{number:04}",
            {
                "price": round(float(price), 2),
                "lifetime": {"weibull": life},
                "supplier": suppliers[int(random.integers(2))],
                "difficulty": difficulty,
            },
        )


def _fleets(trucks, random):
    """Trucks of every type in every region, by weights and chance."""
    total = sum(weight for _, _, weight in DEPOTS.values())
    for depot, (_, _, weight) in DEPOTS.items():
        for machine in range(MACHINES):
            for customers, share in GROUPS.items():
                count = int(random.poisson(trucks * weight / total / MACHINES * share))
                if count:
                    yield {"machine": f"truck{machine}", "depot": depot, "customers": customers,
                           "count": count}  # fmt: skip


if __name__ == "__main__":
    number, path = int(sys.argv[1]), Path(sys.argv[2])
    path.write_text(write_scenario_text(national_network(number)), encoding="utf-8")

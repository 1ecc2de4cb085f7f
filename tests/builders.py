"""The smallest valid scenario, and plans for it, keyword by keyword."""

import numpy as np

from partsim.model.plan import Plan
from partsim.model.scenario import Scenario


def merge(tree, changes, depth=2):
    """Lay changes over a tree: sections and their entries are merged, fields are replaced."""
    merged = dict(tree)
    for key, value in changes.items():
        old = merged.get(key)
        both = depth and isinstance(old, dict) and isinstance(value, dict)
        merged[key] = merge(old, value, depth - 1) if both else value
    return merged


def scenario_tree(**changes):
    """Give one part, one depot, one fleet of ten machines, without any service times."""
    tree = {
        "partsim": 1,
        "currency": "CNY",
        "parts": {
            "pump": {
                "price": 1000,
                "lifetime": {"exponential": {"mean": "100 d"}},
                "supplier": "plant",
            }
        },
        "suppliers": {"plant": {"kind": "own", "lead_time": "20 d"}},
        "depots": {"centre": {"supplied_by": "suppliers"}},
        "machines": {"mixer": {"positions": {"pump": 1}}},
        "fleets": [{"machine": "mixer", "depot": "centre", "customers": "road", "count": 10}],
        "tiers": {
            "everyone": {"customers": ["road"], "promise": {"within": "24 h", "share": "90 %"}}
        },
        "service": {"diagnosis_time": "0 d", "travel_time": "0 d", "repair_time": "0 d"},
        "grading": {
            "weights": {"price": 1},
            "cuts": {"A": 0.6, "B": 0.3},
            "grades": {"A": {}, "B": {}, "C": {}},
        },
        "costs": {"holding": "20 % per year"},
        "simulation": {"years": 2, "warm_up": "100 d", "replications": 10, "seed": 1},
    }
    return merge(tree, changes)


def scenario(**changes):
    """Give the smallest valid scenario with changes, such as ``parts={"pump": {"price": 5}}``."""
    return Scenario.model_validate(scenario_tree(**changes))


def plan(scenario, base_stock, order_quantity=1, grades=None):
    """Give a plan; levels and lots of fewer dimensions hold for all."""
    shape = (len(scenario.part_ids), len(scenario.depot_ids))
    return Plan(
        part_ids=scenario.part_ids,
        depot_ids=scenario.depot_ids,
        grades=grades or ("C",) * shape[0],
        base_stock=np.broadcast_to(base_stock, shape),
        order_quantity=np.broadcast_to(order_quantity, shape),
    )

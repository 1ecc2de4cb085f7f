"""The reference network of the simulation's measurements, and the lives that all engines share."""

import numpy as np

from partsim.lifetimes import Exponential
from partsim.model.plan import Plan
from partsim.model.scenario import Scenario
from partsim.simulation.streams import Streams

PARTS, FIELDS, MACHINES_A_DEPOT, YEARS = 20, 5, 40, 10
SUPPLY_DAYS, TRANSPORT_DAYS = 90.0, 5.0
MEAN_LIVES = np.geomspace(150, 1500, PARTS).round(3)
DEPOTS = 1 + FIELDS
HORIZON = YEARS * 365.0


def scenario(ageing, years=YEARS):
    """One central and five field depots, 200 machines of 20 parts; the part alone takes time."""
    names = [f"part{p:02d}" for p in range(PARTS)]
    return Scenario.model_validate(
        {
            "partsim": 1,
            "currency": "EUR",
            "ageing": ageing,
            "parts": {
                name: {
                    "price": 100,
                    "lifetime": {"exponential": {"mean": f"{mean} d"}},
                    "supplier": "plant",
                }
                for name, mean in zip(names, MEAN_LIVES, strict=True)
            },
            "suppliers": {"plant": {"kind": "own", "lead_time": f"{SUPPLY_DAYS} d"}},
            "depots": {"central": {"supplied_by": "suppliers"}}
            | {
                f"field{d}": {"supplied_by": "central", "transport_time": f"{TRANSPORT_DAYS} d"}
                for d in range(FIELDS)
            },
            "machines": {"machine": {"positions": dict.fromkeys(names, 1)}},
            "fleets": [
                {
                    "machine": "machine",
                    "depot": f"field{d}",
                    "customers": "all",
                    "count": MACHINES_A_DEPOT,
                }
                for d in range(FIELDS)
            ],
            "tiers": {
                "all": {"customers": ["all"], "promise": {"within": "24 h", "share": "90 %"}}
            },
            "service": {"diagnosis_time": "0 d", "travel_time": "0 d", "repair_time": "0 d"},
            "grading": {
                "weights": {"price": 1},
                "cuts": {"A": 0.6, "B": 0.3},
                "grades": {"A": {}, "B": {}, "C": {}},
            },
            "costs": {"holding": "20 % per year"},
            "simulation": {"years": years, "warm_up": "0 d", "replications": 2},
        }
    )


def base_stock():
    """Give levels near the demand over the lead time: shape (part, depot), central depot first."""
    central = np.ceil(FIELDS * MACHINES_A_DEPOT / MEAN_LIVES * SUPPLY_DAYS)
    field = np.ceil(MACHINES_A_DEPOT / MEAN_LIVES * TRANSPORT_DAYS)
    return np.column_stack([central] + [field] * FIELDS).astype(int)


def plan(case):
    """Give the plan of one-for-one replenishment."""
    levels = base_stock()
    return Plan(case.part_ids, case.depot_ids, ("C",) * PARTS, levels, np.ones_like(levels))


def lives(case, *, seed, replication):
    """
    Give the lives that partsim draws in a replication, as lists [fleet][part][machine].

    Each list holds more lives than a component can use up in the time that is played.
    """
    streams = Streams(seed, replication)
    return [
        [
            _lives_of(streams, case.fleet_ids[fleet], part, MEAN_LIVES[p])
            for p, part in enumerate(case.part_ids)
        ]
        for fleet in range(FIELDS)
    ]


def _lives_of(streams, fleet, part, mean):
    law = Exponential(mean)
    first = streams.uniforms("first moment", fleet, part, shape=(MACHINES_A_DEPOT,))
    biased = streams.uniforms("first life", fleet, part, shape=(MACHINES_A_DEPOT,))
    rows = [[life] for life in (first * law.length_biased_quantile(biased)).tolist()]
    draws = streams.draws(law.quantile, "life", fleet, part, rows=MACHINES_A_DEPOT)
    for machine, row in enumerate(rows):
        total, k = row[0], 0
        while total < HORIZON + SUPPLY_DAYS + TRANSPORT_DAYS:
            row.append(draws.draw(machine, k))
            total, k = total + row[-1], k + 1
    return rows

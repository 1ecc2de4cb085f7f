"""Warranty: counts and money against a Poisson process, and against the calls one by one."""

import pytest

from partsim.simulation.replication import build
from partsim.simulation.simulation import simulate
from partsim.simulation.statistics import CONFIDENCE
from partsim.simulation.warranty import warranty_ends
from tests.builders import plan, scenario


def case(**changes):
    """Machines that fail every 100 days by chance; the pump's importer pays 80 % back."""
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 10}
    tree = {
        "ageing": "calendar",
        "parts": {
            "pump": {"price": 1000, "lifetime": {"exponential": {"mean": "100 d"}},
                     "supplier": "importer", "needs": {"seal": 2}, "may_need": {"hose": "50 %"},
                     "customer_held": "40 %"},
            **{name: {"price": price, "lifetime": {"exponential": {"mean": "1000 d"}},
                      "supplier": "plant"} for name, price in (("seal", 10), ("hose", 2000))},
        },
        "suppliers": {"importer": {"kind": "outsourced", "lead_time": "20 d",
                                   "warranty_claims": "80 %"}},
        "machines": {"mixer": {"positions": {"pump": 1}, "warranty": "1 year"}},
        "fleets": [fleet | {"in_warranty": "30 %"}],
        "service": {"phone_fix": "20 %"},
        "warranty": {"visit_cost": 50, "visit_fee": 80, "parts_margin": "25 %"},
        "simulation": {"years": 2, "warm_up": "0 d", "replications": 40},
    }  # fmt: skip
    return scenario(**tree | changes)


def inside(row, name, expected):
    """Tell whether a value lies in the 99.9 % interval, 1.74 times as wide for 40 replications."""
    assert CONFIDENCE == 0.95
    half = (row[f"{name}_high"] - row[f"{name}_low"]) / 2
    return abs(row[name] - expected) < 1.76 * half


POISSON = 10 * 365 / 100
"""Failures of the fleet a year."""
PER_FAILURE = 1000 + 2 * 10 + 0.6 * 0.5 * 2000


@pytest.mark.parametrize(
    ("fleet", "covered"),
    [({"in_warranty": "30 %"}, 0.3), ({"ages": "new"}, 0.5), ({"ages": ["0 d", "182.5 d"]}, 0.375),
     ({"ages": "2 years"}, 0.0)],
)  # fmt: skip
def test_counts_and_money_are_those_of_poisson_failures(fleet, covered):
    base = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 10}
    asked = case(fleets=[base | fleet])
    (row,) = simulate(asked, plan(asked, 30)).warranty.to_dict("records")
    failures, after = POISSON * covered, POISSON * (1 - covered)
    for name, expected in (
        ("calls_in_warranty_per_year", failures / 0.8),  # a fifth of all calls is solved by phone
        ("calls_after_per_year", after / 0.8),
        ("share_in_warranty", covered),
        ("parts_borne_per_year", failures * PER_FAILURE),
        ("visits_borne_per_year", failures * 0.6 * 50),  # who has the part needs nobody
        ("claims_per_year", failures * 0.8 * 1000),
        ("parts_income_per_year", after * PER_FAILURE * 1.25),
        ("visits_income_per_year", after * 0.6 * 80),
    ):
        assert inside(row, name, expected) or row[name] == expected == 0, name


def test_every_call_of_the_window_is_in_warranty_or_after_it():
    asked = case(simulation={"years": 2, "warm_up": "100 d"})
    outcome = simulate(asked, plan(asked, 1), replications=2)
    calls = (
        outcome.warranty["calls_in_warranty_per_year"] + outcome.warranty["calls_after_per_year"]
    )
    assert calls[0] == pytest.approx(outcome.promises["calls_per_year"][0], rel=1e-12)
    assert simulate(scenario(), plan(scenario(), 1), replications=2).warranty is None


def test_machines_that_come_in_the_simulation_are_in_warranty_from_their_delivery():
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 2,
             "ages": ["0 d", "300 d"], "deliveries_per_year": 1}  # fmt: skip
    ends = warranty_ends(case(fleets=[fleet]), 0)
    assert ends.tolist() == [365, 65, 182.5 + 365, 547.5 + 365]


def test_warranty_changes_nothing_that_happens():
    without = case(machines={"mixer": {"positions": {"pump": 1}}}, warranty={},
                   suppliers={"importer": {"kind": "outsourced", "lead_time": "20 d"}},
                   fleets=[{"machine": "mixer", "depot": "centre", "customers": "road",
                            "count": 10}])  # fmt: skip
    logs = []
    for asked in (case(), without):
        network = build(asked, plan(asked, 1), seed=1, replication=0)
        network.run()
        logs.append(network.logs[0].table())
    assert logs[0].tolist() == logs[1].tolist()

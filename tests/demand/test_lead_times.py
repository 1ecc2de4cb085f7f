"""Lead times of the formulas: the moments of what the simulation plays."""

import numpy as np
import pytest

from partsim.demand.estimation import estimate_demand
from partsim.demand.lead_times import orders_cross, supply_lead_times
from partsim.lifetimes import Shifted
from partsim.model.beyond_formulas import beyond_formulas
from partsim.planning.evaluation import evaluate
from tests.builders import plan, scenario, scenario_tree

REPAIR = {"shop": "bench", "work_time": {"exponential": {"mean": "6 d"}}, "return_time": "10 d"}


def lead_time(**changes):
    case = scenario(**changes)
    return supply_lead_times(case, ["C"])[0]


def test_without_rules_the_lead_time_is_the_suppliers_after_the_approval():
    found = lead_time(grading={"grades": {"C": {"approval_time": "3 d"}}})
    assert isinstance(found, Shifted)
    assert (found.mean, found.variance) == (23.0, 0.0)


def test_an_order_waits_for_its_review_half_a_period_in_the_mean():
    found = lead_time(grading={"grades": {"C": {"approval_time": "3 d", "review_period": "12 d"}}})
    assert (found.mean, found.variance) == pytest.approx((29.0, 12.0), rel=1e-9)


def test_repaired_units_mix_repairs_and_new_ones_for_the_condemned():
    found = lead_time(
        parts={"pump": {"repair": REPAIR | {"condemned": "25 %"}}},
        repair_shops={"bench": {}},
        grading={"grades": {"C": {"approval_time": "4 d"}}},
    )
    mean = 10 + 0.75 * 6 + 0.25 * 24
    variance = 0.75 * 72 + 0.25 * 24**2 - (mean - 10) ** 2
    assert (found.mean, found.variance) == pytest.approx((mean, variance), rel=1e-9)


def test_disruptions_lengthen_and_spread_the_lead_time():
    lasting = {"exponential": {"mean": "40 d"}}
    found = lead_time(suppliers={"plant": {"disruptions": {"every": "100 d", "lasting": lasting}}})
    # Down a share of 40 / 140, and then for 40 days more; four days of stops for ten of work.
    assert found.mean == pytest.approx(20 * 1.4 + 40 / 140 * 40, rel=1e-9)
    assert found.variance > 20 / 100 * 2 * 40**2


def test_the_formulas_go_on_with_every_rule_and_say_what_they_do_not_know():
    rules = {"approvers": 1, "approval_work": "1 h", "approval_time": "1 d", "review_period": "7 d"}
    case = scenario(
        parts={"pump": {"repair": REPAIR}},
        repair_shops={"bench": {"servers": 1}},
        suppliers={
            "plant": {
                "sequential": True,
                "capacity": 2,
                "disruptions": {"every": "1 y", "lasting": "20 d"},
                "second_source": {"supplier": "other"},
            },
            "other": {"kind": "own", "lead_time": "5 d"},
        },
        grading={"grades": {"C": rules}},
    )
    assert np.isfinite(estimate_demand(case).lead_time).all()
    assert evaluate(case, plan(case, 3)).promises["share_modelled"].between(0, 1).all()
    assert len(beyond_formulas(case)) == 7


def test_which_orders_cross_is_what_makes_one_of_them_late():
    crossing = {"gamma": {"mean": "30 d", "cv": 0.4}}
    suppliers = {
        "free": {"kind": "own", "lead_time": crossing},
        "fixed": {"kind": "own", "lead_time": "30 d"},
        "busy": {"kind": "own", "lead_time": crossing, "capacity": 3},
        "orderly": {"kind": "own", "lead_time": crossing, "sequential": True},
        "struck": {"kind": "own", "lead_time": crossing,
                   "disruptions": {"every": "3 y", "lasting": "30 d"}},
    }  # fmt: skip
    pump = scenario_tree()["parts"]["pump"]
    given = scenario(
        suppliers=suppliers | {"plant": {"lead_time": crossing}},
        parts={name: pump | {"supplier": name} for name in suppliers},
        machines={"mixer": {"positions": dict.fromkeys(suppliers, 1)}},
        grading={"grades": {"B": {"review_period": "7 d"}}},
    )
    found = dict(zip(given.part_ids, orders_cross(given, ["A"] * 6), strict=True))
    assert {name for name, crosses in found.items() if crosses} == {"free", "pump"}
    assert not orders_cross(given, ["B"] * 6).any()

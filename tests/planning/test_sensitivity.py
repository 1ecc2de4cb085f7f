"""Assumptions changed one at a time, against plans and simulations made by hand."""

import pytest

from partsim import optimise, simulate
from partsim.model.scenario import Scenario
from partsim.planning.assumptions import ASSUMPTIONS, changed
from partsim.planning.sensitivity import find_sensitivity
from tests.builders import scenario

WEIBULL, ALWAYS = {"weibull": {"mean": "100 d", "shape": 2}}, {"fixed": "300 d"}
PARTS = {
    "pump": {"price": 800, "lifetime": {"modes": [WEIBULL, ALWAYS]}, "supplier": "importer"},
    "seal": {"price": 80, "lifetime": WEIBULL, "supplier": "importer"},
}
SUPPLIERS = {"importer": {"kind": "outsourced", "lead_time": "20 d"}}


def short(**changes):
    return scenario(
        service={"phone_fix": "20 %", "diagnosis_time": "1 h", "travel_time": "4 h",
                 "repair_time": "2 h"},
        simulation={"years": 2, "replications": 4},
        **changes,
    )  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return find_sensitivity(short(), by=0.25)


def leaves(tree, path=()):
    """Give every value of a tree by its path."""
    if isinstance(tree, dict | list):
        pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return {p: v for key, node in pairs for p, v in leaves(node, (*path, key)).items()}
    return {path: tree}


@pytest.mark.parametrize(
    ("assumption", "paths"),
    [
        ("prices", {("parts", "pump", "price"), ("parts", "seal", "price")}),
        (
            "lead times",
            {("suppliers", name, "lead_time", "fixed") for name in ("plant", "importer")},
        ),
        ("phone fixes", {("service", "phone_fix")}),
        ("calls that may break a promise", {("tiers", "everyone", "promise", "share")}),
        ("hours promised", {("tiers", "everyone", "promise", "within")}),
    ],
)
def test_an_assumption_changes_its_values_and_nothing_else(assumption, paths):
    case = short(parts=PARTS, suppliers=SUPPLIERS)
    before, after = leaves(case.to_tree()), leaves(changed(case, assumption, 1.25).to_tree())
    assert {path for path in before if before[path] != after.get(path)} == paths
    assert before.keys() == after.keys()


def test_lives_are_stretched_in_every_way_to_fail():
    case = changed(short(parts=PARTS, suppliers=SUPPLIERS), "lifetimes", 1.5)
    one, other = case.parts["pump"].lifetime.distribution.modes
    assert (one.mean, one.shape, other.mean) == (150, 2, 450)
    assert case.parts["seal"].lifetime.distribution.mean == 150


def test_what_customers_order_is_times_the_factor():
    row = {"part": "bolt", "depot": "centre", "customers": "road", "rate": "12 per year"}
    bolt = {"price": 5, "supplier": "plant"}
    case = short(parts={"bolt": bolt}, demand=[row | {"variance_to_mean": 3}])
    before, after = case.demand[0], changed(case, "rates of demand", 1.25).demand[0]
    assert (after.rate * 365, after.variance_to_mean) == (15, before.variance_to_mean)
    assert changed(case, "lifetimes", 1.25).demand == case.demand


def test_values_are_times_the_factor():
    case = short()
    promise = next(iter(case.tiers.values())).promise
    fewer = changed(case, "calls that may break a promise", 0.5)
    after = next(iter(fewer.tiers.values())).promise
    assert 1 - after.share == pytest.approx((1 - promise.share) / 2, rel=1e-9)
    assert after.within == promise.within
    assert changed(case, "phone fixes", 1.5).service.phone_fix == pytest.approx(0.3, rel=1e-12)
    assert changed(case, "phone fixes", 9).service.phone_fix == 0.99


def test_least_costs_are_those_of_the_optimiser_in_the_changed_scenario(found):
    base = optimise(short()).certificate.plan_cost
    for row in found.table.itertuples():
        world = changed(short(), row.assumption, row.factor)
        cost = optimise(world).certificate.plan_cost
        assert row.least_cost == cost
        assert row.cost_change == cost - base


def test_the_plan_as_it_is_is_played_in_the_changed_scenario(found):
    plan = optimise(short())
    others = 0
    for row in found.table.itertuples():
        world = changed(short(), row.assumption, row.factor)
        promises = simulate(world, plan).promises
        assert row.share_simulated == promises["share_simulated"].item()
        assert row.margin == (promises["share_simulated"] - promises["share_promised"]).item()
        others += optimise(world).base_stock.tolist() != plan.base_stock.tolist()
    assert others  # or it could have been the cheapest plan of the changed scenario


def test_rows_are_two_for_each_assumption_the_widest_first(found):
    names = found.table["assumption"].tolist()
    assert names[::2] == names[1::2]
    assert set(names) == set(ASSUMPTIONS) - {"rates of demand"}  # these machines wear parts out
    spread = found.table["cost_change"].abs().groupby(found.table["assumption"], sort=False).max()
    assert spread.is_monotonic_decreasing
    assert found.table["factor"].tolist() == [0.75, 1.25] * 6


def test_what_the_scenario_has_not_is_left_out():
    service = {"diagnosis_time": "1 h", "travel_time": "4 h", "repair_time": "2 h"}
    case = scenario(service=service, simulation={"years": 1, "replications": 2})
    assert "phone fixes" not in set(find_sensitivity(case).table["assumption"])


def test_the_tier_with_least_in_hand_is_shown():
    tiers = {
        "everyone": {"customers": ["road"], "promise": {"within": "6 h", "share": "99 %"}},
        "loose": {"customers": ["b"], "promise": {"within": "90 d", "share": "50 %"}},
    }
    fleet = {"machine": "mixer", "depot": "centre", "count": 10}
    case = short(tiers=tiers, fleets=[fleet | {"customers": name} for name in ("road", "b")])
    assert set(find_sensitivity(case).table["tier"]) == {"everyone"}


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="by: expected a share above 0 and below 1, got 1"):
        find_sensitivity(short(), by=1)
    with pytest.raises(ValueError, match=r"assumption: expected one of .*got 'luck'"):
        changed(short(), "luck", 2)
    with pytest.raises(ValueError, match="factor: expected a number > 0, got 0"):
        changed(short(), "prices", 0)
    assert isinstance(changed(short(), "prices", 2), Scenario)

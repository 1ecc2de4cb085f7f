"""Consignment stock: Erlang's loss formula, what it costs, and whose units it takes."""

import pytest

from partsim.analytic.emergency_supply import erlang_loss
from partsim.model.beyond_formulas import beyond_formulas
from partsim.simulation.replication import build
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario

PER_DAY = 10 / 100
"""Failures of the fleet."""
PRICE, HOLDING = 1000, 0.2
HALF = 1.855 / 2
"""Of a 99.9 % interval over the width of one of 95 %, by Student's t with 19 degrees of freedom."""


def case(units=2, **changes):
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 10}
    tree = {
        "ageing": "calendar",
        "fleets": [fleet | {"consignment": {"pump": units}}],
        "service": {"delivery_time": {"gamma": {"mean": "15 d", "cv": 0.5}}},
        "simulation": {"years": 10, "warm_up": "200 d", "replications": 20},
    }
    return scenario(**tree | changes)


@pytest.mark.parametrize("units", [1, 2, 4])
def test_calls_that_find_nothing_at_the_customer_are_those_erlang_loses(units):
    """With units at the depot always, an empty place is a busy line of mean delivery time."""
    asked = case(units)
    outcome = simulate(asked, plan(asked, 40))
    lost = erlang_loss(PER_DAY * 15, units)
    row = outcome.supply.set_index("measure").loc["met from consignment stock"]
    assert row["place"] == "pump of mixer/centre/road"
    half = HALF * (row["value_high"] - row["value_low"])
    assert abs(row["value"] - (1 - lost)) < half
    # Every unit is at the customer or on its way, as the depot always has one.
    costs = outcome.costs.set_index("cost")["per_year"]
    assert costs["consignment"] == pytest.approx(HOLDING * PRICE * units, rel=1e-9)


def test_a_call_whose_part_is_there_waits_for_none():
    """The depot has nothing on its shelf: each call waits for a supplier, but these do not."""
    with_stock, without = case(units=12), case(fleets=[{
        "machine": "mixer", "depot": "centre", "customers": "road", "count": 10}])  # fmt: skip
    late, never = (simulate(asked, plan(asked, 0)) for asked in (without, with_stock))
    assert late.service["parts_hours"][0] > 24 * 20  # the lead time
    assert never.supply["value"][0] > 0.99
    assert never.service["parts_hours"][0] < 0.01 * late.service["parts_hours"][0]
    # The units that the depot owes are nobody's yet: each waits there for the lead time (Little).
    owed = PER_DAY * (1 - erlang_loss(PER_DAY * (20 + 15), 12)) * 20
    row = never.costs.set_index("cost").loc["consignment"]
    half = HALF * (row["per_year_high"] - row["per_year_low"])
    assert abs(row["per_year"] - HOLDING * PRICE * (12 - owed)) < half


@pytest.mark.parametrize("stock", [0, 3])
def test_units_are_conserved(stock):
    network = build(asked := case(units=3), plan(asked, stock), seed=3, replication=0)
    store = network.supply.consignments[0, 0]
    clock, depot = network.clock, network.shelves[0][0]
    arrived, before = 0, store.units
    while clock.peek() < clock.end:
        clock.step()
        arrived += max(store.units - before, 0)
        before = store.units
        owed = sum(getattr(r, "__self__", None) is store for _, r, _ in depot.untold)
        assert store.units + (store._sent - arrived) + owed == 3
    assert store.units >= 0
    assert arrived > 100


def test_what_a_customer_holds_himself_comes_from_the_depot():
    asked = case(parts={"pump": {"customer_held": "50 %"}})
    outcome = simulate(asked, plan(asked, 40), replications=2)
    network = build(asked, plan(asked, 40), seed=1, replication=0)
    network.run()
    requests = network.supply.consignments[0, 0].requests
    calls = network.shelves[0][0].machine_side.tally.requests
    assert requests < 0.6 * calls  # each call is a refill at the depot, half of them not from here
    assert "consignment" in outcome.costs["cost"].tolist()


def test_borrowed_parts_that_are_at_the_customer_need_no_loan():
    other = {"price": 1, "lifetime": {"exponential": {"mean": "1000 d"}}, "supplier": "plant"}
    asked = case(
        parts={"pump": {"may_need": {"seal": "50 %"}}, "seal": other},
        machines={"mixer": {"positions": {"pump": 1}}},
        fleets=[{"machine": "mixer", "depot": "centre", "customers": "road", "count": 10,
                 "consignment": {"seal": 50}}],
        service={"parts_taken": "expected"},
    )  # fmt: skip
    outcome = simulate(asked, plan(asked, [[40], [0]]), replications=2)
    assert outcome.service["second_visit_share"][0] == 0  # though the depot has no seal
    assert any("consignment stock" in sentence for sentence in beyond_formulas(asked))


def test_consignment_leaves_all_else_as_it_was():
    """The same random numbers: failures come at the same moments."""
    moments = []
    for asked in (case(), case(fleets=[{"machine": "mixer", "depot": "centre",
                                        "customers": "road", "count": 10}])):  # fmt: skip
        network = build(asked, plan(asked, 5), seed=1, replication=0)
        network.run()
        moments.append(sorted(network.logs[0].began))
    assert moments[0] == moments[1]

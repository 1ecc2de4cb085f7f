"""A new policy and a new way of sourcing, each one entry of its registry, as the docs say."""

import pytest

from partsim.analytic.emergency_supply import emergency_measures
from partsim.analytic.policies import reorder_point_measures
from partsim.model.sourcing import Shipment
from partsim.simulation.conservation import run_checked
from partsim.simulation.replenishment import POLICIES
from partsim.simulation.replication import build, play
from partsim.simulation.simulation import simulate
from partsim.simulation.sourcing import WAYS, FromOutside
from tests.builders import plan, scenario
from tests.simulation.agreement import agree, records


def open_case(years=10):
    run = {"years": years, "warm_up": "1 year", "replications": 5}
    return scenario(ageing="calendar", simulation=run)


def fill_rates(case, decision):
    played = records(case, decision, replications=60)
    return [r.from_shelf[0, 0, 0] for r in played], [r.requests[0, 0, 0] for r in played]


class Rental:
    """Units from a company that lets out parts."""

    figure = "units hired for"
    cost = "rental"
    owned = False

    def rule(self, _scenario, _depot):
        return Shipment.model_validate({"time": "2 d", "cost": 7})

    def place(self, _shortage, shipments):
        return FromOutside(shipments)


@pytest.fixture
def rental():
    WAYS.append(way := Rental())
    yield way
    WAYS.remove(way)


def test_a_way_in_the_registry_is_asked_counted_and_paid_for(rental):
    case = open_case()
    decision = plan(case, 3)
    exact = emergency_measures(10 / 100, 20, 3)
    assert agree(exact.fill_rate.item(), *fill_rates(case, decision))
    outcome = simulate(case, decision)
    hired = outcome.supply.set_index("measure").loc[rental.figure]
    assert hired["unit"] == "units per year"
    assert hired["value"] > 0
    cost = outcome.costs.set_index("cost").loc["rental"]
    assert cost["per_year"] == pytest.approx(7 * hired["value"], rel=1e-9)


def test_a_way_in_the_registry_keeps_the_laws_and_another_scenario_has_it_no_more(rental):
    case = open_case(years=1)
    run_checked(build(case, plan(case, 3), seed=1, replication=0, eventful=True))
    WAYS.remove(rental)
    assert not play(case, plan(case, 3), 1, 0).supply_costs.size
    WAYS.append(rental)


def test_a_policy_in_the_registry_is_played(monkeypatch):
    def twice_as_much(at):
        at.shelf.order_quantity *= 2

    case = open_case()
    decision = plan(case, 3)
    alone = reorder_point_measures(2.0, 2.0, reorder_point=2, order_quantity=1).fill_rate.item()
    assert agree(alone, *fill_rates(case, decision))
    monkeypatch.setitem(POLICIES, "lots", twice_as_much)
    exact = reorder_point_measures(2.0, 2.0, reorder_point=2, order_quantity=2).fill_rate.item()
    assert agree(exact, *fill_rates(case, decision))
    assert not agree(alone, *fill_rates(case, decision))

"""Overload: the arithmetic against hand and against the simulation, and where it is said."""

import math

import pytest

from partsim.model.overload import overloads
from partsim.report.plain_text import scenario_text
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario

TIMES = {"travel_time": "6 h", "repair_time": "18 h"}
"""Ten machines that fail every 100 days: 0.1 days of work a day."""


def served(number=1, end="6 h", **changes):
    shift = {"days": 7, "start": "0 h", "end": end}
    group = {"depots": ["centre"], "number": number, "shift": shift}
    return scenario(ageing="calendar", service=TIMES, technicians={"day": group}, **changes)


def test_technicians_with_time_enough_are_not_named():
    assert overloads(served(end="6 h")) == []  # 0.25 days a day for 0.1
    assert overloads(scenario(service=TIMES)) == []
    exact = served(end="2.4 h")
    assert overloads(exact) == []  # just enough, but for rounding


def test_technicians_are_asked_for_more_than_their_hours():
    asked = served(end="2 h")
    (sentence,) = overloads(asked)
    assert sentence == (
        "overload: technicians day work 2.0 hours a day together and are asked for 2.4 (120 %), "
        "overtime apart; calls would wait ever longer"
    )
    assert sentence in scenario_text(asked)
    assert overloads(served(number=2, end="2 h")) == []


def test_what_is_asked_is_what_the_simulation_measures():
    """Second visits and customers who repair themselves too; within its 99.9 % interval."""
    asked = served(
        number=3, end="1 h", parts={"pump": {"customer_held": "40 %"}},
        simulation={"years": 20, "replications": 20},
    )  # fmt: skip
    asked = asked.model_validate(
        asked.to_tree() | {"service": asked.to_tree()["service"]
                           | {"wrong_diagnosis": "20 %", "remote_support": "50 %",
                              "check_time": "2 h", "guided_repair": {"medium": "50 %"}}}
    )  # fmt: skip
    by_hand = 2.4 * 0.8 * (1 + 0.1 * 8 / 24)
    (sentence,) = overloads(asked.model_validate(asked.to_tree() | _alone(asked)))
    assert f"are asked for {by_hand:,.1f} " in sentence
    row = simulate(asked, plan(asked, 40)).technicians.iloc[0]
    half = 1.855 * (row["utilisation_high"] - row["utilisation_low"]) / 2
    assert abs(row["utilisation"] * 3 - by_hand) < 3 * half  # 3 hours a day are worked


def _alone(asked):
    tree = asked.to_tree()["technicians"]
    return {"technicians": {"day": tree["day"] | {"number": 1}}}


def test_calls_that_only_one_group_takes_are_its_own_load():
    """Two groups have time enough together, but only one of them for what is difficult."""
    day = {"days": 7, "start": "0 h", "end": "2 h"}
    groups = {
        "easy": {"depots": ["centre"], "number": 9, "skills": ["low"], "shift": day},
        "all": {"depots": ["centre"], "number": 1, "shift": day},
    }
    easy = {"price": 5, "lifetime": "200 d", "supplier": "plant", "difficulty": "low"}
    asked = scenario(
        service=TIMES, technicians=groups, parts={"seal": easy},
        machines={"mixer": {"positions": {"pump": 1, "seal": 1}}},
    )  # fmt: skip
    (sentence,) = overloads(asked)
    assert sentence.startswith(
        "overload: technicians all work 2.0 hours a day together and are asked for 2.4 (120 %)"
    )


@pytest.mark.parametrize(("capacity", "lots", "asked_for"), [(1, 1, "2"), (1, 2, None),
                                                             (2, 1, None)])  # fmt: skip
def test_suppliers_are_asked_for_orders_times_work(capacity, lots, asked_for):
    """A unit every ten days, 20 days of work on each order."""
    asked = scenario(suppliers={"plant": {"capacity": capacity}})
    found = overloads(asked, plan(asked, 9, order_quantity=lots))
    if asked_for is None:
        assert found == []
    else:
        (sentence,) = found
        assert f"is asked for {asked_for} at a time (200 %)" in sentence


def test_what_customers_order_asks_suppliers_too():
    """A unit every ten days of machines and of customers each, 20 days of work on each order."""
    row = {"part": "bolt", "depot": "centre", "customers": "road", "rate": "1 per 10 d"}
    asked = scenario(
        parts={"bolt": {"price": 5, "supplier": "plant"}},
        suppliers={"plant": {"capacity": 1}},
        demand=[row],
    )
    (sentence,) = overloads(asked, plan(asked, 9))
    assert "is asked for 4 at a time (400 %)" in sentence


def test_lots_are_those_of_the_depot_that_suppliers_deliver_to():
    """A unit every ten days, in tens, passes a region on its way to the machines."""
    depots = {
        "region": {"supplied_by": "centre", "transport_time": "1 d"},
        "field": {"supplied_by": "region", "transport_time": "1 d"},
    }
    fleets = [{"machine": "mixer", "depot": "field", "customers": "road", "count": 10}]
    case = scenario(
        ageing="calendar", depots=depots, fleets=fleets,
        suppliers={"plant": {"lead_time": "60 d", "capacity": 1}},
    )  # fmt: skip
    assert overloads(case, plan(case, [[12, 2, 2]], [[10, 1, 1]])) == []  # 0.6 at a time
    (sentence,) = overloads(case, plan(case, [[12, 2, 2]], [[5, 1, 1]]))
    assert "is asked for 1.2 at a time" in sentence


def test_reviews_make_one_order_of_many():
    """A unit every ten days in orders of a month's reviews: the simulation counts as many."""
    grades = {"A": {}, "B": {}, "C": {"review_period": "30 d"}}
    asked = scenario(
        ageing="calendar", suppliers={"plant": {"capacity": 1}}, costs={"order": 1},
        grading={"grades": grades}, simulation={"years": 100, "replications": 20},
    )  # fmt: skip
    assert overloads(asked, plan(asked, 9)) == []  # 20 days of work for each 31.6
    (sentence,) = overloads(asked)  # grades and lots are not known yet
    assert sentence.endswith("unless the plan's lots or reviews make them fewer")
    slower = {"plant": {"kind": "own", "lead_time": "40 d", "capacity": 1}}
    longer = asked.model_validate(asked.to_tree() | {"suppliers": slower})
    by_hand = (1 - math.exp(-3)) / 30
    (sentence,) = overloads(longer, plan(longer, 9))
    assert f"is asked for {by_hand * 40:.3g} at a time" in sentence
    free = scenario(
        ageing="calendar", costs={"order": 1}, grading={"grades": grades},
        simulation={"years": 100, "replications": 20},
    )  # fmt: skip
    costs = simulate(free, plan(free, 9)).costs.set_index("cost").loc["ordering"]
    half = 1.855 * (costs["per_year_high"] - costs["per_year_low"]) / 2  # 99.9 %
    assert abs(costs["per_year"] - by_hand * 365) < half


def test_repair_shops_are_asked_for_what_is_not_condemned():
    repair = {"shop": "bench", "work_time": "15 d", "condemned": "20 %"}
    asked = scenario(parts={"pump": {"repair": repair}}, repair_shops={"bench": {"servers": 1}})
    (sentence,) = overloads(asked)
    assert sentence == (
        "overload: repair shop bench has 1 place for units and is asked for 1.2 at a time (120 %); "
        "units would wait ever longer"
    )
    enough = scenario(parts={"pump": {"repair": repair}}, repair_shops={"bench": {"servers": 2}})
    assert overloads(enough) == []

"""Standards: what tiers and their machines get from them, unless they say otherwise."""

from dataclasses import fields

import numpy as np
import pytest
from pydantic import ValidationError

from partsim.simulation.replication import play
from tests.builders import plan, scenario

PROMISE = {"within": "24 h", "share": "90 %"}
CARE = {"every": "30 d", "warning": "20 d"}
FLEETS = [
    {"machine": "mixer", "depot": "centre", "customers": customers, "count": 10, "ages": "new"}
    for customers in ("road", "rail", "mines")
]


def three_tiers(standard, rail, **changes):
    """Give key customers (rail) a standard, beside two tiers without."""
    case = {
        "parts": {"pump": {"lifetime": {"weibull": {"mean": "60 d", "shape": 3}}}},
        "fleets": FLEETS,
        "inspections": {"care": CARE},
        "standards": {"exceed": {"promise": PROMISE} | standard},
        "tiers": {
            "everyone": {"customers": ["road"], "promise": PROMISE, "priority": 3},
            "key": {"customers": ["rail"], "standard": "exceed"} | rail,
            "rest": {"customers": ["mines"], "promise": PROMISE, "priority": 4},
        },
    }
    return scenario(**case | changes)


def test_a_tier_has_what_its_standard_says_unless_it_says_something_else():
    standard = {"priority": 2, "reserved_stock": 3}
    case = three_tiers(standard, {})
    assert case.priorities == {"everyone": 3, "key": 2, "rest": 4}
    assert case.reserves == {"everyone": 0, "key": 3, "rest": 0}
    assert case.kept_from == {"everyone": 3, "key": 0, "rest": 3}
    own = three_tiers(standard, {"priority": 1, "reserved_stock": 0})
    assert own.priorities["key"] == 1
    assert own.kept_from == {"everyone": 0, "key": 0, "rest": 0}
    assert three_tiers({}, {}).priorities["key"] == 1
    assert type(case).model_validate(case.to_tree()) == case


@pytest.mark.parametrize(
    ("standard", "tier", "fleet"),
    [
        ({"priority": 2, "reserved_stock": 2}, {"priority": 2, "reserved_stock": 2}, {}),
        ({"inspection": "care"}, {}, {"inspection": "care"}),
    ],
)
def test_a_standard_is_played_as_if_each_tier_and_fleet_said_it(standard, tier, fleet):
    by_standard = three_tiers(standard, {})
    fleets = [FLEETS[0], FLEETS[1] | fleet, FLEETS[2]]
    one_by_one = three_tiers({}, tier, fleets=fleets)
    without = three_tiers({}, {"priority": 2})
    mine, same, other = (
        play(case, plan(case, 5), 1, 0) for case in (by_standard, one_by_one, without)
    )
    for field in fields(mine):
        if field.name != "responses":
            np.testing.assert_array_equal(getattr(mine, field.name), getattr(same, field.name))
    assert (mine.service != other.service).any()


def test_a_fleet_has_its_own_inspections_else_its_standards_else_its_machines():
    case = three_tiers(
        {"inspection": "strict"},
        {},
        machines={"mixer": {"positions": {"pump": 1}, "inspection": "care"}},
        inspections={"care": CARE, "strict": {"every": "7 d"}, "own": {"every": "3 d"}},
        fleets=[FLEETS[0], FLEETS[1], FLEETS[1] | {"inspection": "own"}, FLEETS[2]],
    )
    found = [case.inspection_of(fleet).every for fleet in range(4)]
    assert found == [30, 7, 3, 30]


@pytest.mark.parametrize(
    ("standard", "changes", "problem"),
    [
        ({"inspection": "care"},
         {"plans": [{"older_than": "400 d", "customers": ["rail"], "tier": "rest"}]},
         "fleets.1: expected one plan of inspections for all its tiers, got care, none by their "
         "standards as machines age; give the fleet its own, such as 'inspection: care'"),
        ({"inspection": "care"},
         {"fleets": [{key: fleet[key] for key in fleet if key != "ages"} for fleet in FLEETS],
          "inspections": {"care": {"ages": ["30 d"]}}},
         "fleets.1: expected ages, age_distribution or delivered for inspections by age ('care')"),
        ({"inspection": "cure"}, {},
         "standards.exceed.inspection: expected the name of an entry of inspections (care)"),
        ({"priority": 9, "reserved_stock": 1}, {},
         "standards.exceed.reserved_stock: expected another tier with a later priority"),
    ],
)  # fmt: skip
def test_what_a_standard_cannot_say_is_refused_where_it_stands(standard, changes, problem):
    with pytest.raises(ValidationError) as refused:
        three_tiers(standard, {}, **changes)
    assert problem in str(refused.value)

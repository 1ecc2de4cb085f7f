"""Contradictions of the supply side are found, each by its sentence."""

import pytest

from partsim.model.beyond_formulas import beyond_formulas
from partsim.model.checks import find_contradictions
from tests.builders import scenario, scenario_tree

NORTH = {"north": {"supplied_by": "centre", "lateral": ["centre"]}}
BEHIND = {"slow": {"customers": ["rail"], "promise": {"within": "2 d", "share": "90 %"}}}


def test_orders_up_to_the_level_are_said_and_need_no_review():
    grades = {"grades": {"C": {"ordering": "up_to"}}}
    (sentence,) = beyond_formulas(scenario(grading=grades))
    assert "orders up to the level" in sentence
    with pytest.raises(ValueError, match="expected no review_period beside 'ordering: up_to'"):
        scenario(grading={"grades": {"C": {"ordering": "up_to", "review_period": "7 d"}}})


def found(**changes):
    return {".".join(map(str, path)): text for path, text in find_contradictions(changes)}


@pytest.mark.parametrize(
    ("changes", "path", "says"),
    [
        ({"emergency": {"tiers": ["gold"], "outside": {}}}, "emergency.tiers.0", "(everyone)"),
        ({"emergency": {"central": {"time": "1 d"}}}, "emergency.central", "use 'outside'"),
        (
            {
                "parts": {"pump": {"order_multiple": 4}},
                "grading": {"grades": {"C": {"ordering": "up_to"}}},
            },
            "grading.grades.C.ordering",
            "packs (order_multiple of 'pump')",
        ),
        ({"lateral": {"time": "1 d"}}, "lateral", "nobody would ship"),
        ({"depots": NORTH}, "depots.north.lateral", "lateral: {time: 1 d}"),
        (
            {"depots": {"north": {"supplied_by": "centre", "lateral": ["south"]}}},
            "depots.north.lateral.0",
            "got 'south'",
        ),
        (
            {"depots": {"centre": {"supplied_by": "suppliers", "lateral": ["centre"]}}},
            "depots.centre.lateral.0",
            "got 'centre' again",
        ),
        (
            {"depots": {"centre": {"supplied_by": "suppliers", "hold_back": 1}}},
            "depots.centre.hold_back",
            "list under 'lateral'",
        ),
        ({"tiers": {"everyone": {"reserved_stock": 1}}}, "tiers.everyone.reserved_stock", "later"),
        (
            {"depots": {"centre": {"supplied_by": "suppliers", "allocation": "priority"}}},
            "depots.centre.allocation",
            "supplies none",
        ),
        (
            {
                "suppliers": {
                    "plant": {"second_source": {"supplier": "plant", "longer_than": "9 d"}}
                }
            },
            "suppliers.plant.second_source.supplier",
            "got 'plant' itself",
        ),
        (
            {"suppliers": {"plant": {"second_source": {"supplier": "plan", "longer_than": "9 d"}}}},
            "suppliers.plant.second_source.supplier",
            "did you mean 'plant'?",
        ),
        (
            {"suppliers": {"plant": {"second_source": {"supplier": "plant"}}}},
            "suppliers.plant.second_source",
            "nothing would go there",
        ),
        ({"parts": {"pump": {"repair": {"shop": "b"}}}}, "parts.pump.repair.shop", "there is none"),
        ({"repair_shops": {"bench": {}}}, "repair_shops.bench", "some part is repaired in"),
        (
            {"depots": {"centre": {"allocation": "priority"}, **NORTH}},
            "depots.centre.allocation",
            "one priority for all",
        ),
    ],
)
def test_a_contradiction_is_named(changes, path, says):
    assert says in found(**scenario_tree(**changes))[path]


def test_what_fits_together_is_no_contradiction():
    case = scenario_tree(
        depots=NORTH
        | {"centre": {"supplied_by": "suppliers", "hold_back": 1, "allocation": "priority"}},
        lateral={"time": "1 d"},
        emergency={"tiers": ["everyone"], "central": {"time": "1 d"}},
        tiers={"everyone": {"reserved_stock": 1}} | {"slow": BEHIND["slow"] | {"priority": 2}},
        fleets=[
            {"machine": "mixer", "depot": "north", "customers": group, "count": 1}
            for group in ("road", "rail")
        ],
    )
    assert find_contradictions(case) == []
    said = beyond_formulas(scenario(**case))
    assert [
        word in " ".join(said) for word in ("emergency", "lateral", "reserved", "allocation")
    ] == [True] * 4


def test_an_emergency_from_nowhere_is_refused():
    with pytest.raises(ValueError, match="expected 'central' or 'outside' or both, got neither"):
        scenario(emergency={"when": "always"})


@pytest.mark.parametrize("key", ["min_order", "order_multiple"])
def test_lots_of_a_part_that_is_repaired_are_refused(key):
    repair = {"shop": "bench", "work_time": "3 d", "condemned": "20 %"}
    shops = {"bench": {"servers": 2}}
    with pytest.raises(ValueError, match=f"{key}.*expected none for a part with 'repair'.* got 5"):
        scenario(parts={"pump": {key: 5, "repair": repair}}, repair_shops=shops)
    scenario(parts={"pump": {key: 1, "repair": repair}}, repair_shops=shops)

"""Which emergency shipments the formulas know, and what is said of the others."""

import pytest

from partsim.model.beyond_formulas import beyond_formulas
from partsim.model.emergency_formulas import emergency_in_formulas
from tests.builders import scenario

OUTSIDE = {"outside": {"time": "2 d", "cost": 100}}
FIELD = {"north": {"supplied_by": "centre", "transport_time": "1 d"}}
TWO_TIERS = {
    "fleets": [
        {"machine": "mixer", "depot": "centre", "customers": group, "count": 3}
        for group in ("road", "rail")
    ],
    "tiers": {"rail": {"customers": ["rail"], "promise": {"within": "9 h", "share": "50 %"}}},
}


def said(**changes):
    return [text for text in beyond_formulas(scenario(**changes)) if "emergency shipments" in text]


def test_they_know_shipments_at_every_shortage():
    assert emergency_in_formulas(scenario(emergency=OUTSIDE))
    assert said(emergency=OUTSIDE) == []
    both = OUTSIDE | {"central": {"time": "1 d", "cost": 100}}
    assert said(depots=FIELD, emergency=both) == []
    assert said(**TWO_TIERS, emergency=OUTSIDE | {"tiers": ["rail"]}) == []
    assert not emergency_in_formulas(scenario())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"emergency": OUTSIDE | {"when": "promise"}}, "only where the promise would break"),
        ({"depots": FIELD, "emergency": {"central": {"time": "1 d"}}}, "none from outside"),
        ({"depots": FIELD, "emergency": OUTSIDE | {"central": {"time": "3 d"}}}, "slower"),
        ({"depots": FIELD, "emergency": OUTSIDE | {"central": {"time": "1 d", "cost": 101}}},
         "dearer"),
        ({"depots": {"north": FIELD["north"] | {"lateral": ["centre"]}}, "lateral": {"time": "1 d"},
          "emergency": OUTSIDE}, "neighbours"),
        (TWO_TIERS | {"tiers": {"rail": TWO_TIERS["tiers"]["rail"] | {"priority": 2}},
                      "emergency": OUTSIDE}, "priorities"),
        ({"depots": FIELD | {"far": {"supplied_by": "north"}}, "emergency": OUTSIDE},
         "three echelons"),
        (TWO_TIERS | {"tiers": {"rail": TWO_TIERS["tiers"]["rail"] | {"max_waiting_time": "1 d"}},
                      "emergency": OUTSIDE | {"tiers": ["rail"]}}, "waiting times"),
    ],
)  # fmt: skip
def test_what_they_do_not_know_is_said(changes, reason):
    (sentence,) = said(**changes)
    assert sentence.startswith("simulated, not in the formulas: emergency shipments, since ")
    assert reason in sentence
    assert not emergency_in_formulas(scenario(**changes))

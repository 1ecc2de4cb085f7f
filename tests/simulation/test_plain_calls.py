"""Plain calls take a short cut through the rules of calls, which may change nothing else."""

import dataclasses

import numpy as np
import pytest

from partsim.simulation.calls import Position
from partsim.simulation.replication import build, play
from tests.builders import plan, scenario

TIMES = {
    "answer_time": {"exponential": {"mean": "1 h"}},
    "diagnosis_time": {"exponential": {"mean": "2 h"}},
    "travel_time": {"exponential": {"mean": "30 h"}},
    "delivery_time": {"exponential": {"mean": "20 h"}},
    "repair_time": {"exponential": {"mean": "3 h"}},
}
WITH_PARTS = {"technician_leaves": "with_parts"} | {
    name: time for name, time in TIMES.items() if name != "delivery_time"
}
PIPE = {"price": 1, "lifetime": {"fixed": "9 y"}, "supplier": "plant"}
PLAYED = "partsim.simulation.machines.PlainPosition"


def case(service, **changes):
    return scenario(
        depots={"north": {"supplied_by": "centre", "transport_time": "3 d"}},
        fleets=[
            {"machine": "mixer", "depot": depot, "customers": "road", "count": 9}
            for depot in ("centre", "north")
        ],
        machines={"mixer": {"positions": {"pump": 3}}},
        service=service,
        **changes,
    )


@pytest.mark.parametrize("ageing", ["operating", "calendar"])
@pytest.mark.parametrize(
    ("service", "changes"),
    [
        (TIMES, {}),
        (WITH_PARTS | {"phone_fix": "20 %"}, {}),
        (TIMES, {"parts": {"pump": {"lifetime": {"weibull": {"mean": "100 d", "shape": 3}},
                                    "replace_at": "90 d"}}}),
        ({}, {"parts": {"pump": {"lifetime": {"fixed": "70 d"}}}}),
    ],
)  # fmt: skip
def test_the_short_cut_counts_what_the_rules_count(monkeypatch, ageing, service, changes):
    asked = case(service, ageing=ageing, **changes)
    decision = plan(asked, [[12, 2]])
    short = play(asked, decision, 1, 0)
    monkeypatch.setattr(PLAYED, Position)
    long = play(asked, decision, 1, 0)
    assert 50 < short.from_shelf[0].sum() < short.requests[0].sum() - 50
    for field in dataclasses.fields(short):
        ours, theirs = getattr(short, field.name), getattr(long, field.name)
        for mine, other in zip(ours, theirs, strict=True):
            if field.name == "responses":
                mine, other = mine.each(), other.each()
            np.testing.assert_allclose(mine, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("plain", "service", "changes"),
    [
        (True, {"phone_fix": "20 %"}, {}),
        (False, {"wrong_diagnosis": "10 %"}, {}),
        (False, {}, {"parts": {"pump": {"customer_held": "10 %"}}}),
        (False, {}, {"technicians": {"crew": {"depots": ["centre", "north"], "number": 2}}}),
        (False, {}, {"parts": {"pump": {"needs": {"pipe": 1}}, "pipe": PIPE}}),
    ],
)
def test_only_plain_calls_take_the_short_cut(monkeypatch, plain, service, changes):
    asked, played = case(service, **changes), []

    def remember(*parts):
        played.append(parts)
        return Position(*parts)

    monkeypatch.setattr(PLAYED, remember)
    build(asked, plan(asked, 2), seed=1, replication=0)
    assert bool(played) is plain


@pytest.mark.parametrize("ageing", ["operating", "calendar"])
def test_hundreds_of_parts_that_fail_at_one_instant_are_no_deep_nesting(ageing):
    asked = scenario(
        ageing=ageing,
        parts={"pump": {"lifetime": {"fixed": "40 d"}}},
        machines={"mixer": {"positions": {"pump": 900}}},
        fleets=[{"machine": "mixer", "depot": "centre", "customers": "road", "count": 1,
                 "ages": "new"}],
        simulation={"years": 0.25, "warm_up": "0 d"},
    )  # fmt: skip
    record = play(asked, plan(asked, 3000), 1, 0)
    assert record.requests.sum() == 900 * 2

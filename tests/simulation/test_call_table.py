"""Calls one by one, against what is counted of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partsim.simulation.call_log import LATE, STAGES, SUMS
from partsim.simulation.call_table import call_table
from partsim.simulation.replication import play
from tests.builders import plan, scenario
from tests.simulation.random_scenarios import decisions, organisations
from tests.simulation.test_conservation import ALL_CHECKS


def check_agrees(case, calls, record):
    callers, parts = record.service, list(case.part_ids)
    for tier in case.tier_ids:
        sums = callers[[name == tier for name in case.caller_tiers]].sum(axis=0)
        mine = calls[calls["tier"] == tier]
        counted = dict(zip(SUMS, sums, strict=True))
        assert len(mine) == counted["calls"]
        assert (mine["kept"] == "no").sum() == sum(counted[name] for name in LATE)
        assert (mine["visits"] > 1).sum() == counted["second_visits"]
        hours = [f"{name}_hours" for name in (*STAGES, "response", "delay")]
        days = [counted[name] for name in (*STAGES, "response", "beyond")]
        np.testing.assert_allclose(mine[hours].sum() / 24, days, rtol=1e-9, atol=1e-7)
    by_part = calls.groupby("part").size().reindex(parts, fill_value=0)
    assert by_part.tolist() == record.by_part[:, 0].tolist()
    in_warranty, after = ((calls["warranty"] == when).sum() for when in ("in", "after"))
    assert in_warranty == record.warranty[:, 0, 0].sum()
    assert (
        after + (calls["warranty"] == "").sum()
        == record.warranty[:, 1, 0].sum() + (calls["fleet"] == "").sum()
    )


@settings(max_examples=15, suppress_health_check=ALL_CHECKS)
@given(st.data())
def test_calls_are_those_that_the_tables_count(data):
    case = data.draw(organisations())
    decision = data.draw(decisions(case))
    calls = call_table(case, decision, seed=5, replication=1)
    assert calls["day"].is_monotonic_increasing
    stages = calls[[f"{stage}_hours" for stage in STAGES]].sum(axis=1)
    np.testing.assert_allclose(stages, calls["response_hours"], rtol=0, atol=1e-6)
    check_agrees(case, calls, play(case, decision, 5, 1))


def test_a_call_says_who_called_for_what_and_how_late_he_was():
    case = scenario(
        parts={"pump": {"lifetime": "70 d"}},
        fleets=[{"machine": "mixer", "depot": "centre", "customers": "road", "count": 1,
                 "ages": "10 d"}],
        machines={"mixer": {"positions": {"pump": 1}, "warranty": "75 d"}},
        service={"diagnosis_time": "1 h", "travel_time": "4 h", "repair_time": "2 h"},
        suppliers={"plant": {"lead_time": "2 d"}},
        simulation={"years": 140 / 365, "warm_up": "0 d"},
    )  # fmt: skip
    first, second = call_table(case, plan(case, 0)).to_dict("records")
    assert first == pytest.approx({
        "day": 60.0, "depot": "centre", "customers": "road", "tier": "everyone",
        "fleet": "mixer/centre/road", "machine": 0, "part": "pump", "warranty": "in",
        "answer_hours": 0.0, "diagnosis_hours": 1.0, "dispatch_hours": 0.0,
        "travel_hours": 4.0, "parts_hours": 48.0, "repair_hours": 2.0,
        "response_hours": 55.0, "visits": 1, "promised_hours": 24.0,
        "delay_hours": 31.0, "kept": "no",
    })  # fmt: skip
    assert second["warranty"] == "after"
    assert second["day"] == pytest.approx(first["day"] + 55 / 24 + 70)

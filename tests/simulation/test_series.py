"""Calls by period, against the calls one by one and what is counted of all of them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partsim.simulation.call_table import call_table
from partsim.simulation.replication import play
from partsim.simulation.series import MONTH, period_edges
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario
from tests.simulation.agreement import agree
from tests.simulation.random_scenarios import decisions, organisations
from tests.simulation.test_conservation import ALL_CHECKS


@given(st.floats(0, 1e4), st.floats(0.01, 1000))
def test_periods_cover_the_window_in_whole_months_but_for_the_last(start, years):
    edges = period_edges(start, start + years * 365)
    steps = np.diff(edges)
    assert (edges[0], edges[-1]) == (start, start + years * 365)
    assert 1 <= len(steps) <= 60
    assert (steps > 0).all()
    whole = steps[:-1] / MONTH
    np.testing.assert_allclose(whole, np.round(whole[:1].repeat(len(whole))), rtol=1e-6)
    assert len(steps) == 1 or steps[-1] <= steps[0] * (1 + 1e-6)


@settings(max_examples=15, suppress_health_check=ALL_CHECKS)
@given(st.data())
def test_each_call_counts_in_its_period_and_tier(data):
    case = data.draw(organisations())
    decision = data.draw(decisions(case))
    record, calls = (f(case, decision, seed=5, replication=1) for f in (play, call_table))
    rules = case.simulation
    edges = period_edges(rules.warm_up, rules.warm_up + rules.years * 365)
    for t, tier in enumerate(case.tier_ids):
        mine = calls[calls["tier"] == tier]
        for k, (begin, end) in enumerate(pairwise(edges)):
            there = mine[(mine["day"] >= begin) & (mine["day"] < end)]
            counted = len(there), (there["kept"] == "yes").sum(), there["response_hours"].sum() / 24
            np.testing.assert_allclose(record.series[k, t], counted, rtol=1e-9, atol=1e-9)
    assert record.series[..., 0].sum() == len(calls)


def test_calls_come_when_the_season_and_the_fleet_say():
    # Exponential lives fail at one rate per working day: the use of each month, and the machines.
    use = [0, 0.5, 1, 2, 2, 1, 1, 1, 2, 1.5, 0, 0]
    case = scenario(
        ageing="calendar",
        seasons={"wet": use},
        depots={"centre": {"supplied_by": "suppliers", "season": "wet"}},
        fleets=[{"machine": "mixer", "depot": "centre", "customers": "road", "count": 30,
                 "delivered": {"2025-01-01": 10, "2026-07-02": 20}}],
        simulation={"years": 1, "warm_up": "0 d", "start_date": "2026-01-01"},
    )  # fmt: skip
    records = [play(case, plan(case, 9), 1, k) for k in range(60)]
    calls = np.array([record.series[:, 0, 0] for record in records])
    machines = [10] * 6 + [30] * 6  # day 182 is in July, whose half a day nobody sees
    for month, (factor, there) in enumerate(zip(use, machines, strict=True)):
        if factor:
            exact = factor * (there * MONTH - (month == 6) * 20 * (182 - 6 * MONTH)) / 100
            assert agree(exact, calls[:, month]), month
        else:
            assert not calls[:, month].any()


def test_the_table_adds_up_to_the_promises_and_counts_machines():
    case = scenario(
        fleets=[{"machine": "mixer", "depot": "centre", "customers": "road", "count": 4,
                 "ages": "new", "retire_at": "265 d"}],
        simulation={"years": 1, "warm_up": "100 d", "replications": 4},
    )  # fmt: skip
    outcome = simulate(case, plan(case, 1))
    series, (promise,) = outcome.series, outcome.promises.to_dict("records")
    years = (series["to_day"] - series["from_day"]) / 365
    calls = series["calls_per_year"] * years
    assert len(series) == 12
    assert calls.sum() == pytest.approx(promise["calls_per_year"])
    kept = (series["promise_kept"].fillna(0) * calls).sum() / calls.sum()
    assert kept == pytest.approx(promise["share_simulated"])
    hours = (series["mean_response_hours"].fillna(0) * calls).sum() / calls.sum()
    assert hours == pytest.approx(promise["mean_response_hours"])
    assert (series["machines"] * years * 365).sum() == pytest.approx(4 * 165)
    assert series["machines"].iloc[[0, -1]].tolist() == [4, 0]

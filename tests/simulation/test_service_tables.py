"""The tables of service: what their figures are made of."""

import numpy as np
import pytest
from scipy import stats

from partsim.simulation.call_counts import CallerCounts
from partsim.simulation.call_log import SUMS, CallLog, counted
from partsim.simulation.events import Clock
from partsim.simulation.replication import play
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario

PROMISE = {"within": "24 h", "share": "90 %"}


@pytest.fixture(scope="module")
def case():
    return scenario(
        service={
            "diagnosis_time": "1 h", "travel_time": {"exponential": {"mean": "6 h"}},
            "repair_time": "4 h", "wrong_diagnosis": "30 %", "phone_fix": "20 %",
        },
        depots={"north": {"market": "potential", "supplied_by": "centre", "transport_time": "1 d"}},
        fleets=[
            {"machine": "mixer", "depot": depot, "customers": "road", "count": 10}
            for depot in ("centre", "north")
        ],
        technicians={
            "centre": {"depots": ["centre"], "number": 1,
                       "shift": {"days": 7, "start": "6 h", "end": "18 h"}},
            "north": {"depots": ["north"], "number": 2},
        },
    )  # fmt: skip


@pytest.fixture(scope="module")
def outcome(case):
    return simulate(case, plan(case, 4), replications=3)


def test_sums_count_what_began_in_the_window():
    log = CallLog()
    log.add(0, 0, 1.0, 9.0, (9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5, 0.0))  # too early
    log.add(0, 0, 5.0, 6.0, (0.5, 0.5, 1.0, 1.0, 2.0, 1.0, 2, 1.5))
    log.add(1, 0, 7.0, 1.0, (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0, 0.0))
    found = dict(zip(SUMS, counted(log, 5.0, 4.0, 2.0).sum(axis=0), strict=True))
    assert found == {
        "calls": 2, "answer": 0.5, "diagnosis": 1.5, "dispatch": 1, "travel": 1, "parts": 2,
        "repair": 1, "response": 7, "beyond": 2, "visited": 1, "second_visits": 1,
        "satisfaction": -1 + 0.5, "part_wait": 1.5,
        "late_for_parts": 1, "late_for_technicians": 0, "late_anyway": 0,
    }  # fmt: skip


def test_a_late_call_is_late_for_the_first_cause_without_which_it_is_not():
    log = CallLog()
    for parts, technicians in ((3.0, 0.5), (2.0, 2.0), (2.0, 4.0), (0.0, 3.0), (4.0, 0.0)):
        times = (0.0, 0.5, technicians, 0.5, parts, 1.0, 1, parts)
        log.add(0, 0, 5.0, 2.0 + parts + technicians, times)
    log.add(0, 0, 5.0, 6.0, (0.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0, 0.0))
    found = dict(zip(SUMS, counted(log, 5.0, 4.0, 4.0).sum(axis=0), strict=True))
    assert [found[f"late_{why}"] for why in ("for_parts", "for_technicians", "anyway")] == [3, 2, 1]


def test_parts_share_the_calls_that_are_not_solved_by_phone(case):
    log, rng = CallLog(), np.random.default_rng(3)
    for part in (0, 2, -1, 2, 0, 2, 1, -1, -1, 0):
        stages = rng.uniform(0, 1, 6).tolist()
        log.add(0, part, rng.uniform(0, 9), sum(stages), (*stages, part >= 0, 0.5))
    by_part = np.zeros((4, len(SUMS)))
    counts = CallerCounts(case, "everyone", Clock(3.0, 9.0), by_part)
    counts.take(log)
    within = case.promise_of("everyone").within
    for part in (0, 1, 2, -1):
        alone = counted(log.those(log.column("part") == part), 3.0, within, within)
        assert by_part[part] == pytest.approx(alone.sum(axis=0), rel=1e-12)
    assert by_part[-1, 0] > 0
    assert by_part.sum(axis=0) == pytest.approx(counts.service, rel=1e-12)


def test_promises_are_kept_part_by_part_as_the_tier_has_it():
    parts = {"seal": {"price": 5, "lifetime": {"exponential": {"mean": "50 d"}},
                      "supplier": "plant"}}  # fmt: skip
    case = scenario(parts=parts, machines={"mixer": {"positions": {"pump": 1, "seal": 1}}})
    levels = np.array([[99], [0]]) if case.part_ids[0] == "seal" else np.array([[0], [99]])
    table = simulate(case, plan(case, levels), replications=3).service.set_index("name")
    # A pump takes 20 days, a seal none.
    assert table.loc[["pump", "seal"], "promise_kept"].tolist() == [0, 1]
    calls = table["calls_per_year"]
    assert calls["pump"] + calls["seal"] == pytest.approx(calls["everyone"])
    assert table.loc["everyone", "promise_kept"] == pytest.approx(calls["seal"] / calls["everyone"])


def test_there_is_a_row_for_each_tier_depot_and_market_with_calls(outcome):
    rows = list(zip(outcome.service["group"], outcome.service["name"], strict=True))
    assert rows == [("tier", "everyone"), ("depot", "centre"), ("depot", "north"),
                    ("market", "potential"), ("part", "pump")]  # fmt: skip


def test_calls_per_year_have_the_interval_of_student(case, outcome):
    calls = [play(case, plan(case, 4), 1, k).service[:, SUMS.index("calls")] for k in range(3)]
    yearly = np.sum(calls, axis=1) / case.simulation.years
    half = stats.t.ppf(0.975, 2) * yearly.std(ddof=1) / np.sqrt(3)
    exact = [yearly.mean(), yearly.mean() - half, yearly.mean() + half]
    for table in (outcome.service, outcome.promises):
        found = table.loc[0, ["calls_per_year", "calls_per_year_low", "calls_per_year_high"]]
        assert found.tolist() == pytest.approx(exact)
    assert (outcome.tier_depots["calls_per_year_low"] < outcome.tier_depots["calls_per_year"]).all()


def test_machines_and_customers_are_told_apart_and_how_long_they_run():
    fleets = [
        {"machine": machine, "depot": depot, "customers": customers, "count": count, "ages": "new"}
        for machine, depot, customers, count in (
            ("mixer", "centre", "road", 30), ("paver", "centre", "rail", 4),
            ("paver", "north", "road", 10), ("mixer", "north", "rail", 1),
        )
    ]  # fmt: skip
    case = scenario(
        depots={"north": {"supplied_by": "centre", "transport_time": "9 d"}},
        machines={"paver": {"positions": {"pump": 3}}},
        fleets=fleets,
        tiers={"everyone": {"customers": ["road", "rail"]}, "old": {"promise": PROMISE}},
        plans=[{"machines": ["mixer"], "older_than": "400 d", "tier": "old"}],
    )
    outcome = simulate(case, plan(case, [[6, 1]]), replications=3)
    table = outcome.service.set_index(["group", "name"])
    assert [name for group, name in table.index if group in ("machine", "customers")] == [
        "mixer", "paver", "road", "rail"]  # fmt: skip
    run = outcome.fleets["availability"].to_numpy()
    for group, names in (("machine", ("mixer", "paver")), ("customers", ("road", "rail")),
                         ("depot", ("centre", "north"))):  # fmt: skip
        assert table.loc[group, "calls_per_year"].sum() == pytest.approx(
            table.loc["tier", "calls_per_year"].sum()
        )
        for name in names:
            mine = [fleet["count"] * (fleet[group] == name) for fleet in fleets]
            assert table.loc[(group, name), "availability"] == pytest.approx(
                np.average(run, weights=mine)
            )
    # Mixers are in both tiers, one after the other; parts are in machines.
    assert table.loc[["tier", "part"], "availability"].isna().all()


def test_orders_have_no_machines_that_run():
    case = scenario(
        parts={"seal": {"price": 9, "supplier": "plant"}},
        demand=[{"part": "seal", "depot": "centre", "customers": "rail", "rate": "90 per year"}],
        tiers={"rail": {"customers": ["rail"], "promise": PROMISE}},
    )
    outcome = simulate(case, plan(case, 3), replications=2)
    table = outcome.service.set_index(["group", "name"])
    assert np.isnan(table.loc[("tier", "rail"), "availability"])
    (fleet,) = outcome.fleets.to_dict("records")
    for name in ("availability", "availability_low", "availability_high"):
        assert table.loc[("tier", "everyone"), name] == pytest.approx(fleet[name])


def test_mean_hours_add_up_and_agree_with_the_promises(outcome):
    table = outcome.service
    stages = ("answer", "diagnosis", "dispatch", "travel", "parts", "repair")
    total = sum(table[f"{stage}_hours"] for stage in stages)
    assert total.to_numpy() == pytest.approx(table["response_hours"].to_numpy(), rel=1e-9)
    assert table["response_hours"][0] == pytest.approx(outcome.promises["mean_response_hours"][0])
    rates = table["first_time_fix_rate"] + table["second_visit_share"]
    assert rates.to_numpy() == pytest.approx(1, rel=1e-12)
    assert 0.2 < table["second_visit_share"][0] < 0.4
    assert table["calls_per_year"][1:3].sum() == pytest.approx(table["calls_per_year"][0])


def test_utilisation_is_time_on_calls_over_working_hours(case, outcome):
    groups = outcome.technicians
    assert groups["technicians"].tolist() == ["centre", "north"]
    assert groups["number"].tolist() == [1, 2]
    played = np.array([play(case, plan(case, 4), 1, n).technicians for n in range(3)])
    busy, jobs, waited, calls, fixed = np.moveaxis(played, 2, 0)
    working_days = 2 * 365 * np.array([1 * 0.5, 2])  # two years, half of the day; two people
    assert groups["utilisation"].to_numpy() == pytest.approx(busy.mean(axis=0) / working_days)
    assert groups["jobs_per_year"].to_numpy() == pytest.approx(jobs.mean(axis=0) / 2)
    waits = waited.sum(axis=0) / jobs.sum(axis=0) * 24
    assert groups["dispatch_hours"].to_numpy() == pytest.approx(waits)
    at_once = fixed.sum(axis=0) / calls.sum(axis=0)
    assert groups["first_time_fix_rate"].to_numpy() == pytest.approx(at_once)
    again = (jobs - calls).mean(axis=0) / 2
    assert groups["second_visits_per_year"].to_numpy() == pytest.approx(again)
    assert (groups["second_visits_per_year_low"] < again).all()


def test_recovery_costs_its_price_for_every_call_that_breaks_the_promise():
    case = scenario(
        service={"travel_time": {"exponential": {"mean": "6 h"}}},
        tiers={"everyone": {"promise": None, "standard": "exceed"}},
        standards={"exceed": {"promise": {"within": "9 h", "share": "50 %"}, "recovery": 70}},
    )
    outcome = simulate(case, plan(case, 9), replications=3)
    tier = outcome.promises.iloc[0]
    costs = outcome.costs.set_index("cost")["per_year"]
    assert 0 < tier.share_simulated < 1
    assert costs["recovery"] == pytest.approx(70 * tier.calls_per_year * (1 - tier.share_simulated))
    free = simulate(scenario(), plan(scenario(), 9), replications=2)
    assert "recovery" not in free.costs["cost"].tolist()

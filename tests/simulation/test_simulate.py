"""The outcome: its tables, what it refuses, and that it does not depend on who computes it."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partsim import run
from partsim.model.plan import Plan
from partsim.simulation.simulation import simulate
from partsim.simulation.trace import trace
from tests.builders import plan, scenario

TABLES = ("promises", "tier_depots", "depots", "cells", "fleets", "costs", "responses")


def case_with_all_features():
    fleets = [
        {"machine": "mixer", "depot": depot, "customers": group, "count": 15}
        for depot in ("centre", "north")
        for group in ("road", "rail")
    ]
    return scenario(
        parts={"pump": {"customer_held": "10 %"}},
        depots={"north": {"supplied_by": "centre", "transport_time": "2 d"}},
        fleets=fleets,
        tiers={"key": {"customers": ["rail"], "promise": {"within": "12 h", "share": "60 %"}}},
        suppliers={"plant": {"lead_time": {"gamma": {"mean": "20 d", "cv": 0.5}}}},
        service={
            "phone_fix": "20 %",
            "diagnosis_time": "1 h",
            "travel_time": {"lognormal": {"mean": "6 h", "cv": 0.5}},
            "repair_time": "2 h",
        },
        grading={"grades": {"C": {"approval_cost": 30, "control_loss": "2 %"}}},
        costs={"order": 50},
        simulation={"years": 1, "replications": 4},
    )


@pytest.fixture(scope="module")
def case():
    return case_with_all_features()


@pytest.fixture(scope="module")
def decision(case):
    return plan(case, [[8, 2]], [[4, 1]])


@pytest.fixture(scope="module")
def outcome(case, decision):
    return simulate(case, decision)


def assert_same(one, other):
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(one, table), getattr(other, table), check_exact=True)


@pytest.fixture
def spawned():
    before = multiprocessing.get_start_method()
    multiprocessing.set_start_method("spawn", force=True)
    yield
    multiprocessing.set_start_method(before, force=True)


@pytest.mark.usefixtures("spawned")
def test_two_spawned_processes_give_the_same_tables_as_none(case, decision, outcome):
    assert_same(outcome, simulate(case, decision, jobs=2))


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, "1"])
def test_a_seed_that_scenarios_cannot_have_is_refused(case, decision, seed):
    for play in (simulate, trace):
        with pytest.raises(
            ValueError, match=r"seed: expected a whole number from 0 to 2\*\*63 - 1"
        ):
            play(case, decision, seed=seed)
    with pytest.raises(ValueError, match="seed: expected a whole number"):
        run(case, seed=seed)


def test_a_seed_of_numpy_is_the_same_number(case, decision, outcome):
    assert_same(outcome, simulate(case, decision, seed=np.int64(1), replications=4))


def test_the_same_seed_gives_the_same_tables_and_another_seed_others(case, decision, outcome):
    assert_same(outcome, simulate(case, decision, seed=1, replications=4))
    other = simulate(case, decision, seed=2)
    assert not other.promises["share_simulated"].equals(outcome.promises["share_simulated"])


def test_progress_is_told_after_every_replication(case, decision):
    told = []
    simulate(case, decision, replications=3, progress=lambda *args: told.append(args))
    assert told == [("simulate", 1, 3), ("simulate", 2, 3), ("simulate", 3, 3)]


def test_every_interval_contains_its_value(outcome):
    for name in TABLES[:-1]:
        table = getattr(outcome, name).rename(
            columns={"share_low": "share_simulated_low", "share_high": "share_simulated_high"}
        )
        bounded = [column.removesuffix("_low") for column in table if column.endswith("_low")]
        assert bounded
        for column in bounded:
            known = table[table[column].notna()]
            assert (known[f"{column}_low"] <= known[column]).all()
            assert (known[column] <= known[f"{column}_high"]).all()


def test_tiers_depots_and_cells_count_the_same_calls(outcome):
    calls = outcome.tier_depots.groupby("tier", sort=False)["calls_per_year"].sum()
    assert calls.to_dict() == pytest.approx(
        outcome.promises.set_index("tier")["calls_per_year"].to_dict(), rel=1e-12
    )
    mean = np.average(
        outcome.tier_depots["share_simulated"][:2],
        weights=outcome.tier_depots["calls_per_year"][:2],
    )
    assert mean == pytest.approx(outcome.promises["share_simulated"][0], rel=1e-12)


def test_depots_count_what_machines_ask_for_and_cells_what_depots_ask_for_too(outcome):
    (centre, north), measures = (0, 1), ["fill_rate", "waiting_time_hours"]
    of_depots, of_cells = outcome.depots[measures], outcome.cells[measures]
    assert of_depots.loc[north].equals(of_cells.loc[north])  # no depot is supplied from there
    assert of_depots.loc[centre].notna().all()
    assert not of_depots.loc[centre].equals(of_cells.loc[centre])


def test_costs_follow_from_the_counts():
    case = scenario(
        grading={"grades": {"C": {"approval_cost": 30, "control_loss": "2 %"}}},
        costs={"order": 50},
    )
    outcome = simulate(case, plan(case, 4))
    cell = outcome.cells.iloc[0]
    expected = {
        "holding": 0.2 * 1000 * cell.on_hand,
        "ordering": 50 * cell.demand_per_year,
        "approval": 30 * cell.demand_per_year,
        "control_loss": 0.02 * 1000 * cell.demand_per_year,
    }
    costs = outcome.costs.set_index("cost")["per_year"].to_dict()
    assert costs == pytest.approx(expected, rel=1e-9)


def test_units_between_depots_cost_holding(case):
    outcome = simulate(case, plan(case, [[99, 2]]))  # the centre never lacks a unit
    north = outcome.cells.iloc[1]
    in_transit = 2 - north.on_hand + north.backorders
    holding = outcome.costs.set_index("cost")["per_year"]["holding"]
    units = outcome.cells["on_hand"].sum() + in_transit
    assert holding == pytest.approx(0.2 * 1000 * units, rel=1e-9)


def test_orders_to_suppliers_are_counted_by_lots(outcome):
    orders = outcome.costs.set_index("cost")["per_year"]["ordering"] / 50
    # In each replication, of one year, at most one lot of four is not complete.
    assert abs(orders - outcome.cells["demand_per_year"][0] / 4) <= 1


def test_the_promise_that_can_be_made_keeps_the_promised_share(case, outcome):
    row = outcome.promises.set_index("tier").loc["key"]
    responses = outcome.responses[outcome.responses["tier"] == "key"]
    hours = np.interp(0.6, responses["share"], responses["response_hours"])
    assert row.honest_hours_low <= hours <= row.honest_hours_high


def test_a_promise_equal_to_the_response_time_is_kept_for_every_call():
    promise = {"within": "0.3 d", "share": "90 %"}  # 0.1 d + 0.2 d > 0.3 d, says the computer
    case = scenario(
        service={"diagnosis_time": "0.1 d", "repair_time": "0.2 d"},
        tiers={"everyone": {"promise": promise}},
    )
    row = simulate(case, plan(case, 99)).promises.iloc[0]
    assert (row.share_simulated, row.kept) == (1.0, "yes")
    assert row.mean_response_hours == pytest.approx(7.2, rel=1e-9)


def test_without_calls_there_is_nothing_to_judge():
    case = scenario(
        parts={"pump": {"lifetime": {"fixed": "1000000 years"}}},
        depots={"idle": {"supplied_by": "centre"}},
    )
    outcome = simulate(case, plan(case, 1))
    assert outcome.promises["kept"].tolist() == ["open"]
    assert outcome.promises["share_simulated"].isna().all()
    assert outcome.depots[["fill_rate", "waiting_time_hours"]].isna().all(axis=None)
    assert outcome.cells["on_hand"].tolist() == [1.0, 1.0]
    assert outcome.fleets["availability"].tolist() == [1.0]
    assert outcome.responses["response_hours"].isna().all()
    assert outcome.plan_cost == pytest.approx(2 * 0.2 * 1000, rel=1e-12)


def test_a_plan_for_other_parts_is_refused(case):
    other = Plan(("pomp",), case.depot_ids, ("A",), np.ones((1, 2)), np.ones((1, 2)))
    with pytest.raises(ValueError, match=r"expected the scenario's parts.*pomp, pump"):
        simulate(case, other)


def test_a_plan_with_depots_in_another_order_is_refused(case):
    other = Plan(case.part_ids, case.depot_ids[::-1], ("A",), np.ones((1, 2)), np.ones((1, 2)))
    with pytest.raises(ValueError, match=r"depots, got others \(in another order\)"):
        simulate(case, other)


@pytest.mark.parametrize(("name", "value"), [("replications", 1), ("jobs", 0)])
def test_too_few_replications_or_jobs_are_refused(case, decision, name, value):
    with pytest.raises(ValueError, match=f"{name}: expected"):
        simulate(case, decision, **{name: value})


def test_an_interrupt_in_the_callers_own_code_ends_the_workers_at_once(case, decision):
    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        simulate(case, decision, replications=500, jobs=2, progress=interrupt)
    assert caught.tb is not None  # a kept traceback keeps the frames, and what they hold, alive
    assert multiprocessing.active_children() == []


def group_ends(group, patience=300.0):
    deadline = time.monotonic() + patience
    while True:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)


LONG_RUN = """
from partsim.simulation.simulation import simulate
from partsim.simulation.trace import trace
from tests.builders import plan, scenario
if __name__ == "__main__":
    case = scenario(simulation={"years": 20, "replications": 10000})
    simulate(case, plan(case, 1), jobs=2, progress=lambda *told: print(told, flush=True))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are of POSIX")
@pytest.mark.parametrize(
    ("kill", "how"), [("kill", "SIGINT"), ("killpg", "SIGINT"), ("kill", "SIGKILL")]
)
def test_an_interrupt_or_a_sudden_end_leaves_no_worker_behind(tmp_path, kill, how):
    script = tmp_path / "long_run.py"
    script.write_text(LONG_RUN)
    paths = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    run = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": paths},
        start_new_session=True,
    )
    try:
        assert run.stdout.readline()
        getattr(os, kill)(run.pid, getattr(signal, how))
        run.communicate(timeout=600)
        assert run.returncode != 0
        assert group_ends(run.pid)
    finally:
        if not group_ends(run.pid, patience=0):
            os.killpg(run.pid, signal.SIGKILL)
        run.communicate()

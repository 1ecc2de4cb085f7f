"""Every estimated figure of a run has its interval: in the tables of the outcome and in files."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partsim import run, simulate
from partsim.planning.simpler_rules import judge_simpler_rules
from partsim.report.tables import csv_tables
from partsim.simulation.replication import play
from tests.builders import plan, scenario

NO_ESTIMATES = {
    "within_hours", "share_promised", "machines", "number", "target", "from_day", "to_day",
    "base_stock", "reorder_point", "order_quantity", "price", "value", "units", "priority", "round",
    "share_target", "aimed", "have", "on_order", "should", "buy", "move", "excess", "score",
    "moved", "replication", "total", "count", "late_money", "weight", "wear", "outsourced",
    "difficulty",
}  # fmt: skip
"""What the scenario, the plan or a count says."""
BY_FORMULA = {
    "share_modelled", "modelled", "today_modelled", "modelled_fill_rate", "cost_modelled",
    "modelled_waiting_time_hours", "cost_per_year", "over",
}  # fmt: skip
ONLY_HELP = {"worth_replications", "share_best", "without_waits"}
"""Said of `Outcome` and of `Run.rounds`."""
STOCK_BY_FORMULA = {"demand_per_year", "fill_rate", "waiting_time_hours", "on_hand"}


@pytest.fixture(scope="module")
def case():
    return scenario(
        depots={
            "north": {"supplied_by": "centre", "transport_time": "1 d", "min_fill_rate": "10 %"}
        },
        fleets=[
            {"machine": "mixer", "depot": depot, "customers": "road", "count": 10}
            for depot in ("centre", "north")
        ],
        machines={"mixer": {"positions": {"pump": 1}, "min_availability": "20 %"}},
        technicians={"all": {"depots": ["centre", "north"], "number": 3}},
        today={"norms": {"pump": "1 per 10 machines"}},
        simulation={"years": 2, "replications": 4},
    )  # fmt: skip


@pytest.fixture(scope="module")
def result(case):
    given = run(case)
    return replace(given, baselines=judge_simpler_rules(given))


def without_interval(table):
    numbers = table.select_dtypes("number")  # no truth values
    named = {str(name) for name in numbers}
    ends = {f"{name}{end}" for name in named for end in ("_low", "_high")}
    shares = {"share_simulated", "share_low", "share_high"}
    if shares <= named:
        ends |= shares
    return {name for name in named - ends if f"{name}_low" not in named}


def test_every_column_is_an_interval_or_known_to_need_none(result):
    outcome = {field.name: getattr(result.outcome, field.name) for field in fields(result.outcome)}
    tables = {name: table for name, table in outcome.items() if isinstance(table, pd.DataFrame)}
    curve = tables.pop("responses")  # of the pictures
    assert without_interval(curve) == {"share", "response_hours"}
    files = csv_tables(result)
    assert len(files) > 12
    for name, table in (tables | files).items():
        if table.empty:
            continue
        known = NO_ESTIMATES | BY_FORMULA | ONLY_HELP
        known |= STOCK_BY_FORMULA if name in ("stock.csv", "parts.csv") else set()
        assert without_interval(table) <= known, name


def test_whole_costs_have_the_interval_of_students_t(case):
    stock = plan(case, 2)
    outcome = simulate(case, stock)
    spent = outcome.samples.query("measure == 'cost'").groupby("replication")["total"].sum()
    expected = stats.t.interval(0.95, 3, spent.mean(), stats.sem(spent))
    assert outcome.plan_cost == pytest.approx(spent.mean(), rel=1e-12)
    assert (outcome.plan_cost_low, outcome.plan_cost_high) == pytest.approx(expected, rel=1e-9)


def test_summary_and_files_say_the_same_interval_of_the_cost(result):
    ends = (result.outcome.plan_cost_low, result.outcome.plan_cost_high)
    names = ("simulated_cost_low", "simulated_cost_high")
    assert tuple(result.summary[name] for name in names) == ends
    ours = result.baselines.iloc[0]
    assert (ours["cost_simulated_low"], ours["cost_simulated_high"]) == ends
    today = result.today.outcome
    assert result.summary["today"]["simulated_cost_low"] == today.plan_cost_low


def test_cells_demand_is_that_of_the_requests(case):
    stock = plan(case, 2)
    cells = simulate(case, stock).cells
    asked = [play(case, stock, 1, r).requests.sum(axis=0)[0] / 2 for r in range(4)]
    low, high = stats.t.interval(0.95, 3, np.mean(asked, axis=0), stats.sem(asked))
    assert cells["demand_per_year"].tolist() == pytest.approx(np.mean(asked, axis=0).tolist())
    assert cells["demand_per_year_low"].tolist() == pytest.approx(np.maximum(low, 0).tolist())
    assert cells["demand_per_year_high"].tolist() == pytest.approx(high.tolist())


def test_the_honest_promise_of_a_depot_is_the_time_that_so_many_of_its_calls_keep(case):
    stock = plan(case, 2)
    table = simulate(case, stock).tier_depots.set_index("depot")
    records = [play(case, stock, 1, r) for r in range(4)]
    promise = case.promise_of("everyone")
    for depot, row in table.iterrows():
        mine = [c for c, name in enumerate(case.caller_depots) if name == depot]
        times = np.sort(np.concatenate([r.responses[c].each() for r in records for c in mine]))
        least = times[int(np.ceil(promise.share * len(times) - 1e-9)) - 1] * 24
        assert row["honest_hours"] == pytest.approx(least, rel=1e-12)
        assert row["promise_gap_hours"] == pytest.approx(least - 24 * promise.within, abs=1e-9)
        assert row["honest_hours_low"] <= row["honest_hours"] <= row["honest_hours_high"]
    assert len(table) == 2

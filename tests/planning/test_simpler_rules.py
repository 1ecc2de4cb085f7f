"""Simpler rules beside a run: the same random numbers, and nothing cheaper by the formulas."""

from dataclasses import replace

import pytest

from partsim import read_scenario, run, simulate
from partsim.optimisation.baselines import baselines
from partsim.planning.simpler_rules import OURS, judge_simpler_rules
from partsim.report.page import write_report
from partsim.report.plain_text import run_text
from partsim.report.tables import csv_tables


@pytest.fixture(scope="module")
def result():
    given = run(read_scenario("scenarios/first_steps.yaml"), replications=4)
    return replace(given, baselines=judge_simpler_rules(given))


def test_each_rule_is_played_with_the_numbers_of_the_plan_and_for_its_targets(result):
    allowed = 1 - result.rounds.loc[result.rounds["chosen"], "share_target"].to_numpy()
    table = result.baselines.set_index("rule")
    ours = table.loc[OURS]
    assert ours["share_simulated"] == result.promises["share_simulated"].iloc[0]
    assert ours["cost_simulated"] == result.outcome.plan_cost
    others = baselines(result.scenario, allowed_miss=allowed)
    assert table.index.tolist() == [OURS, *(other.name for other in others)]
    for other in others:
        played = simulate(result.scenario, other.plan, seed=result.outcome.seed, replications=4)
        assert table.loc[other.name, "share_simulated"] == played.promises["share_simulated"][0]
        assert table.loc[other.name, "cost_simulated"] == played.plan_cost
        assert table.loc[other.name, "cost_modelled"] == other.cost
        assert other.cost >= result.plan.certificate.lower_bound * (1 - 1e-9)


def test_text_tables_summary_and_page_show_them(result, tmp_path):
    rule = "one fill rate for each value class"
    assert rule in run_text(result)
    assert len(csv_tables(result)["baselines.csv"]) == 3
    assert [line["rule"] for line in result.summary["baselines"]][2] == rule
    page = write_report(result, tmp_path).read_text(encoding="utf-8")
    assert "Simpler rules" in page
    assert rule in page


def test_a_run_without_them_says_nothing_of_them(result):
    bare = replace(result, baselines=None)
    assert "simpler" not in run_text(bare)
    assert "baselines" not in bare.summary
    assert "baselines.csv" not in csv_tables(bare)

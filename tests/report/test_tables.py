"""The tables: complete, safe in a spreadsheet, strict for machines."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from partsim.report.tables import csv_tables, csv_text, spreadsheet_safe, strict_json, write_csv
from partsim.scenario_file.reading import read_plan


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=x", "''@x"])
def test_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe(text):
    assert spreadsheet_safe(text) == "'" + text


@pytest.mark.parametrize("value", ["pump-3", "", "'quoted", "0012346", -5, -0.5, None])
def test_harmless_text_and_numbers_stay_as_they_are(value):
    assert spreadsheet_safe(value) is value


def test_negative_numbers_in_a_csv_are_numbers():
    table = pd.DataFrame({"part": ["-7"], "excess": [-3], "share": [-0.25]})
    assert csv_text(table) == "part,excess,share\n'-7,-3,-0.25\n"


def test_a_csv_opens_with_the_mark_that_spreadsheets_need(tmp_path):
    write_csv(pd.DataFrame({"part": ["主泵"]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == b"\xef\xbb\xbf" + "part\n主泵\n".encode()


def test_stock_csv_reads_back_as_the_same_plan(run, tmp_path):
    write_csv(csv_tables(run)["stock.csv"], tmp_path / "stock.csv")
    plan = read_plan(tmp_path / "stock.csv", run.scenario)
    assert plan.part_ids == run.plan.part_ids
    assert plan.grades == run.plan.grades
    assert np.array_equal(plan.base_stock, run.plan.base_stock)
    assert np.array_equal(plan.order_quantity, run.plan.order_quantity)


def test_stock_csv_begins_with_the_plan_and_has_a_row_for_each_cell(run):
    rows = list(csv.reader(io.StringIO(csv_text(csv_tables(run)["stock.csv"]))))
    assert rows[0][:6] == list(run.plan.stock.columns)
    assert len(rows) == 1 + 9 * 12
    assert rows[1 + 12][0] == "'=cmd|' /C calc'!A0"


def test_every_table_has_a_row_for_each_of_its_things(run):
    lengths = {name: len(table) for name, table in csv_tables(run).items()}
    assert lengths == {"stock.csv": 108, "parts.csv": 9, "promises.csv": 3, "depots.csv": 12,
                       "tier_depots.csv": len(run.outcome.tier_depots),
                       "fleets.csv": len(run.scenario.fleets),
                       "costs.csv": 4, "rounds.csv": 6, "targets.csv": 1, "orders.csv": 108,
                       "target_rounds.csv": 2, "service.csv": len(run.outcome.service)}  # fmt: skip


def test_cells_in_another_order_still_meet_their_part_and_depot(run):
    shuffled = run.performance.cells.sample(frac=1, random_state=1)
    table = csv_tables(run)["stock.csv"].set_index(["part", "depot"])
    for row in shuffled.head(5).itertuples():
        assert table.loc[(row.part, row.depot), "on_hand"] == row.on_hand


def test_json_has_no_nan_and_sorted_keys_and_stable_numbers():
    value = {"b": [float("nan"), np.inf], "a": np.float64(0.1 + 0.2), "c": np.int64(3)}
    text = strict_json(value)
    assert json.loads(text, parse_constant=pytest.fail) == {"a": 0.3, "b": [None, None], "c": 3}
    assert text.index('"a"') < text.index('"b"') < text.index('"c"')

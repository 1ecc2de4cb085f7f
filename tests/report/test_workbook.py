"""The workbook: whole, safe, and read back by another library."""

from dataclasses import replace
from datetime import datetime
from zipfile import ZipFile

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from partsim.errors import InputError
from partsim.report import workbook
from partsim.report.tables import spreadsheet_safe, stock_table
from partsim.report.workbook import Sheet, plan_sheets, write_workbook
from partsim.scenario_file.reading import read_plan

FACTS = {"partsim": "0.1", "seed": 1, "inputs": [{"file": "a.yaml", "sha256": "00ff"}]}


def read_back(path):
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.fixture(scope="module")
def sheets(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "plan.xlsx"
    write_workbook(plan_sheets(run, manifest=FACTS), path)
    return read_back(path)


def test_the_sheets_follow_the_work_of_a_planner(sheets, build):
    assert list(sheets) == ["Summary", "Order proposal", "Stock", "Grades", "Promises",
                            "Assumptions", "Manifest"]  # fmt: skip
    names = [sheet.name for sheet in plan_sheets(build(today=False))]
    assert names == ["Summary", "Stock", "Grades", "Promises", "Assumptions"]


def test_stock_has_reorder_point_and_maximum_of_every_part_and_depot(run, sheets):
    heads, *rows = sheets["Stock"]
    assert heads[:7] == ["Part", "Name", "Depot", "Grade", "Reorder point", "Maximum",
                         "Order quantity"]  # fmt: skip
    expected = stock_table(run)
    assert [row[0] for row in rows] == [spreadsheet_safe(part) for part in expected["part"]]
    assert [row[2] for row in rows] == list(expected["depot"])
    assert [row[4] for row in rows] == list(expected["reorder_point"])
    assert [row[5] for row in rows] == list(expected["base_stock"])
    assert [row[11] for row in rows] == pytest.approx(list(expected["value"]))


def test_the_workbook_is_a_plan_that_can_be_read(run, tmp_path):
    write_workbook(plan_sheets(run, manifest=FACTS), tmp_path / "plan.xlsx")
    plan = read_plan(tmp_path / "plan.xlsx", run.scenario)
    assert plan.grades == run.plan.grades
    assert np.array_equal(plan.base_stock, run.plan.base_stock)
    assert np.array_equal(plan.order_quantity, run.plan.order_quantity)


def test_a_level_that_was_changed_in_the_workbook_is_read_or_told_by_its_cell(run, tmp_path):
    def changed(column, value):
        sheets = plan_sheets(run)
        (stock,) = (sheet for sheet in sheets if sheet.name == "Stock")
        stock.rows[0][stock.headings.index(column)] = value
        write_workbook(sheets, tmp_path / "plan.xlsx")
        return read_plan(tmp_path / "plan.xlsx", run.scenario)

    assert changed("Reorder point", "").base_stock[0, 0] == run.plan.base_stock[0, 0]
    with pytest.raises(InputError, match=r"plan.xlsx!Stock!F2: base_stock: expected a whole"):
        changed("Maximum", 2.5)
    with pytest.raises(InputError, match=r"plan.xlsx!Stock!A2: part: expected the name of a part"):
        changed("Part", "other")


def test_a_workbook_without_a_sheet_stock_has_its_plan_on_the_first(run, tmp_path):
    (stock,) = (sheet for sheet in plan_sheets(run) if sheet.name == "Stock")
    heads = ["part", "", "depot", "grade", "reorder_point", "base_stock", "order_quantity"]
    rows = [[*row[:1], "", *row[2:7]] for row in stock.rows]
    first = Sheet("mine", heads, ["General"] * 7, rows)
    write_workbook([first, Sheet("notes", ["x"], ["General"], [["y"]])], tmp_path / "mine.xlsx")
    plan = read_plan(tmp_path / "mine.xlsx", run.scenario)
    assert np.array_equal(plan.base_stock, run.plan.base_stock)


def test_only_rows_with_work_are_proposed(run, sheets):
    orders = run.orders.copy()
    orders.loc[3:, ["buy", "move", "excess"]] = 0
    (proposal,) = [
        s for s in plan_sheets(replace(run, orders=orders)) if s.name == "Order proposal"
    ]
    assert [row[2:] for row in proposal.rows] == orders.iloc[:3, 1:].to_numpy().tolist()
    assert len(sheets["Order proposal"]) == 1 + len(run.orders)


def test_the_summary_has_cost_bound_and_verdict(run, sheets):
    facts = {row[0]: row[1] for row in sheets["Summary"]}
    assert facts["Cost of the plan (CNY per year)"] == 237_500
    assert (
        facts["Least cost of any plan with these grades and lots, by formula (CNY per year)"]
        == 236_400
    )
    costs = [value for name, value in facts.items() if "simulated" in name]
    played = (run.outcome, run.today.outcome)
    assert costs == [x for o in played for x in (o.plan_cost, o.plan_cost_low, o.plan_cost_high)]
    ends = ["Cost simulated, 95 % interval from", "Today: cost simulated, 95 % interval to"]
    assert {f"{end} (CNY per year)" for end in ends} <= set(facts)
    assert facts["Verdict"].startswith("1 of 3 promises is kept")
    assert facts["As good as so many without control variates"] == "18 to 31"
    assert facts["Today: verdict"] == "0 of 3 promises are kept, 3 broken"


def test_assumptions_and_manifest_name_every_value_by_its_path(sheets):
    assumptions = {row[0]: row[1] for row in sheets["Assumptions"]}
    assert assumptions["costs.holding"] == "20 % per year"
    assert assumptions["fleets.1.depot"] == "depot_01"
    assert ["inputs.1.sha256", "00ff"] in sheets["Manifest"]


def test_no_text_can_be_calculated(run, tmp_path):
    path = tmp_path / "plan.xlsx"
    write_workbook(plan_sheets(run, manifest={"command": "=cmd|' /C calc'!A0"}), path)
    book = ZipFile(path)
    xml = "".join(book.read(name).decode() for name in book.namelist())
    assert "<f>" not in xml
    texts = [str(cell) for rows in read_back(path).values() for row in rows for cell in row]
    assert "'=cmd|' /C calc'!A0" in texts
    assert not [text for text in texts if text.startswith(("=", "+", "@", "\t", "\r"))]


def test_numbers_stay_numbers_and_what_is_unknown_stays_empty(tmp_path):
    rows = [["0012346", -5, 0.25, float("nan"), None], ["https://a.b", 3, 1.0, float("inf"), True]]
    path = tmp_path / "a.xlsx"
    write_workbook([Sheet("A", list("abcde"), ["General"] * 5, rows)], path)
    assert read_back(path)["A"][1:] == [["0012346", -5, 0.25, "", ""],
                                        ["https://a.b", 3, 1, "", "True"]]  # fmt: skip


def test_a_sheet_that_is_too_long_says_what_it_leaves_out(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    path = tmp_path / "a.xlsx"
    write_workbook([Sheet("A", ["n", "m"], ["0", "0"], [[i, i] for i in range(5)])], path)
    assert [row[0] for row in read_back(path)["A"]] == [
        "n",
        0,
        1,
        "3 more rows are in the CSV files",
    ]
    write_workbook([Sheet("A", ["n", "m"], ["0", "0"], [[i, i] for i in range(3)])], path)
    assert [row[0] for row in read_back(path)["A"]] == ["n", 0, 1, 2]


def test_the_same_input_gives_the_same_bytes(run, tmp_path):
    for name in ("a", "b"):
        write_workbook(plan_sheets(run), tmp_path / name, created=datetime(2026, 1, 1))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_workbook([], tmp_path / "none" / "a.xlsx")

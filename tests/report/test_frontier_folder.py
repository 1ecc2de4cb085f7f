"""A frontier for people: table, picture, folder; and prices in words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from partsim.model.frontier import Frontier, FrontierPoint
from partsim.model.plan import Certificate, Plan, Row
from partsim.report.drawing import svg_text
from partsim.report.frontier_figure import plot_frontier
from partsim.report.frontier_folder import frontier_text, write_frontier
from partsim.report.page import write_report
from partsim.report.plain_text import plan_text


def point(share, cost, best=0.99):
    row = Row("promise of gold", share, min(share, best), best, "share", 5.0, share <= best)
    proof = Certificate(cost, cost * 0.999, (row,), 0.1)
    plan = Plan(("pump",), ("depot",), ("C",), np.ones((1, 1)), np.ones((1, 1)), proof)
    return FrontierPoint(share, plan, 1000.0)


@pytest.fixture
def frontier():
    points = (point(0.9, 1000.0), point(0.95, 2000.0), point(0.999, 5000.0))
    return Frontier("promise of gold", "share", "CNY", points, 0.3)


def test_the_table_marks_what_is_out_of_reach(frontier):
    lines = frontier_text(frontier).splitlines()
    assert lines[0].split("  ")[0] == "promise of gold"
    assert "2,000" in lines[2]
    assert [line.endswith("out of reach") for line in lines[1:]] == [False, False, True]


@pytest.mark.parametrize("unit", ["share", "hours", "money", "times"])
def test_the_picture_has_the_same_bytes_each_time_and_stricter_to_the_right(frontier, unit):
    case = Frontier("$target$", unit, "CNY", frontier.points, 0.3)
    assert svg_text(plot_frontier(case)) == svg_text(plot_frontier(case))
    ax = Figure().add_subplot()
    plot_frontier(case, ax=ax)
    assert ax.xaxis.get_inverted() == (unit != "share")


def test_the_folder_has_the_points_the_units_and_the_stock_of_every_point(frontier, tmp_path):
    write_frontier(frontier, pd.DataFrame({"part": ["=1+1"]}), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"frontier.csv", "frontier.svg", "next_units.csv",
                     "stock_1.csv", "stock_2.csv", "stock_3.csv"}  # fmt: skip
    table = pd.read_csv(tmp_path / "frontier.csv")
    assert table["cost"].tolist() == [1000, 2000, 5000]
    assert table["reached"].tolist() == [True, True, False]
    assert "'=1+1" in (tmp_path / "next_units.csv").read_text(encoding="utf-8-sig")


def played(frontier, measure, verdicts):
    measured = (("cost", "money", 1500.0), (measure, "share", 0.93))
    rows = [
        {"point": number, "target": frontier.points[number - 1].target, "measure": name,
         "measure_unit": unit, "wanted": 0.9, "formula": value, "simulated": value,
         "simulated_low": 0.9 * value, "simulated_high": 1.02 * value,
         "kept": kept if name == measure else ""}
        for number, kept in verdicts.items()
        for name, unit, value in measured
    ]  # fmt: skip
    return replace(frontier, simulated=pd.DataFrame(rows))


def test_what_was_played_stands_beside_the_formula_in_text_folder_and_picture(frontier, tmp_path):
    case = played(frontier, "promise of gold", {1: "open", 3: "no"})
    lines = frontier_text(case).splitlines()
    assert lines[7].endswith("open")
    assert "83.70 % to 94.86 %" in lines[7]
    write_frontier(case, pd.DataFrame({"part": ["pump"]}), tmp_path)
    table = pd.read_csv(tmp_path / "frontier_simulated.csv")
    assert table["kept"].tolist()[1::2] == ["open", "no"]
    picture = (tmp_path / "frontier.svg").read_text(encoding="utf-8")
    assert "simulated: open" in picture
    assert "simulated: broken" in picture
    assert "simulated: kept" not in picture


def test_the_picture_has_the_service_that_was_simulated_where_it_is_the_target(frontier):
    for measure, places in (("promise of gold", [0.93, 0.93]), ("promise of iron", [0.9, 0.999])):
        ax = Figure().add_subplot()
        plot_frontier(played(frontier, measure, {1: "yes", 3: "no"}), ax=ax)
        marks = [box.lines[0].get_xydata()[0].tolist() for box in ax.containers]
        assert marks == [[place, 1500.0] for place in places]


def test_terminal_and_page_say_what_a_little_more_costs(frontier, run, tmp_path):
    sentence = "one percentage point more in the promise of gold costs 5 CNY per year"
    assert sentence in plan_text(frontier.points[0].plan, "CNY")
    page = write_report(run, tmp_path).read_text(encoding="utf-8")
    assert "one hour less waiting time at depot_01 costs 3 CNY per year" in page
    assert "in the promise of tier_2" not in page  # its price is 0


def test_steps_are_small_where_a_whole_one_is_impossible():
    share = Row("promise of gold", 0.995, 0.996, 0.999, "share", 50.0, True)
    assert share.price_in_words("CNY").startswith("a tenth of a percentage point more")
    wait = Row("waiting time at west", 0.5, 0.5, 0.1, "hours", 600.0, True)
    assert wait.price_in_words("CNY") == (
        "one minute less waiting time at west costs 10 CNY per year"
    )


@pytest.mark.parametrize(("price", "reached"), [(0.0, True), (-0.0, True), (5.0, False)])
def test_a_target_that_does_not_bind_or_is_not_reached_has_no_price(price, reached):
    assert Row("budget", 1.0, 1.0, 1.0, "money", price, reached).price_in_words("CNY") == ""


def test_a_gap_to_no_bound_is_a_dash(frontier):
    plan = frontier.points[0].plan
    none_yet = replace(plan, certificate=replace(plan.certificate, lower_bound=-5.0))
    assert "gap          -\n" in plan_text(none_yet, "CNY")

"""The page of a frontier: the slider's points, stock or no stock, and reasons in words."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from partsim.model.frontier import Frontier, FrontierPoint
from partsim.model.plan import Certificate, Plan, Row
from partsim.report.frontier_page import write_frontier_page
from partsim.report.stock_places import stock_places
from partsim.report.unit_reasons import unit_reasons
from tests.report.conftest import build_scenario

MANIFEST = {"partsim": "1", "python": "3", "command": "partsim <x>", "seed": 1, "started": "now",
            "inputs": []}  # fmt: skip
UNITS = pd.DataFrame({"part": ["<b>"], "depot": ["north"], "base_stock": [2], "price": [10.0],
                      "reason": ["it <i>buys</i>"]})  # fmt: skip
LEVELS = np.array([[0, 0, 0], [2, 0, 0], [1, 0, 3], [0, 4, 0]])


@pytest.fixture
def scenario():
    return build_scenario(parts=4, depots=3)


def plan_of(scenario, levels, proof=None):
    return Plan(scenario.part_ids, scenario.depot_ids, ("C",) * 4, levels, np.ones((4, 3)), proof)


@pytest.fixture
def frontier(scenario):
    points = []
    for share, cost, levels in (
        (0.9, 1000.4, LEVELS),
        (0.95, 2000.0, LEVELS + 1),
        (1, 9e3, LEVELS),
    ):
        row = Row("promise of tier_0", share, min(share, 0.97), 0.97, "share", 0.0, share < 1)
        plan = plan_of(scenario, levels, Certificate(cost, cost, (row,), 0.1))
        points.append(FrontierPoint(share, plan, 100.0))
    seen = {"point": 2, "target": 0.95, "measure": "promise of tier_0", "measure_unit": "share",
            "wanted": 0.95, "formula": 0.95, "simulated": 0.961, "simulated_low": 0.956,
            "simulated_high": 0.966, "kept": "yes"}  # fmt: skip
    cost = seen | {"measure": "cost", "simulated": 1990.0, "simulated_low": 1900.0,
                   "simulated_high": 2080.0, "kept": ""}  # fmt: skip
    table = pd.DataFrame([cost, seen])
    return Frontier("promise of tier_0", "share", "CNY", tuple(points), 0.1, table)


@pytest.fixture
def page(scenario, frontier, tmp_path):
    write_frontier_page(scenario, frontier, UNITS, tmp_path, title="<title>", manifest=MANIFEST)
    return (tmp_path / "frontier.html").read_text(encoding="utf-8")


def test_a_part_is_kept_nowhere_only_centrally_or_in_the_field(scenario):
    places = ["nowhere", "only centrally", "at field depots", "at field depots"]
    assert stock_places(scenario, plan_of(scenario, LEVELS)) == places


def test_the_slider_spans_the_points_within_reach_and_every_point_can_be_afforded(page):
    slider = re.search('<input type="range"[^>]*>', page)[0]
    assert 'min="1001" max="2000"' in slider
    points = re.findall('class="point( reached)?" id="point_([0-9])" data-money="([0-9]+)"', page)
    assert points == [(" reached", "1", "1001"), (" reached", "2", "2000"), ("", "3", "9000")]


def test_every_point_has_its_service_its_stock_and_its_table(scenario, page):
    first, second, third = page.split('<section class="point')[1:]
    names = scenario.part_ids
    assert f"<b>Kept nowhere:</b> {names[0]}</p>" in unescape(first)
    assert f"<b>Kept only centrally:</b> {names[1]}</p>" in unescape(first)
    assert "<b>Kept nowhere:</b> no part" in second
    assert 'href="stock_3.csv"' in third
    assert "out of reach" in third
    assert "out of reach" not in first + second
    cells = [re.findall("<td>(.*?)</td>", row) for row in re.findall("<tr><td>.*", second)]
    assert cells[1] == ["promise of tier_0", "95.00 %", "95.00 %", "96.10 %", "95.60 % to 96.60 %",
                        "kept"]  # fmt: skip
    assert cells[0][3:] == ["1,990", "1,900 to 2,080", "-"]
    # units of the four parts are 3, 5, 7 and 7 at prices of 100,000 / 1, 2, 3 and 4
    assert [row[1:3] for row in cells[2:]] == [["3", "300,000"], ["5", "250,000"],
                                               ["7", "233,333"], ["7", "175,000"]]  # fmt: skip
    simulated = [re.findall("<td>(.*?)</td>", row)[3:] for row in re.findall("<tr><td>.*", first)]
    assert simulated[:2] == [["-"] * 3] * 2


def test_names_are_text_and_nothing_comes_from_elsewhere(page):
    assert "<script>alert" not in page
    assert "<i>buys" not in page
    assert "it &lt;i&gt;buys" in page
    assert not re.search(r'(src|href)="(?!stock_[0-9]+\.csv|#)', page)


def test_long_lists_are_cut_and_the_whole_is_in_a_table(tmp_path):
    scenario = build_scenario(parts=45, depots=2)
    proof = Certificate(10.0, 10.0, (), 0.1)
    plan = Plan(scenario.part_ids, scenario.depot_ids, ("C",) * 45, np.zeros((45, 2)),
                np.ones((45, 2)), proof)  # fmt: skip
    case = Frontier("budget", "money", "CNY", (FrontierPoint(5.0, plan, 0.0),), 0.1)
    write_frontier_page(scenario, case, UNITS, tmp_path, title="many", manifest=MANIFEST)
    page = (tmp_path / "frontier.html").read_text(encoding="utf-8")
    assert "part_039 and 5 more, in stock_or_not.csv" in page
    table = pd.read_csv(tmp_path / "stock_or_not.csv")
    assert table["point_1"].tolist() == ["nowhere"] * 45


@pytest.mark.parametrize(
    ("unit", "gain", "value", "cost", "text"),
    [
        ("share", 0.01, 0.96, 8.0, "95.00 % to 96.00 %, 2 points for each 1,000 CNY; costs 8.00"),
        ("hours", 3.0, 12.0, -20.0, "15 h to 12 h, 600 hours less for each 1,000 CNY; saves 20"),
        ("units", 0.5, 1.5, 8.0, "2 to 1.5, 100 machines less for each 1,000 CNY; costs 8.00"),
    ],
)
def test_reasons_say_the_change_and_what_money_buys(unit, gain, value, cost, text):
    worth = {"share": 0.02, "hours": 600.0, "units": 100.0}[unit]
    row = {"price": 5.0, "gain": gain, "gain_per_1000": worth, "value": value,
           "cost_per_year": cost}  # fmt: skip
    found = unit_reasons(pd.DataFrame([row]), "waiting time at north", unit, "CNY")
    assert found == [f"waiting time at north: {text} CNY per year"]

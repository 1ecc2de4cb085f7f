"""The pictures: deterministic, honest about units, and calm about any name."""

import re
from dataclasses import replace
from io import StringIO
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from partsim.model.scenario import Scenario
from partsim.report import drawing, figures
from partsim.report.drawing import inline_svg, svg_text
from partsim.report.series_figure import plot_series, swings
from partsim.report.service_figure import STAGES, plot_service

PLOTS = [
    figures.plot_promises,
    figures.plot_responses,
    figures.plot_stock,
    figures.plot_costs,
    figures.plot_grades,
    plot_service,
]


def texts(svg):
    root = ElementTree.fromstring(svg)
    return [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("plot", PLOTS)
def test_a_picture_has_the_same_bytes_each_time(plot, run):
    assert svg_text(plot(run)) == svg_text(plot(run))


@pytest.mark.parametrize("plot", PLOTS)
def test_a_picture_is_what_matplotlib_saves_and_stays_as_it_was(plot, run):
    figure, stream = plot(run), StringIO()
    canvas, dpi = figure.canvas, figure.dpi
    svg = svg_text(figure)
    assert (figure.canvas, figure.dpi) == (canvas, dpi)
    metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with drawing.house_style():
        plot(run).savefig(stream, format="svg", metadata=metadata)
    fonts = re.compile('font-family: [^;"]*')
    assert fonts.sub("", svg) == fonts.sub("", stream.getvalue())


@pytest.mark.parametrize("plot", PLOTS)
def test_a_picture_can_be_drawn_into_the_callers_axes(plot, run):
    figure = Figure()
    ax = figure.add_subplot()
    assert plot(run, ax=ax) is figure
    assert ax.get_title(loc="left")


@pytest.mark.parametrize("plot", PLOTS)
def test_a_picture_of_one_depot_two_parts_and_no_today_can_be_drawn(plot, build):
    small = build(parts=2, depots=1, tiers=1, today=False, missed=False, offsets=(0.01,))
    assert texts(svg_text(plot(small)))


def test_chinese_names_are_written_without_a_chinese_font(run, monkeypatch):
    monkeypatch.setattr(drawing, "cjk_family", lambda: None)
    svg = svg_text(figures.plot_stock(run))
    assert "主液压泵 A" in texts(svg)
    assert "Noto Sans CJK SC" in svg  # the browser finds a font


def test_a_chinese_font_stands_behind_the_latin_one(monkeypatch):
    monkeypatch.setattr(drawing, "cjk_family", lambda: "SimHei")
    with drawing.house_style():
        assert mpl.rcParams["font.family"] == ["DejaVu Sans", "SimHei"]
    assert mpl.rcParams["font.family"] != ["DejaVu Sans", "SimHei"]


def test_a_dollar_in_a_name_is_not_mathematics(run):
    assert "a$b$c & d" in texts(svg_text(figures.plot_stock(run)))


def test_the_promise_picture_says_each_verdict_in_a_word(run):
    shown = texts(svg_text(figures.plot_promises(run)))
    assert {"96.0 %  kept", "95.0 %  open", "88.0 %  broken"} <= set(shown)
    assert "1 of 3 promises is kept, 1 broken, 1 open" in shown


def test_the_stock_picture_shows_the_level_in_each_cell(run):
    shown = texts(svg_text(figures.plot_stock(run)))
    levels = [text for text in shown if re.fullmatch(r"\d+", text)]
    assert sorted(map(int, levels[: 9 * 12])) == sorted(run.plan.base_stock.ravel())


def test_of_many_parts_the_stock_picture_shows_the_dearest_and_says_so(build):
    many = build(parts=60, depots=2, hostile=False)
    shown = texts(svg_text(figures.plot_stock(many)))
    assert "part_000" in shown
    assert "part_039" in shown
    assert "part_040" not in shown  # prices fall
    assert any("the 40 dearest of 60 parts" in text for text in shown)


def test_money_axes_name_the_currency(run):
    assert "Cost, simulated [CNY per year]" in texts(svg_text(figures.plot_costs(run)))
    assert "Money in the stock level [CNY]" in texts(svg_text(figures.plot_stock(run)))


def test_an_inlined_picture_has_ids_of_its_own_and_all_references_meet():
    plot = Figure()
    plot.add_subplot().plot([1, 2], "o")
    svg = inline_svg(svg_text(plot), "first", "A line")
    ids = re.findall(r'\bid="([^"]+)"', svg)
    references = re.findall(r'(?:href="|url\()#([^")]+)', svg)
    assert references
    assert all(name.startswith("first-") for name in ids)
    assert set(references) <= set(ids)


def in_periods(run, share):
    """Give the run with a series of four months in which each tier keeps these shares."""
    tiers, first = run.outcome.promises["tier"], np.arange(4) * 365 / 12
    table = pd.DataFrame({
        "tier": np.repeat(tiers.to_numpy(object), 4),
        "from_day": np.tile(first, len(tiers)),
        "to_day": np.tile(first + 365 / 12, len(tiers)),
        "calls_per_year": 120.0,
        "promise_kept": share,
    })  # fmt: skip
    for name in ("calls_per_year", "promise_kept"):
        table = table.assign(
            **{f"{name}_low": table[name] - 0.05, f"{name}_high": table[name] + 0.05}
        )
    return replace(run, outcome=replace(run.outcome, series=table))


def test_the_series_says_when_the_fewest_calls_are_in_time(run):
    shares = np.full(4 * len(run.outcome.promises), 0.9)
    shares[6] = 0.71  # third month of the second tier
    figure = plot_series(in_periods(run, shares))
    above, below = figure.axes
    assert [len(ax.lines) for ax in (above, below)] == [3, 6]  # with the promises
    np.testing.assert_array_equal(below.lines[2].get_ydata(), shares[4:8])
    shown = texts(svg_text(figure))
    assert "Fewest in time: tier_1, 71.0 % in month 3 of the simulation" in shown
    assert "Months from the start of the simulation; dashed: the promises" in shown


def test_the_series_is_drawn_where_something_changes_with_time(run):
    shown = in_periods(run, 0.9)
    assert not swings(shown)  # in equilibrium
    tree = run.scenario.to_tree()
    tree["fleets"] = [fleet | {"ages": "new"} for fleet in tree["fleets"]]
    ageing = replace(shown, scenario=Scenario.model_validate(tree))
    assert swings(ageing)
    assert not swings(replace(run, scenario=ageing.scenario))  # nothing to draw


def test_a_notebook_shows_a_picture_without_set_up(run):
    figure = figures.plot_grades(run)
    assert figure._repr_svg_() == svg_text(figure)


def test_downtime_is_among_the_costs_where_it_costs(run):
    shown = texts(svg_text(figures.plot_costs(run)))
    assert "Machines that wait" not in shown
    costs = run.outcome.costs
    line = costs.iloc[[0]].assign(cost="downtime", per_year=43_210.0)
    outcome = replace(run.outcome, costs=pd.concat([costs, line]))
    shown = texts(svg_text(figures.plot_costs(replace(run, outcome=outcome))))
    assert {"Machines that wait", "43.2 k"} <= set(shown)


def test_a_cost_without_a_name_of_its_own_is_drawn_last(run):
    costs = run.outcome.costs
    line = costs.iloc[[0]].assign(cost="customs_duty", per_year=54_320.0)
    outcome = replace(run.outcome, costs=pd.concat([line, costs]))
    shown = texts(svg_text(figures.plot_costs(replace(run, outcome=outcome))))
    assert {"Customs duty", "54.3 k"} <= set(shown)
    assert shown.index("Customs duty") > shown.index("Holding")


def test_the_times_of_service_stand_one_after_another_and_are_labelled(run):
    service = run.outcome.service
    tiers = service[service["group"] == "tier"]
    long = {f"{stage}_hours": 3.0 + i for i, stage in enumerate(STAGES)}
    table = tiers.assign(**long, response_hours=sum(long.values()))
    figure = plot_service(replace(run, outcome=replace(run.outcome, service=table)))
    (ax,) = figure.axes
    bars = [bar for bar in ax.patches if bar.get_width()]
    assert len(bars) == len(STAGES) * len(table)
    ends = {round(bar.get_x() + bar.get_width(), 6) for bar in bars}
    assert ends == {3.0, 7.0, 12.0, 18.0, 25.0, 33.0}
    shown = texts(svg_text(figure))
    assert {"3.0", "8.0", "to leave", "for parts", "33 h"} <= set(shown)
    assert "Longest: repair, 24 % of the time of all calls" in shown


def test_a_grade_that_no_score_reaches_has_no_cut_in_the_picture(run):
    cuts = dict.fromkeys(run.grading.cuts, float("inf"))
    bare = replace(run, grading=replace(run.grading, cuts=cuts))
    ax = Figure().add_subplot()
    figures.plot_grades(bare, ax=ax)
    assert [text.get_text() for text in ax.texts] == []

"""The tornado: bars from the table, the widest on top, the same bytes each time."""

import pandas as pd
import pytest

from partsim.model.plan import Plan
from partsim.model.sensitivity import Sensitivity
from partsim.report.drawing import svg_text
from partsim.report.sensitivity_folder import sensitivity_text
from partsim.report.tornado import plot_tornado


@pytest.fixture
def found():
    rows = [("lifetimes", 0.8, 50.0, -0.05), ("lifetimes", 1.2, -40.0, 0.03),
            ("prices", 0.8, -20.0, 0.01), ("prices", 1.2, 20.0, 0.01)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["assumption", "factor", "cost_change", "margin"])
    table = table.assign(
        least_cost=100 + table["cost_change"], missed="", tier="gold", share_promised=0.9,
        share_simulated=0.9 + table["margin"], share_low=0.9 + table["margin"] - 0.01,
        share_high=0.9 + table["margin"] + 0.01, kept="open",
        margin_low=table["margin"] - 0.01, margin_high=table["margin"] + 0.01,
    )  # fmt: skip
    plan = Plan(("pump",), ("depot",), ("C",), [[1]], [[1]])
    return Sensitivity("EUR", 0.2, plan, table)


def test_bars_are_the_changes_of_the_least_cost(found):
    left, right = plot_tornado(found).axes
    assert [bar.get_width() for bar in left.patches] == [50, -40, -20, 20]
    assert [label.get_text() for label in left.get_yticklabels()] == ["lifetimes", "prices"]
    assert left.yaxis_inverted()
    assert max(line.get_xdata()[-1] for line in right.lines) == pytest.approx(4, abs=1e-9)


def test_the_picture_has_the_same_bytes_each_time(found):
    assert svg_text(plot_tornado(found)) == svg_text(plot_tornado(found))


def test_the_words_name_the_worst_case_of_each(found):
    assert sensitivity_text(found).splitlines()[-2:] == [
        "cost: lifetimes matter most; 20 % lower, the cheapest plan costs 50 EUR per year more",
        "promises: lifetimes matter most; 20 % lower, the plan as it is keeps 85.0 % of 90.0 % "
        "for gold",
    ]

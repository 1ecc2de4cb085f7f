"""The Weibull plot: straight where it should be, the same bytes each time, calm at the edges."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from partsim.lifetimes import Weibull
from partsim.report.drawing import svg_text
from partsim.report.weibull_plot import plot_weibull

LIFE = Weibull(100.0, 2.0)
SHARES = (np.arange(20) + 0.5) / 20
TIMES = LIFE.quantile(SHARES)


def test_a_weibull_is_a_straight_line_of_its_shape():
    (ax,) = plot_weibull(TIMES, SHARES, LIFE.survival, "pump").axes
    for line in ax.get_lines()[:2]:
        x, y = np.log(line.get_xdata()), line.get_ydata()
        assert np.polyfit(x, y, 1)[0] == pytest.approx(2)
        assert np.ptp(y - 2 * x) < 1e-9


def test_ticks_are_shares_and_the_title_is_the_finding():
    figure = plot_weibull(TIMES, SHARES, LIFE.survival, "泵: $5")
    svg = svg_text(figure)
    for text in ("10 %", "50 %", "Age [d]", "泵: $5", "one in ten has failed"):
        assert text in svg
    assert svg == svg_text(plot_weibull(TIMES, SHARES, LIFE.survival, "泵: $5"))


def test_a_share_of_one_is_left_out_and_one_failure_is_enough():
    ax = Figure().add_subplot()
    plot_weibull([5, 10], [0.5, 1.0], LIFE.survival, "pump", ax=ax)
    assert ax.get_lines()[1].get_xdata().tolist() == [5]

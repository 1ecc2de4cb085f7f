"""The picture of a sensitivity: which assumption moves cost and promises most."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from partsim.model.sensitivity import Sensitivity
from partsim.report.drawing import BLUE, INK, RED, Picture, in_house_style
from partsim.report.tables import rows_of
from partsim.report.wording import short_money

_MONEY_TICKS = FuncFormatter(lambda amount, _: short_money(amount))


@in_house_style
def plot_tornado(found: Sensitivity) -> Figure:
    """
    Plot what each assumption does to the least cost, and to what the plan keeps.

    Parameters
    ----------
    found : Sensitivity
        By `partsim.planning.sensitivity.find_sensitivity`.

    Returns
    -------
    Figure
        One row for each assumption, the widest on top. Left: least cost less that of the scenario
        as it is [currency per year]. Right: least margin of a promise with the plan for the
        scenario as it is, with its 95 % interval [percentage points].
    """
    table = found.table
    order = list(dict.fromkeys(table["assumption"]))
    figure = Picture(figsize=(11, 1.8 + 0.5 * len(order)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for row in rows_of(table):
        y = order.index(row.assumption) + (0.12 if row.factor > 1 else -0.12)
        colour = BLUE if row.factor < 1 else RED
        left.barh(y, row.cost_change, 0.24, color=colour)
        ends = [100 * row.margin_low, 100 * row.margin_high]
        right.plot(ends, [y, y], color=colour, linewidth=2)
        right.plot(100 * row.margin, y, "o", color=colour)
    left.axvline(0, color=INK, linewidth=1)
    right.axvline(0, color=INK, linewidth=1)
    left.set_yticks(range(len(order)), order)
    left.set_ylim(len(order) - 0.5, -0.5)
    left.xaxis.set_major_formatter(_MONEY_TICKS)
    left.set_xlabel(f"Change of the least cost [{found.currency} per year]")
    right.set_xlabel("Least margin of a promise, plan as it is\n[percentage points]")
    left.set_title(f"Assumptions off by {found.by * 100:g} %: blue less, red more")
    for ax in (left, right):
        ax.grid(axis="x")
    return figure

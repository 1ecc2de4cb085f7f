"""The picture of a frontier: what service costs, by formula and as simulated."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from partsim.model.frontier import Frontier
from partsim.model.outcome import Kept
from partsim.report.drawing import BLUE, GREY, VERDICT_MARK, figure_of, in_house_style
from partsim.report.wording import VERDICT, short_money, short_name

_MONEY_TICKS = FuncFormatter(lambda amount, _: short_money(amount))
_PERCENT_TICKS = FuncFormatter(lambda share, _: f"{share * 100:g} %")


@in_house_style
def plot_frontier(frontier: Frontier, ax: Axes | None = None) -> Figure:
    """
    Plot what each value of a target costs, with the bound that no plan passes.

    Parameters
    ----------
    frontier : Frontier
        What `trace_frontier` returned.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Figure
        The target on the x axis, stricter to the right; cost [currency per year] on the y axis.
        A ring is a point where a target is out of reach. Where points were played out, their
        simulated cost and service with 95 % intervals, by verdict: colour and shape.
    """
    figure, ax = figure_of(8.5, 4.4, ax)
    table = frontier.to_frame()
    ax.plot(table["target"], table["cost"], color=BLUE, linewidth=2, zorder=3)
    for reached, fill in ((True, BLUE), (False, "white")):
        points = table[table["reached"] == reached]
        ax.plot(points["target"], points["cost"], "o", color=BLUE, markerfacecolor=fill, zorder=4)
    ax.plot(table["target"], table["lower_bound"], color=GREY, linestyle=(0, (4, 3)), linewidth=1)
    if frontier.simulated is not None:
        _add_simulated(ax, frontier, frontier.simulated)
    if frontier.unit != "share":
        ax.invert_xaxis()
    if frontier.unit == "share":
        ax.xaxis.set_major_formatter(_PERCENT_TICKS)
    ax.yaxis.set_major_formatter(_MONEY_TICKS)
    ax.grid(visible=True)
    ax.set_xlabel(_frontier_label(frontier))
    ax.set_ylabel(f"Cost [{frontier.currency} per year]; dashed: lower bound")
    first, last = table["cost"].iloc[0], table["cost"].iloc[-1]
    ax.set_title(f"From {short_money(first)} to {short_money(last)} {frontier.currency} per year")
    return figure


def _frontier_label(frontier: Frontier) -> str:
    units = {"times": "broken calls allowed, as a multiple of those promised", "hours": "hours",
             "money": frontier.currency, "share": "share", "volume": "volume"}  # fmt: skip
    return f"{short_name(frontier.target, 40)} [{units[frontier.unit]}]"


def _add_simulated(ax: Axes, frontier: Frontier, table: pd.DataFrame) -> None:
    """Mark cost and, where the simulation measures it, the target itself, with intervals."""
    shown = set()
    for _, rows in table.groupby("point"):
        cost = rows[rows["measure"] == "cost"].iloc[0]
        own = rows[rows["measure"] == frontier.target]
        verdict = _verdict(own if len(own) else rows[rows["kept"] != ""])
        colour, shape = VERDICT_MARK[verdict]
        service = own.iloc[0] if len(own) else None
        ax.errorbar(
            cost["target"] if service is None else service["simulated"], cost["simulated"],
            xerr=None if service is None else _arms(service), yerr=_arms(cost),
            color=colour, marker=shape, markersize=7, capsize=3, zorder=5,
            label=None if verdict in shown else f"simulated: {VERDICT[verdict]}",
        )  # fmt: skip
        shown.add(verdict)
    ax.legend(loc="upper left")


def _arms(row: pd.Series[float]) -> list[list[float]]:
    """Give the arms of an interval; an estimate may lie outside by rounding only."""
    value = row["simulated"]
    return [[max(value - row["simulated_low"], 0.0)], [max(row["simulated_high"] - value, 0.0)]]


def _verdict(rows: pd.DataFrame) -> Kept:
    """Join verdicts: one that is broken breaks all."""
    found = set(rows["kept"])
    return "no" if "no" in found else "open" if "open" in found else "yes"

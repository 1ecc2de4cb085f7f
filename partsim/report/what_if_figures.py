"""Pictures of what-if: cases side by side, and sweeps over one or two axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from partsim.model.what_if import Comparison
from partsim.report.drawing import (
    INK,
    SERIES,
    VERDICT_MARK,
    Picture,
    in_house_style,
)
from partsim.report.tables import rows_of
from partsim.report.wording import cost_name, short_money, short_name

_MONEY_TICKS = FuncFormatter(lambda amount, _: short_money(amount))


@in_house_style
def plot_comparison(comparison: Comparison) -> Figure:
    """
    Plot the simulated cost by kind and the share of calls in time of every case.

    Parameters
    ----------
    comparison : Comparison
        By `partsim.planning.what_if.compare_cases`.

    Returns
    -------
    Figure
        Left: cost [currency per year], one bar for each case, with its 95 % interval. Right:
        share of calls in time less the promised share [percentage points], a mark for each tier,
        with its 95 % interval.
    """
    cases = list(comparison.answers)
    figure = Picture(figsize=(11, 1.9 + 0.5 * len(cases)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    _draw_costs(left, comparison)
    _draw_margins(right, comparison)
    left.set_yticks(range(len(cases)), [short_name(case, 40) for case in cases])
    left.set_ylim(len(cases) - 0.5, -0.5)
    left.set_xlabel(f"Simulated cost [{comparison.currency} per year]")
    left.xaxis.set_major_formatter(_MONEY_TICKS)
    right.set_xlabel("Calls in time, less what is promised [percentage points]")
    figure.legend(loc="outside lower left", ncols=6, fontsize=8)
    left.set_title("What each costs")
    right.set_title("What each keeps")
    return figure


def _draw_costs(ax: Axes, comparison: Comparison) -> None:
    kinds = list(
        dict.fromkeys(
            kind for judged in comparison.answers.values() for kind in judged.outcome.costs["cost"]
        )
    )
    colours = {kind: SERIES[i % len(SERIES)] for i, kind in enumerate(kinds)}
    named: set[str] = set()
    for y, judged in enumerate(comparison.answers.values()):
        left = 0.0
        for row in rows_of(judged.outcome.costs):
            if row.per_year > 0:
                label = None if row.cost in named else cost_name(row.cost)
                ax.barh(y, row.per_year, 0.6, left=left, color=colours[row.cost], label=label)
                named.add(row.cost)
                left += row.per_year
    for y, row in enumerate(rows_of(comparison.plans)):
        ax.plot([row.simulated_cost_low, row.simulated_cost_high], [y, y], color=INK, linewidth=2)
    ax.grid(axis="x")


def _draw_margins(ax: Axes, comparison: Comparison) -> None:
    tiers = list(dict.fromkeys(comparison.promises["tier"]))
    place = {case: y for y, case in enumerate(comparison.answers)}
    ax.axvline(0, color=INK, linewidth=1)
    for row in rows_of(comparison.promises):
        shift = (tiers.index(row.tier) + 0.5) / len(tiers) - 0.5
        y = place[row.case] + 0.7 * shift
        colour, marker = VERDICT_MARK[row.kept]
        low, middle, high = (
            100 * (share - row.share_promised)
            for share in (row.share_low, row.share_simulated, row.share_high)
        )
        ax.plot([low, high], [y, y], color=colour, linewidth=2)
        ax.plot(middle, y, marker, color=colour, markersize=6)
        ax.annotate(short_name(row.tier), (high, y), xytext=(6, 0), textcoords="offset points",
                    va="center", fontsize=8)  # fmt: skip
    ax.margins(x=0.25)
    ax.grid(axis="x")


@in_house_style
def plot_sweep(comparison: Comparison, points: pd.DataFrame, names: Sequence[str]) -> Figure:
    """
    Plot cost and service of a sweep over one axis, or over two with a line for each second value.

    Parameters
    ----------
    comparison : Comparison
        The cases of the sweep.
    points : DataFrame
        One row for each combination: case, and one column of text for each axis.
    names : sequence of str
        One or two columns of `points`.

    Returns
    -------
    Figure
        Above: simulated cost [currency per year] with 95 % intervals. Below: share of calls in
        time less the promised share [percentage points] of the tier that has least.

    Raises
    ------
    ValueError
        If there are not one or two names.
    """
    if len(names) not in (1, 2):
        raise ValueError(f"names: expected one or two axes, got {len(names)}")
    table = points.merge(comparison.plans, on="case", validate="1:1")
    table = table.merge(_least_margins(comparison.promises), on="case", validate="1:1")
    figure = Picture(figsize=(8.5, 6.4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    steps = list(dict.fromkeys(table[names[0]]))
    lines = table.groupby(names[1], sort=False) if len(names) == 2 else [("", table)]
    for number, (label, line) in enumerate(lines):
        aside = 0.03 * number  # so that intervals of two lines do not hide each other
        at = np.array([steps.index(step) + aside for step in line[names[0]]])
        colour = SERIES[number % len(SERIES)]
        _draw_line(above, at, line, "simulated_cost", colour, short_name(str(label), 40))
        _draw_line(below, at, line, "margin", colour, "")
    below.axhline(0, color=INK, linewidth=1)
    below.set_xticks(range(len(steps)), [short_name(step, 24) for step in steps])
    below.set_xlabel(short_name(names[0], 80))
    above.yaxis.set_major_formatter(_MONEY_TICKS)
    above.set_ylabel(f"Simulated cost\n[{comparison.currency} per year]")
    below.set_ylabel("Least margin of a promise\n[percentage points]")
    if len(names) == 2:
        above.legend(title=short_name(names[1], 60))
    above.set_title("What it costs, and what it keeps")
    return figure


def _draw_line(
    ax: Axes, at: np.ndarray, line: pd.DataFrame, name: str, colour: str, label: str
) -> None:
    low, high = (line[f"{name}_{end}"].to_numpy() for end in ("low", "high"))
    ax.plot(at, line[name], "o-", color=colour, label=label or None)
    ax.vlines(at, low, high, color=colour, linewidth=2)
    ax.grid(visible=True)


def _least_margins(promises: pd.DataFrame) -> pd.DataFrame:
    """Give, case by case, the promise that has least in hand [percentage points]."""
    margins = promises[["case"]].assign(
        **{
            name: 100 * (promises[share] - promises["share_promised"])
            for name, share in (("margin", "share_simulated"), ("margin_low", "share_low"),
                                ("margin_high", "share_high"))
        }
    )  # fmt: skip
    least = margins.groupby("case", sort=False)["margin"].idxmin()
    return margins.loc[least]

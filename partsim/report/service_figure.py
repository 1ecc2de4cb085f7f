"""The times of good service as a picture: what a response time is made of, tier by tier."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from partsim.model.run import Run
from partsim.report.drawing import GREY, INK, SERIES, figure_of, in_house_style
from partsim.report.wording import hours, short_name

STAGES = {
    "answer": "to answer",
    "diagnosis": "diagnosis",
    "dispatch": "to leave",
    "travel": "on the way",
    "parts": "for parts",
    "repair": "repair",
}
"""The stages of a call in their order, and what people call them."""
_COLOURS = dict(zip(STAGES, (GREY, *SERIES[5:3:-1], SERIES[0], SERIES[1], SERIES[2]), strict=True))
_LEAST_LABELLED = 0.055
"""Share of the axis that a stage must take for its hours to fit into it."""


@in_house_style
def plot_service(run: Run, ax: Axes | None = None) -> Figure:
    """
    Plot the mean times of a call one after another, tier by tier, with the promise.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Figure
        Mean hours of a call on the x axis, one bar for each tier with calls; a mark at the hours
        promised.
    """
    service = run.outcome.service
    table = service[service["group"] == "tier"].set_index("name")
    promised = run.promises.set_index("tier")["within_hours"].reindex(table.index)
    figure, ax = figure_of(8.5, 1.9 + 0.55 * len(table), ax)
    most = 1.12 * float(np.nanmax([1.0, *table["response_hours"], *promised]))
    ends = _draw_stages(ax, table, most)
    for place, (end, within) in enumerate(zip(ends, promised, strict=True)):
        ax.annotate(hours(end), (end, place), xytext=(4, 0), va="center",
                    textcoords="offset points")  # fmt: skip
        ax.plot([within] * 2, [place - 0.4, place + 0.4], color=INK, linewidth=2)
    ax.set_yticks(range(len(table)), [f"{short_name(str(tier))}\nwithin {hours(within)}"
                           for tier, within in promised.items()])  # fmt: skip
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.set_xlim(0, most)
    ax.grid(axis="x")
    ax.set_xlabel("Mean time of a call, simulated [hours]; black marks: the promises")
    ax.set_title(_longest(table))
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower left", ncols=len(STAGES))
    return figure


def _draw_stages(ax: Axes, table: pd.DataFrame, most: float) -> NDArray[np.float64]:
    """Put the stages of each tier one after another; give where they end."""
    end = np.zeros(len(table))
    for stage, label in STAGES.items():
        widths = table[f"{stage}_hours"].fillna(0.0).to_numpy(float)
        if widths.any():
            ax.barh(range(len(table)), widths, 0.56, end, color=_COLOURS[stage], label=label)
        for place, width in enumerate(widths):
            if width > _LEAST_LABELLED * most:
                ax.text(end[place] + width / 2, place, f"{width:.1f}", color="white", fontsize=9,
                        ha="center", va="center", weight="bold")  # fmt: skip
        end = end + widths
    return end


def _longest(table: pd.DataFrame) -> str:
    """Name the stage that takes most of the time of all calls."""
    calls = table["calls_per_year"].to_numpy(float)
    days = {stage: np.nansum(calls * table[f"{stage}_hours"].to_numpy(float)) for stage in STAGES}
    stage = max(days, key=lambda name: days[name])
    total = sum(days.values())
    if not total:
        return "No call in the time that was simulated"
    return f"Longest: {STAGES[stage]}, {days[stage] / total * 100:.0f} % of the time of all calls"

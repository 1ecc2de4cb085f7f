"""Time series as a picture: when calls come, and how many keep their promise then."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from partsim.model.run import Run
from partsim.model.units import DAYS
from partsim.report.drawing import SERIES, Picture, in_house_style
from partsim.report.tables import rows_of
from partsim.report.wording import percent, short_name

MONTH = DAYS["months"]
"""Days of a month, a twelfth of a year."""
LONGEST_IN_MONTHS = 3 * 365
"""Simulations of more days are drawn in years."""
FEWEST_CALLS = 5
"""Calls in a period, over all replications, below which their share says nothing."""


def swings(run: Run) -> bool:
    """Tell whether something changes with time: machines that age, come or go, or seasons."""
    scenario = run.scenario
    ages = not all(base.is_stationary for base in scenario.installed_bases)
    seasons = any(map(scenario.season_of, scenario.fleets))
    return run.outcome.series is not None and (ages or seasons)


@in_house_style
def plot_series(run: Run) -> Figure:
    """
    Plot the calls of each tier over time, and the share of them that keeps its promise.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned, with time series.

    Returns
    -------
    Figure
        Months or years from the start of the simulation on the x axis; above, calls per year;
        below, the share of calls in time with its 95 % interval and the promise, dashed.
    """
    series = run.outcome.series
    assert series is not None  # or there is nothing to plot
    figure = Picture(figsize=(8.5, 5.2), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    for i, row in enumerate(rows_of(run.outcome.promises)):
        colour, mine = SERIES[i % len(SERIES)], series[series["tier"] == row.tier]
        _draw_tier(above, below, mine, colour, short_name(row.tier))
        below.axhline(row.share_promised, color=colour, linestyle=(0, (4, 3)), linewidth=1)
    above.set_ylim(bottom=0)
    above.set_ylabel("Calls per year")
    above.grid(axis="y")
    above.set_title(_worst_time(_told(run, series)))
    below.set_ylim(top=1.01)
    below.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    below.set_ylabel("Calls in time")
    unit = "Months" if _unit_of(series) == MONTH else "Years"
    below.set_xlabel(f"{unit} from the start of the simulation; dashed: the promises")
    below.grid(axis="y")
    figure.legend(*above.get_legend_handles_labels(), loc="outside lower left", ncols=4)
    return figure


def _draw_tier(above: Axes, below: Axes, mine: pd.DataFrame, colour: str, label: str) -> None:
    """Draw the two lines of a tier with their intervals, at the middle of each period."""
    times = (mine["from_day"] + mine["to_day"]) / 2 / _unit_of(mine)
    for ax, name in ((above, "calls_per_year"), (below, "promise_kept")):
        ax.plot(times, mine[name], color=colour, linewidth=1.6, label=label)
        ax.fill_between(times, mine[f"{name}_low"], mine[f"{name}_high"],
                        color=colour, alpha=0.15, linewidth=0)  # fmt: skip


def _unit_of(series: pd.DataFrame) -> float:
    """Give the unit of time that the axis has [days]."""
    return MONTH if series["to_day"].max() <= LONGEST_IN_MONTHS else 365.0


def _told(run: Run, series: pd.DataFrame) -> pd.DataFrame:
    """Give the periods with enough calls to say something."""
    years = (series["to_day"] - series["from_day"]) / 365
    return series[series["calls_per_year"] * years * run.outcome.replications >= FEWEST_CALLS]


def _worst_time(series: pd.DataFrame) -> str:
    """Name the tier and the time in which the fewest calls keep their promise."""
    if series.empty:
        return "Hardly a call in the time that was simulated"
    worst = series.iloc[int(series["promise_kept"].to_numpy(float).argmin())]
    first, last = round(worst["from_day"] / MONTH) + 1, max(1, round(worst["to_day"] / MONTH))
    when = f"month {first}" if last <= first else f"months {first} to {last}"
    return (
        f"Fewest in time: {short_name(worst['tier'], 16)}, {percent(worst['promise_kept'])} "
        f"in {when} of the simulation"
    )

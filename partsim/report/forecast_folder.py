"""A forecast for people: a table for the terminal, and a folder with tables and a picture."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from partsim.model.forecast import Forecast
from partsim.report.drawing import BLUE, GREY, figure_of, svg_text
from partsim.report.plain_text import table_text
from partsim.report.tables import rows_of, write_csv

_SHOWN = 6
"""Parts in the picture: those with the most demand."""


def forecast_text(forecast: Forecast) -> str:
    """
    Write a forecast as a table: one row for each part and month.

    Parameters
    ----------
    forecast : Forecast
        By `partsim.planning.forecast.forecast_demand`.

    Returns
    -------
    str
        Lines of text.
    """
    percent = f"{forecast.share * 100:g} %"
    heads = ("part", "month", "begins", "expected", "planned", f"{percent} between", "and")
    rows = [
        (row.part, str(row.month), row.begins, f"{row.expected:.1f}", f"{row.planned:.1f}",
         str(row.low), str(row.high))
        for row in rows_of(forecast.demand)
    ]  # fmt: skip
    return table_text(heads, rows)


def plot_forecast(forecast: Forecast, part: str, ax: Axes | None = None) -> Figure:
    """
    Plot what is expected of one part, with the interval.

    Parameters
    ----------
    forecast : Forecast
        By `partsim.planning.forecast.forecast_demand`.
    part : str
        Its number.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Figure
        Months on the x axis, units on the y axis.
    """
    figure, ax = figure_of(8.5, 3.2, ax)
    rows = forecast.demand[forecast.demand["part"] == part]
    ax.fill_between(rows["month"], rows["low"], rows["high"], color=BLUE, alpha=0.18, linewidth=0)
    ax.plot(rows["month"], rows["expected"], color=BLUE, linewidth=2, marker="o")
    if rows["planned"].any():
        ax.plot(rows["month"], rows["planned"], color=GREY, linestyle=(0, (4, 3)))
    ax.set_ylim(bottom=0)
    ax.grid(visible=True)
    ax.set_xlabel("Month")
    ax.set_ylabel("Units")
    ax.set_title(f"{part}: {rows['expected'].sum():.0f} units; {forecast.share * 100:g} % interval")
    return figure


def write_forecast(forecast: Forecast, folder: Path) -> None:
    """
    Write ``forecast.csv``, ``machines.csv`` and pictures of the parts with the most demand.

    Parameters
    ----------
    forecast : Forecast
        By `partsim.planning.forecast.forecast_demand`.
    folder : Path
        An existing folder.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    write_csv(forecast.demand, folder / "forecast.csv")
    write_csv(forecast.machines, folder / "machines.csv")
    units = forecast.demand.groupby("part", sort=False)["expected"].sum()
    for number, part in enumerate(units.nlargest(_SHOWN).index, start=1):
        picture = svg_text(plot_forecast(forecast, part))
        (folder / f"forecast_{number}.svg").write_text(picture, encoding="utf-8")

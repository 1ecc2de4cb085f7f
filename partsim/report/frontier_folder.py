"""A frontier for people: a table for the terminal, and a folder with tables and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from partsim.model.frontier import BestService, Frontier
from partsim.report.drawing import svg_text
from partsim.report.frontier_figure import plot_frontier
from partsim.report.plain_text import table_text
from partsim.report.tables import rows_of, write_csv
from partsim.report.wording import VERDICT, money, target_interval, target_value


def frontier_text(frontier: Frontier) -> str:
    """
    Write the points of a frontier as a table.

    Parameters
    ----------
    frontier : Frontier
        By `partsim.optimisation.frontier.trace_frontier`.

    Returns
    -------
    str
        Lines of text.
    """
    year = f"{frontier.currency} per year"
    heads = (frontier.target, year, "lower bound", "gap", "in stock", "targets")
    rows = [
        (point_name(row.target, frontier.unit), money(row.cost), money(row.lower_bound),
         f"{row.gap * 100:.2f} %", money(row.investment),
         "reached" if row.reached else "out of reach")
        for row in rows_of(frontier.to_frame())
    ]  # fmt: skip
    late = sum(row.status == "time limit" for row in rows_of(frontier.to_frame()))
    note = "the time limit ended the search of {} of {} points: each is at most its gap dearer"
    lines = [note.format(late, len(rows))] if late else []
    if frontier.simulated is not None:
        lines += ["", table_text(*simulated_rows(frontier, frontier.simulated))]
    return "\n".join([table_text(heads, rows), *lines])


def simulated_rows(
    frontier: Frontier, table: pd.DataFrame
) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Give heads and rows of what the points did when they were played out."""
    heads = (frontier.target, "measure", "by formula", "simulated", "95 % interval", "verdict")
    rows = [
        (point_name(row.target, frontier.unit), row.measure,
         target_value(row.formula, row.measure_unit), target_value(row.simulated, row.measure_unit),
         target_interval(row.simulated_low, row.simulated_high, row.measure_unit),
         VERDICT.get(row.kept, "-"))
        for row in rows_of(table)
    ]  # fmt: skip
    return heads, rows


def best_service_text(found: BestService, currency: str) -> str:
    """Write what a budget buys, the bound, and what a little more money would."""
    value, bound = (target_value(x, found.unit) for x in (found.value, found.bound))
    if found.unit == "units":
        value, bound = (f"{x:.4g} machines wait" for x in (found.value, found.bound))
    year = " per year" if found.money == "cost" else ""
    left = "of what is left to better"
    lines = [
        (found.measure, value),
        ("bound", f"{bound}: no plan within the budget does better"),
        ("gap", f"{found.gap * 100:.2f} % {left}"),
        (found.money, f"{money(found.spent)} of {money(found.budget)} {currency}{year}"),
        ("stock", f"{int(found.plan.base_stock.sum()):,} units"),
    ]
    width = max(12, *(len(name) for name, _ in lines))
    return "\n".join(f"{name:<{width}} {text}" for name, text in lines)


def point_name(target: float, unit: str) -> str:
    """
    Write the value of a point.

    Examples
    --------
    >>> point_name(0.95, "share"), point_name(0.5, "times")
    ('95.00 %', '0.5 times the misses')
    """
    return f"{target:g} times the misses" if unit == "times" else target_value(target, unit)


def write_frontier(frontier: Frontier, units: pd.DataFrame, folder: Path) -> None:
    """
    Write ``frontier.csv``, ``frontier.svg``, ``next_units.csv`` and the stock of every point.

    Where points were played out, ``frontier_simulated.csv`` too.

    Parameters
    ----------
    frontier : Frontier
        By `partsim.optimisation.frontier.trace_frontier`.
    units : DataFrame
        By `partsim.optimisation.next_units.next_units`.
    folder : Path
        An existing folder.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    write_csv(frontier.to_frame(), folder / "frontier.csv")
    write_csv(units, folder / "next_units.csv")
    if frontier.simulated is not None:
        write_csv(frontier.simulated, folder / "frontier_simulated.csv")
    for number, point in enumerate(frontier.points, start=1):
        write_csv(point.plan.stock, folder / f"stock_{number}.csv")
    picture = svg_text(plot_frontier(frontier))
    (folder / "frontier.svg").write_text(picture, encoding="utf-8")

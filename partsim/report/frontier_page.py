"""The page of a frontier: drag money, see the plan it buys; what comes next, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

from partsim.model.frontier import Frontier, FrontierPoint
from partsim.model.scenario import Scenario
from partsim.report.drawing import inline_svg, svg_text
from partsim.report.frontier_figure import plot_frontier
from partsim.report.frontier_folder import point_name
from partsim.report.stock_places import NOWHERE, ONLY_CENTRAL, stock_places
from partsim.report.tables import rows_of, write_csv
from partsim.report.wording import VERDICT, money, target_interval, target_value

_MOST_NAMED = 40
"""Parts that a point names; the others are in the tables beside the page."""


def write_frontier_page(
    scenario: Scenario,
    frontier: Frontier,
    units: pd.DataFrame,
    folder: Path,
    *,
    title: str,
    manifest: Mapping[str, Any],
) -> None:
    """
    Write ``frontier.html``, and ``stock_or_not.csv``: where each part is kept at each point.

    Parameters
    ----------
    scenario : Scenario
        What the frontier was traced for.
    frontier : Frontier
        By `partsim.optimisation.frontier.trace_frontier`.
    units : DataFrame
        By `partsim.optimisation.next_units.next_units`, with a column reason.
    folder : Path
        Where `partsim.report.frontier_folder.write_frontier` writes.
    title : str
        Of the page.
    manifest : mapping
        By `partsim.report.folder.manifest`.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    places = {f"point_{number}": stock_places(scenario, point.plan)
              for number, point in enumerate(frontier.points, start=1)}  # fmt: skip
    write_csv(pd.DataFrame({"part": scenario.part_ids} | places), folder / "stock_or_not.csv")
    points = [
        _point(scenario, frontier, number, where)
        for number, where in enumerate(places.values(), start=1)
    ]
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("partsim.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("frontier.html.j2").render(
        title=title,
        frontier=frontier,
        picture=Markup(inline_svg(svg_text(plot_frontier(frontier)), "cost", "Cost by service")),
        tables=[_next_units(units, frontier.currency)],
        points=points,
        within_reach=[point for point in points if point["reached"]],
        service_heads=("target", "wanted", "by formula", "simulated", "95 % interval", "verdict"),
        manifest=manifest,
    )
    (folder / "frontier.html").write_text(page, encoding="utf-8")


def _point(
    scenario: Scenario, frontier: Frontier, number: int, places: Sequence[str]
) -> dict[str, Any]:
    point = frontier.points[number - 1]
    proof = point.plan.certificate
    assert proof is not None  # a frontier's plans come from the optimiser
    return {
        "number": number,
        "name": point_name(point.target, frontier.unit),
        "reached": not proof.missed,
        "cost": money(proof.plan_cost),
        "least_money": ceil(proof.plan_cost),
        "units": f"{int(point.plan.base_stock.sum()):,}",
        "investment": money(point.investment),
        "service": list(_service(frontier, point, number)),
        "nowhere": _named(scenario, places, NOWHERE),
        "only_central": _named(scenario, places, ONLY_CENTRAL),
        "parts": _parts(scenario, point, places),
    }


def _service(frontier: Frontier, point: FrontierPoint, number: int) -> Iterator[Sequence[str]]:
    """Give every target, as simulated where the point was played out, and the cost as simulated."""
    proof, played = point.plan.certificate, {}
    assert proof is not None  # as above
    if (table := frontier.simulated) is not None:
        played = {row.measure: row for row in rows_of(table[table["point"] == number])}
    rows = [(row.name, target_value(row.target, row.unit), row.value, row.unit)
            for row in proof.rows]  # fmt: skip
    for name, wanted, value, unit in [("cost", "-", proof.plan_cost, "money"), *rows]:
        simulated = ["-"] * 3
        if seen := played.get(name):
            ends = (seen.simulated_low, seen.simulated_high)
            simulated = [target_value(seen.simulated, unit), target_interval(*ends, unit),
                         VERDICT.get(seen.kept, "-")]  # fmt: skip
        yield name, wanted, target_value(value, unit), *simulated


def _named(scenario: Scenario, places: Sequence[str], wanted: str) -> str:
    names = [part for part, place in zip(scenario.part_ids, places, strict=True) if place == wanted]
    more = len(names) - _MOST_NAMED
    rest = f" and {more:,} more, in stock_or_not.csv" if more > 0 else ""
    return ", ".join(names[:_MOST_NAMED]) + rest if names else "no part"


def _parts(
    scenario: Scenario, point: FrontierPoint, places: Sequence[str]
) -> list[tuple[str, str, str, str]]:
    """Give units by part, the most money first."""
    units = point.plan.base_stock.sum(axis=1)
    value = scenario.prices * units
    kept = [p for p in np.argsort(-value, kind="stable") if units[p]]
    return [(scenario.part_ids[p], f"{units[p]:,}", money(value[p]), places[p])
            for p in kept[:_MOST_NAMED]]  # fmt: skip


def _next_units(
    units: pd.DataFrame, currency: str
) -> tuple[str, str, Sequence[str], Sequence[Sequence[str]]]:
    heads = ("part", "depot", "then", f"price [{currency}]", "what it buys")
    rows = [(row.part, row.depot, str(row.base_stock), money(row.price), row.reason)
            for row in rows_of(units)]  # fmt: skip
    note = (
        "One by one on top of today's stock, or of the plan where today's is not known: each is "
        "the unit that buys most service for its price, with those before it there."
    )
    return "Next best units", note, heads, rows

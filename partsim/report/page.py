"""The report: one page that opens offline, the pictures, and the tables beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from partsim.model.beyond_formulas import beyond_formulas
from partsim.model.overload import overloads
from partsim.model.plan import Plan, Row
from partsim.model.run import Run
from partsim.report import figures, wording
from partsim.report.drawing import inline_svg, svg_text
from partsim.report.service_figure import plot_service
from partsim.report.tables import (
    csv_tables,
    depots_table,
    fleets_table,
    parts_table,
    promises_table,
    rows_of,
    stock_table,
    strict_json,
    write_csv,
)
from partsim.report.unmet_promises import unmet_sentences
from partsim.report.wording import PEOPLE, hours, money, percent, percent_down, target_value
from partsim.report.workbook import plan_sheets, write_workbook

PICTURES = {
    "promises": (figures.plot_promises, "Share of calls in time, promised and simulated"),
    "responses": (figures.plot_responses, "Distribution of the response time of each tier"),
    "service": (plot_service, "Mean times of a call of each tier, one after another"),
    "stock": (figures.plot_stock, "Stock level of each part at each depot"),
    "costs": (figures.plot_costs, "Cost by kind and by part"),
    "grades": (figures.plot_grades, "Grading score of each part"),
}
MOST_ROWS = {"stock": 220, "orders": 110, "parts": 60, "depots": 40, "rounds": 30, "supply": 60,
             "baselines": 30, "service": 40, "technicians": 20, "fleets": 40, "prevention": 20,
             "warranty": 10, "grading_price": 10}  # fmt: skip
"""Rows of a table on the page, 500 in all with the small ones; the CSV files have every row."""


@dataclass(frozen=True)
class Column:
    """
    One column of a table on the page.

    Parameters
    ----------
    key : str
        Column of the data frame.
    label : str
        Heading, with the unit.
    write : callable
        Turns a value into text.
    numeric : bool
        Whether it is right-aligned and sorted by value.
    """

    key: str
    label: str
    write: Callable[[Any], str] = str
    numeric: bool = True


def _count(units: float) -> str:
    return f"{units:,.0f}"


def _decimal(number: float) -> str:
    return f"{number:,.2f}" if number == number else "-"  # NaN differs from itself


def _text(key: str, label: str) -> Column:
    return Column(key, label, str, numeric=False)


_PART, _DEPOT, _GRADE = _text("part", "Part"), _text("depot", "Depot"), _text("grade", "Grade")
_STOCK = (
    _PART, _DEPOT, _GRADE,
    Column("base_stock", "Stock level", _count), Column("reorder_point", "Order at", _count),
    Column("order_quantity", "Lot", _count), Column("demand_per_year", "Use per year", _decimal),
    Column("fill_rate", "From the shelf", percent),
    Column("waiting_time_hours", "Mean wait", hours), Column("value", "Money in it", money),
)  # fmt: skip
_ORDERS = (
    _PART, _DEPOT, Column("have", "Have", _count), Column("on_order", "On order", _count),
    Column("should", "Should", _count), Column("buy", "Buy", _count),
    Column("move", "Move", _count), Column("excess", "Excess", _count),
)  # fmt: skip
_PARTS = (
    _PART, _text("name", "Name"), _GRADE, _text("free_grade", "Cheapest"),
    _text("letters", "VED, XYZ"),
    Column("score", "Score", _decimal), _text("made_by", "Because of"),
    _text("moves", "Would change"),
    Column("price", "Price", money), Column("demand_per_year", "Use per year", _decimal),
    Column("base_stock", "Units", _count), Column("value", "Money in them", money),
    Column("cost_per_year", "Cost per year", money),
)  # fmt: skip
_GRADING_PRICE = (
    _text("grading", "Parts graded by"), Column("cost_per_year", "Cost per year", money),
    Column("over", "Over a decision for every part", percent),
    Column("moved", "Parts graded otherwise", _count), _text("missed", "Targets missed"),
)  # fmt: skip
_DEPOTS = (
    _DEPOT, _text("name", "Name"), _text("market", "Market"), Column("units", "Units", _count),
    Column("value", "Money in them", money), Column("fill_rate", "From the shelf", percent),
    Column("waiting_time_hours", "Mean wait", hours),
)  # fmt: skip
_SUPPLY = (
    _text("measure", "Measure"), _text("place", "Place"), Column("value", "Simulated", _decimal),
    Column("value_low", "from", _decimal), Column("value_high", "to", _decimal),
    _text("unit", "Unit"),
)  # fmt: skip
_SERVICE = (
    _text("group", "Of each"), _text("name", "Name"),
    Column("calls_per_year", "Calls per year", _count),
    Column("answer_hours", "To answer", hours), Column("diagnosis_hours", "Diagnosis", hours),
    Column("dispatch_hours", "To leave", hours), Column("travel_hours", "On the way", hours),
    Column("parts_hours", "For parts", hours), Column("repair_hours", "Repair", hours),
    Column("response_hours", "In all", hours), Column("beyond_hours", "Beyond promise", hours),
    Column("first_time_fix_rate", "Fixed in one visit", percent),
    Column("second_visit_share", "More visits", percent),
    Column("satisfaction", "Satisfaction", _decimal),
)  # fmt: skip
_TECHNICIANS = (
    _text("technicians", "Technicians"), Column("number", "Number", _count),
    Column("jobs_per_year", "Visits per year", _count),
    Column("utilisation", "Busy", percent), Column("dispatch_hours", "Wait for somebody", hours),
)  # fmt: skip
_FLEETS = (
    _text("fleet", "Fleet"), Column("machines", "Machines", _count), _text("tier", "Tier"),
    _text("standard", "Standard"), Column("priority", "Priority", _count),
    Column("availability", "Running", percent),
)  # fmt: skip
_PREVENTION = (
    _text("fleet", "Fleet"), _PART, Column("failures_per_year", "Failures per year", _decimal),
    Column("failures_per_year_low", "from", _decimal),
    Column("failures_per_year_high", "to", _decimal),
    Column("planned_per_year", "Replaced as planned", _decimal),
    Column("planned_per_year_low", "from", _decimal),
    Column("planned_per_year_high", "to", _decimal),
)  # fmt: skip
_WARRANTY = (
    _text("tier", "Tier"), Column("share_in_warranty", "In warranty", percent),
    Column("calls_in_warranty_per_year", "Calls in it", _count),
    Column("calls_after_per_year", "Calls after", _count),
    Column("parts_borne_per_year", "Parts borne", money),
    Column("visits_borne_per_year", "Visits borne", money),
    Column("claims_per_year", "Suppliers pay back", money),
    Column("parts_income_per_year", "Parts sold", money),
    Column("visits_income_per_year", "Visits sold", money),
)  # fmt: skip
_BASELINES = (
    _text("rule", "Rule"), _text("setting", "Best setting"), _text("tier", "Tier"),
    Column("share_promised", "Promised", percent), Column("share_modelled", "By formula", percent),
    Column("share_simulated", "Simulated", percent), Column("share_low", "from", percent_down),
    Column("share_high", "to", percent_down),
    Column("kept", "Verdict", lambda kept: wording.VERDICT[kept], numeric=False),
    Column("cost_modelled", "Cost per year, by formula", money),
    Column("cost_simulated", "simulated", money),
)  # fmt: skip
_ROUNDS = (
    Column("round", "Round", _count), _text("tier", "Tier"),
    Column("share_target", "Aimed at", percent), Column("share_modelled", "By formula", percent),
    Column("share_simulated", "Simulated", percent), Column("share_low", "from", percent_down),
    Column("share_high", "to", percent_down),
    Column("kept", "Verdict", lambda kept: wording.VERDICT[kept], numeric=False),
    Column("share_best", "If no call waited for parts", percent),
    Column("cost_simulated", "Cost per year, simulated", money),
    Column("chosen", "", lambda chosen: "this plan" if chosen else "", numeric=False),
)  # fmt: skip


def page_table(frame: pd.DataFrame, columns: tuple[Column, ...], most: int) -> dict[str, Any]:
    """
    Turn a data frame into text for a table of the page.

    Parameters
    ----------
    frame : DataFrame
        In the order of the page.
    columns : tuple of Column
        What to show; columns whose texts are all empty are left out.
    most : int
        Rows to show at most.

    Returns
    -------
    dict
        columns that are there; rows of (text, value to sort by); total, the number of rows.

    Examples
    --------
    >>> frame = pd.DataFrame({"units": [3, 1]})
    >>> page_table(frame, (Column("units", "Units"),), most=1)["rows"]
    [[('3', 3.0)]]
    """
    there = [c for c in columns if c.key in frame]
    shown = [c for c in there if c.numeric or frame[c.key].map(c.write).str.len().any()]
    rows = [
        [
            (column.write(value), float(value) if column.numeric else "")
            for column, value in zip(shown, row, strict=True)
        ]
        for row in rows_of(frame[[column.key for column in shown]].head(most))
    ]
    return {"columns": shown, "rows": rows, "total": len(frame)}


def _tables(run: Run) -> dict[str, Any]:
    stock = stock_table(run).sort_values("value", ascending=False, kind="stable")
    parts = parts_table(run).sort_values("score", ascending=False, kind="stable")
    frames = {
        "stock": (stock, _STOCK),
        "parts": (parts, _PARTS),
        "depots": (depots_table(run), _DEPOTS),
        "rounds": (run.rounds, _ROUNDS),
    }
    if len(run.outcome.service):
        frames["service"] = (run.outcome.service, _SERVICE)
    if len(run.outcome.technicians):
        frames["technicians"] = (run.outcome.technicians, _TECHNICIANS)
    if run.outcome.prevention is not None:
        frames["prevention"] = (run.outcome.prevention, _PREVENTION)
    if run.outcome.warranty is not None:
        frames["warranty"] = (run.outcome.warranty, _WARRANTY)
    if run.baselines is not None:
        frames["baselines"] = (run.baselines, _BASELINES)
    if run.scenario.plans:
        frames["fleets"] = (fleets_table(run), _FLEETS)
    if len(run.outcome.supply):
        frames["supply"] = (run.outcome.supply, _SUPPLY)
    if run.grading_price is not None:
        frames["grading_price"] = (run.grading_price.table, _GRADING_PRICE)
    if run.orders is not None:
        work = run.orders[["buy", "move", "excess"]].abs().sum(axis=1)
        frames["orders"] = (run.orders[work > 0], _ORDERS)
    return {name: page_table(*pair, MOST_ROWS[name]) for name, pair in frames.items()}


def _comparison(run: Run) -> list[tuple[str, str, str]]:
    """Give what, today, plan for each line of the comparison; empty without today's stock."""
    if run.today is None:
        return []
    prices, today = run.scenario.prices, run.today
    lines = [
        ("Cost per year, by formula", money(today.performance.plan_cost),
         money(run.performance.plan_cost)),
        ("Cost per year, simulated", money(today.outcome.plan_cost),
         money(run.outcome.plan_cost)),
        ("Money in the stock levels", money((prices @ today.plan.base_stock).sum()),
         money((prices @ run.plan.base_stock).sum())),
        ("Units in the stock levels", _count(today.plan.base_stock.sum()),
         _count(run.plan.base_stock.sum())),
    ]  # fmt: skip
    pairs = zip(rows_of(today.outcome.promises), rows_of(run.outcome.promises), strict=True)
    for before, after in pairs:
        lines.append(
            (f"{after.tier}: calls within {hours(after.within_hours)}",
             f"{percent(before.share_simulated)} ({wording.VERDICT[before.kept]})",
             f"{percent(after.share_simulated)} ({wording.VERDICT[after.kept]})")
        )  # fmt: skip
    return lines


def _price_of_grading(run: Run) -> str:
    price = run.grading_price
    return "" if price is None else wording.price_of_grading(price, run.scenario.currency)


def missed_targets(plan: Plan) -> list[str]:
    """Say which targets are not reached, and the best that can be, in sentences."""
    proof = plan.certificate
    rows = proof.missed if proof else ()
    if proof and proof.out_of_time:
        return [
            f"{row.name}: target {target_value(row.target, row.unit)}, this plan "
            f"{target_value(row.value, row.unit)}; the time limit ended the search"
            for row in rows
        ]
    return [
        f"{row.name}: target {target_value(row.target, row.unit)}, {_best(row)} "
        f"is {target_value(row.best, row.unit)}"
        for row in rows
    ]


def _best(row: Row) -> str:
    if row.unit in PEOPLE:
        return "at these grades and lots it"
    # Where targets contradict each other, more of this one would be less of another.
    beside = " beside the other targets" if isclose(row.value, row.best) else ""
    return f"the best that can be reached{beside}"


def _other_targets(run: Run) -> list[tuple[str, ...]]:
    """Give name, what is wanted, by formula, simulated, interval, verdict and its colour."""
    return [
        (row.row, wording.wanted(row.target, row.unit), target_value(row.modelled, row.unit),
         target_value(row.simulated, row.unit) if row.kept else "-",
         wording.target_interval(row.simulated_low, row.simulated_high, row.unit),
         wording.target_verdict(row.kept, reached=row.reached),
         row.kept or ("yes" if row.reached else "no"))
        for row in rows_of(run.targets)
    ]  # fmt: skip


def _pictures(run: Run) -> dict[str, str]:
    return {name: svg_text(plot(run)) for name, (plot, _) in PICTURES.items()}


def page_text(
    run: Run, pictures: Mapping[str, str], *, manifest: Mapping[str, Any] | None = None
) -> str:
    """
    Write the page.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.
    pictures : mapping of str to str
        SVG documents by the names of `PICTURES`.
    manifest : mapping, optional
        Facts of the run for the foot of the page, by `partsim.report.folder.manifest`.

    Returns
    -------
    str
        HTML that needs no other file and no network.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("partsim.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"hours": hours, "money": money, "percent": percent}
    svgs = {
        name: Markup(inline_svg(svg, name, PICTURES[name][1])) for name, svg in pictures.items()
    }
    return environment.get_template("report.html.j2").render(
        run=run,
        summary=run.summary,
        headline=wording.verdict_sentence(run.promises["kept"]),
        verdict=wording.VERDICT,
        interval=wording.interval,
        promises=rows_of(promises_table(run)),
        value=float((run.scenario.prices @ run.plan.base_stock).sum()),
        units=int(run.plan.base_stock.sum()),
        missed=missed_targets(run.plan),
        unmet=unmet_sentences(run.outcome),
        targets=_other_targets(run),
        prices=wording.prices_of(run.plan, run.scenario.currency),
        comparison=_comparison(run),
        price_of_grading=_price_of_grading(run),
        tables=_tables(run),
        pictures=svgs,
        beyond=beyond_formulas(run.scenario),
        overloads=overloads(run.scenario, run.plan),
        manifest=manifest,
    )


def write_report(run: Run, folder: Path, *, manifest: Mapping[str, Any] | None = None) -> Path:
    """
    Write the page, the pictures and the tables into a folder.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.
    folder : Path
        An existing folder, best an empty one: files of the same names are replaced.
    manifest : mapping, optional
        Facts of the run for the foot of the page, by `partsim.report.folder.manifest`.

    Returns
    -------
    Path
        The page, ``report.html``. Beside it: ``figures/*.svg``, ``summary.json``, ``plan.xlsx``
        and the tables of `partsim.report.tables.csv_tables`.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    folder = Path(folder)
    for name, table in csv_tables(run).items():
        write_csv(table, folder / name)
    (folder / "summary.json").write_text(strict_json(run.summary) + "\n", encoding="utf-8")
    pictures = _pictures(run)
    (folder / "figures").mkdir(exist_ok=True)
    for name, svg in pictures.items():
        (folder / "figures" / f"{name}.svg").write_text(svg, encoding="utf-8")
    page = folder / "report.html"
    page.write_text(page_text(run, pictures, manifest=manifest), encoding="utf-8")
    write_workbook(plan_sheets(run, manifest=manifest), folder / "plan.xlsx")
    return page

"""The report: one page that opens offline, the pictures, and the tables beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from partsim.model.beyond_formulas import BEYOND, beyond_formulas
from partsim.model.overload import overloads
from partsim.model.run import Run
from partsim.report import figures, wording
from partsim.report.approvals import approvals_sentence
from partsim.report.callers import callers_text
from partsim.report.drawing import inline_svg, svg_text
from partsim.report.missed_targets import missed_targets
from partsim.report.page_tables import page_tables
from partsim.report.precision import precision_asked
from partsim.report.series_figure import plot_series, swings
from partsim.report.service_figure import plot_service
from partsim.report.tables import (
    csv_tables,
    promises_table,
    rows_of,
    strict_json,
    write_csv,
)
from partsim.report.unmet_promises import unmet_sentences
from partsim.report.wording import hours, money, percent, target_value
from partsim.report.workbook import plan_sheets, write_workbook

PICTURES = {
    "promises": (figures.plot_promises, "Share of calls in time, promised and simulated"),
    "responses": (figures.plot_responses, "Distribution of the response time of each tier"),
    "service": (plot_service, "Mean times of a call of each tier, one after another"),
    "stock": (figures.plot_stock, "Stock level of each part at each depot"),
    "costs": (figures.plot_costs, "Cost by kind and by part"),
    "grades": (figures.plot_grades, "Grading score of each part"),
}

PERHAPS = {
    "series": (plot_series, "Calls of each tier, and those in time, over the years"),
}
"""Pictures of what only some runs have."""


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
        ("95 % interval of that", wording.cost_ends(today.outcome),
         wording.cost_ends(run.outcome)),
        ("Money in the stock levels", money((prices @ today.plan.base_stock).sum()),
         money((prices @ run.plan.base_stock).sum())),
        ("Units in the stock levels", f"{today.plan.base_stock.sum():,}",
         f"{run.plan.base_stock.sum():,}"),
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
    pictures = PICTURES | (PERHAPS if swings(run) else {})
    return {name: svg_text(plot(run)) for name, (plot, _) in pictures.items()}


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
        SVG documents by the names of `PICTURES`, and of `PERHAPS` where the run has them.
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
    labels = {name: label for name, (_, label) in (PICTURES | PERHAPS).items()}
    svgs = {name: Markup(inline_svg(svg, name, labels[name])) for name, svg in pictures.items()}
    return environment.get_template("report.html.j2").render(
        run=run,
        summary=run.summary,
        callers=callers_text(run.scenario),
        headline=wording.verdict_sentence(run.promises["kept"]),
        cost_interval=wording.cost_interval(run.outcome),
        verdict=wording.VERDICT,
        weighed=wording.weighed_by(run.outcome),
        precision=precision_asked(run),
        interval=wording.interval,
        promises=rows_of(promises_table(run)),
        value=float((run.scenario.prices @ run.plan.base_stock).sum()),
        units=int(run.plan.base_stock.sum()),
        missed=missed_targets(run.plan),
        unmet=unmet_sentences(run),
        targets=_other_targets(run),
        prices=wording.prices_of(run.plan, run.scenario.currency),
        comparison=_comparison(run),
        price_of_grading=_price_of_grading(run),
        approvals=approvals_sentence(run),
        tables=page_tables(run),
        pictures=svgs,
        beyond=[sentence.removeprefix(BEYOND) for sentence in beyond_formulas(run.scenario)],
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

"""What-if for people: a table for the terminal; a folder with tables, pictures and one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from partsim.model.what_if import Comparison, Sweep
from partsim.report.answer_page import Table, answer_page
from partsim.report.differences import costs_and_promises, service, signed
from partsim.report.drawing import svg_text
from partsim.report.plain_text import table_text
from partsim.report.sweep_choices import sweep_summary, sweep_texts
from partsim.report.tables import rows_of, strict_json, write_csv
from partsim.report.what_if_figures import plot_comparison, plot_sweep
from partsim.report.wording import VERDICT, hours, interval, money, percent


def comparison_text(comparison: Comparison) -> str:
    """
    Write what each case costs and keeps, and how it differs from the first.

    Parameters
    ----------
    comparison : Comparison
        By `partsim.planning.what_if.compare_cases`.

    Returns
    -------
    str
        Lines of text.
    """
    tables = [_plans(comparison), _promises(comparison)]
    first = next(iter(comparison.answers))
    year = f"{comparison.currency} per year; differences from '{first}' with 95 % intervals, paired"
    return "\n\n".join([*(table_text(heads, rows) for _, _, heads, rows in tables), year])


def write_comparison(
    comparison: Comparison,
    folder: Path,
    *,
    title: str,
    manifest: Mapping[str, Any],
    sweep: Sweep | None = None,
) -> None:
    """
    Write the page, the pictures, the tables and the stock of every case into a folder.

    Parameters
    ----------
    comparison : Comparison
        By `partsim.planning.what_if.compare_cases`.
    folder : Path
        An existing, empty folder: ``compare.html``, ``compare.json``, ``plans.csv``,
        ``promises.csv``, ``compare.csv`` (differences), ``stock_N.csv`` and pictures go into it.
    title : str
        Of the page.
    manifest : mapping
        By `partsim.report.folder.manifest`.
    sweep : Sweep, optional
        The values and choices of a sweep: ``sweep.csv``, what to take, and a picture where the
        values are of one or two axes.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    pictures = [svg_text(plot_comparison(comparison))]
    if sweep is not None:
        write_csv(sweep.points, folder / "sweep.csv")
        if len(names := [str(name) for name in sweep.points.columns.drop("case")]) <= 2:
            pictures.insert(0, svg_text(plot_sweep(comparison, sweep.points, names)))
    for number, svg in enumerate(pictures, start=1):
        (folder / f"picture_{number}.svg").write_text(svg, encoding="utf-8")
    write_csv(comparison.plans, folder / "plans.csv")
    write_csv(comparison.promises, folder / "promises.csv")
    write_csv(comparison.differences, folder / "compare.csv")
    for number, judged in enumerate(comparison.answers.values(), start=1):
        write_csv(judged.plan.stock, folder / f"stock_{number}.csv")
    summary = comparison.summary | (sweep_summary(sweep, comparison) if sweep else {})
    (folder / "compare.json").write_text(strict_json(summary) + "\n", encoding="utf-8")
    headlines = sweep_texts(sweep, comparison) if sweep else []
    page = _page(comparison, pictures, title=title, headlines=headlines, manifest=manifest)
    (folder / "compare.html").write_text(page, encoding="utf-8")


def _page(
    comparison: Comparison,
    pictures: Sequence[str],
    *,
    title: str,
    headlines: Sequence[str],
    manifest: Mapping[str, Any],
) -> str:
    first = next(iter(comparison.answers.values()))
    labels = ("Cost and promises of the cases", "Cost and promises of each case")
    return answer_page(
        title=title,
        intro=f"{len(comparison.answers)} cases, simulated with the same random numbers: "
        f"{first.outcome.replications} independent repetitions each. Money in "
        f"{comparison.currency} per year.",
        headlines=headlines,
        pictures=dict(zip(labels, pictures, strict=False)),
        tables=[
            _plans(comparison),
            _promises(comparison),
            costs_and_promises(comparison),
            service(comparison),
        ],
        rests_on=_RESTS_ON,
        manifest=manifest,
    )


_RESTS_ON = (
    "The first case is what the others are compared with. Each failure happens to all cases at the "
    "same moment, so the intervals of differences are narrower than those of the values; an "
    "interval without zero is a difference. The lower bound is that of each case's own evaluation "
    "model, as in the report of a run."
)


def _plans(comparison: Comparison) -> Table:
    heads = ("case", "by formula", "lower bound", "gap", "simulated", "difference", "from", "to",
             "promises", "targets missed")  # fmt: skip
    rows = [
        (row.case, money(row.cost_by_formula), money(row.lower_bound), _gap(row.gap),
         money(row.simulated_cost), *(map(signed, (row.difference, row.difference_low,
         row.difference_high)) if number else ("", "", "")), VERDICT[row.kept], row.missed or "-")
        for number, row in enumerate(rows_of(comparison.plans))
    ]  # fmt: skip
    note = "A plan that was given, such as today's stock, has no bound."
    return "What each costs", note, heads, rows


def _promises(comparison: Comparison) -> Table:
    heads = ("case", "tier", "within", "promised", "simulated", "95 % interval", "verdict",
             "satisfaction")  # fmt: skip
    rows = [
        (row.case, row.tier, hours(row.within_hours), percent(row.share_promised),
         percent(row.share_simulated), interval(row.share_low, row.share_high), VERDICT[row.kept],
         percent(row.satisfaction))
        for row in rows_of(comparison.promises)
    ]  # fmt: skip
    note = "Satisfaction: expected less delivered response time, over the expected one; mean."
    return "What each keeps", note, heads, rows


def _gap(gap: float) -> str:
    return f"{gap * 100:.2f} %" if gap < 1e6 else "-"

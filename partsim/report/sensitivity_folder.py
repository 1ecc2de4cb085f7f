"""A sensitivity for people: table and sentences for the terminal, CSV, JSON and the tornado."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from partsim.model.sensitivity import Sensitivity
from partsim.report.answer_page import Table, answer_page
from partsim.report.drawing import svg_text
from partsim.report.plain_text import table_text
from partsim.report.tables import rows_of, strict_json, write_csv
from partsim.report.tornado import plot_tornado
from partsim.report.wording import VERDICT, interval, money, percent


def sensitivity_text(found: Sensitivity) -> str:
    """
    Write what each assumption does, and which matters most.

    Parameters
    ----------
    found : Sensitivity
        By `partsim.planning.sensitivity.find_sensitivity`.

    Returns
    -------
    str
        Lines of text.
    """
    _, _, heads, rows = _table(found)
    return "\n\n".join([table_text(heads, rows), "\n".join(findings(found))])


def _table(found: Sensitivity) -> Table:
    heads = ("assumption", "off by", "least cost", "change", "out of reach", "tightest tier",
             "promised", "plan keeps", "95 % interval", "verdict")  # fmt: skip
    rows = [
        (row.assumption, f"{(row.factor - 1) * 100:+g} %", money(row.least_cost),
         f"{row.cost_change:+,.0f}", row.missed or "-", row.tier, percent(row.share_promised),
         percent(row.share_simulated), interval(row.share_low, row.share_high), VERDICT[row.kept])
        for row in rows_of(found.table)
    ]  # fmt: skip
    note = (
        "Least cost and its change: the cheapest plan had we known, by the formulas. What the plan "
        "keeps: the plan for the scenario as it is, played in the changed one; the tier whose "
        "promise has least in hand."
    )
    return "Every assumption", note, heads, rows


def findings(found: Sensitivity) -> list[str]:
    """Say in words which assumption matters most to the cost, and which to the promises."""
    rows = rows_of(found.table)
    costly = max(rows, key=lambda row: abs(row.cost_change))
    worst = min(rows, key=lambda row: row.margin)
    more = "more" if costly.cost_change > 0 else "less"
    kept = f"{percent(worst.share_simulated)} of {percent(worst.share_promised)}"
    return [
        f"cost: {costly.assumption} matter most; {_off(costly.factor)}, the cheapest plan costs "
        f"{money(abs(costly.cost_change))} {found.currency} per year {more}",
        f"promises: {worst.assumption} matter most; {_off(worst.factor)}, the plan as it is keeps "
        f"{kept} for {worst.tier}",
    ]


def _off(factor: float) -> str:
    return f"{abs(factor - 1) * 100:g} % {'lower' if factor < 1 else 'higher'}"


def write_sensitivity(
    found: Sensitivity, folder: Path, *, title: str, manifest: Mapping[str, Any]
) -> None:
    """
    Write the page, its table and picture, and the plan.

    Parameters
    ----------
    found : Sensitivity
        By `partsim.planning.sensitivity.find_sensitivity`.
    folder : Path
        An existing folder: ``sensitivity.html``, ``sensitivity.csv``, ``sensitivity.json``,
        ``tornado.svg`` and the plan's ``stock.csv`` go into it.
    title : str
        Of the page.
    manifest : mapping
        By `partsim.report.folder.manifest`.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    tornado = svg_text(plot_tornado(found))
    write_csv(found.table, folder / "sensitivity.csv")
    write_csv(found.plan.stock, folder / "stock.csv")
    text = strict_json(found.summary | {"findings": findings(found)})
    (folder / "sensitivity.json").write_text(text + "\n", encoding="utf-8")
    (folder / "tornado.svg").write_text(tornado, encoding="utf-8")
    page = answer_page(
        title=title,
        intro=f"One assumption at a time, {found.by * 100:g} % lower and higher than believed. "
        f"Money in {found.currency} per year.",
        headlines=findings(found),
        pictures={"What each assumption does to cost and promises": tornado},
        tables=[_table(found)],
        rests_on=_RESTS_ON,
        manifest=manifest,
    )
    (folder / "sensitivity.html").write_text(page, encoding="utf-8")


_RESTS_ON = (
    "All values of a kind change together, shapes of distributions stay. Each failure happens at "
    "the same moment in all simulations, as far as the assumption allows. How much an assumption "
    "weighs is for one as far off as the others; how far off yours may be, records tell."
)

"""A sensitivity for people: table and sentences for the terminal, CSV, JSON and the tornado."""

from __future__ import annotations

from pathlib import Path

from partsim.model.sensitivity import Sensitivity
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
    heads = ("assumption", "off by", "least cost", "change", "out of reach then", "tightest tier",
             "promised", "plan keeps", "95 % interval", "verdict")  # fmt: skip
    rows = [
        (row.assumption, f"{(row.factor - 1) * 100:+g} %", money(row.least_cost),
         f"{row.cost_change:+,.0f}", row.missed or "-", row.tier, percent(row.share_promised),
         percent(row.share_simulated), interval(row.share_low, row.share_high), VERDICT[row.kept])
        for row in rows_of(found.table)
    ]  # fmt: skip
    return "\n\n".join([table_text(heads, rows), "\n".join(findings(found))])


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


def write_sensitivity(found: Sensitivity, folder: Path) -> None:
    """
    Write ``sensitivity.csv``, ``sensitivity.json``, ``tornado.svg`` and the plan's ``stock.csv``.

    Parameters
    ----------
    found : Sensitivity
        By `partsim.planning.sensitivity.find_sensitivity`.
    folder : Path
        An existing folder.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    write_csv(found.table, folder / "sensitivity.csv")
    write_csv(found.plan.stock, folder / "stock.csv")
    text = strict_json(found.summary | {"findings": findings(found)})
    (folder / "sensitivity.json").write_text(text + "\n", encoding="utf-8")
    (folder / "tornado.svg").write_text(svg_text(plot_tornado(found)), encoding="utf-8")

"""The workbook plan.xlsx: decision, orders and assumptions for those who live in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from partsim.model.outcome import Outcome
from partsim.model.run import Run
from partsim.report import wording
from partsim.report.precision import precision_asked
from partsim.report.tables import parts_table, promises_table, spreadsheet_safe, stock_table

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_575
"""Rows of a sheet below its heading that every spreadsheet program opens."""
MOST_TEXT = 32_767
"""Characters of a cell that every spreadsheet program opens."""
_NARROW, _WIDE, _LOOKED_AT = 12, 60, 200
"""Widths of columns [characters], and rows that set them."""

COUNT, DECIMAL, MONEY, SHARE = "#,##0", "#,##0.00", "#,##0", "0.0%"
_LABELS = {
    "part": "Part",
    "name": "Name",
    "depot": "Depot",
    "tier": "Tier",
    "grade": "Grade",
    "free_grade": "Cheapest grade",
    "reorder_point": "Reorder point",
    "base_stock": "Maximum",
    "order_quantity": "Order quantity",
    "demand_per_year": "Demand per year",
    "fill_rate": "Fill rate",
    "waiting_time_hours": "Mean wait (h)",
    "price": "Price",
    "value": "Value of the maximum",
    "score": "Score",
    "letters": "VED, XYZ",
    "made_by": "Because of",
    "moves": "Would change",
    "cost_per_year": "Cost per year, by formula",
    "have": "On the shelf",
    "on_order": "On order",
    "should": "Maximum",
    "buy": "Buy",
    "move": "Move (in +, out -)",
    "excess": "Excess",
    "within_hours": "Promised within (h)",
    "share_promised": "Share promised",
    "share_modelled": "Share by formula",
    "share_simulated": "Share simulated",
    "share_low": "95 % interval from",
    "share_high": "to",
    "kept": "Verdict",
    "calls_per_year": "Calls per year",
    "mean_response_hours": "Mean response (h)",
    "honest_hours": "Hours that keep the share",
    "today_share": "Share today",
}
_FORMATS = {
    "demand_per_year": DECIMAL,
    "waiting_time_hours": DECIMAL,
    "within_hours": DECIMAL,
    "mean_response_hours": DECIMAL,
    "honest_hours": DECIMAL,
    "price": DECIMAL,
    "score": DECIMAL,
    "value": MONEY,
    "cost_per_year": MONEY,
    **dict.fromkeys(
        ["fill_rate", "share_promised", "share_modelled", "share_simulated", "share_low",
         "share_high", "today_share"], SHARE,
    ),
}  # fmt: skip
"""Number formats by column; counts otherwise."""
_STOCK = (
    "part", "name", "depot", "grade", "reorder_point", "base_stock", "order_quantity",
    "demand_per_year", "fill_rate", "waiting_time_hours", "price", "value",
)  # fmt: skip
_ORDERS = ("part", "name", "depot", "have", "on_order", "should", "buy", "move", "excess")
_GRADES = (
    "part", "name", "grade", "free_grade", "letters", "score", "made_by", "moves", "price",
    "demand_per_year", "base_stock", "value", "cost_per_year",
)  # fmt: skip
_PROMISES = (
    "tier", "within_hours", "share_promised", "share_modelled", "share_simulated", "share_low",
    "share_high", "kept", "calls_per_year", "mean_response_hours", "honest_hours", "today_share",
)  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """
    One sheet: headings, a number format for each column, rows.

    Parameters
    ----------
    name : str
        Name of the sheet.
    headings : sequence of str
        What the columns hold.
    formats : sequence of str
        Spreadsheet number formats; texts ignore them.
    rows : sequence of sequence
        Text, numbers or None, row by row.
    """

    name: str
    headings: Sequence[str]
    formats: Sequence[str]
    rows: Sequence[Sequence[Any]]


def plan_sheets(run: Run, *, manifest: Mapping[str, Any] | None = None) -> list[Sheet]:
    """
    Give the sheets of a run's workbook.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.
    manifest : mapping, optional
        Facts of the run, by `partsim.report.folder.manifest`; without it there is no such sheet.

    Returns
    -------
    list of Sheet
        Summary, Order proposal (when the scenario says what is there today), Stock, Grades,
        Promises, Assumptions, Manifest.
    """
    names = {part: entry.name for part, entry in run.scenario.parts.items()}
    promises = promises_table(run).assign(kept=lambda t: t["kept"].map(wording.VERDICT))
    tables: list[tuple[str, pd.DataFrame, Sequence[str]]] = [
        ("Stock", stock_table(run), _STOCK),
        ("Grades", parts_table(run), _GRADES),
        ("Promises", promises, _PROMISES),
    ]
    if run.orders is not None:
        work = run.orders[["buy", "move", "excess"]].abs().sum(axis=1)
        tables.insert(0, ("Order proposal", run.orders[work > 0], _ORDERS))
    return [
        _pairs("Summary", _summary(run)),
        *(_table(name, _named(table, names), columns) for name, table, columns in tables),
        _pairs("Assumptions", list(_leaves(run.scenario.to_tree()))),
        *([] if manifest is None else [_pairs("Manifest", list(_leaves(manifest)))]),
    ]


def _named(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Add the names of the parts, where the table has parts and no names."""
    if "part" not in table or "name" in table:
        return table
    return table.assign(name=table["part"].map(names))


def _table(name: str, table: pd.DataFrame, columns: Sequence[str]) -> Sheet:
    shown = [column for column in columns if column in table]
    return Sheet(
        name,
        [_LABELS[column] for column in shown],
        [_FORMATS.get(column, COUNT) for column in shown],
        table[shown].to_numpy(object).tolist(),
    )


def _pairs(name: str, rows: Sequence[tuple[str, Any]]) -> Sheet:
    return Sheet(name, ["What", "Value"], ["General", "#,##0.####"], rows)


def _summary(run: Run) -> list[tuple[str, Any]]:
    scenario, proof = run.scenario, run.plan.certificate
    assert proof is not None  # a Run's plan comes from the optimiser
    per_year = f"({scenario.currency} per year)"
    which = ", whatever the grades" if proof.any_grades else " with these grades and lots"
    rows: list[tuple[str, Any]] = [
        ("Scenario", scenario.name),
        ("Verdict", wording.verdict_sentence(run.promises["kept"])),
        (f"Cost of the plan {per_year}", proof.plan_cost),
        (f"Least cost of any plan{which}, by formula {per_year}", proof.lower_bound),
        ("Gap between the two (share of the bound)", proof.gap),
        ("Status", proof.status),
        *_cost_simulated("Cost simulated", run.outcome, per_year),
        (f"Money in the stock levels ({scenario.currency})",
         float((scenario.prices @ run.plan.base_stock).sum())),
        ("Units in the stock levels", int(run.plan.base_stock.sum())),
        *((f"Parts of grade {grade}", n) for grade, n in run.plan.grade_counts.items()),
        ("Replications", run.outcome.replications),
        *_worth(run.outcome),
        *([("Precision", precision)] if (precision := precision_asked(run)) else []),
        ("Seed", run.outcome.seed),
    ]  # fmt: skip
    if run.grading_price is not None:
        rows += [(f"Cost with {way.grading} {per_year}", way.cost)
                 for way in run.grading_price.all[1:]]  # fmt: skip
        sentence = wording.price_of_grading(run.grading_price, scenario.currency)
        rows.append(("Price of grading", sentence))
    if run.today is not None:
        verdict = wording.verdict_sentence(run.today.outcome.promises["kept"])
        rows += [*_cost_simulated("Today: cost simulated", run.today.outcome, per_year),
                 ("Today: verdict", verdict)]  # fmt: skip
    return rows


def _cost_simulated(name: str, outcome: Outcome, per_year: str) -> list[tuple[str, float]]:
    """Give the simulated cost and both ends of its interval."""
    ends = {"": outcome.plan_cost, ", 95 % interval from": outcome.plan_cost_low,
            ", 95 % interval to": outcome.plan_cost_high}  # fmt: skip
    return [(f"{name}{end} {per_year}", value) for end, value in ends.items()]


def _worth(outcome: Outcome) -> list[tuple[str, str]]:
    """Say what control variates are worth, where they are used."""
    if not outcome.controlled:
        return []
    return [("As good as so many without control variates", wording.worth_text(outcome))]


def _leaves(tree: Mapping[str, Any] | Sequence[Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Give every value of nested mappings and lists with its path."""
    entries = tree.items() if isinstance(tree, Mapping) else enumerate(tree, 1)
    for key, value in entries:
        here = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping | list | tuple):
            yield from _leaves(value, here)
        else:
            yield here, value


def write_workbook(
    sheets: Sequence[Sheet], path: Path, *, created: datetime = datetime(2000, 1, 1)
) -> None:
    """
    Write a workbook in which every text is a text and nothing is calculated.

    Text that a spreadsheet would take for a formula gets an apostrophe, as in the CSV files.

    Parameters
    ----------
    sheets : sequence of Sheet
        In order; rows beyond what a sheet holds are left out, and its last row says so.
    path : Path
        The file; replaced if it exists.
    created : datetime
        The time that the file names as its creation; the same input gives the same bytes.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    workbook = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"created": created})
    for sheet in sheets:
        _fill(workbook, workbook.add_worksheet(sheet.name), sheet)
    try:
        workbook.close()
    except FileCreateError as error:
        raise error.args[0] from error


def _fill(workbook: Workbook, page: Worksheet, sheet: Sheet) -> None:
    bold = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = [workbook.add_format({"num_format": form}) for form in sheet.formats]
    rows = sheet.rows[:MOST_ROWS]
    if len(sheet.rows) > MOST_ROWS:
        left = len(sheet.rows) - MOST_ROWS + 1
        rows = [*rows[:-1], [f"{left} more rows are in the CSV files"]]
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, len(rows), len(sheet.headings) - 1)
    for j, heading in enumerate(sheet.headings):
        page.write_string(0, j, heading, bold)
        longest = max((len(str(row[j])) for row in rows[:_LOOKED_AT] if len(row) > j), default=0)
        page.set_column(j, j, min(max(longest, _NARROW), _WIDE))
    for i, row in enumerate(rows, 1):
        for j, value in enumerate(row):
            _write(page, (i, j), value, formats[j])


def _write(page: Worksheet, place: tuple[int, int], value: object, form: Format) -> None:
    """Write text as text and a finite number as number; what is not known stays empty."""
    if isinstance(value, bool | str):
        page.write_string(*place, str(spreadsheet_safe(str(value)))[:MOST_TEXT])
    elif isinstance(value, int | float) and isfinite(value):
        page.write_number(*place, value, form)

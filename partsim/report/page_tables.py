"""The tables of the page: which columns, under which headings, how many rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from partsim.model.run import Run
from partsim.report import wording
from partsim.report.approvals import approvals_table
from partsim.report.tables import depots_table, fleets_table, parts_table, rows_of, stock_table
from partsim.report.target_rounds import target_rounds_table
from partsim.report.wording import hours, money, percent, percent_down

MOST_ROWS = {"stock": 220, "orders": 110, "parts": 60, "depots": 40, "rounds": 30, "supply": 60,
             "target_rounds": 30, "baselines": 30, "service": 40, "technicians": 20, "fleets": 40,
             "prevention": 20, "warranty": 10, "grading_price": 10, "approvals": 25}  # fmt: skip
"""Rows of a table on the page, 500 in all with the small ones; the CSV files have every row."""

_ALWAYS = ("stock", "parts", "depots", "rounds", "prevention", "warranty", "baselines", "fleets",
           "grading_price", "orders")  # fmt: skip
"""Tables that are shown also without a row, where the run has them."""


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
    Column("promise_kept", "Promise kept", percent),
    Column("answer_hours", "To answer", hours), Column("diagnosis_hours", "Diagnosis", hours),
    Column("dispatch_hours", "To leave", hours), Column("travel_hours", "On the way", hours),
    Column("parts_hours", "For parts", hours), Column("repair_hours", "Repair", hours),
    Column("response_hours", "In all", hours), Column("beyond_hours", "Beyond promise", hours),
    Column("first_time_fix_rate", "Fixed in one visit", percent),
    Column("second_visit_share", "More visits", percent),
    Column("satisfaction", "Satisfaction", _decimal),
    Column("availability", "Machines run", percent),
)  # fmt: skip
_TECHNICIANS = (
    _text("technicians", "Technicians"), Column("number", "Number", _count),
    Column("jobs_per_year", "Visits per year", _count),
    Column("utilisation", "Busy", percent), Column("dispatch_hours", "Wait for somebody", hours),
    Column("first_time_fix_rate", "Fixed in one visit", percent),
    Column("first_time_fix_rate_low", "from", percent),
    Column("first_time_fix_rate_high", "to", percent),
    Column("second_visits_per_year", "More visits", _count),
)  # fmt: skip
_FLEETS = (
    _text("fleet", "Fleet"), Column("machines", "Machines", _count), _text("tier", "Tier"),
    _text("standard", "Standard"), _text("priority", "Priority"),
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
_APPROVALS = (
    _PART, _text("name", "Name"), Column("price", "Price", money),
    Column("orders_per_year", "Orders per year", _decimal),
    _text("today_grade", "Today"), _text("grade", "By grade"),
    Column("today_approval_days", "Days today", _decimal),
    Column("approval_days", "Days by grade", _decimal),
    Column("today_approval_cost", "Approval today", money),
    Column("approval_cost", "Approval by grade", money),
    Column("control_loss", "Control loss by grade", money),
    Column("days_saved", "Days saved per year", _count),
    Column("money_saved", "Money saved per year", money),
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

_TARGET_ROUNDS = (
    Column("round", "Round", _count), _text("row", "Target"), _text("aimed", "Aimed at"),
    _text("modelled", "By formula"), _text("simulated", "Simulated"), _text("kept", "Verdict"),
    _text("chosen", ""),
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
        columns that are there; rows of (text, value to sort by); intervals, the text of each of
        these figures' interval, empty without one; total, the number of rows.

    Examples
    --------
    >>> frame = pd.DataFrame({"units": [3, 1]})
    >>> page_table(frame, (Column("units", "Units"),), most=1)["rows"]
    [[('3', 3.0)]]
    >>> frame = frame.assign(units_low=[2, 0], units_high=[4, 3])
    >>> page_table(frame, (Column("units", "Units"),), most=2)["intervals"]
    [['2 to 4'], ['0 to 3']]
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
    intervals = [_intervals(frame.head(most), column) for column in shown]
    by_row = [list(row) for row in zip(*intervals, strict=True)]
    return {"columns": shown, "rows": rows, "intervals": by_row, "total": len(frame)}


def _intervals(frame: pd.DataFrame, column: Column) -> list[str]:
    """Write the interval of each figure in a column, where it has one."""
    low, high = f"{column.key}_low", f"{column.key}_high"
    if low not in frame or high not in frame:
        return [""] * len(frame)
    write = percent_down if column.write is percent else column.write
    pairs = zip(frame[low], frame[high], strict=True)
    return [f"{write(a)} to {write(b)}" if a == a else "" for a, b in pairs]


def page_tables(run: Run) -> dict[str, Any]:
    """
    Give every table of the page, by the name that the template knows it by.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.

    Returns
    -------
    dict
        By name, as `page_table` gives it; no entry for tables that the run does not have.
    """
    stock = stock_table(run).sort_values("value", ascending=False, kind="stable")
    parts = parts_table(run).sort_values("score", ascending=False, kind="stable")
    price = run.grading_price
    frames: dict[str, tuple[pd.DataFrame | None, tuple[Column, ...]]] = {
        "stock": (stock, _STOCK),
        "parts": (parts, _PARTS),
        "depots": (depots_table(run), _DEPOTS),
        "rounds": (run.rounds, _ROUNDS),
        "target_rounds": (target_rounds_table(run), _TARGET_ROUNDS),
        "service": (run.outcome.service, _SERVICE),
        "technicians": (run.outcome.technicians, _TECHNICIANS),
        "prevention": (run.outcome.prevention, _PREVENTION),
        "warranty": (run.outcome.warranty, _WARRANTY),
        "baselines": (run.baselines, _BASELINES),
        "fleets": (fleets_table(run) if run.scenario.plans else None, _FLEETS),
        "approvals": (approvals_table(run), _APPROVALS),
        "supply": (_in_percent(run.outcome.supply), _SUPPLY),
        "grading_price": (None if price is None else price.table, _GRADING_PRICE),
        "orders": (_work(run), _ORDERS),
    }
    return {
        name: page_table(frame, columns, MOST_ROWS[name])
        for name, (frame, columns) in frames.items()
        if frame is not None and (len(frame) or name in _ALWAYS)
    }


def _in_percent(supply: pd.DataFrame) -> pd.DataFrame:
    """Give shares in per cent."""
    shares = supply["unit"] == "share"
    shown = supply.assign(unit=supply["unit"].mask(shares, "%"))
    for name in ("value", "value_low", "value_high"):
        shown[name] = supply[name].mask(shares, supply[name] * 100)
    return shown


def _work(run: Run) -> pd.DataFrame | None:
    """Give the orders that ask for something."""
    if run.orders is None:
        return None
    return run.orders[run.orders[["buy", "move", "excess"]].abs().sum(axis=1) > 0]

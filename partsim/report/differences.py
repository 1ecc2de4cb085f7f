"""Differences between cases for people: costs and promises, and the service beyond them."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from partsim.model.what_if import Comparison
from partsim.report.answer_page import Table
from partsim.report.plain_text import table_text
from partsim.report.tables import rows_of
from partsim.report.wording import cost_name, hours, money, percent

if TYPE_CHECKING:
    import pandas as pd


def signed(amount: float) -> str:
    """
    Write a difference of money with its sign.

    Examples
    --------
    >>> signed(1234.0), signed(-1234.0)
    ('+1,234', '-1,234')
    """
    return f"+{money(amount)}" if amount > 0 else money(amount)


def _points(share: float) -> str:
    return f"{share * 100:+.2f}" if isfinite(share) else "-"


def _hours_more(time: float) -> str:
    return f"{time:+.2f}" if isfinite(time) else "-"


class _Way(NamedTuple):
    """How values of a measure are written, and their differences."""

    value: Callable[[float], str]
    difference: Callable[[float], str]


_MONEY, _SHARE, _TIME = _Way(money, signed), _Way(percent, _points), _Way(hours, _hours_more)

_SERVICE = {
    "response_hours": ("mean response", _TIME),
    "parts_hours": ("wait for parts", _TIME),
    "dispatch_hours": ("wait for somebody", _TIME),
    "promise_kept": ("promise kept", _SHARE),
    "satisfaction": ("satisfaction", _SHARE),
    "first_time_fix_rate": ("fixed in one visit", _SHARE),
    "second_visit_share": ("second visits", _SHARE),
    "availability": ("machines run", _SHARE),
    "utilisation": ("busy", _SHARE),
    "fill_rate": ("from the shelf", _SHARE),
    "waiting_time_hours": ("mean wait at the shelf", _TIME),
}
"""What of `Outcome.samples` the page shows; compare.csv has all of it."""


def costs_and_promises(comparison: Comparison) -> Table:
    """Lay out how costs and promises differ."""
    heads = ("case", "of", "first case", "this case", "difference", "from", "to", "reading")
    rows = []
    for row in rows_of(comparison.differences.query("measure in ('cost', 'promise')")):
        cost = "All costs" if row.name == "plan_cost" else cost_name(row.name)
        promise = row.measure == "promise"
        what = f"promise of {row.name}" if promise else cost
        rows.append((row.plan, what, *_written(row, _SHARE if promise else _MONEY)))
    return "Every difference", "Shares in percentage points.", heads, rows


def service(comparison: Comparison) -> Table:
    """Lay out how waits, fill rates, visits, satisfaction and availability differ."""
    heads = ("case", "of each", "name", "what", "first case", "this case", "difference", "from",
             "to", "reading")  # fmt: skip
    rows = [
        (row.plan, row.group, row.name, _SERVICE[row.measure][0],
         *_written(row, _SERVICE[row.measure][1]))
        for row in rows_of(_different(comparison.differences, "tier", "depot", "technicians",
                                      "target"))
    ]  # fmt: skip
    note = (
        "Hours, and shares in percentage points. What is the same in both to the last digit is "
        "left out; compare.csv has it, and markets, machines, customers and fleets."
    )
    return "Differences in service", note, heads, rows


def service_text(comparison: Comparison) -> str:
    """
    Write how the service of each tier differs from the first case.

    Parameters
    ----------
    comparison : Comparison
        By `partsim.planning.what_if.compare_cases`.

    Returns
    -------
    str
        Lines of text; empty where nothing differs.
    """
    rows = [
        (row.plan, row.name, label, *_written(row, way))
        for row in rows_of(_different(comparison.differences, "tier"))
        for label, way in [_SERVICE[row.measure]]
    ]
    heads = ("case", "tier", "service", "first", "here", "difference", "from", "to", "reading")
    return table_text(heads, rows) if rows else ""


def _different(table: pd.DataFrame, *groups: str) -> pd.DataFrame:
    """Give the differences in service of some groups, without those that are none at all."""
    ends = table[["difference_low", "difference_high"]]
    return table[
        table["group"].isin(groups) & table["measure"].isin(_SERVICE) & (ends != 0).any(axis=1)
    ]


def _written(row: pd.Series, way: _Way) -> tuple[str, ...]:
    ends = (row.difference, row.difference_low, row.difference_high)
    return (way.value(row.base), way.value(row.value), *map(way.difference, ends), row.change)

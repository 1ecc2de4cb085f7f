"""Order records to lead times: open orders censored, lateness against promise, crossing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from partsim.errors import Problem
from partsim.history.record_tables import day_of, read_record_table

Floats = NDArray[np.float64]

COLUMNS = ("supplier", "ordered", "delivered", "promised")
"""Columns of order records: supplier, and dates."""

SAME_DAY = 0.5
"""What a delivery on the day of the order counts as [days]."""

_Z = 1.959963984540054


@dataclass(frozen=True)
class Orders:
    """
    Orders to suppliers.

    Attributes
    ----------
    table : DataFrame
        supplier; ordered, delivered, promised [days since 1970; not a number where empty];
        time [days], to the delivery or, for an open order, to the end of the records.
    end : float
        End of the records [days since 1970].
    undated, early : int
        Rows without a date of the order, and rows delivered before it, which were left out.
    """

    table: pd.DataFrame
    end: float
    undated: int
    early: int


def read_orders(
    path: Path,
    columns: Mapping[str, str] | None = None,
    date_format: str = "ISO8601",
    end: str = "",
    early: Literal["refuse", "drop"] = "refuse",
) -> Orders:
    """
    Read order records.

    Parameters
    ----------
    path : Path
        CSV table with the columns of `COLUMNS`; `promised` may be missing, an empty cell of
        `delivered` is an open order.
    columns : mapping of str to str, optional
        Heading in the file by column name.
    date_format : str
        Form of the dates, ISO 8601 by default.
    end : str
        Date of the export, up to which open orders had been waiting; the last date of an order
        or a delivery in the file by default.
    early : {"refuse", "drop"}
        What is done with rows delivered before the date of the order.

    Returns
    -------
    Orders
        Every order of the file with possible dates.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    table = read_record_table(path, COLUMNS, columns)
    for name in ("supplier", "ordered", "delivered"):
        table.require(name)
    table.refuse()
    supplier = table.names("supplier")
    ordered, delivered, promised = (
        table.days(name, date_format) if name in table else np.full(len(table), np.nan)
        for name in COLUMNS[1:]
    )
    too_early = delivered < ordered
    if early == "refuse":
        expected = "a delivery on or after the date of the order (or leave it out by --early drop)"
        table.complain("delivered", np.flatnonzero(too_early), expected)
    until = day_of("until", end, date_format)
    if np.all(np.isnan(ordered)):
        message = "expected orders with a date, got none"
        table.problems.append(Problem(message, file=str(path), line=1, column=1))
    table.refuse()
    last = max(np.nanmax(ordered), np.nanmax(np.append(delivered, -np.inf)))
    if end:
        last = until
        table.complain("ordered", np.flatnonzero(ordered > last), f"an order up to {end} (until)")
        table.refuse()
    # What arrived after the end was still open at the end.
    delivered = np.where(delivered <= last, delivered, np.nan)
    time = np.where(np.isnan(delivered), last, delivered) - ordered
    frame = pd.DataFrame({
        "supplier": supplier, "ordered": ordered, "delivered": delivered, "promised": promised,
        "time": np.maximum(time, SAME_DAY),
    })  # fmt: skip
    undated = np.isnan(ordered)
    kept = ~undated & ~too_early
    return Orders(frame[kept], float(last), int(undated.sum()), int(too_early.sum()))


def overtaken_orders(ordered: ArrayLike, delivered: ArrayLike) -> NDArray[np.bool_]:
    """
    Tell which orders were overtaken: an order placed later was delivered earlier.

    Parameters
    ----------
    ordered : array_like of float, shape (orders,)
        Dates of the orders [days].
    delivered : array_like of float, shape (orders,)
        Dates of the deliveries [days]; not a number for an open order, which any later order
        that has come has overtaken.

    Returns
    -------
    ndarray of bool, shape (orders,)
        Orders of one day do not overtake each other.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    Lead times that cross need formulas that allow for it; the simulation and the optimiser here
    take lead times as independent, so that orders may cross.

    Examples
    --------
    >>> overtaken_orders([0, 10, 20], [50, 30, 60])
    array([ True, False, False])
    """
    start, arrival = np.asarray(ordered, float), np.asarray(delivered, float)
    if start.shape != arrival.shape or start.ndim != 1:
        raise ValueError(f"delivered: expected shape {start.shape}, got {arrival.shape}")
    if not start.size:
        return np.zeros(0, bool)
    arrival = np.where(np.isnan(arrival), np.inf, arrival)
    order = np.argsort(start, kind="stable")
    earliest = np.append(np.minimum.accumulate(arrival[order][::-1])[::-1], np.inf)
    later = np.searchsorted(start[order], start, side="right")
    return earliest[later] < arrival


def late_share(promised: ArrayLike, delivered: ArrayLike, end: float) -> tuple[float, float, float]:
    """
    Give the share of orders that came after their promise, with its 95 % interval.

    Parameters
    ----------
    promised, delivered : array_like of float, shape (orders,)
        Dates [days]; not a number where there is no promise or no delivery yet.
    end : float
        End of the records [days]: an open order is late if its promise has passed by then, and
        is left out otherwise.

    Returns
    -------
    tuple of float
        Share, lower and upper end (Wilson's interval [1]_); not numbers without any promise.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.

    References
    ----------
    .. [1] E. B. Wilson, Probable inference, the law of succession, and statistical inference,
       Journal of the American Statistical Association 22 (1927) 209-212.

    Examples
    --------
    >>> [round(share, 3) for share in late_share([10, 10, 10, 99], [9, 12, np.nan, np.nan], 20)]
    [0.667, 0.208, 0.939]
    """
    due, arrival = np.broadcast_arrays(np.asarray(promised, float), np.asarray(delivered, float))
    known = np.isfinite(due) & (np.isfinite(arrival) | (due < end))
    n = int(known.sum())
    if not n:
        return float("nan"), float("nan"), float("nan")
    share = float(1 - np.mean(arrival[known] <= due[known]))
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return share, max(middle - reach, 0.0), min(middle + reach, 1.0)

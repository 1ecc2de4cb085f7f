"""Demand histories to rates, variances and patterns of demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.history.demand_patterns import demand_interval, demand_pattern, size_variation
from partsim.history.demand_records import DemandHistory, Period, read_demand
from partsim.history.intermittent import (
    Method,
    best_smoothing,
    croston,
    exponential_smoothing,
    mean_rate,
    sba,
    tsb,
)
from partsim.history.lead_time_demand import variance_to_mean

Floats = NDArray[np.float64]
Choice = Literal["pattern", "croston", "sba", "tsb", "smoothing", "mean"]

CHOICES: tuple[Choice, ...] = get_args(Choice)
SIZE_LIMIT = 1e-9
"""Rates below this are no demand [units per period]."""


@dataclass(frozen=True)
class DemandEstimates:
    """
    Demand of parts by their records.

    Attributes
    ----------
    table : DataFrame
        One row for each part with demand (and depot, where the records have depots): part, depot,
        demand_per_year, variance_ratio, pattern, periods (recorded), with_demand (of them),
        interval (ADI, periods), cv2 (of sizes), method, smoothing.
    notes : tuple of str
        How the records were read, and what was left out.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]


def fit_demand(
    path: Path | str,
    columns: Mapping[str, str] | None = None,
    *,
    date_format: str = "ISO8601",
    period: Period | None = None,
    births: Literal["records", "first_demand"] = "records",
    method: Choice = "pattern",
    smoothing: float | None = 0.1,
) -> DemandEstimates:
    """
    Estimate rate and variance of the demand of each part from its records.

    Parameters
    ----------
    path : Path or str
        CSV table: docs/records.md.
    columns, date_format, period, births
        As in `partsim.history.demand_records.read_demand`.
    method : {"pattern", "croston", "sba", "tsb", "smoothing", "mean"}
        Forecast of the rate; by default Croston's for parts of smooth demand and the
        Syntetos-Boylan approximation for all others.
    smoothing : float, optional
        Weight of the newest value, above 0 and up to 1; None chooses it part by part.

    Returns
    -------
    DemandEstimates
        Parts without any demand are left out and counted.

    Raises
    ------
    InputError
        With every problem of the file.
    ValueError
        If the method is unknown or the smoothing out of its range.
    """
    history = read_demand(Path(path), columns, date_format=date_format, period=period,
                          births=births)  # fmt: skip
    table = demand_table(history, method=method, smoothing=smoothing)
    used = table["demand_per_year"] > SIZE_LIMIT
    notes = list(history.notes)
    if not used.all():
        notes.append(f"{int((~used).sum()):,} of {len(table):,} parts without demand left out")
    return DemandEstimates(table[used].reset_index(drop=True), tuple(notes))


def demand_table(
    history: DemandHistory, *, method: Choice = "pattern", smoothing: float | None = 0.1
) -> pd.DataFrame:
    """
    Forecast and classify every part of a history.

    Parameters
    ----------
    history : DemandHistory
        By `partsim.history.demand_records.read_demand`, or made of arrays.
    method, smoothing
        As for `fit_demand`.

    Returns
    -------
    DataFrame
        The table of `DemandEstimates`, with a row for every row of the history.

    Raises
    ------
    ValueError
        If the method is unknown or the smoothing out of its range.
    """
    if method not in CHOICES:
        raise ValueError(f"method: expected one of {', '.join(CHOICES)}, got {method!r}")
    counts = history.counts
    interval, cv2 = demand_interval(counts), size_variation(counts)
    pattern = demand_pattern(interval, cv2)
    used = np.full(len(counts), method, object)
    if method == "pattern":
        used = np.where(pattern == "smooth", "croston", "sba").astype(object)
    rate, weight = np.zeros(len(counts)), np.full(len(counts), np.nan)
    for name in sorted(set(used)):
        rows = used == name
        rate[rows], weight[rows] = _forecast(counts[rows], name, smoothing)
    return pd.DataFrame({
        "part": history.parts, "depot": history.depots,
        "demand_per_year": rate * 365 / history.days,
        "variance_ratio": variance_to_mean(counts), "pattern": pattern,
        "periods": np.isfinite(counts).sum(axis=1),
        "with_demand": (np.nan_to_num(counts) > 0).sum(axis=1),
        "interval": interval, "cv2": cv2, "method": used, "smoothing": weight,
    })  # fmt: skip


def _forecast(counts: Floats, method: Method, smoothing: float | None) -> tuple[Floats, Floats]:
    """Give the rate per period and the smoothing of each part; the mean has none."""
    if method == "mean":
        return mean_rate(counts), np.full(len(counts), np.nan)
    weight = (
        best_smoothing(counts, method) if smoothing is None else np.full(len(counts), smoothing)
    )
    forecast = {"croston": croston, "sba": sba, "tsb": tsb, "smoothing": exponential_smoothing}
    return forecast[method](counts, weight), weight


def demand_rows(estimates: DemandEstimates) -> pd.DataFrame:
    """
    Give estimates as the table that `partsim fit-demand` writes.

    Parameters
    ----------
    estimates : DemandEstimates
        By `fit_demand`.

    Returns
    -------
    DataFrame
        The columns of `DemandEstimates.table`, without the depot where the records have none.
    """
    table = estimates.table
    return table if table["depot"].any() else table.drop(columns="depot")

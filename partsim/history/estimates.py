"""Lives and lead times to the distributions a scenario takes, with all that should be known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, log, nan
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.history.fitting import FAMILIES, Fit, fit_lives, scale_interval, shape_interval
from partsim.history.goodness import plot_correlation, plotting_positions
from partsim.history.lead_times import late_share, overtaken_orders, read_orders
from partsim.history.likelihoods import Family
from partsim.history.lives import RepairClock, read_lives
from partsim.history.record_tables import text_of
from partsim.history.recurrences import (
    laplace_test,
    lewis_robinson_test,
    mean_cumulative_function,
    military_handbook_test,
    unlike_units_test,
)
from partsim.history.wording import counted, in_days
from partsim.lifetimes import Fixed, Gamma, Lognormal, Weibull

Floats = NDArray[np.float64]

TOO_FEW = 5
"""Fewer failures than this give no shape of their own."""

_ALARM = 0.05


@dataclass(frozen=True)
class Estimate:
    """
    The distribution of one part's lives or one supplier's lead times.

    Attributes
    ----------
    name : str
        Part or supplier.
    failures, lives : float
        Own ones: ends that were seen (failures, deliveries), and all.
    fits : tuple of Fit
        Best first, by Akaike's criterion; the first is the estimate. Empty: there is none.
    pooled : str
        Class whose lives were taken together because the own ones are too few.
    mean_interval, shape_interval : tuple of float
        95 % intervals by the likelihood [days; shape, lognormal: cv].
    points : tuple of ndarray
        Probability plot: failure times [days] and the share failed by then.
    correlation : float
        How straight the points lie on the plot of the first fit.
    remarks : tuple of str
        What a planner must know before using it.
    """

    name: str
    failures: float
    lives: float
    fits: tuple[Fit, ...]
    pooled: str
    mean_interval: tuple[float, float]
    shape_interval: tuple[float, float]
    points: tuple[Floats, Floats]
    correlation: float
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Estimates:
    """
    What records say.

    Attributes
    ----------
    kind : str
        lifetime or lead_time.
    items : tuple of Estimate
        In the order of the file.
    notes : tuple of str
        What was left aside and what was assumed in reading.
    """

    kind: str
    items: tuple[Estimate, ...]
    notes: tuple[str, ...]


def fit_lifetimes(
    path: Path | str,
    columns: Mapping[str, str] | None = None,
    codes: Mapping[str, str] | None = None,
    clock: RepairClock | None = None,
    family: Family | None = None,
) -> Estimates:
    """
    Estimate the lifetime of each part from repair records.

    Parameters
    ----------
    path : Path or str
        CSV table: docs/records.md.
    columns : mapping of str to str, optional
        Heading in the file by column name, such as {"machine": "Equipment"}.
    codes : mapping of str to str, optional
        What the codes of the event column mean: failure, preventive, start, end or ignore.
    clock : RepairClock, optional
        Calendar days and whatever is in the file by default.
    family : {"exponential", "weibull", "lognormal", "gamma"}, optional
        The one distribution to fit; the best of the four by Akaike's criterion by default.

    Returns
    -------
    Estimates
        One for each part. Parts with fewer than 5 failures get the estimate of their class, or
        a constant hazard, or none, and it is said.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    lives = read_lives(Path(path), columns, codes, clock)
    families = (family,) if family else FAMILIES
    pools = _pools(lives.table, families)
    items = []
    for part, own in lives.table.groupby("part", sort=False):
        name = str(next((text for text in own["class"] if text), ""))
        trend = _recurrence_remarks(own, lives.units[lives.units["part"] == part])
        items.append(_estimate(str(part), own, families, pools.get(name), name, trend))
    return Estimates("lifetime", tuple(items), lives.notes)


def fit_lead_times(
    path: Path | str,
    columns: Mapping[str, str] | None = None,
    date_format: str = "ISO8601",
    end: str = "",
    family: Family | None = None,
    early: Literal["refuse", "drop"] = "refuse",
) -> Estimates:
    """
    Estimate the lead time of each supplier from the dates of orders and deliveries.

    Parameters
    ----------
    path : Path or str
        CSV table: docs/records.md.
    columns : mapping of str to str, optional
        Heading in the file by column name.
    date_format, end : str
        As in `partsim.history.lead_times.read_orders`.
    family : {"exponential", "weibull", "lognormal", "gamma"}, optional
        The one distribution to fit; the best of the four by Akaike's criterion by default.
    early : {"refuse", "drop"}
        What is done with rows delivered before the date of the order.

    Returns
    -------
    Estimates
        One for each supplier. Suppliers with fewer than 5 deliveries get that of all together.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    orders = read_orders(Path(path), columns, date_format, end, early)
    frame = orders.table.assign(
        entry=0.0, count=1.0, failed=np.isfinite(orders.table["delivered"]), mode=""
    )
    families = (family,) if family else FAMILIES
    together = _summary(frame, families) if frame["failed"].any() else None
    items = []
    for supplier, own in frame.groupby("supplier", sort=False):
        remarks = _order_remarks(own, orders.end)
        items.append(_estimate(str(supplier), own, families, together, "all suppliers", remarks))
    notes = [f"open orders were waiting up to {text_of(orders.end)}, the end of the records"]
    if orders.undated:
        notes.append(f"{counted(orders.undated, 'row')} without a date of the order left out")
    if orders.early:
        notes.append(f"{counted(orders.early, 'row')} delivered before the order left out")
    return Estimates("lead_time", tuple(items), tuple(notes))


@dataclass(frozen=True)
class _Summary:
    """What lives taken together give."""

    failures: float
    fits: tuple[Fit, ...]
    mean_interval: tuple[float, float]
    shape_interval: tuple[float, float]
    points: tuple[Floats, Floats]
    correlation: float
    remarks: tuple[str, ...]


def _estimate(
    name: str,
    own: pd.DataFrame,
    families: Sequence[Family],
    pool: _Summary | None,
    pool_name: str,
    remarks: tuple[str, ...],
) -> Estimate:
    """Take the own lives, or those of the pool, or a constant hazard, or nothing."""
    failures, lives = float(own.loc[own["failed"], "count"].sum()), float(own["count"].sum())
    pooled = ""
    if failures >= TOO_FEW:
        summary = _summary(own, families)
    elif pool is not None and pool.failures >= TOO_FEW:
        summary, pooled = pool, pool_name
    elif failures:
        summary = _summary(own, ("exponential",))
        remarks = ("too few for a shape: a constant hazard is taken", *remarks)
    else:
        least = float((own["count"] * (own["time"] - own["entry"])).sum()) / -log(0.05)
        bound = f"the mean is above {in_days(least)} (95 %, constant hazard)"
        nothing = f"no estimate: none ended; {bound}"
        none = np.empty(0)
        summary = _Summary(0.0, (), (nan, nan), (nan, nan), (none, none), nan, (nothing,))
    return Estimate(
        name, failures, lives, summary.fits, pooled, summary.mean_interval,
        summary.shape_interval, summary.points, summary.correlation, (*summary.remarks, *remarks),
    )  # fmt: skip


def _summary(frame: pd.DataFrame, families: Sequence[Family]) -> _Summary:
    """Fit the families; intervals and remarks are of the best."""
    given = {name: frame[name].to_numpy() for name in ("time", "failed", "entry", "count")}
    ends = frame.loc[frame["failed"], "time"]
    failures = float(frame.loc[frame["failed"], "count"].sum())
    remarks: tuple[str, ...] = ()
    if ends.nunique() > 1:
        fits = sorted((fit_lives(family, **given) for family in families), key=lambda f: f.aic)
    elif failures >= TOO_FEW and ends.iloc[0] == frame["time"].max():
        mean = float(ends.iloc[0])
        fits = [Fit("fixed", Fixed(mean), nan, failures, float(frame["count"].sum()))]
        remarks = ("every one took exactly the same time",)
    else:
        fits = [fit_lives("exponential", **given)]
    best = fits[0]
    shaped = best.family not in ("exponential", "fixed")
    oldest = float(frame["time"].max())
    if best.distribution.mean > oldest:
        remarks += (f"the mean lies beyond the oldest age seen, {in_days(oldest)}: extrapolated",)
    if _at_the_edge(best):
        remarks += ("the shape lies at the edge of what is sought",)
    return _Summary(
        failures,
        tuple(fits),
        scale_interval(best, "mean", **given),
        shape_interval(best, **given) if shaped else (nan, nan),
        plotting_positions(**given),
        plot_correlation(best, **given) if ends.nunique() > 1 else nan,
        (*remarks, *_unlike_remarks(best, frame), *_mode_remarks(frame)),
    )


def _pools(lives: pd.DataFrame, families: Sequence[Family]) -> dict[str, _Summary]:
    """Summarise the classes that some part with too few failures needs."""
    failures = lives["count"].where(lives["failed"], 0.0).groupby(lives["part"]).transform("sum")
    needed = sorted(set(lives.loc[failures < TOO_FEW, "class"]) - {""})
    groups = ((name, lives[lives["class"] == name]) for name in needed)
    return {name: _summary(group, families) for name, group in groups if group["failed"].any()}


def _at_the_edge(fit: Fit) -> bool:
    """Tell whether the likelihood still rises at the end of the shapes a scenario takes."""
    match fit.distribution:
        case Weibull(_, shape) | Gamma(_, shape):
            return not 0.1001 < shape < 99.9
        case Lognormal(_, cv):
            return not 0.01001 < cv < 19.98
    return False


def _unlike_remarks(fit: Fit, frame: pd.DataFrame) -> tuple[str, ...]:
    """Say if places differ: one distribution of all their lives is then a mixture."""
    units = frame.get("unit", pd.Series(dtype=int))
    if units.is_unique or fit.family == "fixed":
        return ()
    life = fit.distribution
    hazard = np.log(life.survival(frame["entry"])) - np.log(life.survival(frame["time"]))
    sums = pd.DataFrame({"seen": frame["failed"], "expected": hazard}).groupby(units).sum()
    if not np.isfinite(sums["expected"]).all():
        return ()
    p = unlike_units_test(sums["seen"], sums["expected"]).p
    if p >= _ALARM:
        return ()
    return (
        f"UNLIKE: places fail more unevenly than alike ones would (p = {p:.2g}); fit them apart",
    )


def _mode_remarks(frame: pd.DataFrame) -> tuple[str, ...]:
    """Fit each failure mode, the failures of the others being censorings."""
    modes = sorted(set(frame.loc[frame["failed"], "mode"]) - {""})
    remarks = []
    for mode in modes if len(modes) > 1 else []:
        failed = (frame["failed"] & (frame["mode"] == mode)).to_numpy()
        count = float(frame.loc[failed, "count"].sum())
        text = f"mode {mode}: {counted(count, 'failure')}"
        if count >= TOO_FEW and frame.loc[failed, "time"].nunique() > 1:
            given = {name: frame[name].to_numpy() for name in ("time", "entry", "count")}
            fit = fit_lives("weibull", failed=failed, **given)
            text += f", alone {_short(fit)}"
        remarks.append(text)
    return tuple(remarks)


def _short(fit: Fit) -> str:
    shape = getattr(fit.distribution, "shape", nan)
    return f"{fit.family} of mean {in_days(fit.distribution.mean)}, shape {shape:.3g}"


def _recurrence_remarks(own: pd.DataFrame, units: pd.DataFrame) -> tuple[str, ...]:
    """Say how failures add up with the age of a place, and whether they come faster."""
    events = own[own["failed"] & own["unit"].isin(units.index)]
    if events.empty:
        return ()
    row = units.index.get_indexer(pd.Index(events["unit"]))
    begin, end = units["begin"].to_numpy(), units["end"].to_numpy()
    ended = events["ended"].to_numpy()
    inside = (ended > begin[row]) & (ended <= end[row])
    row, ended = row[inside], ended[inside]
    ages = [float(f"{np.median(end - begin) * part / 3:.2g}") for part in (1, 2, 3)]
    mean, error = mean_cumulative_function(
        ended - begin[row], row, np.zeros(begin.size), end - begin, ages
    )
    steps = zip(ages, mean, error, strict=True)
    listed = ", ".join(f"{m:.2f} ± {e:.2f} by {age:g} d" for age, m, e in steps)
    places = counted(begin.size, "place")
    remarks = [f"mean failures of a place since its first record: {listed} ({places})"]
    complete = events[events["entry"] == 0]
    order = lewis_robinson_test(complete["time"], complete["unit"])
    if isnan(order.p):
        return (*remarks, "trend: no place has two different lives to compare")
    rates = (test(ended, begin[row], end[row]).p for test in (laplace_test, military_handbook_test))
    laplace, handbook = rates
    if order.p < _ALARM:
        direction = "shorter" if order.statistic > 0 else "longer"
        alarm = f"TREND: later lives are {direction}; one distribution of all lives hides that"
        remarks.append(alarm)
    remarks.append(
        f"trend tests: Lewis-Robinson p = {order.p:.2g} (lives in order); against a constant rate "
        f"Laplace p = {laplace:.2g}, MIL-HDBK-189 p = {handbook:.2g} (wear-out alone lowers these)"
    )
    return tuple(remarks)


def _order_remarks(own: pd.DataFrame, end: float) -> tuple[str, ...]:
    """Say how many orders came late and whether orders overtook each other."""
    remarks = []
    share, low, high = late_share(own["promised"], own["delivered"], end)
    if not isnan(share):
        interval = f"{low * 100:.3g} % to {high * 100:.3g} %"
        remarks.append(f"late against the promise: {share * 100:.3g} % (95 %: {interval})")
    overtaken = int(overtaken_orders(own["ordered"], own["delivered"]).sum())
    dates = own["ordered"].nunique()
    seen = f"crossing seen: {overtaken:,} of {counted(len(own), 'order')} overtaken by a later one"
    none = f"no crossing seen in {counted(len(own), 'order')}"
    remarks.append(f"{seen if overtaken else none}, placed on {dates:,} days")
    return tuple(remarks)

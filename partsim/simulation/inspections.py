"""Inspections: when a machine is looked at, and what is found before it fails."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from heapq import merge
from itertools import count
from math import inf, isfinite
from typing import TYPE_CHECKING

from partsim.model.seasons import day_of_year

if TYPE_CHECKING:
    from partsim.model.inspections import Inspection


def inspection_times(
    plan: Inspection, delivered: float, phase: float, start_date: str | None
) -> Iterator[float]:
    """
    Give the moments at which one machine is inspected, from the start, rising.

    Parameters
    ----------
    plan : Inspection
        By age, by interval, by month.
    delivered : float
        When the machine came, from the start; minus infinity where nobody knows [days].
    phase : float
        Where an interval begins in a machine whose age nobody knows: share of it, 0 to 1.
    start_date : str, optional
        Day at time zero; the first of January if not given.

    Yields
    ------
    float
        Moments [days]; infinity at last if there are no more.

    Examples
    --------
    >>> from itertools import islice
    >>> from partsim.model.inspections import Inspection
    >>> plan = Inspection(ages=("30 d", "90 d"), every="1 y")
    >>> list(islice(inspection_times(plan, -60.0, 0.5, None), 4))
    [30.0, 305.0, 670.0, 1035.0]
    """
    known = isfinite(delivered)
    first = max(delivered, 0.0)
    by_age = sorted(delivered + age for age in plan.ages) if known else []
    streams = [iter(by_age), _by_interval(plan, delivered if known else None, phase)]
    passed = day_of_year(start_date)
    streams += [_each_year((month - 1) * 365 / 12 - passed) for month in plan.months]
    last = -inf
    for time in merge(*streams):
        if time >= first and time > last:
            last = time
            yield time
    yield inf


def _by_interval(plan: Inspection, delivered: float | None, phase: float) -> Iterator[float]:
    if plan.every is None:
        return
    begin = (phase - 1) * plan.every if delivered is None else delivered
    for k in count(max(1, int(-begin / plan.every))):
        yield begin + k * plan.every


def _each_year(day: float) -> Generator[float, None, None]:
    for year in count():
        yield day + 365.0 * year

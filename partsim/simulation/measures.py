"""Figures that are ratios of sums over replications: one list of them for a table and for pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.simulation.statistics import Interval, Sample

Floats = NDArray[np.float64]
Kind = Literal["mean", "share", "share of time", "index"]

_POSSIBLE = {"mean": (0.0, np.inf), "share of time": (0.0, 1.0), "index": (-1.0, 1.0)}


@dataclass(frozen=True, eq=False)
class Measure:
    """
    One figure of several groups, such as the mean wait at each depot.

    Attributes
    ----------
    name : str
        Its column, which says the unit.
    total, count : ndarray of float, shape (replication, group)
        What is added up, in that unit, and what it is divided by; a count of 0 in all
        replications where a group has no such figure.
    kind : str
        What values are possible, and for a share that it is one of so many trials.
    """

    name: str
    total: Floats
    count: Floats
    kind: Kind = "mean"

    def estimate(self, sample: Sample) -> Interval:
        """Estimate the figure of each group."""
        if self.kind == "share":
            return sample.share(self.total, self.count)
        return sample.ratio(self.total, self.count).within(*_POSSIBLE[self.kind])


@dataclass(frozen=True, eq=False)
class Measured:
    """
    Figures of the same groups: the columns of a table, and what each replication counted.

    Attributes
    ----------
    groups : sequence of (str, str)
        What kind of group each is (``tier``, ``depot``; empty for the whole) and its name.
    measures : sequence of Measure
        Of these groups.

    Examples
    --------
    >>> waits = Measure("waiting_time_hours", np.array([[6.0], [2.0]]), np.array([[3.0], [1.0]]))
    >>> found = Measured([("depot", "north")], [waits])
    >>> found.columns(Sample.alike(2))["waiting_time_hours"]
    array([2.])
    >>> found.samples["total"].tolist(), found.samples["count"].tolist()
    ([6.0, 2.0], [3.0, 1.0])
    """

    groups: Sequence[tuple[str, str]]
    measures: Sequence[Measure]

    def columns(self, sample: Sample) -> dict[str, Floats]:
        """Give the figures with their intervals, as columns with one row for each group."""
        return {
            name: column
            for measure in self.measures
            for name, column in measure.estimate(sample).columns(measure.name).items()
        }

    @property
    def samples(self) -> pd.DataFrame:
        """What each replication counted, as `Outcome.samples`."""
        kinds, names = np.array(self.groups, object).reshape(-1, 2).T
        measures, total = len(self.measures), np.array([one.total for one in self.measures])
        replications = total.shape[1]
        return pd.DataFrame(
            {
                "measure": np.repeat([one.name for one in self.measures], total[0].size),
                "group": np.tile(kinds, measures * replications),
                "name": np.tile(names, measures * replications),
                "replication": np.tile(np.repeat(np.arange(replications), len(names)), measures),
                "total": total.ravel(),
                "count": np.array([one.count for one in self.measures]).ravel(),
            }
        )

    def without(self, group: str) -> Measured:
        """Leave out the groups of a kind."""
        kept = [i for i, (kind, _) in enumerate(self.groups) if kind != group]
        return Measured(
            [self.groups[i] for i in kept],
            [replace(one, total=one.total[:, kept], count=one.count[:, kept])
             for one in self.measures],
        )  # fmt: skip


def per_replication(name: str, values: Floats, kind: Kind = "mean") -> Measure:
    """
    Measure what each replication has one value of, such as a time average.

    Parameters
    ----------
    name : str
        The figure.
    values : ndarray of float, shape (replication, group)
        NaN for groups without such a value.
    kind : str
        As of a `Measure`.

    Returns
    -------
    Measure
        Their mean over replications.

    Examples
    --------
    >>> stock = per_replication("on_hand", np.array([[1.0], [4.0]]))
    >>> stock.estimate(Sample.alike(2)).value
    array([2.5])
    """
    known = ~np.isnan(values)
    return Measure(name, np.where(known, values, 0.0), known.astype(float), kind)

"""Time series as a table: how each tier is served month by month."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.simulation.replication import Record
from partsim.simulation.series import period_edges
from partsim.simulation.statistics import Sample

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]


def series_table(scenario: Scenario, records: Sequence[Record], sample: Sample) -> pd.DataFrame:
    """
    Say how each tier is served in each period.

    Parameters
    ----------
    scenario : Scenario
        What was played.
    records : sequence of Record
        One for each replication.
    sample : Sample
        For how many each counts.

    Returns
    -------
    DataFrame
        As `Outcome.series`.
    """
    rules = scenario.simulation
    edges = period_edges(rules.warm_up, rules.warm_up + rules.years * 365)
    years = np.diff(edges) / 365
    # Shape (replication, tier, period).
    calls, kept, response = np.moveaxis(np.array([r.series for r in records]), (3, 2), (0, 2))
    shape = len(records), -1
    rates = sample.mean((calls / years).reshape(shape)).within(0, np.inf)
    calls, kept, response = (sums.reshape(shape) for sums in (calls, kept, response))
    means = sample.ratio(response, calls).times(24).within(0, np.inf)
    tiers, periods = len(scenario.tier_ids), len(years)
    return pd.DataFrame(
        {
            "tier": np.repeat(np.array(scenario.tier_ids, object), periods),
            "from_day": np.tile(edges[:-1], tiers),
            "to_day": np.tile(edges[1:], tiers),
            "machines": _machines(scenario, edges).ravel(),
        }
        | rates.columns("calls_per_year")
        | sample.share(kept, calls).columns("promise_kept")
        | means.columns("mean_response_hours")
    )


def _machines(scenario: Scenario, edges: Floats) -> Floats:
    """Give the mean number of machines in each tier and period, shape (tier, period)."""
    days = np.zeros((len(scenario.tier_ids), len(edges) - 1))
    pairs = list(pairwise(edges))
    for phases, base in zip(scenario.tier_phases, scenario.installed_bases, strict=True):
        rows = [scenario.tier_ids.index(tier) for tier in phases.tiers]
        there = np.transpose([phases.machine_days(base, *pair) for pair in pairs])
        np.add.at(days, rows, there)
    return np.asarray(days / np.diff(edges))

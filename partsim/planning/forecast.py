"""Forecast demand from the installed base: how old machines are, and which come and go."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.exact_counts import least_level
from partsim.demand.estimation import estimate_demand
from partsim.demand.expected_use import units_by
from partsim.demand.use_variance import use_variances
from partsim.model.forecast import Forecast
from partsim.model.installed_base import InstalledBase, installed_base
from partsim.model.ordered_units import ordered_units

if TYPE_CHECKING:
    import pandas as pd

    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]

_MONTH = 365 / 12


def forecast_demand(scenario: Scenario, *, months: int = 12, share: float = 0.9) -> Forecast:
    """
    Forecast the units that machines use, or customers order, in each month from the start.

    Expected units by renewal theory from the ages of the machines (`units_by`); the interval by
    the Poisson, binomial or negative binomial law of their mean and variance (`use_variances`).
    Lives are taken for known: the interval holds chance, not doubt about them.

    Parameters
    ----------
    scenario : Scenario
        The question; its fleets say how old machines are, and which come and go.
    months : int
        1 to 120, each a twelfth of a year; the first begins at the start of the simulation.
    share : float
        Share of months whose units shall lie within the interval; above 0, below 1.

    Returns
    -------
    Forecast
        Demand by part and month, machines by fleet and month.

    Raises
    ------
    ValueError
        If `months` or `share` is out of its range.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> forecast = forecast_demand(read_scenario("scenarios/first_steps.yaml"), months=2)
    >>> forecast.demand.round(1)[["part", "month", "expected", "low", "high"]]
       part  month  expected  low  high
    0  pump      1       2.2    0     5
    1  pump      2       2.2    0     5
    2  seal      1      19.9   14    26
    3  seal      2      19.9   14    26
    """
    if not 1 <= months <= 120:
        raise ValueError(f"months: expected 1 to 120, got {months}")
    if not 0 < share < 1:
        raise ValueError(f"share: expected a number above 0 and below 1, got {share:g}")
    times = np.linspace(0.0, months * _MONTH, months + 1)
    rules = scenario.simulation
    rules = rules.model_copy(update={"years": max(rules.years, float(ceil(months / 12)))})
    bases = [installed_base(fleet, rules) for fleet in scenario.fleets]
    units, planned, variance = _add_up(scenario, bases, times)
    return Forecast(
        demand=_demand_table(scenario, units, planned, variance, share),
        machines=_machine_table(scenario, bases, times[:-1]),
        share=share,
    )


def _add_up(
    scenario: Scenario, bases: list[InstalledBase], times: Floats
) -> tuple[Floats, Floats, Floats]:
    """Give expected units, planned ones and the variance, each of shape (part, month)."""
    availability = estimate_demand(scenario).availability
    orders = ordered_units(scenario)
    ordered = orders.rate.sum(axis=2)
    rates = np.array([ordered, 0 * ordered, ordered * orders.ratio]).sum(axis=2)
    total = rates[..., None] * np.diff(times)
    for f, fleet in enumerate(scenario.fleets):
        running, season = float(availability[f]), scenario.season_of(fleet)
        for part, positions in scenario.machines[fleet.machine].positions.items():
            upkeep, p = scenario.parts[part].upkeep, scenario.part_ids.index(part)
            units, planned = units_by(upkeep, bases[f], times, running, season)
            variance = use_variances(upkeep, bases[f], times, running, season)
            total[:, p] += positions * np.array([np.diff(units), np.diff(planned), variance])
    return total[0], total[1], total[2]


def _demand_table(
    scenario: Scenario, units: Floats, planned: Floats, variance: Floats, share: float
) -> pd.DataFrame:
    import pandas as pd

    months = units.shape[1]
    # What blocks put in is certain; chance is in the rest.
    certain = np.where(
        [
            [part.lifetime is not None and part.upkeep.block is not None]
            for part in scenario.parts.values()
        ],
        np.round(planned),
        0,
    )
    mean = np.maximum(units - certain, 0.0)
    low, high = (
        certain + least_level(mean, variance, tail) for tail in ((1 + share) / 2, (1 - share) / 2)
    )
    start = scenario.simulation.start_date
    begins = [
        (date.fromisoformat(start) + timedelta(days=round(month * _MONTH))).isoformat()
        if start
        else ""
        for month in range(months)
    ]
    return pd.DataFrame(
        {
            "part": np.repeat(np.array(scenario.part_ids, object), months),
            "month": np.tile(np.arange(months) + 1, len(units)),
            "begins": begins * len(units),
            "expected": units.ravel(),
            "planned": planned.ravel(),
            "low": low.ravel().astype(np.int64),
            "high": high.ravel().astype(np.int64),
        }
    )


def _machine_table(scenario: Scenario, bases: list[InstalledBase], begins: Floats) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "fleet": np.repeat(np.array(scenario.fleet_ids, object), len(begins)),
            "month": np.tile(np.arange(len(begins)) + 1, len(bases)),
            "machines": [base.size(time) for base in bases for time in begins.tolist()],
        }
    )

"""The times of good service, and what technicians do: tables from the records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.simulation.call_log import LATE, STAGES, SUMS
from partsim.simulation.replication import Record
from partsim.simulation.statistics import Sample

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]
HOURS = (*STAGES, "response", "beyond")
"""Sums that become mean hours of a call."""


def service_table(scenario: Scenario, records: Sequence[Record], sample: Sample) -> pd.DataFrame:
    """
    Give the times of good service for each tier, depot, market, machine and part with calls.

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
        As `Outcome.service`.
    """
    groups = _groups(scenario)
    members = list(groups.values())
    # Sums of shape (replication, group, sum), one by one.
    sums = np.array([[r.service[callers].sum(axis=0) for callers in members] for r in records])
    by_part = np.array([r.by_part for r in records])
    called = np.flatnonzero(by_part[..., 0].any(axis=0))
    sums = np.concatenate([sums, by_part[:, called]], axis=1)
    names = [*groups, *(("part", scenario.part_ids[p]) for p in called)]
    of = {name: sums[..., i] for i, name in enumerate(SUMS)}
    columns: dict[str, Floats] = {}
    for name in HOURS:
        mean = sample.ratio(of[name], of["calls"]).times(24).within(0, np.inf)
        columns |= mean.columns(f"{name}_hours")
    kept = of["calls"] - sum(of[name] for name in LATE)
    columns |= sample.share(kept, of["calls"]).columns("promise_kept")
    fixed_at_once = of["visited"] - of["second_visits"]
    columns |= sample.share(fixed_at_once, of["visited"]).columns("first_time_fix_rate")
    columns |= sample.share(of["second_visits"], of["visited"]).columns("second_visit_share")
    for name in LATE:
        columns |= sample.share(of[name], of["calls"]).columns(name)
    index = sample.ratio(of["satisfaction"], of["calls"]).within(-1, 1)
    runs = np.full((len(records), len(names)), np.nan)
    runs[:, : len(members)] = _availabilities(scenario, records, members)
    return pd.DataFrame(
        {
            "group": [group for group, _ in names],
            "name": [name for _, name in names],
        }
        | sample.per_year(of["calls"], scenario.simulation.years).columns("calls_per_year")
        | columns
        | index.columns("satisfaction")
        | sample.mean(runs).within(0, 1).columns("availability")
    )


def _groups(scenario: Scenario) -> dict[tuple[str, str], list[int]]:
    """Give who calls of each tier, depot, market, machine and customer group, in their order."""
    groups: dict[tuple[str, str], list[int]] = {}
    for group, names in (
        ("tier", scenario.caller_tiers),
        ("depot", scenario.caller_depots),
        ("market", [scenario.depots[depot].market for depot in scenario.caller_depots]),
        *_told_apart(scenario),
    ):
        for c, name in enumerate(names):
            if name:
                groups.setdefault((group, name), []).append(c)
    return groups


def _told_apart(scenario: Scenario) -> Iterator[tuple[str, list[str]]]:
    """Give the machine and the customer group of each who calls, where there are several."""
    fleets = [scenario.fleets[phase.fleet] for phase in scenario.phases]
    machines = [fleet.machine for fleet in fleets] + [""] * len(scenario.counters)
    customers = [fleet.customers for fleet in fleets] + [name for _, name in scenario.counters]
    for group, names in (("machine", machines), ("customers", customers)):
        if len({*names} - {""}) > 1:
            yield group, names


def _availabilities(
    scenario: Scenario, records: Sequence[Record], members: Sequence[Sequence[int]]
) -> Floats:
    """
    Give the share of time in which the machines of each group run, (replication, group).

    NaN for groups without machines, and for tiers that machines are in for some time only.
    """
    rules, fleet_of = scenario.simulation, [phase.fleet for phase in scenario.phases]
    end = rules.warm_up + rules.years * 365
    days = [base.machine_days(rules.warm_up, end).sum() for base in scenario.installed_bases]
    inside = np.zeros((len(members), len(days)))
    for group, callers in enumerate(members):
        # The phases come before the counters.
        there = np.bincount([fleet_of[c] for c in callers if c < len(fleet_of)], None, len(days))
        share = there / np.maximum(np.bincount(fleet_of, None, len(days)), 1)
        inside[group] = np.where(
            ((share > 0) & (share < 1)).any() or not share.any(), np.nan, share
        )
    runs = np.array([record.availability for record in records]).reshape(len(records), len(days))
    ran, total = (runs * days) @ inside.T, inside @ days
    return np.divide(ran, total, out=np.full_like(ran, np.nan), where=total > 0)


def technician_table(scenario: Scenario, records: Sequence[Record], sample: Sample) -> pd.DataFrame:
    """
    Say how busy each group of technicians is, and what its visits mend.

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
        As `Outcome.technicians`; no rows if the scenario has no groups.
    """
    names = list(scenario.technicians)
    staff = np.array([scenario.technicians_in(name) for name in names], float)
    shifts = [scenario.technicians[name].shift for name in names]
    on_duty = np.array([1.0 if shift is None else shift.working_share for shift in shifts])
    counts = np.array([record.technicians for record in records]).reshape(len(records), -1, 5)
    busy, visits, waited, calls, fixed = np.moveaxis(counts, 2, 0)
    years = scenario.simulation.years
    utilisation = sample.mean(busy / (years * 365 * staff * on_duty)).within(0, np.inf)
    waits = sample.ratio(waited, visits).times(24).within(0, np.inf)
    again = sample.mean((visits - calls) / years).within(0, np.inf)
    return pd.DataFrame(
        {"technicians": names, "number": staff.astype(int)}
        | sample.mean(visits / years).within(0, np.inf).columns("jobs_per_year")
        | utilisation.columns("utilisation")
        | waits.columns("dispatch_hours")
        | sample.share(fixed, calls).columns("first_time_fix_rate")
        | again.columns("second_visits_per_year")
    )

"""The times of good service, and what technicians do: tables from the records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.simulation.call_log import LATE, STAGES, SUMS
from partsim.simulation.measures import Measure, Measured, per_replication
from partsim.simulation.replication import Record
from partsim.simulation.statistics import Sample

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]
HOURS = (*STAGES, "response", "beyond")
"""Sums that become mean hours of a call."""


def service_measures(scenario: Scenario, records: Sequence[Record]) -> Measured:
    """
    Measure the times of good service for each tier, depot, market, machine and part with calls.

    Parameters
    ----------
    scenario : Scenario
        What was played.
    records : sequence of Record
        One for each replication.

    Returns
    -------
    Measured
        The columns of `Outcome.service`.
    """
    groups = _groups(scenario)
    members = list(groups.values())
    # Sums of shape (replication, group, sum), one by one.
    sums = np.array([[r.service[callers].sum(axis=0) for callers in members] for r in records])
    by_part = np.array([r.by_part for r in records])
    called = np.flatnonzero(by_part[..., 0].any(axis=0))
    sums = np.concatenate([sums, by_part[:, called]], axis=1)
    of = {name: sums[..., i] for i, name in enumerate(SUMS)}
    calls, visited, again = of["calls"], of["visited"], of["second_visits"]
    runs = np.full(calls.shape, np.nan)
    runs[:, : len(members)] = _availabilities(scenario, records, members)
    measures = [
        per_replication("calls_per_year", calls / scenario.simulation.years),
        *(Measure(f"{name}_hours", 24 * of[name], calls) for name in HOURS),
        Measure("promise_kept", calls - sum(of[name] for name in LATE), calls, "share"),
        Measure("first_time_fix_rate", visited - again, visited, "share"),
        Measure("second_visit_share", again, visited, "share"),
        *(Measure(name, of[name], calls, "share") for name in LATE),
        Measure("satisfaction", of["satisfaction"], calls, "index"),
        per_replication("availability", runs, "share of time"),
    ]
    return Measured([*groups, *(("part", scenario.part_ids[p]) for p in called)], measures)


def service_table(measured: Measured, sample: Sample) -> pd.DataFrame:
    """
    Give the times of good service as a table.

    Parameters
    ----------
    measured : Measured
        By `service_measures`.
    sample : Sample
        For how many each replication counts.

    Returns
    -------
    DataFrame
        As `Outcome.service`.
    """
    kinds, names = np.array(measured.groups, object).reshape(-1, 2).T
    return pd.DataFrame({"group": kinds, "name": names} | measured.columns(sample))


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


def technician_measures(scenario: Scenario, records: Sequence[Record]) -> Measured:
    """
    Measure how busy each group of technicians is, and what its visits mend.

    Parameters
    ----------
    scenario : Scenario
        What was played.
    records : sequence of Record
        One for each replication.

    Returns
    -------
    Measured
        The columns of `Outcome.technicians`; no groups if the scenario has none.
    """
    names = list(scenario.technicians)
    shifts = [scenario.technicians[name].shift for name in names]
    on_duty = np.array([1.0 if shift is None else shift.working_share for shift in shifts])
    counts = np.array([record.technicians for record in records]).reshape(len(records), -1, 5)
    busy, visits, waited, calls, fixed = np.moveaxis(counts, 2, 0)
    years = scenario.simulation.years
    at_work = years * 365 * _staff(scenario) * on_duty
    measures = [
        per_replication("jobs_per_year", visits / years),
        per_replication("utilisation", busy / at_work),
        Measure("dispatch_hours", 24 * waited, visits),
        Measure("first_time_fix_rate", fixed, calls, "share"),
        per_replication("second_visits_per_year", (visits - calls) / years),
    ]
    return Measured([("technicians", name) for name in names], measures)


def _staff(scenario: Scenario) -> Floats:
    return np.array([scenario.technicians_in(name) for name in scenario.technicians], float)


def technician_table(scenario: Scenario, measured: Measured, sample: Sample) -> pd.DataFrame:
    """
    Say how many technicians each group has, and what they do.

    Parameters
    ----------
    scenario : Scenario
        What was played.
    measured : Measured
        By `technician_measures`.
    sample : Sample
        For how many each replication counts.

    Returns
    -------
    DataFrame
        As `Outcome.technicians`; no rows if the scenario has no groups.
    """
    heads = {"technicians": list(scenario.technicians), "number": _staff(scenario).astype(int)}
    return pd.DataFrame(heads | measured.columns(sample))

"""Targets that are no promise, as the simulation sees them: waits, fill rates, availability."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.model.ordered_units import ordered_units
from partsim.model.outcome import judge
from partsim.simulation.call_log import SUMS
from partsim.simulation.events import DAYS_PER_YEAR
from partsim.simulation.measures import Measure, Measured
from partsim.simulation.replication import Record
from partsim.simulation.shortages import tells_tiers_apart
from partsim.simulation.statistics import Sample

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]
_PARTS = SUMS.index("parts")


@dataclass(frozen=True, eq=False)
class Target:
    """
    One target, and what it is counted from.

    Attributes
    ----------
    row : str
        Its name, as the rows of a plan have it.
    measure : 'wait', 'fill' or 'availability'
        What is limited: the mean wait for a part, the share of demand met from the shelf, the
        share of time that machines run.
    value : float
        Most hours, or least share.
    weight : ndarray of float
        How much of each cell's demand counts, shape (part, depot); for an availability the
        machines that count, shape (fleet,); for a tier that is told apart 1 for it and 0 for the
        others, shape (tier,).
    """

    row: str
    measure: Literal["wait", "fill", "availability"]
    value: float
    weight: Floats


def target_measures(scenario: Scenario, records: Sequence[Record]) -> dict[Target, Measured]:
    """
    Measure the scenario's waiting times, fill rates and availabilities.

    What the calls of a tier wait is counted where tiers are told apart at a shelf; where they are
    not, the calls of all tiers at a shelf count in proportion of what their machines use.

    Parameters
    ----------
    scenario : Scenario
        What was played.
    records : sequence of Record
        One for each replication.

    Returns
    -------
    dict of Target to Measured
        Of one group each. A depot that serves no machine has nothing to count, and is left out.
    """
    found = {target: _measured(target, records) for target in _targets(scenario)}
    return {
        target: Measured([("target", target.row)], [measure])
        for target, measure in found.items()
        if measure.count.any()
    }


def target_table(
    scenario: Scenario,
    measured: Mapping[Target, Measured],
    records: Sequence[Record],
    sample: Sample,
) -> pd.DataFrame:
    """
    Judge the scenario's waiting times, fill rates and availabilities.

    Parameters
    ----------
    scenario : Scenario
        What was played.
    measured : mapping of Target to Measured
        By `target_measures`.
    records : sequence of Record
        One for each replication.
    sample : Sample
        For how many each counts.

    Returns
    -------
    DataFrame
        As `Outcome.targets`.
    """
    rows = []
    for target, one in measured.items():
        value, low, high = (float(column.item()) for column in one.columns(sample).values())
        ends = (-target.value, -high, -low) if target.measure == "wait" else (
            target.value, low, high
        )  # fmt: skip
        best = value + _waits(scenario, target, records, sample)
        rows.append((target.row, target.value, value, low, high, judge(*ends), best))
    names = ["row", "target", "simulated", "simulated_low", "simulated_high", "kept"]
    return pd.DataFrame(rows, columns=[*names, "without_waits"])


def _waits(scenario: Scenario, target: Target, records: Sequence[Record], sample: Sample) -> float:
    """Give the share of time that machines wait for parts; NaN for what is no availability."""
    if target.measure != "availability":
        return np.nan
    mine = [bool(target.weight[phase.fleet]) for phase in scenario.phases]
    waited = sample.average([record.service[: len(mine)][mine, _PARTS].sum() for record in records])
    window = scenario.simulation.years * DAYS_PER_YEAR
    return float(waited / (target.weight.sum() * window))


def _measured(target: Target, records: Sequence[Record]) -> Measure:
    """Give what a target limits, of one group."""
    if target.measure == "availability":
        machines = target.weight.sum()
        running = np.array([[target.weight @ record.availability] for record in records])
        return Measure("availability", running, np.full_like(running, machines), "share of time")
    if target.weight.ndim == 1:
        of_tier = np.array([target.weight @ record.tiers for record in records])
        requests, from_shelf, waited = of_tier.T[..., np.newaxis]
    else:
        requests, from_shelf, waited = (
            np.array([[(getattr(record, name)[0] * target.weight).sum()] for record in records])
            for name in ("requests", "from_shelf", "waited")
        )
    if target.measure == "fill":
        return Measure("fill_rate", from_shelf, requests, "share")
    return Measure("waiting_time_hours", 24 * waited, requests)


def _targets(scenario: Scenario) -> Iterator[Target]:
    shape, there = (len(scenario.parts), len(scenario.depots)), _machines_there(scenario)
    for d, (name, depot) in enumerate(scenario.depots.items()):
        here = np.zeros(shape)
        here[:, d] = 1
        yield from _of_demand(f"at {name}", depot.max_waiting_time, depot.min_fill_rate, here)
    apart, told = tells_tiers_apart(scenario), np.eye(len(scenario.tiers))
    for t, (name, tier) in enumerate(scenario.tiers.items()):
        weight = told[t] if apart else _share_of_tier(scenario, name)
        yield from _of_demand(f"of {name}", tier.max_waiting_time, tier.min_fill_rate, weight)
    for name, group in scenario.groups.items():
        mine = np.array([[part.group == name] for part in scenario.parts.values()], float)
        yield from _of_demand(f"of {name}", None, group.min_fill_rate, mine * np.ones(shape))
    for name, machine in scenario.machines.items():
        mine = np.array([fleet.machine == name for fleet in scenario.fleets])
        if machine.min_availability is not None and mine.any():
            row = f"availability of {name}"
            yield Target(row, "availability", machine.min_availability, mine * there)


def _of_demand(
    whose: str, longest: float | None, least: float | None, weight: Floats
) -> Iterator[Target]:
    if longest is not None:
        yield Target(f"waiting time {whose}", "wait", longest * 24, weight)
    if least is not None:
        yield Target(f"fill rate {whose}", "fill", least, weight)


def _share_of_tier(scenario: Scenario, tier: str) -> Floats:
    """Give the share of a tier in what machines use and customers order there, (part, depot)."""
    ordered, there = ordered_units(scenario).rate, _machines_there(scenario)
    use = np.array([ordered[:, :, scenario.tier_ids.index(tier)], ordered.sum(axis=2)])
    for f, fleet in enumerate(scenario.fleets):
        days, d = scenario.machine_days(f), scenario.depot_ids.index(fleet.depot)
        mine = np.array([of == tier for of in scenario.tier_phases[f].tiers])
        machines = there[f] * np.array([days @ mine / days.sum(), 1])
        for part, quantity in scenario.machines[fleet.machine].positions.items():
            life = scenario.parts[part].upkeep.use
            units = {part: quantity / life.days_between_units}
            for other, needed in scenario.further_parts(part).items():
                units[other] = units.get(other, 0) + quantity * needed / life.days_between_failures
            for name, rate in units.items():
                use[:, scenario.part_ids.index(name), d] += rate * machines
    return np.divide(use[0], use[1], out=np.zeros_like(use[0]), where=use[1] > 0)


def _machines_there(scenario: Scenario) -> Floats:
    """Count the machines of each fleet, on average over the measured years."""
    rules = scenario.simulation
    begin, end = rules.warm_up, rules.warm_up + rules.years * DAYS_PER_YEAR
    days = [base.machine_days(begin, end).sum() for base in scenario.installed_bases]
    return np.array(days) / (end - begin)

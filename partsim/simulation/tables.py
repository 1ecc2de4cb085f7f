"""From the records of the replications to the tables of an outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.model.maintenance import has_prevention, maintained_parts
from partsim.model.outcome import Outcome, judge
from partsim.simulation.call_log import SUMS
from partsim.simulation.control_variates import late_money, sample_of
from partsim.simulation.measures import Measure, Measured, per_replication
from partsim.simulation.replication import Record
from partsim.simulation.response_times import ResponseTimes, together
from partsim.simulation.series_table import series_table
from partsim.simulation.service_tables import (
    service_measures,
    service_table,
    technician_measures,
    technician_table,
)
from partsim.simulation.statistics import Interval, Sample
from partsim.simulation.supply_measures import supply_costs, supply_measures
from partsim.simulation.target_tables import target_measures, target_table
from partsim.simulation.warranty_table import has_warranty, warranty_table

if TYPE_CHECKING:
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]
Groups = Sequence[Sequence[ResponseTimes]]
"""Response times by group of calls and replication."""

SHARES = np.arange(1, 200) / 200


def make_outcome(scenario: Scenario, plan: Plan, records: Sequence[Record], seed: int) -> Outcome:
    """
    Put the records together.

    Parameters
    ----------
    scenario : Scenario
        What was played.
    plan : Plan
        What was decided.
    records : sequence of Record
        One for each replication, at least two.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    Outcome
        Tables with 95 % intervals.
    """
    tier_of = scenario.caller_tiers
    tiers = [
        _responses(records, [c for c, name in enumerate(tier_of) if name == tier])
        for tier in scenario.tier_ids
    ]
    money = _money_per_year(scenario, plan, records)
    sample = sample_of(scenario, records)
    depots, fleets = _of_depots(scenario, records), _of_fleets(scenario, records)
    service, crews = service_measures(scenario, records), technician_measures(scenario, records)
    targets = target_measures(scenario, records)
    whole = sample.mean(np.sum(list(money.values()), axis=0)).within(0, np.inf)
    return Outcome(
        promises=_promises(scenario, tiers, sample),
        tier_depots=_tier_depots(scenario, records, sample),
        depots=pd.DataFrame({"depot": scenario.depot_ids} | depots.columns(sample)),
        cells=_cells(scenario, records, sample),
        fleets=_fleets(scenario, fleets, sample),
        costs=_costs(money, sample),
        responses=_distributions(scenario, tiers, sample),
        samples=_samples(
            [
                *_promises_and_costs(scenario, tiers, money),
                service.without("part"),
                depots,
                fleets,
                crews,
                *targets.values(),
            ]
        ),
        weights=_weights(scenario, records, sample),
        service=service_table(service, sample),
        technicians=technician_table(scenario, crews, sample),
        supply=_supply(scenario, records, sample),
        replications=len(records),
        seed=seed,
        targets=target_table(scenario, targets, records, sample),
        series=series_table(scenario, records, sample),
        plan_cost_low=float(whole.low),
        plan_cost_high=float(whole.high),
        prevention=_prevention(scenario, records, sample) if has_prevention(scenario) else None,
        warranty=warranty_table(scenario, records, sample) if has_warranty(scenario) else None,
    )


def _responses(records: Sequence[Record], callers: Sequence[int]) -> list[ResponseTimes]:
    """Give the response times of some who call, replication by replication."""
    return [together([record.responses[c] for c in callers]) for record in records]


def _calls(groups: Groups) -> Floats:
    """Count calls, shape (replication, group)."""
    return np.array([[len(x) for x in group] for group in groups], float).T


def _shares(groups: Groups, within: Sequence[float], sample: Sample) -> Interval:
    """Estimate the share of calls answered in time, by group."""
    return sample.share(_calls_kept(groups, within), _calls(groups))


def _calls_kept(groups: Groups, within: Sequence[float]) -> Floats:
    """Count calls answered in time, shape (replication, group)."""
    kept = [
        [times.within(time) for times in group] for group, time in zip(groups, within, strict=True)
    ]
    return np.array(kept, float).T


def _mean_hours(groups: Groups, sample: Sample) -> Interval:
    """Estimate mean response times, by group [hours]."""
    total = np.array([[times.days for times in group] for group in groups]).T
    return sample.ratio(total, _calls(groups)).times(24).within(0, np.inf)


def _quantile_hours(groups: Groups, shares: Sequence[float], sample: Sample) -> Interval:
    """Estimate the quantile at a share for each group [hours]."""
    found = [sample.quantile(group, share) for group, share in zip(groups, shares, strict=True)]
    value, low, high = np.array(found).reshape(-1, 3).T
    return Interval(value, low, high).times(24)


def _promises(scenario: Scenario, tiers: Groups, sample: Sample) -> pd.DataFrame:
    promises = [scenario.promise_of(tier) for tier in scenario.tier_ids]
    promised = [promise.share for promise in promises]
    kept, calls = _calls_kept(tiers, [promise.within for promise in promises]), _calls(tiers)
    shares = sample.share(kept, calls)
    honest = _quantile_hours(tiers, promised, sample)
    within_hours = np.array([promise.within for promise in promises]) * 24
    verdicts = [judge(*row) for row in zip(promised, shares.low, shares.high, strict=True)]
    return pd.DataFrame(
        {
            "tier": scenario.tier_ids,
            "within_hours": within_hours,
            "share_promised": promised,
            "share_simulated": shares.value,
            "share_low": shares.low,
            "share_high": shares.high,
            "kept": verdicts,
            **sample.per_year(calls, scenario.simulation.years).columns("calls_per_year"),
            "worth_replications": sample.worth(kept, calls),
        }
        | _mean_hours(tiers, sample).columns("mean_response_hours")
        | _quantile_hours(tiers, [0.95] * len(tiers), sample).columns("p95_response_hours")
        | honest.columns("honest_hours")
        | honest.plus(-within_hours).columns("promise_gap_hours")
    )


def _tier_depots(scenario: Scenario, records: Sequence[Record], sample: Sample) -> pd.DataFrame:
    callers: dict[tuple[str, str], list[int]] = {}
    for name in scenario.tier_ids:
        for c, (tier, depot) in enumerate(
            zip(scenario.caller_tiers, scenario.caller_depots, strict=True)
        ):
            if tier == name:
                callers.setdefault((tier, depot), []).append(c)
    groups = [_responses(records, members) for members in callers.values()]
    promises = [scenario.promise_of(tier) for tier, _ in callers]
    within = [promise.within for promise in promises]
    honest = _quantile_hours(groups, [promise.share for promise in promises], sample)
    return pd.DataFrame(
        {
            "tier": [tier for tier, _ in callers],
            "depot": [depot for _, depot in callers],
        }
        | sample.per_year(_calls(groups), scenario.simulation.years).columns("calls_per_year")
        | _shares(groups, within, sample).columns("share_simulated")
        | _mean_hours(groups, sample).columns("mean_response_hours")
        | _quantile_hours(groups, [0.95] * len(groups), sample).columns("p95_response_hours")
        | honest.columns("honest_hours")
        | honest.plus(-24 * np.array(within)).columns("promise_gap_hours")
    )


def _waits(requests: Floats, from_shelf: Floats, waited: Floats) -> list[Measure]:
    """Measure the fill rate and the mean wait at shelves."""
    return [
        Measure("fill_rate", from_shelf, requests, "share"),
        Measure("waiting_time_hours", 24 * waited, requests),
    ]


def _of_depots(scenario: Scenario, records: Sequence[Record]) -> Measured:
    counts = (
        np.array([getattr(record, name)[0].sum(axis=0) for record in records])
        for name in ("requests", "from_shelf", "waited")
    )
    return Measured([("depot", name) for name in scenario.depot_ids], _waits(*counts))


def _cells(scenario: Scenario, records: Sequence[Record], sample: Sample) -> pd.DataFrame:
    requests, from_shelf, waited = (
        np.array([getattr(record, name).sum(axis=0).ravel() for record in records])
        for name in ("requests", "from_shelf", "waited")
    )
    stock = (
        per_replication(name, np.array([getattr(record, name).ravel() for record in records]))
        for name in ("backorders", "on_hand")
    )
    demand = per_replication("demand_per_year", requests / scenario.simulation.years)
    cells = list(product(scenario.part_ids, scenario.depot_ids))
    measured = Measured(cells, [demand, *_waits(requests, from_shelf, waited), *stock])
    parts, depots = np.array(cells, object).T
    return pd.DataFrame({"part": parts, "depot": depots} | measured.columns(sample))


def _of_fleets(scenario: Scenario, records: Sequence[Record]) -> Measured:
    runs = np.array([record.availability for record in records])
    return Measured(
        [("fleet", name) for name in scenario.fleet_ids],
        [per_replication("availability", runs, "share of time")],
    )


def _fleets(scenario: Scenario, measured: Measured, sample: Sample) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "fleet": scenario.fleet_ids,
            "depot": [fleet.depot for fleet in scenario.fleets],
            "tier": [phases.text() for phases in scenario.tier_phases],
            "machines": [fleet.count for fleet in scenario.fleets],
        }
        | measured.columns(sample)
    )


def _money_per_year(
    scenario: Scenario, plan: Plan, records: Sequence[Record]
) -> dict[str, list[float]]:
    """Give each kind of cost in each replication."""
    years, prices = scenario.simulation.years, scenario.prices
    rules = [scenario.grade_rules(grade) for grade in plan.grades]
    holding = 365 * scenario.costs.holding * prices
    approval = np.array([rule.approval_cost for rule in rules])
    control_loss = prices * np.array([rule.control_loss for rule in rules])
    counting = sum(rule.counting_cost for rule in rules)
    money = {
        "holding": [holding @ (r.on_hand.sum(axis=1) + r.in_transit) for r in records],
        "ordering": [scenario.costs.order * r.orders.sum() / years for r in records],
        "approval": [approval @ r.orders / years for r in records],
        "control_loss": [control_loss @ r.requests[0].sum(axis=1) / years for r in records],
        **({"counting": [counting] * len(records)} if counting else {}),
    } | {
        name: [r.supply_costs[kind] / years for r in records]
        for kind, name in enumerate(supply_costs(scenario))
    }
    if scenario.downtime_costs.any():
        tiers = [scenario.tier_ids.index(phase.tier) for phase in scenario.phases]
        cost, waits = scenario.downtime_costs[tiers], SUMS.index("part_wait")
        # Behind an order no machine is known to stand still.
        money["downtime"] = [cost @ r.service[: len(tiers), waits] / years for r in records]
    if any(scenario.recovery_cost_of(tier) for tier in scenario.tier_ids):
        money["recovery"] = [_recovery(scenario, r) / years for r in records]
    if has_prevention(scenario):
        work = scenario.costs.planned_replacement
        money["planned_replacement"] = [work * r.planned.sum() / years for r in records]
    if any(map(scenario.inspection_of, range(len(scenario.fleets)))):
        visit = scenario.costs.inspection
        money["inspection"] = [visit * r.inspections.sum() / years for r in records]
    return money


def _recovery(scenario: Scenario, record: Record) -> float:
    """Give the cost of the calls that broke their promise in one replication."""
    return sum(
        scenario.recovery_cost_of(tier)
        * (len(times) - times.within(scenario.promise_of(tier).within))
        for tier, times in zip(scenario.caller_tiers, record.responses, strict=True)
    )


def _costs(money: dict[str, list[float]], sample: Sample) -> pd.DataFrame:
    per_year = sample.mean(np.array(list(money.values())).T).within(0, np.inf)
    return pd.DataFrame({"cost": list(money)} | per_year.columns("per_year"))


def _promises_and_costs(
    scenario: Scenario, tiers: Groups, money: dict[str, list[float]]
) -> Iterator[Measured]:
    within = [scenario.promise_of(tier).within for tier in scenario.tier_ids]
    kept = Measure("promise", _calls_kept(tiers, within), _calls(tiers), "share")
    yield Measured([("tier", tier) for tier in scenario.tier_ids], [kept])
    spent = per_replication("cost", np.array(list(money.values())).T)
    yield Measured([("", kind) for kind in money], [spent])


def _samples(measured: Sequence[Measured]) -> pd.DataFrame:
    """
    Put side by side what each replication counted of all that plans are compared by.

    Parts and cells are left out: there may be thousands.
    """
    return pd.concat([one.samples for one in measured], ignore_index=True)


def _weights(scenario: Scenario, records: Sequence[Record], sample: Sample) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "replication": np.arange(len(records)),
            "late_money": [late_money(scenario, record) for record in records],
            "weight": sample.weights,
        }
    )


def _supply(scenario: Scenario, records: Sequence[Record], sample: Sample) -> pd.DataFrame:
    measures = supply_measures(scenario)
    counts = np.array([record.supply for record in records])
    figures = sample.ratio(counts[..., 0], counts[..., 1]).within(0, np.inf)
    most = [1.0 if measure.unit == "share" else np.inf for measure in measures]
    figures = Interval(figures.value, figures.low, np.minimum(figures.high, most))
    return pd.DataFrame(
        {
            "measure": [measure.what for measure in measures],
            "place": [measure.where for measure in measures],
            "unit": [measure.unit for measure in measures],
        }
        | figures.columns("value")
    )


def _prevention(scenario: Scenario, records: Sequence[Record], sample: Sample) -> pd.DataFrame:
    cells = [
        (f, p)
        for f in range(len(scenario.fleets))
        for p, part in enumerate(scenario.part_ids)
        if part in maintained_parts(scenario, f)
    ]
    fleets, parts = np.array(cells, np.int64).reshape(-1, 2).T
    failures, planned = (
        sample.mean([getattr(record, name)[fleets, parts] for record in records])
        .times(1 / scenario.simulation.years)
        .within(0, np.inf)
        .columns(f"{name}_per_year")
        for name in ("failures", "planned")
    )
    names = {"fleet": [scenario.fleet_ids[f] for f in fleets],
             "part": [scenario.part_ids[p] for p in parts]}  # fmt: skip
    return pd.DataFrame(names | failures | planned)


def _distributions(scenario: Scenario, tiers: Groups, sample: Sample) -> pd.DataFrame:
    hours = [sample.quantiles(group, SHARES) * 24 for group in tiers]
    return pd.DataFrame(
        {
            "tier": np.repeat(np.array(scenario.tier_ids, object), len(SHARES)),
            "share": np.tile(SHARES, len(tiers)),
            "response_hours": np.concatenate(hours),
        }
    )

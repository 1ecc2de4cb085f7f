"""The calls of one replication: the times of good service of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from partsim.simulation.call_log import ROUNDING, STAGES, CallLog
from partsim.simulation.replication import build
from partsim.simulation.warranty import warranty_ends

if TYPE_CHECKING:
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario


def call_table(
    scenario: Scenario, plan: Plan, *, seed: int | None = None, replication: int = 0
) -> pd.DataFrame:
    """
    Play one replication and write down its calls: those that the tables of an outcome count.

    Parameters
    ----------
    scenario : Scenario
        What is.
    plan : Plan
        Grades and stock levels for the scenario's parts and depots.
    seed : int, optional
        The scenario's if not given.
    replication : int
        Which one of the simulation, from 0.

    Returns
    -------
    DataFrame
        One row for each call, by day: day on which it came, from the start of the simulation;
        depot, customers, tier; fleet, machine (from 0, in its fleet) and part that failed; whether
        the machine is in ``warranty`` (``in`` or ``after``); answer_hours, diagnosis_hours,
        dispatch_hours (until a technician leaves), travel_hours, parts_hours (waiting for parts),
        repair_hours, their sum response_hours; visits; promised_hours and delay_hours (beyond
        them), kept (``yes`` or ``no``). A unit that customers order is a call without fleet, a
        call that is solved by phone one without part: empty text, and -1 for the machine.

    Examples
    --------
    >>> import numpy as np
    >>> from partsim import Plan, read_scenario
    >>> scenario = read_scenario("scenarios/first_steps.yaml", ["simulation.years=1"])
    >>> parts, depots = scenario.part_ids, scenario.depot_ids
    >>> levels = np.full((len(parts), len(depots)), 99)
    >>> plan = Plan(parts, depots, ("C",) * len(parts), levels, np.ones_like(levels))
    >>> calls = call_table(scenario, plan)
    >>> float(calls["parts_hours"].max()), bool((calls["delay_hours"] >= 0).all())
    (0.0, True)
    """
    seed = scenario.simulation.seed if seed is None else seed
    network = build(scenario, plan, seed=seed, replication=replication)
    network.run()
    start = network.clock.start
    tables = [_of_fleet(scenario, fleet, log, start) for fleet, log in enumerate(network.logs)]
    for (depot, customers), log in zip(scenario.counters, network.counters, strict=True):
        calls = _times(scenario, log, start)
        tier = [scenario.tier_of(customers)] * len(calls)
        tables.append(
            calls.assign(depot=depot, customers=customers, tier=tier, fleet="", machine=-1,
                         warranty="")
        )  # fmt: skip
    calls = pd.concat(tables)
    promises = {tier: scenario.promise_of(tier).within * 24 for tier in scenario.tier_ids}
    calls["promised_hours"] = calls["tier"].map(promises).astype(float)
    late = calls["response_hours"] > calls["promised_hours"] + ROUNDING * 24
    calls["delay_hours"] = (calls["response_hours"] - calls["promised_hours"]).where(late, 0.0)
    calls["kept"] = np.where(late, "no", "yes")
    return calls.sort_values("day", kind="stable")[_COLUMNS].reset_index(drop=True)


_COLUMNS = [
    "day", "depot", "customers", "tier", "fleet", "machine", "part", "warranty",
    *(f"{stage}_hours" for stage in STAGES), "response_hours", "visits",
    "promised_hours", "delay_hours", "kept",
]  # fmt: skip


def _of_fleet(scenario: Scenario, fleet: int, log: CallLog, start: float) -> pd.DataFrame:
    """Give the calls of a fleet's machines."""
    entry, phases = scenario.fleets[fleet], scenario.tier_phases[fleet]
    calls = _times(scenario, log, start)
    machine, day = calls["machine"].to_numpy(), calls["day"].to_numpy()
    covered = day < warranty_ends(scenario, fleet)[machine]
    has_warranty = scenario.machines[entry.machine].warranty is not None
    return calls.assign(
        depot=entry.depot,
        customers=entry.customers,
        tier=np.array(phases.tiers, object)[phases.at(machine, day)],
        fleet=scenario.fleet_ids[fleet],
        warranty=np.where(covered, "in", "after") if has_warranty else "",
    )


def _times(scenario: Scenario, log: CallLog, start: float) -> pd.DataFrame:
    """Give machine, part, day and times of the calls from the start of the window on."""
    counted = log.those(log.began >= start)
    hours = {f"{name}_hours": counted.column(name) * 24 for name in (*STAGES, "response")}
    parts = np.array([*scenario.part_ids, ""], object)  # the last for calls solved by phone
    return pd.DataFrame(
        {
            "day": counted.began,
            "machine": counted.machine,
            "part": parts[counted.column("part").astype(np.int64)],
            "visits": counted.column("visits").astype(np.int64),
        }
        | hours
    )

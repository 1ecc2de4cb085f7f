"""What warranty means for each tier: calls in it and after it, and the money behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from partsim.model.warranty import WarrantyRules
from partsim.simulation.replication import Record
from partsim.simulation.statistics import Sample

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario


def has_warranty(scenario: Scenario) -> bool:
    """Tell whether any machine comes with a warranty."""
    return any(machine.warranty is not None for machine in scenario.machines.values())


def warranty_table(scenario: Scenario, records: Sequence[Record], sample: Sample) -> pd.DataFrame:
    """
    Say what warranty means for each tier.

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
        As `Outcome.warranty`.
    """
    members = [
        [i for i, phase in enumerate(scenario.phases) if phase.tier == tier]
        for tier in scenario.tier_ids
    ]
    # Sums of shape (replication, tier, in or after, figure).
    sums = np.array([[r.warranty[phases].sum(axis=0) for phases in members] for r in records])
    rules, years = scenario.warranty or WarrantyRules(), scenario.simulation.years
    (calls, visits, parts, claims), after = np.moveaxis(sums, (2, 3), (0, 1))
    per_year = {
        "calls_in_warranty": calls,
        "calls_after": after[0],
        "parts_borne": parts,
        "visits_borne": visits * rules.visit_cost,
        "claims": claims,
        "parts_income": after[2] * (1 + rules.parts_margin),
        "visits_income": after[1] * rules.visit_fee,
    }
    table: dict[str, object] = {"tier": scenario.tier_ids}
    for name, values in per_year.items():
        table |= sample.mean(values / years).within(0, np.inf).columns(f"{name}_per_year")
    table |= sample.share(calls, calls + after[0]).columns("share_in_warranty")
    return pd.DataFrame(table)

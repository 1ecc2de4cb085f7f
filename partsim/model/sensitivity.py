"""Sensitivity: how much the decision hangs on each assumption."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partsim.model.arrays import table_markup
from partsim.model.plan import Plan

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """
    What becomes of cost and promises when one assumption is wrong at a time.

    Attributes
    ----------
    currency : str
        Of all money.
    by : float
        How far each assumption is off, as a share of its value.
    plan : Plan
        The cheapest plan for the scenario as it is.
    table : DataFrame
        Two rows for each assumption, that with the widest change of the least cost first:
        assumption, factor (below 1, then above), least_cost (of the cheapest plan for the changed
        scenario, by formula, money per year), cost_change (less that of the scenario as it is),
        missed (targets that no plan reaches then, as text). Then what `plan` does in the changed
        scenario, simulated: tier (whose promise has least in hand), share_promised,
        share_simulated, share_low, share_high, kept, margin (share_simulated less
        share_promised) with _low and _high.
    """

    currency: str
    by: float
    plan: Plan
    table: pd.DataFrame

    @property
    def summary(self) -> dict[str, Any]:
        """The content of sensitivity.json."""
        return {
            "currency": self.currency,
            "by": self.by,
            "assumptions": self.table.to_dict("records"),
        }

    def __repr__(self) -> str:
        return f"Sensitivity({self.by:.0%} of {self.table['assumption'].nunique()} assumptions)"

    def _repr_html_(self) -> str:
        return table_markup(repr(self), {"Assumptions": self.table})

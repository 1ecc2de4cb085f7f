"""Performance: what a plan does, by formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partsim.model.arrays import table_markup

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Performance:
    """
    A plan by formula: VARI-METRIC across two or three echelons.

    Attributes
    ----------
    promises : DataFrame
        tier, within_hours, share_promised, share_modelled, calls_per_year.
    depots : DataFrame
        depot, fill_rate, waiting_time_hours (mean over the depot's demand; NaN without demand),
        emergency_share (of the demand, where the formulas know emergency shipments).
    cells : DataFrame
        part, depot, demand_per_year, base_stock, expected_backorders, fill_rate,
        waiting_time_hours, on_hand; from_central_per_year and from_outside_per_year, emergency
        shipments, where the formulas know them; one row for each part and depot.
    costs : DataFrame
        cost (holding, ordering, approval, control_loss, downtime and emergency if they cost),
        per_year.
    parts : DataFrame
        part, base_stock (over all depots), orders_per_year (to suppliers), and money per year:
        holding (of what lies on shelves), ordering, approval, control_loss, downtime and
        emergency if they cost, cost (their sum).
    """

    promises: pd.DataFrame
    depots: pd.DataFrame
    cells: pd.DataFrame
    costs: pd.DataFrame
    parts: pd.DataFrame

    @property
    def plan_cost(self) -> float:
        """Expected money per year: the sum of all costs."""
        return float(self.costs["per_year"].sum())

    def __repr__(self) -> str:
        kept = int((self.promises["share_modelled"] >= self.promises["share_promised"]).sum())
        return (
            f"Performance({self.plan_cost:,.0f} per year, "
            f"{kept} of {len(self.promises)} promises kept by formula)"
        )

    def _repr_html_(self) -> str:
        tables = {"Promises": self.promises, "Costs": self.costs, "Depots": self.depots}
        return table_markup(repr(self), tables)

"""Forecast: demand for parts in the months to come, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partsim.model.arrays import table_markup

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Forecast:
    """
    Units that machines will use, month by month.

    Attributes
    ----------
    demand : DataFrame
        One row for each part and month: part, month (from 1), begins (a day; empty if the
        scenario has no start_date), expected, planned (those of them that are put in as planned),
        low, high (interval for the units used) [units].
    machines : DataFrame
        One row for each fleet and month: fleet, month, machines (at its beginning).
    share : float
        Share of the months whose units lie within the interval.
    """

    demand: pd.DataFrame
    machines: pd.DataFrame
    share: float

    def __repr__(self) -> str:
        months = int(self.demand["month"].max())
        units = self.demand["expected"].sum()
        return f"Forecast({units:.0f} units in {months} months)"

    def _repr_html_(self) -> str:
        return table_markup(repr(self), {"Demand": self.demand, "Machines": self.machines})

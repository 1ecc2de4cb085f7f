"""Frontier: what service costs, point by point; and the best service that money buys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from partsim.model.arrays import table_markup
from partsim.model.plan import Plan

if TYPE_CHECKING:
    import pandas as pd

Money = Literal["investment", "cost"]


@dataclass(frozen=True, eq=False)
class FrontierPoint:
    """
    The cheapest plan for one value of the target.

    Attributes
    ----------
    target : float
        Value of the target, in the unit of the frontier.
    plan : Plan
        With its certificate: cost, bound, gap and the values of all rows.
    investment : float
        Money in the stock levels: base stock times prices.
    """

    target: float
    plan: Plan
    investment: float


@dataclass(frozen=True, eq=False)
class Frontier:
    """
    Cost against service.

    Attributes
    ----------
    target : str
        What was varied, such as ``promise of key_account``.
    unit : str
        Unit of the target: ``share``, ``hours``, ``money``, or ``times`` for all promises
        together: the calls that may break them, as a multiple of those that may as promised.
    currency : str
        Of all money.
    points : tuple of FrontierPoint
        From the loosest target to the strictest; among those that keep all targets neither cost
        nor bound falls.
    seconds : float
        CPU time.
    simulated : DataFrame, optional
        What the plans of chosen points did when they were played out with the same random numbers,
        by `partsim.planning.frontier.play_frontier`: one row for each point and measure: point
        (from 1), target (the point's) [unit], measure (``cost``, a promise, or another target by
        its name), measure_unit (``money`` per year, ``share`` or ``hours``), wanted (NaN for
        cost), formula, simulated, simulated_low, simulated_high (95 %), kept (empty for cost).
    """

    target: str
    unit: str
    currency: str
    points: tuple[FrontierPoint, ...]
    seconds: float
    simulated: pd.DataFrame | None = None

    def to_frame(self) -> pd.DataFrame:
        """
        Give one row for each point.

        Returns
        -------
        DataFrame
            target [unit], cost and lower_bound [money per year], gap, reached (all targets),
            status, units, investment [money], and the value of every row under its name.
        """
        import pandas as pd

        table = []
        for point in self.points:
            proof = point.plan.certificate
            assert proof is not None  # a frontier's plans come from the optimiser
            facts = {
                "target": point.target,
                "cost": proof.plan_cost,
                "lower_bound": proof.lower_bound,
                "gap": proof.gap,
                "reached": not proof.missed,
                "status": proof.status,
                "units": int(point.plan.base_stock.sum()),
                "investment": point.investment,
            }
            table.append(facts | {row.name: row.value for row in proof.rows})
        return pd.DataFrame(table)

    def __repr__(self) -> str:
        return f"Frontier({self.target!r}, {len(self.points)} points)"

    def _repr_html_(self) -> str:
        return table_markup(repr(self), {"Points": self.to_frame()})


@dataclass(frozen=True, eq=False)
class BestService:
    """
    The best service for a budget, with the bound that no plan within it passes.

    Attributes
    ----------
    plan : Plan
        Grades and levels; without a certificate, because no target was set.
    measure : str
        What was optimised: ``promises``, ``backorders``, or a target such as
        ``availability of pump``.
    unit : 'share', 'units' or 'hours'
        Shares are to be large; units (machines that wait) and hours to be small.
    value : float
        What the plan reaches [unit].
    bound : float
        No plan within the budget does better [unit].
    money : 'investment' or 'cost'
        What the budget limits: money in the stock levels, or all cost per year.
    budget, spent : float
        Money allowed, and money that the plan takes.
    price : float
        What one more unit of money would better the measure at the margin, zero or more.
    seconds : float
        CPU time.
    """

    plan: Plan
    measure: str
    unit: str
    value: float
    bound: float
    money: Money
    budget: float
    spent: float
    price: float
    seconds: float

    @property
    def gap(self) -> float:
        """Share of what is left to avoid, waits or broken calls, that a better plan might."""
        left = 1 - self.value if self.unit == "share" else self.value
        return abs(self.value - self.bound) / left if left > 0 else 0.0

    @property
    def summary(self) -> dict[str, float | str]:
        """Everything but the levels, as plain values."""
        names = ("measure", "unit", "value", "bound", "gap", "money", "budget", "spent", "price",
                 "seconds")  # fmt: skip
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        return (
            f"BestService({self.measure} {self.value:.6g}, bound {self.bound:.6g}, "
            f"{self.money} {self.spent:,.0f} of {self.budget:,.0f})"
        )

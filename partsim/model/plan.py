"""Plan: the decision. A grade for each part, a stock level for each part and depot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from partsim.model.arrays import frozen_counts, table_markup

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Grading:
    """
    A grade for each part, and the score that made it.

    Attributes
    ----------
    part_ids : tuple of str
        Parts.
    grades : tuple of str
        Grade of each part.
    scores : ndarray of float, shape (part,)
        By the scenario's rule of grading, 0 to 1.
    criteria : mapping of str to ndarray of float, shape (part,)
        What the score is made of, each scaled from 0 to 1.
    cuts : mapping of str to float
        Least score of each grade but the last; infinite for a grade that no score reaches.
    by_score : tuple of str
        The grades by the scores alone, before the grading's rules for some parts.
    letters, made_by, moves : tuple of str
        Second letters (VED, XYZ), what made the grade, what would change it; empty if not asked.
    """

    part_ids: tuple[str, ...]
    grades: tuple[str, ...]
    scores: NDArray[np.float64]
    criteria: Mapping[str, NDArray[np.float64]]
    cuts: Mapping[str, float] = field(default_factory=dict)
    by_score: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    made_by: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row for each part: grade, score, criteria, and what explains it."""
        import pandas as pd

        head = {"part": self.part_ids, "grade": self.grades, "score": self.scores}
        explained = {name: getattr(self, name) for name in ("letters", "made_by", "moves")}
        said = {name: texts for name, texts in explained.items() if texts}
        return pd.DataFrame(head | dict(self.criteria) | said)

    def _repr_html_(self) -> str:
        return table_markup("Grades", {"Grades": self.table})


@dataclass(frozen=True)
class Row:
    """
    One target of the plan, and where the plan stands by the formulas.

    Attributes
    ----------
    name : str
        Such as ``promise of key_account``.
    target, value : float
        In `unit`; a promise is a share to reach, waits and budgets are not to be exceeded.
    best : float
        The best that any stock can reach [unit]; where targets contradict each other (a budget),
        what this plan reaches of those that it misses.
    unit : str
        ``share``, ``hours``, ``volume``, ``money``, ``orders per day`` or ``parts``.
    shadow_price : float
        Money per year that one unit (one percentage point, one hour, one unit of money) of
        the target costs at the margin; 0 where it does not bind.
    reached : bool
        Whether the value keeps the target.
    """

    name: str
    target: float
    value: float
    best: float
    unit: str
    shadow_price: float
    reached: bool

    def price_in_words(self, currency: str) -> str:
        """
        Say what a little more of the target costs or saves in a year.

        Parameters
        ----------
        currency : str
            Currency of the scenario.

        Returns
        -------
        str
            A sentence without its full stop; empty where the target does not bind or is not
            reached. A shadow price holds at the margin: a large step costs more or saves less.

        Examples
        --------
        >>> Row("promise of rail", 0.95, 0.951, 0.99, "share", 3123.4, True).price_in_words("CNY")
        'one percentage point more in the promise of rail costs 3,120 CNY per year'
        >>> Row("waiting time at west", 6, 6, 0.5, "hours", 310, True).price_in_words("CNY")
        'one hour less waiting time at west costs 310 CNY per year'
        >>> Row("budget", 2e6, 2e6, 0, "money", 0.07, True).price_in_words("CNY")
        '1,000 CNY more budget saves 70 CNY per year'
        """
        if self.shadow_price <= 0 or not self.reached:
            return ""
        if self.unit == "share":
            # A whole point more than 99 % would be a promise that nobody can keep.
            step, units = ("one", 1.0) if self.target <= 0.98 else ("a tenth of a", 0.1)
            what = f"{step} percentage point more in the {self.name} costs"
        elif self.unit == "hours":
            step, units = ("one hour", 1.0) if self.target >= 2 else ("one minute", 1 / 60)
            what = f"{step} less {self.name} costs"
        else:
            step, units = (f"1,000 {currency}", 1e3) if self.unit == "money" else ("one unit", 1.0)
            what = f"{step} more {self.name} saves"
        amount = float(f"{self.shadow_price * units:.3g}")
        return f"{what} {amount:,.10g} {currency} per year"


Status = Literal["optimal within gap", "time limit", "targets out of reach"]


@dataclass(frozen=True)
class Certificate:
    """
    What is proven of a plan.

    Attributes
    ----------
    plan_cost : float
        Expected money per year by the evaluation model.
    lower_bound : float
        No plan costs less in this model at the plan's grades, approval times and lots, or at any
        grades that the scenario's rules leave open [money per year].
    rows : tuple of Row
        Targets with values.
    seconds : float
        CPU time of the optimiser.
    out_of_time : bool
        Whether a time limit ended the search: cost and bound are the best until then.
    any_grades : bool
        Whether the bound holds for all grades that the scenario's rules leave open.
    """

    plan_cost: float
    lower_bound: float
    rows: tuple[Row, ...]
    seconds: float
    out_of_time: bool = False
    any_grades: bool = False

    @property
    def holds_for(self) -> str:
        """What the bound holds for, to be read after 'holds for'."""
        model = "the VARI-METRIC evaluation model at"
        if self.any_grades:
            return f"{model} all grades that the rules leave open, each with its approvals and lots"
        return f"{model} the grades, approval times and lot sizes of this plan"

    @property
    def gap(self) -> float:
        """(cost - bound) / bound."""
        if self.lower_bound <= 0:
            return 0.0 if self.plan_cost <= 0 else float("inf")
        return max(self.plan_cost - self.lower_bound, 0.0) / self.lower_bound

    @property
    def missed(self) -> tuple[Row, ...]:
        """Targets that no plan within the limits reaches."""
        return tuple(row for row in self.rows if not row.reached)

    @property
    def status(self) -> Status:
        """Why the search ended; after a time limit a missed target may be within reach."""
        if self.out_of_time:
            return "time limit"
        return "targets out of reach" if self.missed else "optimal within gap"


@dataclass(frozen=True, eq=False)
class Plan:
    """
    Grades and stock levels.

    Attributes
    ----------
    part_ids, depot_ids : tuple of str
        Names of the axes.
    grades : tuple of str, one for each part
        How the part is managed.
    base_stock : ndarray of int, shape (part, depot)
        Order up to this: the most on the shelf and on order together (S).
    order_quantity : ndarray of int, shape (part, depot)
        Lot Q; 1 is one-for-one. The reorder point is r = S - Q.
    certificate : Certificate, optional
        Cost, bound and targets, for a plan from the optimiser.
    grade_ids : tuple of str, optional
        All grades of the scenario, strictest first; if not given, those in use by name.

    Raises
    ------
    ValueError
        If shapes do not fit, a level is negative, a lot is below 1 or a reorder point below -1.
    """

    part_ids: tuple[str, ...]
    depot_ids: tuple[str, ...]
    grades: tuple[str, ...]
    base_stock: NDArray[np.int64]
    order_quantity: NDArray[np.int64]
    certificate: Certificate | None = field(default=None)
    grade_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.part_ids), len(self.depot_ids))
        for name in ("base_stock", "order_quantity"):
            array = frozen_counts(getattr(self, name))
            if array.shape != shape:
                raise ValueError(f"{name}: expected shape {shape}, got {array.shape}")
            object.__setattr__(self, name, array)
        object.__setattr__(self, "grade_ids", self.grade_ids or tuple(sorted(set(self.grades))))
        if len(self.grades) != shape[0] or set(self.grades) - set(self.grade_ids):
            known = ", ".join(self.grade_ids)
            raise ValueError(f"grades: expected {shape[0]} of {known}, got {self.grades}")
        if self.base_stock.min(initial=0) < 0:
            raise ValueError("base_stock: expected levels >= 0, got a negative one")
        if self.order_quantity.min(initial=1) < 1:
            raise ValueError("order_quantity: expected lots >= 1, got a smaller one")
        if self.reorder_point.min(initial=-1) < -1:
            raise ValueError(
                "reorder_point: expected base_stock - order_quantity >= -1, got less: "
                "a machine could wait for a lot that nobody orders"
            )

    @property
    def reorder_point(self) -> NDArray[np.int64]:
        """Order a lot when on hand and on order, less backorders, falls to this: r = S - Q."""
        return self.base_stock - self.order_quantity

    @property
    def grade_counts(self) -> dict[str, int]:
        """Number of parts in each grade."""
        return {grade: self.grades.count(grade) for grade in self.grade_ids}

    @property
    def stock(self) -> pd.DataFrame:
        """One row for each part and depot: the table that `partsim simulate --plan` reads."""
        import pandas as pd

        P, D = self.base_stock.shape
        return pd.DataFrame(
            {
                "part": np.repeat(np.array(self.part_ids, dtype=object), D),
                "depot": list(self.depot_ids) * P,
                "grade": np.repeat(np.array(self.grades, dtype=object), D),
                "base_stock": self.base_stock.ravel(),
                "reorder_point": self.reorder_point.ravel(),
                "order_quantity": self.order_quantity.ravel(),
            }
        )

    @property
    def rows(self) -> pd.DataFrame:
        """Targets with values, best reachable values and shadow prices; empty without a proof."""
        import pandas as pd

        names = ("name", "target", "value", "best", "unit", "shadow_price", "reached")
        rows = self.certificate.rows if self.certificate else ()
        table = {name: [getattr(row, name) for row in rows] for name in names}
        return pd.DataFrame(table).rename(columns={"name": "row"})

    def __repr__(self) -> str:
        text = f"Plan({len(self.part_ids)} parts, {len(self.depot_ids)} depots, "
        text += f"{int(self.base_stock.sum())} units"
        if self.certificate:
            proof = self.certificate
            text += f", {proof.plan_cost:,.0f} per year, bound {proof.lower_bound:,.0f}"
            text += f", gap {proof.gap:.2%}"
        return text + ")"

    def _repr_html_(self) -> str:
        wide = self.stock.pivot_table("base_stock", "part", "depot", sort=False).astype(int)
        tables = {"Base stock": wide.reset_index()}
        if self.certificate:
            tables["Targets"] = self.rows
        return table_markup(repr(self), tables)

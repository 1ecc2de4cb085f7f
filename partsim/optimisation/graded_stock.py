"""Stock under policies of grades: a `GradeProblem` from parts, and the levels that it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.argument_checks import non_negative, positive, share
from partsim.optimisation.grade_problem import GradeProblem
from partsim.optimisation.stock_problem import StockProblem

if TYPE_CHECKING:
    from partsim.kernels.grade_options import Policies, Shelves

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_YEAR = 365.0


@dataclass(frozen=True)
class GradePolicy:
    """
    One way of managing parts: how much to keep, and the way their orders go.

    A level is the least that meets both `fill_rate` and `wait_price`; with neither of them, parts
    are not stocked.

    Attributes
    ----------
    name : str
        What people call it.
    fill_rate : float
        Least share of demand met from the shelf at every depot, 0 to below 1.
    wait_price : float
        Money for a unit that waits one day, times the part's importance: another unit is kept if
        it saves more than it costs.
    approval_time : float
        Days that an order waits before its lead time starts.
    approval_cost : float
        Money for one approval; every unit of demand is ordered by itself.
    control_loss : float
        Loss without close control: share of the value of use.
    fixed_cost : float
        Money per year for having the policy at all.
    """

    name: str
    fill_rate: float = 0.0
    wait_price: float = 0.0
    approval_time: float = 0.0
    approval_cost: float = 0.0
    control_loss: float = 0.0
    fixed_cost: float = 0.0

    def __post_init__(self) -> None:
        share("fill_rate", self.fill_rate)
        for name in ("wait_price", "approval_time", "approval_cost", "control_loss", "fixed_cost"):
            non_negative(name, getattr(self, name))

    @property
    def way(self) -> tuple[float, float, float]:
        """How orders go: time, cost and loss."""
        return self.approval_time, self.approval_cost, self.control_loss


@dataclass(frozen=True, eq=False)
class GradedStock:
    """
    Parts whose stock follows policies, with the rows that all parts keep together.

    Attributes
    ----------
    problem : StockProblem
        Holding costs, demand, lead times and mean waits; without a central depot.
    price : ndarray of float, shape (part,)
        Value of a unit of use, for the control loss; zero or more.
    variance_ratio : ndarray of float, shape (part,)
        Variance over mean of the units in resupply, positive; 1 is Poisson demand.
    importance : ndarray of float, shape (part,)
        How much a waiting unit of the part counts under a price of waiting, positive.
    min_fill_rate : ndarray of float, shape (part,)
        Least fill rate under any policy, 0 to below 1, such as of critical parts.

    Examples
    --------
    >>> problem = StockProblem.single_tier([100.0, 2.0], [[0.1], [1.0]], [20.0, 10.0], wait=0.5)
    >>> stock = GradedStock.plain(problem)
    >>> policies = [GradePolicy("none"), GradePolicy("much", fill_rate=0.95)]
    >>> graded = stock.grade_problem(policies, most_grades=2)
    >>> graded.cost
    array([[  0., 600.],
           [  0.,  32.]])
    """

    problem: StockProblem
    price: Floats
    variance_ratio: Floats
    importance: Floats
    min_fill_rate: Floats

    def __post_init__(self) -> None:
        if self.problem.transport_time is not None:
            raise ValueError("problem: expected depots without a central one, got transport_time")
        rows = self.problem.rows
        if rows.late.any() or rows.limits_stock or self.problem.owed_cost.any():
            raise ValueError("problem: expected mean waits alone, got other targets or costs")
        checks = {
            "price": non_negative,
            "variance_ratio": positive,
            "importance": positive,
            "min_fill_rate": share,
        }
        for name, check in checks.items():
            value = check(name, getattr(self, name))
            if value.shape != self.problem.holding_cost.shape:
                expected, got = self.problem.holding_cost.shape, value.shape
                raise ValueError(f"{name}: expected shape {expected}, got {got}")
            object.__setattr__(self, name, value)

    @classmethod
    def plain(cls, problem: StockProblem, **more: Floats) -> GradedStock:
        """Make stock of parts that all count alike, with Poisson demand and no floors."""
        ones = np.ones(len(problem.holding_cost))
        usual = {
            "price": 0 * ones,
            "variance_ratio": ones,
            "importance": ones,
            "min_fill_rate": 0 * ones,
        }
        return cls(problem, **(usual | more))

    @property
    def yearly_demand(self) -> Floats:
        """Units per year, shape (part,)."""
        return np.asarray(self.problem.demand_rate.sum(axis=1) * _YEAR)

    def grade_problem(
        self,
        policies: Sequence[GradePolicy],
        most_grades: int,
        allowed: Flags | None = None,
    ) -> GradeProblem:
        """
        Tabulate what every part costs and uses under every policy.

        Parameters
        ----------
        policies : sequence of GradePolicy
            Policies that may become grades.
        most_grades : int
            Policies that may be open at once.
        allowed : ndarray of bool, shape (part, policy), optional
            Which policies a part may have; all if left out.

        Returns
        -------
        GradeProblem
            Its rows are those of the `StockProblem`, with limits of 1.
        """
        from partsim.kernels.grade_options import add_policies

        cost = self.order_cost(policies)
        use = np.zeros((len(self.problem.row_names), *cost.shape))
        add_policies(self.shelves(), self.kernel_policies(policies), cost, use)
        fixed = np.array([policy.fixed_cost for policy in policies])
        able = np.ones(cost.shape, bool) if allowed is None else allowed
        return GradeProblem(cost, use, np.ones(len(use)), most_grades, fixed, able)

    def levels(self, policies: Sequence[GradePolicy], chosen: Ints) -> Ints:
        """Give the base stock of every part at every depot under the policy chosen for it."""
        from partsim.kernels.grade_options import fill_levels

        level = np.empty(self.problem.demand_rate.shape, np.int64)
        fill_levels(self.shelves(), self.kernel_policies(policies), chosen, level)
        return level

    def order_cost(self, policies: Sequence[GradePolicy]) -> Floats:
        """Give approvals and control loss of every part under every policy, per year."""
        work = np.array([policy.approval_cost for policy in policies])
        loss = np.array([policy.control_loss for policy in policies])
        return self.yearly_demand[:, None] * (work + loss * self.price[:, None])

    def shelves(self) -> Shelves:
        """Bring the parts into the arrays of the kernels."""
        from partsim.kernels.grade_options import Shelves

        given = self.problem
        floats = (given.demand_rate, given.lead_time, self.variance_ratio, given.holding_cost)
        rate, lead_time, ratio, unit = (np.ascontiguousarray(array, float) for array in floats)
        weight = np.ascontiguousarray(given.row_weights)
        return Shelves(rate, lead_time, ratio, unit, weight, given.family)

    def kernel_policies(self, policies: Sequence[GradePolicy]) -> Policies:
        """Bring policies into the arrays of the kernels."""
        from partsim.kernels.grade_options import Policies

        fill_rate = np.array([policy.fill_rate for policy in policies])
        worth = np.array([policy.wait_price for policy in policies]) * _YEAR
        with np.errstate(divide="ignore"):
            unit_share = self.problem.holding_cost[:, None] / (self.importance[:, None] * worth)
        return Policies(
            np.array([float(policy.approval_time) for policy in policies]),
            1 - np.maximum(fill_rate, self.min_fill_rate[:, None]),
            unit_share,
        )

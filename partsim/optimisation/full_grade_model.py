"""Grades and parts as one PuLP problem: for audit, other solvers and small cases."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.grade_problem import GradeProblem
from partsim.optimisation.solver import Program


class FullGradeModel:
    """
    The whole choice as an integer program, a binary for every part and policy.

    Attributes
    ----------
    program : Program
        Rows, and a PuLP problem inside that any solver of PuLP can take.

    References
    ----------
    .. [1] M. A. Millstein, L. Yang and H. Li, Optimizing ABC inventory grouping decisions,
       International Journal of Production Economics 148 (2014) 71-80.

    Examples
    --------
    >>> problem = GradeProblem(cost=[[0, 5], [0, 1]], use=[[[2, 0], [2, 0]]], limit=[2.0],
    ...                        most_grades=2)
    >>> FullGradeModel(problem).solve(gap=0.0, nodes=1000)
    (array([0, 1]), 1.0, 1.0)
    """

    def __init__(self, problem: GradeProblem) -> None:
        self.program = program = Program("grades")
        self._shape = problem.cost.shape
        parts, policies = np.nonzero(problem.allowed)
        self._places = parts, policies
        x = [program.binary(f"x{p}_{g}") for p, g in zip(parts, policies, strict=True)]
        y = [program.binary(f"y{g}") for g in range(self._shape[1])]
        for part in range(self._shape[0]):
            terms = [(x[i], 1.0) for i in np.flatnonzero(parts == part)]
            program.equal(terms, 1.0, f"part{part}")
        for i, (p, g) in enumerate(zip(parts, policies, strict=True)):
            program.at_most([(x[i], 1.0), (y[g], -1.0)], 0.0, f"open{p}_{g}")
        program.at_most([(grade, 1.0) for grade in y], problem.most_grades, "grades")
        use = problem.use[:, parts, policies]
        for k, limit in enumerate(problem.limit):
            terms = [(x[i], use[k, i]) for i in np.flatnonzero(use[k])]
            program.at_most(terms, limit, f"row{k}")
        cost = problem.cost[parts, policies]
        self._x = x
        self._objective: list[tuple[Any, float]] = [
            *zip(x, cost, strict=True),
            *zip(y, problem.fixed_cost, strict=True),
        ]
        program.set_objective(self._objective)

    def solve(self, gap: float, nodes: int) -> tuple[NDArray[np.int64], float, float]:
        """
        Solve by HiGHS.

        Parameters
        ----------
        gap : float
            Relative gap at which it may stop.
        nodes : int
            Most nodes of branch and bound.

        Returns
        -------
        policy : ndarray of int, shape (part,)
            Policy of each part.
        cost, bound : float
            Money per year, and what no choice undercuts.
        """
        solution = self.program.minimise(self._objective, gap=gap, nodes=nodes)
        value = np.full(self._shape, -1.0)
        value[self._places] = [self.program.value(variable) for variable in self._x]
        return value.argmax(axis=1), solution.objective, solution.bound

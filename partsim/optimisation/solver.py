"""PuLP with HiGHS, on PuLP 3.3 and 4: the one place that knows the difference."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from partsim.errors import SolverFailed

Terms = Iterable[tuple[Any, float]]


@dataclass(frozen=True)
class Solution:
    """
    Answer of the solver.

    Attributes
    ----------
    objective : float
        Value of the objective.
    bound : float
        Proven lower bound; the objective itself for a linear program.
    """

    objective: float
    bound: float


class Program:
    """
    A minimisation in PuLP.

    Variables are PuLP's; every quantity that is minimised or bounded is a list of terms.

    Examples
    --------
    >>> program = Program("small")
    >>> x = program.variable("x", 0.0, None)
    >>> row = program.at_least([(x, 2.0)], 3.0, "enough")
    >>> program.minimise([(x, 4.0)]).objective, program.dual(row)
    (6.0, 2.0)
    """

    def __init__(self, name: str) -> None:
        # First, and here: an interrupt while PuLP imports it would pass for a missing solver.
        import highspy  # noqa: F401
        import pulp

        self._pulp = pulp
        self.problem = pulp.LpProblem(name, pulp.LpMinimize)

    def variable(self, name: str, low: float, high: float | None) -> Any:  # noqa: ANN401
        """Add a continuous variable."""
        return self.problem.add_variable(name, lowBound=low, upBound=high)

    def binary(self, name: str) -> Any:  # noqa: ANN401
        """Add a variable that is 0 or 1."""
        return self.problem.add_variable(name, lowBound=0, upBound=1, cat="Integer")

    def at_most(self, terms: Terms, limit: float, name: str) -> Any:  # noqa: ANN401
        """Add the row ``terms <= limit`` and give it back."""
        return self._row(self._expression(terms) <= limit, name)

    def at_least(self, terms: Terms, limit: float, name: str) -> Any:  # noqa: ANN401
        """Add the row ``terms >= limit`` and give it back."""
        return self._row(self._expression(terms) >= limit, name)

    def equal(self, terms: Terms, value: float, name: str) -> Any:  # noqa: ANN401
        """Add the row ``terms == value`` and give it back."""
        return self._row(self._expression(terms) == value, name)

    def set_objective(self, terms: Terms) -> None:
        """Say what is to be minimised."""
        self.problem.setObjective(self._expression(terms))

    def minimise(
        self,
        terms: Terms,
        gap: float = 0.0,
        nodes: int | None = None,
        seconds: float | None = None,
        start: dict[str, float] | None = None,
    ) -> Solution:
        """
        Solve.

        Parameters
        ----------
        terms : iterable of (variable, coefficient)
            Objective.
        gap : float
            Relative gap at which an integer program may stop.
        nodes : int, optional
            Most nodes of branch and bound: a limit that gives the same answer on every machine,
            which a time limit does not.
        seconds : float, optional
            Most seconds.
        start : dict of str to float, optional
            A solution of an integer program, by variable name. With a good one, the proof alone is
            sought: presolve, which takes longer than that, is left out.

        Returns
        -------
        Solution
            Best solution found; its values are in the variables.

        Raises
        ------
        SolverFailed
            If there is no solution.
        """
        self.set_objective(terms)
        # One number of threads for the life of the process: HiGHS answers nothing at all after
        # a change. Presolve is quadratic on programs with few rows and many columns.
        options: dict[str, Any] = {"msg": False, "threads": 1, "timeLimit": seconds}
        if nodes is None or start is not None:
            options["presolve"] = "off"
        if nodes is not None:
            exact = {"mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9}
            options |= {"gapRel": gap, "mip_max_nodes": nodes, **exact}
        try:
            self.problem.solve(self._solver(options, start))
        except KeyError as error:
            # PuLP 3.3 has no word for the node limit; it has read all values when it looks it up.
            if "kSolutionLimit" not in str(error):
                raise
        info = self.problem.solverModel.getInfo()
        if info.primal_solution_status != 2:  # HiGHS: 2 is feasible
            status = self.problem.solverModel.getModelStatus()
            raise SolverFailed(f"HiGHS found no solution of '{self.problem.name}': {status}")
        bound = info.mip_dual_bound if nodes is not None else info.objective_function_value
        return Solution(float(info.objective_function_value), float(bound))

    def _solver(self, options: dict[str, Any], start: dict[str, float] | None) -> Any:  # noqa: ANN401
        if start is None:
            return self._pulp.HiGHS(**options)
        if "warmStart" in inspect.signature(self._pulp.HiGHS.__init__).parameters:  # PuLP 4
            for variable in self.problem.variables():
                variable.setInitialValue(start[variable.name])
            return self._pulp.HiGHS(warmStart=True, **options)
        solver = self._pulp.HiGHS(**options)
        run = solver.callSolver

        def run_from_start(problem: Any) -> None:  # noqa: ANN401
            import highspy

            solution = highspy.HighsSolution()
            solution.col_value = [start[variable.name] for variable in problem.variables()]
            problem.solverModel.setSolution(solution)
            run(problem)

        solver.callSolver = run_from_start
        return solver

    @staticmethod
    def dual(row: Any) -> float:  # noqa: ANN401
        """Give the shadow price of a row after a linear program."""
        return float(row.pi or 0.0)

    @staticmethod
    def value(variable: Any) -> float:  # noqa: ANN401
        """Give the value of a variable after solving."""
        return float(variable.value() or 0.0)

    def _expression(self, terms: Terms) -> Any:  # noqa: ANN401
        affine = self._pulp.LpAffineExpression
        make = getattr(affine, "from_list", affine)  # PuLP 4, PuLP 3.3
        return make([(variable, float(factor)) for variable, factor in terms])

    def _row(self, row: Any, name: str) -> Any:  # noqa: ANN401
        added = self.problem.addConstraint(row, name)
        return row if added is None else added  # PuLP 3.3 returns nothing and keeps the row

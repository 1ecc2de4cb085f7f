"""The full model: every level of every part and depot as one integer program in PuLP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from partsim.demand.estimation import estimate_demand
from partsim.model.plan import Plan
from partsim.model.scenario import Scenario
from partsim.optimisation.certified_plans import bare_plan, build_model
from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.free_grades import grades_of_plan
from partsim.optimisation.options import evaluate_options
from partsim.optimisation.regional_network import regions_given
from partsim.optimisation.solver import Program

if TYPE_CHECKING:
    import pulp

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_VARIABLES = 200_000
"""Variables of the largest model that is written down."""

_WHOLE = 1e-5
"""How far from 0 and 1 a solver may leave a variable."""


def to_pulp(scenario: Scenario, *, allowed_miss: Floats | None = None) -> pulp.LpProblem:
    """
    Write the whole decision down as one integer program, for audit and for other solvers.

    One binary ``S__part__root__level`` says that the root keeps the level; given it, one binary
    ``S__part__field__level__root__level`` says the same of a field depot, so that the choices
    of a depot add up to the root's. A regional depot has such binaries for each level of the root,
    and its field depots for each of its own: ``__region__level__root__level`` then ends the name.
    One row for each target. The objective is the plan cost,
    costs that no level changes included as the variable ``fixed_costs``, which is 1.

    Parameters
    ----------
    scenario : Scenario
        The question; the grades follow from its rule of grading, as in `optimise`.
    allowed_miss : ndarray of float, shape (tier,) or longer, optional
        Share of calls that may break the promise by the formulas; by default one less the
        promised share.

    Returns
    -------
    pulp.LpProblem
        Not solved yet. It has no solution where `optimise` names a target as missed.

    Raises
    ------
    ValueError
        If it took more than 200,000 variables.

    Notes
    -----
    Levels end where the tables of `optimise` end, 7 standard deviations above the mean of the
    units in resupply. A level is left out where a lower one costs no more and uses no more of
    any target; nothing else is. Given the root's level a depot's choices are those of a single
    multiple choice, so that the relaxation is as strong as the Lagrangian bound of `optimise`.

    Rows are divided by their limits. Solvers take 1e-6 beyond a row for kept; to keep targets
    as strictly as `optimise` does, ask for 1e-9, as the example does. HiGHS takes coefficients
    below 1e-9 of a limit for 0, and says so.

    Examples
    --------
    >>> import pulp
    >>> from partsim import read_scenario
    >>> scenario = read_scenario("scenarios/first_steps.yaml")
    >>> problem = to_pulp(scenario)
    >>> strict = {"mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9}
    >>> status = problem.solve(pulp.HiGHS(msg=False, threads=1, **strict))
    >>> from_pulp(scenario, problem).base_stock.tolist()
    [[6], [32]]
    """
    # Free grades are those of the scenario's own targets: `from_pulp` must find the same ones.
    grades = grades_of_plan(scenario)
    model = build_model(scenario, estimate_demand(scenario), grades, allowed_miss=allowed_miss)
    least = sum(int((root.most - root.fewest + 1)[root.parts].sum()) for root in model.roots)
    if least > MOST_VARIABLES:
        raise _too_many(least)
    sums = _Sums([], [[] for _ in model.targets.limit], [])
    program = Program("partsim")
    names = _Names(scenario)
    for root in model.roots:
        for p in root.parts:
            _add_part(program, sums, names, root, int(p))
    fixed = program.variable("fixed_costs", 1.0, 1.0)
    program.set_objective([*sums.cost, (fixed, sum(model.fixed_costs.values()))])
    _add_targets(program, sums, model)
    return program.problem


def from_pulp(scenario: Scenario, problem: pulp.LpProblem) -> Plan:
    """
    Read the levels of a solved problem.

    Parameters
    ----------
    scenario : Scenario
        What `to_pulp` wrote the problem for.
    problem : pulp.LpProblem
        Solved, by whatever solver.

    Returns
    -------
    Plan
        Without a certificate; `evaluate` gives its costs and targets.

    Raises
    ------
    ValueError
        If the values are not those of a plan: not solved, without a solution, not whole, or of
        another scenario.
    """
    names = _Names(scenario)
    grades = grades_of_plan(scenario)
    model = build_model(scenario, estimate_demand(scenario), grades)
    base_stock = np.zeros(model.lot.shape, dtype=np.int64)
    left = {(int(p), root.depot) for root in model.roots for p in root.parts}
    for variable in problem.variables():
        value = float(variable.value() or 0.0)
        if variable.name == "fixed_costs" or abs(value) <= _WHOLE:
            continue
        if abs(value - 1) > _WHOLE:
            raise ValueError(f"problem: expected 0 or 1 for {variable.name}, got {value}")
        p, d, level = names.read(variable.name)
        base_stock[p, d] = level
        left.discard((p, d))
    if left:
        p, d = min(left)
        raise ValueError(
            f"problem: expected a solved one, got no level of {scenario.part_ids[p]} at "
            f"{scenario.depot_ids[d]}"
        )
    return bare_plan(model, base_stock)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Terms of the objective and of every row, and the binaries so far."""

    cost: list[tuple[Any, float]]
    uses: list[list[tuple[Any, float]]]
    binaries: list[Any]

    def add(self, variable: Any, cost: float, use: Floats) -> None:  # noqa: ANN401
        self.binaries.append(variable)
        if len(self.binaries) > MOST_VARIABLES:
            raise _too_many(len(self.binaries))
        self.cost.append((variable, cost))
        for k in np.flatnonzero(use):
            self.uses[k].append((variable, use[k]))


class _Names:
    """Names of variables that every solver reads, from the names of parts and depots."""

    def __init__(self, scenario: Scenario) -> None:
        self.parts = _short_names(scenario.part_ids, "part")
        self.depots = _short_names(scenario.depot_ids, "depot")
        self._part = {name: p for p, name in enumerate(self.parts)}
        self._depot = {name: d for d, name in enumerate(self.depots)}

    def write(self, p: int, d: int, level: int) -> str:
        """Name the level of a part at a depot."""
        return f"{self.parts[p]}__{self.depots[d]}__{level}"

    def read(self, name: str) -> tuple[int, int, int]:
        """Give part, depot and level of a name."""
        words = name.split("__")
        known = len(words) in (4, 6, 8) and words[1] in self._part and words[2] in self._depot
        if not known or not words[3].isdecimal():
            raise ValueError(f"problem: expected one of this scenario, got the variable {name}")
        return self._part[words[1]], self._depot[words[2]], int(words[3])


def _short_names(identifiers: tuple[str, ...], kind: str) -> list[str]:
    """Keep letters, digits and single underscores, 24 at most; number them if two are the same."""
    short = [re.sub("[^A-Za-z0-9]+", "_", name)[:24].strip("_") for name in identifiers]
    if all(short) and len(set(short)) == len(short):
        return short
    return [f"{kind}{i}_{name}".strip("_") for i, name in enumerate(short)]


@dataclass(frozen=True, eq=False)
class _Given:
    """The choice above: the variable that says it is taken, and how names say so."""

    variable: Any
    name: str


def _add_part(
    program: Program,
    sums: _Sums,
    names: _Names,
    root: RootNetwork,
    p: int,
    above: _Given | None = None,
) -> None:
    """Choose one level at the root, one at each field depot that goes with it, and at regions."""
    levels = np.arange(root.fewest[p], root.most[p] + 1)
    chosen = []
    given = "" if above is None else above.name
    for level, cost, use, cells in _choices(root, p, levels):
        y = program.binary(f"S__{names.write(p, root.depot, level)}{given}")
        sums.add(y, cost, use)
        chosen.append((y, 1.0))
        mine = _Given(y, f"__{names.depots[root.depot]}__{level}{given}")
        for d, table in cells:
            terms = []
            for field_level, field_cost, field_use in table:
                x = program.binary(f"S__{names.write(p, d, field_level)}{mine.name}")
                sums.add(x, field_cost, field_use)
                terms.append((x, 1.0))
            cell = f"cell__{names.parts[p]}__{names.depots[d]}{mine.name}"
            program.equal([*terms, (y, -1.0)], 0.0, cell)
        for region in regions_given(root, np.array([p]), np.array([level])):
            if p in region.parts:
                _add_part(program, sums, names, region, p, mine)
    row = f"part__{names.parts[p]}__{names.depots[root.depot]}{given}"
    if above is None:
        program.equal(chosen, 1.0, row)
    else:
        program.equal([*chosen, (above.variable, -1.0)], 0.0, row)


_Level = tuple[int, float, Floats]
_Cells = list[tuple[int, list[_Level]]]


def _choices(
    root: RootNetwork, p: int, levels: Ints
) -> Iterator[tuple[int, float, Floats, _Cells]]:
    """Give level, cost and use of the root, and the levels of each field depot that matter."""
    for options in evaluate_options(root, np.full(len(levels), p), levels):
        for i in np.flatnonzero(np.isfinite(options.central_cost)):
            cells: _Cells = []
            for j, d in enumerate(root.fields):
                cost = options.cost[i, j, :-1]
                use = options.use[:, i, j, :-1]
                kept = _undominated(cost, use)
                nothing = kept.tolist() == [0] and cost[0] == 0 and not use[:, 0].any()
                if not nothing:
                    cells.append((int(d), [(int(s), float(cost[s]), use[:, s]) for s in kept]))
            central = options.central_level[i], options.central_cost[i], options.central_use[i]
            yield int(central[0]), float(central[1]), central[2], cells


def _undominated(cost: Floats, use: Floats) -> Ints:
    """Give the levels that no lower one equals or beats in cost and every use."""
    no_more = (cost[:, None] <= cost) & (use[:, :, None] <= use[:, None, :]).all(axis=0)
    beaten = np.triu(no_more, k=1).any(axis=0)
    return np.flatnonzero(~beaten & np.isfinite(cost))


def _add_targets(program: Program, sums: _Sums, model: EvaluationModel) -> None:
    """Add a row for each target, divided by its limit so that solvers' tolerances are shares."""
    targets = model.targets
    scale = np.maximum(np.abs(targets.limit), 1e-6)
    limit = (targets.limit - targets.constant) / scale
    for k, terms in enumerate(sums.uses):
        scaled = [(variable, factor / scale[k]) for variable, factor in terms]
        name = re.sub("[^A-Za-z0-9]+", "_", targets.names[k])[:48]
        program.at_most(scaled, limit[k], f"row{k}__{name}")


def _too_many(count: int) -> ValueError:
    return ValueError(
        f"scenario: expected one that takes at most {MOST_VARIABLES:,} variables, got one that "
        f"takes at least {count:,}; use optimise(scenario), which proves its bound without "
        "writing the whole model down, or take fewer parts or depots"
    )

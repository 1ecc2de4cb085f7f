"""The core model: an integer program in PuLP over the options that matter at the right prices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.pool import Nearby, Pick
from partsim.optimisation.solver import Program

Floats = NDArray[np.float64]

MOST_OPTIONS = 1500
"""Options and levels near the prices; more cost PuLP and HiGHS seconds and bring nothing."""


@dataclass(frozen=True, eq=False)
class CoreSolution:
    """
    Best combination of nearby options.

    Attributes
    ----------
    chosen : list of Pick
        Levels of each part, for `OptionPool.find`; cost and use are not theirs.
    bound : float
        No combination of these options costs less [money per year].
    """

    chosen: list[Pick]
    bound: float


def solve_core(
    nearby: list[Nearby],
    limit: Floats,
    penalty: Floats,
    gap: float,
    *,
    nodes: int = 500,
    seconds: float | None = None,
) -> CoreSolution:
    """
    Choose one option for each part and one level for each cell, at least cost within the rows.

    Parameters
    ----------
    nearby : list of Nearby
        Options in the order of parts.
    limit, penalty : ndarray of float, shape (row,)
        As for `find_prices`; a row with an infinite penalty must hold.
    gap : float
        Relative gap to stop at.
    nodes : int
        Most nodes of branch and bound.
    seconds : float, optional
        Most seconds, where the whole search has a time limit; the answer then depends on the
        machine.

    Returns
    -------
    CoreSolution
        Rows may be broken at the penalty where these options cannot keep them.

    Raises
    ------
    SolverFailed
        If these options cannot keep the rows that must hold.
    """
    program = Program("core")
    sums = _Sums([], [[] for _ in limit])
    groups = groupby(nearby, key=lambda n: (n.pick.root, n.pick.part))
    parts = [_add_choice(program, sums, list(group), f"{g}") for g, (_, group) in enumerate(groups)]
    scale = np.maximum(np.abs(limit), 1e-6)
    for k, terms in enumerate(sums.uses):
        scaled = [(variable, factor / scale[k]) for variable, factor in terms]
        if np.isfinite(penalty[k]):
            broken = program.variable(f"broken{k}", 0.0, None)
            scaled.append((broken, -1.0))
            sums.cost.append((broken, penalty[k] * scale[k]))
        program.at_most(scaled, limit[k] / scale[k], f"row{k}")
    solution = program.minimise(sums.cost, gap=gap, nodes=nodes, seconds=seconds)
    return CoreSolution([part.taken(program) for part in parts], solution.bound)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Terms of the objective and of every row."""

    cost: list[tuple[object, float]]
    uses: list[list[tuple[object, float]]]

    def add(self, variable: object, cost: float, use: Floats | tuple[float, ...]) -> None:
        self.cost.append((variable, cost))
        for k in np.flatnonzero(use):
            self.uses[k].append((variable, use[k]))


@dataclass(frozen=True, eq=False)
class _Choice:
    """
    The variables of one part under a root or in a region.

    `options` are, for each option, its variable, pick, other levels (variable, field, level) and
    the choices in its regions.
    """

    options: list[tuple[object, Pick, list[tuple[object, int, int]], list[_Choice]]]

    def taken(self, program: Program) -> Pick:
        _, pick, others, regions = max(self.options, key=lambda option: program.value(option[0]))
        levels = list(pick.levels)
        for x, j, level in others:
            if program.value(x) > 0.5:
                levels[j] = level
        below = tuple(region.taken(program) for region in regions)
        return replace(pick, levels=tuple(levels), regions=below)


def _add_choice(
    program: Program, sums: _Sums, group: list[Nearby], name: str, above: object | None = None
) -> _Choice:
    """Choose one option if the one above is chosen, and one level of each of its cells."""
    options = []
    for o, option in enumerate(group):
        y = program.binary(f"y{name}_{o}")
        sums.add(y, option.pick.cost, option.pick.use)
        others = []
        for a, (j, level, cost, use) in enumerate(option.alternatives):
            x = program.binary(f"x{name}_{o}_{a}")
            sums.add(x, cost, use)
            others.append((x, j, level))
        for j in {j for _, j, _ in others}:
            terms = [(x, 1.0) for x, field, _ in others if field == j]
            program.at_most([*terms, (y, -1.0)], 0.0, f"cell{name}_{o}_{j}")
        regions = [
            _add_choice(program, sums, below, f"{name}_{o}r{r}", y)
            for r, below in enumerate(option.regions)
        ]
        options.append((y, option.pick, others, regions))
    chosen = [(y, 1.0) for y, *_ in options]
    if above is None:
        program.equal(chosen, 1.0, f"part{name}")
    else:
        program.equal([*chosen, (above, -1.0)], 0.0, f"part{name}")
    return _Choice(options)

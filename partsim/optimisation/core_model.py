"""The core model: an integer program in PuLP over the options that matter at the right prices."""

from __future__ import annotations

from dataclasses import dataclass
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
    chosen : list of (Pick, dict of field to level)
        Option of each part, and the fields' levels that differ from the pick's.
    bound : float
        No combination of these options costs less [money per year].
    """

    chosen: list[tuple[Pick, dict[int, int]]]
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
    objective: list[tuple[object, float]] = []
    uses: list[list[tuple[object, float]]] = [[] for _ in limit]
    choices = []

    def count(variable: object, cost: float, use: Floats | tuple[float, ...]) -> None:
        objective.append((variable, cost))
        for k in np.flatnonzero(use):
            uses[k].append((variable, use[k]))

    for g, (_, group) in enumerate(groupby(nearby, key=lambda n: (n.pick.root, n.pick.part))):
        options = []
        for o, option in enumerate(group):
            y = program.binary(f"y{g}_{o}")
            count(y, option.pick.cost, option.pick.use)
            levels = []
            for a, (j, level, cost, use) in enumerate(option.alternatives):
                x = program.binary(f"x{g}_{o}_{a}")
                count(x, cost, use)
                levels.append((x, j, level))
            for j in {j for _, j, _ in levels}:
                terms = [(x, 1.0) for x, field, _ in levels if field == j]
                program.at_most([*terms, (y, -1.0)], 0.0, f"cell{g}_{o}_{j}")
            options.append((y, option.pick, levels))
        program.equal([(y, 1.0) for y, _, _ in options], 1.0, f"part{g}")
        choices.append(options)
    scale = np.maximum(np.abs(limit), 1e-6)
    for k, terms in enumerate(uses):
        scaled = [(variable, factor / scale[k]) for variable, factor in terms]
        if np.isfinite(penalty[k]):
            broken = program.variable(f"broken{k}", 0.0, None)
            scaled.append((broken, -1.0))
            objective.append((broken, penalty[k] * scale[k]))
        program.at_most(scaled, limit[k] / scale[k], f"row{k}")
    solution = program.minimise(objective, gap=gap, nodes=nodes, seconds=seconds)
    chosen = []
    for options in choices:
        y, pick, levels = max(options, key=lambda option: program.value(option[0]))
        taken = {j: level for x, j, level in levels if program.value(x) > 0.5}
        chosen.append((pick, taken))
    return CoreSolution(chosen, solution.bound)

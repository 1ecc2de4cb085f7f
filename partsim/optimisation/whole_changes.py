"""Which changes of a choice to make, at least cost: linear program, rounding, integer program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.solver import Program

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_TURNS = 8
_PENALTY = 1e3
"""Price at which a row may be broken, as a multiple of the dearest change."""


def round_changes(cost: Floats, use: Floats, spare: Floats) -> Mask | None:
    """
    Choose changes at little cost whose uses add up to no more than is spare.

    The linear program leaves at most one change a row in parts; these are rounded to the side that
    uses less. Where a change uses less of one row and more of another, none may: then the limits
    are tightened by what is broken. What is spare at the end is given back, the dearest first.

    Parameters
    ----------
    cost : ndarray of float, shape (change,)
        Of each change; negative if it saves.
    use : ndarray of float, shape (change, row)
        What it adds to each row.
    spare : ndarray of float, shape (row,)
        What may be added; negative where something must be taken off.

    Returns
    -------
    ndarray of bool, shape (change,), or None
        None if none are found that keep the rows.

    Examples
    --------
    >>> use = np.array([[-2.0], [-1.0], [0.9]])
    >>> round_changes(np.array([5.0, 2.0, -1.0]), use, np.array([-0.5]))
    array([False,  True, False])
    """
    if (np.minimum(use, 0.0).sum(axis=0) > spare).any():
        return None
    least = np.where((use <= 0).all(axis=1), 1e-9, np.where((use >= 0).all(axis=1), 1 - 1e-9, 0.5))
    margin = np.zeros(len(spare))
    for _ in range(_TURNS):
        taken = _mix(cost, use, spare - margin) > least
        left = spare - use[taken].sum(axis=0)
        if (left >= 0).all():
            return _give_back(cost, use, taken, left)
        margin += np.maximum(-left, 0.0)
    return None


def _give_back(cost: Floats, use: Floats, taken: Mask, left: Floats) -> Mask:
    """Turn changes round that save then, the dearest first, as far as is left."""
    for i in np.argsort(-np.abs(cost), kind="stable"):
        more = -use[i] if taken[i] else use[i]
        if taken[i] == (cost[i] > 0) and (more <= left).all():
            taken[i] = not taken[i]
            left = left - more
    return taken


def _mix(cost: Floats, use: Floats, spare: Floats) -> Floats:
    """Solve the linear program; a row may be broken at a high price."""
    program = Program("changes")
    x = [program.variable(f"x{i}", 0.0, 1.0) for i in range(len(cost))]
    broken = []
    for k, scale, terms in _row_terms(x, use):
        broken.append(program.variable(f"broken{k}", 0.0, None))
        program.at_most([*terms, (broken[-1], -1.0)], spare[k] / scale, f"row{k}")
    dearest = float(np.abs(cost).max())
    terms = [(x[i], cost[i] / dearest) for i in range(len(cost))]
    program.minimise([*terms, *((variable, _PENALTY) for variable in broken)])
    return np.array([program.value(variable) for variable in x])


def choose_changes(
    cost: Floats,
    use: Floats,
    spare: Floats,
    cell: Ints,
    known: Mask | None,
    base: float,
    gap: float,
    nodes: int,
) -> tuple[Mask, float]:
    """
    Choose changes at least cost, at most one a cell, by PuLP.

    Parameters
    ----------
    cost, use, spare
        As for `round_changes`; any signs.
    cell : ndarray of int, shape (change,)
        Which cell a change is of.
    known : ndarray of bool, shape (change,), or None
        Changes that keep the rows, to start from, if any are known.
    base : float
        Cost without changes, positive: the gap is a share of the whole.
    gap : float
        Gap at which to stop; the solver's own tolerance of 1e-6 if smaller.
    nodes : int
        Most nodes of branch and bound.

    Returns
    -------
    taken : ndarray of bool, shape (change,)
        The changes.
    bound : float
        No changes lead to a lower cost, `base` included.

    Raises
    ------
    SolverFailed
        If no changes are found that keep the rows.
    """
    program = Program("core")
    x = [program.binary(f"x{i}") for i in range(len(cost))]
    for k, scale, terms in _row_terms(x, use):
        program.at_most(terms, spare[k] / scale, f"row{k}")
    order = np.argsort(cell, kind="stable")
    for same in np.split(order, np.flatnonzero(np.diff(cell[order])) + 1):
        if len(same) > 1:
            program.at_most([(x[i], 1.0) for i in same], 1.0, f"cell{cell[same[0]]}")
    one = program.variable("one", 1.0, 1.0)
    terms = [(x[i], cost[i] / base) for i in range(len(cost))]
    start = (
        None if known is None else {"one": 1.0} | {f"x{i}": float(v) for i, v in enumerate(known)}
    )
    found = program.minimise([*terms, (one, 1.0)], gap=gap, nodes=nodes, start=start)
    return np.array([program.value(each) > 0.5 for each in x], bool), found.bound * base


def _row_terms(x: list[Any], use: Floats) -> Iterator[tuple[int, float, list[tuple[Any, float]]]]:
    """Give number, scale and scaled terms of every row that changes use."""
    for k in range(use.shape[1]):
        scale = float(np.abs(use[:, k]).max(initial=0.0))
        if scale > 0:
            yield k, scale, [(x[i], use[i, k] / scale) for i in np.flatnonzero(use[:, k])]

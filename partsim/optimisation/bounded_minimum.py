"""The least value of a smooth convex function within bounds, by few numbers at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Function = Callable[[Floats], tuple[float, Floats]]

_MEMORY = 30
_HALVINGS = 12
_DOWN = 1e-4
"""Share of the fall that the slope promises which a step must bring."""
_FLAT = 1e-14
"""Falls by so little, relative, are none."""


def bounded_minimum(
    function: Function, start: Floats, low: Floats, high: Floats, steps: int
) -> Floats:
    """
    Walk down within bounds by projected quasi-Newton steps of limited memory.

    SciPy's L-BFGS-B does the same, but solves its small systems by LAPACK, whose threads wait for
    each other by spinning: on busy cores that took ten times the CPU time of all else.

    Parameters
    ----------
    function : callable
        Gives value and gradient at a point.
    start, low, high : ndarray of float, shape (n,)
        Where to start, and the bounds; `high` may be infinite.
    steps : int
        Most steps.

    Returns
    -------
    ndarray of float, shape (n,)
        Best point.

    References
    ----------
    .. [1] J. Nocedal, Updating quasi-Newton matrices with limited storage, Mathematics of
       Computation 35 (1980) 773-782.
    .. [2] D. P. Bertsekas, Projected Newton methods for optimization problems with simple
       constraints, SIAM Journal on Control and Optimization 20 (1982) 221-246.

    Examples
    --------
    >>> def bowl(x):
    ...     return float(((x - [1.0, -2.0]) ** 2).sum()), 2 * (x - [1.0, -2.0])
    >>> bounded_minimum(bowl, np.ones(2), np.zeros(2), np.full(2, np.inf), steps=9)
    array([1., 0.])
    """
    x = np.clip(start, low, high)
    value, slope = function(x)
    memory: list[tuple[Floats, Floats]] = []
    for _ in range(steps):
        free = ((x > low) | (slope < 0)) & ((x < high) | (slope > 0))
        way = -_times_inverse(memory, np.where(free, slope, 0.0), free)
        if way @ slope >= 0:  # what is remembered of the curvature misleads
            memory, way = [], np.where(free, -slope, 0.0)
        length = 1.0 if memory else 1.0 / max(np.abs(way).sum(), 1e-300)
        for _ in range(_HALVINGS):
            near = np.clip(x + length * way, low, high)
            found, found_slope = function(near)
            if found <= value + _DOWN * (slope @ (near - x)):
                break
            length /= 2
        else:
            if not memory:
                break
            memory = []
            continue
        fallen = value - found
        step, turn = near - x, found_slope - slope
        if step @ turn > 1e-16 * (turn @ turn):
            memory = [*memory, (step, turn)][-_MEMORY:]
        x, value, slope = near, found, found_slope
        if fallen <= _FLAT * max(abs(value), 1.0):
            break
    return x


def _times_inverse(
    memory: list[tuple[Floats, Floats]], slope: Floats, free: NDArray[np.bool_]
) -> Floats:
    """Multiply by the inverse of the curvature remembered, in the free directions alone."""
    way, kept = slope.copy(), []
    for step, turn in reversed(memory):
        s, y = np.where(free, step, 0.0), np.where(free, turn, 0.0)
        bend = s @ y
        if bend <= 1e-12 * (y @ y):
            continue
        share = (s @ way) / bend
        way -= share * y
        kept.append((share, bend, s, y))
    if kept:
        _, bend, _, y = kept[0]
        way *= bend / (y @ y)
    for share, bend, s, y in reversed(kept):
        way += (share - (y @ way) / bend) * s
    return way

"""Parts under at most so many policies: cost and use of every choice as plain arrays."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.argument_checks import non_negative, positive, whole

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_SETS = 500_000
"""Sets of policies that are all bounded; with more, choosing would take hours."""


@dataclass(frozen=True, eq=False)
class GradeProblem:
    """
    Choose at most so many policies, and one of them for every part, at least cost.

    Each row sums over all parts what their policies use of it, and has a limit.

    Attributes
    ----------
    cost : ndarray of float, shape (part, policy)
        Money per year of a part under a policy, zero or more.
    use : ndarray of float, shape (row, part, policy)
        What it uses of each row, zero or more.
    limit : ndarray of float, shape (row,)
        Limits of the rows, positive.
    most_grades : int
        Policies that may be open at once; each open policy is a grade.
    fixed_cost : ndarray of float, shape (policy,), optional
        Money per year for having a policy open, zero or more; nothing if left out.
    allowed : ndarray of bool, shape (part, policy), optional
        Which policies a part may have; all if left out.

    Examples
    --------
    >>> problem = GradeProblem(cost=[[0, 5], [0, 1]], use=[[[2, 0], [2, 0]]], limit=[2.0],
    ...                        most_grades=2)
    >>> problem.sets
    array([[0, 1]])
    """

    cost: Floats
    use: Floats
    limit: Floats
    most_grades: int
    fixed_cost: Floats = field(default_factory=lambda: np.zeros(0))
    allowed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))

    def __post_init__(self) -> None:
        cost = non_negative("cost", self.cost)
        if cost.ndim != 2 or not cost.size:
            raise ValueError(f"cost: expected shape (part, policy), got {cost.shape}")
        whole("most_grades", self.most_grades, 1)
        G = cost.shape[1]
        fixed = self.fixed_cost if np.size(self.fixed_cost) else np.zeros(G)
        allowed = self.allowed if np.size(self.allowed) else np.ones(cost.shape)
        values = {
            "cost": cost,
            "use": non_negative("use", self.use),
            "limit": positive("limit", self.limit),
            "fixed_cost": non_negative("fixed_cost", fixed),
            "allowed": np.asarray(allowed, bool),
            "most_grades": min(int(self.most_grades), G),
        }
        shapes = {
            "use": (np.size(self.limit), *cost.shape),
            "limit": (np.size(self.limit),),
            "fixed_cost": (G,),
            "allowed": cost.shape,
        }
        for name, shape in shapes.items():
            if np.shape(values[name]) != shape:
                got = np.shape(values[name])
                raise ValueError(f"{name}: expected shape {shape}, got {got}")
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self._refuse_impossible()

    def _refuse_impossible(self) -> None:
        nothing = np.flatnonzero(~self.allowed.any(axis=1))
        if len(nothing):
            raise ValueError(
                f"allowed: expected at least one policy for every part, got none for part "
                f"{nothing[0]} ({len(nothing)} in all)"
            )
        G = self.cost.shape[1]
        sets = sum(math.comb(G, size) for size in self.sizes)
        if sets > MOST_SETS:
            raise ValueError(
                f"most_grades: expected at most {MOST_SETS:,} sets of policies, got {sets:,} of "
                f"{self.most_grades} out of {G}; give fewer policies or grades"
            )

    @property
    def sizes(self) -> range:
        """Numbers of open policies that may be best: the most, unless being open costs money."""
        least = 1 if np.any(self.fixed_cost) else self.most_grades
        return range(least, self.most_grades + 1)

    @cached_property
    def sets(self) -> Ints:
        """Sets of policies, shape (set, most_grades), filled up with -1."""
        G = self.cost.shape[1]
        rows = [
            np.array(list(itertools.combinations(range(G), size)), np.int64) for size in self.sizes
        ]
        wide = [
            np.pad(row, ((0, 0), (0, self.most_grades - row.shape[1])), constant_values=-1)
            for row in rows
        ]
        return np.concatenate(wide)

    @cached_property
    def allowed_cost(self) -> Floats:
        """Cost, infinite where a policy is not allowed."""
        return np.where(self.allowed, self.cost, np.inf)

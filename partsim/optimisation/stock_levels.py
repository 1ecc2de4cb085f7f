"""The answer to a `StockProblem`: levels, what they cost, and what is proven about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StockLevels:
    """
    Levels chosen for a `StockProblem`.

    Attributes
    ----------
    central_level : ndarray of int, shape (part,)
        Base stock of the central depot; zeros without one.
    level : ndarray of int, shape (part, depot)
        Base stock of the depots.
    cost : float
        Holding cost [money per year].
    lower_bound : float
        No levels that keep the rows cost less, by VARI-METRIC with two echelons.
    use : ndarray of float, shape (row,)
        Mean wait over the wait allowed, or share of calls late over the share allowed, by the exact
        law; 1 or less keeps the row.
    price : ndarray of float, shape (row,)
        What one percent more of the wait or of late calls allowed saves [money per year].
    seconds : float
        CPU time.
    """

    central_level: Ints
    level: Ints
    cost: float
    lower_bound: float
    use: Floats
    price: Floats
    seconds: float

    @property
    def gap(self) -> float:
        """Distance of the cost from the bound, over the bound."""
        return (self.cost - self.lower_bound) / self.lower_bound if self.lower_bound else 0.0

"""The answer to a `StockProblem`: levels, what they cost, and what is proven about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.stock_rows import StockRows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class KeptRow:
    """
    One target, and what is reached of it.

    Attributes
    ----------
    name : str
        What the target is called.
    unit : str
        ``days``, ``share`` of calls, ``money`` or ``room``.
    limit, value : float
        What is asked for, and what the levels reach by the exact law.
    slack : float
        How much better than asked for that is; negative where the target is missed.
    price : float
        Money per year that is saved if one unit of the limit less is asked for: a day, one of
        money or room; of a share, one hundredth.
    """

    name: str
    unit: str
    limit: float
    value: float
    slack: float
    price: float


def kept_rows(rows: StockRows, use: Floats, prices: Floats) -> tuple[KeptRow, ...]:
    """Say row by row what a use means, and what the prices of all that a row allows do."""
    value, worth = rows.values(use), rows.worth(prices)
    return tuple(
        KeptRow(
            *(name, unit, float(rows.limit[k]), float(value[k])),
            slack=float((rows.limit[k] - value[k]) * (-1 if unit == "share" else 1)),
            price=float(worth[k] / (100 if unit == "share" else 1)),
        )
        for k, (name, unit) in enumerate(zip(rows.names, rows.units, strict=True))
    )


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
        Holding cost and cost of backorders [money per year].
    lower_bound : float
        No levels that keep the rows cost less; by VARI-METRIC with many parts under a central
        depot.
    use : ndarray of float, shape (row,)
        Mean wait, share of calls late, money or room over what is allowed, by the exact law; 1 or
        less keeps the row, of money and room also a billionth more.
    price : ndarray of float, shape (row,)
        What one percent more of the wait, late calls, money or room allowed saves [money per year].
    rows : tuple of KeptRow
        The same in the rows' own units.
    seconds : float
        CPU time.
    """

    central_level: Ints
    level: Ints
    cost: float
    lower_bound: float
    use: Floats
    price: Floats
    rows: tuple[KeptRow, ...]
    seconds: float

    @property
    def gap(self) -> float:
        """Distance of the cost from the bound, over the bound."""
        return (self.cost - self.lower_bound) / self.lower_bound if self.lower_bound else 0.0

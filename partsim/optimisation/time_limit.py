"""A time limit of the search: what is known when the time runs out."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.pool import Pick, Priced

Floats = NDArray[np.float64]


class OutOfTime(Exception):  # noqa: N818 - no error: the search ends with what it has
    """The time limit is over."""


@dataclass(eq=False)
class Watch:
    """
    The clock, and the best plan and bounds so far.

    Attributes
    ----------
    limit, penalty : ndarray of float, shape (row,)
        As for `find_prices`: by them the plans are compared.
    deadline : float
        When the search has to end, on `time.monotonic` [seconds]; infinite for no limit.
    picks : list of Pick
        The best plan so far.
    """

    limit: Floats
    penalty: Floats
    deadline: float
    picks: list[Pick] = field(default_factory=list)
    _least: float = np.inf
    _tried: list[tuple[Floats, float]] = field(default_factory=list)

    def look(self, prices: Floats, priced: Priced) -> None:
        """Remember what prices led to."""
        self._tried.append((prices, priced.bound))
        self.keep(priced.picks)

    def check(self, prices: Floats, priced: Priced) -> None:
        """Remember what prices led to; end the search if the time is over."""
        self.look(prices, priced)
        self.seconds_left()

    def keep(self, picks: list[Pick]) -> None:
        """Keep a plan that is better than those before: rows first, then cost."""
        use = np.sum([pick.use for pick in picks], axis=0)
        over = np.maximum(use - self.limit - 1e-9 * np.abs(self.limit), 0.0)
        value = sum(pick.cost for pick in picks) + float(self.penalty @ over)
        if value < self._least:
            self.picks, self._least = picks, value

    def seconds_left(self) -> float | None:
        """Give the seconds that are left, none without a limit; end the search at 0."""
        if self.deadline == np.inf:
            return None
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfTime
        return left

    def best_prices(self, limit: Floats) -> tuple[Floats, float]:
        """Give the prices tried that prove most for these limits, and the bound."""
        bounds = [bound - float(prices @ limit) for prices, bound in self._tried]
        best = int(np.argmax(bounds))
        return self._tried[best][0], bounds[best]

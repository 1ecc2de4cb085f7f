"""Lead times as they are drawn, order by order, and by how much they differ from their mean."""

from __future__ import annotations

from partsim.simulation.events import Clock
from partsim.simulation.streams import Draws, SameDraws


class LeadTimes:
    """
    Lead times of one shelf's orders with one supplier.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    draws : Draws
        One for each order.
    mean : float
        Of their distribution [days].

    Attributes
    ----------
    mean : float
        As given.
    constant : bool
        Whether all are the same.
    lateness : float
        Units times days above the mean, of the orders that by the mean come in the window: there
        they are missing. For each order the mean is exactly 0, as it is placed before its lead
        time is drawn.

    Examples
    --------
    >>> clock = Clock(start=0.0, end=10.0)
    >>> from partsim.lifetimes import Exponential
    >>> from partsim.simulation.streams import Streams
    >>> draws = Streams(seed=1, replication=0).draws(Exponential(4.0).quantile, "lead time")
    >>> times = LeadTimes(clock, draws, mean=4.0)
    >>> round(times.draw(0, units=2), 4), round(times.lateness, 4)
    (2.5604, -2.8793)
    """

    __slots__ = ("_clock", "_draws", "constant", "lateness", "mean")

    def __init__(self, clock: Clock, draws: Draws, mean: float) -> None:
        self._clock = clock
        self._draws = draws
        self.constant = isinstance(draws, SameDraws)
        # What is drawn may differ from the mean by a rounding error.
        self.mean = draws.draw(0, 0) if self.constant else mean
        self.lateness = 0.0

    def draw(self, k: int, units: int) -> float:
        """Draw the lead time of order k (from 0), which is placed now."""
        if self.constant:
            return self.mean
        time = self._draws.draw(0, k)
        if self._clock.measures(self._clock.now + self.mean):
            self.lateness += units * (time - self.mean)
        return time

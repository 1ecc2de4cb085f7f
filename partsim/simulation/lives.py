"""Lives of the components in a fleet's positions: the first by what is known of their age."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partsim.lifetimes import Distribution
from partsim.simulation.streams import Streams

Floats = NDArray[np.float64]


class Lives:
    """
    The lives of one part in all its positions of one fleet, one after another.

    Parameters
    ----------
    lifetime : Distribution
        Life of a new component.
    ages : ndarray of float, shape (position,)
        How long each position has worked at its start [days]: 0 in a new machine, infinite
        where nobody knows, which is equilibrium.
    streams : Streams
        The random numbers of the replication.
    fleet, part : str
        Their names, which name the random numbers.

    Examples
    --------
    >>> from partsim.lifetimes import Fixed
    >>> lives = Lives(Fixed(10.0), np.array([0.0, 25.0]), Streams(1, 0), "fleet", "pump")
    >>> lives.life(0, 0), lives.life(1, 0), lives.life(1, 1)
    (10.0, 5.0, 10.0)
    """

    __slots__ = ("_draws", "_first")

    def __init__(
        self, lifetime: Distribution, ages: Floats, streams: Streams, fleet: str, part: str
    ) -> None:
        self._first: list[float] = _first_lives(lifetime, ages, streams, fleet, part).tolist()
        self._draws = streams.draws(lifetime.quantile, "life", fleet, part, rows=len(ages))

    def life(self, row: int, k: int) -> float:
        """Give life k of a position: the first is what is left of one under way."""
        return self._first[row] if k == 0 else self._draws.draw(row, k - 1)


def _first_lives(
    lifetime: Distribution, ages: Floats, streams: Streams, fleet: str, part: str
) -> Floats:
    rows = ages.shape
    # Equilibrium: a random moment of a life that is under way at a random moment.
    moment = streams.uniforms("first moment", fleet, part, shape=rows)
    biased = streams.uniforms("first life", fleet, part, shape=rows)
    left = moment * lifetime.length_biased_quantile(biased)
    known = np.isfinite(ages)
    if not known.any():
        return left
    # Known ages: renewals since the position was new; its first life ends after the start.
    reached, k = np.where(known, 0.0, np.inf), 0
    while (young := reached <= ages).any():
        lives = lifetime.quantile(streams.uniforms("past life", fleet, part, k, shape=rows))
        reached, k = np.where(young, reached + lives, reached), k + 1
    return np.where(known, reached - np.where(known, ages, 0.0), left)

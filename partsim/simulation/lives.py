"""Lives of the components in a fleet's positions, and the planned replacements that end some."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from partsim.lifetimes import Distribution, Exponential
from partsim.lifetimes.capped import Capped
from partsim.lifetimes.power_law import age_of_failures, expected_failures
from partsim.model.upkeep import Upkeep
from partsim.simulation.streams import Draws, Streams

Floats = NDArray[np.float64]


class Lives(Protocol):
    """
    What happens in all the positions of one part in one fleet, one event after another.

    Attributes
    ----------
    planned : list of bool, one for each position
        Whether the event that `life` dated last is a planned replacement, no failure.
    """

    planned: list[bool]

    def life(self, row: int, k: int) -> float:
        """Give the working time of a position to event k (from 0), asked for in turn [days]."""


def lives_of(upkeep: Upkeep, ages: Floats, streams: Streams, fleet: str, part: str) -> Lives:
    """
    Give the lives of a part by what is done about them.

    Parameters
    ----------
    upkeep : Upkeep
        Its life and its replacement.
    ages : ndarray of float, shape (position,)
        How long each position has worked at its start [days]: 0 in a new machine, infinite
        where nobody knows, which is equilibrium.
    streams : Streams
        The random numbers of the replication.
    fleet, part : str
        Their names, which name the random numbers.

    Returns
    -------
    Lives
        The same random numbers for the same lives, whatever is done about them.
    """
    if upkeep.is_minimal:
        return MinimalRepair(upkeep, ages, streams, fleet, part)
    if upkeep.replace_every is not None:
        return BlockReplacement(upkeep, ages, streams, fleet, part)
    if isinstance(upkeep.cycle, Capped):
        return AgeReplacement(upkeep.cycle, ages, streams, fleet, part)
    return Renewals(upkeep.lifetime, ages, streams, fleet, part)


class Renewals:
    """
    Failures that renew the position.

    Examples
    --------
    >>> from partsim.lifetimes import Fixed
    >>> lives = Renewals(Fixed(10.0), np.array([0.0, 25.0]), Streams(1, 0), "fleet", "pump")
    >>> lives.life(0, 0), lives.life(1, 0), lives.life(1, 1)
    (10.0, 5.0, 10.0)
    """

    __slots__ = ("_draws", "_first", "planned")

    def __init__(
        self, lifetime: Distribution, ages: Floats, streams: Streams, fleet: str, part: str
    ) -> None:
        first, _ = _first_lives(lifetime, ages, streams, fleet, part)
        self._first: list[float] = first.tolist()
        self._draws = streams.draws(lifetime.quantile, "life", fleet, part, rows=len(ages))
        self.planned = [False] * len(ages)

    def life(self, row: int, k: int) -> float:
        """Give life k of a position: the first is what is left of one under way."""
        return self._first[row] if k == 0 else self._draws.draw(row, k - 1)


class AgeReplacement:
    """Failures and planned replacements at an age, each of which renews the position."""

    __slots__ = ("_age", "_draws", "_first", "_first_planned", "planned")

    def __init__(
        self, cycle: Capped, ages: Floats, streams: Streams, fleet: str, part: str
    ) -> None:
        self._age = cycle.age
        first, whole = _first_lives(cycle, ages, streams, fleet, part)
        self._first: list[float] = first.tolist()
        self._first_planned: list[bool] = (whole >= cycle.age).tolist()
        self._draws = streams.draws(cycle.quantile, "life", fleet, part, rows=len(ages))
        self.planned = [False] * len(ages)

    def life(self, row: int, k: int) -> float:
        """Give the time to the next failure, or to the age: the first of a cycle under way."""
        if k == 0:
            self.planned[row] = self._first_planned[row]
            return self._first[row]
        life = self._draws.draw(row, k - 1)
        self.planned[row] = life >= self._age
        return life


class BlockReplacement:
    """Lives that renew the position at failures, and all positions at fixed working times."""

    __slots__ = ("_draws", "_every", "_first", "_left", "planned")

    def __init__(
        self, upkeep: Upkeep, ages: Floats, streams: Streams, fleet: str, part: str
    ) -> None:
        self._every = upkeep.block or np.inf
        since = _since_block(self._every, ages, streams, fleet, part)
        lifetime = upkeep.lifetime
        first, _ = _first_lives(lifetime, since, streams, fleet, part)
        self._first: list[float] = first.tolist()
        self._left: list[float] = (self._every - since).tolist()
        self._draws = streams.draws(lifetime.quantile, "life", fleet, part, rows=len(ages))
        self.planned = [False] * len(ages)

    def life(self, row: int, k: int) -> float:
        """Give the time to the next failure or block."""
        life = self._first[row] if k == 0 else self._draws.draw(row, k - 1)
        left = self._left[row]
        self.planned[row] = life >= left
        self._left[row] = self._every if life >= left else left - life
        return min(life, left)


class MinimalRepair:
    """Failures that renew nothing: a Poisson process, its rate by age, until a replacement."""

    __slots__ = ("_age", "_draws", "_every", "_lifetime", "planned")

    def __init__(
        self, upkeep: Upkeep, ages: Floats, streams: Streams, fleet: str, part: str
    ) -> None:
        self._lifetime = upkeep.power_law
        self._every = upkeep.block or np.inf
        since = _since_block(self._every, ages, streams, fleet, part)
        self._age: list[float] = since.tolist()
        # Failures are a Poisson process of rate 1 in the expected failures.
        self._draws: Draws = streams.draws(
            Exponential(1.0).quantile, "life", fleet, part, rows=len(ages)
        )
        self.planned = [False] * len(ages)

    def life(self, row: int, k: int) -> float:
        """Give the time to the next failure or replacement."""
        age = self._age[row]
        expected = expected_failures(self._lifetime, age) + self._draws.draw(row, k)
        fails = float(age_of_failures(self._lifetime, expected))
        self.planned[row] = fails >= self._every
        self._age[row] = 0.0 if fails >= self._every else fails
        return max(min(fails, self._every) - age, 0.0)


def _since_block(every: float, ages: Floats, streams: Streams, fleet: str, part: str) -> Floats:
    """Give the working time since the last block; where nobody knows, at a random moment."""
    known = np.isfinite(ages)
    if np.isinf(every):
        return ages
    moment = every * streams.uniforms("first block", fleet, part, shape=ages.shape)
    return np.where(known, np.where(known, ages, 0.0) % every, moment)


def _first_lives(
    lifetime: Distribution, ages: Floats, streams: Streams, fleet: str, part: str
) -> tuple[Floats, Floats]:
    """Give what is left of the lives under way at the start, and these lives as a whole."""
    rows = ages.shape
    # Equilibrium: a random moment of a life that is under way at a random moment.
    moment = streams.uniforms("first moment", fleet, part, shape=rows)
    biased = streams.uniforms("first life", fleet, part, shape=rows)
    known = np.isfinite(ages)
    # Quantiles may take long: only of those that count.
    whole = np.zeros(rows)
    whole[~known] = lifetime.length_biased_quantile(biased[~known])
    left = moment * whole
    # Known ages: renewals since the position was new; its first life ends after the start.
    reached, k = np.where(known, 0.0, np.inf), 0
    while (young := known & (reached <= ages)).any():
        u = streams.uniforms("past life", fleet, part, k, shape=rows)
        whole[young] = lifetime.quantile(u[young])
        reached, k = np.where(young, reached + whole, reached), k + 1
    left[known] = reached[known] - ages[known]
    return left, whole

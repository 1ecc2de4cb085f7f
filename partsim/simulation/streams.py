"""Random numbers as a pure function of seed, replication, what they drive, and a count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from math import prod
from operator import index
from typing import Protocol, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
COLUMNS = 8
"""Draws of a row that are made at once, where nothing else is said."""


MOST_SEED = 2**63 - 1


def checked_seed(seed: SupportsIndex) -> int:
    """
    Give a seed as a plain whole number.

    Raises
    ------
    ValueError
        If it is none from 0 to 2**63 - 1, as scenarios have it.

    Examples
    --------
    >>> checked_seed(np.int64(7))
    7
    """
    try:
        number = index(seed)
    except TypeError:
        number = -1
    if not 0 <= number <= MOST_SEED:
        raise ValueError(f"seed: expected a whole number from 0 to 2**63 - 1, got {seed!r}")
    return number


class Streams:
    """
    Named streams of uniform numbers for one replication.

    A stream's numbers depend on nothing but the seed, the replication and the name, so two
    plans see the same failures, and a new part, depot or replication leaves all other numbers
    as they were.

    Parameters
    ----------
    seed : int
        Seed of the simulation, from 0 to 2**63 - 1.
    replication : int
        Number of the replication, from 0.

    Raises
    ------
    ValueError
        If the seed is none, or the replication below 0.

    Examples
    --------
    >>> Streams(seed=1, replication=0).uniforms("life", "pump", shape=(2,)).round(4)
    array([0.1691, 0.3008])
    """

    __slots__ = ("_generator", "replication", "seed")

    def __init__(self, seed: SupportsIndex, replication: int) -> None:
        self.seed = checked_seed(seed)
        if replication < 0:
            raise ValueError(f"replication: expected a whole number from 0, got {replication}")
        self.replication = replication
        self._generator = np.random.Philox(key=0)

    def uniforms(self, *name: str | int, shape: tuple[int, ...]) -> Floats:
        """
        Draw the first numbers of a stream, by a counter-based generator keyed by its name.

        Parameters
        ----------
        *name : str or int
            What the numbers drive.
        shape : tuple of int
            Shape of the result; more rows leave the first rows as they were.

        Returns
        -------
        ndarray of float
            Uniform in the open interval (0, 1): no quantile is infinite.
        """
        text = repr((self.seed, self.replication, *name)).encode()
        key = np.frombuffer(blake2b(text, digest_size=16).digest(), "<u8")
        # Another key at count 0; a new generator would take three times as long.
        self._generator.state = _FRESH | {"state": {"counter": _ZEROS, "key": key}}
        raw = self._generator.random_raw(prod(shape))
        return np.asarray(((raw >> np.uint64(12)) + 0.5) * 2.0**-52).reshape(shape)

    def draws(
        self,
        quantile: Callable[[ArrayLike], Floats],
        *name: str | int,
        rows: int = 1,
        columns: int = COLUMNS,
    ) -> Draws:
        """
        Give endless draws from a distribution, in rows.

        Parameters
        ----------
        quantile : callable
            Inverse of the distribution function, on arrays.
        *name : str or int
            What the numbers drive.
        rows : int
            Machines, positions or whatever draws side by side.
        columns : int
            Draws of each row that are made at once; another number gives other draws.
        """
        least, most = _ends(quantile)
        if least == most:
            return SameDraws(least)
        return StreamDraws(self, quantile, name, (rows, columns))


_ZEROS = np.zeros(4, np.uint64)
_FRESH = np.random.Philox(key=0).state
"""State of a generator that has drawn nothing."""


def the_uniform_itself(u: ArrayLike) -> Floats:
    """Give uniform numbers, to compare with a share."""
    return np.asarray(u, float)


_LEAST = 2.0**-53
"""Least number that `Streams.uniforms` gives."""


# Every fleet and replication asks for the same few.
@lru_cache(maxsize=4096)
def _ends(quantile: Callable[[ArrayLike], Floats]) -> tuple[float, float]:
    """Give the least and the most that can be drawn."""
    least, most = quantile(np.array([_LEAST, 1 - _LEAST])).tolist()
    return least, most


KEPT_BLOCKS = 32
"""Blocks of draws kept at most for rows that are behind; older ones are made again when asked
for, so that memory does not grow with the time that is played."""


class Draws(Protocol):
    """Endless draws in rows."""

    def draw(self, row: int, k: int) -> float:
        """Give draw k (from 0) of a row."""

    def block(self, row: int, number: int) -> list[float]:
        """Give the draws of a row that are made at once, the first of them number 0."""


class SameDraws:
    """
    Draws from a distribution of one value.

    Examples
    --------
    >>> from partsim.lifetimes import Fixed
    >>> Streams(seed=1, replication=0).draws(Fixed(14.0).quantile, "lead time").draw(0, 99)
    14.0
    """

    __slots__ = ("_value",)

    def __init__(self, value: float) -> None:
        self._value = value

    def draw(self, _row: int, _k: int) -> float:
        """Give the value."""
        return self._value

    def block(self, _row: int, _number: int) -> list[float]:
        """Give the value, as often as others draw at once."""
        return [self._value] * COLUMNS


class StreamDraws:
    """
    The k-th draw of each row, made in blocks when first asked for.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential
    >>> draws = Streams(seed=1, replication=0).draws(Exponential(14.0).quantile, "life", rows=2)
    >>> round(draws.draw(1, 99), 4), draws.draw(1, 99) == draws.draw(1, 99)
    (12.3496, True)
    """

    __slots__ = (
        "_blocks",
        "_columns",
        "_first",
        "_missing",
        "_name",
        "_quantile",
        "_shape",
        "_streams",
        "_values",
    )

    def __init__(
        self,
        streams: Streams,
        quantile: Callable[[ArrayLike], Floats],
        name: tuple[str | int, ...],
        shape: tuple[int, int],
    ) -> None:
        rows, self._columns = self._shape = shape
        self._streams = streams
        self._quantile = quantile
        self._name = name
        # Blocks, and how many rows have not come to each.
        self._blocks: dict[int, Floats] = {}
        self._missing: dict[int, int] = {}
        # The block that each row is at: number of its first draw, and its draws as plain floats.
        self._first = [-self._columns] * rows
        self._values: list[list[float]] = [[]] * rows

    def draw(self, row: int, k: int) -> float:
        """Give draw k (from 0) of a row."""
        column = k - self._first[row]
        if not 0 <= column < self._columns:
            column = self._turn(row, k)
        return self._values[row][column]

    def _turn(self, row: int, k: int) -> int:
        """Bring a row to the block of its draw k; give the draw's column."""
        number, column = divmod(k, self._columns)
        self._first[row] = k - column
        self._values[row] = self.block(row, number)
        return column

    def block(self, row: int, number: int) -> list[float]:
        """Give the draws of a row that are made at once, the first of them number 0."""
        if number not in self._blocks:
            u = self._streams.uniforms(*self._name, number, shape=self._shape)
            self._blocks[number] = self._quantile(u)
            self._missing[number] = self._shape[0]
            if len(self._blocks) > KEPT_BLOCKS:
                self._forget(next(iter(self._blocks)))
        values: list[float] = self._blocks[number][row].tolist()
        self._missing[number] -= 1
        if not self._missing[number]:
            self._forget(number)
        return values

    def _forget(self, number: int) -> None:
        """Drop a block; it is made again if a row asks for it."""
        del self._blocks[number], self._missing[number]


class JointDraws:
    """
    Draws of several kinds that are always asked for together, as tuples.

    Parameters
    ----------
    draws : sequence of Draws
        Of as many rows, `COLUMNS` at once.
    rows : int
        How many.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential
    >>> streams = Streams(seed=1, replication=0)
    >>> lives = streams.draws(Exponential(14.0).quantile, "life", rows=2)
    >>> both = JointDraws([lives, SameDraws(3.0)], 2)
    >>> both.draw(1, 99) == (lives.draw(1, 99), 3.0)
    True
    """

    __slots__ = ("_draws", "_first", "_same", "_values")

    def __init__(self, draws: Sequence[Draws], rows: int) -> None:
        self._draws = draws
        self._first = [-COLUMNS] * rows
        self._values: list[list[tuple[float, ...]]] = [[]] * rows
        self._same: tuple[float, ...] | None = None
        if all(isinstance(one, SameDraws) for one in draws):
            self._same = tuple(one.draw(0, 0) for one in draws)

    def draw(self, row: int, k: int) -> tuple[float, ...]:
        """Give draw k (from 0) of a row, kind by kind."""
        if self._same:
            return self._same
        column = k - self._first[row]
        if not 0 <= column < COLUMNS:
            number, column = divmod(k, COLUMNS)
            self._first[row] = k - column
            blocks = (draws.block(row, number) for draws in self._draws)
            self._values[row] = list(zip(*blocks, strict=True))
        return self._values[row][column]

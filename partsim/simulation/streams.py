"""Random numbers as a pure function of seed, replication, what they drive, and a count."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from math import prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Streams:
    """
    Named streams of uniform numbers for one replication.

    A stream's numbers depend on nothing but the seed, the replication and the name, so two
    plans see the same failures, and a new part, depot or replication leaves all other numbers
    as they were.

    Parameters
    ----------
    seed : int
        Seed of the simulation.
    replication : int
        Number of the replication, from 0.

    Examples
    --------
    >>> Streams(seed=1, replication=0).uniforms("life", "pump", shape=(2,)).round(4)
    array([0.1691, 0.3008])
    """

    __slots__ = ("replication", "seed")

    def __init__(self, seed: int, replication: int) -> None:
        self.seed = seed
        self.replication = replication

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
        key = int.from_bytes(blake2b(text, digest_size=16).digest(), "little")
        raw = np.random.Philox(key=key).random_raw(prod(shape))
        return np.asarray(((raw >> np.uint64(12)) + 0.5) * 2.0**-52).reshape(shape)

    def draws(
        self,
        quantile: Callable[[ArrayLike], Floats],
        *name: str | int,
        rows: int = 1,
        columns: int = 8,
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
        return Draws(self, quantile, name, (rows, columns))


class Draws:
    """
    The k-th draw of each row, made in blocks when first asked for.

    Examples
    --------
    >>> from partsim.lifetimes import Fixed
    >>> Streams(seed=1, replication=0).draws(Fixed(14.0).quantile, "lead time").draw(0, 99)
    14.0
    """

    __slots__ = ("_blocks", "_columns", "_name", "_quantile", "_shape", "_streams")

    def __init__(
        self,
        streams: Streams,
        quantile: Callable[[ArrayLike], Floats],
        name: tuple[str | int, ...],
        shape: tuple[int, int],
    ) -> None:
        self._streams = streams
        self._quantile = quantile
        self._name = name
        self._shape = shape
        self._columns = shape[1]
        # A memory view gives plain floats, which are faster in scalar work than numpy's.
        self._blocks: list[memoryview] = []

    def draw(self, row: int, k: int) -> float:
        """Give draw k (from 0) of a row."""
        block, column = divmod(k, self._columns)
        while block >= len(self._blocks):
            u = self._streams.uniforms(*self._name, len(self._blocks), shape=self._shape)
            self._blocks.append(self._quantile(u).data)
        value: float = self._blocks[block][row, column]
        return value

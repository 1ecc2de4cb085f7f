"""Allocation: who gets the next unit when several wait for it."""

from __future__ import annotations

from collections.abc import Sequence

from partsim.simulation.claims import Elsewhere, Request, Tally
from partsim.simulation.shelves import Shelf

NOBODY = 2**31
"""Rank after all customers."""


class DepotClaim:
    """A claim of a depot, as urgent as the most important customer who waits there now."""

    __slots__ = ("_shelf", "elsewhere", "kept_back", "tally")

    def __init__(self, tally: Tally, shelf: Shelf) -> None:
        self.tally = tally
        self.kept_back = 0
        self.elsewhere: tuple[Elsewhere, ...] = ()
        self._shelf = shelf

    @property
    def rank(self) -> int:
        """Rank of the best customer who waits at the depot."""
        return min((claim.rank for _, _, claim in self._shelf.waiting), default=NOBODY)


def most_important(waiting: Sequence[Request]) -> int:
    """
    Give the place in the queue of the request with the least rank, the oldest of these.

    Examples
    --------
    >>> from partsim.simulation.claims import Claim
    >>> queue = [(0.0, print, Claim(Tally(), rank=2)), (1.0, print, Claim(Tally(), rank=1))]
    >>> most_important(queue)
    1
    """
    return min(range(len(waiting)), key=lambda place: waiting[place][2].rank)

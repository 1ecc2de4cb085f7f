"""Allocation: who gets the next unit when several wait for it."""

from __future__ import annotations

from collections.abc import Sequence

from partsim.simulation.claims import Elsewhere, Request, Tally
from partsim.simulation.events import Clock
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


class ByRank:
    """
    The next is the request of least rank that may have the unit, of these the oldest.

    Long after the window (its length later) it is first come first served again: where calls
    outrun the supply, some would wait for ever, and the replication with them.

    Parameters
    ----------
    clock : Clock
        The simulated time.

    Examples
    --------
    >>> from partsim.simulation.claims import Claim
    >>> last, first = Claim(Tally(), rank=2, kept_back=1), Claim(Tally(), rank=1)
    >>> queue = [(0.0, print, last), (1.0, print, first)]
    >>> by_rank = ByRank(Clock(0.0, 10.0))
    >>> by_rank(queue, on_hand=1), by_rank(queue[:1], on_hand=0)
    (1, None)
    """

    __slots__ = ("_clock", "_until")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = clock.end + clock.window

    def __call__(self, waiting: Sequence[Request], on_hand: int) -> int | None:
        """Give the place in the queue, None if the unit is kept from all who wait."""
        if self._clock.now >= self._until:
            return 0
        able = [place for place, (_, _, claim) in enumerate(waiting) if on_hand >= claim.kept_back]
        return min(able, key=lambda place: waiting[place][2].rank, default=None)

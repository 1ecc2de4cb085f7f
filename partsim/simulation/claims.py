"""Claims: who asks a shelf for units, what is kept from him, and where else he may get them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Receive = Callable[[float], None]
"""Called when a unit is sure, with the date on which it is there: now or later [days]."""


class Tally:
    """Unit requests in the measured period: how many, how many from the shelf, total wait."""

    __slots__ = ("from_shelf", "requests", "waited")

    def __init__(self) -> None:
        self.requests = 0
        self.from_shelf = 0
        self.waited = 0.0


class Elsewhere(Protocol):
    """
    A place that a claim's units may come from when the shelf has none for it.

    Attributes
    ----------
    time : float
        Until the unit is at the depot that asks [days].
    """

    time: float

    def ship(self, receive: Receive) -> float | None:
        """Ship a unit that `receive` gets later; give the time it takes, or None if it cannot."""


class Claim:
    """
    What one kind of customer may ask of a shelf.

    Attributes
    ----------
    tally : Tally
        Where its requests count.
    rank : int
        Whose turn it is where priorities hold: the least first.
    kept_back : int
        Units on the shelf that are kept from it: its critical level.
    elsewhere : tuple of Elsewhere
        Where its units come from when the shelf has none for it, tried in this order; what
        none of them ships waits for the shelf.
    """

    __slots__ = ("elsewhere", "kept_back", "rank", "tally")

    def __init__(
        self,
        tally: Tally,
        rank: int = 0,
        kept_back: int = 0,
        elsewhere: tuple[Elsewhere, ...] = (),
    ) -> None:
        self.tally = tally
        self.rank = rank
        self.kept_back = kept_back
        self.elsewhere = elsewhere

    def not_urgent(self) -> Claim:
        """Give the claim of a refill that no machine waits for: nothing is shipped for it."""
        return Claim(self.tally, self.rank, self.kept_back)


class AnyClaim(Protocol):
    """What a shelf needs to know of a claim."""

    @property
    def tally(self) -> Tally:
        """Where its requests count."""

    @property
    def rank(self) -> int:
        """Turn among those who wait."""

    @property
    def kept_back(self) -> int:
        """Units that are kept from it."""

    @property
    def elsewhere(self) -> tuple[Elsewhere, ...]:
        """Other places that its units may come from."""


Request = tuple[float, Receive, AnyClaim]
"""Moment of the request, what receives the unit, and by which claim."""

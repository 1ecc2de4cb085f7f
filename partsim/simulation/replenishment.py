"""Replenishment: when a shelf orders, and how much; one function or class for each policy."""

from __future__ import annotations

from partsim.simulation.events import Clock, EventOrder
from partsim.simulation.shelves import NEVER, Shelf, Source


def review_periodically(
    clock: Clock, shelf: Shelf, cell: int, *, period: float, first: float
) -> None:
    """
    Let a shelf order at reviews only: (R,S), and with a reorder point below S - 1 (R,s,S).

    At a review the shelf orders up to S if on hand and on order, less who waits, is at the
    reorder point or below.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    shelf : Shelf
        At its starting position, with its policy of continuous review.
    cell : int
        Its number.
    period, first : float
        Time between reviews, and the first one [days].
    """
    reorder_point, level = shelf.reorder_point, shelf.reorder_point + shelf.order_quantity
    shelf.reorder_point = NEVER
    priority = EventOrder.REVIEW.priority(cell)

    def review() -> None:
        if shelf.position <= reorder_point:
            shelf.place_order(level - shelf.position)
        clock.at(clock.now + period, priority, review)

    clock.at(first, priority, review)


class UpToLevel:
    """
    Continuous review with orders up to the level: (s,S); a source before a shelf's own.

    The shelf asks for lots at its reorder point; when all of this moment has happened, what
    these lots leave missing is put to them, and all is one order.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    shelf : Shelf
        At its starting position.
    cell : int
        Its number.
    source : Source
        Who gets the orders.
    """

    __slots__ = ("_asked", "_clock", "_level", "_priority", "_shelf", "_source")

    def __init__(self, clock: Clock, shelf: Shelf, cell: int, source: Source) -> None:
        self._clock = clock
        self._shelf = shelf
        self._priority = EventOrder.REVIEW.priority(cell)
        self._level = shelf.reorder_point + shelf.order_quantity
        self._source = source
        self._asked = 0

    @property
    def measured_orders(self) -> int:
        """Orders to suppliers in the window."""
        return self._source.measured_orders

    @property
    def measured_units(self) -> int:
        """Units of these orders."""
        return self._source.measured_units

    @property
    def transit_days(self) -> float:
        """Time integral of the units between depots over the window [unit days]."""
        return self._source.transit_days

    @property
    def keeps_order(self) -> bool:
        """Whether the source does."""
        return self._source.keeps_order

    @property
    def undated(self) -> int:
        """Units ordered without a date, or about to be ordered in this moment."""
        return self._source.undated + self._asked

    def order(self, units: int) -> None:
        """Put units to the order of this moment."""
        if not self._asked:
            self._clock.at(self._clock.now, self._priority, self._send)
        self._asked += units

    def _send(self) -> None:
        missing = self._level - self._shelf.position
        self._shelf.position += missing
        units, self._asked = self._asked + missing, 0
        self._source.order(units)

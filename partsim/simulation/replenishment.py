"""Replenishment: when a shelf orders, and how much; one function for each policy."""

from __future__ import annotations

from partsim.simulation.events import Clock, EventOrder
from partsim.simulation.shelves import NEVER, Shelf


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

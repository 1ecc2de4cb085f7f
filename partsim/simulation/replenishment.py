"""Replenishment: when a shelf orders, and how much; one function or class for each policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from partsim.simulation.events import Clock, EventOrder
from partsim.simulation.shelves import NEVER, Shelf

if TYPE_CHECKING:
    from partsim.model.grading_rules import GradeRules


@dataclass(frozen=True, eq=False)
class Replenished:
    """
    A shelf that suppliers deliver to, for the policy by which it orders.

    Attributes
    ----------
    clock : Clock
        The simulated time.
    shelf : Shelf
        At its starting position, with its source and with r and Q as the plan has them.
    cell : int
        Its number.
    rules : GradeRules
        Of its part's grade.
    phase : callable
        Gives a random share of a period, the same for all parts of a grade at a depot.
    least : int
        Least units that the supplier delivers, in whole packs.
    pack : int
        He delivers multiples of this.
    """

    clock: Clock
    shelf: Shelf
    cell: int
    rules: GradeRules
    phase: Callable[[], float]
    least: int
    pack: int

    @property
    def level(self) -> int:
        """The level S = r + Q [units]."""
        return self.shelf.reorder_point + self.shelf.order_quantity


def in_lots(_at: Replenished) -> None:
    """Let the shelf order by itself: (r,Q), one-for-one with Q = 1."""


def up_to_level(at: Replenished) -> None:
    """Let orders be of whatever is missing to the level: (s,S)."""
    at.shelf.source = UpToLevel(at)


def at_reviews(at: Replenished) -> None:
    """
    Let a shelf order at reviews only: (R,S), and with a reorder point below S - 1 (R,s,S).

    At a review the shelf orders up to S, as far as whole packs reach, if on hand and on order,
    less who waits, is at the reorder point or below and enough is missing for an order, or
    somebody waits for a unit that is not on order.
    """
    clock, shelf, period = at.clock, at.shelf, at.rules.review_period
    assert period is not None
    level, every = at.level, period
    # Nobody waits for others to fail before enough is missing: then there is some in excess.
    reorder_point = min(shelf.reorder_point, max(level - at.least, -1))
    shelf.reorder_point = NEVER
    priority = EventOrder.REVIEW.priority(at.cell)

    def review() -> None:
        if shelf.position <= reorder_point:
            missing = level - shelf.position
            shelf.place_order(max(missing - missing % at.pack, at.least))
        clock.at(clock.now + every, priority, review)

    clock.at(at.phase() * every, priority, review)


class UpToLevel:
    """
    Continuous review with orders up to the level: (s,S); a source before a shelf's own.

    The shelf asks for lots at its reorder point; when all of this moment has happened, what
    these lots leave missing is put to them, and all is one order.

    Parameters
    ----------
    at : Replenished
        The shelf; its source gets the orders.
    """

    __slots__ = ("_asked", "_clock", "_level", "_priority", "_shelf", "_source")

    def __init__(self, at: Replenished) -> None:
        self._clock = at.clock
        self._shelf = at.shelf
        self._priority = EventOrder.REVIEW.priority(at.cell)
        self._level = at.level
        self._source = at.shelf.source
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


POLICIES: dict[str, Callable[[Replenished], None]] = {
    "lots": in_lots,
    "up_to": up_to_level,
    "reviews": at_reviews,
}
"""By name, as `GradeRules.policy` gives it."""

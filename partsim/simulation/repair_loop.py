"""The repair loop: used units come back and are repaired, or condemned and bought anew."""

from __future__ import annotations

from functools import partial

from partsim.simulation.events import Clock, EventOrder
from partsim.simulation.servers import Servers
from partsim.simulation.shelves import Shelf, Source
from partsim.simulation.streams import Draws


class RepairLoop:
    """
    The source of the shelf that used units of a part return to.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    shelf : Shelf
        Who gets what is repaired.
    cell : int
        Its number.
    shop : Servers
        Who repairs, for all parts of the shop.
    draws : (Draws, Draws, Draws)
        Times of return, uniforms that condemn, and works of repair.
    condemned : float
        Share of the units that cannot be repaired.
    new_units : Source
        Where the new ones for these are bought.

    Attributes
    ----------
    repairs : int
        Units that reached the shop in the window.
    returned : int
        Used units that were sent on their way, since the beginning.
    returning : int
        Units on their way to the shop now.
    repair_days : float
        Time integral over the window of the units that return or are in the shop [unit days].
    new_units : Source
        As given.
    keeps_order : bool
        Never: a unit that is bought overtakes one that is repaired.
    """

    __slots__ = (
        "_clock",
        "_condemned",
        "_draws",
        "_priority",
        "_shelf",
        "_shop",
        "new_units",
        "repair_days",
        "repairs",
        "returned",
        "returning",
    )
    keeps_order = False

    def __init__(
        self,
        clock: Clock,
        shelf: Shelf,
        cell: int,
        shop: Servers,
        draws: tuple[Draws, Draws, Draws],
        condemned: float,
        new_units: Source,
    ) -> None:
        self._clock = clock
        self._shelf = shelf
        self._priority = EventOrder.RECEIPT.priority(cell)
        self._shop = shop
        self._draws = draws
        self._condemned = condemned
        self.new_units = new_units
        self.returned = 0
        self.repairs = 0
        self.returning = 0
        self.repair_days = 0.0

    @property
    def measured_orders(self) -> int:
        """Orders of new units in the window."""
        return self.new_units.measured_orders

    @property
    def measured_units(self) -> int:
        """Units of these orders."""
        return self.new_units.measured_units

    @property
    def transit_days(self) -> float:
        """Nothing is on its way between depots."""
        return self.new_units.transit_days

    @property
    def undated(self) -> int:
        """Units that return, or wait for approval of their purchase."""
        return self.returning + self.new_units.undated

    def order(self, units: int) -> None:
        """Send as many used units on their way back as were taken."""
        returns, _, _ = self._draws
        for _ in range(units):
            k = self.returned
            self.returned += 1
            self.returning += 1
            self.repair_days += self._clock.left(self._clock.now)
            back = self._clock.now + returns.draw(0, k)
            self._clock.at(back, self._priority, partial(self._come_back, k))

    def _come_back(self, k: int) -> None:
        clock = self._clock
        _, fates, works = self._draws
        self.returning -= 1
        if fates.draw(0, k) < self._condemned:
            self.repair_days -= clock.left(clock.now)
            self.new_units.order(1)
            return
        self.repairs += clock.measures(clock.now)
        repaired = self._shop.accept(clock.now, works.draw(0, k))
        self._shelf.expect(1, repaired)
        self.repair_days -= clock.left(repaired)

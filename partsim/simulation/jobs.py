"""Jobs: which parts a failure takes, what goes along, and what comes back unused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from partsim.simulation.claims import AnyClaim
from partsim.simulation.consignment import Consignment
from partsim.simulation.events import Clock, Signal
from partsim.simulation.shelves import Shelf
from partsim.simulation.streams import Draws, Streams, the_uniform_itself

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simpy.events import EventPriority

    from partsim.model.scenario import Scenario
    from partsim.model.tier_phases import Phase


Store = Shelf | Consignment
"""Where the calls of a fleet get a part."""


class Item(NamedTuple):
    """One unit that a job takes: where, and how a call or a customer's refill asks there."""

    shelf: Store
    claim: AnyClaim
    refill: AnyClaim


class Load(NamedTuple):
    """What one visit takes: parts to wait for, parts found out to be missing, parts on loan."""

    wanted: tuple[Item, ...]
    lacking: tuple[Item, ...] = ()
    lent: tuple[Item, ...] = ()


NOTHING = Load(())


@dataclass(frozen=True)
class Perhaps:
    """A part that a failure takes only sometimes."""

    item: Item
    share: float
    needed: Draws


class Job:
    """
    The parts that the failures of one part in one fleet take.

    Parameters
    ----------
    certain : tuple of Item
        The units that every failure takes.
    perhaps : tuple of Perhaps
        What some failures take besides.
    known : bool
        Whether the diagnosis by phone tells what is needed; if not, one of each that the shelf
        has is borrowed, and what is not there is found out at the machine.
    """

    __slots__ = ("_known", "_perhaps", "certain")

    def __init__(
        self, certain: tuple[Item, ...], perhaps: tuple[Perhaps, ...], *, known: bool
    ) -> None:
        self.certain = Load(certain)
        self._perhaps = perhaps
        self._known = known

    @property
    def is_plain(self) -> bool:
        """Whether every failure takes one unit."""
        return not self._perhaps and len(self.certain.wanted) == 1

    def load(self, row: int, k: int) -> Load:
        """Load for call k of a position; what is borrowed leaves the shelf now."""
        if not self._perhaps:
            return self.certain
        wanted, lacking, lent = list(self.certain.wanted), [], []
        for part in self._perhaps:
            needed = part.needed.draw(row, k) < part.share
            if needed and (self._known or part.item.shelf.has_for(part.item.claim)):
                wanted.append(part.item)
            elif needed:
                lacking.append(part.item)
            elif not self._known and part.item.shelf.lend(part.item.claim):
                lent.append(part.item)
        return Load(tuple(wanted), tuple(lacking), tuple(lent))


class AllParts(Signal):
    """
    The moment at which the last of several parts is there.

    Attributes
    ----------
    date : float
        When that is, once it is known [days].
    """

    def __init__(self, clock: Clock, order: EventPriority) -> None:
        super().__init__(clock, order)
        self.missing = 0
        self.date = 0.0

    @property
    def came(self) -> bool:
        """Whether all are there."""
        return not self.missing and self.date <= self._clock.now

    def ask(self, items: Sequence[Item]) -> bool:
        """Ask for every unit; tell whether all are there at once."""
        # One more, so that nothing fires before all are asked for.
        self.missing = len(items) + 1
        here = sum(item.shelf.request(self._arrive, item.claim) for item in items)
        self.missing -= here
        if here < len(items):
            self._arrive(self._clock.now)
        return here == len(items)

    def _arrive(self, date: float) -> None:
        self.missing -= 1
        self.date = max(self.date, date)
        if not self.missing:
            self.fire_at(self.date)


def job_of(
    scenario: Scenario, phase: Phase, part: str, stores: Sequence[Store], streams: Streams
) -> Job:
    """
    Set up the job of a part's failures in a fleet and tier.

    Parameters
    ----------
    scenario : Scenario
        What is.
    phase : Phase
        The fleet, and the tier that its machines are in.
    part : str
        The part that fails.
    stores : sequence of Shelf or Consignment, by part
        Where the fleet gets its parts.
    streams : Streams
        The random numbers of the replication.
    """
    entry, (fleet, tier) = scenario.parts[part], phase
    name = scenario.fleet_ids[fleet]

    def item(of: str) -> Item:
        shelf = stores[scenario.part_ids.index(of)]
        claim = shelf.claim_of(tier)
        return Item(shelf, claim, claim.not_urgent())

    certain = [item(part)]
    for other, units in entry.needs.items():
        certain += [item(other)] * units
    rows = len(scenario.installed_bases[fleet])
    rows *= scenario.machines[scenario.fleets[fleet].machine].positions[part]
    perhaps = (
        Perhaps(
            item(other),
            share,
            streams.draws(the_uniform_itself, "need", name, part, other, rows=rows),
        )
        for other, share in entry.may_need.items()
    )
    known = scenario.service.parts_taken == "needed"
    return Job(tuple(certain), tuple(perhaps), known=known)

"""Conservation: what must hold of the supply side after every event, whatever the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from partsim.simulation.balances import Balances
from partsim.simulation.events import Clock
from partsim.simulation.replication import Network
from partsim.simulation.shelves import NEVER, Shelf
from partsim.simulation.supply_network import SupplyNetwork


def run_checked(network: Network) -> None:
    """
    Run a replication as `Network.run` does, and check every law after every event: slow.

    Parameters
    ----------
    network : Network
        Ready to run.

    Raises
    ------
    RuntimeError
        With the sentences of the laws that broke, at the first event after which one did.

    Examples
    --------
    >>> import numpy as np
    >>> from partsim import Plan, read_scenario
    >>> from partsim.simulation.replication import build
    >>> scenario = read_scenario("scenarios/first_steps.yaml", ["simulation.years=0.1"])
    >>> ones = np.ones((2, 1), int)
    >>> plan = Plan(scenario.part_ids, scenario.depot_ids, ("A", "C"), ones, ones)
    >>> run_checked(build(scenario, plan, seed=1, replication=0))
    """
    clock, balances = network.clock, Balances(network)
    while clock.peek() < clock.end or clock.unfinished:
        balances.pass_time(clock.peek())
        clock.step()
        # Long after the window nothing is kept back any more.
        if clock.now < clock.end + clock.window:
            _raise(clock, [*broken_laws(network.supply), *balances.broken()])
    balances.pass_time(clock.end)  # nothing happens any more before it
    _raise(clock, list(balances.broken_at_the_end()))


def _raise(clock: Clock, broken: Sequence[str]) -> None:
    if broken:
        raise RuntimeError(f"after {clock.now:.6f} days: " + "; ".join(broken))


def broken_laws(supply: SupplyNetwork) -> list[str]:
    """
    Say which laws of conservation do not hold now.

    Parameters
    ----------
    supply : SupplyNetwork
        Between two events.

    Returns
    -------
    list of str
        Empty if units and requests are where they belong.
    """
    broken = []
    for p, shelves in enumerate(supply.shelves):
        owed = Counter(
            id(getattr(receive, "__self__", None))
            for shelf in shelves
            for _, receive, _ in shelf.untold
        )
        for d, shelf in enumerate(shelves):
            laws = _laws(shelf, owed[id(shelf.source)])
            broken += [f"part {p} at depot {d}: {law}" for law in laws]
        for d in range(len(shelves)):
            for shipments in supply.shipments.get((p, d), []):
                if shipments.under_way < 0:
                    broken.append(f"part {p} to depot {d}: more came from elsewhere than was sent")
    return broken


def _laws(shelf: Shelf, owed: int) -> Iterator[str]:
    on_hand = shelf.on_hand
    if on_hand < 0:
        yield f"{on_hand} units on the shelf"
    if shelf.on_order != shelf.source.undated + shelf.expected + owed:
        yield (
            f"{shelf.on_order} units on order, but {shelf.source.undated} without a date, "
            f"{shelf.expected} on their way and {owed} waited for at another depot"
        )
    if any(on_hand > claim.kept_back for _, _, claim in shelf.waiting):
        yield "somebody waits for a unit that he may have"
    if shelf.reorder_point != NEVER:
        level = shelf.reorder_point + shelf.order_quantity
        if not shelf.reorder_point < shelf.position <= level:
            yield f"position {shelf.position}, neither above {shelf.reorder_point} nor at {level}"

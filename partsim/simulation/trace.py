"""What happened in one replication: event by event, and the stock of a part over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.simulation.events import EventOrder
from partsim.simulation.replication import Network, build

if TYPE_CHECKING:
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario

Integers = NDArray[np.int64]


def trace(
    scenario: Scenario, plan: Plan, *, seed: int | None = None, replication: int = 0
) -> pd.DataFrame:
    """
    Play one replication and write down everything that happens, in its order.

    Parameters
    ----------
    scenario : Scenario
        What is.
    plan : Plan
        Grades and stock levels for the scenario's parts and depots.
    seed : int, optional
        The scenario's if not given.
    replication : int
        Which one of the simulation, from 0.

    Returns
    -------
    DataFrame
        One row for each event, warm-up included: day, event (the names of `EventOrder`, in small
        letters), part and depot where units arrive, are ordered by customers or are counted, fleet
        and machine (from 0, in its fleet) where one calls or is repaired, group of technicians
        where a shift begins; empty text and -1 for what an event does not have.

    Examples
    --------
    >>> import numpy as np
    >>> from partsim import Plan, read_scenario
    >>> scenario = read_scenario("scenarios/first_steps.yaml", ["simulation.years=1"])
    >>> parts, depots = scenario.part_ids, scenario.depot_ids
    >>> levels = np.full((len(parts), len(depots)), 99)
    >>> plan = Plan(parts, depots, ("C",) * len(parts), levels, np.ones_like(levels))
    >>> events = trace(scenario, plan)
    >>> sorted(events["event"].unique())
    ['demand', 'receipt']
    """
    network = _watched(scenario, plan, seed, replication)
    days, priorities = [], []
    for _ in _steps(network):
        days.append(network.clock.now)
        priorities.append(network.clock.priority)
    kinds, entities = np.divmod(np.array(priorities, np.int64), 1 << 32)
    known = kinds > 0  # SimPy's own events have no kind
    return _named(scenario, np.array(days)[known], kinds[known], entities[known])


def stock_over_time(
    scenario: Scenario,
    plan: Plan,
    part: str,
    depot: str,
    *,
    seed: int | None = None,
    replication: int = 0,
) -> pd.DataFrame:
    """
    Play one replication and follow the stock of one part at one depot.

    Parameters
    ----------
    scenario, plan, seed, replication
        As for `trace`.
    part, depot : str
        What to follow, and where.

    Returns
    -------
    DataFrame
        One row for the start and one for each change: day, on_hand, waiting (requests without a
        unit), on_order (units ordered and not received).

    Raises
    ------
    ValueError
        If the part or the depot is not in the scenario.
    """
    for what, name, names in (
        ("part", part, scenario.part_ids),
        ("depot", depot, scenario.depot_ids),
    ):
        if name not in names:
            raise ValueError(f"{what}: expected one of {', '.join(names)}, got {name!r}")
    network = _watched(scenario, plan, seed, replication)
    shelf = network.shelves[scenario.part_ids.index(part)][scenario.depot_ids.index(depot)]
    rows = [(0.0, shelf.on_hand, len(shelf.waiting), shelf.on_order)]
    for _ in _steps(network):
        state = (shelf.on_hand, len(shelf.waiting), shelf.on_order)
        if state != rows[-1][1:]:
            rows.append((network.clock.now, *state))
    return pd.DataFrame(rows, columns=["day", "on_hand", "waiting", "on_order"])


def _watched(scenario: Scenario, plan: Plan, seed: int | None, replication: int) -> Network:
    seed = scenario.simulation.seed if seed is None else seed
    return build(scenario, plan, seed=seed, replication=replication, eventful=True)


def _steps(network: Network) -> Iterator[None]:
    """Run as the simulation does, with a stop after each event."""
    clock = network.clock
    while clock.peek() < clock.end or clock.unfinished:
        clock.step()
        yield


def _named(
    scenario: Scenario,
    days: NDArray[np.float64],
    kinds: Integers,
    entities: Integers,
) -> pd.DataFrame:
    """Give the names behind the numbers that order the events."""
    first = np.array([0, *accumulate(map(len, scenario.installed_bases))])
    of_machine = np.isin(kinds, (EventOrder.REPAIR, EventOrder.DEMAND))
    ordered = of_machine & (entities >= first[-1])  # rows of demand are numbered behind machines
    call, shift = of_machine & ~ordered, kinds == EventOrder.SHIFT
    at_depot = ~(call | shift)
    fleets = np.searchsorted(first, entities, side="right") - 1
    parts, depots = _cells(scenario, np.where(ordered, entities - first[-1], -1), entities)

    def names(known: Sequence[str], numbers: Integers, where: NDArray[np.bool_]) -> list[str]:
        return np.array([*known, ""], object)[np.where(where, numbers, -1)].tolist()

    return pd.DataFrame(
        {
            "day": days,
            "event": np.array([kind.name.lower() for kind in EventOrder], object)[kinds - 1],
            "part": names(scenario.part_ids, parts, at_depot),
            "depot": names(scenario.depot_ids, depots, at_depot),
            "fleet": names(scenario.fleet_ids, fleets, call),
            "machine": np.where(call, entities - first[np.where(call, fleets, 0)], -1),
            "group": names(list(scenario.technicians), entities, shift),
        }
    )


def _cells(scenario: Scenario, rows: Integers, cells: Integers) -> tuple[Integers, Integers]:
    """Give part and depot of events: of a row of demand, or of a cell where the row is -1."""
    parts, depots = (
        {name: i for i, name in enumerate(names)}
        for names in (scenario.part_ids, scenario.depot_ids)
    )
    of_row = [parts[row.part] * len(depots) + depots[row.depot] for row in scenario.demand]
    return np.divmod(np.where(rows < 0, cells, np.array([*of_row, 0])[rows]), len(depots))

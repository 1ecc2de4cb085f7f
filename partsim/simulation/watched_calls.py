"""Watched calls: every call of the machines, seen by who has no part in answering it; for tests."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from partsim.simulation.calls import CallSource, Over, ServedPosition, Service
from partsim.simulation.events import DAYS_PER_YEAR, Clock

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario

MachineId = tuple[int, int]
"""Number of a fleet, and of a machine in it."""
_ROUNDING = 1e-6
"""A machine's working time and its down time are summed up apart [days]."""


class CallWatch:
    """
    What the machines of a replication call for, written down a second time.

    Parameters
    ----------
    scenario : Scenario
        What is played.

    Attributes
    ----------
    open : int
        Calls from before the end of the window that are not over.
    over : Counter of int
        Those that are, by fleet.
    stops : dict of (fleet, machine) to list of (float, float)
        When each call of a machine began and ended [days].
    faults : list of str
        Calls that end twice or before they begin, and machines that fail while they are down.
    """

    def __init__(self, scenario: Scenario) -> None:
        rules = scenario.simulation
        self.end = rules.warm_up + rules.years * DAYS_PER_YEAR
        self.one_at_a_time = scenario.ageing == "operating"
        self.open = 0
        self.over: Counter[int] = Counter()
        self.stops: defaultdict[MachineId, list[tuple[float, float]]] = defaultdict(list)
        self.faults: list[str] = []

    def see(self, machine: MachineId, source: CallSource) -> CallSource:
        """Give a source of calls that is watched."""
        return _Watched(self, machine, source)

    def see_position(self, machine: MachineId, position: ServedPosition) -> ServedPosition:
        """Give a position whose calls are watched."""
        return _WatchedPosition(self, machine, position)

    def down_days(self, fleet: int, clock: Clock, retires: Sequence[float]) -> float:
        """Give the time in the window with at least one open call [machine days]."""
        total = 0.0
        for (of, machine), stops in self.stops.items():
            up_from = -inf
            for began, ended in sorted(stops) if of == fleet else ():
                if began < clock.end and ended > up_from:
                    down_to = min(ended, retires[machine])
                    total += max(clock.left(max(began, up_from)) - clock.left(down_to), 0.0)
                    up_from = ended
        return total


class _Watched:
    """A source of calls that a `CallWatch` sees."""

    def __init__(self, watch: CallWatch, machine: MachineId, source: CallSource) -> None:
        self._watch = watch
        self._machine = machine
        self._source = source

    def life(self, k: int) -> float:
        """Give life k."""
        return self._source.life(k)

    def answer(self, k: int, began: float, over: Over) -> None:
        """Have the call answered, and write down when it began and ends."""
        watch, stops = self._watch, self._watch.stops[self._machine]
        counts, responses = began < watch.end, list[float]()
        watch.open += counts
        if watch.one_at_a_time and stops and began < stops[-1][1] - _ROUNDING:
            self._complain("failed while it was down")

        def ends(response: float) -> None:
            if responses or response < 0:
                self._complain("was given an end twice, or before the call began")
            responses.append(response)
            watch.open -= counts
            watch.over[self._machine[0]] += counts
            stops.append((began, began + response))
            over(response)

        self._source.answer(k, began, ends)

    def _complain(self, what: str) -> None:
        fleet, machine = self._machine
        self._watch.faults.append(f"machine {machine} of fleet {fleet} {what}")


class _WatchedPosition(_Watched):
    """A position that a `CallWatch` sees."""

    def __init__(self, watch: CallWatch, machine: MachineId, position: ServedPosition) -> None:
        super().__init__(watch, machine, position)
        self._position = position

    @property
    def service(self) -> Service:
        """How its failures are answered at present."""
        return self._position.service

"""What is measured of the calls of a fleet or a counter, some thousand of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.simulation.call_log import SUMS, CallLog, counted
from partsim.simulation.events import Clock
from partsim.simulation.response_times import GrowingTimes
from partsim.simulation.warranty import warranty_sums

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario

Floats = NDArray[np.float64]


class CallerCounts:
    """
    Sums over the calls of those who are promised the same: a phase of a fleet, or a counter.

    Parameters
    ----------
    scenario : Scenario
        What is played.
    tier : str
        Their tier.
    clock : Clock
        With the window.
    by_part : ndarray of float, shape (part + 1, len(SUMS))
        What their calls are added to as well, that of each part and at last those by phone.

    Attributes
    ----------
    service : ndarray of float, shape (len(SUMS),)
        Sums of what each call counts.
    times : GrowingTimes
        The response time of every call that began in the window.
    """

    def __init__(self, scenario: Scenario, tier: str, clock: Clock, by_part: Floats) -> None:
        self._start = clock.start
        self._within = scenario.promise_of(tier).within
        self._expected = scenario.expected_response_of(tier)
        self._by_part = by_part
        self.service = np.zeros(len(SUMS))
        self.times = GrowingTimes(self._within)

    def take(self, log: CallLog) -> None:
        """Count some calls."""
        measured = log.began >= self._start
        sums = counted(log, self._start, self._within, self._expected)
        self.service += sums.sum(axis=0)
        # The last row is that of calls solved by phone, whose part is -1.
        np.add.at(self._by_part, log.column("part")[measured].astype(np.int64), sums)
        self.times.add(log.response[measured])


class FleetCounts:
    """
    Sums over the calls of a fleet, phase by phase: a call counts for its machine's tier of then.

    Parameters
    ----------
    scenario : Scenario
        What is played.
    fleet : int
        Number of the fleet.
    clock : Clock
        With the window.
    by_part : ndarray of float, shape (part + 1, len(SUMS))
        As `CallerCounts` has it.

    Attributes
    ----------
    phases : list of CallerCounts
        One for each.
    warranty : ndarray of float, shape (phase, 2, 4)
        As `warranty_sums` gives them.
    """

    def __init__(self, scenario: Scenario, fleet: int, clock: Clock, by_part: Floats) -> None:
        self._scenario = scenario
        self._fleet = fleet
        self._clock = clock
        self._phases = scenario.tier_phases[fleet]
        self._retires = scenario.installed_bases[fleet].retires
        self.phases = [CallerCounts(scenario, tier, clock, by_part) for tier in self._phases.tiers]
        self.warranty = np.zeros((len(self.phases), 2, 4))
        self._down_days = 0.0
        self._stood: list[Floats] = []

    def take(self, log: CallLog) -> None:
        """Count some calls."""
        for k, calls in enumerate(self._by_phase(log)):
            self.phases[k].take(calls)
            self.warranty[k] += warranty_sums(self._scenario, self._fleet, calls, self._clock)
        ended = np.minimum(log.began + log.response, self._retires[log.machine])
        stood = np.array([log.machine, log.began, ended])
        if self._scenario.ageing == "operating":  # one call after another
            self._down_days += down_time(stood, self._clock)
        else:
            self._stood.append(stood)

    def down_days(self) -> float:
        """Give the time in the window with at least one open call [machine days]."""
        if self._stood:
            return down_time(np.concatenate(self._stood, axis=1), self._clock)
        return self._down_days

    def _by_phase(self, log: CallLog) -> list[CallLog]:
        if len(self._phases.tiers) == 1:
            return [log]
        phase = self._phases.at(log.machine, log.began)
        return [log.those(phase == k) for k in range(len(self.phases))]


def down_time(stood: Floats, clock: Clock) -> float:
    """
    Sum over machines the time in the window in which they stand.

    Parameters
    ----------
    stood : ndarray of float, shape (3, stop)
        Number of the machine, begin and end [days]; stops of one machine may overlap.
    clock : Clock
        With the window.

    Returns
    -------
    float
        Machine days.

    Examples
    --------
    >>> stops = np.array([[0, 0, 1], [9.0, 11.0, 18.0], [12.0, 13.0, 25.0]])
    >>> down_time(stops, Clock(10.0, 20.0))
    5.0
    """
    # Machine after machine on one axis: stops of different machines cannot meet.
    offset = stood[0] * (clock.window + 1)
    begin, end = np.clip(stood[1:], clock.start, clock.end) + offset
    order = np.argsort(begin, kind="stable")
    begin, end = begin[order], end[order]
    covered = np.maximum.accumulate(np.concatenate([[0.0], end[:-1]]))
    return float(np.maximum(end - np.maximum(begin, covered), 0.0).sum())

"""What is measured of the calls of a fleet or a counter, a thousand of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partsim.simulation.call_log import SUMS, CallLog, counted
from partsim.simulation.down_time import DownTime
from partsim.simulation.events import Clock
from partsim.simulation.response_times import GrowingTimes
from partsim.simulation.warranty import WarrantySums

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
        rows = len(self._by_part)
        part = log.column("part")[measured].astype(np.int64) % rows
        for column, added in enumerate(sums.T):
            self._by_part[:, column] += np.bincount(part, added, rows)
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
        As `WarrantySums` gives them.
    """

    def __init__(self, scenario: Scenario, fleet: int, clock: Clock, by_part: Floats) -> None:
        self._phases = scenario.tier_phases[fleet]
        self._retires = scenario.installed_bases[fleet].retires
        self.phases = [CallerCounts(scenario, tier, clock, by_part) for tier in self._phases.tiers]
        self.warranty = np.zeros((len(self.phases), 2, 4))
        self._warranty = WarrantySums(scenario, fleet, clock)
        self._side_by_side = scenario.ageing == "calendar"
        self._down = DownTime(clock)
        self._logged = np.zeros(len(self._retires), np.int64)

    def take(self, log: CallLog) -> None:
        """Count some calls."""
        for k, calls in enumerate(self._by_phase(log)):
            self.phases[k].take(calls)
            self.warranty[k] += self._warranty.of(calls)
        ended = np.minimum(log.began + log.response, self._retires[log.machine])
        stood = np.array([log.machine, log.began, ended])
        self._down.add(stood, self._open_calls(log))

    def down_days(self) -> float:
        """Give the time in the window with at least one open call [machine days]."""
        return self._down.days()

    def _open_calls(self, log: CallLog) -> NDArray[np.int64]:
        """Count the calls of each machine that may overlap with those that are over."""
        if not self._side_by_side:
            return np.zeros_like(self._logged)
        by_visit = log.machine[log.column("part") >= 0]
        self._logged += np.bincount(by_visit, minlength=len(self._logged))
        return log.begun - self._logged

    def _by_phase(self, log: CallLog) -> list[CallLog]:
        if len(self._phases.tiers) == 1:
            return [log]
        phase = self._phases.at(log.machine, log.began)
        return [log.those(phase == k) for k in range(len(self.phases))]

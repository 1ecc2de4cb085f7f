"""Enough and no more: when the intervals of all promises are narrow enough to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from partsim.model.rules import FEWEST_FOR_PRECISION
from partsim.simulation.control_variates import controlled, late_money
from partsim.simulation.replication import Record

if TYPE_CHECKING:
    from partsim.model.scenario import Scenario


class Precision:
    """
    Whether the promises are known as exactly as the scenario asks.

    Parameters
    ----------
    scenario : Scenario
        What is played; `simulation.precision` is the half width asked for.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._asked = scenario.simulation.precision
        tier_of = scenario.caller_tiers
        self._callers = [
            [c for c, name in enumerate(tier_of) if name == tier] for tier in scenario.tier_ids
        ]
        self._within = [scenario.promise_of(tier).within for tier in scenario.tier_ids]
        self._late: list[float] = []
        self._kept: list[list[int]] = []
        self._calls: list[list[int]] = []

    def reached_with(self, record: Record) -> bool:
        """Tell whether it is, with one more replication; in their order, whoever played them."""
        if self._asked is None:
            return False
        tiers = [[record.responses[c] for c in callers] for callers in self._callers]
        self._late.append(late_money(self._scenario, record))
        self._calls.append([sum(map(len, responses)) for responses in tiers])
        self._kept.append(
            [
                sum(times.within(within) for times in responses)
                for responses, within in zip(tiers, self._within, strict=True)
            ]
        )
        if len(self._kept) < FEWEST_FOR_PRECISION:
            return False
        interval = controlled(self._late).share(self._kept, self._calls)
        # Of a tier without a call so far nothing is known: NaN is not narrow.
        return bool(np.all(interval.width <= 2 * self._asked))

"""Counters: customer groups that order parts without lifetimes, and wait for each unit."""

from __future__ import annotations

from functools import partial
from math import expm1, log
from typing import TYPE_CHECKING

from partsim.lifetimes import Exponential
from partsim.simulation.call_log import CallLog
from partsim.simulation.claims import Claim
from partsim.simulation.events import Clock, EventOrder
from partsim.simulation.shelves import Shelf
from partsim.simulation.streams import Streams, the_uniform_itself
from partsim.simulation.supply_network import SupplyNetwork

if TYPE_CHECKING:
    from partsim.model.depot_demand import DepotDemand
    from partsim.model.scenario import Scenario

_NO_MACHINE = 0
ORDERS_AT_ONCE = 64
"""Orders drawn together."""


def log_series_units(u: float, v: float, variance_to_mean: float) -> int:
    """
    Give the units of an order from two uniform numbers, by Kemp's method [1]_.

    Orders that come by a Poisson process, for numbers of units of the logarithmic distribution
    with parameter 1 - 1 / `variance_to_mean`, make negative binomial units over any time, with
    this variance over mean.

    Parameters
    ----------
    u, v : float
        Uniform in the open interval (0, 1).
    variance_to_mean : float
        Above 1.

    Returns
    -------
    int
        1 or more.

    References
    ----------
    .. [1] A. W. Kemp, Efficient generation of logarithmically distributed pseudo-random
       variables, Applied Statistics 30 (1981) 249-253.

    Examples
    --------
    >>> log_series_units(0.9, 0.5, variance_to_mean=5.0), log_series_units(0.9, 0.2, 5.0)
    (3, 7)
    """
    # A geometric number whose ratio is random.
    ratio = -expm1(-u * log(variance_to_mean))
    return 1 + int(log(v) / log(ratio))


class CustomerOrders:
    """
    The orders of one row of demand: each asks for its units at once, and waits for each alone.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    row : DepotDemand
        With a rate above 0.
    shelf : Shelf
        Which is asked, of the part at the depot.
    claim : Claim
        By which it is asked.
    part, number : int
        Number of the part in the log, and of the row among all that call.
    log : CallLog
        Of the counter; filled while the clock runs.
    streams : Streams
        The random numbers of the replication.
    """

    __slots__ = (
        "_claim", "_clock", "_gaps", "_log", "_orders", "_part", "_priority", "_ratio", "_shelf",
        "_sizes",
    )  # fmt: skip

    def __init__(
        self,
        clock: Clock,
        row: DepotDemand,
        shelf: Shelf,
        claim: Claim,
        part: int,
        number: int,
        log: CallLog,
        streams: Streams,
    ) -> None:
        self._clock = clock
        self._shelf = shelf
        self._claim = claim
        self._part = part
        self._priority = EventOrder.DEMAND.priority(number)
        self._log = log
        self._ratio = row.variance_to_mean
        self._orders = 0
        name = (row.depot, row.customers, row.part)
        gaps = Exponential(mean_units(row.variance_to_mean) / row.rate)
        self._gaps = streams.draws(gaps.quantile, "order", *name, columns=ORDERS_AT_ONCE)
        self._sizes = streams.draws(
            the_uniform_itself, "ordered units", *name, rows=2, columns=ORDERS_AT_ONCE
        )

    def run(self) -> None:
        """Run to the next order."""
        self._clock.at(
            self._clock.now + self._gaps.draw(0, self._orders), self._priority, self._order
        )

    def _order(self) -> None:
        for _ in range(self._units(self._orders)):
            self._ask()
        self._orders += 1
        self.run()

    def _units(self, k: int) -> int:
        if self._ratio == 1:
            return 1
        return log_series_units(self._sizes.draw(0, k), self._sizes.draw(1, k), self._ratio)

    def _ask(self) -> None:
        """Ask for one unit; somebody waits for it, if it does not come from the shelf at once."""
        clock = self._clock
        began = clock.now
        clock.unfinished += began < clock.end
        if self._shelf.request(partial(self._hand_over, began), self._claim):
            self._hand_over(began, began)

    def _hand_over(self, began: float, date: float) -> None:
        clock = self._clock
        if began < clock.end:
            clock.unfinished -= 1
            wait = date - began
            times = (0.0, 0.0, 0.0, 0.0, wait, 0.0, 0, wait)
            self._log.add(_NO_MACHINE, self._part, began, wait, times)


def mean_units(variance_to_mean: float) -> float:
    """
    Give the mean units of an order.

    Parameters
    ----------
    variance_to_mean : float
        Variance over mean of the units over any time, 1 or more.

    Returns
    -------
    float
        1 or more.

    Examples
    --------
    >>> mean_units(1.0), round(mean_units(5.0), 4)
    (1.0, 2.4853)
    """
    v = variance_to_mean
    return 1.0 if v == 1 else (v - 1) / log(v)


def open_counters(
    clock: Clock, scenario: Scenario, supply: SupplyNetwork, streams: Streams
) -> list[CallLog]:
    """
    Start the orders of every row of demand.

    Parameters
    ----------
    clock : Clock
        The simulated time.
    scenario : Scenario
        What is.
    supply : SupplyNetwork
        Whose shelves are asked.
    streams : Streams
        The random numbers of the replication.

    Returns
    -------
    list of CallLog
        One for each of the scenario's `counters`, with a row for each unit; filled while the
        clock runs.
    """
    logs = {counter: CallLog() for counter in scenario.counters}
    parts, depots = ({name: i for i, name in enumerate(names)}
                     for names in (scenario.part_ids, scenario.depot_ids))  # fmt: skip
    machines = sum(map(len, scenario.installed_bases))
    for i, row in enumerate(scenario.demand):
        if row.rate:
            p = parts[row.part]
            shelf = supply.shelves[p][depots[row.depot]]
            claim = shelf.claim_of(scenario.tier_of(row.customers))
            log = logs[row.counter]
            CustomerOrders(clock, row, shelf, claim, p, machines + i, log, streams).run()
    return list(logs.values())

"""The evaluation model: scenario, demand and grades as arrays, root by root.

A root is a depot that suppliers deliver to; it supplies field depots and may serve machines
itself. Arrays over fields are in the order of `RootNetwork.fields`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.lots import batch_variance, lot_variance
from partsim.analytic.order_units import largest_orders
from partsim.analytic.overtaking import UnitsAhead, units_ahead
from partsim.demand.lead_times import orders_cross, supply_lead_times
from partsim.lifetimes import Duration
from partsim.model.demand import Demand
from partsim.model.scenario import Scenario
from partsim.optimisation.central_demand import Bypass, CentralDemand, central_demand
from partsim.optimisation.central_stock import Tables, TablesByPart, bypassed_stock, central_stock
from partsim.optimisation.emergency import EmergencyRules, emergency_rules
from partsim.optimisation.fixed_costs import fixed_part_costs
from partsim.optimisation.targets import Targets, Windows, response_windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LAGS = 17
"""Points of the lag at which central stocks are evaluated; between them linear."""


@dataclass(frozen=True, eq=False)
class EvaluationModel:
    """
    Scenario, demand and grades as arrays that options are made of.

    Attributes
    ----------
    scenario, demand, targets
        What is decided on.
    grade : ndarray of int, shape (part,)
        Grade of each part as an index into `Scenario.grade_ids`.
    lot : ndarray of int, shape (part, depot)
        Order quantities.
    least_levels : ndarray of int, shape (part, depot)
        Levels that the tables must reach at least.
    bypass : Bypass
        Demand that emergency shipments keep from the roots.
    """

    scenario: Scenario
    demand: Demand
    targets: Targets
    grade: Ints
    lot: Ints
    least_levels: Ints
    bypass: Bypass

    @cached_property
    def grades(self) -> tuple[str, ...]:
        """Grade of each part."""
        return tuple(self.scenario.grade_ids[g] for g in self.grade)

    @cached_property
    def least_fill_rates(self) -> Floats:
        """Least fill rate of each part, by its grade and by the grading's rules, (part,)."""
        by_grade = [self.scenario.grade_rules(grade).min_fill_rate for grade in self.grades]
        return np.maximum(by_grade, self.scenario.least_fill_rates)

    @cached_property
    def wait_prices(self) -> Floats:
        """Price of one unit owed to machines, by the part's grade [money per year], (part,)."""
        by_grade = [self.scenario.grade_rules(grade).wait_price for grade in self.grades]
        return 365 * np.array(by_grade)

    @cached_property
    def windows(self) -> Windows:
        """Response windows."""
        return response_windows(self.scenario)

    @cached_property
    def emergency(self) -> EmergencyRules | None:
        """Emergency shipments, where the formulas know them."""
        return emergency_rules(self.scenario, self.demand)

    @cached_property
    def waits(self) -> Floats:
        """Share of the depots' own demand that waits for their empty shelves, (part, depot)."""
        return self.emergency.waits if self.emergency else np.ones(self.lot.shape)

    @cached_property
    def fewest(self) -> Ints:
        """Least levels: with less, one waiting demand orders no lot; shape (part, depot).

        Demand that emergency shipments fill never waits: it orders nothing below r = 0.
        """
        without = np.where((self.waits < 1) & (self.lot > 1), self.lot, self.lot - 1)
        return np.maximum(without, self.scenario.least_stock)

    @cached_property
    def reach(self) -> Ints:
        """Levels that the tables must reach at least, also by the scenario's limits."""
        return np.maximum(self.least_levels, self.scenario.least_stock)

    @cached_property
    def holding(self) -> Floats:
        """Holding cost of one unit [money per year], shape (part,)."""
        return np.asarray(self.scenario.prices * self.scenario.costs.holding * 365)

    @cached_property
    def downtime(self) -> Floats:
        """What a machine that waits for the shelf costs [money per year], shape (part, depot).

        The mean over the depot's calls that do; none where the customer has the part, or no
        machine waits.
        """
        if self.emergency:
            return self.emergency.downtime[0]
        held = np.array([part.customer_held for part in self.scenario.parts.values()])
        waiting = np.where(self.scenario.demand_parts, 0.0, 1 - held)
        money = self.demand.call_rate @ self.scenario.downtime_costs * 365 * waiting[:, None]
        rate = self.demand.depot_rate
        return np.divide(money, rate, out=np.zeros_like(rate), where=rate > 0)

    @cached_property
    def worth(self) -> Floats:
        """The most that one unit may cost and save in a year, shape (part,): its dearness."""
        standing = self.downtime
        if self.emergency:
            standing = np.maximum(*self.emergency.downtime)
        return np.asarray(self.scenario.prices + standing.max(axis=1))

    @cached_property
    def roots(self) -> list[RootNetwork]:
        """Root depots with the depots they supply, regional ones among them."""
        parents = self.scenario.parents
        return [RootNetwork(self, int(d)) for d in np.flatnonzero(parents < 0)]

    @cached_property
    def network_rate(self) -> Floats:
        """Demand on each depot, that of the depots it supplies included, shape (part, depot)."""
        total, parents = self.demand.depot_rate.copy(), self.scenario.parents
        for d, above in enumerate(parents):
            while above >= 0:
                total[:, above] += self.demand.depot_rate[:, d]
                above = parents[above]
        return total

    @cached_property
    def order_rate(self) -> Floats:
        """Orders to suppliers [per year], shape (part,)."""
        parents, ordered = self.scenario.parents, self.network_rate.copy()
        for d, above in enumerate(parents):
            ordered[:, above if above >= 0 else d] -= self.bypass.outside[:, d]
        return np.asarray((ordered / self.lot)[:, parents < 0].sum(axis=1) * 365)

    @cached_property
    def internal_order_rate(self) -> Floats:
        """Orders of depots to those that supply them [per year], shape (part,).

        What calls get from the central depot in an emergency counts as ordered by their own.
        """
        ordered = (self.network_rate - self.bypass.outside) / self.lot
        return np.asarray(ordered[:, self.scenario.parents >= 0].sum(axis=1) * 365)

    @cached_property
    def fixed_part_costs(self) -> dict[str, Floats]:
        """Costs per year of each part that no stock level changes, each of shape (part,)."""
        return fixed_part_costs(
            self.scenario, self.demand, self.grades, self.order_rate, self.internal_order_rate
        )

    @cached_property
    def fixed_costs(self) -> dict[str, float]:
        """Costs per year that no stock level changes: ordering, approval, control, counting."""
        return {name: float(costs.sum()) for name, costs in self.fixed_part_costs.items()}


@dataclass(frozen=True, eq=False)
class RootNetwork:
    """
    A root depot, the field depots it supplies, and every part as arrays.

    Attributes
    ----------
    model : EvaluationModel
        What it is part of.
    depot : int
        Index of the root.
    """

    model: EvaluationModel
    depot: int

    @cached_property
    def fields(self) -> Ints:
        """Depots that the root supplies and that supply nobody."""
        parents = self.model.scenario.parents
        return np.setdiff1d(np.flatnonzero(parents == self.depot), parents)

    @cached_property
    def regions(self) -> Ints:
        """Depots that the root supplies and that supply others."""
        parents = self.model.scenario.parents
        return np.intersect1d(np.flatnonzero(parents == self.depot), parents)

    @cached_property
    def below(self) -> Ints:
        """All depots that get their units through the root: fields, regions, their fields."""
        parents = self.model.scenario.parents
        further = np.flatnonzero(np.isin(parents, self.regions))
        return np.concatenate([self.fields, self.regions, further])

    @cached_property
    def parts(self) -> Ints:
        """Parts with demand or a least level somewhere under the root."""
        depots = np.append(self.below, self.depot)
        kept = self.model.scenario.least_stock[:, depots].any(axis=1)
        return np.flatnonzero((self.model.network_rate[:, self.depot] > 0) | kept)

    @cached_property
    def reached_by(self) -> CentralDemand:
        """Demand that reaches the root [units per day]."""
        urgent = self.model.demand.depot_rate * (1 - self.model.waits)
        total = self.model.network_rate[:, self.depot]
        return central_demand(total, urgent[:, self.depot], self.model.bypass, self.fields)

    @cached_property
    def share(self) -> Floats:
        """Share of each field in what waits for the root, as it sees it, shape (part, field)."""
        total = self.reached_by.out_of_field
        rate = self.model.demand.depot_rate[:, self.fields]
        return np.divide(rate, total, out=np.zeros_like(rate), where=total > 0)

    @cached_property
    def own_share(self) -> Floats:
        """Share of the root's own customers in the central demand, shape (part,)."""
        rate = self.model.demand.depot_rate[:, self.depot]
        total = self.model.network_rate[:, self.depot]
        return np.divide(rate, total, out=np.zeros_like(rate), where=total > 0)

    @cached_property
    def transport(self) -> Floats:
        """Transport times [days], shape (field,)."""
        depots = list(self.model.scenario.depots.values())
        return np.array([depots[d].transport_time for d in self.fields])

    @cached_property
    def lags(self) -> Floats:
        """Lags at which the central stock is looked at [days], from 0."""
        if self.model.emergency and self.model.emergency.tiers.all():
            return np.zeros(1)  # no promise is kept by waiting
        longest = self._longest_below(self.depot)
        if self.own_share.any():
            longest = max(longest, float(self.model.windows.waits[:, self.depot].max(initial=0.0)))
        return np.linspace(0.0, longest, _LAGS) if longest > 0 else np.zeros(1)

    def _longest_below(self, depot: int) -> float:
        """Give how long those that a depot supplies can wait for it [days]."""
        scenario, longest = self.model.scenario, 0.0
        for d in np.flatnonzero(scenario.parents == depot):
            own = float(self.model.windows.waits[:, d].max(initial=0.0))
            transport = scenario.depots[scenario.depot_ids[d]].transport_time
            longest = max(longest, max(own, self._longest_below(int(d))) - transport)
        return longest

    @cached_property
    def lead_times(self) -> list[Duration]:
        """Lead times of the root's orders, approval included, for each part."""
        return supply_lead_times(self.model.scenario, self.model.grades)

    @cached_property
    def overtaken(self) -> NDArray[np.bool_]:
        """Whether the root's orders may overtake each other, (part,)."""
        return orders_cross(self.model.scenario, self.model.grades)

    def _ahead_of(self, p: int) -> UnitsAhead | None:
        """Give the law of the units that come ahead of a demand within each lag."""
        if not self.overtaken[p]:
            return None
        at, ratio = (p, self.depot), self.model.demand.order_ratio[p, self.depot]
        rate, lot = float(self.model.network_rate[at]), int(self.model.lot[at])
        return units_ahead(rate, float(ratio), lot, self.lead_times[p], self.lags)

    def supply_time(self, part: Ints) -> Floats:
        """Give mean lead times of the root's orders [days], shape (option, 1)."""
        return np.array([self.lead_times[p].mean for p in part])[:, None]

    @cached_property
    def lead_time_demand(self) -> Floats:
        """Mean demand on the root during what is left of the lead time, shape (part, lag)."""
        left = np.array([lead_time.excess(self.lags) for lead_time in self.lead_times])
        return self.model.network_rate[:, [self.depot]] * left

    def waits_for_own_unit(self, part: Ints, level: Ints) -> NDArray[np.bool_]:
        """Tell where the root keeps nothing and orders a unit for every demand, (option,)."""
        single = self.model.lot[part, self.depot] == 1
        return np.asarray((level == 0) & single & (self.model.emergency is None))

    def order_rate(self, part: Ints) -> Floats:
        """Give the orders that reach the root, of one or several units [per day], (option,)."""
        ratio = self.model.demand.order_ratio[part, self.depot]
        size = np.divide(ratio - 1, np.log(ratio), out=np.ones(len(part)), where=ratio > 1 + 1e-9)
        return np.asarray(self.model.network_rate[part, self.depot] / size)

    @cached_property
    def owed_by_suppliers(self) -> Floats:
        """Mean units on order that are not the network's own yet, shape (part,)."""
        return self.lead_time_demand[:, 0]

    @cached_property
    def lumps(self) -> Floats:
        """What lots of the fields add to that demand's variance, shape (part, lag)."""
        added = np.zeros((len(self.model.grade), len(self.lags)))
        for p, d in np.argwhere(self.model.lot > 1):
            rate, lot = float(self.model.demand.depot_rate[p, d]), int(self.model.lot[p, d])
            if d in self.fields and rate > 0:
                added[p] += batch_variance(rate, lot, self.lead_times[p], self.lags)
        return added

    @cached_property
    def lead_time_variance(self) -> Floats:
        """Variance of that demand as lots leave it, shape (part, lag)."""
        parts = np.arange(len(self.model.grade))
        ratio = self.model.demand.variance_ratio[parts, self.depot, self.model.grade]
        variance = self.lead_time_demand * ratio[:, None]
        for p in self.parts:
            lot = int(self.model.lot[p, self.depot])
            rate = float(self.model.network_rate[p, self.depot])
            variance[p] += lot_variance(rate, lot, self.lead_times[p], self.lags)
        variance += self.lumps
        return np.maximum(variance, 0.0)

    @cached_property
    def fewest(self) -> Ints:
        """Least central level, shape (part,)."""
        return np.asarray(self.model.fewest[:, self.depot])

    @cached_property
    def most(self) -> Ints:
        """Largest central level in the tables, shape (part,)."""
        return np.maximum(np.minimum(self._enough, self._allowed), self.model.reach[:, self.depot])

    @cached_property
    def limited(self) -> NDArray[np.bool_]:
        """Whether the limits allow nothing beyond the tables, shape (part,)."""
        return np.asarray(self._allowed <= self._enough)

    @cached_property
    def top(self) -> Ints:
        """Largest central level of an option, shape (part,): the relaxed one where allowed."""
        return np.where(self.limited, self.most, self.most + 1)

    @property
    def _allowed(self) -> Ints:
        return np.asarray(self.model.scenario.most_stock[:, self.depot])

    @cached_property
    def _enough(self) -> Ints:
        """Central level with which hardly anything waits, shape (part,)."""
        mean = self.lead_time_demand[:, 0]
        spread = np.sqrt(np.maximum(self.lead_time_variance[:, 0], mean))
        before = largest_orders(self.model.demand.order_ratio[:, self.depot])
        enough = np.ceil(mean + 7 * spread + before + 4).astype(np.int64)
        return np.asarray(enough + self.model.lot[:, self.depot])

    @cached_property
    def views(self) -> TablesByPart:
        """Backorders, their variance as fields see it, and ready rate, part by part.

        Each of shape (level + 2, view, lag): as the root sees itself and, where emergency
        shipments keep demand from it, as each field does; endless stock last.
        """
        return TablesByPart(self._views_of)

    def _views_of(self, p: int) -> Tables:
        given = self.lead_time_demand[p], self.lead_time_variance[p], self.lumps[p]
        lot, most = int(self.model.lot[p, self.depot]), int(self.most[p])
        if self.model.emergency is None:
            ratio = float(self.model.demand.order_ratio[p, self.depot])
            owed, spread, at_once = central_stock(*given, lot, most, ratio, self._ahead_of(p))
            return owed[:, None], spread[:, None], at_once[:, None]
        rates = self.reached_by
        ready = np.append(rates.ready[p], rates.ready_of_field[p])
        out = np.append(rates.out[p], rates.out_of_field[p])
        total = np.full_like(ready, self.model.network_rate[p, self.depot])
        return bypassed_stock(*given, (total, ready, out), lot, most)

    @cached_property
    def central(self) -> TablesByPart:
        """The same as the root sees itself, each of shape (level + 2, lag)."""
        return TablesByPart(self._central_of)

    def _central_of(self, p: int) -> Tables:
        owed, spread, ready = self.views[p]
        return owed[:, 0], spread[:, 0], ready[:, 0]

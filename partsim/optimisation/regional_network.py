"""A regional depot, between a root and field depots: what two echelons know, one echelon lower."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.two_echelon import vari_metric
from partsim.errors import InputError, Problem
from partsim.lifetimes import Duration
from partsim.optimisation.central_stock import Tables
from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RegionalNetwork(RootNetwork):
    """
    A regional depot and its fields, given the stock of the depot that supplies it.

    Its units in resupply are those in transport and its share of what the depot above owes;
    from their mean and variance on, all is as for a root.

    Attributes
    ----------
    above : RootNetwork
        The network of the depot that supplies it.
    level : ndarray of int, shape (part,)
        Base stock of that depot; -1 for a part that is left out.
    """

    above: RootNetwork
    level: Ints

    @cached_property
    def lead_times(self) -> list[Duration]:
        """Lead times of the suppliers, who deliver to the root."""
        return self.above.lead_times

    @cached_property
    def owed_by_suppliers(self) -> Floats:
        """None: what the region has on order is the network's own, shape (part,)."""
        return np.zeros(len(self.model.grade))

    @cached_property
    def overtaken(self) -> NDArray[np.bool_]:
        """None on the way from the depot above; its tables know of its own orders, (part,)."""
        return np.zeros(len(self.level), dtype=bool)

    @property
    def own_transport(self) -> float:
        """Time from the depot above [days]."""
        return self.model.scenario.depots[self.model.scenario.depot_ids[self.depot]].transport_time

    @cached_property
    def parts(self) -> Ints:
        """Parts with demand or a least level in the region, but for those left out."""
        return np.intersect1d(super().parts, np.flatnonzero(self.level >= 0))

    @cached_property
    def _above(self) -> list[Floats]:
        """What is left of the tables of the depot above when transport begins, (part, lag) each.

        The tables are those of `central`: units owed, their variance, ready rate.
        """
        after = np.maximum(self.lags - self.own_transport, 0.0)
        found = [np.zeros((len(self.level), len(after))) for _ in range(3)]
        for p in self.parts:
            for values, table in zip(found, self.above.central[p], strict=True):
                values[p] = np.interp(after, self.above.lags, table[self.level[p]])
        return found

    def waits_for_own_unit(self, part: Ints, level: Ints) -> NDArray[np.bool_]:
        """Nowhere: the ready rate of a region without stock knows it."""
        return np.zeros((part + level).shape, dtype=bool)

    def _views_of(self, p: int) -> Tables:
        """As of a root; without stock a call waits for its own unit, which may still be soon."""
        owed, spread, ready = super()._views_of(p)
        ready[0] = np.where(self.lags >= self.own_transport, self._above[2][p], 0.0)
        return owed, spread, ready

    @cached_property
    def _in_resupply(self) -> tuple[Floats, Floats]:
        """Mean and variance of the units that are not there after each lag, (part, lag) each."""
        d, parts = self.depot, np.arange(len(self.model.grade))
        rate, total = (self.model.network_rate[:, [i]] for i in (d, self.above.depot))
        share = np.divide(rate, total, out=np.zeros_like(rate), where=total > 0)
        ratio = self.model.demand.variance_ratio[parts, d, self.model.grade]
        moving = rate * np.maximum(self.own_transport - self.lags, 0.0)
        ordered = self.model.demand.order_ratio[:, [d]]
        owed, spread, _ = self._above
        return vari_metric(moving, ratio[:, None], share, owed, spread, ordered)

    @property
    def lead_time_demand(self) -> Floats:
        """Mean of the units that are not there after each lag, shape (part, lag)."""
        return self._in_resupply[0]

    @property
    def lead_time_variance(self) -> Floats:
        """Their variance, shape (part, lag)."""
        return self._in_resupply[1]


def regions_given(root: RootNetwork, part: Ints, level: Ints) -> Iterator[RegionalNetwork]:
    """
    Give the regions below a root for levels of some parts.

    Parameters
    ----------
    root : RootNetwork
        The depot above.
    part, level : ndarray of int, shape (option,)
        Parts, and base stocks of the root.

    Yields
    ------
    RegionalNetwork
        As many for each region as a part has levels here.
    """
    if not len(root.regions):
        return
    order = np.argsort(part, kind="stable")
    starts = np.append(True, np.diff(part[order]) != 0)
    turn = np.empty(len(part), dtype=np.int64)  # the how manieth option of its part
    turn[order] = np.arange(len(part)) - np.flatnonzero(starts)[np.cumsum(starts) - 1]
    for k in range(int(turn.max()) + 1):
        above = np.full(len(root.model.grade), -1)
        above[part[turn == k]] = level[turn == k]
        for depot in root.regions:
            yield RegionalNetwork(root.model, int(depot), root, above)


def networks(model: EvaluationModel, base_stock: Ints) -> Iterator[RootNetwork]:
    """
    Give every depot that supplies others or takes from suppliers, with its fields.

    Parameters
    ----------
    model : EvaluationModel
        With `least_levels` no smaller than the levels.
    base_stock : ndarray of int, shape (part, depot)
        Levels.

    Yields
    ------
    RootNetwork
        The roots, each followed by its regional depots.

    Raises
    ------
    InputError
        If a depot below a root with regional depots orders in lots.
    """
    for root in model.roots:
        yield root
        if len(root.regions):
            _check_lots(model, root)
        for depot in root.regions:
            yield RegionalNetwork(model, int(depot), root, base_stock[:, root.depot])


def _check_lots(model: EvaluationModel, root: RootNetwork) -> None:
    """Refuse lots below a root with regional depots."""
    lots = model.lot[:, root.below]
    if (lots > 1).any():
        p, j = np.argwhere(lots > 1)[0]
        part, depot = model.scenario.part_ids[p], model.scenario.depot_ids[root.below[j]]
        message = (
            "expected an order_quantity of 1 at depots that other depots supply, where there are "
            f"three echelons, got {lots[p, j]} for {part} at {depot}; 'partsim simulate' plays it"
        )
        raise InputError(Problem(message, "order_quantity"))

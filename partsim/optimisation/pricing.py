"""What prices of the targets make of every part: the protocol, and the compiled pricer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.options import min_fill_rate, shares_of_calls
from partsim.optimisation.targets import difficulty_index, stock_value

if TYPE_CHECKING:
    from partsim.kernels.pricing import Network, UnitPrices

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ABOVE_ALL = 1e6
"""Price of money in stock at which nothing else counts [money per year]."""


@dataclass(frozen=True, eq=False)
class Decision:
    """
    Levels of every part under every root.

    Attributes
    ----------
    cost : ndarray of float, shape (unit,)
        Money per year, fixed costs left out; a unit is a part under a root, root by root.
    use : ndarray of float, shape (unit, row)
        Use of every target, constants left out.
    base_stock : ndarray of int, shape (part, depot)
        Levels.
    """

    cost: Floats
    use: Floats
    base_stock: Ints


@dataclass(frozen=True, eq=False)
class Priced:
    """
    What prices lead to.

    Attributes
    ----------
    decision : Decision
        Cheapest levels of each part under each root.
    bound : float
        No decision at all has less of cost plus priced uses.
    """

    decision: Decision
    bound: float


class Pricer(Protocol):
    """Whatever finds the cheapest levels at given prices of the targets."""

    model: EvaluationModel

    def price(self, prices: Floats, close: float) -> Priced:
        """Find the cheapest levels; `close` is the share of a cost that may stay hidden."""

    def best_reachable(self) -> Floats:
        """Give the uses of endless stock, and the least money there may be in stock."""

    def without_stock(self) -> Floats:
        """Give the uses of the least stock there may be."""


@dataclass(eq=False)
class CompiledPricer:
    """
    Pricer of large models: nothing is tabulated, every price looks at all levels anew.

    Attributes
    ----------
    model : EvaluationModel
        What is decided on.
    """

    model: EvaluationModel
    _roots: list[_Root] = field(init=False)

    def __post_init__(self) -> None:
        self._roots = [_Root(root) for root in self.model.roots if len(root.parts)]

    def price(self, prices: Floats, close: float) -> Priced:
        """Find the cheapest levels of every part, and a bound that holds over all levels."""
        from partsim.kernels.pricing import fill_cheapest

        bound = 0.0
        for root in self._roots:
            unit_prices = root.unit_prices(prices)
            n, fields = root.network.rate.shape[0], len(root.source.fields)
            lowest, backorders = np.empty(n), np.empty((n, fields + 1))
            root.level = np.empty((n, fields), np.int64)
            fill_cheapest(
                *(root.network, unit_prices, close),
                *(root.central_level, root.level, backorders, lowest),
            )
            bound += float(lowest.sum() + root.constant_cost.sum())
            bound += root.price_of_all_unready(prices)
        return Priced(self._decision(), bound)

    def best_reachable(self) -> Floats:
        """Give the uses of endless stock, and the least money there may be in stock."""
        targets = self.model.targets
        best = np.zeros(len(targets.limit))
        for root in self._roots:
            network = root.network
            missed = 1 - network.at_once[network.difficulty]
            best[: targets.tier_rows] += (network.calls * missed).sum(axis=(0, 1))
        for row in targets.stock_rows:
            only_row = np.zeros(len(best))
            only_row[row] = _ABOVE_ALL * stock_value(targets, row, self.model.scenario.prices)
            best[row] = self.price(only_row, 1e-6).decision.use[:, row].sum()
        return best

    def without_stock(self) -> Floats:
        """Give the uses of the least stock there may be."""
        for root in self._roots:
            root.central_level = root.network.fewest.copy()
            root.level = np.zeros((len(root.central_level), len(root.source.fields)), np.int64)
        return np.asarray(self._decision().use.sum(axis=0))

    def _decision(self) -> Decision:
        parts = [root.measure() for root in self._roots]
        base_stock = np.zeros(self.model.lot.shape, dtype=np.int64)
        for root in self._roots:
            base_stock[root.source.parts, root.source.depot] = root.central_level
            base_stock[np.ix_(root.source.parts, root.source.fields)] = root.level
        return Decision(
            cost=np.concatenate([cost for cost, _ in parts]),
            use=np.concatenate([use for _, use in parts]),
            base_stock=base_stock,
        )


class _Root:
    """One root as the kernels take it, with the levels found last."""

    def __init__(self, source: RootNetwork) -> None:
        model, p = source.model, source.parts
        self.source = source
        self.network = _network(source)
        self.central_level = np.rint(source.lead_time_demand[p, 0]).astype(np.int64)
        self.level = np.zeros((len(p), len(source.fields)), np.int64)
        self.columns = np.append(source.fields, source.depot)
        self.holding = model.holding[p]
        self.kept_back = source.kept_back(p, self.columns)
        in_lots = (model.lot[p, source.depot] - 1) / 2
        self.constant_cost = -self.holding * (in_lots + source.lead_time_demand[p, 0])
        column = {int(d): j for j, d in enumerate(self.columns)}
        self.terms = [
            (term.row, term.feature, column[term.depot], term.coefficient[p])
            for term in model.targets.terms
            if term.depot in column
        ]

    def unit_prices(self, prices: Floats) -> UnitPrices:
        """Turn prices of the targets into money per unit of stock, backorders, readiness."""
        from partsim.kernels.pricing import UnitPrices

        shape = self.kept_back.shape
        money = {
            "units": np.repeat(self.holding[:, None], shape[1], axis=1),
            "backorders": self.holding[:, None] * self.kept_back,
            "unready": np.zeros(shape),
        }
        for row, feature, column, coefficient in self.terms:
            money[feature][:, column] += prices[row] * coefficient
        return UnitPrices(
            unit=money["units"],
            backorder=money["backorders"],
            readiness=-money["unready"],
            tier=np.ascontiguousarray(prices[: self.source.model.targets.tier_rows]),
        )

    def price_of_all_unready(self, prices: Floats) -> float:
        """Give the money for a ready rate of zero everywhere, which unit prices count from."""
        return sum(
            float(prices[row] * coefficient.sum())
            for row, feature, _, coefficient in self.terms
            if feature == "unready"
        )

    def measure(self) -> tuple[Floats, Floats]:
        """Give cost and uses of the levels found last."""
        from partsim.kernels.pricing import fill_measures

        targets = self.source.model.targets
        shape = self.network.rate.shape
        backorders, ready = np.empty(shape), np.empty(shape)
        use = np.zeros((shape[0], len(targets.limit)))
        missed = np.empty((shape[0], targets.tier_rows))
        fill_measures(self.network, self.central_level, self.level, backorders, ready, missed)
        units = self.central_level + self.level.sum(axis=1)
        cost = self.holding * (units + (self.kept_back * backorders).sum(axis=1))
        use[:, : targets.tier_rows] = missed
        stock = np.column_stack([self.level, self.central_level])
        features = {"backorders": backorders, "unready": 1 - ready, "units": stock}
        for row, feature, column, coefficient in self.terms:
            use[:, row] += coefficient * features[feature][:, column]
        return cost + self.constant_cost, use


def _network(root: RootNetwork) -> Network:
    """Bring a root into the flat arrays of the kernels."""
    from partsim.kernels.pricing import Network

    model, p = root.model, root.parts
    columns = np.append(root.fields, root.depot)
    rate = model.demand.depot_rate[p][:, columns]
    moving = rate * np.append(root.transport, 0.0)
    moving[:, -1] = root.lead_time_demand[p, 0]
    tables = [root.central[i] for i in p]
    endless = [
        np.zeros((1, len(root.lags))),
        np.zeros((1, len(root.lags))),
        np.ones((1, len(root.lags))),
    ]
    owed, spread, ready = (
        np.ascontiguousarray(np.vstack([*(t[i][:-1] for t in tables), endless[i]]))
        for i in range(3)
    )
    grade = model.grade[p]
    windows = model.windows
    return Network(
        start=np.concatenate([[0], np.cumsum([len(t[0]) - 1 for t in tables])]),
        owed=owed,
        spread=spread,
        ready=ready,
        fewest=root.fewest[p],
        most=root.most[p],
        lag_step=float(root.lags[1]) if len(root.lags) > 1 else 0.0,
        rate=np.ascontiguousarray(rate),
        moving=np.ascontiguousarray(moving),
        ratio=np.ascontiguousarray(
            model.demand.variance_ratio[p[:, None], columns, grade[:, None]]
        ),
        share=np.ascontiguousarray(np.column_stack([root.share[p], root.own_share[p]])),
        sources=np.ascontiguousarray(model.demand.sources[p][:, columns], float),
        calls=np.ascontiguousarray(shares_of_calls(root, p, columns)),
        floor=min_fill_rate(root, p),
        difficulty=difficulty_index(model.scenario)[p],
        transport=np.append(root.transport, 0.0),
        waits=np.ascontiguousarray(windows.waits[:, columns]),
        weights=np.ascontiguousarray(windows.weights[:, columns]),
        at_once=np.ascontiguousarray(windows.at_once[:, columns]),
    )

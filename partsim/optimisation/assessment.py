"""Assess given stock levels with the evaluation model: costs, targets, cells."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partsim.model.plan import Row
from partsim.optimisation.emergency import CENTRE
from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.options import Options, evaluate_options
from partsim.optimisation.regional_network import networks
from partsim.optimisation.waiting import (
    kept_back,
    own_backorders,
    own_shipments,
    waiting_machines,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CELLS = ("owed", "ready", "filled", "on_hand", "own_owed", "shelf")


@dataclass(frozen=True, eq=False)
class Assessment:
    """
    What stock levels do by the formulas.

    Attributes
    ----------
    costs : dict of str to float
        holding, ordering, approval, control_loss, and downtime and emergency where they have a
        cost [money per year].
    part_costs : dict of str to ndarray of float, shape (part,)
        downtime and emergency where they have a cost [money per year].
    use : ndarray of float, shape (row,)
        Use of every target, its constant included.
    backorders, fill_rate, waiting_time, on_hand : ndarray of float, shape (part, depot)
        Expected backorders [units], share of demand met from the shelf, mean wait of a demand
        [days], units on the shelf; for a central depot over all its demand. Fill rate and
        waiting time are NaN without demand.
    own_backorders, own_fill_rate : ndarray of float, shape (part, depot)
        The same for the machines that the depot serves.
    shipped : ndarray of float, shape (way, part, depot)
        Emergency shipments from the central depot, and from outside [units per day].
    """

    costs: dict[str, float]
    part_costs: dict[str, Floats]
    use: Floats
    backorders: Floats
    fill_rate: Floats
    waiting_time: Floats
    on_hand: Floats
    own_backorders: Floats
    own_fill_rate: Floats
    shipped: Floats

    @property
    def plan_cost(self) -> float:
        """Money per year."""
        return sum(self.costs.values())


def reaching(model: EvaluationModel, base_stock: Ints) -> EvaluationModel:
    """
    Give a model whose tables reach given levels.

    Parameters
    ----------
    model : EvaluationModel
        Any; what it knows of its roots' stock is passed on where it reaches the levels.
    base_stock : ndarray of int, shape (part, depot)
        Levels.

    Returns
    -------
    EvaluationModel
        The same, with `least_levels` no smaller than the levels.
    """
    longer = replace(model, least_levels=np.maximum(model.least_levels, base_stock))
    for old, new in zip(model.roots, longer.roots, strict=True):
        same = old.most == new.most
        new.views.update((p, known) for p, known in old.views.items() if same[p])
    return longer


def assess(model: EvaluationModel, base_stock: Ints) -> Assessment:
    """
    Evaluate stock levels.

    Parameters
    ----------
    model : EvaluationModel
        With `least_levels` no smaller than the levels, so that the tables reach them.
    base_stock : ndarray of int, shape (part, depot)
        Levels.

    Returns
    -------
    Assessment
        By VARI-METRIC, echelon by echelon, with finite sources where machines stand still.
    """
    shape = base_stock.shape
    use = model.targets.constant.copy()
    cells = {name: np.zeros(shape) for name in _CELLS}
    cells["shipped"] = np.zeros((2, *shape))
    # Stock under no demand is only held.
    idle = np.ones(shape, dtype=bool)
    holding = 0.0
    for root in networks(model, base_stock):
        idle[np.ix_(root.parts, np.append(root.fields, root.depot))] = False
        holding += _assess_root(root, base_stock, use, cells)
    holding += float((base_stock * idle).sum(axis=1) @ model.holding)
    cells["on_hand"] += base_stock * idle
    features = {"backorders": cells["own_owed"], "unready": 1 - cells["ready"], "units": base_stock}
    for term in model.targets.terms:
        use[term.row] += float(term.coefficient @ features[term.feature][:, term.depot])
    return _finish(model, holding, use, cells)


def _assess_root(
    root: RootNetwork, base_stock: Ints, use: Floats, cells: dict[str, Floats]
) -> float:
    """Add what one root and its fields keep and break; give their holding cost."""
    model, holding, tiers = root.model, 0.0, root.model.targets.tier_rows
    fields = np.arange(len(root.fields))
    for options in evaluate_options(root, root.parts, base_stock[root.parts, root.depot]):
        p, i = options.part, np.arange(len(options.part))[:, None]
        levels = base_stock[p][:, root.fields]
        picked = (i, fields, levels)
        use[:tiers] += options.central_use[:, :tiers].sum(axis=0)
        use[:tiers] += options.use[:tiers, i, fields, levels].sum(axis=(1, 2))
        at = (p[:, None], root.fields)
        backorders = options.cells.backorders[picked]
        shipped = options.cells.shipped[:, i, fields, levels]
        cells["shelf"][at], cells["shipped"][:, p[:, None], root.fields] = backorders, shipped
        cells["owed"][at] = cells["own_owed"][at] = waiting_machines(model, backorders, shipped)
        cells["ready"][at] = cells["filled"][at] = options.ready[picked]
        cells["on_hand"][at] = options.cells.on_hand[picked]
        position = options.central_level - (model.lot[p, root.depot] - 1) / 2
        own = _assess_centre(root, options, position, cells)
        kept = kept_back(root, p, np.append(root.fields, root.depot))
        owned = position - root.owed_by_suppliers[p] + own * kept[:, -1]
        positions = levels - (model.lot[p][:, root.fields] - 1) / 2
        owned = owned + (positions + backorders * kept[:, :-1]).sum(axis=1)
        if model.emergency is not None:
            shipped = cells["shipped"][:, p][..., np.append(root.fields, root.depot)]
            owned = owned + model.emergency.held(shipped, root.supply_time(p)).sum(axis=1)
        holding += float(model.holding[p] @ owned)
    return holding


def _assess_centre(
    root: RootNetwork, options: Options, position: Floats, cells: dict[str, Floats]
) -> Floats:
    """Note what the root keeps and owes; give its own customers' backorders, (option,)."""
    p, d, ready = options.part, root.depot, options.central_ready
    own = own_backorders(root, p, options.central_backorders, ready)
    shipped = own_shipments(root, p, ready)
    more = waiting_machines(root.model, np.zeros(len(p)), shipped)
    cells["shelf"][p, d], cells["shipped"][:, p, d] = own, shipped
    cells["owed"][p, d] = options.central_backorders + more
    cells["own_owed"][p, d] = own + more
    cells["ready"][p, d] = ready
    cells["filled"][p, d] = _orders_filled(root, p, ready, cells["shipped"])
    under_way = root.lead_time_demand[p, 0]
    if root.model.emergency is not None:
        rates = root.reached_by.ready[p] * ready + root.reached_by.out[p] * (1 - ready)
        under_way = rates * root.supply_time(p)[:, 0]
    cells["on_hand"][p, d] = position - under_way + options.central_backorders
    return own


def _orders_filled(root: RootNetwork, part: Ints, ready: Floats, shipped: Floats) -> Floats:
    """Give the share of orders and own demand that a root fills at once, NaN without any.

    The orders of fields come at other rates while it has a unit and while it has none.
    """
    if root.model.emergency is None:
        return ready
    reach, d = root.reached_by, root.depot
    met = ready * reach.ready[part] - shipped[CENTRE][part][:, root.fields].sum(axis=1)
    own = root.model.emergency.urgent[part, d]
    total = met + (1 - ready) * (reach.out[part] + own)
    return np.divide(met, total, out=np.full(len(part), np.nan), where=total > 1e-12)


def _finish(
    model: EvaluationModel, holding: float, use: Floats, cells: dict[str, Floats]
) -> Assessment:
    rate = model.network_rate
    n = model.demand.sources
    # Machines that wait for the part take no other one.
    thinned = 1 - np.divide(cells["own_owed"], n, out=np.zeros_like(rate), where=n > 0)
    parents = model.scenario.parents
    field = (parents >= 0) & ~np.isin(np.arange(len(parents)), parents)
    served = np.where(field, rate * thinned, rate)
    nothing = np.full(rate.shape, np.nan)
    costs = {"holding": holding, **model.fixed_costs}
    of_parts = _part_costs(model, cells["shelf"], cells["shipped"])
    return Assessment(
        costs=costs | {name: float(money.sum()) for name, money in of_parts.items()},
        part_costs=of_parts,
        use=np.maximum(use, 0.0),  # windows are sums of weights, rounded
        backorders=cells["owed"],
        fill_rate=np.where(rate > 0, cells["filled"], np.nan),
        waiting_time=np.divide(cells["owed"], served, out=nothing, where=served > 0),
        on_hand=cells["on_hand"],
        own_backorders=cells["own_owed"],
        own_fill_rate=np.where(model.demand.depot_rate > 0, cells["ready"], np.nan),
        shipped=cells["shipped"],
    )


def _part_costs(model: EvaluationModel, backorders: Floats, shipped: Floats) -> dict[str, Floats]:
    """Give what downtime and emergency shipments cost, where they do, by part."""
    costs, rules = {}, model.emergency
    if model.scenario.downtime_costs.any():
        standing = model.downtime * backorders
        if rules is not None:
            standing = standing + rules.downtime[1] * rules.waiting(shipped)
        costs["downtime"] = standing.sum(axis=1)
    if rules is not None:
        costs["emergency"] = rules.money(shipped).sum(axis=1)
    return costs


def read_rows(model: EvaluationModel, use: Floats, best: Floats, prices: Floats) -> tuple[Row, ...]:
    """
    Put the targets into the words of a report; promises as they were made, not as corrected.

    Parameters
    ----------
    model : EvaluationModel
        With the targets.
    use, best : ndarray of float, shape (row,)
        What the plan uses and the least that any plan uses, constants included.
    prices : ndarray of float, shape (row,)
        Shadow prices [money per year and unit of use].

    Returns
    -------
    tuple of Row
        Shares to reach; hours, volume and money not to be exceeded.
    """
    targets = model.targets
    limits = targets.asked
    allowed = np.maximum(limits, targets.limit)  # a simulation may have found the formulas strict
    rows = []
    for k, name in enumerate(targets.names):
        limit, unit = float(limits[k]), targets.units[k]
        target, value, reachable = limit, float(use[k]), max(float(best[k]), 0.0)
        price = float(prices[k]) + 0.0  # never -0.0
        if unit == "share":
            target, value, reachable = 1 - target, 1 - value, 1 - reachable
            price /= 100
        elif unit == "hours":
            target, value, reachable = target * 24, value * 24, reachable * 24
            price /= 24
        reached = float(use[k]) <= float(allowed[k]) * (1 + 1e-9) + 1e-12
        rows.append(Row(name, target, value, reachable, unit, price, reached))
    return tuple(rows)

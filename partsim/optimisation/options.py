"""Options of the decision: what each stock level of each cell costs and uses, as arrays.

For a part under a root depot (one that suppliers deliver to) an option is a central level S0;
given it, the field depots' cells are independent of each other, each with its own table over
levels. So it is for a part in a region, given the level of the depot above. The last entry of
every table, `LIMIT`, is a relaxation for bounds: it costs what the next level would cost and
works like endless stock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.order_units import largest_orders
from partsim.errors import InputError, Problem
from partsim.model.scenario import NO_LIMIT
from partsim.optimisation.broken_promises import field_misses, own_misses
from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.field_cells import LIMIT, FieldCells, field_cells
from partsim.optimisation.grade_floors import floor_text, too_low_at_fields, too_low_at_root
from partsim.optimisation.regional_network import regions_given
from partsim.optimisation.sight import Sight, look_up, units_in_resupply
from partsim.optimisation.targets import Feature
from partsim.optimisation.waiting import (
    backorder_cost,
    own_backorders,
    own_shipments,
    waiting_machines,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROWS_AT_ONCE = 128
"""Options evaluated together: few enough for the processor's cache."""


@dataclass(frozen=True, eq=False)
class Options:
    """
    A batch of options (part, S0) under one root depot, all with tables of the same length.

    Attributes
    ----------
    part, central_level : ndarray of int, shape (option,)
        Part and S0.
    central_cost : ndarray of float, shape (option,)
        Holding and downtime at the root [money per year]; transports are left to the fields.
    central_use : ndarray of float, shape (option, row)
        Use of every target by the root's own customers and stock.
    central_backorders, central_ready : ndarray of float, shape (option,)
        Expected units owed by the root, and its ready rate.
    central_shortage_cost : ndarray of float, shape (option,)
        What of the cost comes from the root's own customers without a unit [money per year].
    cost : ndarray of float, shape (option, field, level + 1)
        Holding on the shelf and in transport, emergency shipments and downtime [money per year];
        infinite where forbidden.
    shortage_cost : ndarray of float, shape (option, field, level)
        All of it but the holding of the base stock, where it is not forbidden.
    use : ndarray of float, shape (row, option, field, level + 1)
        Use of every target.
    cells : FieldCells
        Backorders, ready rate and stock on the shelf, and what is shipped, for the report.
    """

    part: Ints
    central_level: Ints
    central_cost: Floats
    central_use: Floats
    central_backorders: Floats
    central_ready: Floats
    central_shortage_cost: Floats
    cost: Floats
    shortage_cost: Floats
    use: Floats
    cells: FieldCells

    @property
    def levels(self) -> int:
        """Real levels in the tables: 0 to levels - 1."""
        return self.shortage_cost.shape[2]

    @property
    def ready(self) -> Floats:
        """Ready rate of the fields, shape (option, field, level)."""
        return self.cells.in_stock


def evaluate_options(root: RootNetwork, part: Ints, central_level: Ints) -> list[Options]:
    """
    Evaluate options, in batches of equal table length.

    Parameters
    ----------
    part, central_level : ndarray of int, shape (option,)
        Part and S0, from 0 to ``most[part] + 1``, the relaxed level.

    Returns
    -------
    list of Options
        Together all options, regrouped.
    """
    if not len(part):  # a root without demand
        return []
    sight = look_up(root, part, central_level)
    lengths = _table_lengths(root, part, sight)
    batches = []
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            i = rows[start : start + _ROWS_AT_ONCE]
            batches.append(_batch(root, part[i], central_level[i], sight.at(i), length))
    return batches


def check_limits(model: EvaluationModel) -> None:
    """
    Refuse limits that keep a part from what its grade asks for.

    Parameters
    ----------
    model : EvaluationModel
        What is decided on.

    Raises
    ------
    InputError
        Naming every part and depot with too low a limit.
    """
    scenario, problems = model.scenario, []
    row = {(limit.part, limit.depot): n for n, limit in enumerate(scenario.limits)}
    limited = scenario.most_stock < NO_LIMIT
    plenty = (
        network
        for root in model.roots
        for network in (root, *regions_given(root, root.parts, root.top[root.parts]))
    )
    for root in plenty:
        depots = np.append(root.fields, root.depot)
        part = root.parts[limited[root.parts][:, depots].any(axis=1)]
        for options in evaluate_options(root, part, root.top[part]):
            cost = np.column_stack([options.cost.min(axis=-1), options.central_cost])
            for i, j in np.argwhere(np.isinf(cost)):
                p, d = options.part[i], depots[j]
                cell = scenario.part_ids[p], scenario.depot_ids[d]
                message = (
                    f"expected a max of {cell[0]} at {cell[1]} that "
                    f"can keep the {floor_text(root, p)}, got {scenario.most_stock[p, d]}"
                )
                problems.append(Problem(message, f"limits.{row[cell]}.max"))
    if problems:
        raise InputError(*problems)


def _table_lengths(root: RootNetwork, part: Ints, sight: Sight) -> Ints:
    """Choose how many levels each option's tables need, from few sizes."""
    if not len(root.fields):
        return np.ones(len(part), dtype=np.int64)
    mean, variance = units_in_resupply(root, part, sight)
    lot = root.model.lot[part][:, root.fields]
    before = largest_orders(root.model.demand.order_ratio[part][:, root.fields])
    apart = np.sqrt(np.maximum(variance, mean))
    need = np.ceil((mean + 7 * apart + before + 2 + lot).max(axis=1))
    least = root.model.reach[part][:, root.fields].max(axis=1)
    need = np.maximum(need, least).astype(np.int64) + 1
    sizes = np.unique(np.ceil(4 * 1.35 ** np.arange(60)).astype(np.int64))
    return sizes[np.searchsorted(sizes, need)]


def _batch(
    root: RootNetwork, part: Ints, central_level: Ints, sight: Sight, levels: int
) -> Options:
    model, targets = root.model, root.model.targets
    shape, K = (len(part), len(root.fields), levels), len(targets.limit)
    owed, _, ready = (values[:, 0] for values in sight.of_root)
    cells = field_cells(root, part, central_level, sight, levels)
    h = model.holding[part][:, None, None]
    S = np.arange(levels) - (model.lot[part][:, root.fields, None] - 1) / 2  # mean position
    shortage_cost = _shortage_cost(root, part, root.fields, cells.backorders, cells.shipped)
    cost = np.empty((*shape[:2], levels + 1))
    cost[..., :-1] = h * S + shortage_cost
    cost[..., LIMIT] = h[..., 0] * (S[..., -1] + 1)
    waiting = waiting_machines(model, cells.backorders, cells.shipped)
    cost[..., :-1][too_low_at_fields(root, part, cells.in_stock, waiting)] = np.inf
    cost[_outside_limits(root, part, levels)] = np.inf
    use = np.zeros((K, *shape[:2], levels + 1))
    use[: targets.tier_rows] = field_misses(root, part, sight, cells)
    for term in targets.terms:
        for j in np.flatnonzero(root.fields == term.depot):
            feature = _of_levels(term.feature, waiting[:, j], cells.in_stock[:, j])
            use[term.row, :, j] += term.coefficient[part][:, None] * feature
    own = _own_shortage_cost(root, part, owed, ready)
    return Options(
        part=part,
        central_level=central_level,
        central_cost=_central_cost(root, part, central_level, ready, own),
        central_use=_central_use(root, part, central_level, sight),
        central_backorders=owed,
        central_ready=ready,
        central_shortage_cost=own,
        cost=cost,
        shortage_cost=shortage_cost,
        use=use,
        cells=cells,
    )


def _shortage_cost(
    root: RootNetwork, part: Ints, depots: Ints, backorders: Floats, shipped: Floats
) -> Floats:
    """Give what lacking units cost, backorders and shipments of shape (option, depot, level)."""
    cost = backorders * backorder_cost(root, part, depots)[..., None]
    rules = root.model.emergency
    if rules is None:
        return cost
    held = rules.held(shipped, root.supply_time(part)[..., None])
    held = root.model.holding[part][:, None, None] * held
    down = rules.downtime[1][part][:, depots][..., None] * rules.waiting(shipped)
    return cost + held + down + rules.money(shipped)


def _own_shortage_cost(root: RootNetwork, part: Ints, owed: Floats, ready: Floats) -> Floats:
    """Give what lacking units at the root cost its own customers, (option,)."""
    own, shipped = own_backorders(root, part, owed, ready), own_shipments(root, part, ready)
    depot = np.array([root.depot])
    cost = _shortage_cost(root, part, depot, own[:, None, None], shipped[:, :, None, None])
    return np.asarray(cost[:, 0, 0])


def _outside_limits(root: RootNetwork, part: Ints, levels: int) -> NDArray[np.bool_]:
    """Tell which levels the scenario's limits forbid, (option, field, level + 1).

    The relaxed level stands for all levels beyond the table.
    """
    scenario, level = root.model.scenario, np.arange(levels + 1)
    least = root.model.fewest[part][:, root.fields, None]
    most = scenario.most_stock[part][:, root.fields, None]
    return np.asarray((level < np.minimum(least, levels)) | (level > most))


def _of_levels(feature: Feature, backorders: Floats, in_stock: Floats) -> Floats:
    """Give a feature of every level, that of the relaxed one last."""
    if feature == "units":
        return np.arange(backorders.shape[-1] + 1.0)
    values = backorders if feature == "backorders" else 1 - in_stock
    return np.hstack([values, np.zeros((len(values), 1))])


def _central_cost(
    root: RootNetwork, part: Ints, level: Ints, ready: Floats, shortage: Floats
) -> Floats:
    position = level - (root.model.lot[part, root.depot] - 1) / 2
    cost = root.model.holding[part] * (position - root.owed_by_suppliers[part]) + shortage
    return np.where(too_low_at_root(root, part, level, ready), np.inf, cost)


def _central_use(root: RootNetwork, part: Ints, level: Ints, sight: Sight) -> Floats:
    targets, (owed, _, ready) = root.model.targets, sight.of_root
    use = np.zeros((len(part), len(targets.limit)))
    use[:, : targets.tier_rows] = own_misses(root, part, sight)
    own = own_backorders(root, part, owed[:, 0], ready[:, 0])
    waiting = waiting_machines(root.model, own, own_shipments(root, part, ready[:, 0]))
    units = np.asarray(level, float)
    features = {"backorders": waiting, "unready": 1 - ready[:, 0], "units": units}
    for term in targets.terms:
        if term.depot == root.depot:
            use[:, term.row] += term.coefficient[part] * features[term.feature]
    return use

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

from partsim.analytic.counts import count_at_most, count_table
from partsim.analytic.order_units import largest_orders, with_units_before
from partsim.analytic.two_echelon import finite_source_backorders, vari_metric
from partsim.errors import InputError, Problem
from partsim.model.scenario import NO_LIMIT
from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.field_lots import average_over_positions
from partsim.optimisation.grade_floors import floor_text, too_low_at_fields, too_low_at_root
from partsim.optimisation.regional_network import regions_given
from partsim.optimisation.targets import Feature, calls_per_day, kind_of_call

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LIMIT = -1
"""Index of the relaxed level in every table."""

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
    cost : ndarray of float, shape (option, field, level + 1)
        Holding on the shelf and in transport, and downtime [money per year]; infinite where
        forbidden.
    use : ndarray of float, shape (row, option, field, level + 1)
        Use of every target.
    backorders, ready, on_hand : ndarray of float, shape (option, field, level)
        Expected backorders, ready rate and stock on the shelf, for the report.
    """

    part: Ints
    central_level: Ints
    central_cost: Floats
    central_use: Floats
    central_backorders: Floats
    central_ready: Floats
    cost: Floats
    use: Floats
    backorders: Floats
    ready: Floats
    on_hand: Floats

    @property
    def levels(self) -> int:
        """Real levels in the tables: 0 to levels - 1."""
        return self.backorders.shape[2]


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
    looked_up = [root.central[p] for p in part]
    owed = np.array([t[0][s] for t, s in zip(looked_up, central_level, strict=True)])
    spread = np.array([t[1][s] for t, s in zip(looked_up, central_level, strict=True)])
    ready = np.array([t[2][s] for t, s in zip(looked_up, central_level, strict=True)])
    lengths = _table_lengths(root, part, owed[:, 0], spread[:, 0])
    batches = []
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            i = rows[start : start + _ROWS_AT_ONCE]
            batches.append(
                _batch(root, part[i], central_level[i], owed[i], spread[i], ready[i], length)
            )
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
                message = (
                    f"expected a max of {scenario.part_ids[p]} at {scenario.depot_ids[d]} that "
                    f"can keep the {floor_text(root, p)}, got {scenario.most_stock[p, d]}"
                )
                problems.append(Problem(message, "limits"))
    if problems:
        raise InputError(*problems)


def _pipeline(root: RootNetwork, part: Ints, owed: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Give mean and variance of the fields' units in resupply, shape (option, field)."""
    m = root.model.demand.depot_rate[part][:, root.fields]
    grade = root.model.grade[part]
    ratio = root.model.demand.variance_ratio[part[:, None], root.fields, grade[:, None]]
    order_ratio = root.model.demand.order_ratio[part][:, root.fields]
    return vari_metric(
        m * root.transport, ratio, root.share[part], owed[:, None], spread[:, None], order_ratio
    )


def _table_lengths(root: RootNetwork, part: Ints, owed: Floats, spread: Floats) -> Ints:
    """Choose how many levels each option's tables need, from few sizes."""
    if not len(root.fields):
        return np.ones(len(part), dtype=np.int64)
    mean, variance = _pipeline(root, part, owed, spread)
    lot = root.model.lot[part][:, root.fields]
    before = largest_orders(root.model.demand.order_ratio[part][:, root.fields])
    apart = np.sqrt(np.maximum(variance, mean))
    need = np.ceil((mean + 7 * apart + before + 2 + lot).max(axis=1))
    least = root.model.reach[part][:, root.fields].max(axis=1)
    need = np.maximum(need, least).astype(np.int64) + 1
    sizes = np.unique(np.ceil(4 * 1.35 ** np.arange(60)).astype(np.int64))
    return sizes[np.searchsorted(sizes, need)]


def _batch(
    root: RootNetwork,
    part: Ints,
    central_level: Ints,
    owed: Floats,
    spread: Floats,
    ready: Floats,
    levels: int,
) -> Options:
    model, targets = root.model, root.model.targets
    R, J, K = len(part), len(root.fields), len(targets.limit)
    mean, variance = _pipeline(root, part, owed[:, 0], spread[:, 0])
    table, lot = count_table(mean, variance, levels - 1), model.lot[part][:, root.fields]
    in_stock = np.zeros((R, J, levels))  # P(X <= S - 1)
    # Without stock a demand still waits for nothing if nothing has to be transported.
    soon = np.where(root.transport == 0, ready[:, [0]], 0.0)
    order_ratio = model.demand.order_ratio[part][:, root.fields]
    in_stock[..., 0] = soon
    in_stock[..., 1:] = _met(table.at_most[..., :-1], order_ratio, soon)
    in_stock = average_over_positions(in_stock, lot)
    sources = model.demand.sources[part][:, root.fields]
    backorders = finite_source_backorders(
        average_over_positions(table.backorders, lot),
        mean[..., None],
        1 - in_stock,
        sources[..., None],
    )
    h = model.holding[part][:, None, None]
    S = np.arange(levels) - (lot[..., None] - 1) / 2  # mean position
    cost = np.empty((R, J, levels + 1))
    cost[..., :-1] = h * S + backorders * root.backorder_cost(part, root.fields)[..., None]
    cost[..., LIMIT] = h[..., 0] * (S[..., -1] + 1)
    cost[..., :-1][too_low_at_fields(root, part, in_stock, backorders)] = np.inf
    cost[_outside_limits(root, part, levels)] = np.inf
    use = np.zeros((K, R, J, levels + 1))
    use[: targets.tier_rows] = _misses(root, part, owed, spread, ready, in_stock)
    for term in targets.terms:
        for j in np.flatnonzero(root.fields == term.depot):
            feature = _of_levels(term.feature, backorders[:, j], in_stock[:, j])
            use[term.row, :, j] += term.coefficient[part][:, None] * feature
    return Options(
        part=part,
        central_level=central_level,
        central_cost=_central_cost(root, part, central_level, owed[:, 0], ready[:, 0]),
        central_use=_central_use(root, part, central_level, owed, ready),
        central_backorders=owed[:, 0],
        central_ready=ready[:, 0],
        cost=cost,
        use=use,
        backorders=backorders,
        ready=in_stock,
        on_hand=S - mean[..., None] * _thinned(backorders, sources) + backorders,
    )


def _met(at_most: Floats, order_ratio: Floats, soon: Floats) -> Floats:
    """Give the share of units met, from P(X <= S - 1) of the units that stand before an order.

    J units of its order that come before it hold a unit up, unless what the depot orders for them
    is there as soon as it has to be. Then nothing stands before them, so that the units are met if
    that is so, or X + J <= S - 1 all the same.
    """
    if (order_ratio == 1).all():
        return at_most
    held_up = 1 - with_units_before(np.ones(at_most.shape[-1]), order_ratio)  # P(J > S - 1)
    return np.asarray(with_units_before(at_most, order_ratio) + soon[..., None] * held_up)


def _outside_limits(root: RootNetwork, part: Ints, levels: int) -> NDArray[np.bool_]:
    """Tell which levels the scenario's limits forbid, (option, field, level + 1).

    The relaxed level stands for all levels beyond the table.
    """
    scenario, level = root.model.scenario, np.arange(levels + 1)
    least = np.maximum(scenario.least_stock, root.model.lot - 1)[part][:, root.fields, None]
    most = scenario.most_stock[part][:, root.fields, None]
    return np.asarray((level < np.minimum(least, levels)) | (level > most))


def _of_levels(feature: Feature, backorders: Floats, in_stock: Floats) -> Floats:
    """Give a feature of every level, that of the relaxed one last."""
    if feature == "units":
        return np.arange(backorders.shape[-1] + 1.0)
    values = backorders if feature == "backorders" else 1 - in_stock
    return np.hstack([values, np.zeros((len(values), 1))])


def _thinned(backorders: Floats, sources: Ints) -> Floats:
    """Give the share of demand that is left while backorders keep machines down."""
    n = sources[..., None]
    return 1 - np.divide(backorders, n, out=np.zeros_like(backorders), where=n > 0)


def _misses(
    root: RootNetwork, part: Ints, owed: Floats, spread: Floats, ready: Floats, in_stock: Floats
) -> Floats:
    """Give the share of each tier's calls that break the promise, (tier, option, field, level).

    A wait of at most w means that, w after the demand, less than S of the units ordered
    before it are still under way: those ordered within L - w and those that the root still
    owed at that lag. A depot without stock gets the unit in the time L if the root is ready.
    """
    windows, calls = root.model.windows, shares_of_calls(root, part, root.fields)
    kind = kind_of_call(root.model.scenario)[part]
    R, J, levels = in_stock.shape
    T = calls.shape[2]
    misses = np.zeros((T, R, J, levels + 1))
    m = root.model.demand.depot_rate[part][:, root.fields]
    grade = root.model.grade[part]
    ratio = root.model.demand.variance_ratio[part[:, None], root.fields, grade[:, None]]
    f, lot = root.share[part], root.model.lot[part][:, root.fields]
    order_ratio = root.model.demand.order_ratio[part][:, root.fields]
    for t in range(T):
        busy = np.flatnonzero(calls[:, :, t].any(axis=0))
        if not len(busy):
            continue
        d = root.fields[busy]
        waits = windows.waits[kind[:, None], d, t]  # (option, field, wait)
        weights = windows.weights[kind[:, None], d, t]
        at_once = windows.at_once[kind[:, None], d, t]
        transport = root.transport[busy][:, None]
        lag = np.maximum(waits - transport, 0.0)
        mean, variance = vari_metric(
            m[:, busy, None] * np.maximum(transport - waits, 0.0),
            ratio[:, busy, None],
            f[:, busy, None],
            _at_lag(root, owed, lag),
            _at_lag(root, spread, lag),
            order_ratio[:, busy, None],
        )
        kept = np.zeros((R, len(busy), levels))
        without = np.where(waits >= transport, _at_lag(root, ready, lag), 0.0)
        kept[..., 0] = (weights * without).sum(axis=-1)
        if levels > 1:
            at_most = count_at_most(mean, variance, levels - 2)
            at_most = _met(at_most, order_ratio[:, busy, None], without)
            kept[..., 1:] = np.einsum("rjn,rjns->rjs", weights, at_most)
        kept = average_over_positions(kept, lot[:, busy])
        kept += (at_once - weights.sum(axis=-1))[..., None] * in_stock[:, busy]
        share = calls[:, busy, t]
        misses[t][:, busy, :-1] = share[..., None] * (1 - kept)
        misses[t][:, busy, LIMIT] = share * (1 - at_once)
    return misses


def _at_lag(root: RootNetwork, values: Floats, lag: Floats) -> Floats:
    """Interpolate (option, lag grid) values at lags of shape (option, field, wait)."""
    if len(root.lags) == 1:
        return np.broadcast_to(values[:, :1, None], lag.shape)
    place = lag / root.lags[1]
    low = np.minimum(place.astype(np.int64), len(root.lags) - 2)
    part = place - low
    option = np.arange(len(values))[:, None, None]
    return np.asarray(values[option, low] * (1 - part) + values[option, low + 1] * part)


def shares_of_calls(root: RootNetwork, part: Ints, depots: Ints) -> Floats:
    """Give calls that need our part as a share of all the tier's, (option, depot, tier)."""
    parts = root.model.scenario.parts.values()
    held = np.array([entry.customer_held for entry in parts])[part]
    rate = root.model.demand.call_rate[part][:, depots] * (1 - held)[:, None, None]
    return np.asarray(rate / calls_per_day(root.model.demand))


def _central_cost(
    root: RootNetwork, part: Ints, level: Ints, owed: Floats, ready: Floats
) -> Floats:
    position = level - (root.model.lot[part, root.depot] - 1) / 2
    own = root.own_backorders(part, owed, ready)
    own = own * root.backorder_cost(part, np.array([root.depot]))[:, 0]
    cost = root.model.holding[part] * (position - root.owed_by_suppliers[part]) + own
    return np.where(too_low_at_root(root, part, level, ready), np.inf, cost)


def _central_use(root: RootNetwork, part: Ints, level: Ints, owed: Floats, ready: Floats) -> Floats:
    targets, windows = root.model.targets, root.model.windows
    use = np.zeros((len(part), len(targets.limit)))
    calls = shares_of_calls(root, part, np.array([root.depot]))[:, 0]
    kind = kind_of_call(root.model.scenario)[part]
    weights = windows.weights[kind, root.depot]  # (option, tier, wait)
    kept = (weights * _at_lag(root, ready, windows.waits[kind, root.depot])).sum(axis=-1)
    at_once = windows.at_once[kind, root.depot]
    kept += (at_once - weights.sum(axis=-1)) * ready[:, :1]
    use[:, : targets.tier_rows] = calls * (1 - kept)
    own = root.own_backorders(part, owed[:, 0], ready[:, 0])
    units = np.asarray(level, float)
    features = {"backorders": own, "unready": 1 - ready[:, 0], "units": units}
    for term in targets.terms:
        if term.depot == root.depot:
            use[:, term.row] += term.coefficient[part] * features[term.feature]
    return use

"""Which share of the calls breaks its promise: at field depots by level, and at a root."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.counts import count_at_most
from partsim.analytic.overflow import overflow_later, overflow_table
from partsim.analytic.two_echelon import vari_metric
from partsim.analytic.waits import wait_without_stock
from partsim.optimisation.emergency import OUTSIDE
from partsim.optimisation.evaluation_model import RootNetwork
from partsim.optimisation.field_cells import LIMIT, FieldCells, met_in_time
from partsim.optimisation.field_lots import average_over_positions
from partsim.optimisation.sight import Sight, look_up, units_in_resupply
from partsim.optimisation.targets import calls_per_day, kind_of_call

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def field_misses(root: RootNetwork, part: Ints, sight: Sight, cells: FieldCells) -> Floats:
    """
    Give the share of each tier's calls that break the promise at field depots.

    Parameters
    ----------
    root : RootNetwork
        Who supplies them.
    part : ndarray of int, shape (option,)
        Parts.
    sight : Sight
        The root's stock.
    cells : FieldCells
        The depots.

    Returns
    -------
    ndarray of float, shape (tier, option, field, level + 1)
        The last level is the relaxed one.
    """
    model, calls = root.model, shares_of_calls(root, part, root.fields)
    kind = kind_of_call(model.scenario)[part][:, None]
    R, J, levels = cells.in_stock.shape
    misses = np.zeros((calls.shape[2], R, J, levels + 1))
    for t in range(len(misses)):
        busy = np.flatnonzero(calls[:, :, t].any(axis=0))
        if not len(busy):
            continue
        d = root.fields[busy]
        at_once = model.windows.at_once[kind, d, t]
        rules = model.emergency
        if rules is not None and rules.tiers[t]:
            sent = _shares(cells.shipped[:, :, busy], rules.urgent[part][:, d])
            kept = (sent * rules.kept[:, kind, d, t][..., None]).sum(axis=0)
            kept += at_once[..., None] * cells.in_stock[:, busy]
        else:
            kept = _kept_by_waiting(root, part, sight, busy, t, levels)
            weights = model.windows.weights[kind, d, t].sum(axis=-1)
            kept += (at_once - weights)[..., None] * cells.in_stock[:, busy]
        share = calls[:, busy, t]
        misses[t][:, busy, :-1] = share[..., None] * (1 - kept)
        misses[t][:, busy, LIMIT] = share * (1 - at_once)
    return misses


def _shares(shipped: Floats, urgent: Floats) -> Floats:
    """Give shipments as shares of the urgent demand, (way, option, field, level)."""
    rate = np.broadcast_to(urgent[..., None], shipped.shape)
    return np.divide(shipped, rate, out=np.zeros_like(rate), where=rate > 0)


def _kept_by_waiting(
    root: RootNetwork, part: Ints, sight: Sight, busy: Ints, tier: int, levels: int
) -> Floats:
    """Give the share of calls whose unit comes in a wait that the promise tolerates.

    A wait of at most w means that, w after the demand, less than S of the units ordered
    before it are still under way: those ordered within L - w and those that the root still
    owed at that lag. A depot without stock gets the unit in the time L if the root is ready.
    """
    model, d = root.model, root.fields[busy]
    owed, spread, _ = (_views(values, busy) for values in sight.of_fields)
    kind = kind_of_call(model.scenario)[part][:, None]
    grade = model.grade[part][:, None]
    waits = model.windows.waits[kind, d, tier]  # (option, field, wait)
    weights = model.windows.weights[kind, d, tier]
    transport = root.transport[busy][:, None]
    lag = np.maximum(waits - transport, 0.0)
    order_ratio = model.demand.order_ratio[part][:, d, None]
    mean, variance = vari_metric(
        model.demand.depot_rate[part][:, d, None] * np.maximum(transport - waits, 0.0),
        model.demand.variance_ratio[part[:, None], d, grade][..., None],
        root.share[part][:, busy, None],
        _at_lag(root, owed, lag),
        _at_lag(root, spread, lag),
        order_ratio,
    )
    kept = np.zeros((*lag.shape[:2], levels))
    in_time = _ready_at_lag(root, part, sight, busy, lag)
    without = np.where(waits >= transport, in_time, 0.0)
    kept[..., 0] = (weights * without).sum(axis=-1)
    if levels > 1:
        if model.emergency is None:
            at_most = count_at_most(mean, variance, levels - 2)
            in_time = met_in_time(at_most, order_ratio, without)
        else:
            now = units_in_resupply(root, part, sight)
            all_mean, all_variance = (values[:, busy, None] for values in now)
            patient = model.waits[part][:, d, None]
            table = overflow_table(all_mean, all_variance, patient, levels - 1)
            later = overflow_later(table, all_mean, (mean, variance), patient)
            in_time = 1 - later.empty[..., 1:]
        kept[..., 1:] = np.einsum("rjn,rjns->rjs", weights, in_time)
    return average_over_positions(kept, model.lot[part][:, d])


def own_misses(root: RootNetwork, part: Ints, sight: Sight) -> Floats:
    """
    Give the share of each tier's calls that break the promise at the root.

    Parameters
    ----------
    root : RootNetwork
        The root.
    part : ndarray of int, shape (option,)
        Parts.
    sight : Sight
        The root's stock.

    Returns
    -------
    ndarray of float, shape (option, tier)
        Of all calls of the tier.
    """
    windows, rules = root.model.windows, root.model.emergency
    ready = sight.of_root[2]
    calls = shares_of_calls(root, part, np.array([root.depot]))[:, 0]
    kind = kind_of_call(root.model.scenario)[part]
    weights = windows.weights[kind, root.depot]  # (option, tier, wait)
    waits = windows.waits[kind, root.depot]
    kept = (weights * _ready_at_lag(root, part, sight, None, waits)).sum(axis=-1)
    at_once = windows.at_once[kind, root.depot]
    kept += (at_once - weights.sum(axis=-1)) * ready[:, :1]
    if rules is not None:
        sent = rules.kept[OUTSIDE, kind, root.depot] * (1 - ready[:, :1])
        kept = np.where(rules.tiers, at_once * ready[:, :1] + sent, kept)
    return np.asarray(calls * (1 - kept))


def _views(values: Floats, busy: Ints) -> Floats:
    """Give what some fields see; all see the same where there is one view."""
    return values if values.shape[1] == 1 else values[:, busy]


def _at_lag(root: RootNetwork, values: Floats, lag: Floats) -> Floats:
    """Interpolate (option, view, lag grid) values at lags of shape (option, field, wait)."""
    if len(root.lags) == 1:
        return np.broadcast_to(values[..., :1], lag.shape)
    place = lag / root.lags[1]
    low = np.minimum(place.astype(np.int64), len(root.lags) - 2)
    part = place - low
    option = np.arange(len(values))[:, None, None]
    view = np.arange(values.shape[1])[:, None]
    return np.asarray(values[option, view, low] * (1 - part) + values[option, view, low + 1] * part)


def _ready_at_lag(
    root: RootNetwork, part: Ints, sight: Sight, busy: Ints | None, lag: Floats
) -> Floats:
    """
    Give the share of the root's demand that has its unit after a lag, (option, field, wait).

    As some fields see it, or as the root does itself. Without stock a unit is ordered for each
    demand; where orders may cross, what is known of one unit of stock is the safe side.
    """
    found = np.array(_at_lag(root, _ready(sight, busy), lag))
    alone = np.flatnonzero(root.waits_for_own_unit(part, sight.level))
    if len(alone):
        single = look_up(root, part[alone], np.ones(len(alone), dtype=np.int64))
        rates, most = root.order_rate(part[alone]), _at_lag(root, _ready(single, busy), lag[alone])
        for i, rate, bound in zip(alone, rates, most, strict=True):
            exact = wait_without_stock(rate, root.lead_times[part[i]], lag[i])
            found[i] = np.minimum(exact, bound)
    return found


def _ready(sight: Sight, busy: Ints | None) -> Floats:
    """Give the ready rate as some fields see it, or else the root."""
    return sight.of_root[2][:, None] if busy is None else _views(sight.of_fields[2], busy)


def shares_of_calls(root: RootNetwork, part: Ints, depots: Ints) -> Floats:
    """Give calls that need our part as a share of all the tier's, (option, depot, tier)."""
    parts = root.model.scenario.parts.values()
    held = np.array([entry.customer_held for entry in parts])[part]
    rate = root.model.demand.call_rate[part][:, depots] * (1 - held)[:, None, None]
    return np.asarray(rate / calls_per_day(root.model.demand))

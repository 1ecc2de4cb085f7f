"""Economic lots: from suppliers in whole packs and no fewer units than they deliver."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partsim.analytic.order_quantities import economic_order_quantity
from partsim.optimisation.evaluation_model import EvaluationModel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def economic_lots(model: EvaluationModel) -> Ints:
    """
    Order cheap fast parts in economic lots, dear slow ones one for one.

    Parameters
    ----------
    model : EvaluationModel
        Demand, prices, grades, limits; its lots are not looked at.

    Returns
    -------
    ndarray of int, shape (part, depot)
        At depots that suppliers deliver to, in multiples of what they pack and at least what they
        deliver; at depots that others supply, by the cost of an internal order; 1 where nothing is
        demanded, and below a root with regional depots, whose lots no formula knows.
    """
    scenario = model.scenario
    approval = [scenario.grade_rules(grade).approval_cost for grade in model.grades]
    order_cost = scenario.costs.order + np.array(approval)
    lots = np.where(
        scenario.parents < 0,
        _economic(model, order_cost),
        np.rint(_economic(model, np.full(len(order_cost), scenario.costs.internal_order))),
    )
    parts = scenario.parts.values()
    pack = np.array([part.order_multiple for part in parts])[:, None]
    least = np.array([part.least_order for part in parts])[:, None]
    from_suppliers = scenario.parents < 0
    pack, least = np.where(from_suppliers, pack, 1), np.where(from_suppliers, least, 1)
    lots = np.maximum(np.where(pack > 1, whole_packs(lots, pack), np.rint(lots)), least)
    most = np.maximum((scenario.most_stock + 1) // pack * pack, 1)  # the limits allow one pack
    in_lots = from_suppliers.copy()
    for root in model.roots:
        if not len(root.regions):
            in_lots[root.fields] = True
    served = in_lots & (model.network_rate > 0)
    return np.where(served, np.minimum(lots, most), 1).astype(np.int64)


def _economic(model: EvaluationModel, order_cost: Floats) -> Floats:
    """Give economic order quantities, shape (part, depot), within a year and the limits."""
    lots = economic_order_quantity(
        model.network_rate * 365, order_cost[:, None], np.maximum(model.holding, 1e-12)[:, None]
    )
    # No more than a year's demand: holding that costs nearly nothing is no reason for a hoard.
    lots = np.minimum(lots, np.maximum(model.network_rate * 365, 1))
    return np.asarray(np.minimum(lots, model.scenario.most_stock + 1))


def whole_packs(lots: Floats, pack: Ints) -> Floats:
    """
    Choose the multiple of a pack that costs least, given the lot that would cost least.

    Cost is as Q* / Q + Q / Q*, so that k + 1 packs P beat k where Q*^2 > k (k + 1) P^2.

    Parameters
    ----------
    lots : ndarray of float
        Economic order quantities Q* [units].
    pack : ndarray of int
        Units of a pack.

    Returns
    -------
    ndarray of float
        At least one pack [units].

    Examples
    --------
    >>> whole_packs(np.array([14.0, 14.2, 3.0]), np.array([10, 10, 10]))
    array([10., 20., 10.])
    """
    below = np.maximum(lots // pack, 1)
    return np.asarray(np.where(lots**2 > below * (below + 1) * pack**2, below + 1, below) * pack)

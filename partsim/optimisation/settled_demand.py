"""Demand that a plan's emergency shipments keep from the roots, settled with what it leads to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from partsim.optimisation.central_demand import Bypass
from partsim.optimisation.emergency import OUTSIDE
from partsim.optimisation.evaluation_model import EvaluationModel
from partsim.optimisation.options import evaluate_options

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDS = 60
_SETTLED = 1e-9
"""Change at which demand has settled, as a share of all demand for the part."""


def settled(model: EvaluationModel, base_stock: Ints) -> EvaluationModel:
    """
    Let the demand on the roots agree with the shelves of a plan.

    What the shelves of field depots lack depends on what the root owes, and that on the demand
    that empty shelves send elsewhere. From all demand on, by half steps where whole ones swing.

    Parameters
    ----------
    model : EvaluationModel
        At any bypass.
    base_stock : ndarray of int, shape (part, depot)
        Levels.

    Returns
    -------
    EvaluationModel
        At the bypass of the plan; the same model if all demand waits.
    """
    if model.emergency is None:
        return model
    reaching = np.maximum(model.least_levels, base_stock)
    old = Bypass.none(base_stock.shape)
    total = np.maximum(model.demand.depot_rate.sum(axis=1), 1e-300)[:, None]
    last = np.inf
    for _ in range(_ROUNDS):
        new = _bypass(replace(model, bypass=old, least_levels=reaching), base_stock)
        steps = [b - a for a, b in zip(_rates(old), _rates(new), strict=True)]
        change = max(float((np.abs(step) / total).max()) for step in steps)
        share = 1.0 if change < last / 2 else 0.5
        old = Bypass(*(a + share * d for a, d in zip(_rates(old), steps, strict=True)))
        last = change
        if change <= _SETTLED:
            break
    return replace(model, bypass=old)


def _rates(bypass: Bypass) -> tuple[Floats, Floats, Floats]:
    return bypass.while_ready, bypass.while_out, bypass.outside


def _bypass(model: EvaluationModel, base_stock: Ints) -> Bypass:
    """Read off what the cells at these levels send elsewhere."""
    found = Bypass.none(base_stock.shape)
    assert model.emergency is not None
    for root in model.roots:
        fields = np.arange(len(root.fields))
        for options in evaluate_options(root, root.parts, base_stock[root.parts, root.depot]):
            p, i = options.part, np.arange(len(options.part))[:, None]
            levels = base_stock[p][:, root.fields]
            at = (p[:, None], root.fields)
            away, shipped = options.cells.bypass, options.cells.shipped
            found.while_ready[at], found.while_out[at] = away[:, i, fields, levels]
            found.outside[at] = shipped[OUTSIDE][i, fields, levels]
            own = model.emergency.urgent[p, root.depot] * (1 - options.central_ready)
            found.outside[p, root.depot] = own
    return found

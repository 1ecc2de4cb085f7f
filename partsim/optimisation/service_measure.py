"""What service is measured by: a sum over rows that is to be small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from partsim.model.scenario import Scenario
from partsim.optimisation.evaluation_model import EvaluationModel
from partsim.optimisation.named_targets import service_names, unit_of, with_target
from partsim.optimisation.targets import Targets, Term, calls_per_day, set_targets

Floats = NDArray[np.float64]

MEASURES = ("backorders", "promises")
NO_WAIT = 1e-9
"""A wait so short that nothing stands still in it [days]."""


def measure_unit(scenario: Scenario, measure: str) -> str:
    """
    Give the unit of a measure of service.

    Parameters
    ----------
    scenario : Scenario
        The question.
    measure : str
        As for `optimise_service`.

    Returns
    -------
    str
        ``share``, ``units`` or ``hours``.

    Raises
    ------
    ValueError
        If there is no such measure.
    """
    names = (*MEASURES, *service_names(scenario))
    if measure not in names:
        raise ValueError(f"measure: expected one of {', '.join(names)}, got '{measure}'")
    units = {"backorders": "units", "promises": "share"}
    return units.get(measure) or unit_of(scenario, measure)


def service_rows(model: EvaluationModel, measure: str, wait: float = NO_WAIT) -> Targets:
    """
    Give the rows promises of tiers, the measure, investment, without limits.

    Parameters
    ----------
    model : EvaluationModel
        With the promises.
    measure : str
        As for `optimise_service`; backorders where it is about promises.
    wait : float
        For waiting times: the wait at which their rows are right [days].

    Returns
    -------
    Targets
        One more than two rows for each tier.
    """
    scenario, old = model.scenario, model.targets
    T = old.tier_rows
    depots = range(len(scenario.depots))
    served = (model.demand.depot_rate > 0).astype(float)
    terms = tuple(Term(T, d, "backorders", served[:, d]) for d in depots)
    constant = 0.0
    if measure not in (*MEASURES, *old.names[:T]):
        value = 24 * wait if unit_of(scenario, measure) == "hours" else 0.5
        rows = set_targets(with_target(scenario, measure, value), model.demand)
        k = rows.names.index(measure)
        terms = tuple(replace(term, row=T) for term in rows.terms if term.row == k)
        constant = float(rows.constant[k])
    return Targets(
        names=(*old.names[:T], measure, "investment"),
        units=(*old.units[:T], "volume", "money"),
        limit=np.full(T + 2, np.inf),
        constant=np.append(old.constant[:T], [constant, 0.0]),
        asked=np.append(old.asked[:T], [np.inf, np.inf]),
        tier_rows=T,
        terms=(*terms, *(Term(T + 1, d, "units", scenario.prices) for d in depots)),
        has_budget=True,
    )


def service_weights(model: EvaluationModel, measure: str) -> Floats:
    """Give the weights of the service rows whose sum is to be small: disservice; shape (row,)."""
    targets = model.targets
    weights = np.zeros(len(targets.limit))
    if measure == "promises":
        calls = calls_per_day(model.demand)
        weights[: targets.tier_rows] = calls / calls.sum()
    elif measure in targets.names[: targets.tier_rows]:
        weights[targets.names.index(measure)] = 1.0
    else:
        weights[targets.tier_rows] = 1.0
    return weights

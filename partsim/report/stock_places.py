"""Stock or no stock: where the units of each part are kept."""

from __future__ import annotations

import numpy as np

from partsim.model.plan import Plan
from partsim.model.scenario import Scenario

NOWHERE, ONLY_CENTRAL, IN_THE_FIELD = "nowhere", "only centrally", "at field depots"


def stock_places(scenario: Scenario, plan: Plan) -> list[str]:
    """
    Say for each part where a plan keeps it.

    Parameters
    ----------
    scenario : Scenario
        What is.
    plan : Plan
        Stock levels for its parts and depots.

    Returns
    -------
    list of str
        By part: ``nowhere``; ``only centrally``, at depots that supply others; or ``at field
        depots``, whatever lies centrally too.

    Examples
    --------
    >>> from partsim import optimise, read_scenario
    >>> case = read_scenario("scenarios/first_steps.yaml")
    >>> stock_places(case, optimise(case))
    ['at field depots', 'at field depots']
    """
    suppliers = {depot.supplied_by for depot in scenario.depots.values()}
    central = np.array([depot in suppliers for depot in scenario.depot_ids])
    kept = plan.base_stock > 0
    return [
        NOWHERE if not row.any() else ONLY_CENTRAL if not row[~central].any() else IN_THE_FIELD
        for row in kept
    ]

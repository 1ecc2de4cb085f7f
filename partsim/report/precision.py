"""Precision: whether a simulation knows the promises as exactly as it was asked to."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partsim.model.outcome import Outcome
    from partsim.model.run import Run


def precision_sentence(outcome: Outcome, asked: float) -> str:
    """
    Say after how many replications the precision was reached, or how far it was missed.

    Parameters
    ----------
    outcome : Outcome
        What was played.
    asked : float
        Half width of the 95 % interval of every promise's share.

    Returns
    -------
    str
        Without a full stop.

    Examples
    --------
    >>> import numpy as np
    >>> from partsim import Plan, read_scenario, simulate
    >>> scenario = read_scenario("scenarios/first_steps.yaml", ["simulation.precision=0.01 %"])
    >>> parts, depots = scenario.part_ids, scenario.depot_ids
    >>> threes = np.full((len(parts), len(depots)), 3)
    >>> plan = Plan(parts, depots, ("C",) * len(parts), threes, np.ones_like(threes))
    >>> precision_sentence(simulate(scenario, plan, replications=10), 0.0001).split(":")[0]
    'not reached in 10 replications, the most allowed'
    """
    known_within = outcome.half_width
    played = f"{outcome.replications} replications"
    if isnan(known_within):
        promises = outcome.promises
        tiers = ", ".join(promises.loc[promises["share_simulated"].isna(), "tier"])
        return f"not reached in {played}, the most allowed: no call of {tiers} came"
    known = f"every promise's share is known within {_points(known_within)} to each side"
    if known_within <= asked:
        return f"reached after {played}: {known}"
    return (
        f"not reached in {played}, the most allowed: {known}, {_points(asked)} was asked for; "
        "simulation.replications says how many there may be"
    )


def precision_asked(run: Run) -> str:
    """
    Say of a run how its precision came out, as `precision_sentence`.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.

    Returns
    -------
    str
        Empty where the scenario asks for none.
    """
    asked = run.scenario.simulation.precision
    return "" if asked is None else precision_sentence(run.outcome, asked)


def _points(share: float) -> str:
    return f"{100 * share:.2g} %"

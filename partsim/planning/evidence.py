"""What one round of a run tells of every target: by the formulas, and as simulated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from partsim.model.outcome import Outcome
from partsim.model.performance import Performance
from partsim.model.plan import Plan

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_WIDEST = np.log(20.0)
"""Most that simulated misses are taken to be above or below the modelled ones, as a logarithm."""
_FEWEST = 1e-9


@dataclass(frozen=True, eq=False)
class Evidence:
    """
    What one round tells of the targets that a simulation judges, each array of shape (target,).

    The promises come first. More is better: a wait counts as minus its hours, all else is shares.

    Attributes
    ----------
    promised, aimed : ndarray of float
        As promised, and as the optimiser was asked for.
    modelled, simulated, low : ndarray of float
        By the formulas, by the simulation, and the low end of its interval.
    modelled_best, simulated_best : ndarray of float
        What is kept where no call waits for a part: by the formulas, and as simulated, where
        technicians may be busy.
    prices : ndarray of float
        What one (a share of 1, an hour) costs in a year at the margin: the shadow price.
    reached : ndarray of bool
        Whether stock can keep the target by the formulas.
    rows : ndarray of int
        Places of the targets among the rows of the plan.
    hours : ndarray of bool
        Whether the target is a wait.
    plan_cost : float
        Money per year by the formulas.
    replications : int
        How many were played.
    """

    promised: Floats
    aimed: Floats
    modelled: Floats
    simulated: Floats
    low: Floats
    modelled_best: Floats
    simulated_best: Floats
    prices: Floats
    reached: Flags
    rows: Ints
    hours: Flags
    plan_cost: float
    replications: int

    @property
    def kept(self) -> Flags:
        """Whether the target is kept with confidence."""
        return np.asarray(self.low >= self.promised)

    @property
    def spotless(self) -> Flags:
        """Whether nothing was missed that stock can mend: only more replications tell more."""
        return np.asarray(self.simulated >= self.simulated_best - _FEWEST)

    @property
    def half_width(self) -> Floats:
        """From what is simulated to the low end of its interval."""
        return np.asarray(self.simulated - self.low)

    @property
    def beyond_stock(self) -> Flags:
        """
        Whether no stock mends the target.

        By the formulas, or because more calls than allowed are late whatever they wait for a
        part: technicians are busy.
        """
        return np.asarray(~self.reached | (self.simulated_best <= self.promised))

    def half_width_of(self, replications: int) -> Floats:
        """Give the half width that so many replications are expected to have."""
        factor = _spread_of_mean(replications) / _spread_of_mean(self.replications)
        return np.asarray(self.half_width * factor)

    @property
    def excess(self) -> Floats:
        """Logarithm of simulated over modelled misses, those that stock can mend only."""
        simulated = np.maximum(self.simulated_best - self.simulated, _FEWEST)
        modelled = np.maximum(self.modelled_best - self.modelled, _FEWEST)
        return np.clip(np.log(simulated / modelled), -_WIDEST, _WIDEST)


def evidence_of(
    plan: Plan, aimed: Floats | None, performance: Performance, outcome: Outcome
) -> Evidence:
    """
    Gather what one round tells.

    Parameters
    ----------
    plan : Plan
        From the optimiser.
    aimed : ndarray of float, shape (target,), or None
        What it was asked for, as `Evidence.aimed`; None for the targets as they are.
    performance, outcome
        The plan by formula and by simulation.

    Returns
    -------
    Evidence
        A target of which nothing was counted is taken to be as modelled, and beyond stock.
    """
    facts = pd.concat([_promises(plan, performance, outcome), _others(plan, outcome)])
    facts["reached"] &= facts["simulated"].notna()
    for name, modelled in _INSTEAD.items():
        facts[name] = facts[name].fillna(facts[modelled])
    columns = {name: facts[name].to_numpy(float) for name in _NUMBERS}
    assert plan.certificate is not None  # from the optimiser
    return Evidence(
        aimed=columns["promised"] if aimed is None else aimed,
        **columns,
        reached=facts["reached"].to_numpy(bool),
        rows=facts.index.to_numpy(),
        hours=facts["hours"].to_numpy(bool),
        plan_cost=plan.certificate.plan_cost,
        replications=outcome.replications,
    )


_INSTEAD = {"simulated": "modelled", "low": "modelled", "simulated_best": "modelled_best"}
_NUMBERS = ("promised", "modelled", "simulated", "low", "modelled_best", "simulated_best", "prices")


def _promises(plan: Plan, performance: Performance, outcome: Outcome) -> pd.DataFrame:
    late = outcome.service[outcome.service["group"] == "tier"].set_index("name")
    late = late.reindex(outcome.promises["tier"])[["late_for_technicians", "late_anyway"]]
    rows = plan.rows.iloc[: len(outcome.promises)]
    return rows[["reached"]].assign(
        promised=performance.promises["share_promised"].to_numpy(),
        modelled=performance.promises["share_modelled"].to_numpy(),
        simulated=outcome.promises["share_simulated"].to_numpy(),
        low=outcome.promises["share_low"].to_numpy(),
        modelled_best=rows["best"],
        simulated_best=1 - late.sum(axis=1, skipna=False).to_numpy(),
        prices=rows["shadow_price"] * 100,
        hours=False,
    )


def _others(plan: Plan, outcome: Outcome) -> pd.DataFrame:
    """Give waits, fill rates and availabilities; what else is limited needs no simulation."""
    rows = plan.rows.iloc[len(outcome.promises) :]
    rows = rows[rows["unit"].isin(["share", "hours"])]
    hours = rows["unit"] == "hours"
    sign = np.where(hours, -1.0, 1.0)
    seen = pd.DataFrame(index=rows["row"], columns=list(_SEEN), dtype=float)
    if outcome.targets is not None:
        seen = outcome.targets.set_index("row").reindex(rows["row"])[list(_SEEN)]
    simulated, low, high, best = seen.to_numpy(float).T
    return rows[[]].assign(
        promised=sign * rows["target"],
        modelled=sign * rows["value"],
        simulated=sign * simulated,
        low=sign * np.where(hours, high, low),
        modelled_best=sign * rows["best"],
        simulated_best=best,
        reached=rows["reached"],
        prices=rows["shadow_price"] * np.where(hours, 1, 100),
        hours=hours,
    )


_SEEN = ("simulated", "simulated_low", "simulated_high", "without_waits")


def allowed_use(known: Evidence, aimed: Floats) -> Floats:
    """
    Give what the optimiser may use of its targets to reach what a correction aims at.

    Parameters
    ----------
    known : Evidence
        Which targets they are.
    aimed : ndarray of float, shape (target,)
        As `Evidence.aimed`.

    Returns
    -------
    ndarray of float, shape (row,)
        As ``allowed_miss`` of `partsim.optimise`: NaN for targets that no simulation judges.
    """
    allowed = np.full(int(known.rows.max()) + 1, np.nan)
    allowed[known.rows] = np.where(known.hours, -aimed / 24, 1 - aimed)
    return allowed


def _spread_of_mean(replications: int) -> float:
    """Give the half width of a 95 % interval of a mean, in standard deviations of one."""
    return float(stdtrit(replications - 1, 0.975) / np.sqrt(replications))

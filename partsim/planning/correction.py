"""Correct what the optimiser aims at, from what the simulation saw of its plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from partsim.model.outcome import Outcome
from partsim.model.performance import Performance
from partsim.model.plan import Plan

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_LEAST_ROOM = 0.05
"""A corrected target stays this share of the way from the best that stock reaches to the promise:
nearer the best every further share is paid for with ever more stock."""
_WIDEST = np.log(20.0)
"""Most that simulated misses are taken to be above or below the modelled ones, as a logarithm."""
_FEWEST = 1e-9
_LUCK = 0.84
"""Half widths of a 95 % interval that a simulation falls short by in one case of twenty: the 95 %
quantile of the normal law over the 97.5 % one."""
_ABOVE = 1 + _LUCK
"""Half widths above the promise that a correction aims at: then the low end of the interval
reaches the promise in 95 % of simulations."""
_WASTE = 1 + 2 * _LUCK
"""Half widths above the promise that are not chance any more."""
_DEAR = 0.01
"""Share of the plan's cost that the distance from the promises may cost without more
replications."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """
    What one round tells of the promises: shares of calls, each of shape (tier,).

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
        What a share of the promise costs in a year at the margin: its shadow price.
    reached : ndarray of bool
        Whether stock can keep the promise by the formulas.
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
    plan_cost: float
    replications: int

    @property
    def kept(self) -> Flags:
        """Whether the promise is kept with confidence."""
        return np.asarray(self.low >= self.promised)

    @property
    def half_width(self) -> Floats:
        """From the simulated share to the low end of its interval."""
        return np.asarray(self.simulated - self.low)

    @property
    def beyond_stock(self) -> Flags:
        """
        Whether no stock mends the promise.

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


def evidence_of(plan: Plan, aimed: Floats, performance: Performance, outcome: Outcome) -> Evidence:
    """
    Gather what one round tells.

    Parameters
    ----------
    plan : Plan
        From the optimiser.
    aimed : ndarray of float, shape (tier,)
        Shares that it was asked for.
    performance, outcome
        The plan by formula and by simulation.

    Returns
    -------
    Evidence
        A tier without calls counts as late for nothing.
    """
    assert plan.certificate is not None  # from the optimiser
    rows = plan.certificate.rows[: len(outcome.promises)]
    late = outcome.service[outcome.service["group"] == "tier"].set_index("name")
    late = late.reindex(outcome.promises["tier"])[["late_for_technicians", "late_anyway"]]
    simulated = outcome.promises["share_simulated"].to_numpy()
    return Evidence(
        promised=performance.promises["share_promised"].to_numpy(),
        aimed=np.asarray(aimed, float),
        modelled=performance.promises["share_modelled"].to_numpy(),
        simulated=simulated,
        low=outcome.promises["share_low"].to_numpy(),
        modelled_best=np.array([row.best for row in rows]),
        simulated_best=1 - late.fillna(0.0).sum(axis=1).to_numpy(),
        prices=np.array([row.shadow_price * 100 for row in rows]),
        reached=np.array([row.reached for row in rows]),
        plan_cost=plan.certificate.plan_cost,
        replications=outcome.replications,
    )


def replications_worth(last: Evidence, played: int, most: int | None) -> int:
    """
    Say how often to repeat the next simulation.

    The next plan keeps a distance from its promises because of chance alone. Where that costs more
    than it should by the shadow prices, more replications are worth their time.

    Parameters
    ----------
    last : Evidence
        The last round.
    played : int
        Its replications.
    most : int or None
        As many as there may be; None for no more than were played.

    Returns
    -------
    int
        From `played` to `most`.

    Examples
    --------
    >>> one = np.array([0.95])
    >>> stock = {"modelled_best": one + 0.04, "simulated_best": one + 0.04}
    >>> def last(price):
    ...     return Evidence(one, one, one, one, one - 0.004, **stock, prices=np.array([price]),
    ...                     reached=one > 0, plan_cost=1e6, replications=8)  # fmt: skip
    >>> [replications_worth(last(price), 8, 32) for price in (0, 1e6, 2e6, 9e6)]
    [8, 8, 15, 32]
    """
    if most is None or most <= played:
        return played
    prices = np.where(last.beyond_stock, 0.0, last.prices)
    for count in range(played, most):
        if prices @ last.half_width_of(count) * _ABOVE <= _DEAR * last.plan_cost:
            return count
    return most


def corrected_shares(rounds: Sequence[Evidence], replications: int) -> Floats | None:
    """
    Correct the shares that the optimiser aims at.

    Of the misses that stock can mend, the simulation sees so many for one in the formulas; that
    ratio is averaged over the rounds (by its logarithm, so that noise up and down cancels). The
    next plan aims so far above the promise that 95 % of simulations would find it kept. What is
    kept and costs no more than it should is left as it is, and so is what no stock can mend.

    Parameters
    ----------
    rounds : sequence of Evidence
        All so far, the last one last.
    replications : int
        Of the next simulation.

    Returns
    -------
    ndarray of float, shape (tier,), or None
        Shares by the formulas; None if there is nothing to correct.
    """
    last = rounds[-1]
    half = last.half_width_of(replications)
    # Above a share that one plan in twenty reaches of those that a correction aims at.
    wasteful = (last.prices > 0) & (last.simulated - last.promised > _WASTE * half)
    todo = ~last.beyond_stock & (~last.kept | wasteful)
    if not todo.any():
        return None
    excess, best = _averages(rounds)
    room = best - last.promised - _ABOVE * half
    least = _LEAST_ROOM * (last.modelled_best - last.promised)
    aimed = last.modelled_best - np.maximum(room * np.exp(-excess), least)
    return np.where(todo, np.clip(aimed, 0.0, last.modelled_best), last.aimed)


def good_rounds(rounds: Sequence[Evidence]) -> list[int]:
    """
    List the rounds whose plan keeps all that stock can keep, or else the last one.

    A share just above its promise may be luck, the more so where the best of several rounds is
    chosen. So all rounds have their say: by their averaged ratio, too, the plan has to keep its
    promises, where any plan does.

    Parameters
    ----------
    rounds : sequence of Evidence
        All rounds.

    Returns
    -------
    list of int
        Their places, from 0; never empty.
    """
    excess, best = _averages(rounds)
    kept = [k for k, one in enumerate(rounds) if (one.kept | one.beyond_stock).all()]
    sure = [k for k in kept if (_expected(rounds[k], excess, best) | rounds[k].beyond_stock).all()]
    return sure or kept or [len(rounds) - 1]


def _expected(one: Evidence, excess: Floats, best: Floats) -> Flags:
    """Tell whether a fresh simulation of the plan is expected to keep the promises."""
    share = best - (one.modelled_best - one.modelled) * np.exp(excess)
    return np.asarray(share - one.half_width >= one.promised)


def _averages(rounds: Sequence[Evidence]) -> tuple[Floats, Floats]:
    """
    Average the logarithm of simulated over modelled misses, and what stock cannot better.

    The ratio changes with the stock, and later plans are nearer to the one that is looked for:
    the rounds weigh 1, 2, 3 and so on, times their replications.
    """
    weights = np.arange(1, len(rounds) + 1) * [one.replications for one in rounds]
    excess = np.average([one.excess for one in rounds], axis=0, weights=weights)
    return excess, np.average([one.simulated_best for one in rounds], axis=0, weights=weights)


def _spread_of_mean(replications: int) -> float:
    """Give the half width of a 95 % interval of a mean, in standard deviations of one."""
    return float(stdtrit(replications - 1, 0.975) / np.sqrt(replications))

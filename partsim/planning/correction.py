"""Correct what the optimiser aims at, from what the simulation saw of its plans."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from partsim.planning.evidence import Evidence

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_LEAST_ROOM = 0.05
"""A corrected target stays this share of the way from the best that stock reaches to the target:
nearer the best every further share is paid for with ever more stock."""
_LUCK = 0.84
"""Half widths of a 95 % interval that a simulation falls short by in one case of twenty: the 95 %
quantile of the normal law over the 97.5 % one."""
_ABOVE = 1 + _LUCK
"""Half widths above the target that a correction aims at: then the low end of the interval
reaches it in 95 % of simulations."""
_WASTE = 1 + 2 * _LUCK
"""Half widths above the target that are not chance any more."""
_DEAR = 0.01
"""Share of the plan's cost that the distance from the targets may cost without more
replications."""


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
    ...                     reached=one > 0, rows=np.array([0]), hours=one < 0, plan_cost=1e6,
    ...                     replications=8)  # fmt: skip
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
    Correct the shares, and the waits, that the optimiser aims at.

    Of the misses that stock can mend, the simulation sees so many for one in the formulas; that
    ratio is averaged over the rounds (by its logarithm, so that noise up and down cancels). The
    next plan aims so far above the target that 95 % of simulations would find it kept. What is
    kept and costs no more than it should is left as it is, and so is what no stock can mend, or
    what missed nothing and needs a longer simulation to show that it is kept.

    Parameters
    ----------
    rounds : sequence of Evidence
        All so far, the last one last.
    replications : int
        Of the next simulation.

    Returns
    -------
    ndarray of float, shape (target,), or None
        By the formulas, as `Evidence.aimed`; None if there is nothing to correct.
    """
    last = rounds[-1]
    half = last.half_width_of(replications)
    # Above a share that one plan in twenty reaches of those that a correction aims at.
    wasteful = (last.prices > 0) & (last.simulated - last.promised > _WASTE * half)
    todo = ~last.beyond_stock & (~(last.kept | last.spotless) | wasteful)
    if not todo.any():
        return None
    excess, best = _averages(rounds)
    room = best - last.promised - _ABOVE * half
    least = _LEAST_ROOM * (last.modelled_best - last.promised)
    aimed = last.modelled_best - np.maximum(room * np.exp(-excess), least)
    worst = np.where(last.hours, -np.inf, 0.0)
    return np.where(todo, np.clip(aimed, worst, last.modelled_best), last.aimed)


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
    """Tell whether a fresh simulation of the plan is expected to keep the targets."""
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

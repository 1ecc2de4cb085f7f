"""Renewal theory: how many units a position consumes, and how evenly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.lifetimes.distributions import Distribution, Duration

Floats = NDArray[np.float64]

STEPS = 400
"""Grid steps up to the horizon; the error of the renewal function falls with their square."""

_SETTLED = 40
"""Mean lives after which a renewal process has forgotten how it began."""


def renewal_functions(
    lifetimes: Sequence[Distribution], horizons: ArrayLike, steps: int = STEPS
) -> Floats:
    """
    Compute expected numbers of renewals M(t) on grids from 0 to a horizon for each lifetime.

    The renewal equation M(t) = F(t) + int M(t - x) dF(x) is solved by the Riemann-Stieltjes
    midpoint rule [1]_, which needs no density. The error falls with the square of the step;
    with 400 steps it is below 3e-5 for smooth lifetimes over up to three mean lives.

    Parameters
    ----------
    lifetimes : sequence of Distribution, length n
        Lives of new components.
    horizons : array_like of float, shape (n,)
        Ends of the grids [days], positive.
    steps : int
        Grid steps, at least 1.

    Returns
    -------
    ndarray of float, shape (n, steps + 1)
        Row i is M of lifetime i at ``linspace(0, horizons[i], steps + 1)``.

    Raises
    ------
    ValueError
        If a horizon is not positive or `steps` is below 1.

    References
    ----------
    .. [1] M. Xie, On the solution of renewal-type integral equations, Communications in
       Statistics - Simulation and Computation 18 (1989) 281-293.

    Examples
    --------
    >>> from partsim.lifetimes import Exponential
    >>> renewal_functions([Exponential(10.0)], [20.0])[0, -1].round(4)  # a Poisson process
    np.float64(2.0)
    """
    horizons = np.asarray(horizons, float)
    if steps < 1 or np.any(~(horizons > 0)):
        raise ValueError("horizons and steps: expected all > 0")
    n = len(lifetimes)
    nodes = np.arange(steps + 1) / steps
    middles = (np.arange(steps) + 0.5) / steps
    failed = np.empty((n, steps + 1))
    failed_middle = np.empty((n, steps))
    for i, lifetime in enumerate(lifetimes):
        failed[i] = 1 - lifetime.survival(nodes * horizons[i])
        failed_middle[i] = 1 - lifetime.survival(middles * horizons[i])
    renewals = np.zeros((n, steps + 1))
    increments = np.zeros((n, steps))  # of M, up to the step being solved
    for i in range(1, steps + 1):
        known = np.einsum("nj,nj->n", failed_middle[:, i - 1 : 0 : -1], increments[:, : i - 1])
        new = failed[:, i] + known - failed_middle[:, 0] * renewals[:, i - 1]
        renewals[:, i] = new / (1 - failed_middle[:, 0])
        increments[:, i - 1] = renewals[:, i] - renewals[:, i - 1]
    return renewals


def pipeline_variance_ratios(
    lifetimes: Sequence[Distribution],
    lead_times: Sequence[Duration],
    steps: int = STEPS,
) -> Floats:
    r"""
    Compute variance over mean of the units in resupply for a position in equilibrium.

    Each renewal orders one unit whose lead time L is independent of the others. For a
    stationary renewal process of rate :math:`\lambda` with renewal function M, the number of
    orders outstanding has the mean :math:`\lambda E L` and [1]_

    .. math:: \mathrm{Var} = \lambda E L + 2 \lambda \int_0^\infty c(s) dM(s) - (\lambda E L)^2,
       \quad c(s) = \int_0^\infty P(L > u) P(L > u + s) du.

    Independent positions add up, so the ratio does not depend on the size of the fleet. For a
    constant L it is the ratio of the renewal count over a window of length L. As c integrates to
    (E L)^2/2, only the departure of M from its trend remains: the ratio is
    :math:`1 + 2 \int c(s) (dM(s) - \lambda ds) / E L`, which ends after 40 lives.

    Parameters
    ----------
    lifetimes : sequence of Distribution, length n
        Lives of new components.
    lead_times : sequence of Duration, length n
        Lead times; a mean of 0 gives the ratio 1.
    steps : int
        Grid steps.

    Returns
    -------
    ndarray of float, shape (n,)
        1 for exponential lives, below 1 for wear-out, above 1 for infant mortality.

    Notes
    -----
    Against 16 times finer grids, for lives and lead times of cv 0.05 to 1.5 and up to 30 lives in
    a lead time: within 0.005, or 0.5 % of a ratio above 1; within 0.1 for lives that never vary.

    References
    ----------
    .. [1] D. R. Cox and V. Isham, Point Processes, Chapman and Hall, 1980, ch. 2: variance of
       a shot-noise sum over a stationary point process.

    Examples
    --------
    >>> from partsim.lifetimes import Fixed, Weibull
    >>> pipeline_variance_ratios([Weibull(365.0, 3.0)] * 2, [Fixed(14.0), Fixed(90.0)]).round(2)
    array([0.96, 0.76])
    """
    ratios = np.ones(len(lifetimes))
    rows = [i for i, lead_time in enumerate(lead_times) if lead_time.mean > 0]
    if not rows:
        return ratios
    longest = np.array([_longest(lead_times[i]) for i in rows])
    settled = np.array([_SETTLED * lifetimes[i].mean for i in rows])
    horizons = np.minimum(longest, settled)
    renewals = renewal_functions([lifetimes[i] for i in rows], horizons, steps)
    for row, i in enumerate(rows):
        life, lead_time, step = lifetimes[i], lead_times[i], horizons[row] / steps
        middles = (np.arange(np.ceil(longest[row] / step - 1e-9)) + 0.5) * step
        waiting = lead_time.survival(middles)
        # c at lags 0, step, 2 step, ...; an increment of M sits between two of them
        overlap = np.correlate(np.append(waiting, np.zeros(steps)), waiting, "valid") * step
        # The mean life as the grid of M sees it: another one would drift away from M.
        mean = life.survival(middles[:steps]).sum() * step + float(life.excess(horizons[row]))
        departure = np.diff(renewals[row]) - step / mean
        pairs = float(departure @ (overlap[:-1] + overlap[1:])) / 2
        ratios[i] = max(1 + 2 * pairs / lead_time.mean, 0.0)
    return ratios


def _longest(lead_time: Duration) -> float:
    """Give a time that a lead time practically never exceeds."""
    return float(lead_time.quantile(1 - 1e-6)) * (1 + 1e-9)

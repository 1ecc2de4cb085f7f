"""Variance of the units that the machines of an installed base use between two moments."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from partsim.demand.expected_use import units_by, worked_days
from partsim.lifetimes.renewal_curve import RenewalCurve
from partsim.model.installed_base import InstalledBase
from partsim.model.seasons import Season
from partsim.model.upkeep import Upkeep

Floats = NDArray[np.float64]
Expected = Callable[[Floats], Floats]
"""Expected units of a position up to working ages."""

_STEPS = 32
"""Of a window, in which the second units after a first one are counted."""


def use_variances(
    upkeep: Upkeep,
    base: InstalledBase,
    times: Floats,
    running: float = 1.0,
    season: Season | None = None,
) -> Floats:
    r"""
    Compute the variance of the units of one position in each machine, window by window.

    Positions are independent. For a renewal process with the renewal function M, the units N
    between the ages a and b have :math:`E N(N-1) = 2 \int_a^b M(b - x) dM(x)` [1]_; in
    equilibrium dM is dx over the mean life. Minimal repairs are a Poisson process. Between blocks
    failures are taken for one, too: for wear that is the safe side; the blocks are certain.

    Parameters
    ----------
    upkeep : Upkeep
        A part's life and its replacement.
    base : InstalledBase
        When machines come and go.
    times : ndarray of float, shape (time,)
        Moments between which the windows lie, from the start [days], rising.
    running : float
        Share of time that a machine works.
    season : Season, optional
        Working time by the calendar.

    Returns
    -------
    ndarray of float, shape (time - 1,)
        Variance over all machines [units squared].

    References
    ----------
    .. [1] D. R. Cox, Renewal Theory, Methuen, 1962, ch. 4.
    """
    if upkeep.block is not None or upkeep.is_minimal:
        units, planned = units_by(upkeep, base, times, running, season)
        return np.diff(units - planned)
    worked = np.array([worked_days(base, time, running, season) for time in times.tolist()])
    if not worked.any():
        return np.zeros(len(times) - 1)
    curve = RenewalCurve(upkeep.cycle, float(worked.max()))
    unknown = np.isneginf(base.delivered)
    variance = np.zeros(len(times) - 1)
    laws: tuple[tuple[NDArray[np.bool_], Expected], ...] = (
        (unknown, lambda ages: ages / upkeep.cycle.mean),
        (~unknown, curve.mean),
    )
    for here, expected in laws:
        for i in range(len(times) - 1) if here.any() else ():
            ages, machines = np.unique(worked[i : i + 2, here], axis=1, return_counts=True)
            variance[i] += _variances(curve, expected, ages) @ machines
    return variance


def _variances(curve: RenewalCurve, expected: Expected, ages: Floats) -> Floats:
    """Give the variance of each position, from one working age to another."""
    first, length = ages[0][:, None], (ages[1] - ages[0])[:, None]
    units = np.diff(expected(first + length * np.linspace(0.0, 1.0, _STEPS + 1)), axis=1)
    left = length * (1 - (np.arange(_STEPS) + 0.5) / _STEPS)
    mean = units.sum(axis=1)
    pairs = (units * curve.mean(left)).sum(axis=1)
    return np.asarray(np.maximum(mean + 2 * pairs - mean**2, 0.0))

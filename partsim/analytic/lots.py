"""Orders in lots: the spread that they add to what is under way, and to demand above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.lifetimes import Duration

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

_STEPS = 250
"""Steps up to the longest lead time."""
_MOST_UNITS = 100
"""Larger lots are reckoned as lots of so many bundles: single units no longer matter."""


def lot_variance(rate: float, lot: int, lead_time: Duration, lags: ArrayLike = (0.0,)) -> Floats:
    r"""
    Compute how much lots add to the variance of the units in resupply.

    All units of a lot arrive together, so their independent lead times no longer average out.
    With :math:`G(u) = P(L > u)`, Poisson demand of rate :math:`\lambda` and lots of Q, J units
    were demanded since the last order and N orders are under way. J is uniform on 0 to Q - 1;
    orders are a renewal process of Erlang intervals, whose count modulo Q is a Fourier sum over
    :math:`\omega_l = e^{2 \pi i l / Q}`. Shot-noise theory gives, with c as in
    `pipeline_variance_ratios`,

    .. math:: \mathrm{Var}(J + QN) - \frac{Q^2 - 1}{12} - \lambda E L = (Q - 1) \lambda E L
       + 2 \lambda \sum_{l=1}^{Q-1} \int_0^\infty \Bigl( \lambda \omega_l c(u)
       + \frac{G(u)}{\omega_l^{-1} - 1} \Bigr) e^{\lambda u (\omega_l - 1)} du.

    The terms on the left are what `central_table` and one-for-one orders already count.

    Parameters
    ----------
    rate : float
        Demand [units per day], positive.
    lot : int
        Order quantity Q, at least 1.
    lead_time : Duration
        Independent from order to order: orders may cross.
    lags : array_like of float, shape (n,)
        What is left of the lead time after each lag counts [days].

    Returns
    -------
    ndarray of float, shape (n,)
        To be added to the variance of one-for-one orders [units squared]; 0 for Q = 1 and for a
        constant lead time.

    Notes
    -----
    Inside the 99.9 % interval of a simulation (within 0.7 % of the whole variance) for gamma lead
    times of cv 0.1 to 1, Q of 2 to 1000 and lots that last 0.1 to 3 lead times; the grid costs
    4 % for a lognormal lead time of cv 2. The expected backorders that `central_table` makes of
    it, at a level 1.3 deviations above the mean, are 3 % too low to 30 % too high; without it
    they are up to 100 % too low.

    References
    ----------
    .. [1] D. R. Cox and V. Isham, Point Processes, Chapman and Hall, 1980, ch. 2: variance of
       a shot-noise sum over a stationary point process.

    Examples
    --------
    >>> from partsim.lifetimes import Fixed, Gamma
    >>> lot_variance(5.0, 30, Fixed(14.0))
    array([0.])
    >>> lot_variance(5.0, 30, Gamma.from_cv(14.0, 0.35)).round(0)
    array([321.])
    """
    lags = np.asarray(lags, float)
    if lot == 1 or lead_time.variance == 0:
        return np.zeros(lags.shape)
    bundle = max(lot / _MOST_UNITS, 1.0)
    rate, lot = rate / bundle, min(lot, _MOST_UNITS)
    grid = _Grid.over(lead_time, lags)
    root, twice, decay, waves = _waves(rate, lot, grid)
    late = lead_time.survival(grid.nodes + lags[:, None])
    terms = rate * root * _transforms(grid.overlap, decay, waves)
    terms += _transforms(late, decay, waves) / (1 / root - 1)
    spread = (lot - 1) * rate * grid.mean + 2 * rate * (terms.real @ twice)
    return spread * bundle**2


def batch_variance(rate: float, lot: int, lead_time: Duration, lags: ArrayLike = (0.0,)) -> Floats:
    r"""
    Compute how much orders in lots add to the variance of a supplier's units in resupply.

    A depot meets Poisson demand of rate :math:`\lambda` and orders lots of Q from another, which
    orders each unit anew: the units of a lot are demanded together, and have independent lead
    times. With the notation of `lot_variance`,

    .. math:: \mathrm{Var}(X) - \lambda E L = (Q - 1) \lambda \int_0^\infty G(u)^2 du
       + 2 \lambda^2 \sum_{l=1}^{Q-1} \omega_l \int_0^\infty c(u)
       e^{\lambda u (\omega_l - 1)} du.

    For a constant lead time this is :math:`E[K (Q - K)]`, where K is the demand in it modulo Q.

    Parameters
    ----------
    rate : float
        Demand [units per day], positive.
    lot : int
        Order quantity Q, at least 1.
    lead_time : Duration
        Independent from unit to unit.
    lags : array_like of float, shape (n,)
        What is left of the lead time after each lag counts [days].

    Returns
    -------
    ndarray of float, shape (n,)
        To be added to the variance of single orders [units squared]; 0 for Q = 1.

    References
    ----------
    .. [1] D. R. Cox and V. Isham, Point Processes, Chapman and Hall, 1980, ch. 2: variance of
       a shot-noise sum over a stationary point process.

    Examples
    --------
    >>> from partsim.lifetimes import Fixed
    >>> batch_variance(5.0, 6, Fixed(14.0)).round(3)  # (Q^2 - 1) / 6 where lead times are long
    array([5.833])
    """
    lags = np.asarray(lags, float)
    if lot == 1:
        return np.zeros(lags.shape)
    if lead_time.variance == 0:
        return _modulo_spread(rate * lead_time.excess(lags), lot)
    bundle = max(lot / _MOST_UNITS, 1.0)
    rate, lot = rate / bundle, min(lot, _MOST_UNITS)
    grid = _Grid.over(lead_time, lags)
    root, twice, decay, waves = _waves(rate, lot, grid)
    terms = rate * root * _transforms(grid.overlap, decay, waves)
    spread = (lot - 1) * rate * grid.overlap[:, 0] + 2 * rate * (terms.real @ twice)
    return spread * bundle**2


def _modulo_spread(mean: Floats, lot: int) -> Floats:
    """Give E[K (Q - K)] for Poisson counts modulo Q = K, as a Fourier sum."""
    k = np.arange(lot)
    weights = np.fft.fft(k * (lot - k)) / lot
    waves = np.exp(mean[:, None] * (np.exp(2j * np.pi * k / lot) - 1))
    return np.asarray((waves @ weights).real)


@dataclass(frozen=True, eq=False)
class _Grid:
    """
    What is left of a lead time after lags, on a grid.

    Attributes
    ----------
    step : float
        Step of the grid [days].
    nodes : ndarray of float, shape (step + 1,)
        Its nodes [days].
    mean : ndarray of float, shape (lag,)
        Integral of G.
    overlap : ndarray of float, shape (lag, step + 1)
        Integrals of G(u) G(u + s) over u, for s of 0, 1, 2, ... steps.
    """

    step: float
    nodes: Floats
    mean: Floats
    overlap: Floats

    @classmethod
    def over(cls, lead_time: Duration, lags: Floats) -> _Grid:
        step = float(lead_time.quantile(1 - 1e-6)) / _STEPS
        nodes = np.arange(_STEPS + 1, dtype=float) * step
        middles = nodes[:-1] + step / 2
        waiting = lead_time.survival(middles + lags[:, None])
        power = np.abs(np.fft.rfft(waiting, 2 * _STEPS)) ** 2
        overlap = np.fft.irfft(power)[:, : _STEPS + 1] * step
        return cls(step, nodes, waiting.sum(axis=1) * step, overlap)


def _waves(rate: float, lot: int, grid: _Grid) -> tuple[Complexes, Floats, Complexes, Complexes]:
    """Give the roots of unity, how often each counts, and their decay and waves over the grid."""
    turn = np.arange(1, lot // 2 + 1)  # the other half are their conjugates
    root = np.exp(2j * np.pi * turn / lot)
    twice = np.where(2 * turn == lot, 1.0, 2.0)
    decay = rate * (root - 1)
    waves = np.diff(np.exp(np.outer(grid.nodes, decay)), axis=0) / (grid.step * decay)
    return root, twice, decay, waves


def _transforms(values: Floats, decay: Complexes, waves: Complexes) -> Complexes:
    """Integrate f(u) exp(decay u) for each row f, linear between the nodes and 0 at the end."""
    # Not @: for arrays this small its threads cost ten times the sum.
    return -(values[:, [0]] + np.einsum("ns,sl->nl", np.diff(values, axis=1), waves)) / decay

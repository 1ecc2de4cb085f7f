"""How lives lie without a distribution, and how straight they lie on the plot of one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from partsim.history.fitting import Fit
from partsim.history.likelihoods import sample_of
from partsim.lifetimes import Gamma

Floats = NDArray[np.float64]


def plotting_positions(
    time: ArrayLike, failed: ArrayLike, entry: ArrayLike = 0.0, count: ArrayLike = 1.0
) -> tuple[Floats, Floats]:
    """
    Compute the points of a probability plot: failure times and the share failed by then.

    The product-limit estimate [1]_ with lives at risk from their entry on; each point is half way
    up its step, so that the last one stays on the plot.

    Parameters
    ----------
    time, failed, entry, count : array_like
        As in `partsim.history.fitting.fit_lives`.

    Returns
    -------
    tuple of ndarray, each of shape (different failure times,)
        Times [days], rising, and shares above 0. A share of 1 stands where, for late entry, all
        lives at risk had failed before.

    Raises
    ------
    ValueError
        If an argument is out of range or there is no failure.

    Notes
    -----
    Without late entry and censoring the shares are (i - 1/2)/n. With late entry the early shares
    rest on few lives and can be far off.

    References
    ----------
    .. [1] E. L. Kaplan and P. Meier, Nonparametric estimation from incomplete observations,
       Journal of the American Statistical Association 53 (1958) 457-481.

    Examples
    --------
    >>> plotting_positions([10, 20, 30, 30], [True, True, False, True])[1]
    array([0.125, 0.375, 0.625])
    """
    sample = sample_of(time, failed, entry, count)
    ends = np.concatenate([sample.failed[0], sample.censored[0]])
    weights = np.concatenate([sample.failed[1], sample.censored[1]])
    at, row = np.unique(sample.failed[0], return_inverse=True)
    failures = np.bincount(row, sample.failed[1])
    ended_before = _total_below(ends, weights, at, side="left")
    not_yet = sample.entered[1].sum() - _total_below(*sample.entered, at, side="left")
    at_risk = weights.sum() - ended_before - not_yet
    surviving = np.cumprod(1 - failures / at_risk)
    before = np.append(1.0, surviving[:-1])
    return at * sample.unit, 1 - (before + surviving) / 2


def plot_correlation(
    fit: Fit,
    time: ArrayLike,
    failed: ArrayLike,
    entry: ArrayLike = 0.0,
    count: ArrayLike = 1.0,
) -> float:
    """
    Compute how straight the failures lie on the probability plot of a fitted family.

    The correlation of the logarithms of the failure times with those of the family's quantiles
    at their plotting positions [1]_; a fitted exponential is a Weibull of shape 1, so both have
    the same plot.

    Parameters
    ----------
    fit : Fit
        By `partsim.history.fitting.fit_lives`.
    time, failed, entry, count : array_like
        As there.

    Returns
    -------
    float
        Correlation up to 1; not a number with fewer than three different failure times.

    Raises
    ------
    ValueError
        As `plotting_positions`.

    Notes
    -----
    A number to compare families by, no test. It sees the failures only: of ages beyond the
    oldest failure, where censored lives stand, it says nothing.

    References
    ----------
    .. [1] J. J. Filliben, The probability plot correlation coefficient test for normality,
       Technometrics 17 (1975) 111-117.

    Examples
    --------
    >>> from partsim.history.fitting import fit_lives
    >>> lives = [10, 20, 35, 60], [True] * 4
    >>> round(plot_correlation(fit_lives("weibull", *lives), *lives), 3)
    0.997
    """
    at, shares = plotting_positions(time, failed, entry, count)
    inside = shares < 1 - 1e-12
    if inside.sum() < 3:
        return float("nan")
    p = shares[inside]
    if fit.family == "lognormal":
        quantiles = special.ndtri(p)
    elif isinstance(fit.distribution, Gamma):
        quantiles = np.log(special.gammaincinv(fit.distribution.shape, p))
    else:
        quantiles = np.log(-np.log1p(-p))
    return float(np.corrcoef(np.log(at[inside]), quantiles)[0, 1])


def _total_below(values: Floats, weights: Floats, at: Floats, *, side: str) -> Floats:
    """Give the total weight of the values below each point."""
    order = np.argsort(values)
    totals = np.append(0.0, np.cumsum(weights[order]))
    return totals[np.searchsorted(values[order], at, side=side)]  # type: ignore[call-overload]

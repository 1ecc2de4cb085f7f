"""Minimal repair: failures of a component that is as bad as old after each repair."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.lifetimes.distributions import Exponential, Weibull

Floats = NDArray[np.float64]


def expected_failures(lifetime: Weibull | Exponential, ages: ArrayLike) -> Floats:
    r"""
    Compute expected failures of a minimally repaired component up to an age.

    Repair leaves the failure rate as it was, so failures are a Poisson process whose mean is the
    cumulative failure rate of the first life [1]_: the power law
    :math:`H(t) = (t/\eta)^\beta` for Weibull lives.

    Parameters
    ----------
    lifetime : Weibull or Exponential
        Time to the first failure.
    ages : array_like of float
        Ages [days], zero or more.

    Returns
    -------
    ndarray of float
        H, of the shape of `ages`; exact.

    References
    ----------
    .. [1] R. E. Barlow and L. C. Hunter, Optimum preventive maintenance policies, Operations
       Research 8 (1960) 90-100.

    Examples
    --------
    >>> expected_failures(Weibull(100.0, 2.0), [0.0, 100.0, 200.0]).round(4)
    array([0.    , 0.7854, 3.1416])
    """
    t = np.asarray(ages, float)
    match lifetime:
        case Weibull():
            return np.asarray((t / lifetime.scale) ** lifetime.shape)
        case _:
            return np.asarray(t / lifetime.mean)


def age_of_failures(lifetime: Weibull | Exponential, failures: ArrayLike) -> Floats:
    """
    Give the age at which so many failures are expected: the inverse of `expected_failures`.

    Parameters
    ----------
    lifetime : Weibull or Exponential
        Time to the first failure.
    failures : array_like of float
        Expected failures, zero or more.

    Returns
    -------
    ndarray of float
        Ages [days], of the shape of `failures`.

    Examples
    --------
    >>> age_of_failures(Weibull(100.0, 2.0), 3.14159265).round(4)
    np.float64(200.0)
    """
    h = np.asarray(failures, float)
    match lifetime:
        case Weibull():
            return np.asarray(lifetime.scale * h ** (1 / lifetime.shape))
        case _:
            return np.asarray(lifetime.mean * h)

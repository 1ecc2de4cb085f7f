"""Two echelons exactly: the law of a field depot's units in resupply, and of its waits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from partsim.analytic.argument_checks import fraction, non_negative, together, whole
from partsim.analytic.depot_measures import DepotMeasures, measures_of_kernel, measures_of_law
from partsim.analytic.two_echelon import check_two_echelons

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LARGE = 5_000
"""Cells from which the compiled twin repays loading it: half a second."""


def two_echelon_exact(
    central_demand: ArrayLike,
    central_level: ArrayLike,
    share: ArrayLike,
    transport_demand: ArrayLike,
    level: ArrayLike,
) -> DepotMeasures:
    """
    Evaluate field depots under a central depot exactly, one-for-one orders.

    A field depot has ordered what is moving, Poisson, and its own among the central backorders
    of one transport time ago, a binomial share of them [1]_ [2]_.

    Parameters
    ----------
    central_demand, central_level, share, transport_demand, level : array_like
        As in `two_echelon_metric`.

    Returns
    -------
    DepotMeasures
        Of the field depots, of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is out of range or NaN, or shapes do not broadcast.

    Notes
    -----
    Exact for Poisson demand, constant transport times, first come first served, and central
    lead times that are constant or independent from order to order. Sums of positive terms only;
    from 5,000 cells on it runs compiled, where backorders are 1e-12 times (mean + level) near,
    absolute.

    References
    ----------
    .. [1] S. C. Graves, A multi-echelon inventory model for a repairable item with one-for-one
       replenishment, Management Science 31 (1985) 1247-1256.
    .. [2] S. Axsäter, Simple solution procedures for a class of two-echelon inventory problems,
       Operations Research 38 (1990) 64-69.

    Examples
    --------
    >>> two_echelon_exact(4.0, 2, 0.5, 1.0, [1, 2]).expected_backorders.round(4)
    array([1.2069, 0.6187])
    """
    cells = check_two_echelons(central_demand, central_level, share, transport_demand, level)
    if cells[-1].size >= _LARGE:
        from partsim.kernels.two_echelon import fill_exact

        return measures_of_kernel(fill_exact, *cells)
    law, S = _field_law(*cells)
    return measures_of_law(law, S)


def two_echelon_response(
    window: ArrayLike,
    rate: ArrayLike,
    lead_time: ArrayLike,
    central_level: ArrayLike,
    share: ArrayLike,
    transport_time: ArrayLike,
    level: ArrayLike,
) -> Floats:
    r"""
    Compute P(W <= tau): the share of demand at a field depot that waits at most tau.

    A demand at t is met by :math:`t + \tau` unless S orders of before t are still to come then:
    those moving in what tau leaves of the transport time, and the depot's own among the
    backorders that what tau then leaves of the lead time makes at the centre [1]_.

    Parameters
    ----------
    window : array_like of float
        Longest wait tau [days], zero or more.
    rate : array_like of float
        Poisson demand on the central depot [units per day], zero or more.
    lead_time, transport_time : array_like of float
        Constant times to the central and to the field depot [days], zero or more.
    central_level, level : array_like of int
        Base stock levels [units], zero or more.
    share : array_like of float
        Field depot's share of the central demand, 0 to 1.

    Returns
    -------
    ndarray of float
        Of the broadcast shape. The central depot's own customers are a field depot of level 0
        and transport time 0.

    Raises
    ------
    ValueError
        If a number is out of range or NaN, or shapes do not broadcast.

    Notes
    -----
    Exact for Poisson demand, one-for-one orders, first come first served, constant times.

    References
    ----------
    .. [1] S. Axsäter, Simple solution procedures for a class of two-echelon inventory problems,
       Operations Research 38 (1990) 64-69: each unit is followed from its order to its demand.

    Examples
    --------
    >>> two_echelon_response([0.0, 4.0, 24.0], 0.2, 20.0, 2, 0.5, 4.0, 1).round(4)
    array([0.2769, 0.4131, 1.    ])
    """
    tau, m, lead, S0, f, transport, S = together(
        window=non_negative("window", window),
        rate=non_negative("rate", rate),
        lead_time=non_negative("lead_time", lead_time),
        central_level=whole("central_level", central_level, 0),
        share=fraction("share", share),
        transport_time=non_negative("transport_time", transport_time),
        level=whole("level", level, 0),
    )
    central = m * np.maximum(lead - np.maximum(tau - transport, 0.0), 0.0)
    law, _ = _field_law(central, S0, f, m * f * np.maximum(transport - tau, 0.0), S)
    kept = (law * (np.arange(law.shape[-1]) < S[..., None])).sum(axis=-1)
    # Without a shelf only the demand's own order can meet it, straight from the centre.
    own = np.where(S0 > 0, special.pdtr(np.maximum(S0 - 1, 0), central), 0.0)
    own = np.where(tau >= transport + lead, 1.0, np.where(tau >= transport, own, 0.0))
    return np.minimum(np.where(S > 0, kept, own), 1.0)


def poisson_law(mean: ArrayLike, most: int) -> Floats:
    """
    Tabulate the Poisson law.

    Parameters
    ----------
    mean : array_like of float
        Mean [units], zero or more.
    most : int
        Largest count.

    Returns
    -------
    ndarray of float, shape (..., most + 1)
        P(X = x).

    Examples
    --------
    >>> poisson_law(1.0, 2).round(4)
    array([0.3679, 0.3679, 0.1839])
    """
    x, mean = np.arange(most + 1), np.asarray(mean, float)[..., None]
    return np.asarray(np.exp(special.xlogy(x, mean) - mean - special.gammaln(x + 1)))


def split_backorders(law: Floats, level: Ints, share: Floats) -> Floats:
    r"""
    Give the law of one depot's units among the backorders of the depot that supplies it.

    Each backorder is the depot's with probability f: the generating function
    :math:`P(X < S) + \sum_b P(X = S + b) (1 - f + f z)^b` is worked out by Horner's rule.

    Parameters
    ----------
    law : ndarray of float, shape (..., n)
        P(X = x) of the supplying depot's units in resupply.
    level : ndarray of int, shape (...)
        Its base stock level S.
    share : ndarray of float, shape (...)
        The depot's share f of the demand on it.

    Returns
    -------
    ndarray of float, shape (..., n)
        P(k backorders are the depot's).

    Examples
    --------
    >>> split_backorders(np.array([0.5, 0.3, 0.2]), np.array(1), np.array(0.5))
    array([0.9, 0.1, 0. ])
    """
    n, S, f = law.shape[-1], level[..., None], share[..., None]
    mine = np.zeros(np.broadcast_shapes(law.shape, S.shape, f.shape))
    law = np.broadcast_to(law, mine.shape)
    for b in range(n - 1, 0, -1):
        column = np.broadcast_to(S + b, (*mine.shape[:-1], 1))
        owing = np.take_along_axis(law, np.minimum(column, n - 1), axis=-1)
        mine[..., :1] += np.where(column < n, owing, 0.0)
        passed = f * mine[..., :-1]
        mine *= 1 - f
        mine[..., 1:] += passed
    mine[..., 0] += (law * (np.arange(n) <= S)).sum(axis=-1)
    return mine


def add_counts(first: Floats, second: Floats) -> Floats:
    """
    Give the law of the sum of two independent counts, as far as the tables go.

    Parameters
    ----------
    first, second : ndarray of float, shape (..., n)
        P(X = x) and P(Y = y).

    Returns
    -------
    ndarray of float, shape (..., n)
        P(X + Y = z).

    Examples
    --------
    >>> add_counts(np.array([0.5, 0.5, 0.0]), np.array([0.5, 0.5, 0.0]))
    array([0.25, 0.5 , 0.25])
    """
    n = first.shape[-1]
    total = np.zeros(np.broadcast_shapes(first.shape, second.shape))
    for k in range(n):
        total[..., k:] += first[..., k, None] * second[..., : n - k]
    return total


def table_end(levels: NDArray[np.number[Any]], means: Floats) -> int:
    """
    Give a count that the units in resupply on the way to a depot as good as never exceed.

    Parameters
    ----------
    levels : ndarray of int
        Sum of the base stock levels on each way.
    means : ndarray of float
        Sum of the demands during the times on each way [units].

    Returns
    -------
    int
        Twelve deviations beyond what would leave every shelf empty.

    Examples
    --------
    >>> table_end(np.array([3]), np.array([4.0]))
    71
    """
    return int(np.ceil((levels + means + 12 * np.sqrt(means)).max(initial=0.0))) + 40


def _field_law(
    central_demand: ArrayLike,
    central_level: ArrayLike,
    share: ArrayLike,
    transport_demand: ArrayLike,
    level: ArrayLike,
) -> tuple[Floats, Ints]:
    """Give the law of a field depot's units in resupply, and its level, both broadcast."""
    central, S0, f, moving, S = check_two_echelons(
        central_demand, central_level, share, transport_demand, level
    )
    most = table_end(S0 + S, central + moving)
    mine = split_backorders(poisson_law(central, most), S0.astype(np.int64), f)
    return add_counts(mine, poisson_law(moving, most)), S.astype(np.int64)

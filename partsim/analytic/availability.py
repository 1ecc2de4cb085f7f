"""Availability of a fleet: machines that wait for one part, and for several at once."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import non_negative, positive, together, whole
from partsim.analytic.exact_two_echelon import poisson_law

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NODES = 24
"""Points of the Gauss rule between two lead times."""


def product_availability(
    expected_backorders: ArrayLike, positions: ArrayLike, machines: ArrayLike
) -> Floats:
    r"""
    Compute the availability of a fleet from backorders that fall on machines independently.

    :math:`A = \prod_i (1 - EBO_i / (N Z_i))^{Z_i}` [1]_.

    Parameters
    ----------
    expected_backorders : array_like of float, shape (..., part)
        Calls that wait for each part [units], zero or more.
    positions : array_like of int, shape (..., part)
        Units Z of each part in one machine, 1 or more.
    machines : array_like of int, shape (...)
        Machines N in the fleet, 1 or more.

    Returns
    -------
    ndarray of float, shape (...)
        Share of time that a machine waits for no part; 0 if more wait than there are positions.

    Raises
    ------
    ValueError
        If a number is out of range or NaN, or shapes do not broadcast.

    Notes
    -----
    For failures that need one part each. Jobs that need several at once make their waits overlap
    on one machine, and the product counts them all: see `job_availability`.

    References
    ----------
    .. [1] C. C. Sherbrooke, Optimal Inventory Modeling of Systems, 2nd ed., Kluwer, 2004, ch. 2.

    Examples
    --------
    >>> float(product_availability([1.0, 2.0], [1, 2], machines=10).round(4))
    0.729
    """
    EBO, Z, N = together(
        expected_backorders=np.atleast_1d(non_negative("expected_backorders", expected_backorders)),
        positions=whole("positions", positions, 1),
        machines=whole("machines", machines, 1)[..., None],
    )
    return np.asarray(np.prod(np.maximum(1 - EBO / (N * Z), 0.0) ** Z, axis=-1))


def at_least_running(backorder_law: ArrayLike, positions: ArrayLike, machines: int) -> Floats:
    r"""
    Compute P(at least k of N machines run) from the law of the backorders of each part.

    Backorders are holes that fall on the fleet's positions at random, none twice in one, parts
    independently: with u machines without a hole, hole b + 1 of a part with Z positions takes one
    of them with probability :math:`u Z / (N Z - b)`.

    Parameters
    ----------
    backorder_law : array_like of float, shape (..., part, n)
        P(b calls wait for the part), b = 0, 1, ..., n - 1; the row of each part sums to 1. More
        than N Z stop all machines.
    positions : array_like of int, shape (..., part)
        Units Z of each part in one machine, 1 or more.
    machines : int
        Machines N in the fleet, 1 or more.

    Returns
    -------
    ndarray of float, shape (..., N + 1)
        Entry k is the probability that at least k machines wait for no part.

    Raises
    ------
    ValueError
        If a number is out of range or NaN, a row does not sum to 1, or shapes do not broadcast.

    Notes
    -----
    For failures that need one part each. Exact for one part with one position, if its law is, as
    that of `machine_repair`; its `at_least_running` is the same. With one position each, the mean
    of the machines that run is N times `product_availability`.

    For several parts, against the exact Markov chain of nine fleets (5 to 20 machines that fail
    no more while they stand, 2 or 3 parts, up to 3 spares of each, availability 0.83 to 0.99):
    with each part's law from `machine_repair`, P(not all run) is 1.00 to 1.05 times the true one,
    P(two or more stand) 1.01 to 1.10 times, P(three or more) 1.03 to 1.21 times. With Poisson
    units in resupply, as if machines that stand failed on, these are 1.01 to 1.12, 1.10 to 1.44
    and 1.2 to 2.4 times. Machines that run or stand independently, a binomial law of
    `product_availability`, are 1.0 to 1.5, 0.49 to 1.4 and 0.15 to 1.5 times: the fleet shares
    its stock, so that machines stand together.

    Examples
    --------
    >>> at_least_running([[0.7, 0.2, 0.1], [0.9, 0.1, 0.0]], [1, 1], machines=2).round(3)
    array([1.  , 0.89, 0.63])
    """
    law = np.atleast_2d(non_negative("backorder_law", backorder_law))
    whole_of_it = law.sum(axis=-1)
    if (np.abs(whole_of_it - 1) > 1e-9).any():
        wrong = whole_of_it[np.abs(whole_of_it - 1) > 1e-9].flat[0]
        raise ValueError(f"backorder_law: expected rows whose sum is 1, got one of {wrong:g}")
    N = int(positive("machines", whole("machines", machines)))
    _, Z = together(backorder_law=whole_of_it, positions=whole("positions", positions, 1))
    up = np.arange(N + 1)
    running = np.broadcast_to(up == N, (*Z.shape[:-1], N + 1)).astype(float)
    for i in range(Z.shape[-1]):
        z, after = Z[..., i, None], np.zeros_like(running)
        for b in range(law.shape[-1]):
            after += law[..., i, b, None] * running
            hit = running * np.minimum(up * z / np.maximum(N * z - b, 1), 1.0)
            running = running - hit
            running[..., :-1] += hit[..., 1:]
        running = after
    return np.minimum(np.cumsum(running[..., ::-1], axis=-1)[..., ::-1], 1.0)


def job_response(
    window: ArrayLike, rate: ArrayLike, units: ArrayLike, lead_time: ArrayLike, level: ArrayLike
) -> Floats:
    r"""
    Compute P(W <= tau) for each type of job, W until the last of its parts is there.

    A job that begins at t is complete by :math:`t + \tau` if, for each of its parts i, the units
    demanded from :math:`t + \tau - L_i` to t and its own are no more than S. One stream of jobs
    makes these demands, so their joint law is a convolution over the job types [1]_.

    Parameters
    ----------
    window : array_like of float, shape (...)
        Longest wait tau [days], zero or more.
    rate : array_like of float, shape (job,)
        Poisson rate of each type of job [per day], zero or more.
    units : array_like of int, shape (job, part)
        Units of each part that a job of each type needs, zero or more.
    lead_time : array_like of float, shape (part,)
        Constant time from order to receipt [days], zero or more.
    level : array_like of int, shape (part,)
        Base stock levels [units], zero or more.

    Returns
    -------
    ndarray of float, shape (..., job)
        Share of the jobs of each type that have all parts after tau at most.

    Raises
    ------
    ValueError
        If a number is out of range or NaN, or shapes do not fit.

    Notes
    -----
    Exact for Poisson jobs at one depot, one-for-one orders, constant lead times, and parts given
    to jobs first come first served (no part is taken back from a job that waits for another).
    Work grows with the product of the base stock levels of the parts of one job.

    References
    ----------
    .. [1] J.-S. Song, On the order fill rate in a multi-item, base-stock inventory system,
       Operations Research 46 (1998) 831-845.

    Examples
    --------
    >>> job_response([0.0, 6.0], [0.1, 0.1], [[1, 0], [1, 1]], [10.0, 5.0], [2, 1]).round(4)
    array([[0.406 , 0.3383],
           [0.8088, 0.8088]])
    """
    tau = non_negative("window", window)
    m, a, L, S = _jobs(rate, units, lead_time, level)
    flat = np.atleast_1d(tau).ravel()
    found = [_complete(flat, m, a, L, S - a[k], np.flatnonzero(a[k])) for k in range(len(m))]
    return np.stack(found, axis=-1).reshape(*tau.shape, len(m))


def job_waiting_time(
    rate: ArrayLike, units: ArrayLike, lead_time: ArrayLike, level: ArrayLike
) -> Floats:
    """
    Compute the mean wait of each type of job for the last of its parts.

    Parameters
    ----------
    rate, units, lead_time, level : array_like
        As in `job_response`.

    Returns
    -------
    ndarray of float, shape (job,)
        Mean waits [days].

    Raises
    ------
    ValueError
        If a number is out of range or NaN, or shapes do not fit.

    Notes
    -----
    Exact as `job_response` is; its integral over the window is taken by a Gauss rule between
    each two lead times, to 1e-13 of the longest for demands of up to 60 units per lead time.

    Examples
    --------
    >>> job_waiting_time([0.1, 0.1], [[1, 0], [1, 1]], [10.0, 5.0], [2, 1]).round(4)
    array([2.7067, 2.9497])
    """
    m, a, L, S = _jobs(rate, units, lead_time, level)
    ends = np.unique(np.append(L, 0.0))
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    width = np.diff(ends)[:, None]
    window = ends[:-1, None] + (node + 1) / 2 * width
    late = 1 - job_response(window, m, a, L, S)
    return np.asarray(np.einsum("sw,swk->k", weight / 2 * width, late))


def job_availability(
    machines: int, rate: ArrayLike, units: ArrayLike, lead_time: ArrayLike, level: ArrayLike
) -> float:
    r"""
    Compute the availability of a fleet whose failures are jobs that need several parts at once.

    A machine runs for N over the rate of all jobs, then waits: by renewal-reward
    :math:`A = 1 / (1 + \sum_k m_k E W_k / N)`.

    Parameters
    ----------
    machines : int
        Machines N in the fleet, 1 or more.
    rate : array_like of float, shape (job,)
        Rate of each type of job while all machines run [per day], zero or more.
    units, lead_time, level : array_like
        As in `job_response`.

    Returns
    -------
    float
        Share of time that a machine waits for no part.

    Raises
    ------
    ValueError
        If a number is out of range or NaN, or shapes do not fit.

    Notes
    -----
    Waits are those of the demand of a fleet that always runs, so that availability is a little
    too low: unavailability is 1.0 to 1.1 times that of fleets of 20 played out event by event
    (availability 0.95 to 0.99), and exact if waits do not depend on demand. `product_availability`
    gives 1.1 times for jobs of one part each, but 3 times for jobs of three parts at once and 6
    times for six.

    References
    ----------
    .. [1] K. L. Cheung and W. H. Hausman, Multiple failures in a multi-item spares inventory
       model, IIE Transactions 27 (1995), on how multiple failures change availability.

    Examples
    --------
    >>> round(job_availability(10, [0.1, 0.1], [[1, 0], [1, 1]], [10.0, 5.0], [2, 1]), 4)
    0.9465
    """
    N = float(positive("machines", whole("machines", machines)))
    waiting = non_negative("rate", rate) @ job_waiting_time(rate, units, lead_time, level)
    return 1 / (1 + float(waiting) / N)


def _jobs(
    rate: ArrayLike, units: ArrayLike, lead_time: ArrayLike, level: ArrayLike
) -> tuple[Floats, Ints, Floats, Ints]:
    m, a = non_negative("rate", rate), whole("units", units, 0)
    L, S = non_negative("lead_time", lead_time), whole("level", level, 0)
    if a.ndim != 2 or m.shape != a.shape[:1] or not L.shape == S.shape == a.shape[1:]:
        got = f"got {m.shape}, {a.shape}, {L.shape}, {S.shape}"
        raise ValueError(
            "rate, units, lead_time, level: "
            f"expected shapes (job,), (job, part), (part,), (part,), {got}"
        )
    return m, a.astype(np.int64), L, S.astype(np.int64)


def _complete(window: Floats, m: Floats, a: Ints, L: Floats, spare: Ints, parts: Ints) -> Floats:
    """Give P(before a job no more than `spare` units of each of its parts are demanded)."""
    short = parts[spare[parts] < 0]  # too few even for the job alone: it waits the lead time
    parts = parts[spare[parts] >= 0]
    law = np.zeros((len(window), *(spare[parts] + 1)))
    law.reshape(len(window), -1)[:, 0] = 1.0
    means: dict[tuple[int, ...], Floats] = defaultdict(lambda: np.zeros(len(window)))
    begin = np.maximum(window, 0.0)
    for end in np.unique(L[parts]):  # ages of demand from the youngest on
        length = np.maximum(end - begin, 0.0)
        begin = np.maximum(begin, end)
        for k in range(len(m)):
            means[tuple(np.where(L[parts] >= end, a[k, parts], 0).tolist())] += m[k] * length
    for step, mean in means.items():
        if any(step):
            law = _add_jobs(law, step, mean)
    kept = law.reshape(len(window), -1).sum(axis=1)
    kept[window < L[short].max(initial=0.0)] = 0.0
    return np.minimum(kept, 1.0)


def _add_jobs(law: Floats, step: tuple[int, ...], mean: Floats) -> Floats:
    """Add a Poisson number of jobs, each `step` units; what leaves the table is dropped."""
    most = min((n - 1) // s for n, s in zip(law.shape[1:], step, strict=True) if s)
    count = poisson_law(mean, most)
    total = np.zeros_like(law)
    for n in range(most + 1):
        to = tuple(slice(n * s, None) for s in step)
        origin = tuple(
            slice(None, size - n * s) for size, s in zip(law.shape[1:], step, strict=True)
        )
        weight = count[:, n].reshape(-1, *[1] * len(step))
        total[(slice(None), *to)] += weight * law[(slice(None), *origin)]
    return total

"""Response windows: how long a part may take to arrive for a promise to be kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.lifetimes import Duration

Floats = NDArray[np.float64]

_SLICES = 24
"""Equally likely slices of a service time, each at its mean."""


@dataclass(frozen=True, eq=False)
class ResponseWindow:
    """
    Chance of keeping a promise as a function of the wait W for the part.

    ``P(kept) = (at_once - sum(weights)) P(W = 0) + sum_i weights[i] P(W <= waits[i])``

    Attributes
    ----------
    at_once : float
        P(kept) if the technician takes the part along.
    by_customer : float
        P(kept) if the customer has the part and changes it himself.
    by_phone : float
        P(kept) if the phone call is enough.
    waits : ndarray of float, shape (n,)
        Waits [days], rising.
    weights : ndarray of float, shape (n,)
        Probability of each wait being just tolerable; their sum is P(kept) for a part that is
        sent after the technician without any wait.
    """

    at_once: float
    by_customer: float
    by_phone: float
    waits: Floats
    weights: Floats


def response_window(
    within: float,
    diagnosis: Duration,
    travel: Duration,
    delivery: Duration,
    repair: Duration,
    nodes: int = 8,
) -> ResponseWindow:
    """
    Work out the window of a promise: response = diagnosis + max(travel, part) + repair.

    A part from the shelf travels with the technician; a missing one arrives after its wait and
    its delivery. The promise is kept if W + delivery and travel both fit the random slack
    ``within - diagnosis - repair``. Diagnosis, repair and delivery are cut into 24 equally likely
    slices each, and the distribution of the tolerable wait into `nodes`; a slice stands at its
    mean, so that sums over `waits` are midpoint sums.

    Parameters
    ----------
    within : float
        Promised response time [days], positive.
    diagnosis, travel, delivery, repair : Duration
        Service times.
    nodes : int
        Most waits in the result, at least 1.

    Returns
    -------
    ResponseWindow
        No waits at all if a missing part always breaks the promise.

    Notes
    -----
    Exact for fixed times. Against Monte Carlo of exponential, gamma and lognormal times (cv 0.4
    to 1, promises of 8 to 48 h) `at_once` is within 0.01, `by_customer` 0.015, the sum of the
    weights 0.02, and P(kept) for exponential waits 0.01; at one certain wait P(kept) is a step
    function with steps of 1/nodes of the sum of the weights.

    Examples
    --------
    >>> from partsim.lifetimes import Fixed
    >>> hours = [Fixed(h / 24) for h in (1, 3, 2, 4)]
    >>> window = response_window(1.0, *hours, nodes=1)
    >>> window.at_once, (window.waits * 24).round(6), window.weights.round(6)  # 24-1-4-2 h
    (1.0, array([17.]), array([1.]))
    """
    before = np.add.outer(_slice_means(diagnosis), _slice_means(repair)).ravel()
    # Times that add up to the promise exactly keep it, whatever the last bit says.
    slack = within * (1 + 1e-12) - before
    slack = slack[slack >= 0]
    in_time = _reaches(travel, slack) / before.size
    tolerable = np.subtract.outer(slack, _slice_means(delivery)).ravel()
    waits, weights = _slices(tolerable, np.repeat(in_time, _SLICES) / _SLICES, nodes)
    waits.flags.writeable = weights.flags.writeable = False
    return ResponseWindow(
        at_once=min(float(in_time.sum()), 1.0),
        by_customer=float(slack.size / before.size),
        by_phone=float(_reaches(diagnosis, np.array([within]))[0]),
        waits=waits,
        weights=weights,
    )


def _slice_means(duration: Duration) -> Floats:
    """Give the means of equally likely slices; their own mean is that of the duration."""
    u = np.arange(_SLICES) / _SLICES
    start = duration.quantile(u)
    # The integral of the quantile from u to 1 is q (1 - u) + E[(X - q)+].
    beyond = start * (1 - u) + duration.excess(start)
    return -np.diff(beyond, append=0.0) * _SLICES


def _reaches(duration: Duration, t: Floats) -> Floats:
    """Give P(X <= t)."""
    return 1.0 - np.asarray(duration.survival(t * (1 + 1e-12)))


def _slices(waits: Floats, mass: Floats, nodes: int) -> tuple[Floats, Floats]:
    """Cut a distribution of tolerable waits into slices of equal probability, each at its mean."""
    possible = (waits >= 0) & (mass > 0)
    order = np.argsort(waits[possible], kind="stable")
    waits, mass = waits[possible][order], mass[possible][order]
    total = mass.sum()
    if total <= 1e-12:
        return np.empty(0), np.empty(0)
    middle = np.cumsum(mass) - mass / 2
    slot = np.minimum((middle / total * nodes).astype(int), nodes - 1)
    weights = np.bincount(slot, mass, nodes).astype(float)
    centres = np.bincount(slot, mass * waits, nodes)
    used = weights > 0
    return centres[used] / weights[used], weights[used]

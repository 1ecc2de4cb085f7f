"""Finite sources: machines that stand still fail no more, spares and repairers are few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import non_negative, positive, together, whole

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MachineRepair:
    """
    Machines, spares and their repair in the long run.

    Attributes
    ----------
    probability : ndarray of float, shape (..., most + 1)
        P(n units have failed and are not back), n = 0, 1, ..., the most machines and spares.
    failed : ndarray of float
        Their mean: units in resupply [units].
    running : ndarray of float
        Mean of the machines that run.
    at_least_running : ndarray of float, shape (..., most machines + 1)
        P(at least k machines run), k = 0, 1, ...; 0 for more than there are.
    availability : ndarray of float
        Share of time that a machine runs.
    backorders : ndarray of float
        Machines that wait for a unit, mean.
    on_hand : ndarray of float
        Spares on the shelf, mean [units].
    fill_rate : ndarray of float
        Share of failures met from the shelf at once.
    failure_rate : ndarray of float
        Failures of all machines [units per day].
    """

    probability: Floats
    failed: Floats
    running: Floats
    at_least_running: Floats
    availability: Floats
    backorders: Floats
    on_hand: Floats
    fill_rate: Floats
    failure_rate: Floats


def machine_repair(
    machines: ArrayLike,
    spares: ArrayLike,
    servers: ArrayLike,
    mean_life: ArrayLike,
    repair_time: ArrayLike,
) -> MachineRepair:
    """
    Evaluate the repairman model: M machines, S spares, c repairers.

    A failed unit is replaced from the shelf, or its machine waits; it is repaired and goes to a
    waiting machine or to the shelf. With n units failed, min(M, M + S - n) machines run and
    min(n, c) units are under repair: a birth-death process [1]_ [2]_.

    Parameters
    ----------
    machines : array_like of int
        M, each with one position, at least 1.
    spares : array_like of int
        S, the base stock of good units when nothing has failed, zero or more.
    servers : array_like of int
        c, at least 1; M + S or more is ample.
    mean_life : array_like of float
        Mean operating time to failure [days], positive.
    repair_time : array_like of float
        Mean repair, or resupply where servers are ample [days], zero or more.

    Returns
    -------
    MachineRepair
        Arrays of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is not whole, out of range or NaN, or shapes do not broadcast.

    Notes
    -----
    Exact for exponential lives and repairs; for ample servers also for any other law of the
    repair time, which then counts by its mean only. `finite_source_backorders` is the
    first-order approximation for ample servers that the optimiser uses.

    References
    ----------
    .. [1] W. Feller, An Introduction to Probability Theory and Its Applications, vol. 1, 3rd
       ed., Wiley, 1968, sec. XVII.7.
    .. [2] D. Gross and C. M. Harris, Fundamentals of Queueing Theory, 3rd ed., Wiley, 1998,
       ch. 2: finite-source queues with spares.

    Examples
    --------
    >>> model = machine_repair([6, 20], 0, [1, 3], mean_life=10.0, repair_time=1.0)
    >>> ((model.backorders - model.failure_rate * 1.0) / [6, 20]).round(4)  # waiting: Feller
    array([0.0549, 0.0169])
    """
    M, S, c, life, repair = together(
        machines=whole("machines", machines, 1),
        spares=whole("spares", spares, 0),
        servers=whole("servers", servers, 1),
        mean_life=positive("mean_life", mean_life),
        repair_time=non_negative("repair_time", repair_time),
    )
    return failed_units(M, S, life, server_weights(repair, c, int((M + S).max(initial=0))))


def server_weights(service_time: Floats, servers: Floats, most: int) -> Floats:
    """Give the logarithms of the product-form weights of 0, 1, ..., `most` units at c servers."""
    n = np.arange(1, most + 1)
    with np.errstate(divide="ignore"):
        steps = np.log(service_time[..., None] / np.minimum(n, servers[..., None]))
    return np.concatenate([np.zeros((*steps.shape[:-1], 1)), np.cumsum(steps, axis=-1)], axis=-1)


def failed_units(
    machines: Floats, spares: Floats, mean_life: Floats, repair_weights: Floats
) -> MachineRepair:
    """Close the loop of machines and a repair with the given product-form weights (logarithms)."""
    M, S = machines[..., None], spares[..., None]
    n = np.arange(repair_weights.shape[-1])
    running = np.clip(M + S - n, 0, M)
    with np.errstate(divide="ignore"):
        failing = np.cumsum(np.log(running[..., :-1] / mean_life[..., None]), axis=-1)
    weights = repair_weights.copy()
    weights[..., 1:] += failing
    weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
    probability = weights / weights.sum(axis=-1, keepdims=True)
    mean_running = (running * probability).sum(axis=-1)
    served = (running * probability * (n < S)).sum(axis=-1)
    k = np.arange(int(machines.max(initial=0)) + 1)
    spared = np.maximum(M + S - k, 0).astype(np.int64)  # failures that leave k machines running
    enough = np.take_along_axis(np.cumsum(probability, axis=-1), spared, axis=-1)
    return MachineRepair(
        probability=probability,
        failed=(n * probability).sum(axis=-1),
        running=mean_running,
        at_least_running=np.where(k <= M, np.minimum(enough, 1.0), 0.0),
        availability=mean_running / machines,
        backorders=(np.maximum(n - S, 0) * probability).sum(axis=-1),
        on_hand=(np.maximum(S - n, 0) * probability).sum(axis=-1),
        fill_rate=served / mean_running,
        failure_rate=mean_running / mean_life,
    )

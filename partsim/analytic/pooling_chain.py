"""
Pooling groups of depots with lateral transshipment, and their Markov chain.

Orders are one-for-one. A demand is met from its own shelf; if that is empty, from the first depot
of its order of preference that holds more than its hold-back level; otherwise by an emergency
from outside, lost to the group. The chain is exact and for small groups: the oracle of the
methods in `lateral_transshipment`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import linalg

from partsim.analytic.argument_checks import non_negative, together, whole

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_STATES = 10_000


@dataclass(frozen=True, eq=False)
class Pooling:
    """
    Where the demand of a pooling group is met, in the long run.

    Attributes
    ----------
    filled : ndarray of float, shape (..., D, D)
        Share of the demand of a depot (next to last axis) that each depot fills (last axis).
    own, lateral, emergency : ndarray of float, shape (..., D)
        Share of a depot's demand filled from its own shelf (the diagonal of `filled`), from the
        other depots, and from outside; together 1.
    on_hand : ndarray of float, shape (..., D)
        Mean stock on the shelf [units].
    """

    filled: Floats
    own: Floats
    lateral: Floats
    emergency: Floats
    on_hand: Floats


@dataclass(frozen=True, eq=False)
class PoolingGroup:
    """
    The checked arguments of a pooling group.

    Attributes
    ----------
    rate, lead_time, stock, hold_back : ndarray of float, shape (..., D)
        Demand [units per day], lead time [days], base stock and hold-back level [units].
    asks : tuple of tuple of int
        For each depot the others that it asks, in this order.
    """

    rate: Floats
    lead_time: Floats
    stock: Floats
    hold_back: Floats
    asks: tuple[tuple[int, ...], ...]


def pooling_chain(
    rate: ArrayLike,
    lead_time: ArrayLike,
    base_stock: ArrayLike,
    preference: ArrayLike,
    hold_back: ArrayLike = 0,
) -> Pooling:
    """
    Solve the Markov chain of the units in resupply of every depot of a small pooling group.

    A state is what each depot has in resupply, 0 to S; a demand adds one at the depot that fills
    it, and every unit returns after an exponential lead time. Groups (parts) are solved one by
    one by a sparse factorisation.

    Parameters
    ----------
    rate : array_like of float, shape (..., D)
        Poisson demand at each depot of the group (last axis) [units per day], zero or more.
    lead_time : array_like of float, shape (..., D)
        Mean lead time of each depot from outside the group [days], zero or more.
    base_stock : array_like of int, shape (..., D)
        S of each depot, zero or more [units].
    preference : array_like of int, shape (D, K)
        For each depot the numbers of the others that it asks, in this order, padded with -1.
    hold_back : array_like of int, shape (..., D)
        h, zero or more: a depot gives to others only while it holds more than h [units].

    Returns
    -------
    Pooling
        Of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is negative, not whole or NaN, shapes do not broadcast, the preference is no
        table of other depots, or a group has more than 10,000 states: the product of S + 1 over
        the depots whose lead time is not zero.

    Notes
    -----
    Exact for exponential lead times. With constant ones of the same mean shares change by
    0.01 at most in the groups of the tests (2 to 5 depots, load 60 to 90 %); the emergency share
    of a group does not change at all where all ask all, without hold-back, at equal lead times.

    References
    ----------
    .. [1] A. C. C. van Wijk, I. J. B. F. Adan and G. J. van Houtum, Approximate evaluation of
       multi-location inventory models with lateral transshipments and hold back levels, European
       Journal of Operational Research 218 (2012) 624-635: the model.

    Examples
    --------
    >>> pair = pooling_chain([1.0, 1.0], 1.0, 1, preference=[[1], [0]])
    >>> pair.filled.round(3), pair.emergency.round(3)
    (array([[0.4, 0.2],
           [0.2, 0.4]]), array([0.4, 0.4]))
    """
    group = pooling_group(rate, lead_time, base_stock, preference, hold_back)
    filled = np.zeros((*group.rate.shape, len(group.asks)))
    left, on_hand = np.empty(group.rate.shape), np.empty(group.rate.shape)
    for part in np.ndindex(group.rate.shape[:-1]):
        one = PoolingGroup(
            group.rate[part],
            group.lead_time[part],
            group.stock[part],
            group.hold_back[part],
            group.asks,
        )
        in_resupply = _states(one)
        held = one.stock[:, None] - in_resupply
        source = _sources(one, held)
        probability = _stationary(one, in_resupply, source)
        for k in range(len(group.asks)):
            filled[(*part, slice(None), k)] = (source == k) @ probability
        left[part], on_hand[part] = (source < 0) @ probability, held @ probability
    return pooling(filled, left, on_hand)


def pooling_group(
    rate: ArrayLike,
    lead_time: ArrayLike,
    base_stock: ArrayLike,
    preference: ArrayLike,
    hold_back: ArrayLike,
) -> PoolingGroup:
    """Give the checked arguments of `pooling_chain`."""
    rates, times, stock, held = together(
        rate=non_negative("rate", rate),
        lead_time=non_negative("lead_time", lead_time),
        base_stock=whole("base_stock", base_stock, 0),
        hold_back=whole("hold_back", hold_back, 0),
    )
    table, shape = whole("preference", preference, -1), rates.shape
    if table.ndim != 2 or table.shape[:1] != shape[-1:] or not len(table):
        raise ValueError(
            f"preference: expected a row for each depot, got shape {table.shape} "
            f"for parts and depots {shape}"
        )
    asks = tuple(tuple(int(k) for k in row if k >= 0) for row in table)
    for j, others in enumerate(asks):
        if len({j, *others}) <= len(others) or max(others, default=0) >= len(asks):
            raise ValueError(
                f"preference[{j}]: expected other depots, 0 to {len(asks) - 1}, each once, "
                f"got {list(others)}"
            )
    return PoolingGroup(rates, times, stock, held, asks)


def pooling(filled: Floats, emergency: Floats, on_hand: Floats) -> Pooling:
    """Sum the shares filled to the measures of a group."""
    own = np.eye(filled.shape[-1])
    lateral = (filled * (1 - own)).sum(axis=-1)
    return Pooling(filled, (filled * own).sum(axis=-1), lateral, emergency, on_hand)


def _states(group: PoolingGroup) -> Ints:
    """Give the units in resupply, depots by states; what returns at once is never in resupply."""
    shape = np.where(group.lead_time > 0, group.stock + 1, 1).astype(int).tolist()
    states = math.prod(shape)
    if states > MOST_STATES:
        raise ValueError(f"base_stock: expected {MOST_STATES:,} states at most, got {states:,}")
    return np.stack(np.unravel_index(np.arange(states), shape))


def _sources(group: PoolingGroup, held: Floats) -> Ints:
    """Give the depot that fills the demand of each depot in each state, -1 for none."""
    gives = held > group.hold_back[:, None]
    source = np.full(held.shape, -1)
    for j, others in enumerate(group.asks):
        for k in reversed(others):
            source[j] = np.where(gives[k], k, source[j])
        source[j] = np.where(held[j] > 0, j, source[j])
    return source


def _stationary(group: PoolingGroup, in_resupply: Ints, source: Ints) -> Floats:
    """Give the probability of each state: that of a likely one is set, the others solved for."""
    start, end, rates = _transitions(group, in_resupply, source)
    here = np.arange(in_resupply.shape[1])
    leaving = np.bincount(start, rates, here.size)
    rows, columns = np.concatenate([here, end]), np.concatenate([here, start])
    balance = sparse.csc_array((np.concatenate([leaving, -rates]), (rows, columns)))
    load = np.minimum(in_resupply.max(axis=1), np.floor(group.rate * group.lead_time))
    likely = int((in_resupply == load[:, None]).all(axis=0).argmax())
    others, probability = here != likely, np.ones(here.size)
    if here.size > 1:
        inflow = -balance[:, [likely]].toarray()[others, 0]
        probability[others] = linalg.spsolve(balance[others][:, others], inflow)
    return probability / probability.sum()


def _transitions(group: PoolingGroup, in_resupply: Ints, source: Ints) -> tuple[Ints, Ints, Floats]:
    """Give from where to where the chain goes, and how often."""
    shape = in_resupply.max(axis=1) + 1
    here = np.arange(in_resupply.shape[1])
    stride = np.append(np.cumprod(shape[:0:-1])[::-1], 1)
    start, end, rates = [], [], []
    for j, fills in enumerate(source):
        demand = (fills >= 0) & (group.lead_time[fills] > 0)
        receipt = in_resupply[j] > 0
        start += [here[demand], here[receipt]]
        end += [here[demand] + stride[fills[demand]], here[receipt] - stride[j]]
        rates += [
            np.full(demand.sum(), group.rate[j]),
            in_resupply[j, receipt] / group.lead_time[j],
        ]
    return np.concatenate(start), np.concatenate(end), np.concatenate(rates)

"""Reserved stock: one shelf, several tiers, and the last units kept for the better ones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import non_negative, positive, together, whole
from partsim.analytic.exact_counts import probability, tail

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReservedEmergency:
    """
    A shelf with critical levels that passes on what it refuses.

    Attributes
    ----------
    fill_rate : ndarray of float, shape (..., tiers)
        Share of a tier's demand met from the shelf.
    on_hand, pipeline : ndarray of float, shape (...)
        Mean units on the shelf and in resupply [units]; their sum is the base stock.
    """

    fill_rate: Floats
    on_hand: Floats
    pipeline: Floats


@dataclass(frozen=True, eq=False)
class ReservedBackorders:
    """
    A shelf with critical levels that owes what it refuses.

    Attributes
    ----------
    fill_rate, backorders : ndarray of float, shape (..., tiers)
        Share of a tier's demand met at once, and units owed to the tier [units].
    on_hand : ndarray of float, shape (...)
        Mean units on the shelf [units].
    """

    fill_rate: Floats
    backorders: Floats
    on_hand: Floats


@dataclass(frozen=True, eq=False)
class ReservedOptimum:
    """
    Base stock and critical levels of least cost.

    Attributes
    ----------
    level : int
        Base stock S [units].
    critical_levels : ndarray of float, shape (tiers,)
        On-hand stock at and below which a tier is refused [units].
    cost : float
        Per day.
    """

    level: int
    critical_levels: Floats
    cost: float


def reserved_emergency(
    tier_rates: ArrayLike, lead_time: ArrayLike, level: ArrayLike, critical_levels: ArrayLike
) -> ReservedEmergency:
    r"""
    Evaluate critical levels where refused demand is lost to the shelf: emergency supply.

    Tier j is served only while more than :math:`c_j` units are on hand; only what is served is
    ordered again. The units n in resupply have
    :math:`p(n) \propto \prod_{i<n} \lambda(S - i) L / (i + 1)` with the demand
    :math:`\lambda(x) = \sum_j \lambda_j 1\{x > c_j\}` that is served at x on hand [1]_.

    Parameters
    ----------
    tier_rates : array_like of float, shape (..., tiers)
        Poisson demand of the tiers, the best first [units per day], zero or more.
    lead_time : array_like of float, shape (...)
        Mean time of resupply [days], zero or more; any distribution.
    level : array_like of int, shape (...)
        Base stock S [units], zero or more.
    critical_levels : array_like of int, shape (..., tiers)
        :math:`c_1 \le c_2 \le \dots` [units], zero or more; a level of S or more serves no one.

    Returns
    -------
    ReservedEmergency
        Arrays of the broadcast shape.

    Raises
    ------
    ValueError
        If a number is negative, not whole or not a number, critical levels fall, or shapes do not
        broadcast.

    Notes
    -----
    Exact for independent lead times of any distribution: the demand that is served depends on the
    number in resupply alone, and such a loss system depends on the mean only, as Erlang's does.

    References
    ----------
    .. [1] R. Dekker, R. M. Hill, M. J. Kleijn and R. H. Teunter, On the (S-1,S) lost sales
       inventory model with priority demand classes, Naval Research Logistics 49 (2002) 593-610.

    Examples
    --------
    >>> shelf = reserved_emergency([0.1, 0.3], 5.0, 3, [[0, 0], [0, 1]])
    >>> shelf.fill_rate.round(3)
    array([[0.789, 0.789],
           [0.938, 0.562]])
    """
    rates, time, S, critical = _checked(tier_rates, lead_time, level, critical_levels)
    n = np.arange(int(S.max(initial=0)) + 1)
    on_hand = S[..., None] - n
    serves = on_hand[..., None] > critical[..., None, :]
    served = (serves * rates[..., None, :]).sum(axis=-1)
    steps = served[..., :-1] * time[..., None] / n[1:]
    with np.errstate(divide="ignore"):
        logs = np.cumsum(np.log(steps), axis=-1)
    logs = np.concatenate([np.zeros((*S.shape, 1)), logs], axis=-1)
    law = np.exp(logs - logs.max(axis=-1, keepdims=True))
    law /= law.sum(axis=-1, keepdims=True)
    fill = (law[..., None] * serves).sum(axis=-2)
    return ReservedEmergency(fill, (law * on_hand).sum(axis=-1), (law * n).sum(axis=-1))


def best_reserved_emergency(
    tier_rates: ArrayLike, lead_time: float, holding_cost: float, refusal_costs: ArrayLike
) -> ReservedOptimum:
    r"""
    Find base stock and critical levels of least cost where refused demand is lost to the shelf.

    The cost is :math:`h S + \sum_j e_j \lambda_j (1 - \beta_j)`, with the fill rates
    :math:`\beta_j` of `reserved_emergency`. All critical levels of each base stock are compared,
    until holding alone costs more than the best so far.

    Parameters
    ----------
    tier_rates : array_like of float, shape (tiers,)
        Poisson demand of the tiers [units per day], zero or more.
    lead_time : float
        Mean time of resupply [days], zero or more.
    holding_cost : float
        h, of a unit of base stock [money per day], positive.
    refusal_costs : array_like of float, shape (tiers,)
        :math:`e_1 \ge e_2 \ge \dots`, of a demand that is refused [money], zero or more.

    Returns
    -------
    ReservedOptimum
        Of equal costs the one with the least base stock, then the least critical levels.

    Raises
    ------
    ValueError
        If a number is out of range or not a number, costs rise, or shapes differ.

    Notes
    -----
    Exact among critical levels. The best tier is always served from the last unit, so that
    :math:`c_1 = 0`; the work grows with the power tiers + 1 of the base stock.

    References
    ----------
    See `reserved_emergency`.

    Examples
    --------
    >>> best = best_reserved_emergency([0.1, 0.3], 5.0, 1.0, [200.0, 10.0])
    >>> best.level, best.critical_levels, round(best.cost, 3)
    (4, array([0., 1.]), 5.205)
    """
    rates, refusals = together(
        tier_rates=np.atleast_1d(non_negative("tier_rates", tier_rates)),
        refusal_costs=np.atleast_1d(non_negative("refusal_costs", refusal_costs)),
    )
    if rates.ndim != 1:
        raise ValueError(f"tier_rates: expected one axis of tiers, got shape {rates.shape}")
    if (np.diff(refusals) > 0).any():
        raise ValueError(f"refusal_costs: expected numbers that do not rise, got {refusals}")
    holding = float(positive("holding_cost", holding_cost))
    time = float(non_negative("lead_time", lead_time))
    best = ReservedOptimum(0, np.zeros(len(rates)), float(rates @ refusals))
    level = 1
    while holding * level < best.cost:
        choices = combinations_with_replacement(range(level + 1), len(rates) - 1)
        critical = np.array([(0, *choice) for choice in choices], float)
        filled = reserved_emergency(rates, time, level, critical).fill_rate
        costs = holding * level + (1 - filled) @ (rates * refusals)
        least = int(costs.argmin())
        if costs[least] < best.cost:
            best = ReservedOptimum(level, critical[least], float(costs[least]))
        level += 1
    return best


def threshold_clearing(
    tier_rates: ArrayLike, lead_time: ArrayLike, level: ArrayLike, critical_levels: ArrayLike
) -> ReservedBackorders:
    r"""
    Evaluate critical levels where refused demand is owed and waits for threshold clearing.

    All demand is ordered one for one, and the units in resupply X are Poisson with mean
    :math:`\Lambda L`. Counted from a full shelf, each of them was a demand of tier j with
    probability :math:`\lambda_j/\Lambda`, took a unit if more than :math:`c_j` were left, and is
    owed otherwise [1]_ [2]_. With the units left after i demands :math:`Y_i`, tier j has the fill
    rate :math:`P(Y_X > c_j)` and the backorders
    :math:`(\lambda_j/\Lambda) \sum_i P(X > i) P(Y_i \le c_j)`.

    Parameters
    ----------
    tier_rates, lead_time, level, critical_levels : array_like
        As in `reserved_emergency`, critical levels at most S; all demand is ordered again.

    Returns
    -------
    ReservedBackorders
        Arrays of the broadcast shape.

    Raises
    ------
    ValueError
        As in `reserved_emergency`, or if a critical level is above S.

    Notes
    -----
    Exact for constant lead times and threshold clearing: a unit that comes in goes to whoever
    would have been served, had the demand been counted from that unit on. Where the best tier that
    waits goes first instead, the last tier's fill rate is exact still, and the best tier's too low,
    that is safe: on the grid of `priority_clearing` by 0.29 at most (usual, for 95 %: 0.11).

    References
    ----------
    .. [1] V. Deshpande, M. A. Cohen and K. Donohue, A threshold inventory rationing policy for
       service-differentiated demand classes, Management Science 49 (2003) 683-703.
    .. [2] S. Nahmias and W. S. Demmy, Operating characteristics of an inventory system with
       rationing, Management Science 27 (1981) 1236-1245.

    Examples
    --------
    >>> shelf = threshold_clearing([0.1, 0.3], 5.0, 4, [[0, 0], [0, 1]])
    >>> shelf.fill_rate.round(3)
    array([[0.857, 0.857],
           [0.951, 0.677]])
    >>> shelf.backorders.round(3)
    array([[0.019, 0.056],
           [0.006, 0.164]])
    """
    rates, _, S, critical, mean, count = _owing(tier_rates, lead_time, level, critical_levels)
    demand = rates.sum(axis=-1, keepdims=True)
    shares = np.divide(rates, demand, out=np.zeros(rates.shape), where=demand > 0)
    chance, more = probability(mean, mean, count), tail(mean, mean, count)
    left = np.arange(int(S.max(initial=0)) + 1)
    serves = left[:, None] > critical[..., None, :]
    taken = (serves * shares[..., None, :]).sum(axis=-1)
    law = (left == S[..., None]).astype(float)
    fill, owed, on_hand = np.zeros(rates.shape), np.zeros(rates.shape), np.zeros(S.shape)
    for i in range(len(count)):
        served = (law[..., None] * serves).sum(axis=-2)
        fill += chance[..., i, None] * served
        owed += more[..., i, None] * (1 - served)
        on_hand += chance[..., i] * (law @ left)
        moved = law * taken
        law = law - moved
        law[..., :-1] += moved[..., 1:]
    return ReservedBackorders(fill, shares * owed, on_hand)


def priority_clearing(
    tier_rates: ArrayLike, lead_time: ArrayLike, level: ArrayLike, critical_levels: ArrayLike
) -> ReservedBackorders:
    r"""
    Evaluate critical levels where refused demand is owed and the best tiers are served first.

    A unit that comes in goes to the best tier that waits and may have it, that is if :math:`c_j`
    more stay on the shelf [1]_. Let :math:`M_j` be the units on hand less those owed to the tiers
    1 to j. At :math:`c_{j+1}` or less it falls with the demand of these tiers only and rises with
    every receipt, so that the balance of each step is

    .. math:: P(M_j = m - 1) \, E(X \mid M_j = m - 1) = P(M_j = m) \, L \sum_{i \le j} \lambda_i.

    The units in resupply X are Poisson, and at least S - m + 1 there; their mean is taken as
    :math:`E(X \mid X \ge S - m + 1)`. Above :math:`c_{j+1}`, :math:`M_j = M_{j+1}`, and with all
    tiers it is S - X.

    Parameters
    ----------
    tier_rates, lead_time, level, critical_levels : array_like
        As in `reserved_emergency`, critical levels at most S; all demand is ordered again.

    Returns
    -------
    ReservedBackorders
        Arrays of the broadcast shape.

    Raises
    ------
    ValueError
        As in `reserved_emergency`, or if a critical level is above S.

    Notes
    -----
    Exact for any independent lead times: the fill rate of the last tier, all fill rates and the
    units owed in all without critical levels, and the units owed less those on hand. Against the
    Markov chain of exponential times (two tiers, 652 cells: 0.5 to 8 units of demand in a lead
    time, 10 to 80 % of it the best tier's, 1 to 4 units reserved, S from the mean to 3 deviations
    and the reserve above), the best tier's fill rate is 0.035 too low to 0.044 too high (usual,
    for 95 %: 0.010). For constant times, played out, it is 0.006 too low to 0.08 too high (usual
    0.034; most where the best tier has most of the demand). Three tiers: within 0.01.

    References
    ----------
    .. [1] R. Dekker, M. J. Kleijn and P. J. de Rooij, A spare parts stocking policy based on
       equipment criticality, International Journal of Production Economics 56-57 (1998) 69-77:
       the model; the approximation is not theirs.

    Examples
    --------
    >>> shelf = priority_clearing([0.1, 0.3], 5.0, 4, [[0, 0], [0, 1]])
    >>> shelf.fill_rate.round(3)
    array([[0.857, 0.857],
           [0.965, 0.677]])
    >>> shelf.backorders.round(3)
    array([[0.014, 0.061],
           [0.003, 0.18 ]])
    """
    rates, time, S, critical, mean, count = _owing(tier_rates, lead_time, level, critical_levels)
    law = probability(mean, mean, count)
    more, at_least = tail(mean, mean, count[:-1] - 1), tail(mean, mean, count[:-1])
    ratio = np.divide(more, at_least, out=np.zeros(more.shape), where=at_least > 0)
    resupply = np.maximum(mean * ratio, count[1:])  # E(X | X >= 1, 2, ...)
    net = S[..., None] - count
    tiers = rates.shape[-1]
    fill, nets = np.empty(rates.shape), np.empty((*S.shape, tiers + 1))
    for j in range(tiers - 1, -1, -1):
        nets[..., j + 1] = (net * law).sum(axis=-1)
        low = net <= critical[..., j, None]
        fill[..., j] = (law * ~low).sum(axis=-1)
        if j:
            offered = (rates[..., :j].sum(axis=-1) * time)[..., None]
            law = np.where(low, _fall(offered / resupply, low, (law * low).sum(axis=-1)), law)
    nets[..., 0] = (np.maximum(net, critical[..., :1]) * law).sum(axis=-1)
    return ReservedBackorders(fill, np.maximum(-np.diff(nets, axis=-1), 0.0), nets[..., 0])


def _fall(steps: Floats, low: NDArray[np.bool_], total: Floats) -> Floats:
    """Spread the total over the low states, each the step times the one above it."""
    inside = low[..., :-1] & low[..., 1:]
    with np.errstate(divide="ignore"):
        logs = np.cumsum(np.where(inside, np.log(steps), 0.0), axis=-1)
    logs = np.concatenate([np.zeros((*total.shape, 1)), logs], axis=-1)
    weights = np.exp(logs - logs.max(axis=-1, keepdims=True)) * low
    return weights * (total / weights.sum(axis=-1))[..., None]


def _checked(
    tier_rates: ArrayLike, lead_time: ArrayLike, level: ArrayLike, critical_levels: ArrayLike
) -> tuple[Floats, ...]:
    """Broadcast tiers on a last axis and cells before it, or say what is wrong."""
    critical = np.atleast_1d(whole("critical_levels", critical_levels, 0))
    if (np.diff(critical, axis=-1) < 0).any():
        raise ValueError(f"critical_levels: expected numbers that do not fall, got {critical}")
    rates, time, S, critical = together(
        tier_rates=np.atleast_1d(non_negative("tier_rates", tier_rates)),
        lead_time=non_negative("lead_time", lead_time)[..., None],
        level=whole("level", level, 0)[..., None],
        critical_levels=critical,
    )
    return rates, time[..., 0], S[..., 0], critical


def _owing(
    tier_rates: ArrayLike, lead_time: ArrayLike, level: ArrayLike, critical_levels: ArrayLike
) -> tuple[Floats, ...]:
    """Add the mean in resupply on a last axis, and counts on it, far enough for every cell."""
    rates, time, S, critical = _checked(tier_rates, lead_time, level, critical_levels)
    wrong = critical > S[..., None]
    if wrong.any():
        at_fault = critical[wrong][0]  # owed demand would have to build that stock up
        raise ValueError(f"critical_levels: expected at most the base stock, got {at_fault:g}")
    mean = rates.sum(axis=-1) * time
    most = mean.max(initial=0.0)
    last = max(most + 12 * np.sqrt(most) + 40, S.max(initial=0.0) + 1)
    return rates, time, S, critical, mean[..., None], np.arange(np.ceil(last) + 1)

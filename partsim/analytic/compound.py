"""Demand in batches: compound Poisson counts of units in resupply, and what is filled of them.

Every order arrives whole after its own lead time, independent and possibly crossing, or constant;
units in resupply are then compound Poisson with demand rate times mean lead time batches [1]_.

.. [1] G. J. Feeney and C. C. Sherbrooke, The (s-1, s) inventory policy under compound Poisson
   demand, Management Science 12 (1966) 391-411.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partsim.analytic.argument_checks import non_negative, probabilities, share, together, whole
from partsim.analytic.counts import CountTable, loss_table

Floats = NDArray[np.float64]

_HUGE = 1e200
"""Where unscaled probabilities are scaled down: that of nothing would be too small a number."""


def compound_table(batches: ArrayLike, batch_size: ArrayLike, levels: int) -> CountTable:
    r"""
    Tabulate a compound Poisson count: Panjer's recursion [1]_.

    With :math:`\mu` batches and batch sizes :math:`f_j`,
    :math:`p_k = \frac{\mu}{k} \sum_{j=1}^{k} j f_j p_{k-j}`: positive terms only.

    Parameters
    ----------
    batches : array_like of float, shape (...)
        Mean batches in resupply :math:`\mu` (demands per day times mean lead time), zero or more.
    batch_size : array_like of float, shape (n,)
        Entry j is the probability of j units in a batch; entry 0 must be 0.
    levels : int
        Largest stock level, zero or more.

    Returns
    -------
    CountTable
        Arrays of shape (..., levels + 1).

    Raises
    ------
    ValueError
        If a number is negative or not a number, or the batch sizes are no distribution.

    Notes
    -----
    Probabilities are exact to about 1e-15 times (levels + batches) relative, backorders to 1e-11
    times their value at S = 0 absolute.

    References
    ----------
    .. [1] H. H. Panjer, Recursive evaluation of a family of compound distributions, ASTIN
       Bulletin 12 (1981) 22-26.

    Examples
    --------
    >>> compound_table(1.0, [0, 0.5, 0.5], levels=2).at_most.round(4)  # e^-1 (1, 1 + 1/2, ...)
    array([0.3679, 0.5518, 0.7817])
    """
    sizes = _batch_sizes(batch_size)
    mean_size, square = _moments(sizes)
    weights = np.arange(len(sizes)) * sizes

    def next_term(k: int, mu: Floats, p: Floats) -> Floats:
        reach = min(k, len(sizes) - 1)
        return mu / k * (p[:, k - reach : k] @ weights[reach:0:-1])

    return _table(batches, mean_size, square, levels, next_term)


def geometric_table(batches: ArrayLike, repeat: ArrayLike, levels: int) -> CountTable:
    r"""
    Tabulate a compound Poisson count whose batches are geometric, by a three-term recurrence.

    Batches have j units with probability :math:`(1 - \rho) \rho^{j-1}` (a "stuttering" Poisson
    process, the law of Polya and Aeppli [1]_):
    :math:`k p_k = (\mu (1 - \rho) + 2 \rho (k - 1)) p_{k-1} - \rho^2 (k - 2) p_{k-2}`.

    Parameters
    ----------
    batches : array_like of float
        Mean batches in resupply :math:`\mu`, zero or more.
    repeat : array_like of float
        Probability :math:`\rho` of one unit more in the batch, 0 to below 1; both broadcast. The
        variance over the mean of the count is :math:`(1 + \rho)/(1 - \rho)`.
    levels : int
        Largest stock level, zero or more.

    Returns
    -------
    CountTable
        Arrays of the broadcast shape with an axis of ``levels + 1`` at the end.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or shapes do not broadcast.

    Notes
    -----
    Exact like `compound_table`.

    References
    ----------
    .. [1] N. L. Johnson, A. W. Kemp and S. Kotz, Univariate Discrete Distributions, 3rd ed.,
       Wiley, 2005, ch. 9.

    Examples
    --------
    >>> geometric_table(1.0, 0.5, levels=2).at_most.round(4)
    array([0.3679, 0.5518, 0.6898])
    """
    batches, repeat = together(
        batches=non_negative("batches", batches), repeat=share("repeat", repeat)
    )
    rho = repeat.ravel()

    def next_term(k: int, mu: Floats, p: Floats) -> Floats:
        term = (mu * (1 - rho) + 2 * rho * (k - 1)) * p[:, k - 1]
        if k > 1:
            term -= rho**2 * (k - 2) * p[:, k - 2]
        return term / k

    square = (1 + repeat) / (1 - repeat) ** 2
    return _table(batches, 1 / (1 - repeat), square, levels, next_term)


def order_fill_rate(at_most: ArrayLike, batch_size: ArrayLike) -> Floats:
    r"""
    Compute the share of orders that are met whole at once, :math:`\sum_j f_j P(X \le S - j)`.

    Parameters
    ----------
    at_most : array_like of float, shape (..., levels + 1)
        P(X <= S) of the units in resupply, as `CountTable` has it.
    batch_size : array_like of float, shape (n,)
        Entry j is the probability of j units in an order; entry 0 must be 0.

    Returns
    -------
    ndarray of float, shape (..., levels + 1)
        For base stock levels 0, 1, 2, ...

    Raises
    ------
    ValueError
        If the batch sizes are no distribution, or a probability is no number from 0.

    Examples
    --------
    >>> sizes = [0, 0.5, 0.5]
    >>> order_fill_rate(compound_table(1.0, sizes, levels=2).at_most, sizes).round(4)
    array([0.    , 0.1839, 0.4598])
    """
    return _look_back(non_negative("at_most", at_most), _batch_sizes(batch_size))


def unit_fill_rate(at_most: ArrayLike, batch_size: ArrayLike) -> Floats:
    r"""
    Compute the share of units that are met at once when orders may be met in part.

    The i-th unit of an order is met if :math:`X \le S - i`, so that the share is
    :math:`\sum_i P(J \ge i) P(X \le S - i) / E J` for orders of J units.

    Parameters
    ----------
    at_most : array_like of float, shape (..., levels + 1)
        P(X <= S) of the units in resupply, as `CountTable` has it.
    batch_size : array_like of float, shape (n,)
        Entry j is the probability of j units in an order; entry 0 must be 0.

    Returns
    -------
    ndarray of float, shape (..., levels + 1)
        For base stock levels 0, 1, 2, ...

    Raises
    ------
    ValueError
        If the batch sizes are no distribution, or a probability is no number from 0.

    Examples
    --------
    >>> sizes = [0, 0.5, 0.5]
    >>> unit_fill_rate(compound_table(1.0, sizes, levels=2).at_most, sizes).round(4)
    array([0.    , 0.2453, 0.4905])
    """
    sizes = _batch_sizes(batch_size)
    reached = np.cumsum(sizes[::-1])[::-1] / _moments(sizes)[0]
    reached[0] = 0.0
    return _look_back(non_negative("at_most", at_most), reached)


class _Step(Protocol):
    """The next unscaled probability from those before it; cells along the first axis."""

    def __call__(self, k: int, mu: Floats, p: Floats) -> Floats: ...


def _batch_sizes(batch_size: ArrayLike) -> Floats:
    sizes = probabilities("batch_size", batch_size)
    if sizes[0] != 0:
        raise ValueError(f"batch_size[0]: expected 0, a batch has a unit, got {sizes[0]}")
    return sizes


def _moments(sizes: Floats) -> tuple[Floats, Floats]:
    """Give mean and mean square of the batch size."""
    j = np.arange(len(sizes))
    return np.asarray(sizes @ j), np.asarray(sizes @ j**2)


def _table(
    batches: ArrayLike, mean_size: Floats, square: Floats, levels: int, next_term: _Step
) -> CountTable:
    """Run the recurrence from p(0) = exp(-mu), kept apart because it may be too small a number."""
    batches = non_negative("batches", batches)
    last = int(whole("levels", levels, at_least=0))
    mu = batches.ravel()
    p, log_scale = np.zeros((len(mu), last + 1)), -mu
    p[:, 0] = 1.0
    for k in range(1, last + 1):
        p[:, k] = next_term(k, mu, p)
        large = p[:, k] > _HUGE
        if large.any():
            p[large, : k + 1] /= _HUGE
            log_scale[large] += np.log(_HUGE)
    half = np.exp(log_scale / 2)[:, None]  # twice, as p may be large and the scale tiny
    at_most = np.minimum(np.cumsum(p * half * half, axis=1), 1.0).reshape(*batches.shape, last + 1)
    mean = batches * mean_size
    return loss_table(at_most, mean, batches * square + mean**2)


def _look_back(at_most: Floats, weights: Floats) -> Floats:
    """Sum weights[j] at_most[..., S - j] for every S."""
    total = np.zeros_like(at_most)
    for j in range(1, min(len(weights), at_most.shape[-1])):
        total[..., j:] += weights[j] * at_most[..., :-j]
    return total

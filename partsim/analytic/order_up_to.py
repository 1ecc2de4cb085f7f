"""Orders up to a level at continuous review, where demand comes in batches: (s,S)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from partsim.analytic.argument_checks import whole
from partsim.analytic.compound import compound_table, unit_fill_rate
from partsim.analytic.periodic_review import position_visits
from partsim.analytic.policies import StockMeasures


def order_up_to_measures(
    batches: float, batch_size: ArrayLike, reorder_point: int, order_up_to: int
) -> tuple[StockMeasures, float]:
    r"""
    Evaluate an (s,S) policy: when the position is s or less, one order raises it to S.

    Positions between orders are a renewal process: the share of time at S - j is
    :math:`m(j) / \sum_i m(i)`, where m(j) are the batches that find the position there between two
    orders [1]_. The position a lead time ago is independent of the demand since.

    Parameters
    ----------
    batches : float
        Mean batches in the lead time (demands per day times a constant lead time), zero or more.
    batch_size : array_like of float, shape (n,)
        Entry j is the probability of j units in a batch; entry 0 must be 0.
    reorder_point, order_up_to : int
        s and S [units], -1 <= s < S.

    Returns
    -------
    measures : StockMeasures
        The fill rate is that of units, orders being met in part.
    batches_per_order : float
        Mean batches from one order to the next.

    Raises
    ------
    ValueError
        If a number is out of its range or not a number, or the batch sizes are no distribution.

    Notes
    -----
    Exact for compound Poisson demand and a constant lead time.

    References
    ----------
    .. [1] S. Axsäter, Inventory Control, 3rd ed., Springer, 2015, ch. 5.

    Examples
    --------
    >>> measures, batches_per_order = order_up_to_measures(2.0, [0, 0.5, 0.5], 3, 6)
    >>> round(float(measures.fill_rate), 4), batches_per_order
    (0.7246, 2.25)
    """
    s = int(whole("reorder_point", reorder_point, at_least=-1))
    S = int(whole("order_up_to", order_up_to))
    if s >= S:
        raise ValueError(f"reorder_point: expected less than order_up_to = {S}, got {s}")
    visits = position_visits(batch_size, S - s)
    table = compound_table(batches, batch_size, S)
    share, at = visits / visits.sum(), np.arange(S, s, -1)
    owed = table.backorders[at] @ share
    sizes = np.asarray(batch_size, float)
    mean = batches * float(sizes @ np.arange(len(sizes)))
    filled = unit_fill_rate(table.at_most, batch_size)[at] @ share
    return StockMeasures(filled, owed, at @ share - mean + owed), float(visits.sum())

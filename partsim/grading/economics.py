"""Scores from what stock is worth: the ratio of Teunter, Babai and Syntetos, and its kin."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def criteria_ratios(
    criticality: ArrayLike, use: ArrayLike, holding_cost: ArrayLike, order_quantity: ArrayLike
) -> Floats:
    """
    Divide what a stock-out costs by what stock costs: b D / (h Q).

    Derived from the optimal service level of each part alone under a cost for each unit short
    [1]_: parts with a greater ratio should have a greater service level.

    Parameters
    ----------
    criticality : array_like of float
        b, what a unit short costs, or its weight, >= 0.
    use : array_like of float
        D, units per year, >= 0.
    holding_cost : array_like of float
        h of one unit for a year, > 0.
    order_quantity : array_like of float
        Q, > 0.

    Returns
    -------
    ndarray of float
        One ratio for each part; 0 without use.

    Raises
    ------
    ValueError
        If a number is out of its range.

    References
    ----------
    .. [1] R. H. Teunter, M. Z. Babai and A. A. Syntetos, ABC classification: service levels and
       inventory costs, Production and Operations Management 19 (2010) 343-352.

    Examples
    --------
    >>> criteria_ratios([1, 1, 0.5], [12, 0, 12], [20, 20, 20], [1, 1, 2]).tolist()
    [0.6, 0.0, 0.15]
    """
    b, D, h, Q = (
        np.asarray(values, dtype=np.float64)
        for values in (criticality, use, holding_cost, order_quantity)
    )
    _check(criticality=b, use=D)
    _check_positive(holding_cost=h, order_quantity=Q)
    return np.asarray(b * D / (h * Q))


def economic_scores(
    criticality: ArrayLike,
    difficulty: ArrayLike,
    use: ArrayLike,
    lead_time: ArrayLike,
    holding_cost: ArrayLike,
) -> Floats:
    """
    Weigh what waiting for a part does against what keeping it costs.

    The score is ln(criticality x difficulty x use x lead time / holding cost): the demand that
    is under way at any moment, weighted, for each unit of money that a unit on the shelf costs.

    Parameters
    ----------
    criticality, difficulty : array_like of float
        Weights of a wait for the part, >= 0.
    use : array_like of float
        Units per year, >= 0.
    lead_time : array_like of float
        From order to receipt [days], >= 0.
    holding_cost : array_like of float
        Of one unit for a year, > 0.

    Returns
    -------
    ndarray of float
        One score for each part; minus infinity where nothing can be waited for (no use, no
        lead time, no weight).

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> economic_scores([1, 1], 1, [10, 0], [20, 20], [200, 200]).tolist()
    [0.0, -inf]
    """
    b, c, D, L, h = (
        np.asarray(values, dtype=np.float64)
        for values in (criticality, difficulty, use, lead_time, holding_cost)
    )
    _check(criticality=b, difficulty=c, use=D, lead_time=L)
    _check_positive(holding_cost=h)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(b * c * D * L / h))


def _check(**arrays: Floats) -> None:
    for name, values in arrays.items():
        if not (np.isfinite(values) & (values >= 0)).all():
            raise ValueError(f"{name}: expected numbers >= 0, got {values.min():g}")


def _check_positive(**arrays: Floats) -> None:
    for name, values in arrays.items():
        if not (np.isfinite(values) & (values > 0)).all():
            raise ValueError(f"{name}: expected numbers > 0, got {values.min():g}")

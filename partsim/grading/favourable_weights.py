"""Scores with the weights most favourable to each part: Ng 2007 and Ramanathan 2006.

Both ask of each part: with which weights does it look most important? No linear solver is
needed: Ng's optimum is a mean of the first criteria, Ramanathan's a vertex that all parts share.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Scorer = Callable[[Floats], Floats]


def ng_scores(criteria: ArrayLike) -> Floats:
    """
    Score parts by Ng's rule: the best mean of the first j criteria, over all j.

    Each criterion is scaled linearly from 0 (least) to 1 (greatest) over the parts. The weights
    fall from the first criterion to the last and sum to 1; the most favourable ones are equal on
    the first j criteria and zero beyond [1]_.

    Parameters
    ----------
    criteria : array_like of float, shape (part, criterion)
        Greater is more important; the most important criterion first.

    Returns
    -------
    ndarray of float, shape (part,)
        From 0 to 1.

    Raises
    ------
    ValueError
        If there is no part, no criterion, or a value that is not finite.

    References
    ----------
    .. [1] W. L. Ng, A simple classifier for multiple criteria ABC analysis, European Journal of
       Operational Research 177 (2007) 344-353.

    Examples
    --------
    >>> ng_scores([[100, 1], [60, 7], [0, 7]]).tolist()  # value, lead time
    [1.0, 0.8, 0.5]
    """
    table = _table(criteria)
    return fit_ng(table)(table)


def fit_ng(criteria: Floats) -> Scorer:
    """Give Ng's score as a function of criteria, on the scale of the parts given."""
    least, spread = criteria.min(axis=0), np.ptp(criteria, axis=0)
    number = np.arange(1, criteria.shape[1] + 1)

    def score(values: Floats) -> Floats:
        above = values - least
        scaled = np.divide(above, spread, out=np.zeros_like(above), where=spread > 0)
        return np.asarray((np.cumsum(scaled, axis=1) / number).max(axis=1))

    return score


def r_model_scores(criteria: ArrayLike) -> Floats:
    """
    Score parts by Ramanathan's rule: the most favourable weights that give no part more than 1.

    The score of part i is max w . y_i over w >= 0 with w . y_n <= 1 for every part n [1]_. These
    weights are the same polytope for all parts, so its vertices are found once.

    Parameters
    ----------
    criteria : array_like of float, shape (part, criterion)
        At least 0, greater is more important; the unit of a criterion does not matter.

    Returns
    -------
    ndarray of float, shape (part,)
        From 0 to 1; several parts may have 1.

    Raises
    ------
    ValueError
        If there is no part, no criterion, or a value that is negative or not finite.

    References
    ----------
    .. [1] R. Ramanathan, ABC inventory classification with multiple-criteria using weighted
       linear optimization, Computers and Operations Research 33 (2006) 695-700.

    Examples
    --------
    >>> r_model_scores([[4, 1], [2, 2], [1, 1]]).round(6).tolist()
    [1.0, 1.0, 0.5]
    """
    table = _table(criteria)
    return fit_r_model(table)(table)


def fit_r_model(criteria: Floats) -> Scorer:
    """Give Ramanathan's score as a function of criteria, with the weights of the parts given."""
    if criteria.min() < 0:
        raise ValueError(f"criteria: expected numbers >= 0, got {criteria.min():g}")
    greatest = criteria.max(axis=0)
    told = greatest > 0  # a criterion that no part has says nothing
    vertices = _weights(criteria[:, told] / greatest[told]) if told.any() else np.zeros((1, 0))

    def score(values: Floats) -> Floats:
        return np.asarray((values[:, told] / greatest[told] @ vertices.T).max(axis=1))

    return score


def _weights(y: Floats) -> Floats:
    """Give the vertices of the weights >= 0 that give no part more than 1."""
    from scipy.spatial import HalfspaceIntersection

    n = y.shape[1]
    if n == 1:
        return np.ones((1, 1))
    y = np.unique(y, axis=0)
    sides = np.vstack([np.c_[y, -np.ones(len(y))], np.c_[-np.eye(n), np.zeros(n)]])
    inside = np.full(n, 0.5 / n)  # every y is at most 1
    points = HalfspaceIntersection(sides, inside).intersections
    points = points[np.isfinite(points).all(axis=1)]
    weights = np.unique(np.maximum(points, 0.0).round(12), axis=0)
    # Rounding must not lift a part above 1.
    return np.asarray(weights / np.maximum((weights @ y.T).max(axis=1), 1.0)[:, None])


def _table(criteria: ArrayLike) -> Floats:
    table = np.asarray(criteria, dtype=np.float64)
    if table.ndim != 2 or not table.size or not np.isfinite(table).all():
        raise ValueError(
            f"criteria: expected finite numbers, shape (part, criterion), got shape {table.shape}"
        )
    return table

"""Weights of criteria from comparisons of two at a time: Saaty's analytic hierarchy process."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

RANDOM_INDEX = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Mean consistency index of random matrices of each order (Saaty)."""


def weights_from_comparisons(comparisons: ArrayLike) -> tuple[Floats, float]:
    """
    Give the weights that comparisons of two criteria at a time imply, and their consistency.

    The weights are the principal eigenvector, summing to 1. The consistency ratio is
    (largest eigenvalue - n) / (n - 1) over its mean for random comparisons; Saaty [1]_ advises
    to think again above 0.1.

    Parameters
    ----------
    comparisons : array_like of float, shape (n, n), n from 1 to 10
        How many times as important the criterion of the row is as that of the column, > 0;
        ``comparisons[j, i]`` is ``1 / comparisons[i, j]``.

    Returns
    -------
    weights : ndarray of float, shape (n,)
        Positive, summing to 1.
    consistency_ratio : float
        0 where the comparisons agree with each other.

    Raises
    ------
    ValueError
        If the matrix is not square, not positive, not reciprocal or larger than 10.

    References
    ----------
    .. [1] T. L. Saaty, Decision making with the analytic hierarchy process, International
       Journal of Services Sciences 1 (2008) 83-98.

    Examples
    --------
    >>> weights, ratio = weights_from_comparisons([[1, 2, 6], [1 / 2, 1, 3], [1 / 6, 1 / 3, 1]])
    >>> weights.round(3).tolist(), round(ratio, 9)
    ([0.6, 0.3, 0.1], 0.0)
    """
    matrix = np.asarray(comparisons, dtype=np.float64)
    n = len(matrix)
    if matrix.shape != (n, n) or not 1 <= n < len(RANDOM_INDEX):
        raise ValueError(f"comparisons: expected 1 to 10 rows and columns, got {matrix.shape}")
    if not (matrix > 0).all() or not np.allclose(matrix * matrix.T, 1, rtol=1e-6):
        raise ValueError("comparisons: expected numbers > 0, each the inverse of its mirror image")
    values, vectors = np.linalg.eig(matrix)
    largest = int(values.real.argmax())
    vector = np.abs(vectors[:, largest].real)
    if n < 3:  # two criteria cannot contradict each other
        return vector / vector.sum(), 0.0
    index = max(float(values[largest].real) - n, 0.0) / (n - 1)
    return vector / vector.sum(), index / RANDOM_INDEX[n]


def weights_from_ratios(ratios: Mapping[str, float]) -> tuple[dict[str, float], float]:
    """
    Give the weights of comparisons such as ``{"price/wear": 3}``.

    Parameters
    ----------
    ratios : mapping of str to float
        How many times as important the first criterion is as the second, > 0; every pair of
        the criteria once.

    Returns
    -------
    weights : dict of str to float
        By criterion, summing to 1.
    consistency_ratio : float
        See `weights_from_comparisons`.

    Examples
    --------
    >>> weights_from_ratios({"price/wear": 1})
    ({'price': 0.5, 'wear': 0.5}, 0.0)
    """
    pairs = {pair_of(text): ratio for text, ratio in ratios.items()}
    criteria = list(dict.fromkeys(name for pair in pairs for name in pair))
    matrix = np.eye(len(criteria))
    for (one, other), ratio in pairs.items():
        i, j = criteria.index(one), criteria.index(other)
        matrix[i, j], matrix[j, i] = ratio, 1 / ratio
    weights, consistency_ratio = weights_from_comparisons(matrix)
    return dict(zip(criteria, weights.tolist(), strict=True)), consistency_ratio


def pair_of(text: str) -> tuple[str, str]:
    """
    Take a comparison such as ``price/wear`` apart.

    Examples
    --------
    >>> pair_of("price / wear")
    ('price', 'wear')
    """
    one, _, other = text.partition("/")
    return one.strip(), other.strip()

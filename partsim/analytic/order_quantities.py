"""Order quantities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def economic_order_quantity(
    demand_rate: ArrayLike, order_cost: ArrayLike, holding_cost: ArrayLike
) -> NDArray[np.float64]:
    r"""
    Compute the lot that balances ordering and holding, :math:`\sqrt{2 K \lambda / h}`.

    Parameters
    ----------
    demand_rate : array_like of float
        Units per year, zero or more.
    order_cost : array_like of float
        Money per order (K), zero or more.
    holding_cost : array_like of float
        Money per unit and year (h), positive.

    Returns
    -------
    ndarray of float
        Units, not rounded.

    References
    ----------
    .. [1] F. W. Harris, How many parts to make at once, Factory 10 (1913) 135-136, 152.
    .. [2] L. V. Snyder and Z.-J. M. Shen, Fundamentals of Supply Chain Theory, 2nd ed.,
       Wiley, 2019, example 3.1.

    Examples
    --------
    >>> float(economic_order_quantity(1300, 8, 0.225).round(1))
    304.0
    """
    return np.asarray(
        np.sqrt(2 * np.asarray(order_cost, float) * demand_rate / np.asarray(holding_cost, float))
    )

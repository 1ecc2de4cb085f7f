"""Approvers as a queue: how many orders a day they can approve in time."""

from __future__ import annotations

from partsim.analytic.argument_checks import positive, whole
from partsim.analytic.repair_shop import repair_shop


def most_orders(approval_time: float, approval_work: float, approvers: int) -> float:
    """
    Give the greatest rate of orders that approvers handle within a mean time, M/M/c.

    Parameters
    ----------
    approval_time : float
        Mean time from order to approval that is to be kept [days], positive.
    approval_work : float
        Mean work on one order [days], positive.
    approvers : int
        People who approve, at least 1.

    Returns
    -------
    float
        Orders per day at which the mean of waiting and work is `approval_time`; 0 where the work
        alone takes as long. For one approver 1 / work - 1 / time.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> round(most_orders(2.0, 0.5, 1), 9)
    1.5
    """
    from scipy.optimize import brentq

    time = float(positive("approval_time", approval_time))
    work = float(positive("approval_work", approval_work))
    c = int(whole("approvers", approvers, 1))
    if time <= work:
        return 0.0

    def late(rate: float) -> float:
        return float(repair_shop(rate, work, c).turnaround) - time

    # Waiting grows beyond any time as the approvers' use nears 1.
    busiest = c / work * (1 - min(1e-3, 0.5 * work / time / c))
    while late(busiest) < 0:
        busiest = (busiest + c / work) / 2
    return float(brentq(late, 0.0, busiest, xtol=1e-12, rtol=1e-12))

"""How many orders approvers handle in time."""

import pytest

from partsim.analytic.approval_queue import most_orders
from partsim.analytic.repair_shop import repair_shop


@pytest.mark.parametrize(("time", "work"), [(2, 0.5), (7, 6.9), (1000, 0.1), (1e-2, 1e-3)])
def test_one_approver_has_a_closed_form(time, work):
    assert most_orders(time, work, 1) == pytest.approx(1 / work - 1 / time, rel=1e-9)


@pytest.mark.parametrize("approvers", [2, 3, 20])
@pytest.mark.parametrize("time", [0.51, 0.7, 5, 500])
def test_at_most_orders_the_mean_time_is_the_declared_one(approvers, time):
    rate = most_orders(time, 0.5, approvers)
    assert float(repair_shop(rate, 0.5, approvers).turnaround) == pytest.approx(time, rel=1e-6)


def test_two_approvers_handle_more_than_twice_one():
    assert most_orders(2, 0.5, 2) > 2 * most_orders(2, 0.5, 1)


@pytest.mark.parametrize("time", [0.5, 0.1])
def test_no_order_is_approved_in_less_than_the_work(time):
    assert most_orders(time, 0.5, 3) == 0


@pytest.mark.parametrize("wrong", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 1.5)])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        most_orders(*wrong)

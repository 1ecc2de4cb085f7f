"""A plan refuses what cannot be."""

import pytest

from tests.builders import plan, scenario


def test_a_lot_that_one_waiting_machine_does_not_trigger_is_refused():
    assert plan(scenario(), 0, 1).reorder_point.tolist() == [[-1]]
    with pytest.raises(ValueError, match=r"base_stock - order_quantity >= -1"):
        plan(scenario(), 0, 2)


@pytest.mark.parametrize(
    ("levels", "lots", "grades", "message"),
    [
        (-1, 1, None, "expected levels >= 0"),
        (1, 0, None, "expected lots >= 1"),
        (1, 1, ("C", "C"), "expected 1 of C, got"),
    ],
)
def test_impossible_levels_lots_and_grades_are_refused(levels, lots, grades, message):
    with pytest.raises(ValueError, match=message):
        plan(scenario(), levels, lots, grades)

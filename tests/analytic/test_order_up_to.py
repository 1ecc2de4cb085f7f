"""(s,S) at continuous review against its two ends, (r,Q) and base stock, and orders one by one."""

import numpy as np
import pytest

from partsim.analytic.compound import compound_table, unit_fill_rate
from partsim.analytic.order_up_to import order_up_to_measures
from partsim.analytic.policies import reorder_point_measures

MIXED = [0.0, 0.5, 0.3, 0.2]


@pytest.mark.parametrize(("s", "S"), [(-1, 3), (2, 3), (2, 9)])
def test_single_units_are_ordered_in_lots(s, S):
    measures, batches_per_order = order_up_to_measures(3.0, [0.0, 1.0], s, S)
    lots = reorder_point_measures(3.0, 3.0, s, S - s)
    for name in ("fill_rate", "backorders", "on_hand"):
        assert getattr(measures, name) == pytest.approx(float(getattr(lots, name)), abs=1e-9)
    assert batches_per_order == S - s


@pytest.mark.parametrize("S", [0, 2, 7])
def test_with_every_batch_an_order_it_is_base_stock(S):
    measures, batches_per_order = order_up_to_measures(2.0, MIXED, S - 1, S)
    table = compound_table(2.0, MIXED, S)
    assert measures.backorders == pytest.approx(table.backorders[S], abs=1e-12)
    assert measures.fill_rate == pytest.approx(unit_fill_rate(table.at_most, MIXED)[S], abs=1e-12)
    assert batches_per_order == 1


def test_positions_and_waits_are_those_of_orders_followed_one_by_one():
    """A batch finds on hand, less owed, the position a lead time ago less the demand since."""
    s, S, rate, lead_time = 2, 8, 0.5, 6.0
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.exponential(1 / rate, 200_000))
    sizes = rng.choice(4, len(times), p=MIXED)
    position, after, orders = S, np.empty(len(times), int), 0
    for n, size in enumerate(sizes):
        position -= size
        if position <= s:
            position, orders = S, orders + 1
        after[n] = position
    before = np.searchsorted(times, times - lead_time, side="right")  # batches until then
    total = np.concatenate([[0], np.cumsum(sizes)])
    late = before > 0
    net = after[before[late] - 1] - (total[:-1][late] - total[before[late]])
    filled = np.clip(net, 0, sizes[late])
    measures, batches_per_order = order_up_to_measures(rate * lead_time, MIXED, s, S)
    batched = [part.sum() for part in np.array_split(filled, 40)]
    asked = [part.sum() for part in np.array_split(sizes[late], 40)]
    rates = np.array(batched) / np.array(asked)
    half = 3.56 * rates.std(ddof=1) / np.sqrt(40)  # 99.9 %
    assert abs(rates.mean() - measures.fill_rate) < half
    # Batches between orders: at most 6, so their mean over 60,000 orders is this near, 99.9 %.
    assert abs(len(times) / orders - batches_per_order) < 3.3 * 3 / np.sqrt(orders)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reorder_point": 6}, "reorder_point: expected less than order_up_to = 6, got 6"),
        ({"reorder_point": -2}, "reorder_point"),
        ({"batch_size": [0.5, 0.5]}, "batch_size"),
        ({"batches": -1.0}, "batches"),
    ],
)
def test_wrong_arguments_are_refused(change, message):
    right = {"batches": 2.0, "batch_size": MIXED, "reorder_point": 2, "order_up_to": 6}
    with pytest.raises(ValueError, match=message):
        order_up_to_measures(**right | change)

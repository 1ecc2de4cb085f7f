"""Orders become lead times; lateness and crossing by hand and against brute force."""

import numpy as np
import pytest
from scipy import stats

from partsim.errors import InputError
from partsim.history import fit_lead_times
from partsim.history.lead_times import SAME_DAY, late_share, overtaken_orders, read_orders

HEADER = "supplier,ordered,promised,delivered\n"


def test_lead_times_run_from_the_order_to_the_delivery_or_the_end(table):
    text = "a,2024-01-01,2024-01-05,2024-01-11\na,2024-01-02,,\nb,2024-01-31,,2024-01-31\n"
    orders = read_orders(table(HEADER + text))
    assert orders.table["time"].tolist() == [10, 29, SAME_DAY]
    assert orders.table["delivered"].notna().tolist() == [True, False, True]
    assert orders.undated == 0


def test_what_came_after_the_end_was_open_at_the_end(table):
    text = "a,2024-01-01,,2024-01-11\na,2024-01-02,,2024-03-01\n"
    orders = read_orders(table(HEADER + text), end="2024-01-12")
    assert orders.table["time"].tolist() == [10, 10]
    assert orders.table["delivered"].notna().tolist() == [True, False]


def test_rows_without_a_date_of_the_order_are_left_out_and_counted(table):
    orders = read_orders(table(HEADER + "a,2024-01-01,,2024-01-11\na,,,2024-01-11\n"))
    assert (len(orders.table), orders.undated) == (1, 1)


def test_all_problems_are_said_at_once(table):
    text = ",2024-01-01,,\na,2024-01-05,x,2024-01-04\na,1,,\n"
    with pytest.raises(InputError) as caught:
        read_orders(table(HEADER + text))
    assert [(p.line, p.column, p.message) for p in caught.value.problems] == [
        (2, 1, "expected a name, got nothing"),
        (
            3,
            14,
            "expected a date such as 2024-03-31, or --date-format, such as '%d.%m.%Y', got 'x'",
        ),
        (
            3,
            16,
            "expected a delivery on or after the date of the order (or leave it out by "
            "--early drop), got '2024-01-04'",
        ),
        (4, 3, "expected a date such as 2024-03-31, got '1'"),
    ]


@pytest.mark.parametrize(
    ("text", "end", "message"),
    [
        ("supplier,ordered\na,2024-01-01\n", "", "expected a column 'delivered'"),
        (HEADER + "a,,,2024-01-01\n", "", "expected orders with a date, got none"),
        (HEADER + "a,2024-01-05,,\n", "2024-01-04", r":2:3: expected an order up to 2024-01-04"),
        (HEADER + "a,2024-01-05,,\n", "later", "until: expected a date"),
    ],
)
def test_what_gives_no_lead_times_is_refused(table, text, end, message):
    with pytest.raises(InputError, match=message):
        read_orders(table(text), end=end)


def test_overtaken_orders_are_those_of_brute_force():
    rng = np.random.default_rng(1)
    ordered = rng.integers(0, 20, 60).astype(float)
    delivered = np.where(rng.uniform(size=60) < 0.2, np.nan, ordered + rng.integers(0, 9, 60))
    arrival = np.where(np.isnan(delivered), np.inf, delivered)
    brute = [any((ordered > ordered[i]) & (arrival < arrival[i])) for i in range(60)]
    assert overtaken_orders(ordered, delivered).tolist() == brute


def test_orders_of_one_day_and_deliveries_of_one_day_do_not_cross():
    assert not overtaken_orders([1, 1, 2], [9, 5, 9]).any()
    assert overtaken_orders([], []).tolist() == []


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match=r"delivered: expected shape \(2,\), got \(1,\)"):
        overtaken_orders([1, 2], [3])


def test_late_share_is_wilsons_interval_of_the_known_orders():
    promised = np.array([10.0] * 20 + [np.nan, 50])
    delivered = np.array(
        [9.0] * 14 + [11.0] * 5 + [np.nan, 3, np.nan]
    )  # the last promises are open
    share, low, high = late_share(promised, delivered, end=20)
    known = stats.binomtest(6, 20).proportion_ci(method="wilson")
    assert (share, low, high) == pytest.approx((6 / 20, known.low, known.high))


def test_on_the_day_of_the_promise_is_in_time_and_no_promise_gives_no_share():
    assert late_share([10.0], [10.0], 20)[0] == 0
    assert np.isnan(late_share([np.nan], [10.0], 20)).all()


def test_orders_delivered_before_their_date_are_left_out_and_counted_on_demand(table):
    rows = "a,2024-01-05,,2024-01-04\na,2024-01-05,,2024-01-09\nb,2024-01-05,,2024-01-01\n"
    path = table(HEADER + rows)
    orders = read_orders(path, early="drop")
    assert orders.early == 2
    assert list(orders.table["time"]) == [4.0]
    assert "2 rows delivered before the order left out" in fit_lead_times(path, early="drop").notes

"""Records of demand become counts: each rule on the smallest table that shows it."""

import numpy as np
import pytest

from partsim.errors import InputError
from partsim.history.demand_records import DAYS, read_demand

NAN = np.nan


def equal(counts, expected):
    return np.array_equal(np.asarray(counts), np.array(expected, float), equal_nan=True)


def test_a_wide_table_has_a_column_for_each_month(table):
    history = read_demand(table("part,2024-01-01,2024-02-01,2024-03-01\nA,1,0,2.5\nB,,3,0\n"))
    assert history.parts == ("A", "B")
    assert history.depots == ("", "")
    assert equal(history.counts, [[1, 0, 2.5], [NAN, 3, 0]])
    assert history.days == DAYS["month"]
    assert history.notes == ("1 empty cell taken as not recorded",)


def test_months_in_any_order_and_missing_ones_are_put_in_place(table):
    history = read_demand(table("part;2024-04-01;2024-01-01;2024-02-01\nA;4;1;2\n"))
    assert equal(history.counts, [[1, 2, NAN, 4]])
    assert "1 period without a column" in history.notes


def test_weeks_are_told_by_their_dates(table):
    history = read_demand(table("part,2024-01-01,2024-01-08,2024-01-22,2024-01-15\nA,1,2,4,3\n"))
    assert history.days == 7
    assert equal(history.counts, [[1, 2, 3, 4]])


def test_numbered_periods_need_their_length(table):
    text = "item,depot,m01,m02,remark\nA,north,1,2,x\nA,south,3,4,\n"
    with pytest.raises(InputError, match="expected --period week or month"):
        read_demand(table(text), {"part": "item"})
    history = read_demand(table(text), {"part": "item"}, period="week")
    assert history.depots == ("north", "south")
    assert equal(history.counts, [[1, 2], [3, 4]])


def test_a_long_table_is_counted_by_month(table):
    rows = "A,2024-01-31,1\nB,2024-01-02,5\nA,2024-01-03,2\nA,2024-04-01,7\n"
    history = read_demand(table("part,date,quantity\n" + rows))
    assert history.parts == ("A", "B")
    assert equal(history.counts, [[3, NAN, NAN, 7], [5, NAN, NAN, 0]])
    assert history.notes == ("2 periods without any row taken as not recorded",)


def test_a_long_table_is_counted_by_week_from_monday_on(table):
    rows = "A,x,2024-01-07,1\nA,x,2024-01-08,2\nA,x,2024-01-14,4\nA,y,2024-01-01,8\n"
    history = read_demand(table("part,depot,date,quantity\n" + rows), period="week")
    assert history.depots == ("x", "y")
    assert equal(history.counts, [[1, 6], [8, 0]])


def test_what_came_back_is_taken_off_the_demand_before(table):
    text = "part,2024-01-01,2024-02-01,2024-03-01,2024-04-01\nA,5,2,-3,1\nB,-2,4,1-,0\nC,0,3,0,3\n"
    history = read_demand(table(text))
    assert equal(history.counts, [[4, 0, 0, 1], [0, 3, 0, 0], [0, 3, 0, 3]])
    assert history.notes == (
        "6 returned units taken off the demand before",
        "2 units of them without demand before: left out",
    )


def test_parts_may_be_taken_as_new_at_their_first_demand(table):
    path = table("part,m1,m2,m3\nA,0,0,2\nB,1,0,0\nC,0,0,0\n")
    history = read_demand(path, period="month", births="first_demand")
    assert equal(history.counts, [[NAN, NAN, 2], [1, 0, 0], [0, 0, 0]])
    assert "1 part taken as new at the first demand" in history.notes


def problems(caught):
    return [(p.line, p.column, p.message) for p in caught.value.problems]


def test_all_problems_are_said_at_once(table):
    with pytest.raises(InputError) as caught:
        read_demand(table("part,2024-01-01,2024-02-01\nA,x,1\n,1,2\nA,1,inf\n"))
    assert problems(caught) == [
        (2, 3, "expected a number such as 12 or -1, got 'x'"),
        (4, 5, "expected a number such as 12 or -1, got 'inf'"),
    ]
    with pytest.raises(InputError) as caught:
        read_demand(table("part,date,quantity\nA,,1\nB,2024-13-01,2\nC,2024-01-01,many\n"))
    assert [line for line, _, _ in problems(caught)] == [2, 3, 4]


def test_a_part_in_two_rows_is_a_problem(table):
    with pytest.raises(InputError, match="expected each part in one row, got 'A'"):
        read_demand(table("part,2024-01-01,2024-02-01\nA,1,2\nA,3,4\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("part,colour\nA,red\n", "expected columns of periods headed by dates"),
        ("colour,2024-01-01,2024-02-01\nred,1,2\n", "expected a column 'part'"),
        (
            "part,2024-01-01,2024-01-04,2024-01-07\nA,1,2,3\n",
            "week or a month apart, got dates 3",
        ),
        ("part,2024-01-01,2024-01-15\nA,1,2\n", "got dates 14 days apart"),
        ("part,2024-01-01,2024-01-31\nA,1,2\n", "got dates 30 days apart"),
        ("part,quantity\nA,1\n", "expected a column 'date'"),
    ],
)
def test_tables_without_periods_are_refused(table, text, message):
    with pytest.raises(InputError, match=message):
        read_demand(table(text))

"""Events of a place become lives: each rule on the smallest table that shows it."""

import numpy as np
import pytest

from partsim.errors import InputError
from partsim.history.lives import RepairClock, read_lives


def lives_of(path, **options):
    """Give lives as (time, failed, entry) in the order of the table."""
    table = read_lives(path, **options).table
    return list(zip(table["time"], table["failed"], table["entry"], strict=True))


def events(*rows, header="machine,date,event"):
    return "\n".join([header, *rows]) + "\n"


def test_failures_end_lives_and_preventive_replacements_censor_them(table):
    path = table(events("m,2024-01-01,start", "m,2024-01-11,failure", "m,2024-01-16,preventive",
                        "m,2024-01-18,end"))  # fmt: skip
    assert lives_of(path) == [(10, True, 0), (5, False, 0), (2, False, 0)]


def test_rows_may_come_in_any_order(table):
    path = table(events("m,2024-01-18,end", "m,2024-01-11,failure", "m,2024-01-01,start"))
    assert lives_of(path) == [(10, True, 0), (7, False, 0)]


def test_the_life_under_way_at_the_first_record_is_left_out_and_said(table):
    lives = read_lives(table(events("m,2024-01-05,failure", "m,2024-01-11,failure")))
    assert list(lives.table["time"]) == [6]
    assert lives.notes == (
        "observation ends with the last record, 2024-01-11 (no rows of the event 'end')",
        "1 life under way at the first record of the place left out: of unknown age",
    )


def test_without_an_event_column_every_row_is_a_failure(table):
    path = table("machine,date\nm,2024-01-01\nm,2024-01-04\n")
    assert lives_of(path) == [(3, True, 0)]


def test_the_last_life_of_each_place_runs_to_the_last_date_of_the_file(table):
    path = table(events("a,2024-01-01,start", "b,2024-01-01,start", "b,2024-01-31,failure"))
    assert lives_of(path) == [(30, False, 0), (30, True, 0)]


def test_until_closes_the_records_early_and_from_makes_entries_late(table):
    path = table(events("m,2024-01-01,start", "m,2024-01-21,failure", "m,2024-01-31,failure"))
    clock = RepairClock(begin="2024-01-06", end="2024-01-26")
    assert lives_of(path, clock=clock) == [(20, True, 5), (5, False, 0)]


def test_lives_that_ended_before_from_are_left_out(table):
    path = table(events("m,2024-01-01,start", "m,2024-01-03,failure", "m,2024-01-31,failure"))
    assert lives_of(path, clock=RepairClock(begin="2024-01-03")) == [(28, True, 0)]


def test_parts_and_positions_have_lives_of_their_own(table):
    header = "machine,part,position,date,event"
    path = table(events("m,tyre,left,2024-01-01,start", "m,tyre,right,2024-01-01,start",
                        "m,tyre,left,2024-01-04,failure", "m,tyre,right,2024-01-08,failure",
                        header=header))  # fmt: skip
    assert lives_of(path) == [(3, True, 0), (4, False, 0), (7, True, 0)]


def test_start_and_end_of_a_whole_machine_count_for_all_its_parts(table):
    header = "machine,part,date,event"
    path = table(events("a,,2024-01-01,start", "a,,2024-01-31,end", "b,,2024-01-01,start",
                        "b,,2024-01-21,end", "a,pump,2024-01-11,failure",
                        "a,seal,2024-01-06,failure", header=header))  # fmt: skip
    lives = read_lives(path)
    (note,) = lives.notes
    assert note == "start and end of whole machines were taken for every part in the table"
    table_of = lives.table.groupby("part")["time"].apply(sorted)
    assert table_of.to_dict() == {"pump": [10, 20, 20], "seal": [5, 20, 25]}


def test_records_of_a_place_at_one_moment_are_one(table):
    path = table(events("m,2024-01-01,start", "m,2024-01-11,preventive", "m,2024-01-11,failure",
                        "m,2024-01-11,failure", "m,2024-01-11,end"))  # fmt: skip
    lives = read_lives(path)
    assert list(zip(lives.table["time"], lives.table["failed"], strict=True)) == [(10, True)]
    assert lives.notes == ("2 rows repeated another of the same place and time: left out",)


def test_a_machine_that_came_back_is_not_observed_in_between(table):
    path = table(events("m,2024-01-01,start", "m,2024-01-11,end", "m,2024-03-01,start",
                        "m,2024-03-03,failure"))  # fmt: skip
    assert lives_of(path) == [(10, False, 0), (2, True, 0)]


def test_usage_is_divided_by_the_usage_of_a_day(table):
    path = table("machine,usage,event\nm,0,start\nm,80,failure\nm,100,end\n")
    assert lives_of(path, clock=RepairClock(usage_per_day=8)) == [(10, True, 0), (2.5, False, 0)]


def test_usage_ends_with_the_last_reading_of_each_machine(table):
    text = "machine,part,usage,event\na,p,0,start\na,q,50,failure\nb,p,0,start\nb,p,9,failure\n"
    lives = read_lives(table(text))
    assert sorted(lives.table["time"]) == [9, 50]
    assert lives.notes[0].startswith("observation ends at the last reading of each machine")


def test_codes_say_what_the_words_of_the_event_column_mean(table):
    path = table(events("m,2024-01-01,PM09", "m,2024-01-05,pm01", "m,2024-01-06,PM06",
                        "m,2024-01-09,PM02", "m,2024-01-09,end"))  # fmt: skip
    codes = {"PM01": "failure", "PM02": "preventive", "PM06": "ignore", "PM09": "start"}
    assert lives_of(path, codes=codes) == [(4, True, 0), (4, False, 0)]


def test_a_row_may_be_a_life(table):
    path = table("part,age,entry_age,event,count,mode\np,48,24,1,2,wear\np,72,,0,1,\nq,24,0,x,1,\n")
    codes = {"1": "failure", "0": "preventive", "x": "ignore"}
    lives = read_lives(path, codes=codes, clock=RepairClock(usage_per_day=24)).table
    assert lives["time"].tolist() == [2, 3]
    assert lives["entry"].tolist() == [1, 0]
    assert lives["failed"].tolist() == [True, False]
    assert lives["count"].tolist() == [2, 1]
    assert lives["mode"].tolist() == ["wear", ""]


def test_records_without_a_part_are_left_out_and_counted(table):
    path = table(events("m,p,2024-01-01,start", "m,,2024-01-03,failure", "m,p,2024-01-05,failure",
                        header="machine,part,date,event"))  # fmt: skip
    lives = read_lives(path)
    assert lives.table["time"].tolist() == [4]
    assert "1 record without a part left out" in lives.notes


def test_the_mode_belongs_to_the_life_it_ended(table):
    rows = ("m,2024-01-01,start,", "m,2024-01-05,failure,leak", "m,2024-01-09,preventive,worn")
    path = table(events(*rows, header="machine,date,event,mode"))
    assert read_lives(path).table["mode"].tolist() == ["leak", ""]


def test_every_problem_of_events_is_said_at_once(table):
    path = table(events("m,,failure", ",2024-01-01,broken", "m,tomorrow,start"))
    with pytest.raises(InputError) as caught:
        read_lives(path)
    assert [(p.line, p.column, p.message) for p in caught.value.problems] == [
        (2, 3, "expected a date, got nothing"),
        (3, 1, "expected a name, got nothing"),
        (3, 13, "expected one of failure, preventive, start, end, ignore "
                "(or codes, explained by --codes), got 'broken'"),
        (4, 3, "expected a date such as 2024-03-31, got 'tomorrow'"),
    ]  # fmt: skip


def test_every_problem_of_lives_is_said_at_once(table):
    path = table("age,entry_age,event,count\n0,0,1,1\n5,5,1,1\n5,0,start,0\n")
    with pytest.raises(InputError) as caught:
        read_lives(path)
    assert [(p.line, p.column, p.message.partition(",")[0]) for p in caught.value.problems] == [
        (2, 1, "expected an age > 0"),
        (3, 3, "expected an entry age below the age at the end"),
        (4, 5, "expected failure or preventive (a row is a life)"),
        (4, 11, "expected a number > 0"),
    ]


@pytest.mark.parametrize(
    ("text", "clock", "message"),
    [
        ("machine\nm\n", {}, "expected a column 'date' or 'usage' or 'age', got only machine"),
        ("date\n2024-01-01\n", {}, "expected a column 'machine', got only date"),
        ("machine,date,event\nm,2024-01-01,ignore\n", {}, "expected records that count, got none"),
        ("machine,part,date\nm,,2024-01-01\n", {}, "expected records with a part, got none"),
        (
            "machine,usage\nm,1\n",
            {"begin": "2024-01-01"},
            "expected no dates beside a usage column",
        ),
        ("machine,date\nm,2024-01-01\n", {"end": "soon"}, "until: expected a date"),
    ],
)
def test_what_gives_no_lives_is_refused(table, text, clock, message):
    with pytest.raises(InputError, match=message):
        read_lives(table(text), clock=RepairClock(**clock))


def test_a_day_without_use_is_refused():
    for nothing in (0, -1, np.nan, np.inf):
        with pytest.raises(ValueError, match="usage_per_day: expected a number > 0"):
            RepairClock(usage_per_day=nothing)


def test_a_wrong_age_is_one_problem(table):
    with pytest.raises(InputError) as raised:
        read_lives(table("age,event\n-5,1\nabc,1\n0,1\n,1\n7,0\n"))
    assert [problem.line for problem in raised.value.problems] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("dates", "got"),
    [
        ({"begin": "2025-01-01"}, "from 2025-01-01"),
        ({"end": "2023-01-01"}, "until 2023-01-01"),
        ({"begin": "2024-01-04", "end": "2024-01-02"}, "from 2024-01-04 until 2024-01-02"),
    ],
)
def test_dates_without_any_record_between_them_are_refused(table, dates, got):
    path = table(events("a,2024-01-01,start", "a,2024-01-05,failure"))
    with pytest.raises(InputError, match=f"2024-01-01 to 2024-01-05, got {got}"):
        read_lives(path, clock=RepairClock(**dates))

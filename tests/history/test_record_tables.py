"""Columns of tables, and every wrong cell with its line and column."""

import numpy as np
import pytest

from partsim.errors import InputError
from partsim.history.record_tables import MOST_SHOWN, day_of, read_record_table

KNOWN = ("machine", "date", "usage")


def refused(read):
    """Give the problems of a call as text, without the folder of the file."""
    with pytest.raises(InputError) as caught:
        read()
    return [str(problem).rpartition("records.csv:")[2] for problem in caught.value.problems]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_found_in_any_order_and_case_and_others_left_aside(table, delimiter):
    rows = [["Usage", "note", "MACHINE"], [" 1.5 ", '"a, b;\t c"', "007"], ["", "", "NO"]]
    path = table("\n".join(delimiter.join(row) for row in rows))
    read = read_record_table(path, KNOWN)
    assert read.columns == {"machine": ["007", "NO"], "usage": ["1.5", ""]}


def test_a_heading_may_have_any_name(table):
    read = read_record_table(table("Equipment,X\nm1,2\n"), KNOWN, {"machine": "equipment"})
    assert read.columns == {"machine": ["m1"]}


def test_empty_lines_count_as_lines_but_not_as_records(table):
    text = "\ufeffmachine,date\r\nm1,2024-01-01\r\n\r\n , \r\nm2,x\r\n"
    read = read_record_table(table(text), KNOWN)
    assert read.names("machine") == ["m1", "m2"]
    assert refused(lambda: (read.days("date"), read.refuse())) == [
        "5:4: expected a date such as 2024-03-31, got 'x'"
    ]


def test_dates_and_times_are_days(table):
    read = read_record_table(table("date\n1970-01-11\n1970-01-02T12:00:00\n\n"), KNOWN)
    assert read.days("date") == pytest.approx([10, 1.5])
    other = read_record_table(table("date\n11.01.1970\n"), KNOWN)
    assert other.days("date", "%d.%m.%Y") == pytest.approx([10])


def test_every_wrong_cell_is_named_in_the_order_of_the_file(table):
    read = read_record_table(
        table(
            'machine,date,usage\n,2024-02-30,1\n"a ""b""\n, c",2024-01-01,"1,5"\nm,1.1.24,-1\nm\n'
        ),
        KNOWN,
    )

    def columns():
        read.names("machine")
        read.days("date")
        read.numbers("usage")
        read.refuse()

    assert refused(columns) == [
        "2:1: expected a name, got nothing",
        "2:2: expected a date such as 2024-03-31, got '2024-02-30'",
        "4:17: expected a number >= 0 such as 1250.5, got '1,5'",
        "5:3: expected a date such as 2024-03-31, got '1.1.24'",
        "5:10: expected a number >= 0 such as 1250.5, got '-1'",
        "6:1: expected 3 cells as in the header, got 1",
    ]


@pytest.mark.parametrize("cell", ["nan", "inf", "1e999", "many"])
def test_what_is_no_finite_number_is_refused(table, cell):
    read = read_record_table(table(f"usage\n{cell}\n"), KNOWN)
    assert f"got '{cell}'" in refused(lambda: (read.numbers("usage"), read.refuse()))[0]


def test_of_very_many_wrong_cells_the_first_are_named_and_the_rest_counted(table):
    read = read_record_table(table("usage\n" + "x\n" * 1000), KNOWN)
    problems = refused(lambda: (read.numbers("usage"), read.refuse()))
    assert len(problems) == MOST_SHOWN + 1
    assert problems[-1] == "22:1: and 980 more cells of this column alike"


def test_wrong_headings_are_all_named(table):
    path = table("machine,Machine,day\nm,m,1\n")
    assert refused(lambda: read_record_table(path, KNOWN, {"date": "dya", "oops": "day"})) == [
        "1:1: expected a column name (machine, date, usage) before '=', got 'oops'",
        "1:1: expected the column 'machine' once, got it 2 times",
        "1:1: expected a column 'dya', got only machine, Machine, day; did you mean 'day'?",
    ]


def test_a_missing_column_comes_with_the_option_to_type(table):
    read = read_record_table(table("machine_id\nm\n"), KNOWN)
    assert refused(lambda: (read.require("machine"), read.refuse())) == [
        "1:1: expected a column 'machine', got only machine_id; "
        "say which it is, such as --columns machine=machine_id"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected records below the header, got none"),
        ("machine,date\n", "expected records below the header, got none"),
        ('machine\n"m\n', "2:1: expected a table with quotation marks in pairs"),
    ],
)
def test_what_is_no_table_is_refused(table, text, message):
    assert message in refused(lambda: read_record_table(table(text), KNOWN))[0]


def test_files_that_cannot_be_read_are_refused(tmp_path):
    (tmp_path / "records.csv").write_bytes("machine\nä\n".encode("latin-1"))
    (tmp_path / "sheet.xlsx").write_bytes(b"PK")
    for name, message in [
        ("records.csv", "2:1: expected UTF-8 text, got another encoding"),
        ("sheet.xlsx", "expected a CSV table; save the sheet as 'CSV UTF-8'"),
        ("nothing.csv", "expected a file that can be read, got: none of this name"),
        (".", "expected a file that can be read, got: "),
    ]:
        with pytest.raises(InputError, match=message):
            read_record_table(tmp_path / name, KNOWN)


def test_a_wrong_date_on_the_command_line_is_named():
    assert np.isnan(day_of("until", "", "ISO8601"))
    with pytest.raises(InputError, match="until: expected a date in the form"):
        day_of("until", "tomorrow", "ISO8601")

import sys
from pathlib import Path

import pytest

from partsim.errors import InputError
from partsim.tables.excel_rows import is_workbook, sheet_names, sheet_rows
from tests.tables.workbooks import Raw, write_workbook

OLD = Path(__file__).with_name("old_format.xls")


@pytest.fixture
def book(tmp_path):
    """Give a function: rows of the first sheet to its cells as read."""

    def read(*rows, sheet=None):
        write_workbook(tmp_path / "book.xlsx", Parts=rows, Other=[["a"]])
        return sheet_rows((tmp_path / "book.xlsx").read_bytes(), "book.xlsx", sheet)

    return read


def problem_of(read, *arguments, **options):
    with pytest.raises(InputError) as caught:
        read(*arguments, **options)
    return str(caught.value)


def test_numbers_are_ids_without_a_decimal_point(book):
    _, rows = book([12345, 12345.0, "0012", 0.5, 1e14, -3.0])
    assert [cell.text for cell in rows[0]] == [
        "12345", "12345", "0012", "0.5", "100000000000000", "-3"
    ]  # fmt: skip


def test_cells_know_sheet_row_and_column_from_a1_on(book):
    sheet, rows = book([], [None, "x"])
    assert sheet == "Parts"
    assert rows[1][1].place == ("book.xlsx", 2, 2, "Parts")
    assert not any(cell.text for cell in rows[0])


def test_formulas_are_what_was_calculated_last_and_nothing_is_run(book):
    _, rows = book([Raw("|<f>1+1</f><v>2</v>"), Raw('t="str"|<f>A1</f><v>=cmd()</v>'),
                    Raw('t="str"|<f>A1</f><v></v>')])  # fmt: skip
    assert [(cell.text, cell.wrong) for cell in rows[0]] == [
        ("2", False), ("=cmd()", False), ("", False)
    ]  # fmt: skip


def test_errors_and_formulas_without_a_value_are_marked(book):
    _, rows = book([Raw('t="e"|<v>#N/A</v>'), Raw('|<f>WEBSERVICE("http://x")</f>'), 1])
    assert [(cell.text, cell.wrong) for cell in rows[0]] == [
        ("#N/A", True), ("a formula without a value", True), ("1", False)
    ]  # fmt: skip


def test_an_apostrophe_is_dropped_and_truth_is_text(book):
    _, rows = book(["'=1", Raw('t="b"|<v>1</v>')])
    assert [cell.text for cell in rows[0]] == ["=1", "true"]


def test_other_sheets_go_by_name(book):
    assert book(["x"], sheet="Other")[1][0][0].text == "a"
    assert problem_of(book, ["x"], sheet="Othr") == (
        "book.xlsx: expected the name of a sheet (Parts, Other), got 'Othr'; did you mean 'Other'?"
    )


def test_an_empty_sheet_has_no_rows(book):
    assert book()[1] == []


def test_the_old_format_is_read_too():
    content = OLD.read_bytes()
    assert is_workbook(content)
    assert sheet_names(content, "old.xls") == ["Parts"]
    _, rows = sheet_rows(content, "old.xls", None)
    assert [cell.text for cell in rows[3]] == ["0012346", "Seal 密封", "7", "14"]
    assert rows[2][0].text == "12345"
    assert rows[2][0].place == ("old.xls", 3, 1, "Parts")


def test_a_cell_far_away_is_refused_before_room_is_made_for_it(book):
    assert problem_of(book, ["x"], [Raw('r="XFD1048576"|<v>1</v>')]) == (
        "book.xlsx: expected a sheet of at most 20,000,000 cells, got one that reaches to "
        "XFD1048576; delete what stands far from the table"
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04junk", "expected an Excel workbook (.xlsx, no password), got: "),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "expected an Excel workbook (.xls, "
         "no password), got one that cannot be read; save it as .xlsx"),
    ],
)  # fmt: skip
def test_a_broken_workbook_is_a_sentence(content, sentence):
    assert is_workbook(content)
    assert problem_of(sheet_rows, content, "b.xlsx", None).startswith(f"b.xlsx: {sentence}")


@pytest.mark.skipif(sys.platform == "win32", reason="memory cannot be limited there")
def test_a_broken_workbook_does_not_take_all_memory():
    content = OLD.with_name("broken_format.xls").read_bytes()
    assert "got one that cannot be read" in problem_of(sheet_rows, content, "b.xls", None)


def test_a_workbook_that_unpacks_too_large_is_refused(book, monkeypatch):
    monkeypatch.setattr("partsim.tables.excel_xml.MOST_UNPACKED", 1000)
    assert "expected a workbook of at most 512 MB unpacked, got a larger one" in problem_of(
        book, ["x"]
    )

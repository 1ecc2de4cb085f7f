import pytest

from partsim.scenario_file.table_forms import TABLE_FORMS
from partsim.tables.headings import HEADINGS, bare, columns_of

PARTS = TABLE_FORMS["parts"].columns


@pytest.mark.parametrize(
    ("heading", "dictionary", "meaning"),
    [
        ("Part No.", "english", ("part", "")),
        ("PART_NO", "english", ("part", "")),
        ("unit_cost_eur", "english", ("price", "")),
        ("Lead time (days)", "english", ("lead_time", "d")),
        ("lead_time_weeks", "english", ("lead_time", "weeks")),
        ("MTBF [h]", "english", ("mean_life", "h")),
        ("Unit price (net of tax)", "english", ("price", "")),
        ("PLIFZ", "sap", ("lead_time", "d")),
        ("Planned Deliv. Time", "sap", ("lead_time", "d")),
        ("Materialnummer", "sap", ("part", "")),
        ("Gleitender Preis", "sap", ("moving_price", "")),
        ("price", "sap", ("price", "")),
        ("采购提前期（天）", "chinese", ("lead_time", "d")),
        ("物料编码", "chinese", ("part", "")),
        ("Colour", "english", ("colour", "")),
        ("MATNR", "chinese", ("matnr", "")),
    ],
)
def test_headings_mean_columns(heading, dictionary, meaning):
    assert columns_of([heading], dictionary, PARTS) == [meaning]


def test_without_a_dictionary_only_own_names_count():
    assert columns_of(["Part", "Part No."], None, PARTS) == [("part", ""), ("part no.", "")]


def test_own_headings_win_over_own_names():
    mapping = {"part": "Code", "price": "EK-Preis"}
    found = columns_of(["code", "EK Preis", "Colour"], mapping, PARTS)
    assert found == [("part", ""), ("price", ""), ("colour", "")]


def test_of_two_headings_for_a_column_the_first_of_the_dictionary_is_read():
    found = columns_of(["图号", "物料编码"], "chinese", PARTS)
    assert found == [("图号", ""), ("part", "")]


@pytest.mark.parametrize("dictionary", HEADINGS)
def test_no_heading_means_two_columns_of_one_table(dictionary):
    for form in TABLE_FORMS.values():
        listed = [bare(heading) for name, text in HEADINGS[dictionary].items()
                  if name in form.columns for heading in text.split("; ")]  # fmt: skip
        assert len(listed) == len(set(listed))


def test_dictionaries_name_columns_that_some_table_has():
    known = {column for form in TABLE_FORMS.values() for column in form.columns}
    assert {name for words in HEADINGS.values() for name in words} <= known

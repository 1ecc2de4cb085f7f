"""The schema and the docs say what the code does; run as a script, this writes both anew."""

from pathlib import Path

import jsonschema
import pytest

from partsim.model import units
from partsim.scenario_file.schema import scenario_schema, scenario_schema_text
from partsim.scenario_file.template import init_text
from partsim.scenario_file.yaml_nodes import read_yaml
from tests.scenario_file.key_table import key_table, unit_table

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "scenarios" / "scenario.schema.json"
FORMAT = ROOT / "docs" / "scenario_format.md"
HOW = "run this file as a script"


def current_format(text):
    """Put the tables of the code between the marks of the page."""
    for name, table in (("keys", key_table()), ("units", unit_table())):
        mark = f"<!-- {name}: generated -->\n"
        before, rest = text.split(mark)
        text = f"{before}{mark}{table}<!-- end -->{rest.split('<!-- end -->', 1)[1]}"
    return text


def errors(change=lambda tree: None):
    tree = read_yaml(init_text(), "init").tree
    change(tree)
    return list(jsonschema.Draft202012Validator(scenario_schema()).iter_errors(tree))


def test_the_committed_schema_is_the_model():
    assert SCHEMA.read_text(encoding="utf-8") == scenario_schema_text(), HOW


def test_the_committed_docs_are_the_model():
    text = FORMAT.read_text(encoding="utf-8")
    assert current_format(text) == text, HOW


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(scenario_schema())


def test_the_template_fits_the_schema():
    assert errors() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: tree.update(parts={"table": "parts.csv"}, fleets={"table": "f.csv"}),
        lambda tree: tree.update(today={"table": "stock.csv", "norms": {"pump": "1 per machine"}}),
        lambda tree: tree.update(parts={"table": "p.xlsx", "sheet": "Parts", "columns": "sap"}),
        lambda tree: tree.update(depots={"table": "d.xls", "columns": {"depot": "Site"}}),
        lambda tree: tree.update(machines={"table": "m.csv", "defaults": {"count": 1}}),
        lambda tree: tree.update(extends="base.yaml"),
        lambda tree: tree.update(extends=["base.yaml", "what_if.yaml"]),
        lambda tree: tree["service"].update(repair_time="3 h"),
        lambda tree: tree["service"].update(repair_time={"lognormal": {"mean": "3 h", "cv": 1}}),
    ],
)
def test_every_form_that_a_file_may_have_fits_the_schema(change):
    assert errors(change) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: tree.update(parts={"table": "parts.ods"}),
        lambda tree: tree.update(parts={"table": "parts.csv", "decimal": ";"}),
        lambda tree: tree.update(parts={"table": "parts.csv", "columns": "oracle"}),
        lambda tree: tree.update(extends=[]),
        lambda tree: tree["service"].update(travel_time=3),
        lambda tree: tree["service"].update(travel_time={}),
        lambda tree: tree["service"].update(sped="3 h"),
        lambda tree: tree["tiers"]["gold"].update(standard=None),
        lambda tree: tree["parts"]["pump"].update(price="5 d"),
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(change):
    assert errors(change)


def test_every_spelling_of_a_unit_is_in_the_docs():
    text = FORMAT.read_text(encoding="utf-8")
    assert all(f"`{unit}`" in text for unit in [*units.DAYS, *units.SPELLINGS])


if __name__ == "__main__":
    SCHEMA.write_text(scenario_schema_text(), encoding="utf-8")
    FORMAT.write_text(current_format(FORMAT.read_text(encoding="utf-8")), encoding="utf-8")

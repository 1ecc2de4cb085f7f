"""The schema and the docs say what the code does; run as a script, this writes both anew."""

from pathlib import Path

import jsonschema
import pytest

from partsim.model import units
from partsim.scenario_file.editor_schema import editor_schema, editor_schema_text
from partsim.scenario_file.schema import scenario_schema
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
    return list(jsonschema.Draft202012Validator(editor_schema()).iter_errors(tree))


def test_the_committed_schema_is_the_model():
    assert SCHEMA.read_text(encoding="utf-8") == editor_schema_text(), HOW


def test_the_committed_docs_are_the_model():
    text = FORMAT.read_text(encoding="utf-8")
    assert current_format(text) == text, HOW


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(editor_schema())


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


def required_paths(node, known, path=()):
    """Give the paths of the required keys of mappings that are in a tree."""
    node = known[node["$ref"].rpartition("/")[2]] if "$ref" in node else node
    for form in node.get("anyOf", ()):
        if "additionalProperties" in form and "$ref" not in form:
            yield from required_paths(form, known, path)
    yield from ((*path, key) for key in node.get("required", ()))
    for key, entry in node.get("properties", {}).items():
        yield from required_paths(entry, known, (*path, key))
    if isinstance(node.get("additionalProperties"), dict):
        yield from required_paths(node["additionalProperties"], known, (*path, None))


def without(tree, path):
    """Take a key out of every mapping at a path; tell whether it was there."""
    if not isinstance(tree, dict):
        return False
    if len(path) == 1:
        return tree.pop(path[0], None) is not None
    below = list(tree.values()) if path[0] is None else [tree.get(path[0])]
    return sum(without(entry, path[1:]) for entry in below) > 0


PATHS = list(required_paths(scenario_schema(), scenario_schema()["$defs"]))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_only_a_file_with_a_base_may_leave_out_what_a_scenario_must_have(path):
    there = []
    assert bool(errors(lambda tree: there.append(without(tree, path)))) == there[0]
    assert not errors(lambda tree: (without(tree, path), tree.update(extends="base.yaml")))


def test_the_example_of_a_base_in_the_docs_fits_the_schema():
    text = FORMAT.read_text(encoding="utf-8").partition("## Base scenarios")[2]
    tree = read_yaml(text.partition("```yaml\n")[2].partition("```")[0], "docs").tree
    jsonschema.validate(tree, editor_schema())
    del tree["extends"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tree, editor_schema())


def test_every_spelling_of_a_unit_is_in_the_docs():
    text = FORMAT.read_text(encoding="utf-8")
    assert all(f"`{unit}`" in text for unit in [*units.DAYS, *units.SPELLINGS])


if __name__ == "__main__":
    SCHEMA.write_text(editor_schema_text(), encoding="utf-8")
    FORMAT.write_text(current_format(FORMAT.read_text(encoding="utf-8")), encoding="utf-8")

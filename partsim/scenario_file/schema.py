"""JSON Schema of a scenario file: for editors, for the docs, and for 'did you mean'."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from partsim.model.scenario import Scenario
from partsim.model.units import DURATION_PATTERN, SHARE_PATTERN, format_duration, format_share
from partsim.tables.table_options import TableOptions

Schema = dict[str, Any]

_EXTENDS: Schema = {
    "description": "Base scenario, relative to this file, or a list: its keys hold where this "
    "file has none.",
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
}
_WRITTEN = {DURATION_PATTERN: format_duration, SHARE_PATTERN: format_share}
_FIXED_TIME = {"type": "string", "pattern": DURATION_PATTERN, "examples": ["14 d"]}


@lru_cache(maxsize=1)
def scenario_schema() -> Schema:
    """
    Give the JSON Schema of a scenario file, in all the forms that the reader takes.

    Returns
    -------
    dict
        JSON Schema, draft 2020-12. Do not change it; it is made once.

    Examples
    --------
    >>> scenario_schema()["$defs"]["Table"]["required"]
    ['table']
    """
    schema: Any = _file_forms(Scenario.model_json_schema())
    definitions = schema["$defs"]
    for name in ("DurationSpec", "LifetimeSpec"):
        definitions[name] |= {"minProperties": 1, "maxProperties": 1}
    table: Any = _file_forms(TableOptions.model_json_schema())
    definitions["Table"] = table | {"title": "Table"}
    definitions["Today"]["properties"] |= table["properties"]
    schema["properties"]["extends"] = _EXTENDS
    for key in ("parts", "depots", "machines", "fleets", "demand", "limits"):
        entry = schema["properties"][key]
        description = {"description": str(entry.pop("description"))}
        schema["properties"][key] = description | {"anyOf": [{"$ref": "#/$defs/Table"}, entry]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _file_forms(node: Any) -> Any:  # noqa: ANN401
    """Add the short forms of durations, and drop null, which no file needs."""
    if isinstance(node, list):
        return [_file_forms(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    node = {key: _file_forms(entry) for key, entry in node.items() if entry is not None}
    if isinstance(node.get("default"), dict):
        del node["default"]
    if isinstance(node.get("description"), str):
        node["description"] = node["description"].partition("\n\n")[0]
    if isinstance(node.get("default"), float) and node.get("pattern") in _WRITTEN:
        node["default"] = _WRITTEN[node["pattern"]](node["default"])
    rest = {key: entry for key, entry in node.items() if key not in ("$ref", "anyOf")}
    choices = [entry for entry in node.get("anyOf", ()) if entry != {"type": "null"}]
    if len(choices) == 1:
        return choices[0] | rest
    if choices:
        return rest | {"anyOf": choices}
    name = str(node.get("$ref", "")).rpartition("/")[2]
    if name not in ("DurationSpec", "LifetimeSpec", "RepairTime"):
        return node
    names = (name, "DurationSpec") if name == "RepairTime" else (name,)
    forms = [{"$ref": f"#/$defs/{form}"} for form in names]
    return rest | {"anyOf": [*forms, _FIXED_TIME]}


def schemas_at(path: tuple[str | int, ...]) -> list[Schema]:
    """
    Find what the schema says of a key path.

    Parameters
    ----------
    path : tuple of str or int
        Keys and list indexes.

    Returns
    -------
    list of dict
        Without references and choices: one for each form that the value may have.

    Examples
    --------
    >>> [form["title"] for form in schemas_at(("parts", "key_A"))]
    ['Part']
    """
    forms = _forms(scenario_schema())
    for key in path:
        forms = [form for parent in forms for form in _forms(_below(parent, key))]
    return forms


def keys_at(path: tuple[str | int, ...]) -> list[str]:
    """Give the keys that a mapping at a path may have; none where its keys are names."""
    return list(
        dict.fromkeys(key for form in schemas_at(path) for key in form.get("properties", ()))
    )


def description_of(path: tuple[str | int, ...]) -> str:
    """Give the sentence that describes a key, or nothing."""
    for parent in schemas_at(path[:-1]):
        entry = parent.get("properties", {}).get(path[-1], {})
        if "description" in entry:
            return str(entry["description"])
    return ""


def _below(schema: Schema, key: str | int) -> Schema | None:
    entry = schema.get("properties", {}).get(key)
    if entry is None and isinstance(schema.get("additionalProperties"), dict):
        entry = schema["additionalProperties"]
    return schema.get("items") if isinstance(key, int) else entry


def _forms(schema: Schema | None) -> list[Schema]:
    """Resolve references and choices."""
    if schema is None:
        return []
    if "$ref" in schema:
        return _forms(scenario_schema()["$defs"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return [form for choice in schema["anyOf"] for form in _forms(choice)]
    return [schema]

"""The schema that editors use: a file with a base may leave out what the base gives."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import lru_cache
from typing import Any

from partsim.scenario_file.schema import Schema, scenario_schema

_TABLE = {"$ref": "#/$defs/Table"}


@lru_cache(maxsize=1)
def editor_schema() -> Schema:
    """
    Give the schema of scenario files with its required keys asked for in files without a base.

    Mappings are joined with those of a base key by key, so that only what stands in lists, and
    in values of several forms such as distributions, must be complete in every file.

    Returns
    -------
    dict
        JSON Schema, draft 2020-12. Do not change it; it is made once.

    Examples
    --------
    >>> editor_schema()["else"]["properties"]["suppliers"]["additionalProperties"]["required"]
    ['kind', 'lead_time']
    """
    schema = deepcopy(scenario_schema())
    joined = set[str]()
    whole = _required(schema, schema["$defs"], _listed(schema), joined)
    for node in (schema, *(schema["$defs"][name] for name in joined)):
        node.pop("required", None)
    return schema | {"if": {"required": ["extends"]}, "then": {}, "else": whole}


def editor_schema_text() -> str:
    r"""
    Give the schema as the text of a file.

    Examples
    --------
    >>> editor_schema_text().endswith("}\n")
    True
    """
    return json.dumps(editor_schema(), indent=1, ensure_ascii=False) + "\n"


def _listed(schema: Schema) -> set[str]:
    """Name the definitions of values that a file gives as a whole: in lists, or in other forms."""
    found, nodes = set[str](), [(schema, False)]
    while nodes:
        node, whole = nodes.pop()
        if whole and "$ref" in node:
            found.add(_name(node))
        for key, value in node.items():
            several = value if isinstance(value, list) else [value]
            inside = [entry for entry in several if isinstance(entry, dict)]
            forms = key == "anyOf" and _TABLE not in value
            nodes += [(entry, whole or key == "items" or forms) for entry in inside]
    return found


def _required(node: Schema, known: dict[str, Any], listed: set[str], joined: set[str]) -> Schema:
    """Give what a mapping and those below it must have, and note their definitions."""
    if "$ref" in node:
        name = _name(node)
        if name in listed:
            return {}
        joined.add(name)
        return _required(known[name], known, listed, joined)
    if _TABLE in node.get("anyOf", ()):
        (mapping,) = (form for form in node["anyOf"] if form != _TABLE)
        rows = _required(mapping, known, listed, joined)
        return {"if": {"required": ["table"]}, "then": {}, "else": rows} if rows else {}
    below = {key: _required(entry, known, listed, joined) for key, entry in _entries(node)}
    wanted: Schema = {"required": node["required"]} if "required" in node else {}
    if more := below.pop("", {}):
        wanted["additionalProperties"] = more
    if properties := {key: entry for key, entry in below.items() if entry}:
        wanted["properties"] = properties
    return wanted


def _entries(node: Schema) -> list[tuple[str, Schema]]:
    """Give the values of a mapping by key; those by names of one's own under no key."""
    more = node.get("additionalProperties")
    return [*node.get("properties", {}).items(), *([("", more)] if isinstance(more, dict) else [])]


def _name(node: Schema) -> str:
    return str(node["$ref"]).rpartition("/")[2]

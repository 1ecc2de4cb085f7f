"""The tables of docs/scenario_format.md, made from the schema and the units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from partsim.model import units
from partsim.model.fields import MONEY_RATE_PATTERN, NORM_PATTERN, RATE_PATTERN, UNITS_PATTERN
from partsim.scenario_file.schema import Schema, scenario_schema
from partsim.tables.table_options import TABLE_FILE_PATTERN, TableOptions

_NAMED = {"parts": "<part>", "suppliers": "<supplier>", "depots": "<depot>", "positions": "<part>",
          "machines": "<machine>", "groups": "<group>", "tiers": "<tier>",
          "standards": "<standard>", "norms": "<part>", "grades": "<grade>", "cuts": "<grade>",
          "delivered": "<day>", "inspections": "<plan>", "seasons": "<season>",
          "technicians": "<group>", "needs": "<part>", "may_need": "<part>",
          "repair_shops": "<shop>", "consignment": "<part>",
          "part_shares": "<grade>", "value_shares": "<grade>", "comparisons": "<pair>",
          "columns": "<column>", "units": "<column>", "defaults": "<column>"}  # fmt: skip
_LAWS = ("DurationSpec", "LifetimeSpec")
_PATTERNS = {
    units.DURATION_PATTERN: "duration",
    units.SHARE_PATTERN: "percentage",
    units.MONEY_PATTERN: "money",
    RATE_PATTERN: "rate per time",
    MONEY_RATE_PATTERN: "money per time",
    NORM_PATTERN: "rate per machines",
    UNITS_PATTERN: "units per time",
    TABLE_FILE_PATTERN: "file name",
}


def key_table() -> str:
    """
    List every key of a scenario file, as a Markdown table.

    Returns
    -------
    str
        Key path, what it takes, default, meaning; in the order of the schema.

    Examples
    --------
    >>> key_table().splitlines()[2]
    '| `partsim` | 1 | required | Version of this file format. |'
    """
    schema = scenario_schema()
    lines = ["| key | takes | default | meaning |", "|---|---|---|---|"]
    lines += [f"| `{path}` | {kind} | {default} | {meaning} |" for path, kind, default, meaning in
              _rows(schema, "")]  # fmt: skip
    table = schema["$defs"]["Table"]
    lines += [
        f"| `<table>.{path[1:]}` | {kind} | {default} | {meaning} |"
        for path, kind, default, meaning in _rows(table, ".")
    ]
    lines += [
        f"| `<distribution>.{path}` | {kind} | {default} | {meaning} |"
        for path, kind, default, meaning in _rows(schema["$defs"]["LifetimeSpec"], "")
    ]
    return "\n".join(lines) + "\n"


def unit_table() -> str:
    """
    List every unit of time with its spellings, as a Markdown table.

    Examples
    --------
    >>> unit_table().splitlines()[2]
    '| `min` | `minute`, `minutes` | 0.000694444 |'
    """
    lines = ["| unit | also | days |", "|---|---|--:|"]
    for unit, days in units.DAYS.items():
        also = ", ".join(f"`{word}`" for word, same in units.SPELLINGS.items() if same == unit)
        lines.append(f"| `{unit}` | {also} | {days:g} |")
    return "\n".join(lines) + "\n"


def _rows(schema: Schema, prefix: str) -> Iterator[tuple[str, str, str, str]]:
    for key, entry in schema.get("properties", {}).items():
        if key in TableOptions.model_fields and key != "table" and prefix != ".":
            continue  # said once, under <table>
        path = f"{prefix}{key}"
        yield path, _kind(entry), _default(schema, key), _meaning(entry)
        for form, below in _below(entry, path, key):
            if "properties" not in form:
                yield below, _kind(form), "", _meaning(entry)
            elif form.get("title") not in _LAWS:
                yield from _rows(form, f"{below}.")


def _meaning(entry: Schema) -> str:
    return str(entry.get("description", "")).replace("|", "\\|")


def _default(schema: Schema, key: str) -> str:
    if key in schema.get("required", ()) and schema["title"] != "Table":
        return "required"
    default = schema["properties"][key].get("default")
    text = f"{default:g}" if isinstance(default, float) else str(default)
    return f"`{text}`" if default not in (None, "", []) else ""


def _resolve(entry: Schema) -> Schema:
    name = entry.get("$ref", "").rpartition("/")[2]
    return dict(scenario_schema()["$defs"].get(name, entry))


def _below(entry: Schema, path: str, key: str) -> Iterator[tuple[Schema, str]]:
    """Give what stands below an entry, with its path."""
    for choice in entry.get("anyOf", [entry]):
        form = _resolve(choice)
        if isinstance(form.get("additionalProperties"), dict):
            yield _resolve(form["additionalProperties"]), f"{path}.{_NAMED[key]}"
        elif "items" in form:
            yield _resolve(form["items"]), f"{path}.<n>"
        elif "properties" in form:
            yield form, path


def _kind(entry: Schema) -> str:
    """Say what an entry takes."""
    kinds = dict.fromkeys(_kind_of_one(choice) for choice in entry.get("anyOf", [entry]))
    names = " or ".join(kind for kind in kinds if kind)
    return {
        "text or number": "text",
        "number or money": "money",
        "boolean or `true` or `false`": "`true` or `false`",
    }.get(names, names)


def _kind_of_one(entry: Any) -> str:
    form = _resolve(entry)
    if "boolean" in form.get("type", ()):
        return "`true` or `false`"
    if "enum" in form:
        return " or ".join(f"`{value}`" for value in form["enum"])
    if "const" in form:
        return str(form["const"])
    if "pattern" in form:
        return _PATTERNS[form["pattern"]]
    if form.get("title") in _LAWS:
        return "distribution"
    kind = {"integer": "whole number", "string": "text", "array": "list", "object": "mapping"}
    name = kind.get(form["type"], str(form["type"]))
    limits = [
        f"{sign} {form[word]}"
        for word, sign in (
            ("exclusiveMinimum", ">"),
            ("minimum", ">="),
            ("exclusiveMaximum", "<"),
            ("maximum", "<="),
        )
        if word in form
    ]
    return f"{name} {', '.join(limits)}".strip()

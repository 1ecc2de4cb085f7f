"""A scenario drafted from a planner's tables: what `partsim init --parts` writes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from partsim.errors import InputError, Problem
from partsim.scenario_file.draft_branches import Branch, assumed, table_branch
from partsim.scenario_file.expansion import expand_tables
from partsim.scenario_file.reading import scenario_of_text
from partsim.scenario_file.sentences import in_file_order
from partsim.scenario_file.yaml_nodes import read_yaml
from partsim.tables.encodings import Encoding
from partsim.tables.headings import Dictionary

_HEAD = """\
# Drafted by `partsim init` from {names}.
# Every value that no table says is marked '# assumed': replace it by yours.
# Every time has a unit (min, h, d, weeks, months, years), every share a per cent sign.
partsim: 1
name: {name}
currency: CNY                                   # assumed
"""
_SERVICE = """\
service:                                        # what happens at a call
  phone_fix: 10 %                               # assumed
  diagnosis_time: 1 h                           # assumed
  travel_time: {lognormal: {mean: 6 h, cv: 0.5}}  # assumed
  repair_time: {low: 2 h, medium: 4 h, high: 8 h}  # assumed
"""
_REST = """\
grading:                                        # which parts are managed how strictly
  weights: {price: 3, wear: 1}                  # assumed
  cuts: {A: 0.6, B: 0.3}                        # assumed
  grades:
    A: {approval_time: 7 d, approval_cost: 200}  # assumed
    B: {approval_time: 3 d, approval_cost: 80, control_loss: 0.2 %}  # assumed
    C: {approval_time: 0 d, approval_cost: 5, control_loss: 1 %}  # assumed

costs: {holding: 20 % per year, order: 50}      # assumed

simulation: {years: 2, warm_up: 1 year, replications: 3, seed: 1}  # assumed
"""
_SUPPLIER = "{kind: outsourced, lead_time: {gamma: {mean: 60 d, cv: 0.5}}}"
_PROMISE = "{within: 48 h, share: 90 %}"
_MACHINES = 20
_PER_LINE = 8


def draft_scenario(
    tables: Mapping[str, Path],
    columns: Dictionary | None,
    target: Path,
    encoding: Encoding | None = None,
) -> tuple[str, list[str]]:
    """
    Draft a scenario that runs from the tables there are.

    Parameters
    ----------
    tables : mapping of str to Path
        CSV files or workbooks by key: parts, and any of depots, machines, fleets, today, demand.
    columns : str or None
        Dictionary of headings; None takes for each table the one that knows most of it.
    target : Path
        Where the text will be written: names of tables are relative to its folder.
    encoding : str or None
        Encoding of the CSV files; None tells those apart that can be.

    Returns
    -------
    text : str
        YAML, with ``# assumed`` behind every value that no table says.
    notes : list of str
        How each table was read, what was dropped, and which tables are not used.

    Raises
    ------
    InputError
        With every problem of the tables.
    """
    branches: dict[str, Branch] = {}
    names: dict[str, Any] = {"demand": []} if "demand" in tables else {}
    for key in ("parts", "depots", "machines", "fleets", "today", "demand"):
        if key in tables:
            branches[key] = table_branch(key, tables[key], columns, names, encoding)
            names |= _tree(branches, tables, target)
            if branches[key].lines and not names.get(key):
                message = "expected rows below the header, got none"
                raise InputError(Problem(message, file=str(tables[key])))
    known = {key: branch for key, branch in branches.items() if branch.lines}
    worn = any("lifetime" in part for part in names["parts"].values())
    at_work = "demand" not in tables or worn or "fleets" in tables or "machines" in tables
    sections = [
        _HEAD.format(names=", ".join(_distinct(path.name for path in tables.values())),
                     name=_quoted(f"Drafted from {tables['parts'].name}")),
        _written(known["parts"], tables, target),
        _suppliers(names),
        _written(known["depots"], tables, target) if "depots" in known else _depots(names),
        *(_written(known[key], tables, target) for key in ("fleets", "demand") if key in known),
        *([_fleets(names)] if at_work and "fleets" not in known else []),
        _tiers(names),
        *([_SERVICE] if at_work else []),
        _REST,
        *(_written(known[key], tables, target) for key in ("today", "machines") if key in known),
        *([_machines(names)] if at_work and "machines" not in known else []),
    ]  # fmt: skip
    text = "\n".join(sections)
    _, notes = scenario_of_text(text, str(target))
    return text, [*(branch.note for branch in branches.values() if branch.note), *notes]


def _tree(
    branches: Mapping[str, Branch], tables: Mapping[str, Path], target: Path
) -> dict[str, Any]:
    """Read what the tables say so far."""
    text = "".join(_written(branch, tables, target) for branch in branches.values() if branch.lines)
    if "demand" in tables and "demand" not in branches:
        text += "demand: []\n"  # parts need no lifetime
    document = read_yaml(text, str(target))
    expand_tables(document)
    if document.problems:
        raise InputError(*in_file_order(document.problems, document))
    tree: dict[str, Any] = document.tree
    return tree


def _written(branch: Branch, tables: Mapping[str, Path], target: Path) -> str:
    """Write a branch, with its table's name relative to the scenario's folder."""
    path = tables[branch.key].absolute()
    try:
        name = Path(os.path.relpath(path, target.absolute().parent)).as_posix()
    except ValueError:  # another drive
        name = str(path)
    return "\n".join([f"{branch.key}:", f"  table: {_quoted(name)}", *branch.lines, ""])


def _quoted(name: str) -> str:
    """Quote a name unless it is plain in YAML."""
    plain = re.fullmatch(r"[^\W_](?:[\w./ -]*[\w])?", name) and not re.search(r"  |\s-", name)
    return name if plain else json.dumps(name, ensure_ascii=False)


def _distinct(values: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(str(value) for value in values))


def _suppliers(names: Mapping[str, Any]) -> str:
    suppliers = _distinct(part["supplier"] for part in names["parts"].values())
    lines = [assumed(f"  {_quoted(name)}: {_SUPPLIER}") for name in suppliers]
    head = "suppliers:                                      # by name; a part's own lead_time wins"
    return "\n".join([head, *lines, ""])


def _depot_ids(names: Mapping[str, Any]) -> list[str]:
    if "depots" in names:
        return list(names["depots"])
    rows = [*names.get("fleets", []), *names.get("today", {}).get("stock", []),
            *names.get("demand", [])]  # fmt: skip
    return _distinct(row["depot"] for row in rows) or ["central"]


def _depots(names: Mapping[str, Any]) -> str:
    lines = [assumed(f"  {_quoted(d)}: {{supplied_by: suppliers}}") for d in _depot_ids(names)]
    return "\n".join(["depots:", *lines, ""])


def _machine_ids(names: Mapping[str, Any]) -> list[str]:
    if "machines" in names:
        return list(names["machines"])
    return _distinct(fleet["machine"] for fleet in names.get("fleets", [])) or ["machine"]


def _fleets(names: Mapping[str, Any]) -> str:
    lines = [
        assumed(f"  - {{machine: {_quoted(machine)}, depot: {_quoted(depot)}, customers: all, "
                 f"count: {_MACHINES}}}")
        for depot in _depot_ids(names)
        for machine in _machine_ids(names)
    ]  # fmt: skip
    return "\n".join(["fleets:", *lines, ""])


def _tiers(names: Mapping[str, Any]) -> str:
    callers = [*names.get("fleets", []), *names.get("demand", [])]
    groups = _distinct(caller["customers"] for caller in callers) or ["all"]
    listed = ", ".join(_quoted(group) for group in groups)
    line = f"  everybody: {{customers: [{listed}], promise: {_PROMISE}}}"
    return "\n".join(["tiers:", assumed(line), ""])


def _machines(names: Mapping[str, Any]) -> str:
    """Give every machine one of each part that wears out; last in the file, for it is long."""
    worn = [part for part, entry in names["parts"].items() if "lifetime" in entry]
    parts = [f"{_quoted(part)}: 1" for part in worn]
    lines = ["machines:"]
    for machine in _machine_ids(names):
        lines += [f"  {_quoted(machine)}:", assumed("    positions: {", "one of each part")]
        lines += [
            f"      {', '.join(parts[i : i + _PER_LINE])},"
            for i in range(0, len(parts), _PER_LINE)
        ]  # fmt: skip
        lines.append("    }")
    return "\n".join([*lines, ""])

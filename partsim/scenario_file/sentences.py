"""What is wrong with a scenario's tree, in sentences: field errors and cross-checks in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from partsim.errors import Problem
from partsim.model.checks import find_contradictions
from partsim.model.idle_checks import Contradictions
from partsim.model.scenario import Scenario
from partsim.model.units import show
from partsim.scenario_file.schema import description_of, keys_at, schemas_at
from partsim.scenario_file.yaml_nodes import Document, Path, problem_at
from partsim.tables.cells import Place

NOT_YET = {
    "Scenario": "overrides scenarios sweep history vehicles budget frontier",
    "Part": "repair_time weight reserved_stock season substitutes",
    "Supplier": "min_order calendar",
    "Depot": "emergency priority technicians capacity",
    "Machine": "strategy standard operating_hours price jobs downtime",
    "Fleet": "region market age warranty priority standard strategy",
    "Tier": "weight",
    "Standard": "inspections packages",
    "Service": "second_visit technicians inspection",
    "GradeRules": "approve_internal",
    "Costs": "emergency lateral transport penalty recovery",
    "OptimisationRules": "storage workload availability priority method time_limit",
    "SimulationRules": "jobs confidence engine corrections",
}
"""Keys of the plan for partsim that no code plays yet, by the kind of thing they belong to."""

_BOUNDS = {"greater_than": "> {gt:,.15g}", "greater_than_equal": ">= {ge:,.15g}",
           "less_than": "< {lt:,.15g}", "less_than_equal": "<= {le:,.15g}"}  # fmt: skip
_KINDS = {
    "model_type": "a mapping of keys",
    "model_attributes_type": "a mapping of keys",
    "dict_type": "a mapping of names",
    "tuple_type": "a list",
    "string_type": "a text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number that is not infinite",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "int_from_float": "a whole number",
}


def check_tree(document: Document) -> tuple[Scenario | None, list[Problem]]:
    """
    Make a scenario of a tree, or say everything that is wrong with it.

    Parameters
    ----------
    document : Document
        Tree with places.

    Returns
    -------
    Scenario or None, list of Problem
        No scenario if there is any problem; one problem for each place, field errors first.
    """
    scenario = None
    found: dict[tuple[Path, str], tuple[Place, str]] = {}
    contradictions = find_contradictions(document.tree)
    try:
        scenario = Scenario.model_validate(document.tree)
    except ValidationError as error:
        details: list[Any] = [e for e in error.errors(include_url=False) if _speaks(e)]
        for detail in details:
            if not _is_misspelt(detail, details):
                path, place, message = explain(detail, document)
                found.setdefault((path, message), (place, message))
        if not details and not contradictions:
            contradictions = [*_cause(error).findings]
    at_fault = {path for path, _ in found}
    for path, message in contradictions:
        if path not in at_fault:
            there = _in_tree(document.tree, path)  # a key may be what is missing
            found[path, message] = (_place(document, there), message)
    problems = [
        problem_at(place, path, message)
        for (path, _), (place, message) in found.items()
        if not any(path[: len(lost)] == lost for lost in document.lost)
    ]
    return scenario, problems


def _cause(error: ValidationError) -> Contradictions:
    """Give what the scenario itself found, having no other fault."""
    cause = error.errors()[0]["ctx"]["error"]
    assert isinstance(cause, Contradictions)
    return cause


def _speaks(detail: Any) -> bool:  # noqa: ANN401
    """Drop the cross-checks, which are made anyway, and lists whose entries are all wrong."""
    return bool(detail["loc"]) and not (detail["type"] == "too_short" and detail["input"])


def _is_misspelt(detail: Any, details: list[Any]) -> bool:  # noqa: ANN401
    """Tell whether a missing key is there with a slip: then one problem says enough."""
    if detail["type"] != "missing":
        return False
    *parent, key = detail["loc"]
    beside = [
        str(other["loc"][-1])
        for other in details
        if other["type"] == "extra_forbidden" and list(other["loc"][:-1]) == parent
    ]
    return bool(get_close_matches(str(key), beside, n=1))


def explain(detail: Any, document: Document) -> tuple[Path, Place, str]:  # noqa: ANN401
    """Say one of pydantic's errors in a sentence, at a place in the file."""
    location = tuple(key for key in detail["loc"] if key != "[key]")
    path = _in_tree(document.tree, location)
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    place = _place(document, path)
    if kind == "missing":
        description = description_of(location).rstrip(".")
        meaning = f" ({description[:1].lower()}{description[1:]})" if description else ""
        message = f"expected the key '{location[-1]}'{meaning}, got none"
        path = (*path, location[-1])
    elif kind == "extra_forbidden":
        place = document.keys.get(path, place)
        message = unknown_key(location)
    elif kind == "value_error":
        message = str(context["error"])
    elif kind == "literal_error":
        message = _one_of(context["expected"].replace("'", "").replace(" or ", ", "), value)
    elif kind in _BOUNDS:
        whole = any(form.get("type") == "integer" for form in schemas_at(location))
        number = "a whole number" if whole else "a number"
        message = f"expected {number} {_BOUNDS[kind].format(**context)}, got {show(value)}"
    elif kind == "too_short":
        message = "expected at least one entry, got none"
    elif kind == "too_long":
        message = f"expected at most {context['max_length']} entries, got {len(value)}"
    else:
        message = f"expected {_KINDS.get(kind, 'another value')}, got {show(value)}"
    return path, place, message


def unknown_key(path: Path) -> str:
    """
    Say that a key is not known, or not yet, and which it may be.

    Examples
    --------
    >>> unknown_key(("costs", "oder"))
    "unknown key 'oder'; did you mean 'order'?"
    >>> unknown_key(("costs", "penalty"))
    "'penalty' is not yet supported"
    """
    key = str(path[-1])
    for form in schemas_at(path[:-1]):
        if key in NOT_YET.get(form.get("title", ""), "").split():
            return f"'{key}' is not yet supported"
    known = keys_at(path[:-1])
    close = get_close_matches(key, known, n=1)
    if close:
        return f"unknown key '{key}'; did you mean '{close[0]}'?"
    return f"unknown key '{key}'; expected {', '.join(known)}"


def _one_of(allowed: str, value: object) -> str:
    close = get_close_matches(str(value), allowed.split(", "), n=1)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    few = "one of " if "," in allowed else ""
    return f"expected {few}{allowed}, got {show(value)}{hint}"


def _in_tree(tree: Any, location: Path) -> Path:  # noqa: ANN401
    """Leave out keys that a short form does not have, such as 'fixed' in '14 d'."""
    path: Path = ()
    for key in location:
        if key in (tree if isinstance(tree, dict) else range(_length(tree))):
            tree, path = tree[key], (*path, key)
    return path


def _length(node: object) -> int:
    return len(node) if isinstance(node, list) else 0


def _place(document: Document, path: Path) -> Place:
    """Give the place of a value; of a mapping or list, the place of its key."""
    node: Any = document.tree
    for key in path:
        node = node[key]
    places = document.values if isinstance(node, str | int | float) else document.keys
    while path and path not in places:
        path = path[:-1]
    return places.get(path) or document.values[()]


def in_file_order(problems: list[Problem], document: Document) -> Iterator[Problem]:
    """Give problems as they stand in the files, without repetitions."""
    files = {file: i for i, file in reversed(list(enumerate(document.files)))}
    rank: Callable[[Problem], tuple[int, str, int, int]] = lambda problem: (  # noqa: E731
        files.get(problem.file, len(document.files)),
        getattr(problem, "sheet", ""),
        problem.line,
        problem.column,
    )
    yield from sorted(dict.fromkeys(problems), key=rank)

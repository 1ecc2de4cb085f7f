"""Cross-checks of the grading in a scenario's tree, see `partsim.model.checks`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

Finding = tuple[tuple[str | int, ...], str]


def find_grading_contradictions(tree: dict[str, Any]) -> Iterator[Finding]:
    """
    Find cuts that do not fit the grades.

    Parameters
    ----------
    tree : dict
        A scenario as a file has it; any branch may be malformed.

    Yields
    ------
    (path, message)
        Nothing if the grading agrees with itself.

    Examples
    --------
    >>> grading = {"cuts": {"A": 0.2, "B": 0.3}, "grades": {"A": {}, "B": {}, "C": {}}}
    >>> list(find_grading_contradictions({"grading": grading}))
    [(('grading', 'cuts'), 'expected A >= B, got A 0.2 below B 0.3')]
    """
    grading = _mapping(tree.get("grading"))
    grades, cuts = _mapping(grading.get("grades")), grading.get("cuts", {})
    if grades and isinstance(cuts, dict):
        yield from _cuts(list(grades), _mapping(cuts))


def _mapping(node: object) -> dict[str, Any]:
    return {str(key): value for key, value in node.items()} if isinstance(node, dict) else {}


def _cuts(grades: list[str], cuts: dict[str, Any]) -> Iterator[Finding]:
    *cut, last = grades
    path = ("grading", "cuts")
    for name in cuts:
        if name not in cut:
            why = "the last grade takes the rest" if name == last else "there is no such grade"
            yield (*path, name), f"expected a cut only for {one_of(cut)}, got '{name}'; {why}"
    for grade in cut:
        if grade not in cuts:
            yield path, f"expected the score at which grade '{grade}' begins, got none"
    known = [(grade, cuts[grade]) for grade in cut if isinstance(cuts.get(grade), int | float)]
    for (upper, high), (lower, low) in pairwise(known):
        if high < low:
            yield path, f"expected {upper} >= {lower}, got {upper} {high:g} below {lower} {low:g}"


def one_of(names: Sequence[str]) -> str:
    """
    List names to choose from.

    Examples
    --------
    >>> one_of(["A", "B", "C"]), one_of(["A"]), one_of([])
    ('A, B or C', 'A', 'none')
    """
    *others, last = names or ["none"]
    return f"{', '.join(others)} or {last}" if others else last

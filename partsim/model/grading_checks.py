"""Cross-checks of the grading in a scenario's tree, see `partsim.model.checks`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any

from partsim.model.comparisons import pair_of, weights_from_ratios
from partsim.model.tree_branches import Finding, branch
from partsim.model.units import parse_share

WAYS = ("cuts", "part_shares", "value_shares", "cut_fill_rate")
"""Keys that say where the grades begin."""
WEIGHED = ("price", "wear", "outsourced", "difficulty", "criticality", "lead_time")
"""Criteria of the rule weights."""


def find_grading_contradictions(tree: dict[str, Any]) -> Iterator[Finding]:
    """
    Find cuts, rules and comparisons that do not fit the grades or each other.

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
    grading = branch(tree, "grading")
    grades = list(branch(grading, "grades"))
    if grades:
        yield from _beginnings(grades, grading)
        yield from _open_grades(grades, grading.get("rules"))
        yield from _today(grades, branch(tree, "today"), branch(tree, "parts"))
    comparisons = grading.get("comparisons")
    if isinstance(comparisons, dict):
        yield from _comparisons(comparisons, grading)
    weighed = "weights" in grading or comparisons is not None
    if grading.get("rule") == "weights" and not weighed:
        path = ("grading", "rule")
        yield path, "expected 'weights' or 'comparisons' for the rule weights, got neither"


def _beginnings(grades: list[str], grading: dict[str, Any]) -> Iterator[Finding]:
    """Check that one of the four ways says where each grade but the last begins."""
    given = [way for way in WAYS if grading.get(way) not in (None, {})]
    if len(given) > 1:
        yield ("grading", given[1]), f"expected one of {one_of(WAYS)}, got {' and '.join(given)}"
    elif not given and len(grades) > 1 and grading.get("rule") != "free":
        message = f"expected {one_of(WAYS)} to say where the grades begin, got none"
        yield ("grading",), message
    for way in given:
        if way != "cut_fill_rate":
            cuts = branch(grading, way)
            yield from _one_for_each(grades, way, cuts)
            yield from _falling(grades, cuts) if way == "cuts" else _sum(way, cuts)


def _one_for_each(grades: list[str], way: str, cuts: dict[str, Any]) -> Iterator[Finding]:
    *cut, last = grades
    what = "score" if way == "cuts" else "share"
    for name in cuts:
        if name not in cut:
            why = "the last grade takes the rest" if name == last else "there is no such grade"
            message = f"expected a {what} only for {one_of(cut)}, got '{name}'; {why}"
            yield ("grading", way, name), message
    for grade in cut:
        if grade not in cuts:
            yield ("grading", way), f"expected the {what} of grade '{grade}', got none"


def _falling(grades: list[str], cuts: dict[str, Any]) -> Iterator[Finding]:
    known = [(grade, cuts[grade]) for grade in grades if _is_number(cuts.get(grade))]
    for (upper, high), (lower, low) in pairwise(known):
        if high < low:
            message = f"expected {upper} >= {lower}, got {upper} {high:g} below {lower} {low:g}"
            yield ("grading", "cuts"), message


def _sum(way: str, shares: dict[str, Any]) -> Iterator[Finding]:
    try:
        total = sum(parse_share(share) for share in shares.values())
    except ValueError:
        return  # said at the share itself
    if total > 1 + 1e-9:
        path = ("grading", way)
        yield path, f"expected shares that sum to at most 100 %, got {total * 100:g} %"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _open_grades(grades: list[str], rules: object) -> Iterator[Finding]:
    for i, rule in enumerate(rules if isinstance(rules, list | tuple) else []):
        names = rule.get("grades") if isinstance(rule, dict) else None
        for k, name in enumerate(names if isinstance(names, list | tuple) else []):
            if str(getattr(name, "raw", name)) not in grades:
                path = ("grading", "rules", i, "grades", k)
                yield path, f"expected a grade ({one_of(grades)}), got '{name}'"


def _today(grades: list[str], today: dict[str, Any], parts: dict[str, Any]) -> Iterator[Finding]:
    named: dict[tuple[str, ...], Any] = {("grade",): today.get("grade")}
    named |= {("grades", part): grade for part, grade in branch(today, "grades").items()}
    for path, grade in named.items():
        if grade is not None and str(getattr(grade, "raw", grade)) not in grades:
            yield ("today", *path), f"expected a grade ({one_of(grades)}), got '{grade}'"
    of_parts = list(branch(today, "grades"))
    for part in of_parts:
        if parts and part not in parts:
            yield ("today", "grades", part), f"expected the number of a part, got '{part}'"
    untold = [part for part in parts if part not in of_parts] if of_parts else []
    if untold and today.get("grade") is None:
        message = "expected today's grade of every part, or 'grade' for the others, got none of "
        yield ("today", "grades"), message + f"'{untold[0]}'"


def _comparisons(comparisons: dict[Any, Any], grading: dict[str, Any]) -> Iterator[Finding]:
    path = ("grading", "comparisons")
    if "weights" in grading:
        yield path, "expected 'weights' or 'comparisons', got both"
    pairs: dict[frozenset[str], str] = {}
    right = bool(comparisons) and all(_is_number(value) for value in comparisons.values())
    for text in map(str, comparisons):
        pair = pair_of(text)
        if len(set(pair) & set(WEIGHED)) < 2:
            right = False
            yield (*path, text), f"expected two of {one_of(WEIGHED)} as one/other, got '{text}'"
        elif frozenset(pair) in pairs:
            right = False
            yield (*path, text), f"expected each pair once, got also '{pairs[frozenset(pair)]}'"
        pairs.setdefault(frozenset(pair), text)
    if right:
        yield from _consistent(comparisons, pairs, grading.get("max_inconsistency", 0.1))


def _consistent(
    comparisons: dict[Any, Any], pairs: dict[frozenset[str], str], most: object
) -> Iterator[Finding]:
    path = ("grading", "comparisons")
    criteria = list(dict.fromkeys(name for text in comparisons for name in pair_of(str(text))))
    lacking = [f"{one}/{other}" for one, other in combinations(criteria, 2)
               if frozenset((one, other)) not in pairs]  # fmt: skip
    if lacking:
        yield path, f"expected every pair of the criteria, got none of {', '.join(lacking)}"
    elif all(value > 0 for value in comparisons.values()):
        ratio = weights_from_ratios({str(text): float(v) for text, v in comparisons.items()})[1]
        if _is_number(most) and ratio > float(str(most)):
            yield (
                path,
                (
                    f"expected comparisons that agree, consistency ratio at most {most:g}, got "
                    f"{ratio:.2f}; think again, or allow more with 'max_inconsistency'"
                ),
            )


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

"""Branches of a scenario's tree, read with care: any of them may be malformed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

Path = tuple[str | int, ...]
Finding = tuple[Path, str]
Tree = dict[str, Any]


def branch(tree: Tree, *keys: str) -> Tree:
    """Give a mapping in the tree with its keys as text, empty where there is none."""
    node: Any = tree
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return {str(k): v for k, v in node.items()} if isinstance(node, dict) else {}


def rows(tree: Tree, *keys: str) -> list[tuple[int, Tree]]:
    """Give the mappings in a list in the tree, with their places."""
    node: Any = tree
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    entries = node if isinstance(node, list | tuple) else []
    return [(i, row) for i, row in enumerate(entries) if isinstance(row, dict)]


def name_of(value: object) -> str | None:
    """Give a name or a number as the text that was written."""
    raw = getattr(value, "raw", value)
    return str(raw) if isinstance(raw, str | int) and not isinstance(raw, bool) else None


def unknown_name(got: str, known: Iterable[str], what: str) -> str:
    """Say that a name is not one of the known ones, and which it may be."""
    names = list(known)
    listed = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    message = f"expected the name of {what} ({listed or 'there is none'}), got '{got}'"
    # Long lists are of part numbers: the likely slip keeps the beginning, and comparing
    # with all of them would take minutes for a table of another scenario.
    near = names if len(names) < 200 else [name for name in names if name[:3] == got[:3]][:50]
    close = get_close_matches(got, near, n=1)
    return f"{message}; did you mean '{close[0]}'?" if close else message


def known(value: object, names: Tree, what: str, path: Path) -> Iterator[Finding]:
    """Check a reference; where nothing is known, the missing branch is the one problem."""
    name = name_of(value)
    if names and name is not None and name not in names:
        yield path, unknown_name(name, names, what)

"""Cross-checks of demand without lifetimes, see `partsim.model.checks`."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from partsim.model.tree_branches import Finding, Path, Tree, branch, known, name_of, rows
from partsim.model.units import parse_units_per_day

_OF_MACHINES = ("replace_at", "replace_every", "after_failure", "customer_held", "needs",
                "may_need")  # fmt: skip
_NOTHING: tuple[object, ...] = (None, {}, "0 %", "as_good_as_new")
_WITH_FLEETS = ("machines", "plans", "technicians", "inspections", "seasons", "warranty")
_KEYS = ("part", "depot", "customers")


def callers(tree: Tree) -> Iterator[Tree]:
    """
    Give fleets and rows of demand: entries with a depot and customers who call there.

    Parameters
    ----------
    tree : dict
        A scenario as a file has it; any branch may be malformed.

    Yields
    ------
    dict
        No rows of nothing: they call nobody.

    Examples
    --------
    >>> tree = {"demand": [{"depot": "north", "rate": "3 per year"}, {"rate": "0 per year"}]}
    >>> list(callers(tree))
    [{'depot': 'north', 'rate': '3 per year'}]
    """
    yield from (fleet for _, fleet in rows(tree, "fleets"))
    yield from orders(tree)


def orders(tree: Tree) -> Iterator[Tree]:
    """Give the rows of demand but for those of nothing."""
    yield from (row for _, row in rows(tree, "demand") if not _is_nothing(row.get("rate")))


def _is_nothing(rate: object) -> bool:
    try:
        return parse_units_per_day(rate) == 0
    except ValueError:
        return False  # the field's own check says so


def _is_empty(tree: Tree, key: str) -> bool:
    return tree.get(key, ()) in ([], (), {})


def _somebody_calls(tree: Tree) -> Iterator[Finding]:
    """Ask for fleets or demand, for what fleets need, and refuse what is about fleets only."""
    if not _is_empty(tree, "fleets"):
        for key, what in (("machines", "machine types by name"),
                          ("service", "what happens at a call")):  # fmt: skip
            if key not in tree or tree[key] == {}:
                yield (key,), f"expected the key '{key}' ({what}), got none"
        return
    if _is_empty(tree, "demand"):
        yield (
            ("fleets",),
            "expected the key 'fleets' (the machines in the field) or 'demand' (what customers "
            "order of parts without a lifetime), got neither",
        )
        return
    for key in _WITH_FLEETS:
        if tree.get(key) is not None and not _is_empty(tree, key):
            yield (key,), "expected fleets beside it, got none; it is about their machines"
    if _is_empty(tree, "today") or not branch(tree, "today", "norms"):
        return
    yield ("today", "norms"), "expected fleets beside it, got none; norms are for their machines"


def _sources(tree: Tree) -> Iterator[Finding]:
    """Ask for either a lifetime or demand of each part, and keep the two apart."""
    if not isinstance(tree.get("demand", []), list | tuple):
        return  # its rows are not known
    demanded = {name_of(row.get("part")) for _, row in rows(tree, "demand")}
    parts = branch(tree, "parts")
    without = {
        part
        for part, entry in parts.items()
        if isinstance(entry, dict) and entry.get("lifetime") is None
    }
    for part in parts:
        misspelt = part in without and get_close_matches("lifetime", parts[part], n=1)
        if part in without and part not in demanded and not misspelt:
            message = (
                "expected the key 'lifetime' (life in the machine's operating time, until the "
                "part is consumed) or rows for it under 'demand', got neither"
            )
            yield ("parts", part, "lifetime"), message
        for key in _OF_MACHINES if part in without & demanded else ():
            if parts[part].get(key) not in _NOTHING:
                message = f"expected a lifetime beside '{key}', got none; '{part}' has demand"
                yield ("parts", part, key), message
    for path, part in _in_machines(tree):
        if part in without & demanded:
            yield path, f"expected a part with a lifetime, got '{part}', which has demand instead"


def _in_machines(tree: Tree) -> Iterator[tuple[Path, str]]:
    """Name the places where parts of machines stand."""
    for machine in branch(tree, "machines"):
        for part in branch(tree, "machines", machine, "positions"):
            yield ("machines", machine, "positions", part), part
    for part in branch(tree, "parts"):
        for key in ("needs", "may_need"):
            for other in branch(tree, "parts", part, key):
                yield ("parts", part, key, other), other


def _rows(tree: Tree) -> Iterator[Finding]:
    """Check names and repetitions; a stranger is named once, tables may have thousands of rows."""
    tiers = branch(tree, "tiers")
    groups = {
        str(name_of(group)): tier
        for tier in tiers
        for group in _listed(branch(tree, "tiers", tier).get("customers"))
    }
    names = {"part": branch(tree, "parts"), "depot": branch(tree, "depots"), "customers": groups}
    kinds = dict(zip(_KEYS, ("a part", "a depot", "a customer group that a tier lists"),
                     strict=True))  # fmt: skip
    seen: set[tuple[str | None, ...]] = set()
    strangers: set[tuple[str, str | None]] = set()
    lived: set[str | None] = set()
    for i, row in rows(tree, "demand"):
        cell = tuple(name_of(row.get(key)) for key in _KEYS)
        for key, name in zip(_KEYS, cell, strict=True):
            if (key, name) not in strangers and name not in names[key]:
                strangers.add((key, name))
                yield from known(name, names[key], kinds[key], ("demand", i, key))
        if cell in seen and None not in cell:
            message = (
                "expected one row for each part, depot and customers, got "
                f"{cell[0]} at {cell[1]} for {cell[2]} twice"
            )
            yield ("demand", i), message
        seen.add(cell)
        part = names["part"].get(str(cell[0]))
        if isinstance(part, dict) and part.get("lifetime") is not None and cell[0] not in lived:
            lived.add(cell[0])
            yield (
                ("demand", i, "part"),
                f"expected a part without a lifetime, got '{cell[0]}', which has one: its demand "
                "is what the machines take",
            )


def _listed(node: object) -> list[object]:
    return list(node) if isinstance(node, list | tuple) else []


DEMAND_CHECKS = (_somebody_calls, _sources, _rows)

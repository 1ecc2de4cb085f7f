"""Cross-checks of inspections and seasons."""

from __future__ import annotations

from collections.abc import Iterator

from partsim.model.tree_branches import Finding, Tree, branch, name_of, rows, unknown_name

_AGES = ("ages", "age_distribution", "delivered", "deliveries_per_year")


def _references(tree: Tree) -> Iterator[Finding]:
    plans, seasons = branch(tree, "inspections"), branch(tree, "seasons")
    for kind, names, what in (
        ("machines", plans, "inspection"), ("standards", plans, "inspection"),
        ("depots", seasons, "season"),
    ):  # fmt: skip
        for name, entry in branch(tree, kind).items():
            given = name_of(entry.get(what)) if isinstance(entry, dict) else None
            if given is not None and given not in names:
                yield (kind, name, what), unknown_name(given, names, f"an entry of {what}s")
    for i, fleet in rows(tree, "fleets"):
        given = name_of(fleet.get("inspection"))
        if given is not None and given not in plans:
            message = unknown_name(given, plans, "an entry of inspections")
            yield ("fleets", i, "inspection"), message


def _by_age_only(tree: Tree) -> Iterator[Finding]:
    """Refuse inspections that never come: by age, of machines whose age nobody knows."""
    for i, fleet in rows(tree, "fleets"):
        machine = branch(tree, "machines", name_of(fleet.get("machine")) or "")
        name = name_of(fleet.get("inspection")) or name_of(machine.get("inspection"))
        plan = branch(tree, "inspections", name or "")
        aged = any(fleet.get(key) for key in _AGES)
        if plan.get("ages") and not plan.get("every") and not plan.get("months") and not aged:
            yield (
                ("fleets", i, "machine"),
                f"expected ages, age_distribution or delivered for inspections by age ('{name}'), "
                "got none; they would never come",
            )


UPKEEP_CHECKS = (_references, _by_age_only)

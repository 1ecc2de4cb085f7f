"""Cross-checks of warranties."""

from __future__ import annotations

from collections.abc import Iterator

from partsim.model.tree_branches import Finding, Path, Tree, branch, name_of, rows

AGES = ("ages", "age_distribution", "delivered")


def _fleets(tree: Tree) -> Iterator[Finding]:
    """Refuse fleets of which nobody knows which machines are in warranty."""
    for i, fleet in rows(tree, "fleets"):
        name = name_of(fleet.get("machine")) or ""
        warranty = branch(tree, "machines", name).get("warranty") is not None
        share = fleet.get("in_warranty") is not None
        if aged := [key for key in AGES if fleet.get(key)]:
            if share:
                message = f"expected none beside {aged[0]}, from which it follows, got one"
                yield ("fleets", i, "in_warranty"), message
        elif warranty and not share:
            message = (
                f"expected in_warranty, or ages of machines with a warranty ('{name}'), got "
                "neither; write for example 'in_warranty: 20 %'"
            )
            yield ("fleets", i, "machine"), message
        elif share and not warranty and branch(tree, "machines", name):
            message = f"expected a warranty of the machine '{name}' beside it, got none"
            yield ("fleets", i, "in_warranty"), message


def _payments(tree: Tree) -> Iterator[Finding]:
    """Refuse payments that nobody would make."""
    machines = branch(tree, "machines")
    if machines and not any(branch(tree, "machines", name).get("warranty") for name in machines):
        paths: list[Path] = [("warranty", key) for key in branch(tree, "warranty")]
        paths += [
            ("suppliers", supplier, "warranty_claims")
            for supplier in branch(tree, "suppliers")
            if branch(tree, "suppliers", supplier).get("warranty_claims") is not None
        ]
        for path in paths:
            yield path, "expected a machine with a warranty beside it, got none"
    for supplier in branch(tree, "suppliers"):
        entry = branch(tree, "suppliers", supplier)
        if entry.get("kind") == "own" and entry.get("warranty_claims") is not None:
            message = "expected it of an outsourced supplier, got the own plant's"
            yield ("suppliers", supplier, "warranty_claims"), message


WARRANTY_CHECKS = (_fleets, _payments)

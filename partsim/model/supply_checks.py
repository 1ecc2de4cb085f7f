"""Cross-checks of the supply side: sourcing rules, priorities, second sources, repairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from partsim.model.tree_branches import Finding, Path, Tree, branch, known, name_of, unknown_name


def _list(node: object) -> list[Any]:
    return list(node) if isinstance(node, list | tuple) else []


def _emergency(tree: Tree) -> Iterator[Finding]:
    emergency, tiers = branch(tree, "emergency"), branch(tree, "tiers")
    for i, tier in enumerate(_list(emergency.get("tiers"))):
        yield from known(tier, tiers, "a tier", ("emergency", "tiers", i))
    depots = branch(tree, "depots")
    sources = {name_of(d.get("supplied_by")) for d in depots.values() if isinstance(d, dict)}
    if emergency.get("central") is not None and depots and sources <= {"suppliers"}:
        message = "expected a depot that another depot supplies, got none; use 'outside'"
        yield ("emergency", "central"), message


def _lateral(tree: Tree) -> Iterator[Finding]:
    depots = branch(tree, "depots")
    givers: set[str | None] = set()
    for depot in depots:
        seen: set[str | None] = {depot}
        for i, value in enumerate(_list(branch(tree, "depots", depot).get("lateral"))):
            path: Path = ("depots", depot, "lateral", i)
            name = name_of(value)
            if name in seen:
                yield path, f"expected other depots, each once, got '{name}' again"
            else:
                yield from known(value, depots, "a depot", path)
            seen.add(name)
        givers |= seen - {depot}
    for depot in depots:
        if branch(tree, "depots", depot).get("hold_back") is not None and depot not in givers:
            message = (
                "expected it at a depot that others list under 'lateral', got one that none does"
            )
            yield ("depots", depot, "hold_back"), message
    if givers and not branch(tree, "lateral"):
        first = next(depot for depot in depots if branch(tree, "depots", depot).get("lateral"))
        message = "expected also the key 'lateral' of the scenario, such as lateral: {time: 1 d}"
        yield ("depots", first, "lateral"), message
    elif not givers and branch(tree, "lateral"):
        message = "expected a depot with 'lateral: [other depots]', got none; nobody would ship"
        yield ("lateral",), message


def _priorities(tree: Tree) -> Iterator[Finding]:
    ranks = {tier: str(_of_tier(tree, tier, "priority")[1] or 1) for tier in branch(tree, "tiers")}
    last = max(ranks.values(), default="1", key=lambda rank: (len(rank), rank))
    for tier in ranks:
        path, reserve = _of_tier(tree, tier, "reserved_stock")
        if reserve not in (None, 0, "0") and ranks[tier] == last:
            message = (
                "expected another tier with a later priority to keep stock from, got none; "
                "write for example 'priority: 2' there"
            )
            yield path, message
    depots = branch(tree, "depots")
    entries = [entry for entry in depots.values() if isinstance(entry, dict)]
    parents = {name_of(entry.get("supplied_by")) for entry in entries}
    for depot in depots:
        allocation = branch(tree, "depots", depot).get("allocation")
        if allocation == "priority" and depot not in parents:
            message = "expected it at a depot that supplies others, got one that supplies none"
            yield ("depots", depot, "allocation"), message
        elif allocation == "priority" and len(set(ranks.values())) < 2:
            message = "expected tiers with different priorities, got one priority for all"
            yield ("depots", depot, "allocation"), message


def _of_tier(tree: Tree, tier: str, key: str) -> tuple[Path, object]:
    """Give what a tier says under a key, or else its standard, and where."""
    entry = branch(tree, "tiers", tier)
    standard = name_of(entry.get("standard")) or ""
    if entry.get(key) is None and standard:
        return ("standards", standard, key), branch(tree, "standards", standard).get(key)
    return ("tiers", tier, key), entry.get(key)


def _second_sources(tree: Tree) -> Iterator[Finding]:
    suppliers = branch(tree, "suppliers")
    for name in suppliers:
        rules = branch(tree, "suppliers", name, "second_source")
        path: Path = ("suppliers", name, "second_source")
        other = name_of(rules.get("supplier"))
        if other == name:
            yield (*path, "supplier"), f"expected another supplier, got '{name}' itself"
        else:
            yield from known(rules.get("supplier"), suppliers, "a supplier", (*path, "supplier"))
        disrupted = branch(tree, "suppliers", name).get("disruptions") is not None
        if rules and rules.get("longer_than") is None and not disrupted:
            message = "expected 'longer_than', or disruptions of the first, got neither"
            yield path, message + "; nothing would go there"


def _repairs(tree: Tree) -> Iterator[Finding]:
    shops = branch(tree, "repair_shops")
    used = set()
    for part in branch(tree, "parts"):
        shop = name_of(branch(tree, "parts", part, "repair").get("shop"))
        used.add(shop)
        if shop is not None and shop not in shops:
            path: Path = ("parts", part, "repair", "shop")
            yield path, unknown_name(shop, shops, "a repair shop")
    for shop in shops:
        if shop not in used:
            yield ("repair_shops", shop), "expected a shop that some part is repaired in, got none"


def _up_to(tree: Tree) -> Iterator[Finding]:
    """Refuse orders of any size for parts that come in packs."""
    parts = branch(tree, "parts")
    packed = [
        name for name in parts
        if name_of(branch(parts, name).get("order_multiple")) not in (None, "1")
    ]  # fmt: skip
    for grade, rules in branch(tree, "grading", "grades").items():
        if isinstance(rules, dict) and rules.get("ordering") == "up_to" and packed:
            message = (
                "expected 'lots' where parts come in packs (order_multiple of "
                f"'{packed[0]}'): orders up to the level are of any size; got 'up_to'"
            )
            yield ("grading", "grades", grade, "ordering"), message


def _bought_one_by_one(tree: Tree) -> Iterator[Finding]:
    """Refuse lots of parts that are repaired: a new unit is bought when one is condemned."""
    for part in branch(tree, "parts"):
        if not branch(tree, "parts", part, "repair"):
            continue
        for key in ("min_order", "order_multiple"):
            lot = name_of(branch(tree, "parts", part).get(key))
            if lot not in (None, "1"):
                message = (
                    "expected none for a part with 'repair', of which a new unit is bought "
                    f"whenever one is condemned; got {lot}"
                )
                yield ("parts", part, key), message


SUPPLY_CHECKS = (
    _up_to,
    _bought_one_by_one,
    _emergency,
    _lateral,
    _priorities,
    _second_sources,
    _repairs,
)

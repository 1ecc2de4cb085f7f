"""Cross-checks of the plans in a scenario's tree, see `partsim.model.checks`."""

from __future__ import annotations

from collections.abc import Iterator

from partsim.model.demand_checks import orders
from partsim.model.tree_branches import Finding, Tree, branch, known, name_of, rows
from partsim.model.warranty_checks import AGES


def find_plan_contradictions(tree: Tree) -> Iterator[Finding]:
    """
    Find plans for what is not there, plans without a fleet, and tiers that they leave empty.

    Parameters
    ----------
    tree : dict
        A scenario as a file has it; any branch may be malformed.

    Yields
    ------
    (path, message)
        Nothing if the plans agree with the scenario.

    Examples
    --------
    >>> tree = {"tiers": {"gold": {}}, "plans": [{"depots": ["north"], "tier": "golf"}]}
    >>> next(find_plan_contradictions(tree))
    (('plans', 0, 'tier'), "expected the name of a tier (gold), got 'golf'; did you mean 'gold'?")
    """
    plans = [(i, plan) for i, plan in rows(tree, "plans") if plan.get("tier") is not None]
    tiers = branch(tree, "tiers")
    fleets = [_features(tree, fleet) for _, fleet in rows(tree, "fleets")]
    resolved = [{_tier_of_customers(tree, fleet["customers"])} for fleet in fleets]
    for i, plan in plans:
        strangers = [*known(plan["tier"], tiers, "a tier", ("plans", i, "tier"))]
        strangers += _unknown_choices(tree, i, plan)
        yield from strangers
        selected = [f for f, fleet in enumerate(fleets) if _selects(plan, fleet)]
        if fleets and not selected and not strangers:
            yield ("plans", i), "expected a plan for at least one fleet, got one that selects none"
        entries = rows(tree, "fleets")
        yield from _ages_of_nobody(tree, i, plan, [entries[f] for f in selected])
        for f in selected:
            # A plan for some ages leaves the machines of the others where they are.
            before = resolved[f] if _AGE_KEYS & plan.keys() else set()
            resolved[f] = before | {name_of(plan["tier"])}
    if plans and fleets:
        resolved += [
            {_tier_of_customers(tree, name_of(row.get("customers")))} for row in orders(tree)
        ]
    there = {tier for of_caller in resolved for tier in of_caller}
    for tier in tiers if plans and fleets and None not in there else ():
        if tier not in there:
            yield (
                ("tiers", tier),
                "expected a tier that the plans leave at least one fleet, got none; a promise to "
                "nobody cannot be planned for",
            )


_AGE_KEYS = {"older_than", "younger_than", "warranty"}


def _ages_of_nobody(
    tree: Tree, i: int, plan: Tree, chosen: list[tuple[int, Tree]]
) -> Iterator[Finding]:
    """Find plans by age for machines whose age nobody knows, by warranty where there is none."""
    for key in ("older_than", "younger_than"):
        ageless = [f for f, fleet in chosen if not any(fleet.get(of) for of in AGES)]
        if plan.get(key) is not None and ageless:
            yield (
                ("plans", i, key),
                "expected ages, age_distribution or delivered of every fleet that the plan "
                f"selects, got none of fleets.{ageless[0]}; write for example 'ages: 3 years'",
            )
    machines = {name_of(fleet.get("machine")) or "" for _, fleet in chosen}
    entries = [branch(tree, "machines", name) for name in machines]
    bare = all(entry and entry.get("warranty") is None for entry in entries)
    if plan.get("warranty") is not None and chosen and bare:
        names = ", ".join(sorted(machines))
        yield (
            ("plans", i, "warranty"),
            f"expected a warranty of the machines that the plan selects ({names}), got none; "
            f"write for example 'warranty: 12 months' there",
        )


def _features(tree: Tree, fleet: Tree) -> dict[str, str | None]:
    """Give what plans select a fleet by."""
    depot = name_of(fleet.get("depot"))
    return {
        "machines": name_of(fleet.get("machine")),
        "depots": depot,
        "markets": name_of(branch(tree, "depots", depot or "").get("market", "")),
        "customers": name_of(fleet.get("customers")),
    }


def _tier_of_customers(tree: Tree, group: str | None) -> str | None:
    for tier in branch(tree, "tiers"):
        if group in _names(branch(tree, "tiers", tier), "customers"):
            return tier
    return None


def _unknown_choices(tree: Tree, i: int, plan: Tree) -> Iterator[Finding]:
    depots, tiers = branch(tree, "depots"), branch(tree, "tiers")
    markets = [branch(tree, "depots", depot).get("market") for depot in depots]
    customers = [
        group for tier in tiers for group in _names(branch(tree, "tiers", tier), "customers")
    ]
    for key, names, what in (
        ("machines", list(branch(tree, "machines")), "a machine"),
        ("depots", list(depots), "a depot"),
        ("markets", [name_of(market) for market in markets if market], "a kind of market"),
        ("customers", customers, "a customer group"),
    ):
        for j, name in enumerate(_names(plan, key)):
            yield from known(name, dict.fromkeys(filter(None, names)), what, ("plans", i, key, j))


def _selects(plan: Tree, fleet: dict[str, str | None]) -> bool:
    return all(got in (_names(plan, key) or [got]) for key, got in fleet.items())


def _names(entry: Tree, key: str) -> list[str | None]:
    names = entry.get(key)
    return [name_of(name) for name in names] if isinstance(names, list | tuple) else []

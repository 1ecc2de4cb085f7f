"""Cross-checks of a scenario's tree: what no single field can see.

They work on the plain tree, so that they also run beside field errors and every problem is
reported at once; a branch that is not of the expected shape is left to the field checks.
"""

from __future__ import annotations

from collections.abc import Iterator

from partsim.model.demand_checks import DEMAND_CHECKS, callers
from partsim.model.grading_checks import find_grading_contradictions
from partsim.model.plan_checks import find_plan_contradictions
from partsim.model.rules import FEWEST_FOR_PRECISION, SimulationRules
from partsim.model.service_checks import find_service_contradictions
from partsim.model.supply_checks import SUPPLY_CHECKS
from partsim.model.tree_branches import Finding, Path, Tree, unknown_name
from partsim.model.tree_branches import branch as _branch
from partsim.model.tree_branches import known as _known
from partsim.model.tree_branches import name_of as _name
from partsim.model.tree_branches import rows as _rows
from partsim.model.units import parse_duration
from partsim.model.upkeep_checks import UPKEEP_CHECKS
from partsim.model.warranty_checks import WARRANTY_CHECKS


def find_contradictions(tree: Tree) -> list[Finding]:
    """
    Find references to unknown names, supply cycles and customers without a tier.

    Parameters
    ----------
    tree : dict
        A scenario as a file has it; any branch may be malformed.

    Returns
    -------
    list of (path, message)
        Empty if the scenario agrees with itself.

    Examples
    --------
    >>> find_contradictions({"fleets": [{"machine": "mixr"}], "machines": {"mixer": {}}})[0]
    (('fleets', 0, 'machine'), "expected the name of a machine (mixer), got 'mixr'; \
did you mean 'mixer'?")
    """
    findings: list[Finding] = []
    for check in _CHECKS:
        findings += check(tree)
    return findings


def _precision(tree: Tree) -> Iterator[Finding]:
    rules = _branch(tree, "simulation")
    most = rules.get("replications", SimulationRules.model_fields["replications"].default)
    if (
        rules.get("precision") is not None
        and isinstance(most, int)
        and most <= FEWEST_FOR_PRECISION
    ):
        message = (
            f"expected simulation.replications above {FEWEST_FOR_PRECISION} beside it, as the most "
            f"that may be played, got {most}; type such as replications: 200"
        )
        yield ("simulation", "precision"), message
    if None not in (rules.get("precision"), rules.get("most_replications")):
        message = (
            "expected most_replications or precision, got both; a precision says itself how many "
            "replications are enough, so remove most_replications"
        )
        yield ("simulation", "most_replications"), message


def _references(tree: Tree) -> Iterator[Finding]:
    parts, depots = _branch(tree, "parts"), _branch(tree, "depots")
    suppliers, machines = _branch(tree, "suppliers"), _branch(tree, "machines")
    standards = _branch(tree, "standards")
    for part, entry in parts.items():
        if isinstance(entry, dict):
            path: Path = ("parts", part, "supplier")
            yield from _known(entry.get("supplier"), suppliers, "a supplier", path)
    for machine in machines:
        for part in _branch(tree, "machines", machine, "positions"):
            yield from _known(part, parts, "a part", ("machines", machine, "positions", part))
    for i, fleet in _rows(tree, "fleets"):
        yield from _known(fleet.get("machine"), machines, "a machine", ("fleets", i, "machine"))
        yield from _known(fleet.get("depot"), depots, "a depot", ("fleets", i, "depot"))
    for tier, entry in _branch(tree, "tiers").items():
        name = _name(entry.get("standard")) if isinstance(entry, dict) else None
        if name is not None and name not in standards:
            message = unknown_name(name, standards, "a standard")
            yield ("tiers", tier, "standard"), message


def _groups(tree: Tree) -> Iterator[Finding]:
    groups = _branch(tree, "groups")
    used = set()
    for part, entry in _branch(tree, "parts").items():
        group = _name(entry.get("group")) if isinstance(entry, dict) else None
        used.add(group)
        if group is not None and group not in groups:
            yield ("parts", part, "group"), unknown_name(group, groups, "a group")
    tiers = _branch(tree, "tiers")
    for group in groups:
        if used and group not in used:
            yield ("groups", group), "expected a group of at least one part, got none"
        if group in tiers:  # both may have a target called 'fill rate of ...'
            yield ("groups", group), f"expected a name that no tier has, got '{group}'"


def _storage(tree: Tree) -> Iterator[Finding]:
    parts = _branch(tree, "parts").values()
    if any(not isinstance(part, dict) or part.get("volume", 0) not in (0, "0") for part in parts):
        return
    for depot, entry in _branch(tree, "depots").items():
        if parts and isinstance(entry, dict) and entry.get("storage") is not None:
            message = "expected parts with a volume, got none; nothing would take room"
            yield ("depots", depot, "storage"), message


def _served(tree: Tree) -> Iterator[Finding]:
    """Refuse targets that nobody would notice: of depots that nobody calls, idle machines."""
    calling = list(callers(tree))
    for branch, kind, keys, those in (
        ("depots", "depot", ("max_waiting_time", "min_fill_rate"), "with a fleet or demand"),
        ("machines", "machine", ("min_availability",), "with a fleet"),
    ):
        served = {_name(caller.get(kind)) for caller in calling} & {*_branch(tree, branch)}
        for name, entry in _branch(tree, branch).items():
            if calling and name not in served and isinstance(entry, dict):
                for key in keys:
                    if entry.get(key) is not None:
                        listed = ", ".join(sorted(map(str, served))[:8])
                        message = f"expected it at a {kind} {those} ({listed}), got '{name}'"
                        yield (branch, name, key), message


def _takes_time(value: object) -> bool:
    try:
        return value is not None and parse_duration(value) > 0
    except ValueError:
        return False  # the field's own check says so


def _supply_tree(tree: Tree) -> Iterator[Finding]:
    depots = _branch(tree, "depots")
    if "suppliers" in depots:
        yield (
            ("depots", "suppliers"),
            "expected another name for this depot: 'supplied_by: suppliers' means the suppliers",
        )
    entries = {depot: entry for depot, entry in depots.items() if isinstance(entry, dict)}
    parent = {depot: _name(entry.get("supplied_by")) for depot, entry in entries.items()}
    for depot, source in parent.items():
        path: Path = ("depots", depot, "supplied_by")
        if source == "suppliers":
            if _takes_time(entries[depot].get("transport_time")):
                yield (
                    ("depots", depot, "transport_time"),
                    "expected no transport_time for a depot that suppliers deliver to "
                    "(their lead_time says it)",
                )
        elif source is not None and source not in depots:
            yield path, unknown_name(source, ["suppliers", *depots], "a depot, or 'suppliers'")
        elif source is not None:
            yield from ((path, message) for message in _chain(depot, parent))


def _chain(depot: str, parent: dict[str, str | None]) -> Iterator[str]:
    """Follow a depot's supply to its source, which must be near and not itself."""
    chain, source = [depot], parent[depot]
    while source in parent and source not in chain:
        chain.append(source)
        source = parent[source]
    if source in chain:
        cycle = chain[chain.index(source) :]
        if depot == min(cycle, key=list(parent).index):  # each cycle once
            yield (
                "expected a supply tree that starts at 'suppliers', got the cycle "
                + " <- ".join([*cycle, cycle[0]])
            )
    elif len(chain) > 3 and source == "suppliers":
        yield (
            "expected at most three echelons (suppliers -> central -> regional -> field), got "
            + " <- ".join(chain)
            + "; a deeper tree is not yet supported"
        )


def _fleets_and_tiers(tree: Tree) -> Iterator[Finding]:
    tier_of: dict[str, str] = {}
    for tier, entry in _branch(tree, "tiers").items():
        groups = entry.get("customers") if isinstance(entry, dict) else None
        for i, value in enumerate(groups if isinstance(groups, list | tuple) else []):
            group = _name(value)
            if group in tier_of:
                yield (
                    ("tiers", tier, "customers", i),
                    f"expected each customer group in one tier, got '{group}' also in "
                    f"'{tier_of[group]}'",
                )
            elif group is not None:
                tier_of[group] = tier
    calling = {_name(caller.get("customers")) for caller in callers(tree)}
    unknown = bool(calling - {None, *tier_of})  # then it may be any tier's
    for i, fleet in _rows(tree, "fleets"):
        group = _name(fleet.get("customers"))
        if tier_of and group is not None and group not in tier_of:
            yield (
                ("fleets", i, "customers"),
                unknown_name(group, list(tier_of), "a customer group that a tier lists"),
            )
    tiers = _branch(tree, "tiers")
    nobodys = [name for name, tier in tiers.items() if isinstance(tier, dict)
               and tier.get("customers") in (None, [], ())]  # fmt: skip
    for tier in dict.fromkeys([*tier_of.values(), *nobodys]):
        mine = {group for group, name in tier_of.items() if name == tier}
        idle = mine.isdisjoint(calling) and not tree.get("plans")  # they look themselves
        if idle and calling and not unknown:
            yield (
                ("tiers", tier, "customers")[: 3 if tiers[tier].get("customers") else 2],
                "expected a tier with at least one fleet or demand, got none; a promise to "
                "nobody cannot be planned for",
            )


def _dates(tree: Tree) -> Iterator[Finding]:
    if _branch(tree, "simulation").get("start_date") is not None:
        return
    for i, fleet in _rows(tree, "fleets"):
        for key in ("delivered", "retires_on"):
            if fleet.get(key):
                message = "expected simulation.start_date beside dates, got none"
                yield ("fleets", i, key), f"{message}; write for example 'start_date: 2026-01-01'"


def _as_bad_as_old(tree: Tree) -> Iterator[Finding]:
    """Refuse failure rates that rise without end in machines of unknown age."""
    worn = {
        part
        for part, entry in _branch(tree, "parts").items()
        if isinstance(entry, dict) and entry.get("after_failure") == "as_bad_as_old"
        and not entry.get("replace_at") and not entry.get("replace_every")
    }  # fmt: skip
    for i, fleet in _rows(tree, "fleets"):
        positions = _branch(tree, "machines", _name(fleet.get("machine")) or "", "positions")
        aged = any(fleet.get(key) for key in ("ages", "age_distribution", "delivered"))
        for part in [] if aged else sorted(worn & set(positions)):
            yield (
                ("fleets", i, "machine"),
                f"expected ages, age_distribution or delivered for machines with '{part}', got "
                "none; it is as bad as old after each failure and never replaced",
            )


def _limits(tree: Tree) -> Iterator[Finding]:
    yield from _cells(tree, "limits")
    parts, depots = _branch(tree, "parts"), _branch(tree, "depots")
    for i, row in _rows(tree, "limits"):
        part, depot = (
            known.get(_name(row.get(key)) or "")
            for key, known in (("part", parts), ("depot", depots))
        )
        most = _count(row.get("max"))
        if not (isinstance(part, dict) and isinstance(depot, dict)) or most is None:
            continue
        pack, least = (_count(part.get(key, 1)) or 1 for key in ("order_multiple", "min_order"))
        least = -(-least // pack) * pack
        if depot.get("supplied_by") == "suppliers" and most + 1 < least:
            yield (
                ("limits", i, "max"),
                f"expected at least {least - 1} where the supplier delivers {least} units or "
                f"more (min_order, order_multiple), got {most}",
            )


def _count(value: object) -> int | None:
    """Read a whole number, none where the field's own check says so."""
    text = str(getattr(value, "raw", value))
    return int(text) if text.isdecimal() else None


def _today(tree: Tree) -> Iterator[Finding]:
    parts = _branch(tree, "parts")
    for part in _branch(tree, "today", "norms"):
        yield from _known(part, parts, "a part", ("today", "norms", part))
    yield from _cells(tree, "today", "stock")


def _cells(tree: Tree, *keys: str) -> Iterator[Finding]:
    """Check the rows of a list, each of which is about a part and depot of its own."""
    parts, depots = _branch(tree, "parts"), _branch(tree, "depots")
    seen: set[tuple[str | None, str | None]] = set()
    strangers: set[str | None] = set()  # each is named once: a table may have thousands of rows
    for i, row in _rows(tree, *keys):
        cell = (_name(row.get("part")), _name(row.get("depot")))
        for key, name, known in (("part", cell[0], parts), ("depot", cell[1], depots)):
            if name not in strangers and name not in known:
                strangers.add(name)
                yield from _known(name, known, f"a {key}", (*keys, i, key))
        if cell in seen:
            yield (
                (*keys, i),
                f"expected one row for each part and depot, got {cell[0]} at {cell[1]} twice",
            )
        seen.add(cell)


_CHECKS = (
    _references, _groups, _storage, _served, _supply_tree, _fleets_and_tiers, _dates,
    _as_bad_as_old, _limits, _today, _precision, *DEMAND_CHECKS, find_grading_contradictions,
    find_service_contradictions, find_plan_contradictions, *SUPPLY_CHECKS, *UPKEEP_CHECKS,
    *WARRANTY_CHECKS,
)  # fmt: skip

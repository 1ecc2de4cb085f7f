"""Cross-checks of the service organisation in a scenario's tree, see `partsim.model.checks`."""

from __future__ import annotations

from collections.abc import Iterator

from partsim.model.tree_branches import Finding, Tree, branch, known, name_of, rows

_SKILLS = ("low", "medium", "high")


def find_service_contradictions(tree: Tree) -> Iterator[Finding]:
    """
    Find technicians for unknown depots, without a number, and calls that nobody could take.

    Parameters
    ----------
    tree : dict
        A scenario as a file has it; any branch may be malformed.

    Yields
    ------
    (path, message)
        Nothing if the organisation agrees with itself.

    Examples
    --------
    >>> tree = {"technicians": {"north": {"depots": ["nort"]}}, "depots": {"north": {}}}
    >>> next(find_service_contradictions(tree))
    (('technicians', 'north', 'depots', 0), "expected the name of a depot (north), got 'nort'; \
did you mean 'north'?")
    """
    yield from _group_names(tree)
    yield from _group_numbers(tree)
    yield from _calls_without_technician(tree)
    yield from _jobs(tree)
    yield from _consignment(tree)
    service = branch(tree, "service")
    if service.get("remote_support") is not None and service.get("wrong_diagnosis") is None:
        message = "expected a share of wrong_diagnosis that it lowers, got none"
        yield ("service", "remote_support"), message
    borrowed = service.get("parts_taken") == "expected"
    if service.get("way_home") is True and not _groups(tree) and not borrowed:
        message = (
            "expected groups under 'technicians' that it keeps busy, got none; without any, "
            "somebody is always free"
        )
        yield ("service", "way_home"), message
    if service.get("technician_leaves") == "with_parts" and service.get("delivery_time"):
        message = (
            "expected no delivery_time with 'technician_leaves: with_parts' (he takes every "
            "part along), got one"
        )
        yield ("service", "delivery_time"), message


def _groups(tree: Tree) -> dict[str, Tree]:
    groups = branch(tree, "technicians")
    return {name: group for name, group in groups.items() if isinstance(group, dict)}


def _listed(group: Tree, key: str) -> list[str | None]:
    names = group.get(key)
    return [name_of(name) for name in names] if isinstance(names, list | tuple) else []


def _group_names(tree: Tree) -> Iterator[Finding]:
    depots, machines = branch(tree, "depots"), branch(tree, "machines")
    with_fleet = {name_of(fleet.get("depot")) for _, fleet in rows(tree, "fleets")}
    for name, group in _groups(tree).items():
        for i, depot in enumerate(_listed(group, "depots")):
            path = ("technicians", name, "depots", i)
            yield from known(depot, depots, "a depot", path)
            if with_fleet and depot in depots and depot not in with_fleet:
                yield path, f"expected a depot with a fleet, got '{depot}'; nobody calls there"
        for i, machine in enumerate(_listed(group, "machines")):
            path = ("technicians", name, "machines", i)
            yield from known(machine, machines, "a machine", path)


def _group_numbers(tree: Tree) -> Iterator[Finding]:
    """Find groups without a number that no standard gives one, and the other way round."""
    standards = [entry for entry in branch(tree, "standards").values() if isinstance(entry, dict)]
    from_standards = any(entry.get("technicians") is not None for entry in standards)
    waiting = [
        name
        for name, group in _groups(tree).items()
        if group.get("number") is None and group.get("norm") is None
    ]
    for name in () if from_standards else waiting:
        message = (
            "expected 'number', 'norm' or standards with technicians, got none; "
            "write for example 'number: 4'"
        )
        yield ("technicians", name), message
    for name, entry in branch(tree, "standards").items():
        if isinstance(entry, dict) and entry.get("technicians") is not None and not waiting:
            message = (
                "expected a group under 'technicians' without 'number' and 'norm' that these "
                "work in, got none"
            )
            yield ("standards", name, "technicians"), message


def _jobs(tree: Tree) -> Iterator[Finding]:
    parts = branch(tree, "parts")
    for part in parts:
        needs, may_need = (branch(tree, "parts", part, key) for key in ("needs", "may_need"))
        for key, others in (("needs", needs), ("may_need", may_need)):
            for other in others:
                path = ("parts", part, key, other)
                yield from known(other, parts, "a part", path)
                if other == part:
                    yield path, f"expected another part than '{part}' itself, which is taken anyway"
                elif key == "may_need" and other in needs:
                    yield path, f"expected '{other}' in either 'needs' or 'may_need', got both"


def _consignment(tree: Tree) -> Iterator[Finding]:
    parts = branch(tree, "parts")
    for i, fleet in rows(tree, "fleets"):
        positions = branch(tree, "machines", name_of(fleet.get("machine")) or "", "positions")
        taken = {*positions}
        for part in positions:
            taken |= {
                *branch(tree, "parts", part, "needs"),
                *branch(tree, "parts", part, "may_need"),
            }
        for part in branch({"fleet": fleet}, "fleet", "consignment"):
            path = ("fleets", i, "consignment", part)
            yield from known(part, parts, "a part", path)
            if positions and part in parts and part not in taken:
                listed = ", ".join(sorted(taken)[:8])
                yield path, f"expected a part that these machines take ({listed}), got '{part}'"


def _calls_without_technician(tree: Tree) -> Iterator[Finding]:
    groups = list(_groups(tree).values())
    seen: set[tuple[str | None, str | None, str]] = set()
    for _, fleet in rows(tree, "fleets") if groups else ():
        depot, machine = name_of(fleet.get("depot")), name_of(fleet.get("machine"))
        for part in branch(tree, "machines", machine or "", "positions"):
            difficulty = str(branch(tree, "parts", part).get("difficulty", "medium"))
            case = (depot, machine, difficulty)
            if case in seen or difficulty not in _SKILLS:
                continue
            seen.add(case)
            if not any(_can(group, *case) for group in groups):
                yield (
                    ("technicians",),
                    f"expected a group for parts of {difficulty} difficulty in '{machine}' at "
                    f"'{depot}', got none; these calls would wait for ever",
                )


def _can(group: Tree, depot: str | None, machine: str | None, difficulty: str) -> bool:
    return (
        depot in _listed(group, "depots")
        and machine in (_listed(group, "machines") or [machine])
        and difficulty in (_listed(group, "skills") or _SKILLS)
    )

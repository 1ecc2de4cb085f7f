"""Which plan of inspections a fleet has: its own, its standard's or its machine's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from partsim.model.inspections import Inspection
from partsim.model.installed_base import InstalledBase
from partsim.model.service import Fleet, Machine, Standard
from partsim.model.tree_branches import Finding

Names = Sequence[str | None]
"""Plans of inspections that a fleet gets in the tiers of its machines; None for none."""


def inspection_names(
    fleet: Fleet, machine: Machine, standards: Iterable[Standard | None]
) -> list[str | None]:
    """
    Name the plans of inspections that a fleet gets in the tiers that its machines pass through.

    Parameters
    ----------
    fleet : Fleet
        The fleet.
    machine : Machine
        Its type.
    standards : iterable of Standard or None
        Of these tiers.

    Returns
    -------
    list of str or None
        Different ones; one in a scenario that agrees with itself.
    """
    if fleet.inspection:
        return [fleet.inspection]
    return list(dict.fromkeys((one and one.inspection) or machine.inspection for one in standards))


def unclear_inspections(
    names: Iterable[Names], bases: Iterable[InstalledBase], plans: Mapping[str, Inspection]
) -> list[Finding]:
    """
    Find fleets whose standards inspect differently as machines age, or by an age nobody knows.

    Parameters
    ----------
    names : iterable of sequence of str or None
        As `inspection_names` gives them, fleet by fleet.
    bases : iterable of InstalledBase
        Machines of each fleet.
    plans : mapping of Inspection by name
        All that there are.

    Returns
    -------
    list of (path, message)
        Empty if each fleet has one plan, or none.
    """
    found: list[Finding] = []
    for f, ((name, *others), base) in enumerate(zip(names, bases, strict=True)):
        if others:
            said = ", ".join(str(one or "none") for one in (name, *others))
            message = (
                f"expected one plan of inspections for all its tiers, got {said} by their "
                "standards as machines age; give the fleet its own, such as "
                f"'inspection: {name or others[0]}'"
            )
            found.append((("fleets", f), message))
        elif name and np.isneginf(base.delivered).all() and _by_age_only(plans[name]):
            message = (
                "expected ages, age_distribution or delivered for inspections by age "
                f"('{name}'), got none; they would never come"
            )
            found.append((("fleets", f), message))
    return found


def _by_age_only(plan: Inspection) -> bool:
    return not (plan.every or plan.months)

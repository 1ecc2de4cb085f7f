"""Targets by name, as people type them: which there are, their units, and setting one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from partsim.model.scenario import Scenario

ALL_PROMISES = "all promises"
BUDGET = "budget"


@dataclass(frozen=True)
class Kind:
    """
    Targets that one field of one section of a scenario sets.

    Attributes
    ----------
    start : str
        What their names begin with; an entry of the section follows.
    unit : 'share', 'hours' or 'volume'
        Of their values; durations are hours.
    section, field : str
        Where the scenario has them.
    """

    start: str
    unit: Literal["share", "hours", "volume"]
    section: Literal["depots", "tiers", "groups", "machines"]
    field: str

    def entries(self, scenario: Scenario) -> Iterator[str]:
        """Give the entries of the section that may have such a target."""
        at_work = {fleet.machine for fleet in scenario.fleets}
        used = {part for machine in at_work for part in scenario.machines[machine].positions}
        orders = [row for row in scenario.demand if row.rate > 0]
        used |= {row.part for row in orders}
        able: dict[str, set[str]] = {
            "depots": {*(fleet.depot for fleet in scenario.fleets), *(row.depot for row in orders)},
            "tiers": set(scenario.tiers),
            "groups": {scenario.parts[part].group or "" for part in used},
            "machines": at_work,
        }
        if self.unit == "volume":
            roomy = any(part.volume for part in scenario.parts.values())
            able["depots"] = set(scenario.depots) if roomy else set()
        return (name for name in getattr(scenario, self.section) if name in able[self.section])


_PROMISE = Kind("promise of ", "share", "tiers", "promise")
KINDS = (
    _PROMISE,
    Kind("waiting time at ", "hours", "depots", "max_waiting_time"),
    Kind("waiting time of ", "hours", "tiers", "max_waiting_time"),
    Kind("fill rate at ", "share", "depots", "min_fill_rate"),
    Kind("fill rate of ", "share", "tiers", "min_fill_rate"),
    Kind("fill rate of ", "share", "groups", "min_fill_rate"),
    Kind("availability of ", "share", "machines", "min_availability"),
    Kind("storage at ", "volume", "depots", "storage"),
)


def _named(scenario: Scenario) -> dict[str, tuple[Kind, str]]:
    return {kind.start + entry: (kind, entry) for kind in KINDS for entry in kind.entries(scenario)}


def target_names(scenario: Scenario) -> tuple[str, ...]:
    """
    Give every target that a scenario has or may have.

    Parameters
    ----------
    scenario : Scenario
        The question.

    Returns
    -------
    tuple of str
        ``all promises``; promises of tiers; waiting times and fill rates at the depots that serve
        machines and of tiers; fill rates of groups; availability of machines; storage at depots
        where parts have volumes; ``budget``.
    """
    return (ALL_PROMISES, *_named(scenario), BUDGET)


def service_names(scenario: Scenario) -> tuple[str, ...]:
    """Give the targets of `target_names` that are a service, one by one: not money or room."""
    return tuple(name for name, (kind, _) in _named(scenario).items() if kind.unit != "volume")


def unit_of(scenario: Scenario, target: str) -> str:
    """
    Give the unit of a target's values.

    Parameters
    ----------
    scenario : Scenario
        The question.
    target : str
        One of `target_names`.

    Returns
    -------
    str
        ``share``, ``hours``, ``volume``, ``money``, or ``times`` for all promises together.

    Raises
    ------
    ValueError
        If there is no such target.
    """
    together = {ALL_PROMISES: "times", BUDGET: "money"}
    if target in together:
        return together[target]
    return known(scenario, target)[0].unit


def known(scenario: Scenario, target: str) -> tuple[Kind, str]:
    """Give kind and entry of a single target, or refuse it with those there are."""
    found = _named(scenario).get(target)
    if found is None:
        names = ", ".join(target_names(scenario))
        raise ValueError(f"target: expected one of {names}, got '{target}'")
    return found


def is_set(scenario: Scenario, target: str) -> bool:
    """Tell whether the scenario has the target, not only could have it."""
    if target == BUDGET:
        return scenario.optimisation.budget is not None
    if target == ALL_PROMISES or target.startswith(_PROMISE.start):
        return True
    kind, entry = known(scenario, target)
    return getattr(getattr(scenario, kind.section)[entry], kind.field) is not None


def with_target(scenario: Scenario, target: str, value: float) -> Scenario:
    """
    Set a target of a scenario.

    Parameters
    ----------
    scenario : Scenario
        The question.
    target : str
        One of `target_names`.
    value : float
        In its unit; for ``all promises`` the calls that may break them, as a multiple of those
        that may now.

    Returns
    -------
    Scenario
        Otherwise the same.

    Raises
    ------
    ValueError
        If there is no such target, or the value is impossible.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> case = with_target(read_scenario("scenarios/first_steps.yaml"), "budget", 5e5)
    >>> case.optimisation.budget
    500000.0
    """
    unit = unit_of(scenario, target)
    if unit == "share" and not 0 < value < 1:
        raise ValueError(
            f"points: expected shares above 0 % and below 100 %, got {value * 100:g} %"
        )
    if not (value > 0 and np.isfinite(value)):
        raise ValueError(f"points: expected finite numbers > 0, got {value:g}")
    if target == BUDGET:
        rules = scenario.optimisation.model_copy(update={"budget": value})
        return scenario.model_copy(update={"optimisation": rules})
    if target == ALL_PROMISES or target.startswith(_PROMISE.start):
        return _with_promises(scenario, target, value)
    kind, entry = known(scenario, target)
    section = getattr(scenario, kind.section)
    limit = value / 24 if unit == "hours" else value
    changed = section[entry].model_copy(update={kind.field: limit})
    return scenario.model_copy(update={kind.section: section | {entry: changed}})


def _with_promises(scenario: Scenario, target: str, value: float) -> Scenario:
    """Set the share of one promise, or multiply the misses of all."""
    tiers = dict(scenario.tiers)
    for name in tiers:
        promise = scenario.promise_of(name)
        share = 1 - value * (1 - promise.share) if target == ALL_PROMISES else value
        if not 0 < share < 1:
            raise ValueError(
                f"points: expected multiples that leave every promise above 0 %, got {value:g}"
            )
        if target in (ALL_PROMISES, f"{_PROMISE.start}{name}"):
            changes = {"promise": promise.model_copy(update={"share": share}), "standard": None}
            tiers[name] = tiers[name].model_copy(update=changes)
    return scenario.model_copy(update={"tiers": tiers})

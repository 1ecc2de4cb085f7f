"""Assumptions of a scenario that may be wrong, each as a change of all values of one kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from partsim.model.scenario import Scenario
from partsim.model.units import (
    format_duration,
    format_share,
    format_units_per_time,
    parse_duration,
    parse_share,
    parse_units_per_day,
)

Tree = dict[str, Any]
Change = Callable[[Tree, float], None]
"""Changes a tree, as `Scenario.to_tree` gives it, in place by a factor."""


def _prices(tree: Tree, factor: float) -> None:
    for part in tree["parts"].values():
        part["price"] *= factor


def _lifetimes(tree: Tree, factor: float) -> None:
    for part in tree["parts"].values():
        if "lifetime" in part:
            _stretch(part["lifetime"], factor)


def _demand(tree: Tree, factor: float) -> None:
    for row in tree["demand"]:
        row["rate"] = format_units_per_time(parse_units_per_day(row["rate"]) * factor)


def _lead_times(tree: Tree, factor: float) -> None:
    for supplier in tree["suppliers"].values():
        _stretch(supplier["lead_time"], factor)


def _phone_fixes(tree: Tree, factor: float) -> None:
    service = tree["service"]
    share = min(parse_share(service["phone_fix"]) * factor, 0.99)
    service["phone_fix"] = format_share(share)


def _misses_allowed(tree: Tree, factor: float) -> None:
    for promise in _promises(tree):
        misses = min((1 - parse_share(promise["share"])) * factor, 0.99)
        promise["share"] = format_share(round(1 - misses, 12))


def _hours_promised(tree: Tree, factor: float) -> None:
    for promise in _promises(tree):
        promise["within"] = format_duration(parse_duration(promise["within"]) * factor)


ASSUMPTIONS: dict[str, Change] = {
    "prices": _prices,
    "lifetimes": _lifetimes,
    "rates of demand": _demand,
    "lead times": _lead_times,
    "phone fixes": _phone_fixes,
    "calls that may break a promise": _misses_allowed,
    "hours promised": _hours_promised,
}
"""By name: all prices of parts; mean lives; rates of demand; mean lead times of suppliers; the
share of calls solved by phone; one less the promised shares; the promised hours."""


def changed(scenario: Scenario, assumption: str, factor: float) -> Scenario:
    """
    Give the scenario with all values of one assumption times a factor; shapes stay.

    Parameters
    ----------
    scenario : Scenario
        As it is.
    assumption : str
        A name of `ASSUMPTIONS`.
    factor : float
        Above 0. Shares are kept at or below 99 %.

    Returns
    -------
    Scenario
        The changed one; equal to `scenario` if it has nothing of the kind.

    Raises
    ------
    ValueError
        If the assumption is unknown or the factor not positive.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> scenario = read_scenario("scenarios/first_steps.yaml")
    >>> changed(scenario, "lifetimes", 0.5).parts["pump"].lifetime.distribution
    Weibull(mean=273.75, shape=2.0)
    >>> changed(scenario, "calls that may break a promise", 2).tiers["everybody"].promise.share
    0.9
    """
    if assumption not in ASSUMPTIONS:
        raise ValueError(f"assumption: expected one of {list(ASSUMPTIONS)}, got {assumption!r}")
    if not factor > 0:
        raise ValueError(f"factor: expected a number > 0, got {factor}")
    tree = scenario.to_tree()
    ASSUMPTIONS[assumption](tree, factor)
    return Scenario.model_validate(tree)


def _promises(tree: Tree) -> list[Tree]:
    owners = [*tree.get("tiers", {}).values(), *tree.get("standards", {}).values()]
    return [owner["promise"] for owner in owners if "promise" in owner]


def _stretch(duration: Tree, factor: float) -> None:
    """Change the mean of a distribution, or of every way to fail."""
    for mode in duration.get("modes", ()):
        _stretch(mode, factor)
    for family, value in duration.items():
        if family == "fixed":
            duration[family] = format_duration(parse_duration(value) * factor)
        elif family != "modes":
            value["mean"] = format_duration(parse_duration(value["mean"]) * factor)

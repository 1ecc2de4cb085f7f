"""Keys of a scenario that nobody chooses: what parts cost, how long they live, what is ordered."""

from __future__ import annotations

from fnmatch import fnmatchcase

_GIVEN = (
    "ageing",
    "parts.*.price", "parts.*.min_order", "parts.*.order_multiple", "parts.*.lifetime*",
    "parts.*.after_failure", "parts.*.difficulty",
    "parts.*.criticality", "parts.*.customer_held", "parts.*.needs*", "parts.*.may_need*",
    "parts.*.volume", "parts.*.repair.work_time*", "parts.*.repair.return_time*",
    "parts.*.repair.condemned", "parts.*.repair.cost", "parts.*.repair.used_value",
    "suppliers.*.lead_time*", "suppliers.*.sequential", "suppliers.*.disruptions*",
    "suppliers.*.warranty_claims", "*.second_source.surcharge",
    "depots.*.transport_time", "depots.*.travel_time*", "depots.*.market", "depots.*.season",
    "inspections.*.finds", "inspections.*.warning", "seasons*",
    "fleets.*.count", "fleets.*.ages*", "fleets.*.age_distribution*", "fleets.*.delivered*",
    "fleets.*.deliveries_per_year", "fleets.*.in_warranty", "demand*",
    "grading.grades.*.approval_cost", "grading.grades.*.control_loss",
    "grading.grades.*.count_cost",
    "tiers.*.expected", "tiers.*.downtime", "emergency.*.time", "emergency.*.cost", "lateral.time",
    "lateral.cost", "service.phone_fix", "service.*_time*", "service.wrong_diagnosis",
    "warranty.visit_cost", "costs*", "today*", "simulation*",
)  # fmt: skip


def nobody_chooses(key: str) -> bool:
    """
    Tell whether a key describes what is, and not what a planner decides.

    Parameters
    ----------
    key : str
        As ``--set`` takes it.

    Returns
    -------
    bool
        True for prices, lives, lead times, demand, machines, times of service, costs and the
        like. What is not known here counts as a decision.

    Examples
    --------
    >>> [nobody_chooses(key) for key in ("parts.pump.price", "demand.0.rate", "plans")]
    [True, True, False]
    >>> [nobody_chooses(f"parts.pump.{key}") for key in ("supplier", "replace_at", "lifetime")]
    [False, False, True]
    >>> [nobody_chooses(f"grading.grades.A.{key}") for key in ("approval_cost", "approval_time")]
    [True, False]
    """
    return any(fnmatchcase(key, pattern) for pattern in _GIVEN)

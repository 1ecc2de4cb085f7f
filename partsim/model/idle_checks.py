"""Fleets and tiers without machines in the measured years: seen once the dates are worked out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from partsim.model.tree_branches import Finding


class Contradictions(ValueError):  # noqa: N818 - says what happened
    """
    What a scenario contradicts itself in, all at once.

    Parameters
    ----------
    findings : sequence of (path, message)
        At least one.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = findings
        lines = (f"{'.'.join(map(str, path))}: {message}" for path, message in findings)
        super().__init__("\n".join(lines))


def idle_fleets(machine_days: Iterable[NDArray[np.float64]]) -> list[Finding]:
    """
    Find fleets without a machine in the measured years.

    Parameters
    ----------
    machine_days : iterable of ndarray
        Of each fleet, in its phases.

    Returns
    -------
    list of (path, message)
        Empty if there are machines in all.
    """
    message = "expected machines in the measured years, got none; all come later or have gone"
    return [
        (("fleets", f), f"{message} before") for f, days in enumerate(machine_days) if not any(days)
    ]


def idle_tiers(tiers: Iterable[str], busy: Collection[str]) -> list[Finding]:
    """
    Find tiers that the plans leave nobody in.

    Parameters
    ----------
    tiers : iterable of str
        All tiers.
    busy : collection of str
        Those with machines in the measured years, or orders.

    Returns
    -------
    list of (path, message)
        Empty if somebody is in each.
    """
    message = (
        "expected machines that the plans give this tier in the measured years, got none; "
        "a promise to nobody cannot be planned for"
    )
    return [(("tiers", tier), message) for tier in tiers if tier not in busy]

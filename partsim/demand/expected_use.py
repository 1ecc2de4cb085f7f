"""Units that the machines of an installed base are expected to use between two moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partsim.lifetimes.capped import Capped
from partsim.lifetimes.power_law import expected_failures
from partsim.lifetimes.renewal_curve import RenewalCurve
from partsim.model.installed_base import InstalledBase
from partsim.model.seasons import Season
from partsim.model.upkeep import Upkeep

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ExpectedUnits:
    """
    Expected units.

    Attributes
    ----------
    units : float
        All of them.
    planned : float
        Those that are put in as planned, at no failure.
    """

    units: float
    planned: float


def worked_days(
    base: InstalledBase, time: float, running: float, season: Season | None = None
) -> Floats:
    """
    Say how long each machine has worked at a moment.

    Parameters
    ----------
    base : InstalledBase
        When machines come and go.
    time : float
        From the start [days], zero or more.
    running : float
        Share of the time from the start that a machine works; before it, all counts.
    season : Season, optional
        Working time by the calendar.

    Returns
    -------
    ndarray of float, shape (machine,)
        0 before the delivery; what it was at the retirement after it; from the start for
        machines in equilibrium [days].
    """
    before = np.where(np.isneginf(base.delivered), 0.0, np.maximum(-base.delivered, 0.0))
    here, there = np.maximum(base.delivered, 0.0), np.minimum(base.retires, time)
    since = there - here
    if season is not None:
        before = before * season.mean
        since = np.where(
            since < 0, since, season.worked(np.maximum(there, here)) - season.worked(here)
        )
    return np.asarray(np.where(there < here, 0.0, before + running * since))


def expected_use(
    upkeep: Upkeep,
    base: InstalledBase,
    begin: float,
    end: float,
    running: float = 1.0,
    season: Season | None = None,
) -> ExpectedUnits:
    """
    Compute how many units one position in each machine is expected to use.

    A position that has worked for a days since it was new has used M(a) units on average, M the
    renewal function (`RenewalCurve`); one in equilibrium uses what it does in the long run.

    Parameters
    ----------
    upkeep : Upkeep
        A part's life and its replacement.
    base : InstalledBase
        When machines come and go.
    begin, end : float
        Moments from the start [days], zero or more.
    running : float
        Share of time that a machine works.
    season : Season, optional
        Working time by the calendar.

    Returns
    -------
    ExpectedUnits
        Over all machines; error 1e-4 units for each machine at most.
    """
    units, planned = units_by(upkeep, base, np.array([begin, end]), running, season)
    return ExpectedUnits(float(units[1] - units[0]), float(planned[1] - planned[0]))


def units_by(
    upkeep: Upkeep,
    base: InstalledBase,
    times: Floats,
    running: float = 1.0,
    season: Season | None = None,
) -> tuple[Floats, Floats]:
    """
    Compute expected units of one position in each machine, added up over time.

    Parameters
    ----------
    upkeep : Upkeep
        A part's life and its replacement.
    base : InstalledBase
        When machines come and go.
    times : ndarray of float, shape (time,)
        Moments from the start [days], zero or more, rising.
    running : float
        Share of time that a machine works.
    season : Season, optional
        Working time by the calendar.

    Returns
    -------
    units, planned : ndarray of float, shape (time,)
        All units and the planned ones, up to each time; only their differences mean something.
    """
    unknown = np.isneginf(base.delivered)
    worked = np.array([worked_days(base, time, running, season) for time in times.tolist()])
    units = worked[:, unknown].sum(axis=1) / upkeep.use.days_between_units
    planned = units * upkeep.use.planned_share
    if worked[:, ~unknown].any():
        # Fleets are bought in batches: each age once.
        ages, machines = np.unique(worked[:, ~unknown], axis=1, return_counts=True)
        all_units, as_planned = _units_until(upkeep, ages)
        units, planned = units + all_units @ machines, planned + as_planned @ machines
    return units, planned


def _units_until(upkeep: Upkeep, ages: Floats) -> tuple[Floats, Floats]:
    """Give expected units, and planned ones, of positions since new; by working age."""
    if upkeep.is_minimal:
        law = upkeep.power_law
        return _blocks(lambda age: expected_failures(law, age), upkeep.block, ages)
    if upkeep.replace_at is not None:
        cycle = Capped(upkeep.lifetime, upkeep.replace_at)
        curve = RenewalCurve(cycle, float(ages.max())).mean
        # Each cycle that begins is planned to end at its age, and does with this share.
        begun = np.where(ages >= cycle.age, 1 + curve(np.maximum(ages - cycle.age, 0.0)), 0.0)
        return curve(ages), cycle.planned_share * begun
    longest = float(min(ages.max(), upkeep.block or np.inf))
    return _blocks(RenewalCurve(upkeep.lifetime, longest).mean, upkeep.block, ages)


def _blocks(
    failures: Callable[[Floats], Floats], every: float | None, ages: Floats
) -> tuple[Floats, Floats]:
    """Add up blocks, after each of which all begins anew; one without end without `every`."""
    if every is None:
        return failures(ages), np.zeros_like(ages)
    blocks = np.floor(ages / every)
    failed = blocks * failures(np.array([every])) if blocks.any() else 0.0
    return failed + failures(ages - blocks * every) + blocks, blocks

"""Upkeep: what is done about a part that fails, and what it uses in the long run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from partsim.lifetimes import Distribution, Exponential, Weibull
from partsim.lifetimes.capped import Capped
from partsim.lifetimes.power_law import expected_failures
from partsim.lifetimes.renewal_counts import renewal_count

AfterFailure = Literal["as_good_as_new", "as_bad_as_old"]


@dataclass(frozen=True)
class Use:
    """
    Units that one position uses in the long run.

    Attributes
    ----------
    days_between_units : float
        Mean working time between two units [days].
    planned_share : float
        Share of the units that are put in as planned, at no failure.

    Examples
    --------
    >>> Use(days_between_units=50.0, planned_share=0.75).days_between_failures
    200.0
    """

    days_between_units: float
    planned_share: float

    @property
    def days_between_failures(self) -> float:
        """Mean working time between two failures [days]; infinite if all are prevented."""
        if self.planned_share == 1:
            return float("inf")
        return self.days_between_units / (1 - self.planned_share)


@dataclass(frozen=True)
class Upkeep:
    """
    A part's life and its replacement.

    Attributes
    ----------
    lifetime : Distribution
        Life of a new component; Weibull or exponential if it is as bad as old after a failure.
    after_failure : str
        ``as_good_as_new`` or ``as_bad_as_old``.
    replace_at, replace_every : float, optional
        Age of planned replacement; time between planned replacements [days].

    References
    ----------
    .. [1] R. E. Barlow and F. Proschan, Mathematical Theory of Reliability, Wiley, 1965, ch. 4.

    Examples
    --------
    >>> upkeep = Upkeep(Weibull(100.0, 2.0), "as_bad_as_old", 200.0, None)
    >>> round(upkeep.use.days_between_units, 2)  # 3.14 failures and a replacement
    48.29
    """

    lifetime: Distribution
    after_failure: AfterFailure
    replace_at: float | None
    replace_every: float | None

    @property
    def is_minimal(self) -> bool:
        """Whether a repair leaves the failure rate as it was."""
        return self.after_failure == "as_bad_as_old"

    @property
    def is_planned(self) -> bool:
        """Whether units are put in as planned."""
        return self.replace_at is not None or self.replace_every is not None

    @property
    def is_inspected(self) -> bool:
        """Whether an inspection replaces it: blocks come anyway, minimal repair renews nothing."""
        return not self.is_minimal and self.replace_every is None

    @property
    def block(self) -> float | None:
        """Time after which all begins anew whatever has failed, if there is one [days]."""
        return self.replace_every or (self.replace_at if self.is_minimal else None)

    @property
    def power_law(self) -> Weibull | Exponential:
        """First life of a part whose failure rate goes on after repairs."""
        assert isinstance(self.lifetime, Weibull | Exponential)  # the part's own check
        return self.lifetime

    @cached_property
    def use(self) -> Use:
        """
        Units in the long run.

        By age replacement one in E[min(X, T)]; by blocks 1 + M(T) in T, or 1 + H(T) after minimal
        repairs [1]_. What is as bad as old and never replaced has no long run: its first life
        counts.
        """
        if self.block is not None:
            if self.is_minimal:
                units = 1 + float(expected_failures(self.power_law, self.block))
            else:
                units = 1 + float(renewal_count(self.lifetime, self.block).mean)
            return Use(self.block / units, 1 / units)
        if self.replace_at is not None:
            cycle = Capped(self.lifetime, self.replace_at)
            return Use(cycle.mean, cycle.planned_share)
        return Use(self.lifetime.mean, 0.0)

    @cached_property
    def cycle(self) -> Distribution:
        """
        Time between units in a position, in working time [days].

        Exact for lives and for age replacement. Blocks are taken for age replacement, minimal
        repairs for failures without memory.
        """
        if self.is_minimal:
            return Exponential(self.use.days_between_units)
        age = self.replace_at or self.replace_every
        return self.lifetime if age is None else Capped(self.lifetime, age)

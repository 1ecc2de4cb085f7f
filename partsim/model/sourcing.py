"""Sourcing: where a unit comes from when the shelf has none, and who comes first."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from partsim.model.durations import Frozen
from partsim.model.fields import Money, Name, PositiveDuration

Allocation = Literal["first_come", "priority"]


class Shipment(Frozen):
    """One way of getting a unit when the shelf has none."""

    time: PositiveDuration
    """Until the unit is at the depot that lacks it; delivery to the machine comes after it."""
    cost: Money = 0.0
    """Cost of one unit's shipment, apart from its price."""


class Emergency(Frozen):
    """Emergency shipments for calls that find the shelf of their depot empty."""

    when: Literal["always", "promise"] = "always"
    """At every shortage, or only when the next unit due would come too late for the promise."""
    tiers: tuple[Name, ...] = ()
    """Tiers whose calls get them; all if not given."""
    central: Shipment | None = None
    """From the shelf of the depot that supplies the one that lacks the unit; tried first."""
    outside: Shipment | None = None
    """From outside, where there is always a unit."""

    @model_validator(mode="after")
    def _from_somewhere(self) -> Self:
        if self.central is None and self.outside is None:
            raise ValueError("expected 'central' or 'outside' or both, got neither")
        return self

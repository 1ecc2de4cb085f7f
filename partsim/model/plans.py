"""Plans: which fleets get which tier, beyond what their customer group says."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from partsim.model.durations import Frozen
from partsim.model.fields import Name, Text
from partsim.model.service import Fleet


class PlanRule(Frozen):
    """One product, one plan: a tier for the fleets that a rule selects."""

    name: Text = ""
    """Why."""
    machines: tuple[Name, ...] = ()
    """Types of machine; all if not given."""
    depots: tuple[Name, ...] = ()
    """Depots that serve them; all if not given."""
    markets: tuple[Text, ...] = ()
    """Kinds of market of their depots; all if not given."""
    customers: tuple[Name, ...] = ()
    """Customer groups; all if not given."""
    tier: Name
    """Tier that they get, with its standard, promise and priority."""

    @model_validator(mode="after")
    def _selects_something(self) -> Self:
        if not (self.machines or self.depots or self.markets or self.customers):
            raise ValueError(
                "expected at least one of machines, depots, markets and customers, got none"
            )
        return self

    def selects(self, fleet: Fleet, market: str) -> bool:
        """Tell whether the rule is for a fleet in such a market."""
        return all(
            not wanted or got in wanted
            for wanted, got in (
                (self.machines, fleet.machine),
                (self.depots, fleet.depot),
                (self.markets, market),
                (self.customers, fleet.customers),
            )
        )

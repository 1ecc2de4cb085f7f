"""Plans: which machines get which tier, beyond what their customer group says."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from partsim.model.durations import Frozen
from partsim.model.fields import Name, PositiveDuration, Text
from partsim.model.service import Fleet
from partsim.model.units import format_duration

ChosenNames = Annotated[tuple[Name, ...], Field(min_length=1)]
ChosenTexts = Annotated[tuple[Text, ...], Field(min_length=1)]


class PlanRule(Frozen):
    """One product, one plan: a tier for the machines that a rule selects."""

    name: Text = ""
    """Why."""
    machines: ChosenNames | None = None
    """Types of machine; all if not given."""
    depots: ChosenNames | None = None
    """Depots that serve them; all if not given."""
    markets: ChosenTexts | None = None
    """Kinds of market of their depots; all if not given."""
    customers: ChosenNames | None = None
    """Customer groups; all if not given."""
    older_than: PositiveDuration | None = None
    """Machines from this age on; all if not given."""
    younger_than: PositiveDuration | None = None
    """Machines below this age; all if not given."""
    warranty: Literal["in", "after"] | None = None
    """Machines while they are in warranty, or when they are not; all if not given."""
    tier: Name
    """Tier that they get, with its standard, promise and priority."""

    @model_validator(mode="after")
    def _selects_something(self) -> Self:
        ages = self.older_than, self.younger_than, self.warranty
        if not (self.machines or self.depots or self.markets or self.customers or any(ages)):
            raise ValueError(
                "expected at least one of machines, depots, markets, customers, older_than, "
                "younger_than and warranty, got none"
            )
        if self.older_than and self.younger_than and self.older_than >= self.younger_than:
            older, younger = map(format_duration, (self.older_than, self.younger_than))
            raise ValueError(
                f"expected older_than below younger_than, got {older} and {younger}; two plans "
                "can select younger machines and older ones"
            )
        return self

    def selects(self, fleet: Fleet, market: str) -> bool:
        """Tell whether the rule is for machines of a fleet in such a market."""
        return all(
            not wanted or got in wanted
            for wanted, got in (
                (self.machines, fleet.machine),
                (self.depots, fleet.depot),
                (self.markets, market),
                (self.customers, fleet.customers),
            )
        )

    def ages(self, warranty: float | None) -> list[float]:
        """Give the ages at which the rule begins or ends to hold, for a length of warranty."""
        covered = warranty if self.warranty else None
        return [age for age in (self.older_than, self.younger_than, covered) if age is not None]

    def holds_at(self, age: float, warranty: float | None) -> bool:
        """
        Tell whether the rule holds for machines of an age, for a length of warranty [days].

        Examples
        --------
        >>> rule = PlanRule(older_than="2 years", warranty="after", tier="basic")
        >>> [rule.holds_at(age, 365.0) for age in (0.0, 400.0, 730.0)]
        [False, False, True]
        """
        covered = warranty is not None and age < warranty
        return (
            age >= (self.older_than or 0.0)
            and (self.younger_than is None or age < self.younger_than)
            and self.warranty in (None, "in" if covered else "after")
        )

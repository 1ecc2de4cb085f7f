"""How a scenario is paid, planned and played out, and today's stock."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from partsim.model.durations import Frozen
from partsim.model.fields import (
    Day,
    Duration,
    Money,
    MoneyPerDay,
    Name,
    PositiveMoney,
    PositiveShare,
    RatePerDay,
    RatePerMachine,
    YesNo,
)


class Costs(Frozen):
    """What stock and orders cost."""

    holding: RatePerDay
    """Holding cost as a share of the price per time, such as '20 % per year'."""
    order: Money = 0.0
    """Cost of one order to a supplier, apart from its approval."""
    internal_order: Money = 0.0
    """Cost of one order of a depot to the depot that supplies it; above 0, it orders in lots."""
    downtime: MoneyPerDay = 0.0
    """Cost of a machine that waits for a part, such as '4000 per day'; besides the promises."""
    planned_replacement: Money = 0.0
    """Work of one planned replacement, apart from the part."""
    inspection: Money = 0.0
    """Cost of inspecting one machine once."""
    purchases: YesNo = False
    """Whether the price of all units that suppliers get orders for counts as a cost."""


class OptimisationRules(Frozen):
    """Limits of the plan beyond the promises."""

    budget: PositiveMoney | None = None
    """Most money in stock: base stock levels times prices."""


class StockLimit(Frozen):
    """What the base stock of one part at one depot may be."""

    part: Name
    """Part."""
    depot: Name
    """Depot."""
    min: int = Field(default=0, ge=0, le=1_000_000)
    """Least base stock, such as what is there today."""
    max: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    """Most base stock; 0 where the part may not be kept."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max is not None and self.min > self.max:
            raise ValueError(f"expected min <= max, got min {self.min} above max {self.max}")
        return self


FEWEST_FOR_PRECISION = 10
"""Replications played before a precision is believed: a variance of few is often too small, and
stopping as soon as it is would stop just then."""


class SimulationRules(Frozen):
    """How long and how often the plan is played out."""

    years: float = Field(default=5.0, gt=0, le=1000)
    """Years measured in each replication."""
    warm_up: Duration = 365.0
    """Time before the measurement starts."""
    start_date: Day | None = None
    """Day of the start, before the warm-up; dates of fleets count from it."""
    replications: int = Field(default=10, ge=2, le=100_000)
    """Independent repetitions; the most there may be where a precision is asked for."""
    most_replications: int | None = Field(default=None, ge=2, le=100_000)
    """Repetitions of `run`'s later rounds, at most, where chance costs over 1 % of the plan."""
    precision: PositiveShare | None = None
    """Stop when the 95 % interval of every promise's share is this narrow, to each side."""
    seed: int = Field(default=1, ge=0, lt=2**63)
    """Seed of all random numbers."""


class StockToday(Frozen):
    """Today's stock of one part at one depot."""

    part: Name
    """Part."""
    depot: Name
    """Depot."""
    base_stock: int = Field(ge=0, le=1_000_000)
    """Level that is kept today: order up to this."""
    order_quantity: int = Field(default=1, ge=1, le=1_000_000)
    """Lot that is ordered today."""
    on_hand: int = Field(ge=0, le=1_000_000_000)
    """On the shelf."""
    on_order: int = Field(default=0, ge=0, le=1_000_000_000)
    """Ordered, not received."""

    @model_validator(mode="after")
    def _orders_in_time(self) -> Self:
        if self.order_quantity > self.base_stock + 1:
            raise ValueError(
                f"expected an order_quantity of at most base_stock + 1 ({self.base_stock + 1}), "
                f"got {self.order_quantity}; a machine could wait for a lot that nobody orders"
            )
        return self


class Today(Frozen):
    """Stock as it is today: rows, or norms such as 1 per 40 machines."""

    norms: dict[Name, RatePerMachine] = Field(default_factory=dict)
    """Units per machine served, rounded up at each depot; on hand is the level."""
    stock: tuple[StockToday, ...] = ()
    """Today's levels and counts, part by part and depot by depot; elsewhere none."""
    grade: Name | None = None
    """Grade in which every part is managed today, for what simpler approval saves."""
    grades: dict[Name, Name] = Field(default_factory=dict)
    """Today's grade of some parts, where it is another; without `grade`, of all parts."""

    @property
    def tells_stock(self) -> bool:
        """Whether it is about stock, not about grades alone."""
        return bool(self.norms or self.stock) or not (self.grade or self.grades)

"""Inspections: when machines are looked at, and what that finds."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from partsim.model.durations import Frozen
from partsim.model.fields import Duration, PositiveDuration, Share


class Inspection(Frozen):
    """A plan of inspections, by age, by interval or by month, or by several of them."""

    ages: tuple[Duration, ...] = ()
    """Ages of the machine at which it is inspected, such as [1 month, 6 months]."""
    every: PositiveDuration | None = None
    """Time between inspections of a machine."""
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    """Months of the year at whose beginning all are inspected, such as before and after a peak."""
    finds: Share = 1.0
    """Share of the imminent failures that an inspection finds; their parts are replaced."""
    warning: PositiveDuration | None = None
    """Working time before a failure from which it can be seen; until the next one if not given."""

    @model_validator(mode="after")
    def _at_some_time(self) -> Self:
        if not (self.ages or self.every or self.months):
            raise ValueError("expected ages, every or months, got none of them")
        return self

"""How parts are graded, and what the grades mean."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from partsim.model.durations import Frozen
from partsim.model.fields import Duration, Money, Name, Share, ShareBelowAll

MOST_GRADES = 5


class Weights(Frozen):
    """Weights of the criteria in the grading score."""

    price: float = Field(default=0.0, ge=0)
    """Logarithm of the price, scaled from 0 (cheapest) to 1 (dearest)."""
    wear: float = Field(default=0.0, ge=0)
    """Logarithm of the wear rate, one over mean life, scaled from 0 to 1."""
    outsourced: float = Field(default=0.0, ge=0)
    """1 if outsourced, else 0."""
    difficulty: float = Field(default=0.0, ge=0)
    """0 low, 0.5 medium, 1 high."""

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if not sum(self.model_dump().values()):
            raise ValueError("expected at least one weight > 0, got none")
        return self


class GradeRules(Frozen):
    """How parts of a grade are managed."""

    approval_time: Duration = 0.0
    """How long an order to a supplier waits for approval."""
    approval_cost: Money = 0.0
    """Work of one approval."""
    control_loss: Share = 0.0
    """Loss without close control: share of the value of use."""
    min_fill_rate: ShareBelowAll = 0.0
    """Least share of demand met from the shelf, at every depot that serves machines."""


class GradingRules(Frozen):
    """How parts are graded, and what the grades mean."""

    weights: Weights
    """Weights of the criteria."""
    cuts: dict[Name, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """Scores at which the grades begin, one for each grade but the last."""
    grades: Annotated[dict[Name, GradeRules], Field(min_length=1, max_length=MOST_GRADES)]
    """What the grades mean: one to five, the most strictly managed first."""

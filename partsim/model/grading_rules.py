"""How parts are graded, and what the grades mean."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from partsim.model.comparisons import weights_from_ratios
from partsim.model.durations import Frozen
from partsim.model.fields import (
    Duration,
    Money,
    MoneyPerDay,
    Name,
    PositiveDuration,
    PositiveMoney,
    Share,
    ShareBelowAll,
    Text,
)
from partsim.model.supply import Criticality, Difficulty, Part
from partsim.model.units import format_duration

MOST_GRADES = 5

GradingRule = Literal["value", "weights", "ng", "r_model", "criteria_ratio", "economic", "free"]
Measure = Literal["value", "price", "use", "wear", "outsourced", "difficulty", "criticality",
                  "lead_time"]  # fmt: skip
YesNo = Annotated[
    bool,  # the reader keeps every value of a file as text
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"enum": ["true", "false"]}]}),
]
CutScore = Annotated[float, Field(ge=0, le=1)]


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
    criticality: float = Field(default=0.0, ge=0)
    """0 desirable, 0.5 essential, 1 vital."""
    lead_time: float = Field(default=0.0, ge=0)
    """Mean lead time of the supplier, scaled from 0 (shortest) to 1 (longest)."""

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
    review_period: PositiveDuration | None = None
    """Time between reviews of its stock, which alone order; continuous if not given."""
    ordering: Literal["lots", "up_to"] = "lots"
    """In lots, as many as it takes; or up to the level, at once all that a moment has taken."""
    control_loss: Share = 0.0
    """Loss without close control: share of the value of use."""
    min_fill_rate: ShareBelowAll = 0.0
    """Least share of demand met from the shelf, at every depot that serves machines."""
    wait_price: MoneyPerDay = 0.0
    """Price of a unit that is owed to a machine: stock is kept as far as it saves more waiting."""
    approvers: Annotated[int, Field(ge=1, le=1000)] | None = None
    """People who approve this grade's orders to suppliers: limits the orders per day."""
    approval_work: PositiveDuration | None = None
    """Mean work of an approver on one order, in calendar time (8 h of office work are a day)."""
    max_parts: Annotated[int, Field(ge=0)] | None = None
    """Most parts that the people of this grade can look after."""
    counts_per_year: float = Field(default=0.0, ge=0)
    """How often each part of the grade is counted."""
    count_cost: Money = 0.0
    """Cost of counting one part once, at all depots."""

    @model_validator(mode="after")
    def _one_way_up_to_the_level(self) -> Self:
        if self.ordering == "up_to" and self.review_period is not None:
            raise ValueError(
                "expected no review_period beside 'ordering: up_to', got one; reviews always order "
                "up to the level"
            )
        return self

    @model_validator(mode="after")
    def _people_can_keep_the_time(self) -> Self:
        if (self.approvers is None) != (self.approval_work is None):
            there, lacks = "approvers", "approval_work"
            if self.approvers is None:
                there, lacks = lacks, there
            raise ValueError(f"expected '{lacks}' beside '{there}', got none")
        if self.approval_work is not None and self.approval_time <= self.approval_work:
            work, time = format_duration(self.approval_work), format_duration(self.approval_time)
            raise ValueError(
                f"expected an approval_time above the approval_work of {work}, got {time}; "
                "not even an idle approver keeps it"
            )
        return self

    @property
    def policy(self) -> str:
        """Name of the policy of replenishment: lots, up_to, reviews."""
        return "reviews" if self.review_period is not None else self.ordering

    @property
    def counting_cost(self) -> float:
        """Cost of counting one part [money per year]."""
        return self.counts_per_year * self.count_cost


class Where(Frozen):
    """Which parts a rule is for: those that have all of what is said."""

    criticality: Criticality | None = None
    """Of this criticality."""
    difficulty: Difficulty | None = None
    """Of this difficulty."""
    outsourced: YesNo | None = None
    """From an outsourced supplier (true), or from the maker's own plant (false)."""
    price_above: Money | None = None
    """Dearer than this."""
    price_below: PositiveMoney | None = None
    """Cheaper than this."""
    supplier: Name | None = None
    """From this supplier."""
    group: Name | None = None
    """Of this group."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if all(value is None for value in self.model_dump().values()):
            raise ValueError("expected at least one condition, such as 'outsourced: true'")
        above, below = self.price_above, self.price_below
        if above is not None and below is not None and above >= below:
            raise ValueError(f"expected price_above < price_below, got {above:,g} and {below:,g}")
        return self

    def selects(self, part: Part, *, outsourced: bool) -> bool:
        """Tell whether a part has all of what is said."""
        alike = ("criticality", "difficulty", "supplier", "group")
        return (
            all(getattr(self, key) in (None, getattr(part, key)) for key in alike)
            and self.outsourced in (None, outsourced)
            and (self.price_above is None or part.price > self.price_above)
            and (self.price_below is None or part.price < self.price_below)
        )

    def __str__(self) -> str:
        return ", ".join(_condition(key, value) for key, value in self if value is not None)


def _condition(key: str, value: object) -> str:
    if key == "outsourced":
        return "outsourced" if value else "not outsourced"
    amount = f"{value:,.10g}" if isinstance(value, float) else value
    return f"{key.replace('_', ' ')} {amount}"


class PartRule(Frozen):
    """What holds for some parts, whatever their score says; later rules override earlier ones."""

    where: Where
    """Which parts."""
    grades: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    """The only grades open to them; a part with another score gets the nearest of these."""
    min_fill_rate: ShareBelowAll | None = None
    """Least share of demand met from the shelf, if it is more than their grade's."""

    @model_validator(mode="after")
    def _some_effect(self) -> Self:
        if self.grades is None and self.min_fill_rate is None:
            raise ValueError("expected 'grades' or 'min_fill_rate', got neither")
        return self


class GradingRules(Frozen):
    """How parts are graded, and what the grades mean."""

    rule: GradingRule | None = None
    """How parts are graded; weights if there are weights or comparisons, else economic."""
    weights: Weights | None = None
    """Weights of the criteria, for the rule weights."""
    comparisons: dict[Text, Annotated[float, Field(ge=1 / 9 - 1e-9, le=9)]] | None = None
    """Instead of weights: {price/wear: 3} where price is 3 times as important as wear."""
    max_inconsistency: float = Field(default=0.1, ge=0)
    """Greatest consistency ratio of the comparisons (Saaty advises 0.1)."""
    criteria: tuple[Measure, ...] = Field(default=("value", "price", "lead_time"), min_length=1)
    """Criteria of the rules ng (the most important first) and r_model."""
    cuts: dict[Name, CutScore] = Field(default_factory=dict)
    """Scores at which the grades begin, one for each grade but the last."""
    part_shares: dict[Name, Share] = Field(default_factory=dict)
    """Instead of cuts: share of the parts in each grade but the last, by falling score."""
    value_shares: dict[Name, Share] = Field(default_factory=dict)
    """Instead of cuts: share of the annual usage value in each grade but the last (Pareto)."""
    cut_fill_rate: ShareBelowAll | None = None
    """Instead of cuts: the cheapest cuts, if each part alone had this fill rate, or its grade's."""
    rules: tuple[PartRule, ...] = ()
    """Grades and fill rates that some parts must have; later rules override earlier ones."""
    grades: Annotated[dict[Name, GradeRules], Field(min_length=1, max_length=MOST_GRADES)]
    """What the grades mean: one to five, the most strictly managed first."""

    @property
    def name(self) -> GradingRule:
        """The rule, also where the file leaves it open."""
        return self.rule or self.scored_by

    @property
    def scored_by(self) -> GradingRule:
        """The rule that scores: beside free grades too, to see which parts they move."""
        if self.rule is not None and self.rule != "free":
            return self.rule
        weighed = self.weights is not None or self.comparisons is not None
        return "weights" if weighed else "economic"

    @property
    def criteria_weights(self) -> dict[str, float]:
        """Weights of the criteria, summing to 1: those given, or those of the comparisons."""
        if self.comparisons is not None:
            return weights_from_ratios(self.comparisons)[0]
        weights = self.weights.model_dump() if self.weights else {}
        total = sum(weights.values())
        return {name: weight / total for name, weight in weights.items()}

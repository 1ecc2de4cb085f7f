"""Service: machines in the field, what is promised to whom, and what happens at a call."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from partsim.lifetimes import distributions
from partsim.model.durations import DurationSpec, Frozen, RandomDuration
from partsim.model.fields import (
    Day,
    Duration,
    Money,
    MoneyPerDay,
    Name,
    PositiveDuration,
    RatePerMachine,
    Share,
    ShareBelowAll,
    Text,
    YesNo,
)
from partsim.model.units import DURATION_PATTERN, format_duration, format_share


class Machine(Frozen):
    """A type of machine."""

    name: Text = ""
    """What people call it."""
    positions: dict[Name, Annotated[int, Field(ge=1, le=1000)]] = Field(min_length=1)
    """How many of each part one machine has."""
    min_availability: ShareBelowAll | None = None
    """Target: least share of time that these machines run, over all their fleets."""
    inspection: Name | None = None
    """Plan of inspections, where a fleet has none of its own."""
    warranty: PositiveDuration | None = None
    """Time from delivery in which the maker pays for parts and visits."""


def _one_or_more(value: object) -> object:
    """Take 'new' and one age for a list of one."""
    return [("0 d" if value == "new" else value)] if isinstance(value, str) else value


Ages = Annotated[
    tuple[Duration, ...],
    BeforeValidator(_one_or_more),
    WithJsonSchema({
        "anyOf": [
            {"const": "new"},
            {"type": "string", "pattern": DURATION_PATTERN, "examples": ["2 years"]},
            {"type": "array", "items": {"type": "string", "pattern": DURATION_PATTERN}},
        ]
    }),
]  # fmt: skip


class Fleet(Frozen):
    """Machines of one type, in one region, of one customer group, served by one depot."""

    machine: Name
    """Type of machine."""
    depot: Name
    """Depot that serves them."""
    customers: Name
    """Customer group."""
    count: int = Field(ge=1, le=1_000_000)
    """Machines."""
    ages: Ages = ()
    """Ages at the start: 'new', one or a list; in equilibrium if not given."""
    age_distribution: RandomDuration | None = None
    """Ages at the start, spread over a distribution."""
    delivered: dict[Day, Annotated[int, Field(ge=1, le=1_000_000)]] = Field(default_factory=dict)
    """Machines by day of delivery, past or to come; together they are `count`."""
    deliveries_per_year: float = Field(default=0.0, ge=0, le=1_000_000)
    """New machines that come beside `count`, evenly spaced."""
    retire_at: PositiveDuration | None = None
    """Age at which a machine goes out of service."""
    retires_on: Day | None = None
    """Day on which all go out of service."""
    inspection: Name | None = None
    """Plan of inspections, instead of the machine's."""
    in_warranty: Share | None = None
    """Share of the machines that are in warranty, where nobody knows their ages."""
    consignment: dict[Name, Annotated[int, Field(ge=1, le=1_000_000)]] = Field(default_factory=dict)
    """Units that the maker keeps at these customers, refilled from their depot one by one."""

    @model_validator(mode="after")
    def _one_source_of_ages(self) -> Self:
        given = [key for key in ("ages", "age_distribution", "delivered") if getattr(self, key)]
        if len(given) > 1:
            raise ValueError(f"expected one of {', '.join(given)}, got {len(given)} of them")
        if self.delivered and (total := sum(self.delivered.values())) != self.count:
            raise ValueError(f"expected count {total}, as many as delivered, got {self.count}")
        if self.retire_at is not None and not given:
            raise ValueError(
                "expected ages, age_distribution or delivered beside retire_at, got none of them; "
                "machines whose age nobody knows never reach it"
            )
        if self.retire_at is not None and self.ages and max(self.ages) >= self.retire_at:
            got = format_duration(max(self.ages))
            raise ValueError(
                f"expected ages below retire_at ({format_duration(self.retire_at)}), got {got}"
            )
        return self


class Promise(Frozen):
    """So many hours from call to running machine, kept for so large a share of the calls."""

    within: Duration
    """Response time promised."""
    share: Share
    """Share of all calls that must keep it; below 100 %."""

    @field_validator("within")
    @classmethod
    def _takes_time(cls, within: float) -> float:
        if within <= 0:
            raise ValueError("expected a time > 0, got 0 h; no plan can keep it")
        return within

    @field_validator("share")
    @classmethod
    def _below_certainty(cls, share: float) -> float:
        if not 0 < share < 1:
            raise ValueError(
                f"expected a share above 0 % and below 100 %, got {format_share(share)}; "
                "no plan can keep a promise for every call, write for example '99 %'"
            )
        return share


class Tier(Frozen):
    """Customers with one promise."""

    customers: tuple[Name, ...] = ()
    """Customer groups in the tier; each group is in one tier; none where plans alone give it."""
    standard: Name | None = None
    """Service standard that sets the promise."""
    promise: Promise | None = None
    """Own promise, instead of a standard's."""
    priority: int | None = Field(default=None, ge=1, le=1000)
    """Whose calls get the next unit at a depot: 1 comes first; its standard's, or 1."""
    reserved_stock: int | None = Field(default=None, ge=0, le=1_000_000)
    """Last units of each part at each depot for it and more important tiers, or its standard's."""
    max_waiting_time: PositiveDuration | None = None
    """Target: mean wait for a part, over all parts and depots, of these customers."""
    min_fill_rate: ShareBelowAll | None = None
    """Target: least share of these customers' demand met from the shelf, over all parts."""
    expected: PositiveDuration | None = None
    """Response time that these customers expect; the promised one if not given."""
    downtime: MoneyPerDay | None = None
    """Cost of one of their machines that waits for a part, where it differs from costs.downtime."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.standard is None) == (self.promise is None):
            got = "neither" if self.promise is None else "both"
            raise ValueError(f"expected either 'standard' or 'promise', got {got}")
        return self


class Standard(Frozen):
    """Service standard: what its tiers are promised, and the people, parts and care behind it."""

    promise: Promise
    """The promise of every tier with this standard."""
    technicians: RatePerMachine | None = None
    """Technicians per machine of its tiers, for groups of technicians without a number."""
    recovery: Money = 0.0
    """Cost of making good for one call that breaks the promise."""
    priority: int = Field(default=1, ge=1, le=1000)
    """Priority of its tiers, where they have none of their own."""
    reserved_stock: int = Field(default=0, ge=0, le=1_000_000)
    """Reserved stock of each of its tiers, where they have none of their own."""
    inspection: Name | None = None
    """Plan of inspections of its tiers' machines, where their fleets have none of their own."""


def _same_for_all(value: object) -> object:
    """Take one duration for all three difficulties."""
    if isinstance(value, dict) and set(value) & {"low", "medium", "high"}:
        return value
    if isinstance(value, RepairTime):
        return value
    return {"low": value, "medium": value, "high": value}


class RepairTime(Frozen):
    """Repair time by difficulty of the part."""

    low: RandomDuration
    """Easy parts."""
    medium: RandomDuration
    """Parts of middle difficulty."""
    high: RandomDuration
    """Difficult parts."""


class GuidedRepair(Frozen):
    """Shares of the repairs that customers do themselves, guided by phone."""

    low: Share = 1.0
    """Of easy parts."""
    medium: Share = 1.0
    """Of parts of middle difficulty."""
    high: Share = 1.0
    """Of difficult parts."""


class Service(Frozen):
    """What happens at a call, apart from the part."""

    phone_fix: ShareBelowAll = 0.0
    """Share of all calls that are solved by phone: extra calls that use no part."""
    answer_time: RandomDuration | None = None
    """From the call to the answer; none if not given. The diagnosis comes after it."""
    diagnosis_time: RandomDuration
    """From the answer to the end of the diagnosis by phone."""
    technician_leaves: Literal["at_once", "with_parts"] = "at_once"
    """After the diagnosis, what is missing being sent to him, or when he can take all along."""
    travel_time: RandomDuration
    """Technician's way to the machine."""
    way_home: YesNo = False
    """Whether the way back keeps technicians busy too, as long as the way there."""
    guided_repair: GuidedRepair = GuidedRepair()
    """Share of the repairs that customers who have the part do themselves, by difficulty."""
    parts_taken: Literal["needed", "expected"] = "needed"
    """Of parts in may_need: those that the diagnosis names, or one of each, returned if unused."""
    wrong_diagnosis: ShareBelowAll = 0.0
    """Share of the first visits in vain: the parts that are needed were not taken along."""
    remote_support: Share = 0.0
    """Share of the wrong diagnoses that remote support puts right before somebody leaves."""
    check_time: RandomDuration = DurationSpec.model_validate({"fixed": "0 d"})
    """At the machine, until it is known what was not taken along."""
    delivery_time: RandomDuration | None = None
    """Way of a part that is sent after the technician; as travel_time if not given."""
    repair_time: Annotated[RepairTime, BeforeValidator(_same_for_all)]
    """On site; one distribution, or one each for low, medium and high difficulty."""

    @property
    def until_diagnosed(self) -> distributions.Duration:
        """From the call to the end of the diagnosis [days], the answer at its mean."""
        diagnosis = self.diagnosis_time.distribution
        if self.answer_time is None:
            return diagnosis
        return distributions.Shifted(diagnosis, self.answer_time.distribution.mean)


NO_SERVICE = Service.model_validate(
    {"diagnosis_time": "0 d", "travel_time": "0 d", "repair_time": "0 d"}
)
"""Where there are no machines, nobody goes to them."""

"""Supply: parts, who delivers them, and the depots that keep them."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from partsim.lifetimes import Exponential, Weibull
from partsim.model.durations import Frozen, Lifetime, LifetimeSpec, RandomDuration
from partsim.model.fields import (
    Duration,
    Money,
    Name,
    PositiveDuration,
    PositiveMoney,
    Share,
    ShareBelowAll,
    Text,
    YesNo,
)
from partsim.model.sourcing import Allocation
from partsim.model.units import DAYS, format_duration
from partsim.model.upkeep import AfterFailure, Upkeep

Difficulty = Literal["low", "medium", "high"]
_SPELLINGS = {
    "V": "vital", "1": "vital", "1.0": "vital",
    "E": "essential", "0.5": "essential",
    "D": "desirable", "0.01": "desirable",
}  # fmt: skip


def _criticality(value: object) -> object:
    """Take V, E, D and the numbers of Flores, Olson and Dorai for the words."""
    text = str(getattr(value, "raw", value)).strip()
    return _SPELLINGS.get(text, text)


Criticality = Annotated[
    Literal["desirable", "essential", "vital"],
    BeforeValidator(_criticality),
    WithJsonSchema({"enum": ["desirable", "essential", "vital", "V", "E", "D", 1, 0.5, 0.01]}),
]


def _lives(lifetime: LifetimeSpec) -> LifetimeSpec:
    mean = lifetime.distribution.mean
    if mean < DAYS["h"]:
        raise ValueError(f"expected a mean life of at least 1 h, got {format_duration(mean)}")
    return lifetime


class Repair(Frozen):
    """How used units of a part are repaired."""

    shop: Name
    """Repair shop."""
    work_time: RandomDuration
    """Work on one unit, without waiting for its turn."""
    return_time: RandomDuration | None = None
    """From the depot to the shop; none if not given."""
    condemned: Share = 0.0
    """Share that cannot be repaired; a new unit is bought then."""
    cost: Money = 0.0
    """Cost of one repair."""
    used_value: Share = 0.0
    """Worth of a used unit until it is repaired, as a share of the price, for its holding."""


class Part(Frozen):
    """A part that machines wear out, or that customers order (`demand` in the scenario)."""

    name: Text = ""
    """What people call it."""
    price: PositiveMoney
    """Price of one unit."""
    lifetime: Annotated[Lifetime, AfterValidator(_lives)] | None = None
    """Life in the machine's operating time, until the part is consumed; or rows of demand."""
    after_failure: AfterFailure = "as_good_as_new"
    """What a repair leaves: a new component, or one that fails on at the rate of its age."""
    replace_at: PositiveDuration | None = None
    """Age at which it is replaced as planned, if it has not failed before."""
    replace_every: PositiveDuration | None = None
    """Working time of the machine between planned replacements, whatever its age."""
    supplier: Name
    """Who delivers it."""
    difficulty: Difficulty = "medium"
    """How hard it is to change: sets the repair time, and weighs in grading."""
    criticality: Criticality = "essential"
    """How bad its lack is: vital (also V or 1), essential (E, 0.5), desirable (D, 0.01)."""
    customer_held: Share = 0.0
    """Share of its failures at which the customer has the part and changes it at once."""
    needs: dict[Name, Annotated[int, Field(ge=1, le=100)]] = Field(default_factory=dict)
    """Other parts that the repair of each of its failures takes, and how many."""
    may_need: dict[Name, ShareBelowAll] = Field(default_factory=dict)
    """Other parts of which the repair of this share of its failures takes one."""
    group: Name | None = None
    """Group of parts with a target in common."""
    volume: float = Field(default=0.0, ge=0)
    """Room that one unit takes, in the unit of the depots' storage."""
    min_order: int = Field(default=1, ge=1, le=1_000_000)
    """Least units of one order to the supplier."""
    order_multiple: int = Field(default=1, ge=1, le=1_000_000)
    """Orders to the supplier are in multiples of this, such as the units of a pack."""
    repair: Repair | None = None
    """How used units are repaired; without it every unit is bought new."""

    @model_validator(mode="after")
    def _one_plan_and_a_rate(self) -> Self:
        if self.replace_at is not None and self.replace_every is not None:
            raise ValueError("expected either 'replace_at' or 'replace_every', got both")
        law = self.lifetime and self.lifetime.distribution
        if self.after_failure == "as_bad_as_old" and not isinstance(law, Weibull | Exponential):
            raise ValueError(
                "expected a weibull or exponential lifetime beside 'after_failure: as_bad_as_old', "
                "whose failure rate goes on after a repair, got another one"
            )
        return self

    @cached_property
    def upkeep(self) -> Upkeep:
        """Its life and its replacement; only of a part with a lifetime."""
        assert self.lifetime is not None, "a part of machines"
        life = self.lifetime.distribution
        return Upkeep(life, self.after_failure, self.replace_at, self.replace_every)

    @property
    def least_order(self) -> int:
        """Least units of one order in whole multiples."""
        return -(-self.min_order // self.order_multiple) * self.order_multiple


class SupplierDisruptions(Frozen):
    """Times in which a supplier delivers and works on nothing."""

    every: PositiveDuration
    """Mean time from the end of one to the beginning of the next, exponential."""
    lasting: RandomDuration
    """How long one lasts."""


class SecondSource(Frozen):
    """Another supplier for orders that the first would keep waiting."""

    supplier: Name
    """Who delivers instead."""
    longer_than: PositiveDuration | None = None
    """Orders go there that the first takes longer for; if not given, those in a disruption."""
    surcharge: Share = 0.0
    """What its units cost more, as a share of the price."""


class Supplier(Frozen):
    """Where parts come from."""

    kind: Literal["outsourced", "own"]
    """Outsourced, or the maker's own plant."""
    lead_time: RandomDuration
    """From the approved order to the receipt; independent, so orders may cross."""
    sequential: YesNo = False
    """Whether orders of one part never overtake each other: a late one holds up those behind."""
    capacity: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Orders that it works on at once; others wait, and lead_time is the work on one."""
    disruptions: SupplierDisruptions | None = None
    """Times in which nothing goes on, for all its parts at once."""
    second_source: SecondSource | None = None
    """Where orders go that it would keep waiting."""
    warranty_claims: Share | None = None
    """Share of the price that an outsourced supplier pays back for parts used in warranty."""


class RepairShop(Frozen):
    """Where used parts are repaired."""

    servers: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Units that it works on at once, of all its parts; no limit if not given."""


class Depot(Frozen):
    """A place that keeps stock."""

    name: Text = ""
    """What people call it."""
    market: Text = ""
    """Kind of market it serves, such as mature or potential; shown in the report."""
    supplied_by: Name
    """Another depot, or 'suppliers'; three echelons at most."""
    transport_time: Duration = 0.0
    """From the depot that supplies it; none for a depot that suppliers deliver to."""
    travel_time: RandomDuration | None = None
    """Technician's way to the machine, where it differs from service.travel_time."""
    max_waiting_time: PositiveDuration | None = None
    """Target: mean wait for a part, over all parts, at this depot."""
    min_fill_rate: ShareBelowAll | None = None
    """Target: least share of its machines' demand met from the shelf, over all parts."""
    season: Name | None = None
    """Season of use of the machines that it serves."""
    lateral: tuple[Name, ...] = ()
    """Depots that it asks for a unit when its own shelf is empty, in this order."""
    hold_back: int | None = Field(default=None, ge=0, le=1_000_000)
    """Units of each part that it keeps when other depots ask; 0 if not given."""
    allocation: Allocation = "first_come"
    """Who gets the next unit: who asked first, or where the most important customer waits."""
    storage: Annotated[float, Field(gt=0)] | None = None
    """Most room for stock: base stock levels times volumes."""


class Group(Frozen):
    """Parts with a target in common."""

    min_fill_rate: ShareBelowAll | None = None
    """Target: least share of the demand for these parts met from the shelf, over all depots."""

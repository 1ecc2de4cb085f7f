"""Scenario: what is. Parts, suppliers, depots, machines, fleets, tiers, service, money."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from partsim.model.checks import find_contradictions
from partsim.model.durations import DurationSpec, Frozen, RandomDuration
from partsim.model.fields import (
    Duration,
    Name,
    PositiveDuration,
    PositiveMoney,
    Share,
    ShareBelowAll,
    Text,
)
from partsim.model.rules import (
    Costs,
    GradeRules,
    GradingRules,
    OptimisationRules,
    SimulationRules,
    StockLimit,
    Today,
)
from partsim.model.units import DAYS, format_duration, format_share

Difficulty = Literal["low", "medium", "high"]
Grade = Literal["A", "B", "C"]
GRADES: tuple[Grade, ...] = ("A", "B", "C")

NO_LIMIT = 2**62
"""More base stock than any plan has [units]."""


def _lives(lifetime: DurationSpec) -> DurationSpec:
    mean = lifetime.distribution.mean
    if mean < DAYS["h"]:
        raise ValueError(f"expected a mean life of at least 1 h, got {format_duration(mean)}")
    return lifetime


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("expected a currency such as CNY, got nothing")
    return text


class Part(Frozen):
    """A part that wears out and is replaced."""

    name: Text = ""
    """What people call it."""
    price: PositiveMoney
    """Price of one unit."""
    lifetime: Annotated[RandomDuration, AfterValidator(_lives)]
    """Life in the machine's operating time, until the part is consumed."""
    supplier: Name
    """Who delivers it."""
    difficulty: Difficulty = "medium"
    """How hard it is to change: sets the repair time, and weighs in grading."""
    customer_held: Share = 0.0
    """Share of its failures at which the customer has the part and changes it at once."""
    group: Name | None = None
    """Group of parts with a target in common."""
    volume: float = Field(default=0.0, ge=0)
    """Room that one unit takes, in the unit of the depots' storage."""


class Supplier(Frozen):
    """Where parts come from."""

    kind: Literal["outsourced", "own"]
    """Outsourced, or the maker's own plant."""
    lead_time: RandomDuration
    """From the approved order to the receipt; independent, so orders may cross."""


class Depot(Frozen):
    """A place that keeps stock."""

    name: Text = ""
    """What people call it."""
    market: Text = ""
    """Kind of market it serves, such as mature or potential; shown in the report."""
    supplied_by: Name
    """Another depot, or 'suppliers'."""
    transport_time: Duration = 0.0
    """From the depot that supplies it; none for a depot that suppliers deliver to."""
    travel_time: RandomDuration | None = None
    """Technician's way to the machine, where it differs from service.travel_time."""
    max_waiting_time: PositiveDuration | None = None
    """Target: mean wait for a part, over all parts, at this depot."""
    min_fill_rate: ShareBelowAll | None = None
    """Target: least share of its machines' demand met from the shelf, over all parts."""
    storage: Annotated[float, Field(gt=0)] | None = None
    """Most room for stock: base stock levels times volumes."""


class Group(Frozen):
    """Parts with a target in common."""

    min_fill_rate: ShareBelowAll | None = None
    """Target: least share of the demand for these parts met from the shelf, over all depots."""


class Machine(Frozen):
    """A type of machine."""

    name: Text = ""
    """What people call it."""
    positions: dict[Name, Annotated[int, Field(ge=1, le=1000)]] = Field(min_length=1)
    """How many of each part one machine has."""
    min_availability: ShareBelowAll | None = None
    """Target: least share of time that these machines run, over all their fleets."""


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

    customers: tuple[Name, ...] = Field(min_length=1)
    """Customer groups in the tier; each group is in one tier."""
    standard: Name | None = None
    """Service standard that sets the promise."""
    promise: Promise | None = None
    """Own promise, instead of a standard's."""
    max_waiting_time: PositiveDuration | None = None
    """Target: mean wait for a part, over all parts and depots, of these customers."""
    min_fill_rate: ShareBelowAll | None = None
    """Target: least share of these customers' demand met from the shelf, over all parts."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.standard is None) == (self.promise is None):
            got = "neither" if self.promise is None else "both"
            raise ValueError(f"expected either 'standard' or 'promise', got {got}")
        return self


class Standard(Frozen):
    """Service standard, here as the promise that it sets."""

    promise: Promise
    """The promise of every tier with this standard."""


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


class Service(Frozen):
    """What happens at a call, apart from the part."""

    phone_fix: ShareBelowAll = 0.0
    """Share of all calls that are solved by phone: extra calls that use no part."""
    diagnosis_time: RandomDuration
    """From the call to the end of the diagnosis by phone."""
    travel_time: RandomDuration
    """Technician's way to the machine."""
    delivery_time: RandomDuration | None = None
    """Way of a part that is sent after the technician; as travel_time if not given."""
    repair_time: Annotated[RepairTime, BeforeValidator(_same_for_all)]
    """On site; one distribution, or one each for low, medium and high difficulty."""


class Scenario(Frozen):
    """
    One spare-parts question, complete: the content of a scenario file.

    Times are in days, money in `currency`, rates per day. Arrays over parts and depots are
    in the order of `part_ids` and `depot_ids`.
    """

    partsim: Literal[1]
    """Version of this file format."""
    name: Text = ""
    """Title of the scenario."""
    currency: Annotated[Text, AfterValidator(_not_empty)]
    """The one currency of all money, such as CNY."""
    ageing: Literal["operating", "calendar"] = "operating"
    """Parts age while the machine runs, or always (the open model of the formulas)."""
    parts: dict[Name, Part] = Field(min_length=1)
    """Parts by part number, or {table: parts.csv}."""
    groups: dict[Name, Group] = Field(default_factory=dict)
    """Groups of parts by name."""
    suppliers: dict[Name, Supplier] = Field(min_length=1)
    """Suppliers by name."""
    depots: dict[Name, Depot] = Field(min_length=1)
    """Depots by name: the supply tree."""
    machines: dict[Name, Machine] = Field(min_length=1)
    """Machine types by name."""
    fleets: tuple[Fleet, ...] = Field(min_length=1)
    """The machines in the field."""
    tiers: dict[Name, Tier] = Field(min_length=1)
    """Customer tiers with their promises."""
    standards: dict[Name, Standard] = Field(default_factory=dict)
    """Service standards by name, such as exceed, above, equal."""
    service: Service
    """What happens at a call."""
    grading: GradingRules
    """How parts are graded."""
    costs: Costs
    """Costs of stock and of orders."""
    optimisation: OptimisationRules = OptimisationRules()
    """Limits of the plan."""
    limits: tuple[StockLimit, ...] = ()
    """Least and most stock of some parts at some depots; or {table: limits.csv}."""
    simulation: SimulationRules = SimulationRules()
    """How the plan is played out."""
    today: Today | None = None
    """Today's stock, to compare with; or {table: stock.csv}."""

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        contradictions = find_contradictions(self.model_dump(mode="json", exclude_unset=True))
        if contradictions:
            lines = [f"{'.'.join(map(str, path))}: {message}" for path, message in contradictions]
            raise ValueError("\n".join(lines))
        return self

    def __repr__(self) -> str:
        counts = ((self.parts, "parts"), (self.depots, "depots"), (self.tiers, "tiers"))
        return f"Scenario({self.name!r}, {', '.join(f'{len(of)} {what}' for of, what in counts)})"

    __str__ = __repr__

    @cached_property
    def part_ids(self) -> tuple[str, ...]:
        """Part numbers: the first axis of every (part, depot) array."""
        return tuple(self.parts)

    @cached_property
    def depot_ids(self) -> tuple[str, ...]:
        """Depot names: the second axis of every (part, depot) array."""
        return tuple(self.depots)

    @cached_property
    def tier_ids(self) -> tuple[str, ...]:
        """Tier names: the order of the promises."""
        return tuple(self.tiers)

    @cached_property
    def prices(self) -> NDArray[np.float64]:
        """Prices, shape (part,)."""
        return np.array([part.price for part in self.parts.values()])

    @cached_property
    def least_stock(self) -> NDArray[np.int64]:
        """Least base stock that the limits allow, shape (part, depot)."""
        return self._limits([limit.min for limit in self.limits], 0)

    @cached_property
    def most_stock(self) -> NDArray[np.int64]:
        """Most base stock that the limits allow, else `NO_LIMIT`; shape (part, depot)."""
        most = [NO_LIMIT if limit.max is None else limit.max for limit in self.limits]
        return self._limits(most, NO_LIMIT)

    def _limits(self, values: list[int], elsewhere: int) -> NDArray[np.int64]:
        part = {name: p for p, name in enumerate(self.part_ids)}
        depot = {name: d for d, name in enumerate(self.depot_ids)}
        table = np.full((len(part), len(depot)), elsewhere)
        for limit, value in zip(self.limits, values, strict=True):
            table[part[limit.part], depot[limit.depot]] = value
        return table

    @cached_property
    def parents(self) -> NDArray[np.int64]:
        """Index of the depot that supplies each depot, -1 for suppliers; shape (depot,)."""
        index = {depot: d for d, depot in enumerate(self.depot_ids)}
        return np.array([index.get(depot.supplied_by, -1) for depot in self.depots.values()])

    @cached_property
    def fleet_ids(self) -> tuple[str, ...]:
        """A name for each fleet: machine/depot/customers, numbered where that is not unique."""
        seen: dict[str, int] = {}
        names = []
        for fleet in self.fleets:
            name = f"{fleet.machine}/{fleet.depot}/{fleet.customers}"
            seen[name] = seen.get(name, 0) + 1
            names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
        return tuple(names)

    def tier_of(self, customers: str) -> str:
        """Give the tier of a customer group."""
        return next(name for name, tier in self.tiers.items() if customers in tier.customers)

    def promise_of(self, tier: str) -> Promise:
        """Give the promise of a tier, its own or its standard's."""
        entry = self.tiers[tier]
        return entry.promise or self.standards[entry.standard or ""].promise

    def is_outsourced(self, part: str) -> bool:
        """Tell whether the part comes from an outsourced supplier."""
        return self.suppliers[self.parts[part].supplier].kind == "outsourced"

    def travel_time_of(self, depot: str) -> RandomDuration:
        """Give the technician's travel time from a depot."""
        return self.depots[depot].travel_time or self.service.travel_time

    def delivery_time_of(self, depot: str) -> RandomDuration:
        """Give the time of a part sent from a depot to the machine."""
        return self.service.delivery_time or self.travel_time_of(depot)

    def repair_time_of(self, part: str) -> RandomDuration:
        """Give the repair time of a part, by its difficulty."""
        repair_time: RandomDuration = getattr(self.service.repair_time, self.parts[part].difficulty)
        return repair_time

    def grade_rules(self, grade: str) -> GradeRules:
        """Give the rules of grade 'A', 'B' or 'C'."""
        rules: GradeRules = getattr(self.grading.grades, grade)
        return rules

    def to_tree(self) -> dict[str, Any]:
        """
        Give the scenario as plain text and numbers with units, as a file has it.

        Returns
        -------
        dict
            `Scenario.model_validate(scenario.to_tree())` equals the scenario.
        """
        return self.model_dump(mode="json", exclude_none=True)

"""Scenario: what is. Parts, suppliers, depots, machines, fleets, tiers, service, money."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator

from partsim.model.checks import find_contradictions
from partsim.model.durations import Frozen, RandomDuration
from partsim.model.fields import (
    Duration,
    Money,
    Name,
    PositiveDuration,
    PositiveMoney,
    RatePerDay,
    RatePerMachine,
    Share,
)

SUPPLIERS = "suppliers"
"""What a depot writes in `supplied_by` when suppliers deliver to it directly."""

Difficulty = Literal["low", "medium", "high"]
Grade = Literal["A", "B", "C"]
GRADES: tuple[Grade, ...] = ("A", "B", "C")


class Part(Frozen):
    """A part that wears out and is replaced."""

    name: str = ""
    """What people call it."""
    price: PositiveMoney
    """Price of one unit."""
    lifetime: RandomDuration
    """Life in the machine's operating time, until the part is consumed."""
    supplier: Name
    """Who delivers it."""
    difficulty: Difficulty = "medium"
    """How hard it is to change: sets the repair time, and weighs in grading."""
    customer_held: Share = 0.0
    """Share of its failures at which the customer has the part and changes it at once."""


class Supplier(Frozen):
    """Where parts come from."""

    kind: Literal["outsourced", "own"]
    """Outsourced, or the maker's own plant."""
    lead_time: RandomDuration
    """From the approved order to the receipt; independent, so orders may cross."""


class Depot(Frozen):
    """A place that keeps stock."""

    name: str = ""
    """What people call it."""
    market: str = ""
    """Kind of market it serves, such as mature or potential; shown in the report."""
    supplied_by: Name
    """Another depot, or 'suppliers'."""
    transport_time: Duration = 0.0
    """From the depot that supplies it; none for a depot that suppliers deliver to."""
    travel_time: RandomDuration | None = None
    """Technician's way to the machine, where it differs from service.travel_time."""
    max_waiting_time: PositiveDuration | None = None
    """Target: mean wait for a part, over all parts, at this depot."""


class Machine(Frozen):
    """A type of machine."""

    name: str = ""
    """What people call it."""
    positions: dict[Name, Annotated[int, Field(ge=1, le=1000)]] = Field(min_length=1)
    """How many of each part one machine has."""


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

    within: PositiveDuration
    """Response time promised."""
    share: Share
    """Share of all calls that must keep it; below 100 %."""

    @model_validator(mode="after")
    def _below_certainty(self) -> Self:
        if not 0 < self.share < 1:
            raise ValueError(
                f"expected a share above 0 % and below 100 %, got {self.share * 100:g} %; "
                "no stock keeps a promise for every call, write for example '99 %'"
            )
        return self


class Tier(Frozen):
    """Customers with one promise."""

    customers: tuple[Name, ...] = Field(min_length=1)
    """Customer groups in the tier; each group is in one tier."""
    standard: Name | None = None
    """Service standard that sets the promise."""
    promise: Promise | None = None
    """Own promise, instead of a standard's."""

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

    phone_fix: Share = 0.0
    """Share of all calls that are solved by phone: extra calls that use no part."""
    diagnosis_time: RandomDuration
    """From the call to the end of the diagnosis by phone."""
    travel_time: RandomDuration
    """Technician's way to the machine."""
    delivery_time: RandomDuration | None = None
    """Way of a part that is sent after the technician; as travel_time if not given."""
    repair_time: Annotated[RepairTime, BeforeValidator(_same_for_all)]
    """On site; one distribution, or one each for low, medium and high difficulty."""


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


class Cuts(Frozen):
    """Scores at which the grades begin."""

    A: float = Field(ge=0, le=1)
    """Parts with this score or more are grade A."""
    B: float = Field(ge=0, le=1)
    """Other parts with this score or more are grade B; the rest is C."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.A < self.B:
            raise ValueError(f"expected A >= B, got A {self.A:g} below B {self.B:g}")
        return self


class GradeRules(Frozen):
    """How parts of a grade are managed."""

    approval_time: Duration = 0.0
    """How long an order to a supplier waits for approval."""
    approval_cost: Money = 0.0
    """Work of one approval."""
    control_loss: Share = 0.0
    """Loss without close control: share of the value of use."""
    min_fill_rate: Share = 0.0
    """Least share of demand met from the shelf, at every depot that serves machines."""


class GradeTable(Frozen):
    """The three grades."""

    A: GradeRules
    """Managed most strictly."""
    B: GradeRules
    """In between."""
    C: GradeRules
    """Managed most freely."""


class GradingRules(Frozen):
    """How parts are graded, and what the grades mean."""

    weights: Weights
    """Weights of the criteria."""
    cuts: Cuts
    """Where the grades begin."""
    grades: GradeTable
    """What the grades mean."""


class Costs(Frozen):
    """What stock and orders cost."""

    holding: RatePerDay
    """Holding cost as a share of the price per time, such as '20 % per year'."""
    order: Money = 0.0
    """Cost of one order to a supplier, apart from its approval."""


class OptimisationRules(Frozen):
    """Limits of the plan beyond the promises."""

    budget: PositiveMoney | None = None
    """Most money in stock: base stock levels times prices."""


class SimulationRules(Frozen):
    """How long and how often the plan is played out."""

    years: float = Field(default=5.0, gt=0, le=1000)
    """Years measured in each replication."""
    warm_up: Duration = 365.0
    """Time before the measurement starts."""
    replications: int = Field(default=10, ge=2, le=100_000)
    """Independent repetitions."""
    seed: int = Field(default=1, ge=0, lt=2**63)
    """Seed of all random numbers."""


class StockToday(Frozen):
    """Today's stock of one part at one depot."""

    part: Name
    """Part."""
    depot: Name
    """Depot."""
    base_stock: int = Field(ge=0)
    """Level that is kept today: order up to this."""
    order_quantity: int = Field(default=1, ge=1)
    """Lot that is ordered today."""
    on_hand: int = Field(ge=0)
    """On the shelf."""
    on_order: int = Field(default=0, ge=0)
    """Ordered, not received."""


class Today(Frozen):
    """Stock as it is today: rows, or norms such as 1 per 40 machines."""

    norms: dict[Name, RatePerMachine] = Field(default_factory=dict)
    """Units per machine served, rounded up at each depot; on hand is the level."""
    stock: tuple[StockToday, ...] = ()
    """Today's levels and counts, part by part and depot by depot; elsewhere none."""


class Scenario(Frozen):
    """
    One spare-parts question, complete: the content of a scenario file.

    Times are in days, money in `currency`, rates per day. Arrays over parts and depots are
    in the order of `part_ids` and `depot_ids`.
    """

    partsim: Literal[1]
    """Version of this file format."""
    name: str = ""
    """Title of the scenario."""
    currency: str
    """The one currency of all money, such as CNY."""
    ageing: Literal["operating", "calendar"] = "operating"
    """Parts age while the machine runs, or always (the open model of the formulas)."""
    parts: dict[Name, Part] = Field(min_length=1)
    """Parts by part number, or {table: parts.csv}."""
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
    """What stock and orders cost."""
    optimisation: OptimisationRules = OptimisationRules()
    """Limits of the plan."""
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

"""The sections of a scenario file: every key of its top level, with what it takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from partsim.model.depot_demand import DepotDemand
from partsim.model.durations import Frozen
from partsim.model.fields import Name, Text
from partsim.model.grading_rules import GradingRules
from partsim.model.inspections import Inspection
from partsim.model.plans import PlanRule
from partsim.model.rules import Costs, OptimisationRules, SimulationRules, StockLimit, Today
from partsim.model.service import NO_SERVICE, Fleet, Machine, Service, Standard, Tier
from partsim.model.sourcing import Emergency, Shipment
from partsim.model.supply import Depot, Group, Part, RepairShop, Supplier
from partsim.model.technicians import TechnicianGroup
from partsim.model.warranty import WarrantyRules


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("expected a currency such as CNY, got nothing")
    return text


def _twelve(factors: tuple[float, ...]) -> tuple[float, ...]:
    if len(factors) != 12 or not any(factors):
        got = f"{len(factors)} numbers" if len(factors) != 12 else "zeros"
        raise ValueError(f"expected 12 numbers, one for each month and not all zero, got {got}")
    return factors


Factors = Annotated[tuple[Annotated[float, Field(ge=0, le=100)], ...], AfterValidator(_twelve)]


class Sections(Frozen):
    """What a scenario file says; `partsim.model.scenario.Scenario` adds what follows from it."""

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
    repair_shops: dict[Name, RepairShop] = Field(default_factory=dict)
    """Repair shops by name."""
    depots: dict[Name, Depot] = Field(min_length=1)
    """Depots by name: the supply tree."""
    machines: dict[Name, Machine] = Field(default_factory=dict)
    """Machine types by name."""
    inspections: dict[Name, Inspection] = Field(default_factory=dict)
    """Plans of inspections by name."""
    seasons: dict[Name, Factors] = Field(default_factory=dict)
    """Seasons of use by name: working time per day in each of the 12 months, 1 as lives say."""
    fleets: tuple[Fleet, ...] = ()
    """The machines in the field."""
    demand: tuple[DepotDemand, ...] = ()
    """What customers order of parts without a lifetime; or {table: demand.csv}."""
    tiers: dict[Name, Tier] = Field(min_length=1)
    """Customer tiers with their promises."""
    standards: dict[Name, Standard] = Field(default_factory=dict)
    """Service standards by name, such as exceed, above, equal."""
    emergency: Emergency | None = None
    """Emergency shipments for calls that find their depot without the part."""
    lateral: Shipment | None = None
    """Shipments between depots, for calls at depots that list others under 'lateral'."""
    plans: tuple[PlanRule, ...] = ()
    """Other tiers for some machines, by type, place, customers, age, warranty; later ones win."""
    service: Service = NO_SERVICE
    """What happens at a call of a machine; must be there where fleets are."""
    technicians: dict[Name, TechnicianGroup] = Field(default_factory=dict)
    """Groups of technicians by name; without any, somebody is always free."""
    warranty: WarrantyRules | None = None
    """Who pays for the calls of machines in warranty and after it."""
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

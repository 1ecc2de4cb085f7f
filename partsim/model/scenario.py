"""Scenario: what is. Parts, suppliers, depots, machines, fleets, tiers, service, money."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from math import ceil
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from partsim.model.checks import find_contradictions
from partsim.model.depot_demand import Counter
from partsim.model.durations import RandomDuration
from partsim.model.grading_rules import GradeRules, PartRule
from partsim.model.idle_checks import Contradictions, idle_fleets, idle_tiers
from partsim.model.inspections import Inspection
from partsim.model.installed_base import InstalledBase, installed_base
from partsim.model.seasons import Season
from partsim.model.sections import Sections
from partsim.model.service import Fleet, Promise
from partsim.model.standard_inspections import inspection_names, unclear_inspections
from partsim.model.tier_phases import Phase, TierPhases, tier_phases
from partsim.model.tree_branches import Finding

NO_LIMIT = 2**62
"""More base stock than any plan has [units]."""


class Scenario(Sections):
    """
    One spare-parts question, complete: the content of a scenario file.

    Times are in days, money in `currency`, rates per day. Arrays over parts and depots are
    in the order of `part_ids` and `depot_ids`.
    """

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        tree = self.model_dump(mode="json", exclude_unset=True)
        if contradictions := find_contradictions(tree) or [
            *self._idle(), *self._unclear_inspections()
        ]:  # fmt: skip
            raise Contradictions(contradictions)
        return self

    def _idle(self) -> list[Finding]:
        """Find fleets, and tiers by the plans, without machines in the measured years."""
        days = [self.machine_days(f) for f in range(len(self.fleets))]
        idle = idle_fleets(days)
        if idle or not self.plans:
            return idle
        there = zip(self.phases, np.concatenate(days), strict=True)
        busy = {phase.tier for phase, machines in there if machines}
        busy |= {self.tier_of(row.customers) for row in self.demand if row.rate > 0}
        return idle_tiers(self.tiers, busy)

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
    def grade_ids(self) -> tuple[str, ...]:
        """Grades, the most strictly managed first: the last axis of (part, depot, grade) arrays."""
        return tuple(self.grading.grades)

    @cached_property
    def prices(self) -> NDArray[np.float64]:
        """Prices, shape (part,)."""
        return np.array([part.price for part in self.parts.values()])

    @cached_property
    def today_grades(self) -> tuple[str, ...] | None:
        """Grade of each part today, None where the file does not say it of every part."""
        today = self.today
        if today is None:
            return None
        grades = [today.grades.get(part, today.grade) for part in self.parts]
        told = [grade for grade in grades if grade is not None]
        return tuple(told) if len(told) == len(grades) else None

    @cached_property
    def allowed_grades(self) -> NDArray[np.bool_]:
        """Whether the grading's rules leave a grade open to a part, shape (part, grade)."""
        allowed = np.ones((len(self.parts), len(self.grade_ids)), dtype=bool)
        for rule, p in self.ruled_parts():
            if rule.grades is not None:
                allowed[p] = [grade in rule.grades for grade in self.grade_ids]
        return allowed

    @cached_property
    def least_fill_rates(self) -> NDArray[np.float64]:
        """Least fill rate of each part by the grading's rules, 0 without one; shape (part,)."""
        least = np.zeros(len(self.parts))
        for rule, p in self.ruled_parts():
            if rule.min_fill_rate is not None:
                least[p] = rule.min_fill_rate
        return least

    def ruled_parts(self) -> Iterator[tuple[PartRule, int]]:
        """Give the grading's rules for some parts with the index of each part, in their order."""
        for rule in self.grading.rules:
            for p, (name, part) in enumerate(self.parts.items()):
                if rule.where.selects(part, outsourced=self.is_outsourced(name)):
                    yield rule, p

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

    def inspection_of(self, fleet: int) -> Inspection | None:
        """Give the plan of inspections of a fleet: its own, its standard's or its machine's."""
        name = self._inspections_of(fleet)[0]
        return None if name is None else self.inspections[name]

    def _inspections_of(self, fleet: int) -> list[str | None]:
        """Name those of all tiers that the fleet's machines pass through."""
        entry = self.fleets[fleet]
        of_tiers = (self.tiers[tier].standard for tier in self.tier_phases[fleet].tiers)
        standards = (self.standards[name] if name else None for name in of_tiers)
        return inspection_names(entry, self.machines[entry.machine], standards)

    def _unclear_inspections(self) -> list[Finding]:
        names = map(self._inspections_of, range(len(self.fleets)))
        return unclear_inspections(names, self.installed_bases, self.inspections)

    def season_of(self, fleet: Fleet) -> Season | None:
        """Give the season of use of a fleet, by the depot that serves it."""
        name = self.depots[fleet.depot].season
        start = self.simulation.start_date
        return None if name is None else Season(self.seasons[name], start)

    @cached_property
    def installed_bases(self) -> tuple[InstalledBase, ...]:
        """When the machines of each fleet come and go."""
        return tuple(installed_base(fleet, self.simulation) for fleet in self.fleets)

    def tier_of(self, customers: str) -> str:
        """Give the tier of a customer group, from which plans may take single fleets."""
        return next(name for name, tier in self.tiers.items() if customers in tier.customers)

    @cached_property
    def tier_phases(self) -> tuple[TierPhases, ...]:
        """Tiers of each fleet's machines as they age, in the order of `fleets`."""
        found = []
        for fleet, base in zip(self.fleets, self.installed_bases, strict=True):
            market = self.depots[fleet.depot].market
            plans = [plan for plan in self.plans if plan.selects(fleet, market)]
            customers, warranty = self.tier_of(fleet.customers), self.machines[fleet.machine]
            found.append(tier_phases(plans, customers, fleet, base, warranty.warranty))
        return tuple(found)

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """All phases, fleet by fleet: as many as fleets unless plans go by age or warranty."""
        found = enumerate(self.tier_phases)
        return tuple(Phase(f, tier) for f, phases in found for tier in phases.tiers)

    def machine_days(self, fleet: int) -> NDArray[np.float64]:
        """Give the time in the measured years that machines are in each phase, (phase,)."""
        rules, base = self.simulation, self.installed_bases[fleet]
        end = rules.warm_up + rules.years * 365
        return self.tier_phases[fleet].machine_days(base, rules.warm_up, end)

    @cached_property
    def counters(self) -> tuple[Counter, ...]:
        """Who orders where, by the rows of demand, each once: they call beside the fleets."""
        return tuple(dict.fromkeys(row.counter for row in self.demand))

    @cached_property
    def caller_tiers(self) -> tuple[str, ...]:
        """Tier of each phase of the fleets, then of each counter; plans are for fleets only."""
        of_counters = (self.tier_of(customers) for _, customers in self.counters)
        return (*(phase.tier for phase in self.phases), *of_counters)

    @cached_property
    def caller_depots(self) -> tuple[str, ...]:
        """Depot that each phase of the fleets calls, then each counter."""
        of_phases = (self.fleets[phase.fleet].depot for phase in self.phases)
        return (*of_phases, *(depot for depot, _ in self.counters))

    @cached_property
    def demand_parts(self) -> NDArray[np.bool_]:
        """Whether a part has rows of demand instead of a lifetime, shape (part,)."""
        return np.array([part.lifetime is None for part in self.parts.values()])

    def technicians_in(self, group: str) -> int:
        """Give the number of technicians on duty in a shift of a group."""
        entry = self.technicians[group]
        if entry.number is not None:
            return entry.number
        served = [
            (fleet.count, entry.norm or self._technicians_per_machine(f))
            for f, fleet in enumerate(self.fleets)
            if fleet.depot in entry.depots and entry.can_work_on(fleet.machine)
        ]
        # A sum such as 3 times 1/3 is one technician but for rounding.
        return max(1, ceil(sum(machines * norm for machines, norm in served) - 1e-9))

    def _technicians_per_machine(self, fleet: int) -> float:
        """Give the standards' norm for a fleet, over the time that its machines are in each."""
        standards = [self.tiers[tier].standard for tier in self.tier_phases[fleet].tiers]
        norms = [(self.standards[name].technicians if name else None) or 0.0 for name in standards]
        return (
            norms[0]
            if len(norms) == 1
            else float(np.average(norms, weights=self.machine_days(fleet)))
        )

    def expected_response_of(self, tier: str) -> float:
        """Give the response time that a tier expects [days]: the promised one if not given."""
        return self.tiers[tier].expected or self.promise_of(tier).within

    def promise_of(self, tier: str) -> Promise:
        """Give the promise of a tier, its own or its standard's."""
        entry = self.tiers[tier]
        return entry.promise or self.standards[entry.standard or ""].promise

    @cached_property
    def kept_from(self) -> dict[str, int]:
        """Critical level of each tier: units that are reserved for more important ones."""
        ranks, reserves = self.priorities, self.reserves
        return {
            name: sum(reserves[other] for other in ranks if ranks[other] < rank)
            for name, rank in ranks.items()
        }

    @cached_property
    def downtime_costs(self) -> NDArray[np.float64]:
        """Cost of a machine that waits for a part [money per day], shape (tier,)."""
        own = [tier.downtime for tier in self.tiers.values()]
        return np.array([self.costs.downtime if cost is None else cost for cost in own])

    def further_parts(self, part: str) -> dict[str, float]:
        """Give the mean units of other parts that the repair of a part's failure takes."""
        entry = self.parts[part]
        return {**entry.needs, **entry.may_need}

    @cached_property
    def priorities(self) -> dict[str, int]:
        """Priority of each tier, its own or its standard's: 1 comes first."""
        return {name: 1 if own is None else own for name, own in self._of_tiers("priority")}

    @cached_property
    def reserves(self) -> dict[str, int]:
        """Reserved stock of each tier, its own or its standard's [units]."""
        return {name: own or 0 for name, own in self._of_tiers("reserved_stock")}

    def _of_tiers(self, key: str) -> Iterator[tuple[str, int | None]]:
        """Give what each tier says under a key, or else its standard."""
        for name, tier in self.tiers.items():
            own: int | None = getattr(tier, key)
            if own is None and tier.standard:
                own = getattr(self.standards[tier.standard], key)
            yield name, own

    def recovery_cost_of(self, tier: str) -> float:
        """Give the cost of making good for one broken promise of a tier, by its standard."""
        standard = self.tiers[tier].standard
        return self.standards[standard].recovery if standard else 0.0

    def is_outsourced(self, part: str) -> bool:
        """Tell whether the part comes from an outsourced supplier."""
        return self.suppliers[self.parts[part].supplier].kind == "outsourced"

    def travel_time_of(self, depot: str) -> RandomDuration:
        """Give the technician's travel time from a depot."""
        return self.depots[depot].travel_time or self.service.travel_time

    def delivery_time_of(self, depot: str) -> RandomDuration:
        """Give the time of a part sent from a depot to the machine."""
        if self.service.technician_leaves == "with_parts":
            return self.travel_time_of(depot)  # he brings it
        return self.service.delivery_time or self.travel_time_of(depot)

    def repair_time_of(self, part: str) -> RandomDuration:
        """Give the repair time of a part, by its difficulty."""
        repair_time: RandomDuration = getattr(self.service.repair_time, self.parts[part].difficulty)
        return repair_time

    def patience(self, part: str, depot: str, tier: str) -> float:
        """
        Give how long a call can wait for a part at its depot, by mean times [days].

        An order of a part without a lifetime has nothing but the wait: all the promised time.
        """
        if self.parts[part].lifetime is None:
            return self.promise_of(tier).within
        times = (
            self.service.diagnosis_time,
            self.delivery_time_of(depot),
            self.repair_time_of(part),
        )
        return self.promise_of(tier).within - sum(time.distribution.mean for time in times)

    def grade_rules(self, grade: str) -> GradeRules:
        """Give the rules of a grade; a grade that the scenario does not have is a `ValueError`."""
        try:
            return self.grading.grades[grade]
        except KeyError:
            known = ", ".join(self.grade_ids)
            raise ValueError(f"grade: expected one of {known}, got {grade!r}") from None

    def to_tree(self) -> dict[str, Any]:
        """
        Give the scenario as plain text and numbers with units, as a file has it.

        Returns
        -------
        dict
            `Scenario.model_validate(scenario.to_tree())` equals the scenario.
        """
        return self.model_dump(mode="json", exclude_none=True)

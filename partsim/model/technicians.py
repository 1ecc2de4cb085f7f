"""Technicians: who goes to the machines, with which skills, and when."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from partsim.model.durations import Frozen
from partsim.model.fields import Duration, Name, RatePerMachine
from partsim.model.supply import Difficulty
from partsim.model.units import format_duration

DIFFICULTIES: tuple[Difficulty, ...] = ("low", "medium", "high")


class Shift(Frozen):
    """Working hours, the same on every working day."""

    days: int = Field(default=5, ge=1, le=7)
    """Days on which it begins, from Monday; the simulation begins on a Monday at 0 h."""
    start: Duration
    """Time of day at which work begins, such as 8 h."""
    end: Duration
    """Time of day after which no call is begun, such as 18 h; before `start`, the next morning."""

    @model_validator(mode="after")
    def _within_a_day(self) -> Self:
        if not (0 <= self.start < 1 and 0 < self.end <= 1) or self.start == self.end:
            got = f"{format_duration(self.start)} to {format_duration(self.end)}"
            raise ValueError(
                f"expected two times of day from 0 h to 24 h, got {got}; write for example "
                "start: 8 h and end: 18 h, or start: 22 h and end: 6 h for the night"
            )
        return self

    @property
    def passes_midnight(self) -> bool:
        """Whether it ends on the day after the one on which it begins."""
        return self.end < self.start

    @property
    def last_moment(self) -> float:
        """End of the shift, from the midnight before its start [days]."""
        return self.end + self.passes_midnight

    @property
    def working_share(self) -> float:
        """Share of all time in which calls are begun."""
        return self.days / 7 * (self.last_moment - self.start)


class TechnicianGroup(Frozen):
    """Technicians who take each other's calls."""

    depots: tuple[Name, ...] = Field(min_length=1)
    """Depots whose machines they serve."""
    machines: tuple[Name, ...] = ()
    """Types of machine that they can repair; all if not given."""
    skills: tuple[Difficulty, ...] = DIFFICULTIES
    """Difficulties that they can repair; all if not given."""
    number: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Technicians on duty in a shift."""
    norm: RatePerMachine | None = None
    """Instead of number: technicians per machine that they serve, rounded up, at least one."""
    shift: Shift | None = None
    """Working hours; round the clock if not given."""
    queue: Literal["first_come", "by_tier"] = "first_come"
    """Who is next: the longest waiting call, or that of the tier with the first priority."""

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if self.number is not None and self.norm is not None:
            raise ValueError("expected either 'number' or 'norm', got both")
        return self

    def can(self, machine: str, difficulty: Difficulty) -> bool:
        """Tell whether they can repair a part of this difficulty in this type of machine."""
        return difficulty in self.skills and self.can_work_on(machine)

    def can_work_on(self, machine: str) -> bool:
        """Tell whether they know this type of machine."""
        return not self.machines or machine in self.machines

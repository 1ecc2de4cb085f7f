"""What-if: several cases answered alike, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partsim.model.arrays import table_markup
from partsim.model.plan import Plan
from partsim.model.run import Judged
from partsim.model.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Case:
    """
    One question of a comparison.

    Attributes
    ----------
    scenario : Scenario
        What is.
    plan : Plan, optional
        The plan to play, such as today's stock; the cheapest one by the optimiser if not given.
    """

    scenario: Scenario
    plan: Plan | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """
    Cases answered with the same random numbers.

    Attributes
    ----------
    currency : str
        Of all cases.
    answers : mapping of str to Judged
        By case; the first is what the others are compared with.
    plans : DataFrame
        One row for each case: case, cost_by_formula, lower_bound and gap (NaN for a plan that was
        given), simulated_cost with _low and _high (95 %), kept (``yes`` where every promise is,
        ``no`` where one is broken, else ``open``), missed (targets that the optimiser did not
        reach, as text), difference of the simulated cost from the first case with _low and
        _high (95 %, paired). Money per year.
    promises : DataFrame
        One row for each case and tier: case, tier, within_hours, share_promised, share_simulated,
        share_low, share_high, kept, satisfaction with _low and _high.
    differences : DataFrame
        As `partsim.simulation.comparison.compare` gives it.
    """

    currency: str
    answers: Mapping[str, Judged]
    plans: pd.DataFrame
    promises: pd.DataFrame
    differences: pd.DataFrame

    @property
    def summary(self) -> dict[str, Any]:
        """The content of compare.json."""
        tables = {"plans": self.plans, "promises": self.promises, "differences": self.differences}
        return {"currency": self.currency} | {
            name: table.to_dict("records") for name, table in tables.items()
        }

    def __repr__(self) -> str:
        return f"Comparison({', '.join(map(repr, self.answers))})"

    def _repr_html_(self) -> str:
        return table_markup(repr(self), {"Plans": self.plans, "Promises": self.promises})


@dataclass(frozen=True)
class Choice:
    """
    The case to take, and how sure it is that no other is cheaper.

    Attributes
    ----------
    case : str
        The cheapest of those that keep everything; empty where none does.
    next_case : str
        The next cheapest that decides otherwise; empty where there is none.
    saving, saving_low, saving_high : float
        What the case costs less than the next one [money per year], with a paired 95 % interval.
    in_the_way : tuple of str
        What is not kept in the case that keeps most, where none keeps everything.
    given : tuple of str
        Values of keys that nobody chooses, at which the choice holds, such as ``price=30 k``.
    """

    case: str = ""
    next_case: str = ""
    saving: float = 0.0
    saving_low: float = 0.0
    saving_high: float = 0.0
    in_the_way: tuple[str, ...] = ()
    given: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether the interval of the saving is above zero."""
        return self.saving_low > 0


@dataclass(frozen=True, eq=False)
class Sweep:
    """
    The values of a sweep, and what they let one choose.

    Attributes
    ----------
    points : DataFrame
        One row for each combination: case, and a column of texts for each axis.
    choices : tuple of Choice
        One for each set of values that nobody chooses.
    """

    points: pd.DataFrame
    choices: tuple[Choice, ...]

    @property
    def leaves_a_choice(self) -> bool:
        """Whether some case may be taken instead of another."""
        return not self.choices[0].given or len(self.choices) < len(self.points)

"""The price of grading: what simple grades cost, at the same targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Graded:
    """
    What one way of grading costs.

    Attributes
    ----------
    grading : str
        Such as ``rule weights``, ``free grades`` or ``a decision for every part``.
    cost : float
        Of its plan, or the least that any could cost [money per year].
    grades : tuple of str
        Of the parts; none for a bound.
    missed : tuple of str
        Targets that its plan does not keep; its cost then compares with nothing.
    """

    grading: str
    cost: float
    grades: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


@dataclass(frozen=True)
class GradingPrice:
    """
    Ways of grading at the same targets.

    Attributes
    ----------
    plan, free : Graded
        At the grades of the plan, and at the cheapest grades.
    others : tuple of Graded
        At other grades.
    every_part : Graded
        A bound: no plan costs less even if each part is decided on alone.

    Examples
    --------
    >>> plan, free = Graded("rule value", 120.0, ("A", "C")), Graded("free", 105.0, ("C", "C"))
    >>> price = GradingPrice(plan, free, (), Graded("a decision for every part", 100.0))
    >>> round(price.over(plan), 2), price.moved(free)
    (0.2, 1)
    """

    plan: Graded
    free: Graded
    others: tuple[Graded, ...]
    every_part: Graded

    @property
    def all(self) -> tuple[Graded, ...]:
        """Give the plan first, the bound last; each once, where the plan is the free one."""
        return tuple(dict.fromkeys((self.plan, *self.others, self.free, self.every_part)))

    def over(self, graded: Graded) -> float:
        """Give a cost over that of a decision for every part, less 1; NaN if targets are missed."""
        least = self.every_part.cost
        return graded.cost / least - 1 if least > 0 and not graded.missed else float("nan")

    def moved(self, graded: Graded) -> int:
        """Count the parts that have another grade in the plan; none for a bound."""
        pairs = zip(graded.grades, self.plan.grades, strict=False)
        return sum(one != other for one, other in pairs)

    @property
    def table(self) -> pd.DataFrame:
        """One row for each way: grading, cost_per_year, over (a share), moved, missed."""
        import pandas as pd

        ways = self.all
        return pd.DataFrame(
            {
                "grading": [way.grading for way in ways],
                "cost_per_year": [way.cost for way in ways],
                "over": [self.over(way) for way in ways],
                "moved": [self.moved(way) for way in ways],
                "missed": [", ".join(way.missed) for way in ways],
            }
        )

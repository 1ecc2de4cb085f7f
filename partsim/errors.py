"""The exception tree, and the one form of a problem in a file.

PartsimError
├── InputError      a scenario, table or plan that cannot be used; carries every problem found
├── SolverFailed    the solver returned no usable answer
└── EngineFailed    whoever was to play the replications could not
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """
    One thing that is wrong with an input, and where.

    Parameters
    ----------
    message : str
        What was expected, what was got, and what to type instead.
    path : str
        Key path such as ``parts.key_A.price``; empty for the whole file.
    file : str
        File as the user named it, or ``--set a.b=c`` for a value from the command line.
    line, column : int
        Counted from 1; 0 when the place is not known.

    Examples
    --------
    >>> print(Problem("expected money > 0, got -5", "parts.a.price", "case.yaml", 3, 12))
    case.yaml:3:12: parts.a.price: expected money > 0, got -5
    """

    message: str
    path: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}:{self.column}"
        return ": ".join(text for text in (place, self.path, self.message) if text)


class PartsimError(Exception):
    """Base of every error that partsim raises on purpose."""


class InputError(PartsimError):
    """
    An input that cannot be used; says everything that is wrong with it at once.

    Parameters
    ----------
    problems : iterable of Problem
        At least one, in the order of the file.
    """

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class SolverFailed(PartsimError):  # noqa: N818 - says what happened
    """The solver gave no usable answer; a bug or a broken installation, never a bad scenario."""


class EngineFailed(PartsimError):  # noqa: N818 - says what happened
    """Whoever was to play the replications is missing, does not answer, or died at it."""

"""Arguments and options that commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from partsim.simulation.engines import Engine


def whole_number(least: int, most: int) -> Callable[[object], int]:
    """Give a reader of whole numbers within limits, which refuses others in a sentence."""

    def number(value: object) -> int:
        try:
            read = int(str(value))
        except ValueError:
            raise click.BadParameter(f"expected a whole number, got '{value}'") from None
        if not least <= read <= most:
            raise click.BadParameter(f"expected a number from {least} to {most}, got {read}")
        return read

    return number


FILE = click.argument("file", type=click.Path(path_type=Path))
SET = click.option("--set", "changes", multiple=True, metavar="KEY=VALUE",
                    help="Change a value, such as parts.pump.price=1200; repeatable.")  # fmt: skip
PLAN = click.option("--plan", "plan_file", required=True, type=click.Path(path_type=Path),
                     help="Table of stock levels: stock.csv or plan.xlsx of a run.")  # fmt: skip
SEED = click.option("--seed", type=whole_number(0, 2**63 - 1), help="Seed of the random numbers.")
REPLICATIONS = click.option("--replications", type=whole_number(2, 100_000),
                             help="Independent repetitions of the simulation.")  # fmt: skip
JOBS = click.option("--jobs", type=whole_number(1, 1024), default=1, show_default=True,
                     help="Processes to use; the result does not depend on it.")  # fmt: skip
QUIET = click.option("--quiet", is_flag=True, help="Show no progress.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
OUTPUT = click.option("-o", "--output", type=click.Path(path_type=Path),
                       help="Where to write; must not exist.")  # fmt: skip


def positive_number(value: object) -> float:
    """Read a number above 0, or refuse it in a sentence."""
    try:
        number = float(str(value))
    except ValueError:
        number = 0.0
    if not 1e-9 <= number <= 1e9:
        raise click.BadParameter(f"expected a number > 0, got '{value}'")
    return number


TIME_LIMIT = click.option("--time-limit", type=positive_number, metavar="SECONDS",
                           help="End each search of stock levels after so long, with the best "
                           "plan so far and its gap; no limit by default.")  # fmt: skip


def pairs(context: click.Context, _: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """Read NAME=VALUE, as often as given."""
    for value in values:
        if not all(map(str.strip, value.partition("="))):
            raise click.BadParameter(f"expected NAME=VALUE, got '{value}'", context)
    split = (value.partition("=") for value in values)
    return {name.strip(): meaning.strip() for name, _, meaning in split}


HEADINGS = click.option("--columns", multiple=True, metavar="NAME=HEADING", callback=pairs,
                         help="Heading of a column, as in machine=Equip; repeatable.")  # fmt: skip
DATES = click.option("--date-format", default="ISO8601", metavar="FORM",
                      help="Form of the dates, as in %d.%m.%Y; 2024-03-31 by default.")  # fmt: skip
UNTIL = click.option("--until", "end", default="", metavar="DATE",
                      help="Records are complete up to then; the last one by default.")  # fmt: skip
FAMILY = click.option("--distribution", "family",
                       type=click.Choice(["exponential", "weibull", "lognormal", "gamma"]),
                       help="Fit this one; the best of all by default.")  # fmt: skip


def table(name: str, what: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give an option that names a table."""
    return click.option(f"--{name}", type=click.Path(path_type=Path), metavar="TABLE", help=what)


@dataclass(frozen=True)
class EngineChoice:
    """Who plays the replications, as typed."""

    jobs: int
    name: str
    scheduler: str | None

    def engine(self) -> Engine | None:
        """Give the engine; None for processes here."""
        if self.name == "processes":
            return None
        from partsim.simulation.engines import Dask

        return Dask(self.scheduler, jobs=self.jobs)


def engine_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say who plays the replications; the command gets `who`."""

    @JOBS
    @click.option("--engine", type=click.Choice(["processes", "dask"]), default="processes",
                  show_default=True, help="Who plays the replications.")  # fmt: skip
    @click.option("--scheduler", metavar="ADDRESS",
                  help="Dask cluster to use, such as tcp://10.0.0.5:8786.")  # fmt: skip
    @wraps(command)
    def with_engine(jobs: int, engine: str, scheduler: str | None, **others: object) -> int:
        if scheduler is not None and engine != "dask":
            raise click.UsageError("--scheduler is for Dask: add --engine dask")
        return command(who=EngineChoice(jobs, engine, scheduler), **others)

    return with_engine


def weight_or_best(context: click.Context, value: str) -> float | None:
    """Read a weight above 0 and up to 1; None for 'best'."""
    if value == "best":
        return None
    try:
        weight = float(value)
    except ValueError:
        weight = 0.0
    if not 0 < weight <= 1:
        message = f"expected a number above 0 and up to 1, or 'best', got '{value}'"
        raise click.BadParameter(message, context, param_hint="'--smoothing'")
    return weight


def resume_option(whose: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add --resume, for the replications of one plan or of each of several."""
    return click.option(
        "--resume",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help=f"Keep finished replications {whose}there, and go on from them.",
    )

"""Commands that ask 'what if': scenarios compared, and keys of one swept over values."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partsim.cli.options import (
    JSON,
    OUTPUT,
    QUIET,
    REPLICATIONS,
    SEED,
    SET,
    TIME_LIMIT,
    EngineChoice,
    engine_options,
    resume_option,
)
from partsim.cli.output import DONE, INTERRUPTED, complain, say, say_json, show_progress
from partsim.cli.plans import interrupt_sentence, read_scenario_of

if TYPE_CHECKING:
    import pandas as pd

    from partsim.model.scenario import Scenario
    from partsim.model.what_if import Case, Comparison, Sweep
    from partsim.planning.what_if import Correction
    from partsim.scenario_file.sweeps import Axis


@dataclass(frozen=True)
class Asked:
    """The options that commands of this kind share, as typed."""

    who: EngineChoice
    output: Path | None
    changes: Sequence[str]
    seed: int | None
    replications: int | None
    resume: Path | None
    time_limit: float | None
    quiet: bool
    as_json: bool

    def scenario(self, file: Path, more: Sequence[str] = ()) -> Scenario:
        """Read a file with the changes typed, and more."""
        return read_scenario_of(file, [*self.changes, *more], self.seed, self.replications)


@dataclass(frozen=True)
class Swept:
    """What a sweep has beside its cases: their values, given ones, the satisfaction wanted."""

    points: pd.DataFrame
    given: Mapping[str, tuple[str, ...]]
    satisfaction: float | None

    def chosen(self, found: Comparison) -> Sweep:
        """Choose among the cases."""
        from partsim.model.what_if import Sweep
        from partsim.planning.choice import choices

        return Sweep(self.points, choices(found, self.given, self.satisfaction))


def what_if_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that commands of this kind share; the command gets `asked`."""

    @OUTPUT
    @SET
    @SEED
    @REPLICATIONS
    @engine_options
    @resume_option("of every case ")
    @TIME_LIMIT
    @QUIET
    @JSON
    @wraps(command)
    def with_options(
        *, who: EngineChoice, output: Path | None,
        changes: Sequence[str], seed: int | None, replications: int | None, resume: Path | None,
        time_limit: float | None, quiet: bool, as_json: bool, **others: object,
    ) -> int:  # fmt: skip
        asked = Asked(who, output, changes, seed, replications, resume, time_limit,
                      quiet, as_json)  # fmt: skip
        return command(asked=asked, **others)

    return with_options


CORRECTED = click.option("--corrected", "correction", flag_value="by simulation", default="none",
                          help="Correct each plan by simulation until its promises are kept, as "
                          "partsim run does.")  # fmt: skip


@click.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--today", is_flag=True, help="Compare with today's stock of the first file.")
@CORRECTED
@what_if_options
def compare(*, files: Sequence[Path], today: bool, correction: Correction, asked: Asked) -> int:
    """Plan and simulate scenarios with the same random numbers; -o names the folder.

    The first FILE is what the others are compared with, or its stock of today.
    """
    if len(files) + today < 2:
        raise click.UsageError("expected two files or more, or one with --today, got one")
    if twice := sorted({str(file) for file in files if files.count(file) > 1}):
        raise click.UsageError(f"expected each file once, got {twice[0]} twice")
    scenarios = {_name(file, files): asked.scenario(file) for file in files}

    from partsim.model.what_if import Case

    cases = {name: Case(scenario) for name, scenario in scenarios.items()}
    if today:
        cases = _today(files[0], next(iter(scenarios.values()))) | cases
    return _answer(cases, files, asked, "Comparison", correction)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--vary", "axes", multiple=True, required=True, metavar="KEY=VALUES",
              help="Key and its values, such as 'parts.pump.price=50 k, 60 k'; keys that change "
              "together after semicolons; repeat it for every combination.")  # fmt: skip
@click.option("--satisfaction", metavar="SHARE",
              help="Least satisfaction of every tier for the choice, such as '40 %'.")  # fmt: skip
@CORRECTED
@what_if_options
def sweep(
    *,
    file: Path,
    axes: Sequence[str],
    satisfaction: str | None,
    correction: Correction,
    asked: Asked,
) -> int:
    """Plan and simulate FILE as it is and at every combination of values; choose the cheapest.

    The choice is the cheapest combination, as simulated, that keeps every promise: one for each
    value of keys that nobody chooses, such as prices, lives and demand.
    """
    from partsim.model.units import parse_share
    from partsim.scenario_file.sweeps import grid, read_axis, short_names

    try:
        read = [read_axis(text) for text in axes]
        steps = grid(read)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--vary'") from None
    try:
        least = None if satisfaction is None else parse_share(satisfaction)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--satisfaction'") from None
    as_it_is = asked.scenario(file)
    changed = [_changes(read, step) for step in steps]
    scenarios = _scenarios(file, asked, changed)

    from partsim.model.what_if import Case

    short = short_names([key for axis in read for key in axis.keys])
    labels = [[axis.label(n, short) for axis, n in zip(read, step, strict=True)] for step in steps]
    names = [", ".join(row) for row in labels]
    cases = {"as it is": Case(as_it_is)} | dict(zip(names, map(Case, scenarios), strict=True))
    swept = Swept(_points(read, names, steps), _given(read, labels), least)
    title = f"{as_it_is.name or file.stem}: what if"
    return _answer(cases, [file], asked, title, correction, swept)


def _given(axes: Sequence[Axis], labels: Sequence[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Give the values of each case that nobody chooses; the file as it is has others, or none."""
    given = {
        ", ".join(row): tuple(text for axis, text in zip(axes, row, strict=True) if axis.given)
        for row in labels
    }
    return given if any(axis.given for axis in axes) else {"as it is": ()} | given


def _scenarios(
    file: Path, asked: Asked, changed: Sequence[Sequence[Sequence[str]]]
) -> list[Scenario]:
    """Read the file at every combination; every wrong value is told at once."""
    from partsim.errors import InputError, Problem

    found: list[Scenario] = []
    problems: dict[str, Problem] = {}
    for point in changed:
        try:
            found.append(asked.scenario(file, [change for axis in point for change in axis]))
        except InputError as error:
            problems |= {str(problem): problem for problem in error.problems}
    if problems:
        raise InputError(*problems.values())
    return found


def _changes(axes: Sequence[Axis], step: Sequence[int]) -> list[list[str]]:
    return [axis.changes(number) for axis, number in zip(axes, step, strict=True)]


def _points(
    axes: Sequence[Axis], names: Sequence[str], steps: Sequence[Sequence[int]]
) -> pd.DataFrame:
    """Lay the values of every combination out, a column for each axis."""
    import pandas as pd

    heads = ["; ".join(axis.keys) for axis in axes]
    values = [["; ".join(axis.steps[at[a]]) for a, axis in enumerate(axes)] for at in steps]
    table = pd.DataFrame(values, columns=heads)
    table.insert(0, "case", list(names))
    return table


def _answer(
    cases: Mapping[str, Case], files: Sequence[Path], asked: Asked, title: str,
    correction: Correction, swept: Swept | None = None,
) -> int:  # fmt: skip
    """Answer the cases, write the folder, and print the tables."""
    from partsim.model.outcome import Interrupted
    from partsim.planning.what_if import compare_cases
    from partsim.report.differences import service_text
    from partsim.report.folder import default_folder, manifest, whole_folder, write_manifest
    from partsim.report.sweep_choices import sweep_summary, sweep_texts
    from partsim.report.what_if_folder import comparison_text, write_comparison
    from partsim.scenario_file.reading import input_files
    from partsim.scenario_file.writing import write_scenario_text

    started = datetime.now(UTC)
    text = "".join(write_scenario_text(case.scenario) for case in cases.values())
    target = asked.output or default_folder(title, text, started)
    facts = manifest(
        command=["partsim", *sys.argv[1:]],
        seed=next(iter(cases.values())).scenario.simulation.seed,
        inputs=[path for file in files for path in input_files(file, asked.changes)],
        scenario_text=text,
        started=started,
    )
    try:
        with whole_folder(target) as folder, show_progress(quiet=asked.quiet) as progress:
            found = compare_cases(
                cases, correction=correction, jobs=asked.who.jobs,
                engine=asked.who.engine(), resume=asked.resume, time_limit=asked.time_limit,
                progress=progress,
            )  # fmt: skip
            sweep = None if swept is None else swept.chosen(found)
            write_comparison(found, folder, title=title, manifest=facts, sweep=sweep)
            write_manifest(folder, facts)
    except Interrupted as stop:
        complain(interrupt_sentence(stop, asked.resume))
        return INTERRUPTED
    except ValueError as error:  # such as two currencies
        raise click.UsageError(str(error)) from None
    page = target / "compare.html"
    if asked.as_json:
        more = {"choice": ""} if sweep is None else sweep_summary(sweep, found)
        say_json({**found.summary, **more, "report": str(page)})
    else:
        lines = [comparison_text(found)]
        if sweep is not None:
            lines += sweep_texts(sweep, found)
        elif text := service_text(found):
            lines += ["", text, ""]
        say("\n".join([*lines, f"report: {page}"]))
    return DONE


def _name(file: Path, files: Sequence[Path]) -> str:
    """Name a case by its file, with folder where two have one name."""
    return file.stem if [other.stem for other in files].count(file.stem) == 1 else str(file)


def _today(file: Path, scenario: Scenario) -> dict[str, Case]:
    from partsim.model.what_if import Case
    from partsim.planning.today import plan_of_today

    plan = plan_of_today(scenario)
    if plan is None:
        message = f"expected 'today' in {file}, with norms or stock, for --today; it has none"
        raise click.UsageError(message)
    return {"today's stock": Case(scenario, plan)}

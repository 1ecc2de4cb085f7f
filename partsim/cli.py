"""The command line. Only click is imported at the top, so that `partsim --help` answers at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from partsim import __version__
from partsim.errors import InputError, PartsimError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from partsim.history import Estimates
    from partsim.model.plan import Plan
    from partsim.model.run import Run
    from partsim.model.scenario import Scenario
    from partsim.scenario_file.headings import Dictionary

DONE, BUG, BAD_INPUT, NOT_REACHED, INTERRUPTED = 0, 1, 2, 3, 130
Progress = Callable[[str, int, int], None]


def _whole_number(least: int, most: int) -> Callable[[object], int]:
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


_FILE = click.argument("file", type=click.Path(path_type=Path))
_SET = click.option("--set", "changes", multiple=True, metavar="KEY=VALUE",
                    help="Change a value, such as parts.pump.price=1200; repeatable.")  # fmt: skip
_PLAN = click.option("--plan", "plan_file", required=True, type=click.Path(path_type=Path),
                     help="Table of stock levels: a stock.csv that partsim wrote.")  # fmt: skip
_SEED = click.option("--seed", type=_whole_number(0, 2**63 - 1), help="Seed of the random numbers.")
_REPLICATIONS = click.option("--replications", type=_whole_number(2, 100_000),
                             help="Independent repetitions of the simulation.")  # fmt: skip
_JOBS = click.option("--jobs", type=_whole_number(1, 1024), default=1, show_default=True,
                     help="Processes to use; the result does not depend on it.")  # fmt: skip
_QUIET = click.option("--quiet", is_flag=True, help="Show no progress.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_OUTPUT = click.option("-o", "--output", type=click.Path(path_type=Path),
                       help="Where to write; must not exist.")  # fmt: skip


def _positive_number(value: object) -> float:
    """Read a number above 0, or refuse it in a sentence."""
    try:
        number = float(str(value))
    except ValueError:
        number = 0.0
    if not 1e-9 <= number <= 1e9:
        raise click.BadParameter(f"expected a number > 0, got '{value}'")
    return number


def _pairs(context: click.Context, _: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """Read NAME=VALUE, as often as given."""
    for value in values:
        if not all(map(str.strip, value.partition("="))):
            raise click.BadParameter(f"expected NAME=VALUE, got '{value}'", context)
    split = (value.partition("=") for value in values)
    return {name.strip(): meaning.strip() for name, _, meaning in split}


_HEADINGS = click.option("--columns", multiple=True, metavar="NAME=HEADING", callback=_pairs,
                         help="Heading of a column, as in machine=Equip; repeatable.")  # fmt: skip
_DATES = click.option("--date-format", default="ISO8601", metavar="FORM",
                      help="Form of the dates, as in %d.%m.%Y; 2024-03-31 by default.")  # fmt: skip
_UNTIL = click.option("--until", "end", default="", metavar="DATE",
                      help="Records are complete up to then; the last one by default.")  # fmt: skip
_FAMILY = click.option("--distribution", "family",
                       type=click.Choice(["exponential", "weibull", "lognormal", "gamma"]),
                       help="Fit this one; the best of all by default.")  # fmt: skip


def _table(name: str, what: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give an option that names a table."""
    return click.option(f"--{name}", type=click.Path(path_type=Path), metavar="TABLE", help=what)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="partsim")
def partsim() -> None:
    """Plan spare parts: grades and stock levels at least cost, with a proof.

    Start with: partsim init, then partsim run scenario.yaml

    Exit status: 0 done, 2 bad usage or input, 3 a target cannot be reached, 130 interrupted.
    """


@partsim.command()
@_FILE
@_OUTPUT
@_SET
@_SEED
@_REPLICATIONS
@_JOBS
@_QUIET
@_JSON
def run(
    *, file: Path, output: Path | None, changes: Sequence[str], seed: int | None,
    replications: int | None, jobs: int, quiet: bool, as_json: bool,
) -> int:  # fmt: skip
    """Do it all: check, grade, optimise, simulate, correct, report."""
    from datetime import UTC, datetime

    started = datetime.now(UTC)
    scenario = _read(file, changes, seed, replications)

    # A wrong file is reported before the slow imports.
    from partsim.planning import pipeline
    from partsim.report.folder import default_folder, manifest, whole_folder
    from partsim.report.plain_text import run_text
    from partsim.scenario_file.reading import input_files
    from partsim.scenario_file.writing import write_scenario_text

    text = write_scenario_text(scenario)
    target = output or default_folder(scenario.name or file.stem, text, started)
    # The inputs as they were read, whatever happens to them during the run.
    facts = manifest(
        command=["partsim", *sys.argv[1:]],
        seed=scenario.simulation.seed,
        inputs=input_files(file, changes),
        scenario_text=text,
        started=started,
    )
    with whole_folder(target) as folder, _progress(quiet=quiet) as progress:
        result = pipeline.run(scenario, jobs=jobs, progress=progress)
        _fill(folder, result, text, facts)
    page = target / "report.html"
    if as_json:
        _say_json({**result.summary, "report": str(page)})
    else:
        _say(f"{run_text(result)}\nreport: {page}")
    return _status_of(result.plan)


@partsim.command()
@_FILE
@_SET
@_JSON
def check(*, file: Path, changes: Sequence[str], as_json: bool) -> int:
    """Read a scenario and say everything that is wrong with it."""
    from partsim.report.plain_text import scenario_counts, scenario_text
    from partsim.scenario_file.reading import table_notes

    scenario = _read(file, changes)
    notes = table_notes(file, changes)
    if as_json:
        _say_json({"problems": [], "notes": notes, **scenario_counts(scenario)})
    else:
        _say("\n".join([f"{file}: no problems", scenario_text(scenario), *notes]))
    return DONE


@partsim.command()
@_FILE
@_OUTPUT
@_SET
@_QUIET
@_JSON
def optimise(
    *, file: Path, output: Path | None, changes: Sequence[str], quiet: bool, as_json: bool
) -> int:
    """Choose grades and stock levels; print stock.csv, or write it with -o."""
    scenario = _read(file, changes)

    from partsim.optimisation import optimiser
    from partsim.report.folder import whole_file
    from partsim.report.plain_text import plan_text
    from partsim.report.tables import csv_text

    with _progress(quiet=quiet) as progress:
        plan = optimiser.optimise(scenario, progress=progress)
    if output is not None:
        whole_file(output, csv_text(plan.stock), encoding="utf-8-sig")
    if as_json:
        _say_json(_plan_facts(plan))
    elif output is not None:
        _say(f"{plan_text(plan, scenario.currency)}\nwritten      {output}")
    else:
        _say(csv_text(plan.stock).rstrip("\n"))
        _complain(plan_text(plan, scenario.currency))
    return _status_of(plan)


@partsim.command()
@_FILE
@_OUTPUT
@_SET
@click.option("--target", default="all promises", show_default=True,
              help="What to vary: 'promise of TIER', 'waiting time at DEPOT'.")  # fmt: skip
@click.option("--points", type=_whole_number(1, 100), default=9, show_default=True,
              help="Plans to compute.")  # fmt: skip
@_QUIET
@_JSON
def frontier(
    *, file: Path, output: Path | None, changes: Sequence[str], target: str, points: int,
    quiet: bool, as_json: bool,
) -> int:  # fmt: skip
    """Trace what service costs, and list the next best units: a folder with tables and picture."""
    from datetime import UTC, datetime

    started = datetime.now(UTC)
    scenario = _read(file, changes)

    from partsim.optimisation.frontier import target_names, trace_frontier
    from partsim.report.folder import default_folder, whole_folder
    from partsim.report.frontier_folder import frontier_text, write_frontier
    from partsim.scenario_file.writing import write_scenario_text

    if target not in (names := target_names(scenario)) or target == "budget":
        expected = ", ".join(name for name in names if name != "budget")
        raise click.BadParameter(f"expected one of {expected}, got '{target}'")
    name = f"{scenario.name or file.stem} frontier"
    place = output or default_folder(name, write_scenario_text(scenario), started)
    with whole_folder(place) as folder, _progress(quiet=quiet) as progress:
        found = trace_frontier(scenario, target=target, points=points, progress=progress)
        write_frontier(found, _next_units(scenario), folder)
    table = found.to_frame()
    if as_json:
        facts = {"target": target, "unit": found.unit, "currency": found.currency}
        _say_json({**facts, "points": table.to_dict("records"), "folder": str(place)})
    else:
        _say(f"{frontier_text(found)}\nwritten      {place}")
    return DONE if table["reached"].any() else NOT_REACHED


def _next_units(scenario: Scenario) -> pd.DataFrame:
    """List what to add to today's stock, or to the plan where nobody says what is there."""
    from partsim.optimisation import next_units, optimiser
    from partsim.planning.today import plan_of_today

    plan = plan_of_today(scenario) or optimiser.optimise(scenario)
    return next_units.next_units(scenario, plan)


@partsim.command()
@_FILE
@_PLAN
@_SET
@_JSON
def evaluate(*, file: Path, plan_file: Path, changes: Sequence[str], as_json: bool) -> int:
    """Say by formula what a plan does."""
    from partsim.planning import evaluation
    from partsim.report.plain_text import performance_text
    from partsim.scenario_file.reading import read_plan

    scenario = _read(file, changes)
    result = evaluation.evaluate(scenario, read_plan(plan_file, scenario))
    if as_json:
        _say_json({"plan_cost": result.plan_cost} | _records(result, "promises", "depots", "costs"))
    else:
        _say(performance_text(result, scenario.currency))
    return DONE


@partsim.command()
@_FILE
@_PLAN
@_SET
@_SEED
@_REPLICATIONS
@_JOBS
@_QUIET
@_JSON
def simulate(
    *, file: Path, plan_file: Path, changes: Sequence[str], seed: int | None,
    replications: int | None, jobs: int, quiet: bool, as_json: bool,
) -> int:  # fmt: skip
    """Play a plan out and judge every promise."""
    from partsim.report.plain_text import verdict_text
    from partsim.report.wording import money
    from partsim.scenario_file.reading import read_plan
    from partsim.simulation import simulation

    scenario = _read(file, changes, seed, replications)
    plan = read_plan(plan_file, scenario)
    with _progress(quiet=quiet) as progress:
        result = simulation.simulate(scenario, plan, jobs=jobs, progress=progress)
    if as_json:
        facts = {"plan_cost": result.plan_cost, "seed": result.seed,
                 "replications": result.replications}  # fmt: skip
        _say_json(facts | _records(result, "promises", "depots", "fleets", "costs"))
    else:
        cost = f"{money(result.plan_cost)} {scenario.currency} per year simulated"
        _say(f"{verdict_text(result.promises)}\n\ncost         {cost}")
    return DONE


@partsim.command()
@_OUTPUT
def schema(output: Path | None) -> int:
    """Print the JSON Schema of scenario files, for editors."""
    from partsim.scenario_file.schema import scenario_schema_text

    _say_or_write(scenario_schema_text(), output)
    return DONE


@partsim.command()
@click.argument("path", type=click.Path(path_type=Path), default="scenario.yaml")
@_table("parts", "Parts, with prices, lead times, lives as far as the table has them.")
@_table("depots", "Depots and what supplies them.")
@_table("machines", "Machine types and how many of each part one has.")
@_table("fleets", "Machines in the field: type, depot, customers, count.")
@_table("stock", "Today's stock: part, depot, maximum, on hand.")
@click.option("--columns", type=click.Choice(["english", "sap", "chinese"]),
              help="Whose headings the tables have; found if not given.")  # fmt: skip
def init(path: Path, columns: Dictionary | None, **tables: Path | None) -> int:
    """Write a small scenario to start from (scenario.yaml, or PATH), or one from your tables.

    Tables are CSV files or Excel workbooks. What they do not say is marked '# assumed'.
    """
    given = {"today" if key == "stock" else key: table for key, table in tables.items() if table}
    if given and "parts" not in given:
        raise click.UsageError("expected --parts with the other tables, got none")
    if given:
        from partsim.scenario_file.draft import draft_scenario

        text, notes = draft_scenario(given, columns, path)
    else:
        from partsim.scenario_file.template import init_text

        text, notes = init_text(), []
    _say_or_write(text, path)
    for note in notes:
        _say(note)
    _say(f"next: partsim run {path}")
    return DONE


@partsim.command()
@_FILE
@_OUTPUT
@_HEADINGS
@click.option("--codes", multiple=True, metavar="CODE=EVENT", callback=_pairs,
              help="Meaning of a code of the event column: failure, preventive, start, end or "
                   "ignore; repeatable.")  # fmt: skip
@click.option("--usage-per-day", type=_positive_number, default=1.0, metavar="NUMBER",
              help="Units of the usage or age column in one day of operation.")  # fmt: skip
@_DATES
@click.option("--from", "begin", default="", metavar="DATE",
              help="Records are complete from this date; the first one by default.")  # fmt: skip
@_UNTIL
@_FAMILY
@click.option("--plots", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Where to put a Weibull plot of each part; must not exist.")  # fmt: skip
@_JSON
def fit(
    *, file: Path, output: Path | None, columns: dict[str, str], codes: dict[str, str],
    family: Any, plots: Path | None, as_json: bool, **clock: Any,  # noqa: ANN401
) -> int:  # fmt: skip
    """Estimate lifetimes from repair records, as YAML for a scenario (docs/records.md)."""
    from partsim.history import RepairClock, fit_lifetimes

    found = fit_lifetimes(file, columns, codes or None, RepairClock(**clock), family)
    if plots is not None:
        _draw_lives(found, plots)
    return _say_estimates(found, output, as_json=as_json)


@partsim.command()
@_FILE
@_OUTPUT
@_HEADINGS
@_DATES
@_UNTIL
@_FAMILY
@_JSON
def fit_lead_times(
    *, file: Path, output: Path | None, columns: dict[str, str], as_json: bool,
    **options: Any,  # noqa: ANN401
) -> int:  # fmt: skip
    """Estimate lead times from orders and deliveries, as YAML for a scenario (docs/records.md)."""
    from partsim import history

    found = history.fit_lead_times(file, columns, **options)
    return _say_estimates(found, output, as_json=as_json)


def _say_estimates(found: Estimates, output: Path | None, *, as_json: bool) -> int:
    from partsim.history import estimates_facts, estimates_text
    from partsim.report.folder import whole_file

    if as_json:
        if output is not None:
            whole_file(output, estimates_text(found))
        _say_json(estimates_facts(found))
    else:
        _say_or_write(estimates_text(found), output)
    return DONE


def _draw_lives(found: Estimates, target: Path) -> None:
    """Draw the estimates one by one; the number keeps apart names that look alike."""
    import re

    from partsim.history import fit_title
    from partsim.report.drawing import svg_text
    from partsim.report.folder import whole_folder
    from partsim.report.weibull_plot import plot_weibull

    with whole_folder(target) as folder:
        for number, item in enumerate(found.items, 1):
            if item.fits:
                survival = item.fits[0].distribution.survival
                figure = plot_weibull(*item.points, survival, fit_title(item))
                plain = re.sub(r"[^\w-]+", "_", item.name)[:60]
                (folder / f"{number:03d}_{plain}.svg").write_text(
                    svg_text(figure), encoding="utf-8"
                )


def _read(
    file: Path, changes: Sequence[str], seed: int | None = None, replications: int | None = None
) -> Scenario:
    """Read the scenario; a seed on the command line is a change of the file like any other."""
    from partsim.scenario_file.reading import read_scenario

    options = {"seed": seed, "replications": replications}
    more = [f"simulation.{key}={value}" for key, value in options.items() if value is not None]
    return read_scenario(file, [*changes, *more])


def _fill(folder: Path, result: Run, text: str, facts: dict[str, Any]) -> None:
    from partsim.report.folder import write_manifest
    from partsim.report.page import write_report

    (folder / "scenario.resolved.yaml").write_text(text, encoding="utf-8")
    write_report(result, folder, manifest=facts)
    write_manifest(folder, facts)


def _status_of(plan: Plan) -> int:
    """Name the targets that no stock reaches; they are the caller's to see on any output."""
    from partsim.report.page import missed_targets

    sentences = missed_targets(plan)
    for sentence in sentences:
        _complain(f"not reached: {sentence}")
    return NOT_REACHED if sentences else DONE


def _plan_facts(plan: Plan) -> dict[str, Any]:
    proof = plan.certificate
    assert proof is not None  # the optimiser always gives one
    costs = {"plan_cost": proof.plan_cost, "lower_bound": proof.lower_bound, "gap": proof.gap}
    return {**costs, "grades": plan.grade_counts} | _records(plan, "rows", "stock")


def _records(value: object, *tables: str) -> dict[str, Any]:
    return {name: getattr(value, name).to_dict("records") for name in tables}


def _say_or_write(text: str, output: Path | None) -> None:
    from partsim.report.folder import whole_file

    if output is None:
        _say(text.rstrip("\n"))
    else:
        whole_file(output, text)
        _say(f"wrote {output}")


def _say_json(value: dict[str, Any]) -> None:
    from partsim.report.tables import strict_json

    _say(strict_json(value))


def _say(text: str = "") -> None:
    """Print to stdout; a reader that has gone away is no reason to stop or to complain."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(text: str) -> None:
    print(text, file=sys.stderr)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress | None]:
    """Show progress on stderr: bars on a terminal, elsewhere one line for each stage."""
    if quiet:
        yield None
        return
    from tqdm import tqdm

    bars: list[tqdm[Any]] = []
    stages: list[str] = []

    def show(stage: str, done: int, total: int) -> None:
        if not stages or stages[-1] != stage or done < bars[-1].n:
            if bars:
                bars[-1].close()
            stages.append(stage)
            bars.append(tqdm(total=total, desc=stage, file=sys.stderr, ascii=True, disable=None))
            if bars[-1].disable:
                _complain(f"{stage} ...")
        bars[-1].update(done - bars[-1].n)

    try:
        yield show
    finally:
        if bars:
            bars[-1].close()


def _report_problems(problems: Sequence[Problem], *, as_json: bool) -> int:
    if as_json:
        import json

        keys = ("file", "line", "column", "path", "message")
        found = [{key: getattr(problem, key) for key in keys} for problem in problems]
        _say(json.dumps({"problems": found}, indent=2))
    else:
        _complain("\n".join(map(str, problems)))
        if len(problems) > 1:
            _complain(f"{len(problems)} problems")
    return BAD_INPUT


def status_of(arguments: Sequence[str]) -> int:
    """
    Run one command line and give its exit status.

    Parameters
    ----------
    arguments : sequence of str
        As typed, without the program's name.

    Returns
    -------
    int
        0 done, 1 solver failed, 2 bad usage or input, 3 a target cannot be reached,
        130 interrupted. Any other exception is a bug and passes through.
    """
    as_json = "--json" in arguments
    try:
        status = partsim.main(list(arguments), prog_name="partsim", standalone_mode=False)
    except click.ClickException as error:
        if as_json:
            return _report_problems([Problem(error.format_message())], as_json=True)
        error.show()
        return BAD_INPUT
    except InputError as error:
        return _report_problems(error.problems, as_json=as_json)
    except PartsimError as error:
        _complain(f"error: {error}")
        return BUG
    except click.Abort:
        _complain("interrupted; nothing was written")
        return INTERRUPTED
    return status if isinstance(status, int) else DONE


def main() -> None:
    """Run the command line: the console script."""
    # A terminal that cannot show a part's name gets an escape, not a crash.
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    sys.exit(status_of(sys.argv[1:]))

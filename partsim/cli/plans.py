"""Commands about a scenario and its plan."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from partsim.cli.options import (
    FILE,
    JSON,
    OUTPUT,
    PLAN,
    QUIET,
    REPLICATIONS,
    SEED,
    SET,
    TIME_LIMIT,
    EngineChoice,
    engine_options,
    resume_option,
)
from partsim.cli.output import (
    DONE,
    INTERRUPTED,
    NOT_REACHED,
    complain,
    say,
    say_json,
    show_progress,
)

if TYPE_CHECKING:
    from partsim.model.outcome import Interrupted, Outcome
    from partsim.model.plan import Plan
    from partsim.model.run import Run
    from partsim.model.scenario import Scenario


@click.command()
@FILE
@OUTPUT
@SET
@SEED
@REPLICATIONS
@engine_options
@resume_option()
@TIME_LIMIT
@click.option("--baselines", "beside", is_flag=True,
              help="Play plans by simpler rules out too, beside ours.")  # fmt: skip
@QUIET
@JSON
def run(
    *, file: Path, output: Path | None, changes: Sequence[str], seed: int | None,
    replications: int | None, who: EngineChoice, resume: Path | None, time_limit: float | None,
    beside: bool, quiet: bool, as_json: bool,
) -> int:  # fmt: skip
    """Do it all: check, grade, optimise, simulate, correct, report."""
    from datetime import UTC, datetime

    started = datetime.now(UTC)
    scenario = read_scenario_of(file, changes, seed, replications)

    # A wrong file is reported before the slow imports.
    from partsim.model.outcome import Interrupted
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
    try:
        with whole_folder(target) as folder, show_progress(quiet=quiet) as progress:
            result = pipeline.run(
                scenario, jobs=who.jobs, engine=who.engine(), resume=resume,
                time_limit=time_limit, progress=progress,
            )  # fmt: skip
            if beside:
                from partsim.planning.simpler_rules import judge_simpler_rules

                table = judge_simpler_rules(
                    result, jobs=who.jobs, engine=who.engine(), progress=progress
                )
                result = replace(result, baselines=table)
            _fill(folder, result, text, facts)
    except Interrupted as stop:
        if resume is None:
            raise
        complain(interrupt_sentence(stop, resume))
        return INTERRUPTED
    page = target / "report.html"
    if as_json:
        say_json({**result.summary, "report": str(page)})
    else:
        say(f"{run_text(result)}\nreport: {page}")
    return status_of_plan(result.plan)


@click.command()
@FILE
@SET
@JSON
def check(*, file: Path, changes: Sequence[str], as_json: bool) -> int:
    """Read a scenario and say everything that is wrong with it."""
    from partsim.model.beyond_formulas import beyond_formulas
    from partsim.model.overload import overloads
    from partsim.report.plain_text import scenario_counts, scenario_text
    from partsim.scenario_file.reading import table_notes

    scenario = read_scenario_of(file, changes)
    if scenario.limits and scenario.grading.rule != "free":
        _check_limits(scenario, file, changes)
    notes = table_notes(file, changes)
    if as_json:
        beyond = {"overloads": overloads(scenario), "beyond_formulas": beyond_formulas(scenario)}
        say_json({"problems": [], "notes": notes, **scenario_counts(scenario)} | beyond)
    else:
        say("\n".join([f"{file}: no problems", scenario_text(scenario), *notes]))
    return DONE


def _check_limits(scenario: Scenario, file: Path, changes: Sequence[str]) -> None:
    """Refuse limits below what the parts' grades ask for, where they stand in the file."""
    from partsim.errors import InputError
    from partsim.optimisation.optimiser import model_of
    from partsim.optimisation.options import check_limits
    from partsim.scenario_file.reading import located

    try:
        check_limits(model_of(scenario))
    except InputError as error:
        raise InputError(*located(error.problems, file, changes)) from None


@click.command()
@FILE
@OUTPUT
@SET
@TIME_LIMIT
@QUIET
@JSON
def optimise(
    *, file: Path, output: Path | None, changes: Sequence[str], time_limit: float | None,
    quiet: bool, as_json: bool,
) -> int:  # fmt: skip
    """Choose grades and stock levels; print stock.csv, or write it with -o."""
    scenario = read_scenario_of(file, changes)

    from partsim.model.beyond_formulas import beyond_formulas
    from partsim.optimisation import optimiser
    from partsim.report.folder import whole_file
    from partsim.report.plain_text import plan_text
    from partsim.report.tables import csv_text

    with show_progress(quiet=quiet) as progress:
        plan = optimiser.optimise(scenario, time_limit=time_limit, progress=progress)
    if output is not None:
        whole_file(output, csv_text(plan.stock), encoding="utf-8-sig")
    if as_json:
        say_json(_plan_facts(plan))
    elif output is not None:
        say(f"{plan_text(plan, scenario.currency)}\nwritten      {output}")
    else:
        say(csv_text(plan.stock).rstrip("\n"))
        complain(plan_text(plan, scenario.currency))
    for sentence in beyond_formulas(scenario):
        complain(sentence)
    return status_of_plan(plan)


@click.command()
@FILE
@PLAN
@SET
@JSON
def evaluate(*, file: Path, plan_file: Path, changes: Sequence[str], as_json: bool) -> int:
    """Say by formula what a plan does."""
    from partsim.planning import evaluation
    from partsim.report.plain_text import performance_text
    from partsim.scenario_file.reading import read_plan

    scenario = read_scenario_of(file, changes)
    result = evaluation.evaluate(scenario, read_plan(plan_file, scenario))
    if as_json:
        say_json({"plan_cost": result.plan_cost} | _records(result, "promises", "depots", "costs"))
    else:
        say(performance_text(result, scenario.currency))
    return DONE


@click.command()
@FILE
@PLAN
@SET
@SEED
@REPLICATIONS
@engine_options
@resume_option()
@click.option(
    "--trace",
    "trace_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write every event of the first replication: a new FILE, .csv or .parquet.",
)
@click.option(
    "--calls",
    "calls_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the times of each of its calls: a new FILE, .csv or .parquet.",
)
@QUIET
@JSON
def simulate(
    *, file: Path, plan_file: Path, changes: Sequence[str], seed: int | None,
    replications: int | None, who: EngineChoice, resume: Path | None, trace_file: Path | None,
    calls_file: Path | None, quiet: bool, as_json: bool,
) -> int:  # fmt: skip
    """Play a plan out and judge every promise."""
    from partsim.model.outcome import Interrupted
    from partsim.planning.batches import Batches, question_of
    from partsim.report.precision import precision_sentence
    from partsim.report.table_file import refuse_unwritable
    from partsim.scenario_file.reading import read_plan
    from partsim.simulation import simulation

    for path in (trace_file, calls_file):
        if path is not None:
            refuse_unwritable(path)
    scenario = read_scenario_of(file, changes, seed, replications)
    plan = read_plan(plan_file, scenario)
    question = question_of(scenario, plan, scenario.simulation.seed)
    store = None if resume is None else Batches(resume, question)
    try:
        with show_progress(quiet=quiet) as progress:
            result = simulation.simulate(
                scenario, plan, jobs=who.jobs, engine=who.engine(), store=store, progress=progress
            )
    except Interrupted as stop:
        if stop.outcome is not None:
            _show_outcome(stop.outcome, scenario, as_json=as_json)
        complain(interrupt_sentence(stop, resume))
        return INTERRUPTED
    _show_outcome(result, scenario, as_json=as_json)
    if scenario.simulation.precision is not None:
        complain(f"precision: {precision_sentence(result, scenario.simulation.precision)}")
    _write_replication(scenario, plan, trace_file, calls_file)
    return DONE


def _write_replication(
    scenario: Scenario, plan: Plan, trace_file: Path | None, calls_file: Path | None
) -> None:
    """Write what happened in the first replication, event by event and call by call."""
    from partsim.report.table_file import write_table
    from partsim.simulation.call_table import call_table
    from partsim.simulation.trace import trace

    for path, played in ((trace_file, trace), (calls_file, call_table)):
        if path is not None:
            write_table(path, played(scenario, plan))
            complain(f"wrote {path}")


def _show_outcome(outcome: Outcome, scenario: Scenario, *, as_json: bool) -> None:
    from partsim.report.plain_text import verdict_text
    from partsim.report.wording import simulated_cost

    if as_json:
        facts = {"plan_cost": outcome.plan_cost, "plan_cost_low": outcome.plan_cost_low,
                 "plan_cost_high": outcome.plan_cost_high, "seed": outcome.seed,
                 "replications": outcome.replications,
                 "control_variates": outcome.controlled}  # fmt: skip
        facts |= outcome.precision(scenario.simulation.precision)
        say_json(facts | _records(outcome, *_shown_tables(outcome)))
    else:
        cost = simulated_cost(outcome, f"{scenario.currency} per year simulated")
        say(f"{verdict_text(outcome.promises)}\n\ncost         {cost}")


def _shown_tables(outcome: Outcome) -> list[str]:
    """Name the tables of an outcome that a program may want: all but the long ones."""
    from dataclasses import fields

    from pandas import DataFrame

    names = [field.name for field in fields(outcome) if field.name not in _LONG_TABLES]
    return [name for name in names if isinstance(getattr(outcome, name), DataFrame)]


_LONG_TABLES = ("cells", "responses", "samples", "weights")


def interrupt_sentence(stop: Interrupted, resume: Path | None) -> str:
    """Say how far a simulation came, and how to go on."""
    hint = "with --resume FOLDER a run can go on from there"
    if resume is not None:
        hint = f"type the same command again to go on from {resume}"
    return f"interrupted: {stop}; {hint}"


def read_scenario_of(
    file: Path, changes: Sequence[str], seed: int | None = None, replications: int | None = None
) -> Scenario:
    """Read the scenario; a seed on the command line is a change of the file like any other."""
    from partsim.scenario_file.reading import read_scenario

    options = {"seed": seed, "replications": replications}
    more = [f"simulation.{key}={value}" for key, value in options.items() if value is not None]
    scenario = read_scenario(file, [*changes, *more])
    if replications is None:
        return scenario
    rules = scenario.simulation.model_copy(update={"most_replications": None})  # as typed
    return scenario.model_copy(update={"simulation": rules})


def _fill(folder: Path, result: Run, text: str, facts: dict[str, Any]) -> None:
    from partsim.report.folder import write_manifest
    from partsim.report.page import write_report

    (folder / "scenario.resolved.yaml").write_text(text, encoding="utf-8")
    write_report(result, folder, manifest=facts)
    write_manifest(folder, facts)


def status_of_plan(plan: Plan) -> int:
    """Name the targets that no stock reaches; they are the caller's to see on any output."""
    from partsim.report.missed_targets import missed_targets

    sentences = missed_targets(plan)
    for sentence in sentences:
        complain(f"not reached: {sentence}")
    return NOT_REACHED if sentences else DONE


def _plan_facts(plan: Plan) -> dict[str, Any]:
    proof = plan.certificate
    assert proof is not None  # the optimiser always gives one
    costs = {"plan_cost": proof.plan_cost, "lower_bound": proof.lower_bound, "gap": proof.gap,
             "bound_holds_for": proof.holds_for, "status": proof.status,
             "seconds": proof.seconds}  # fmt: skip
    return {**costs, "grades": plan.grade_counts} | _records(plan, "rows", "stock")


def _records(value: object, *tables: str) -> dict[str, Any]:
    return {name: getattr(value, name).to_dict("records") for name in tables}

"""Commands about service against money: the frontier, and the best service for a budget."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from partsim.cli.options import (
    FILE,
    JSON,
    OUTPUT,
    QUIET,
    REPLICATIONS,
    SEED,
    SET,
    TIME_LIMIT,
    EngineChoice,
    engine_options,
    positive_number,
    resume_option,
    whole_number,
)
from partsim.cli.output import DONE, INTERRUPTED, complain, say, say_json, show_progress
from partsim.cli.plans import interrupt_sentence, read_scenario_of, status_of_plan

if TYPE_CHECKING:
    import pandas as pd

    from partsim.model.frontier import Frontier, Money
    from partsim.model.scenario import Scenario
    from partsim.optimisation.optimiser import Progress

_MOST_POINTS = 100


def _points_to_play(value: str) -> int:
    """Read how many points to play out; 'all' are no fewer than there can be."""
    if value == "all":
        return _MOST_POINTS
    if not value.lstrip("-").isdigit():
        raise click.BadParameter(f"expected 'all' or a whole number, got '{value}'")
    return whole_number(1, _MOST_POINTS)(value)


@click.command()
@FILE
@OUTPUT
@SET
@click.option(
    "--target",
    default="all promises",
    show_default=True,
    metavar="NAME",
    help="What to vary: 'promise of TIER', 'waiting time at DEPOT', 'fill rate of GROUP', "
    "'availability of MACHINE', 'budget' and others; an unknown one lists all.",
)
@click.option(
    "--points",
    type=whole_number(1, _MOST_POINTS),
    default=9,
    show_default=True,
    help="Plans to compute.",
)
@click.option(
    "--values",
    default="",
    metavar="LIST",
    help="Values of the target instead, as in '90 %, 95 %', '6 h, 12 h' or '400 k, 1 M'.",
)
@click.option(
    "--simulate", "played", is_flag=False, flag_value="all", type=_points_to_play, metavar="[N]",
    help="Play the plans of all points out, or of N evenly chosen, with the same random numbers.",
)  # fmt: skip
@SEED
@REPLICATIONS
@engine_options
@resume_option("of every point ")
@TIME_LIMIT
@QUIET
@JSON
def frontier(
    *, file: Path, output: Path | None, changes: Sequence[str], target: str, points: int,
    values: str, played: int | None, seed: int | None, replications: int | None,
    who: EngineChoice, resume: Path | None, time_limit: float | None, quiet: bool, as_json: bool,
) -> int:  # fmt: skip
    """Trace what service costs, and list the next best units: a folder with page and tables."""
    from datetime import UTC, datetime

    started = datetime.now(UTC)
    if played is None and not (seed is None and replications is None and resume is None):
        message = "--seed, --replications and --resume are for --simulate: add --simulate"
        raise click.UsageError(message)
    scenario = read_scenario_of(file, changes, seed, replications)

    from partsim.model.outcome import Interrupted
    from partsim.planning.frontier import play_frontier
    from partsim.report.folder import default_folder, manifest, whole_folder, write_manifest
    from partsim.report.frontier_folder import write_frontier
    from partsim.report.frontier_page import write_frontier_page
    from partsim.scenario_file.reading import input_files
    from partsim.scenario_file.writing import write_scenario_text

    chosen = _points(scenario, target, points, values)
    name = f"{scenario.name or file.stem} frontier"
    text = write_scenario_text(scenario)
    place = output or default_folder(name, text, started)
    facts = manifest(
        command=["partsim", *sys.argv[1:]], seed=scenario.simulation.seed,
        inputs=input_files(file, changes), scenario_text=text, started=started,
    )  # fmt: skip
    try:
        with whole_folder(place) as folder, show_progress(quiet=quiet) as progress:
            found = _trace(scenario, target, chosen, time_limit, progress)
            if played is not None:
                found = play_frontier(
                    scenario, found, points=played, jobs=who.jobs, engine=who.engine(),
                    resume=resume, progress=progress,
                )  # fmt: skip
            units = _next_units(scenario, target, time_limit)
            write_frontier(found, units, folder)
            write_frontier_page(scenario, found, units, folder, title=name, manifest=facts)
            write_manifest(folder, facts)
    except Interrupted as stop:
        complain(interrupt_sentence(stop, resume))
        return INTERRUPTED
    _show(found, place, as_json=as_json)
    reached = found.to_frame()["reached"].any()
    return DONE if reached else status_of_plan(found.points[0].plan)


def _trace(
    scenario: Scenario, target: str, points: int | list[float], time_limit: float | None,
    progress: Progress | None,
) -> Frontier:  # fmt: skip
    from partsim.optimisation.frontier import trace_frontier

    try:
        return trace_frontier(
            scenario, target=target, points=points, time_limit=time_limit, progress=progress
        )
    except ValueError as error:  # a value that no plan can be asked for
        raise click.BadParameter(str(error), param_hint="'--values'") from None


def _show(found: Frontier, place: Path, *, as_json: bool) -> None:
    from partsim.report.frontier_folder import frontier_text

    if not as_json:
        say(f"{frontier_text(found)}\nwritten      {place}")
        return
    facts: dict[str, Any] = {"target": found.target, "unit": found.unit,
                             "currency": found.currency, "seconds": found.seconds}  # fmt: skip
    if found.simulated is not None:
        facts["simulated"] = found.simulated.to_dict("records")
    say_json({**facts, "points": found.to_frame().to_dict("records"), "folder": str(place)})


def _points(scenario: Scenario, target: str, points: int, values: str) -> int | list[float]:
    """Read the values in the target's unit; a number of points where there are none."""
    from partsim.model.units import parse_duration, parse_money, parse_share
    from partsim.optimisation.named_targets import target_names, unit_of

    if target not in (names := target_names(scenario)):
        expected = ", ".join(f"'{name}'" for name in names)
        message = f"expected one of {expected}, got '{target}'"
        raise click.BadParameter(message, param_hint="'--target'")
    unit = unit_of(scenario, target)
    if not values.strip():
        if unit in ("money", "volume"):
            message = f"expected --values for '{target}', as in --values '400, 500', got none"
            raise click.BadParameter(message, param_hint="'--target'")
        return points
    read = {"share": parse_share, "hours": lambda text: parse_duration(text) * 24,
            "money": parse_money}.get(unit, positive_number)  # fmt: skip
    try:
        return [read(text.strip()) for text in values.split(",")]
    except (ValueError, click.BadParameter) as error:
        raise click.BadParameter(str(error), param_hint="'--values'") from None


def _next_units(scenario: Scenario, target: str, time_limit: float | None) -> pd.DataFrame:
    """List what to add to today's stock, or to the plan where nobody says what is there."""
    from partsim.optimisation import next_units, optimiser
    from partsim.optimisation.named_targets import service_names
    from partsim.optimisation.service_measure import measure_unit
    from partsim.planning.today import plan_of_today
    from partsim.report.unit_reasons import unit_reasons

    plan = plan_of_today(scenario) or optimiser.optimise(scenario, time_limit=time_limit)
    measure = target if target in service_names(scenario) else "promises"
    table = next_units.next_units(scenario, plan, measure=measure)
    unit = measure_unit(scenario, measure)
    return table.assign(reason=unit_reasons(table, measure, unit, scenario.currency))


@click.command(name="best-service")
@FILE
@click.option("--budget", required=True, metavar="MONEY", help="Money to spend, such as '500 k'.")
@click.option(
    "--measure",
    default="promises",
    show_default=True,
    metavar="NAME",
    help="What to better: 'promises', 'backorders', or a target as of partsim frontier.",
)
@click.option(
    "--money",
    type=click.Choice(["investment", "cost"]),
    default="investment",
    show_default=True,
    help="Limit the money in stock levels, or the cost per year.",
)
@OUTPUT
@SET
@JSON
def best_service(
    *, file: Path, budget: str, measure: str, money: Money, output: Path | None,
    changes: Sequence[str], as_json: bool,
) -> int:  # fmt: skip
    """Choose stock levels for the best service that a budget buys; -o writes stock.csv."""
    scenario = read_scenario_of(file, changes)

    from partsim.model.units import parse_money
    from partsim.optimisation.best_service import optimise_service
    from partsim.report.folder import whole_file
    from partsim.report.frontier_folder import best_service_text
    from partsim.report.tables import csv_text

    try:
        found = optimise_service(scenario, parse_money(budget), measure=measure, money=money)
    except ValueError as error:
        name = str(error).partition(":")[0]
        hint = f"'--{name}'" if name == "measure" else "'--budget'"
        raise click.BadParameter(str(error).removeprefix(f"{name}: "), param_hint=hint) from None
    if output is not None:
        whole_file(output, csv_text(found.plan.stock), encoding="utf-8-sig")
    if as_json:
        say_json(found.summary | {"stock": found.plan.stock.to_dict("records")})
    else:
        say(best_service_text(found, scenario.currency))
        if output is not None:
            say(f"written      {output}")
    return DONE

"""The program: all commands, and what becomes of errors."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Sequence

import click

from partsim import __version__
from partsim.cli import (
    files,
    forecasts,
    free_grades,
    grades,
    grading_price,
    plans,
    records,
    sensitivities,
    trade_offs,
    what_if,
)
from partsim.cli.output import BAD_INPUT, BUG, DONE, INTERRUPTED, complain, report_problems
from partsim.errors import InputError, PartsimError, Problem

TASKS: dict[str, dict[click.Command, str]] = {
    "Start": {
        files.init: "Write a scenario to start from, or one from your tables.",
        plans.check: "Say everything that is wrong with a scenario.",
        files.schema: "Print the JSON Schema of scenario files, for editors.",
    },
    "Plan": {
        plans.run: "Do it all: optimise, simulate, correct, report.",
        plans.optimise: "Choose grades and stock levels at least cost.",
        plans.evaluate: "Say by formula what a plan does.",
        plans.simulate: "Play a plan out and judge every promise.",
        forecasts.forecast: "Forecast demand by part and month.",
    },
    "What if": {
        what_if.compare: "Plan, simulate and compare scenarios.",
        what_if.sweep: "Plan and simulate a scenario at many values of its keys.",
        sensitivities.sensitivity: "Say which assumption matters most.",
        trade_offs.frontier: "Trace what service costs; list the next best units.",
        trade_offs.best_service: "Choose the best service that a budget buys.",
    },
    "Grades": {
        grades.grades: "Say which grade each part has, and why.",
        free_grades.free_grades: "Price a scenario's rule of grading against free grades.",
        grading_price.price_of_grading: "Price rules of grading on a table of parts.",
    },
    "Records": {
        records.fit: "Estimate lifetimes from repair records.",
        records.fit_lead_times: "Estimate lead times from orders and deliveries.",
        records.fit_demand: "Estimate demand from withdrawals or sales.",
    },
}
"""Commands by what people want, each with its line in the list of all."""


class _ByTask(click.Group):
    """Lists its commands task by task instead of by the alphabet."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each task."""
        longest = max(len(name) for name in self.list_commands(ctx))
        for task, commands in TASKS.items():
            with formatter.section(task):
                rows = [(f"{command.name:{longest}}", line) for command, line in commands.items()]
                formatter.write_dl(rows)


@click.group(cls=_ByTask, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="partsim")
def partsim() -> None:
    """Plan spare parts: grades and stock levels at least cost, with a proof.

    Start with: partsim init, then partsim run scenario.yaml

    FILE is a scenario, a YAML file as init writes it; of records and prices of grading a table.
    COMMAND --help says more of each command.

    Exit status: 0 done, 2 bad usage or input, 3 a target cannot be reached, 130 interrupted.
    """


for task in TASKS.values():
    for command in task:
        partsim.add_command(command)


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
            return report_problems([Problem(error.format_message())], as_json=True)
        error.show()
        return BAD_INPUT
    except InputError as error:
        return report_problems(error.problems, as_json=as_json)
    except PartsimError as error:
        complain(f"error: {error}")
        return BUG
    except click.Abort:
        complain("interrupted; nothing was written")
        return INTERRUPTED
    return status if isinstance(status, int) else DONE


_OBJECTS_BETWEEN_SEARCHES = 100_000
"""Objects after which Python searches for cycles; its own 700 search the modules again and again
while they load, which takes a twentieth of a short command."""


def main() -> None:
    """Run the command line: the console script."""
    gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES)
    # A terminal that cannot show a part's name gets an escape, not a crash.
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    status = status_of(sys.argv[1:])
    # All is said and written: Ctrl-C while Python ends is too late to change the status.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(status)

"""The program: all commands, and what becomes of errors."""

from __future__ import annotations

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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="partsim")
def partsim() -> None:
    """Plan spare parts: grades and stock levels at least cost, with a proof.

    Start with: partsim init, then partsim run scenario.yaml

    Exit status: 0 done, 2 bad usage or input, 3 a target cannot be reached, 130 interrupted.
    """


for command in (
    *(plans.run, plans.check, plans.optimise, grades.grades, plans.evaluate, plans.simulate),
    *(what_if.compare, what_if.sweep, sensitivities.sensitivity),
    *(trade_offs.frontier, trade_offs.best_service, forecasts.forecast),
    *(grading_price.price_of_grading, free_grades.free_grades),
    *(files.schema, files.init, records.fit, records.fit_lead_times, records.fit_demand),
):
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


def main() -> None:
    """Run the command line: the console script."""
    # A terminal that cannot show a part's name gets an escape, not a crash.
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    sys.exit(status_of(sys.argv[1:]))

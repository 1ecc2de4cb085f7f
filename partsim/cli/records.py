"""Commands that turn records into inputs of a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from partsim.cli.options import (
    DATES,
    FAMILY,
    FILE,
    HEADINGS,
    JSON,
    OUTPUT,
    UNTIL,
    pairs,
    positive_number,
    weight_or_best,
)
from partsim.cli.output import DONE, complain, say, say_json, say_or_write

if TYPE_CHECKING:
    from partsim.history import Estimates


@click.command()
@FILE
@OUTPUT
@HEADINGS
@click.option("--codes", multiple=True, metavar="CODE=EVENT", callback=pairs,
              help="Meaning of a code of the event column: failure, preventive, start, end or "
                   "ignore; repeatable.")  # fmt: skip
@click.option("--usage-per-day", type=positive_number, default=1.0, metavar="NUMBER",
              help="Units of the usage or age column in one day of operation.")  # fmt: skip
@DATES
@click.option("--from", "begin", default="", metavar="DATE",
              help="Records are complete from this date; the first one by default.")  # fmt: skip
@UNTIL
@FAMILY
@click.option("--plots", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Where to put a Weibull plot of each part; must not exist.")  # fmt: skip
@JSON
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


@click.command()
@FILE
@OUTPUT
@HEADINGS
@DATES
@UNTIL
@FAMILY
@click.option("--early", type=click.Choice(["refuse", "drop"]), default="refuse",
              show_default=True, help="Rows delivered before their order.")  # fmt: skip
@JSON
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
        say_json(estimates_facts(found))
    else:
        say_or_write(estimates_text(found), output)
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


@click.command()
@FILE
@OUTPUT
@HEADINGS
@DATES
@click.option("--period", type=click.Choice(["week", "month"]),
              help="Length of a period, where its headings are no dates.")  # fmt: skip
@click.option("--births", type=click.Choice(["records", "first-demand"]), default="records",
              show_default=True, help="Since when a part has been there.")  # fmt: skip
@click.option("--method", default="pattern", show_default=True,
              type=click.Choice(["pattern", "croston", "sba", "tsb", "smoothing", "mean"]),
              help="Forecast of the rate; the pattern of demand chooses by default.")  # fmt: skip
@click.option("--smoothing", default="0.1", show_default=True, metavar="WEIGHT|best",
              callback=lambda context, _, value: weight_or_best(context, value),
              help="Weight of the newest value, or the best one part by part.")  # fmt: skip
@JSON
def fit_demand(
    *, file: Path, output: Path | None, columns: dict[str, str], births: str, as_json: bool,
    **options: Any,  # noqa: ANN401
) -> int:  # fmt: skip
    """Estimate demand by part from withdrawals or sales, as a table (docs/records.md)."""
    from partsim.history import demand_estimates
    from partsim.report.folder import whole_file
    from partsim.report.tables import csv_text

    found = demand_estimates.fit_demand(
        file, columns, births="records" if births == "records" else "first_demand", **options
    )
    text = csv_text(demand_estimates.demand_rows(found))
    if output is not None:
        whole_file(output, text, encoding="utf-8-sig")
    if as_json:
        say_json({"notes": list(found.notes), "demand": found.table.to_dict("records")})
        return DONE
    say(f"wrote {output}" if output is not None else text.rstrip("\n"))
    for note in found.notes:
        complain(note)
    return DONE

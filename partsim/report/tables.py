"""The tables of a run, and how they are written: CSV safe for spreadsheets, strict JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from partsim.model.run import Run
from partsim.model.tier_phases import TierPhases
from partsim.report.approvals import approvals_table

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_AXES = ["part", "depot"]
_ENDS = ("", "_low", "_high")


def rows_of(table: pd.DataFrame) -> list[Any]:
    """Give the rows of a table as named tuples."""
    return list(table.itertuples(index=False))


def stock_table(run: Run) -> pd.DataFrame:
    """
    Give the plan's stock levels with what they do, one row for each part and depot.

    Returns
    -------
    DataFrame
        The columns of ``Plan.stock``, then demand, modelled and simulated service, and money.
    """
    measured = ["fill_rate", "waiting_time_hours", "on_hand"]
    formula = run.performance.cells[[*_AXES, "demand_per_year", *measured]]
    intervals = [f"{name}{end}" for name in ("demand_per_year", *measured) for end in _ENDS]
    simulated = run.outcome.cells[[*_AXES, *intervals]]
    simulated = simulated.rename(columns={name: f"simulated_{name}" for name in intervals})
    table = run.plan.stock.merge(formula, how="left", on=_AXES, validate="1:1")
    table = table.merge(simulated, how="left", on=_AXES, validate="1:1")
    price = np.repeat(run.scenario.prices, len(run.plan.depot_ids))
    table["price"] = price
    table["value"] = table["base_stock"] * price
    return table


def parts_table(run: Run) -> pd.DataFrame:
    """
    Give grade, score, criteria, price, use and stock, one row for each part.

    Returns
    -------
    DataFrame
        part, name, grade, free_grade (the cheapest, if known), score, the criteria (0 to 1),
        letters, made_by, moves, price, demand_per_year, base_stock (over all depots), its value
        and cost_per_year by formula (holding of what lies on shelves, ordering, approval,
        control loss).
    """
    table = run.grading.table
    table.insert(1, "name", [part.name for part in run.scenario.parts.values()])
    table["grade"] = run.plan.grades
    if run.grading_price is not None:
        place = list(table).index("grade") + 1
        table.insert(place, "free_grade", run.grading_price.free.grades)
    table["price"] = run.scenario.prices
    table["demand_per_year"] = run.demand.depot_rate.sum(axis=1) * 365
    table["base_stock"] = run.plan.base_stock.sum(axis=1)
    table["value"] = table["base_stock"] * table["price"]
    table["cost_per_year"] = run.performance.parts["cost"].to_numpy()
    return table


def promises_table(run: Run) -> pd.DataFrame:
    """
    Give the verdict with response times, and today's share beside it; one row for each tier.

    Returns
    -------
    DataFrame
        The columns of ``Run.promises``, then those of ``Outcome.promises`` that it lacks.
    """
    verdict = run.promises
    more = [c for c in run.outcome.promises.columns if c not in verdict.columns]
    table = verdict.merge(run.outcome.promises[["tier", *more]], on="tier", validate="1:1")
    if run.today is not None:
        names = {"share_simulated": "today_share", "share_low": "today_share_low",
                 "share_high": "today_share_high", "kept": "today_kept"}  # fmt: skip
        today = run.today.outcome.promises[["tier", *names]].rename(columns=names)
        table = table.merge(today, on="tier", validate="1:1")
    return table


def depots_table(run: Run) -> pd.DataFrame:
    """
    Give market, units, money and service, one row for each depot.

    Returns
    -------
    DataFrame
        depot, name, market, supplied_by, units, value, modelled_* and the simulated fill rate
        and waiting time.
    """
    scenario, levels = run.scenario, run.plan.base_stock
    depots = scenario.depots.values()
    table = pd.DataFrame(
        {
            "depot": scenario.depot_ids,
            "name": [depot.name for depot in depots],
            "market": [depot.market for depot in depots],
            "supplied_by": [depot.supplied_by for depot in depots],
            "units": levels.sum(axis=0),
            "value": scenario.prices @ levels,
        }
    )
    both = ["fill_rate", "waiting_time_hours"]
    formula = run.performance.depots[["depot", *both]]
    formula = formula.rename(columns={name: f"modelled_{name}" for name in both})
    table = table.merge(formula, how="left", on="depot", validate="1:1")
    return table.merge(run.outcome.depots, how="left", on="depot", validate="1:1")


def fleets_table(run: Run) -> pd.DataFrame:
    """
    Give the tier of each fleet, what it means, and the share of time that its machines run.

    Returns
    -------
    DataFrame
        The columns of ``Outcome.fleets``, then standard and priority of the tier.
    """
    table = run.outcome.fleets.copy()
    scenario = run.scenario
    for column, of_tier in (
        ("standard", {name: tier.standard or "" for name, tier in scenario.tiers.items()}),
        ("priority", scenario.priorities),
    ):
        table[column] = [
            _by_age(phases, [of_tier[tier] for tier in phases.tiers])
            for phases in scenario.tier_phases
        ]
    return table


def _by_age(phases: TierPhases, values: Sequence[str | int]) -> str | int:
    """Give what holds in all phases, or say what holds in each."""
    return values[0] if len(set(values)) == 1 else phases.text([str(value) for value in values])


def costs_table(run: Run) -> pd.DataFrame:
    """
    Give each kind of cost [currency per year], by formula and simulated, plan and today.

    Returns
    -------
    DataFrame
        cost, modelled, simulated, simulated_low, simulated_high, and today_* when there.
    """
    names = {f"per_year{end}": f"simulated{end}" for end in _ENDS}
    table = run.performance.costs.rename(columns={"per_year": "modelled"})
    simulated = run.outcome.costs.rename(columns=names)
    # What the formulas do not know comes last.
    kinds = dict.fromkeys([*table["cost"], *simulated["cost"]])
    table = pd.DataFrame({"cost": list(kinds)}).merge(table, how="left", on="cost")
    table = table.merge(simulated, how="left", on="cost")
    if run.today is not None:
        ends = {f"per_year{end}": f"today_simulated{end}" for end in _ENDS}
        for judged, columns in (
            (run.today.performance, {"per_year": "today_modelled"}),
            (run.today.outcome, ends),
        ):
            costs = judged.costs[["cost", *columns]].rename(columns=columns)
            table = table.merge(costs, how="left", on="cost")
    return table


def csv_tables(run: Run) -> dict[str, pd.DataFrame]:
    """
    Give every table of the run folder by its file name.

    Returns
    -------
    dict of str to DataFrame
        stock.csv, parts.csv, promises.csv, depots.csv, costs.csv, rounds.csv, service.csv,
        baselines.csv when asked for, targets.csv when it has targets that are no promise,
        target_rounds.csv when the simulation judges some of them,
        technicians.csv when the scenario has groups, supply.csv where it has supply rules of its
        own, prevention.csv where units are put in as planned, warranty.csv where machines have
        one, grading_price.csv where grades compare, approvals.csv when it says today's grades,
        and orders.csv when it says what is there today.
    """
    tables = {
        "stock.csv": stock_table(run),
        "parts.csv": parts_table(run),
        "promises.csv": promises_table(run),
        "depots.csv": depots_table(run),
        "tier_depots.csv": run.outcome.tier_depots,
        "fleets.csv": fleets_table(run),
        "costs.csv": costs_table(run),
        "rounds.csv": run.rounds,
        "service.csv": run.outcome.service,
    }
    if len(run.targets):
        tables["targets.csv"] = run.targets
    if len(run.outcome.technicians):
        tables["technicians.csv"] = run.outcome.technicians
    if len(run.outcome.supply):
        tables["supply.csv"] = run.outcome.supply
    perhaps = {"baselines": run.baselines, "target_rounds": run.target_rounds,
               "prevention": run.outcome.prevention, "warranty": run.outcome.warranty,
               "series": run.outcome.series}  # fmt: skip
    for name, table in perhaps.items():
        if table is not None:
            tables[f"{name}.csv"] = table
    if run.grading_price is not None:
        tables["grading_price.csv"] = run.grading_price.table
    approvals = approvals_table(run)
    if len(approvals):
        tables["approvals.csv"] = approvals
    if run.orders is not None:
        tables["orders.csv"] = run.orders
    return tables


def spreadsheet_safe(value: object) -> object:
    r"""
    Keep a spreadsheet from taking a text for a formula.

    Text that starts with ``= + - @``, tab or carriage return, after any apostrophes, gets one
    apostrophe in front. The inverse, for a reader: drop one leading apostrophe from a text
    that matches ``'+[=+\-@\t\r]`` at its start. Numbers are left alone.

    Examples
    --------
    >>> spreadsheet_safe("=1+1"), spreadsheet_safe("pump-3"), spreadsheet_safe(-5)
    ("'=1+1", 'pump-3', -5)
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def csv_text(table: pd.DataFrame) -> str:
    r"""
    Write a table as CSV, its texts safe for spreadsheets and its numbers with 10 digits.

    Parameters
    ----------
    table : DataFrame
        Any table; its index is left out.

    Returns
    -------
    str
        Lines that end in a line feed. In a file it is encoded as ``utf-8-sig``, the mark
        without which spreadsheets garble names that are not English.

    Examples
    --------
    >>> csv_text(pd.DataFrame({"part": ["0012", "-7"], "price": [-1.5, 0.1 + 0.2]}))
    "part,price\n0012,-1.5\n'-7,0.3\n"
    """
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = safe[column].astype(object).map(spreadsheet_safe)
    text: str = safe.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return text


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table to a CSV file as `csv_text` gives it, with the mark that spreadsheets need."""
    path.write_bytes(csv_text(table).encode("utf-8-sig"))


def strict_json(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """
    Write a value as JSON that every reader takes: no NaN, sorted keys, 12 digits, ASCII.

    Parameters
    ----------
    value : object
        Mappings, sequences, text, numbers (also numpy's), None.

    Returns
    -------
    str
        Indented JSON without a final line feed; NaN and infinity are null.

    Examples
    --------
    >>> print(strict_json({"b": float("nan"), "a": np.float64(0.1 + 0.2)}))
    {
      "a": 0.3,
      "b": null
    }
    """
    return json.dumps(_plain(value), indent=2, sort_keys=True, allow_nan=False)


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.12g}") if isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value

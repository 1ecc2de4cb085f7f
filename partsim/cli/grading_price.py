"""The command that prices rules of grading on a table of parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from partsim.cli.options import FILE, HEADINGS, JSON, pairs, positive_number, whole_number
from partsim.cli.output import DONE, say, say_json

if TYPE_CHECKING:
    from partsim.history.record_tables import RecordTable
    from partsim.optimisation.graded_stock import GradedStock
    from partsim.optimisation.grading_price import GradingCost

_COLUMNS = (
    *("part", "price", "demand_per_year", "lead_time_days"),
    *("variance_ratio", "criticality", "grade"),
)
_CRITICALITIES = ("desirable", "essential", "vital")


@click.command()
@FILE
@HEADINGS
@click.option("--wait", "waits", multiple=True, metavar="PARTS=DAYS", callback=pairs,
              help="Mean wait of a unit that all parts together keep: all, or the vital, "
                   "essential or desirable ones; repeatable. all=1 by default.")  # fmt: skip
@click.option("--holding", type=positive_number, default=0.2, show_default=True,
              metavar="SHARE", help="Holding cost per year as a share of the price.")  # fmt: skip
@click.option("--grades", type=whole_number(1, 5), default=3, show_default=True,
              help="Grades.")  # fmt: skip
@JSON
def price_of_grading(
    *, file: Path, columns: dict[str, str], waits: dict[str, str], holding: float, grades: int,
    as_json: bool,
) -> int:  # fmt: skip
    """Price rules of grading on a CSV table of parts (docs/price_of_grading.md)."""
    from partsim.history.record_tables import read_record_table
    from partsim.optimisation.grading_price import price_of_grading as compare

    limits = _limits(waits)
    table = read_record_table(file, _COLUMNS, columns)
    stock, scores, given = _parts(table, limits, holding)
    try:
        found = compare(stock, scores, most_grades=grades, given=given)
    except ValueError as error:
        raise click.UsageError(f"{file}: {error}") from None
    if as_json:
        say_json({"parts": len(table), "rules": [vars(row) for row in found]})
    else:
        say(_text(found, len(table)))
    return DONE


def _limits(waits: dict[str, str]) -> dict[str, float]:
    """Read the waits allowed."""
    for name in waits:
        if name not in ("all", *_CRITICALITIES):
            known = ", ".join(("all", *_CRITICALITIES))
            raise click.BadParameter(f"--wait: expected one of {known}, got '{name}'")
    return {name: positive_number(days) for name, days in waits.items()} or {"all": 1.0}


def _parts(
    table: RecordTable, limits: dict[str, float], holding: float
) -> tuple[GradedStock, dict[str, Any], dict[str, Any]]:
    """Bring the table into arrays: the stock, the scores of the rules, and grades in the file."""
    import numpy as np

    from partsim.grading.economics import criteria_ratios, economic_scores
    from partsim.grading.facts import CRITICALITY_WEIGHT
    from partsim.grading.favourable_weights import ng_scores
    from partsim.optimisation.graded_stock import GradedStock
    from partsim.optimisation.stock_problem import StockProblem

    for name in _COLUMNS[:4]:
        table.require(name)
    table.refuse()
    table.names("part")
    price, use, lead_time = (table.numbers(name) for name in _COLUMNS[1:4])
    ratio = table.numbers("variance_ratio", 1.0) if "variance_ratio" in table else np.ones(len(use))
    texts = [text.lower() or "desirable" for text in table.texts("criticality", "desirable")]
    wrong = [i for i, text in enumerate(texts) if text not in _CRITICALITIES]
    table.complain("criticality", wrong, "vital, essential or desirable")
    for name, values in (("price", price), ("variance_ratio", ratio)):
        table.complain(name, np.flatnonzero(values == 0), "a number > 0")
    for name, values in (("price", price), ("demand_per_year", use), ("lead_time_days", lead_time)):
        if name in table:
            table.complain(name, np.flatnonzero(np.isnan(values)), "a number, got an empty cell")
    table.refuse()
    family = np.array([_CRITICALITIES.index(text) for text in texts])
    names = list(limits)
    share = np.array(
        [[[float(name in ("all", each))] for each in _CRITICALITIES] for name in names]
    )
    problem = StockProblem(
        holding_cost=holding * price,
        demand_rate=use[:, None] / 365,
        lead_time=lead_time,
        transport_time=None,
        family=family,
        tier_share=share,
        depot_wait=np.array([np.inf]),
        tier_wait=np.array(list(limits.values())),
    )
    weight = np.maximum(CRITICALITY_WEIGHT[family], 1e-9)
    scores = {
        "economic": np.maximum(
            economic_scores(weight, 1.0, use, lead_time, holding * price), -99.0
        ),
        "criteria ratio": criteria_ratios(weight, use, holding * price, np.ones(len(use))),
        "value": use * price,
        "price": -price,
        "criticality": weight,
        "ng": ng_scores(np.column_stack([use * price, lead_time, weight])),
    }
    given = {"as in the file": np.unique(table.texts("grade"), return_inverse=True)[1]}
    stock = GradedStock.plain(problem, price=price, variance_ratio=ratio)
    return stock, scores, given if "grade" in table else {}


def _text(rows: tuple[GradingCost, ...], parts: int) -> str:
    """Lay the rules out as a table."""
    lines = [
        f"{parts} parts; cost per year, over a decision for every part; the same waits",
        f"{'rule':<16} {'a grade carries':<16} {'cost':>14} {'over':>8} {'gap':>7}  grades",
    ]
    for row in rows:
        lines.append(
            f"{row.rule:<16} {row.promise:<16} {row.cost:>14,.0f} {row.over:>8.1%} "
            f"{row.gap:>7.2%}  {'; '.join(row.grades)}"
        )
    return "\n".join(lines)

"""Results as plain text for a terminal, in characters that every terminal can show."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from unicodedata import east_asian_width

import pandas as pd

from partsim.model.beyond_formulas import beyond_formulas
from partsim.model.overload import overloads
from partsim.model.performance import Performance
from partsim.model.plan import Plan
from partsim.model.run import Run
from partsim.model.scenario import Scenario
from partsim.report.approvals import approvals_sentence
from partsim.report.precision import precision_asked
from partsim.report.tables import rows_of
from partsim.report.target_rounds import target_rounds_table
from partsim.report.unmet_promises import unmet_sentences
from partsim.report.wording import (
    PEOPLE,
    VERDICT,
    hours,
    interval,
    money,
    out_of_time,
    percent,
    price_of_grading,
    prices_of,
    simulated_cost,
    target_interval,
    target_value,
    target_verdict,
    verdict_sentence,
    wanted,
)


def run_text(run: Run) -> str:
    """
    Write the verdict on every promise, cost, bound, gap and grades.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.

    Returns
    -------
    str
        Lines of text.
    """
    per_year = f"{run.scenario.currency} per year"
    lines = _proof_lines(run.plan, per_year)
    lines.insert(1, ("simulated", simulated_cost(run.outcome, per_year)))
    if precision := precision_asked(run):
        lines.append(("precision", precision))
    if run.today is not None:
        verdict = verdict_sentence(run.today.outcome.promises["kept"])
        cost = simulated_cost(run.today.outcome, f"{per_year} simulated")
        lines.append(("today", f"{cost}; {verdict}"))
    if run.grading_price is not None:
        lines.append(("grading", price_of_grading(run.grading_price, run.scenario.currency)))
    if sentence := approvals_sentence(run):
        lines.append(("approvals", sentence))
    title = f"{run.scenario.name or 'Verdict'}: {verdict_sentence(run.promises['kept'])}"
    lines += _price_lines(run.plan, run.scenario.currency)
    sentences = overloads(run.scenario, run.plan) + beyond_formulas(run.scenario)
    notes = "".join(f"\n{sentence}" for sentence in sentences)
    rounds = f"\n\n{rounds_text(run)}" if run.rounds["round"].max() > 1 else ""
    verdicts = "\n\n".join([verdict_text(run.promises), *targets_texts(run.targets)])
    unmet = "".join(f"\n{sentence}" for sentence in unmet_sentences(run))
    more = rounds if run.baselines is None else f"{rounds}\n\n{baselines_text(run.baselines)}"
    return f"{title}\n\n{verdicts}\n\n{_aligned(lines)}{notes}{unmet}{more}"


def baselines_text(baselines: pd.DataFrame) -> str:
    """Write the table of ``Run.baselines``: cost and promises of simpler rules."""
    heads = ("simpler rules", "tier", "by formula", "simulated", "verdict", "cost simulated")
    rows = [
        (row.rule, row.tier, percent(row.share_modelled), percent(row.share_simulated),
         VERDICT[row.kept], money(row.cost_simulated))
        for row in rows_of(baselines)
    ]  # fmt: skip
    return table_text(heads, rows)


def targets_texts(targets: pd.DataFrame) -> list[str]:
    """Write the table of ``Run.targets``; no text where there are none."""
    heads = ("other targets", "wanted", "by formula", "simulated", "95 % interval", "verdict")
    rows = [
        (row.row, wanted(row.target, row.unit), target_value(row.modelled, row.unit),
         target_value(row.simulated, row.unit) if row.kept else "-",
         target_interval(row.simulated_low, row.simulated_high, row.unit),
         target_verdict(row.kept, reached=row.reached))
        for row in rows_of(targets)
    ]  # fmt: skip
    return [table_text(heads, rows)] if rows else []


def rounds_text(run: Run) -> str:
    """Write what was aimed at, modelled and simulated in each round of a run."""
    heads = ("round", "tier or target", "aimed at", "by formula", "simulated", "verdict", "")
    rows = [
        (str(row.round), row.tier, percent(row.share_target), percent(row.share_modelled),
         percent(row.share_simulated), VERDICT[row.kept], "this plan" if row.chosen else "")
        for row in rows_of(run.rounds)
    ]  # fmt: skip
    others = target_rounds_table(run).astype({"round": str})
    rows = sorted([*rows, *others.itertuples(index=False, name=None)], key=lambda row: int(row[0]))
    return "\n".join(line.rstrip() for line in table_text(heads, rows).splitlines())


def plan_text(plan: Plan, currency: str) -> str:
    """Write cost, bound, gap, grades and units of a plan from the optimiser."""
    lines = _proof_lines(plan, f"{currency} per year") + _price_lines(plan, currency)
    return _aligned(lines)


def performance_text(performance: Performance, currency: str) -> str:
    """Write the shares and the cost of a plan by formula."""
    heads = ("tier", "within", "promised", "by formula")
    rows = [
        (row.tier, hours(row.within_hours), percent(row.share_promised),
         percent(row.share_modelled))
        for row in rows_of(performance.promises)
    ]  # fmt: skip
    cost = f"{money(performance.plan_cost)} {currency} per year by formula"
    return f"{table_text(heads, rows)}\n\n{_aligned([('cost', cost)])}"


def grades_text(table: pd.DataFrame, scenario: Scenario) -> str:
    """Write the grade of each part, why it has it, and what would change it."""
    heads = {"part": "part", "grade": "grade", "letters": "VED XYZ", "score": "score",
             "made_by": "because of", "moves": "would change", "base_stock": "units",
             "cost_per_year": f"{scenario.currency} per year"}  # fmt: skip
    shown = table.assign(score=table["score"].map("{:.2f}".format))
    if "cost_per_year" in table:
        shown = shown.assign(cost_per_year=table["cost_per_year"].map(money))
    rows = [[str(value) for value in row] for row in rows_of(shown)]
    counts = table["grade"].value_counts()
    many = ", ".join(f"{counts.get(grade, 0)} {grade}" for grade in scenario.grade_ids)
    title = f"{many} by the rule {scenario.grading.name}"
    return f"{title}\n\n{table_text([heads[column] for column in map(str, shown)], rows)}"


def verdict_text(promises: pd.DataFrame) -> str:
    """Write the verdict table of ``Run.promises`` or ``Outcome.promises``."""
    heads = ("tier", "within", "promised", "simulated", "95 % interval", "verdict")
    rows = [
        (row.tier, hours(row.within_hours), percent(row.share_promised),
         percent(row.share_simulated), interval(row.share_low, row.share_high),
         VERDICT[row.kept])
        for row in rows_of(promises)
    ]  # fmt: skip
    return table_text(heads, rows)


def scenario_text(scenario: Scenario) -> str:
    """Write what a scenario holds: how many of what, and the promises."""
    counts = scenario_counts(scenario)
    there = {what: n for what, n in counts.items() if n}
    lines = [", ".join(f"{n:,} {what[:-1] if n == 1 else what}" for what, n in there.items())]
    for tier in scenario.tier_ids:
        promise = scenario.promise_of(tier)
        lines.append(f"{tier}: {promise.share * 100:g} % of calls within {promise.within * 24:g} h")
    if scenario.plans:
        for fleet, phases in zip(scenario.fleet_ids, scenario.tier_phases, strict=True):
            tiers = [_tier_text(scenario, tier) for tier in phases.tiers]
            lines.append(f"plan: {fleet}: {phases.text(tiers)}")
    return "\n".join(lines + overloads(scenario) + beyond_formulas(scenario))


def _tier_text(scenario: Scenario, tier: str) -> str:
    """Say what a tier means for its fleets."""
    entry = scenario.tiers[tier]
    standard = f", standard {entry.standard}" if entry.standard else ""
    return f"{tier}{standard}, priority {scenario.priorities[tier]}"


def scenario_counts(scenario: Scenario) -> dict[str, int]:
    """Count parts, suppliers, depots, fleets, machines, rows of demand and tiers."""
    return {
        "parts": len(scenario.parts),
        "suppliers": len(scenario.suppliers),
        "depots": len(scenario.depots),
        "fleets": len(scenario.fleets),
        "machines": sum(fleet.count for fleet in scenario.fleets),
        "demand rows": len(scenario.demand),
        "tiers": len(scenario.tiers),
    }


def table_text(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """
    Align columns: the first to the left, the others to the right.

    Examples
    --------
    >>> print(table_text(("tier", "promised"), [("gold", "95.0 %"), ("铁路", "90.0 %")]))
    tier  promised
    gold    95.0 %
    铁路    90.0 %
    """
    widths = [max(map(_width, column)) for column in zip(heads, *rows, strict=True)]
    lines = []
    for first, *others in (heads, *rows):
        cells = [first + " " * (widths[0] - _width(first))]
        cells += [
            " " * (w - _width(text)) + text for text, w in zip(others, widths[1:], strict=True)
        ]
        lines.append("  ".join(cells))
    return "\n".join(lines)


def _width(text: str) -> int:
    """Count columns on a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _proof_lines(plan: Plan, per_year: str) -> list[tuple[str, str]]:
    proof = plan.certificate
    assert proof is not None  # the optimiser always gives one
    return [
        ("cost", f"{money(proof.plan_cost)} {per_year}"),
        (
            "lower bound",
            f"{money(proof.lower_bound)} {per_year}"
            + (", whatever the grades" if proof.any_grades else ""),
        ),
        ("gap", f"{proof.gap * 100:.2f} %" if isfinite(proof.gap) else "-"),
        *([("search", out_of_time(proof))] if proof.out_of_time else []),
        ("grades", ", ".join(f"{count} {grade}" for grade, count in plan.grade_counts.items())),
        ("stock", f"{int(plan.base_stock.sum()):,} units"),
        *_people_lines(plan),
    ]


def _people_lines(plan: Plan) -> list[tuple[str, str]]:
    """Say of each grade with approvers or a limit of parts whether its people can manage."""
    rows = plan.certificate.rows if plan.certificate else ()
    return [
        (
            "manageable" if row.reached else "too much",
            f"{row.name}: {target_value(row.value, row.unit)} of at most "
            f"{target_value(row.target, row.unit)}",
        )
        for row in rows
        if row.unit in PEOPLE
    ]


def _price_lines(plan: Plan, currency: str) -> list[tuple[str, str]]:
    """Say what a little more of each target that binds would cost."""
    return [
        ("" if i else "at margin", sentence) for i, sentence in enumerate(prices_of(plan, currency))
    ]


def _aligned(lines: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{what:<12} {value}" for what, value in lines)

"""Which case of a sweep to take, in sentences and as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from partsim.model.what_if import Choice, Comparison, Sweep
from partsim.report.tables import rows_of
from partsim.report.wording import money


def choice_text(choice: Choice, currency: str) -> str:
    """
    Say which case to take, and how sure that is.

    Examples
    --------
    >>> choice_text(Choice("two", "three", 20.0, 15.0, 25.0), "EUR")
    'cheapest that keeps everything: two; the next, three, costs 20 EUR per year more (15 to 25)'
    >>> choice_text(Choice("dear", given=("price=30 k",)), "EUR")
    'with price=30 k, cheapest that keeps everything: dear; no other does'
    >>> choice_text(Choice(in_the_way=("promise of gold",)), "EUR")
    'no case keeps everything with confidence; the nearest misses promise of gold'
    """
    start = f"with {'; '.join(choice.given)}, " if choice.given else ""
    if not choice.case:
        missed = ", ".join(choice.in_the_way)
        return f"{start}no case keeps everything with confidence; the nearest misses {missed}"
    found = f"{start}cheapest that keeps everything: {choice.case}"
    if not choice.next_case:
        return f"{found}; no other does"
    sure = "" if choice.certain else "; longer simulations would tell them apart"
    ends = f"{money(choice.saving_low)} to {money(choice.saving_high)}"
    more = f"{money(choice.saving)} {currency} per year more ({ends})"
    return f"{found}; the next, {choice.next_case}, costs {more}{sure}"


def sweep_texts(sweep: Sweep, comparison: Comparison) -> list[str]:
    """
    Say which case to take, once for all values that nobody chooses.

    Parameters
    ----------
    sweep : Sweep
        Values and choices.
    comparison : Comparison
        What was chosen from.

    Returns
    -------
    list of str
        A sentence for each choice, without its full stop. Where nothing was left to choose, one
        that says so, and what keeping everything costs.
    """
    if sweep.leaves_a_choice:
        return [choice_text(choice, comparison.currency) for choice in sweep.choices]
    return [_no_choice(sweep.choices, comparison)]


def _no_choice(choices: Sequence[Choice], comparison: Comparison) -> str:
    """Say what keeping everything costs at least and at most."""
    costs = comparison.plans.set_index("case")["simulated_cost"]
    kept = sorted((choice for choice in choices if choice.case), key=lambda one: costs[one.case])
    ends = [
        f"{money(costs[choice.case])} {comparison.currency} per year with {choice.case}"
        for choice in dict.fromkeys([*kept[:1], *kept[-1:]])
    ]
    text = "no choice, for nobody chooses these values; "
    if not kept:
        return f"{text}no case keeps everything with confidence"
    text += f"keeping everything costs {', '.join(ends)}"
    lost = ["; ".join(choice.given) for choice in choices if not choice.case]
    return f"{text}; not everything is kept with {', '.join(lost)}" if lost else text


def sweep_summary(sweep: Sweep, comparison: Comparison) -> dict[str, Any]:
    """
    Give the choices as values, and as text, for JSON.

    Returns
    -------
    dict
        ``choice``, the text; ``choices``, for each its attributes, whether it is certain, and the
        values of its case by key (none for the file as it is).
    """
    rows = rows_of(sweep.points)
    keys = list(sweep.points.columns[1:])
    values = {row[0]: dict(zip(keys, row[1:], strict=True)) for row in rows}
    return {
        "choice": "\n".join(sweep_texts(sweep, comparison)),
        "choices": [
            asdict(choice) | {"certain": choice.certain, "values": values.get(choice.case, {})}
            for choice in sweep.choices
        ],
    }

"""Promises that are not kept, in words: what is late and why, what binds, what would mend it."""

from __future__ import annotations

import pandas as pd

from partsim.model.outcome import Outcome
from partsim.model.unmet import Binding, unmet_promises
from partsim.report.tables import rows_of
from partsim.report.wording import VERDICT, hours, percent

_MEND: dict[Binding, str] = {
    "stock": "more stock would mend it, where budget, storage and limits allow",
    "technicians": "technicians bind and no stock keeps it; more technicians or longer shifts "
    "would mend it",
    "travel and repair": "travel and repair bind and no stock keeps it; shorter ways, faster "
    "diagnosis and repair or more depots would mend it",
    "length of the simulation": "the simulation is too short to tell: more replications would",
}


def unmet_sentences(outcome: Outcome) -> list[str]:
    """
    Say of each promise that is not kept with confidence what makes calls late.

    Parameters
    ----------
    outcome : Outcome
        By simulation.

    Returns
    -------
    list of str
        A sentence for each, without its full stop; none where all are kept.
    """
    return [_sentence(row) for row in rows_of(unmet_promises(outcome))]


def _sentence(row: pd.Series) -> str:
    """Write one row of `unmet_promises`."""
    late = (
        f"{percent(row.late_for_parts)} of calls are late for parts, "
        f"{percent(row.late_for_technicians)} for technicians, "
        f"{percent(row.late_anyway)} for travel, repair and the rest"
    )
    text = f"promise of {row.tier} {VERDICT[row.kept]}: {late}; without waits for parts "
    text += f"{percent(row.share_best)} would keep it; {_MEND[row.binds]}"
    if row.kept == "open" or row.honest_hours != row.honest_hours:
        return text
    share = f"{row.share_promised * 100:g} %"
    return f"{text}; with this plan {share} can be promised within {hours(row.honest_hours)}"

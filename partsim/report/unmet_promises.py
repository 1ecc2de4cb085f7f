"""Promises that are not kept, in words: what is late and why, what binds, what would mend it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from partsim.model.overload import overloads
from partsim.model.run import Run
from partsim.model.unmet import Binding, unmet_promises
from partsim.report.tables import rows_of
from partsim.report.wording import VERDICT, hours, percent

_MEND: dict[Binding, str] = {
    "stock": "more stock would mend it, where budget, storage and limits allow",
    "technicians": "technicians bind and no stock keeps it; more technicians or longer shifts "
    "would mend it",
    "travel and repair": "travel and repair bind and no stock keeps it; shorter ways, faster "
    "diagnosis and repair or more depots would mend it",
    "suppliers or shops": "orders or repairs are overloaded and no stock keeps it for long: "
    "relieve the supplier or shop",
    "length of the simulation": "the simulation is too short to tell: more replications would",
}


def unmet_sentences(run: Run) -> list[str]:
    """
    Say of each promise that is not kept with confidence what makes calls late.

    Parameters
    ----------
    run : Run
        Its outcome by simulation; who is overloaded with its plan decides what would mend it.

    Returns
    -------
    list of str
        A sentence for each, without its full stop; none where all are kept.
    """
    overloaded = overloads(run.scenario, run.plan)
    return [_sentence(row, overloaded) for row in rows_of(unmet_promises(run.outcome, overloaded))]


def _sentence(row: pd.Series, overloaded: Sequence[str]) -> str:
    """Write one row of `unmet_promises`."""
    if row.share_simulated != row.share_simulated:
        text = "no call came; more replications or years would tell"
        return f"promise of {row.tier} {VERDICT[row.kept]}: {text}"
    late = (
        f"{percent(row.late_for_parts)} of calls are late for parts, "
        f"{percent(row.late_for_technicians)} for technicians, "
        f"{percent(row.late_anyway)} for travel, repair and the rest"
    )
    text = f"promise of {row.tier} {VERDICT[row.kept]}: {late}; without waits for parts "
    text += f"{percent(row.share_best)} would keep it; {_MEND[row.binds]}"
    # Where waits grow all the time, hours that were kept so far promise nothing.
    if row.kept == "open" or overloaded or row.honest_hours != row.honest_hours:
        return text
    share = f"{row.share_promised * 100:g} %"
    return f"{text}; with this plan {share} can be promised within {hours(row.honest_hours)}"

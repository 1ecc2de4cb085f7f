"""Promises that a plan does not keep: what makes calls late, and what that binds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from partsim.model.outcome import Outcome

if TYPE_CHECKING:
    import pandas as pd

Binding = Literal[
    "stock", "suppliers or shops", "technicians", "travel and repair", "length of the simulation"
]
"""What has to change before a promise is kept."""


def binding(
    share_promised: float, late_for_technicians: float, late_anyway: float, kept: str
) -> Binding:
    """
    Say what keeps a promise from being kept.

    Parameters
    ----------
    share_promised : float
        Share of calls to be in time, 0 to 1.
    late_for_technicians, late_anyway : float
        Shares of calls that are late though they wait for no part: because they wait for
        technicians; and even without that.
    kept : str
        Verdict of the simulation: ``no`` or ``open``.

    Returns
    -------
    str
        The hardest to change that is enough to break the promise.

    Examples
    --------
    >>> binding(0.9, 0.02, 0.12, "no"), binding(0.9, 0.06, 0.06, "no"), binding(0.9, 0, 0.01, "no")
    ('travel and repair', 'technicians', 'stock')
    >>> binding(0.9, 0, 0.01, "open")
    'length of the simulation'
    """
    allowed = 1 - share_promised
    if late_anyway > allowed:
        return "travel and repair"
    if late_anyway + late_for_technicians > allowed:
        return "technicians"
    return "length of the simulation" if kept == "open" else "stock"


def unmet_promises(outcome: Outcome, overloaded: Sequence[str] = ()) -> pd.DataFrame:
    """
    List the promises that are not kept with confidence, and what binds each.

    Parameters
    ----------
    outcome : Outcome
        By simulation.
    overloaded : sequence of str
        By `partsim.model.overload.overloads`: no stock makes up for long for a supplier or repair
        shop that is asked for more than it can do.

    Returns
    -------
    DataFrame
        tier, within_hours, share_promised, share_simulated, kept, honest_hours; late_for_parts,
        late_for_technicians, late_anyway (shares of calls, as in `Outcome.service`); share_best
        (kept if no call waited for a part) and binds, by `binding`.
    """
    columns = ["tier", "within_hours", "share_promised", "share_simulated", "kept", "honest_hours"]
    late = ["late_for_parts", "late_for_technicians", "late_anyway"]
    unmet = outcome.promises.loc[outcome.promises["kept"] != "yes", columns]
    tiers = outcome.service[outcome.service["group"] == "tier"]
    causes = tiers[["name", *late]].rename(columns={"name": "tier"})
    table = unmet.merge(causes, how="left", on="tier").fillna(dict.fromkeys(late, 0.0))
    table["share_best"] = 1 - table["late_for_technicians"] - table["late_anyway"]
    facts = table[["share_promised", "late_for_technicians", "late_anyway", "kept"]]
    table["binds"] = [binding(*row) for row in facts.itertuples(index=False)]
    if any(not text.startswith("overload: technicians") for text in overloaded):
        table["binds"] = table["binds"].replace("stock", "suppliers or shops")
    return table

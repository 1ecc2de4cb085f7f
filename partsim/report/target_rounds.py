"""How targets that are no promise came out round by round, in the words of page and terminal."""

from __future__ import annotations

import pandas as pd

from partsim.model.run import Run
from partsim.report.tables import rows_of
from partsim.report.wording import VERDICT, target_value


def target_rounds_table(run: Run) -> pd.DataFrame:
    """
    Write `Run.target_rounds` as texts.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.

    Returns
    -------
    DataFrame
        round (a number), row, aimed, modelled, simulated, kept, chosen; empty where the scenario
        has no such targets.
    """
    rows = [
        (row.round, row.row, target_value(row.aimed, row.unit),
         target_value(row.modelled, row.unit),
         target_value(row.simulated, row.unit) if row.kept else "-",
         VERDICT.get(row.kept, "-"),
         "this plan" if row.chosen else "")
        for row in ([] if run.target_rounds is None else rows_of(run.target_rounds))
    ]  # fmt: skip
    names = ["round", "row", "aimed", "modelled", "simulated", "kept", "chosen"]
    return pd.DataFrame(rows, columns=names)

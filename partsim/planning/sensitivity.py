"""Which assumption matters most: to the cost of the decision, and to the promises it keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from partsim.model.plan import Plan
from partsim.model.scenario import Scenario
from partsim.model.sensitivity import Sensitivity
from partsim.model.what_if import Case
from partsim.optimisation.optimiser import optimise
from partsim.planning.assumptions import ASSUMPTIONS, changed
from partsim.planning.what_if import compare_cases
from partsim.simulation.engines import Engine

Progress = Callable[[str, int, int], None]
Key = tuple[str, float]


def find_sensitivity(
    scenario: Scenario,
    *,
    by: float = 0.2,
    jobs: int = 1,
    engine: Engine | None = None,
    resume: Path | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """
    Change one assumption at a time, down and up, and see what becomes of cost and promises.

    Two questions, each with its own answer. What if we had known: the least cost for the changed
    scenario, by the optimiser. What if we find out too late: the plan for the scenario as it is,
    played in the changed one with the same random numbers.

    Parameters
    ----------
    scenario : Scenario
        As it is believed to be.
    by : float
        How far an assumption is off, as a share of its value; above 0 and below 1.
    jobs, engine, resume, time_limit, progress
        As for `partsim.planning.what_if.compare_cases`.

    Returns
    -------
    Sensitivity
        Two rows for each assumption of `partsim.planning.assumptions.ASSUMPTIONS` that the
        scenario has.

    Raises
    ------
    ValueError
        If `by` is not above 0 and below 1.
    InputError
        If `resume` belongs to another seed or version.
    Interrupted
        On Ctrl-C in a simulation.

    Examples
    --------
    >>> from partsim import read_scenario
    >>> short = ["simulation.years=1", "simulation.replications=2"]
    >>> scenario = read_scenario("scenarios/first_steps.yaml", short)
    >>> table = find_sensitivity(scenario).table
    >>> bool(table.query("assumption == 'prices'")["cost_change"].is_monotonic_increasing)
    True
    """
    if not 0 < by < 1:
        raise ValueError(f"by: expected a share above 0 and below 1, got {by}")
    worlds = {
        (name, factor): world
        for name in ASSUMPTIONS
        for factor in (1 - by, 1 + by)
        if (world := changed(scenario, name, factor)) != scenario
    }
    base = optimise(scenario, time_limit=time_limit, progress=progress)
    best: dict[Key, Plan] = {}
    for number, (key, world) in enumerate(worlds.items(), start=1):
        best[key] = optimise(world, time_limit=time_limit)
        if progress is not None:
            progress("cheapest plans", number, len(worlds))
    cases = {"as it is": Case(scenario, base)}
    cases |= {_label(key): Case(world, base) for key, world in worlds.items()}
    played = compare_cases(cases, jobs=jobs, engine=engine, resume=resume, progress=progress)
    table = _table(_cost(base), best, played.promises)
    return Sensitivity(scenario.currency, by, base, table)


def _label(key: Key) -> str:
    return f"{key[0]} times {key[1]:g}"


def _cost(plan: Plan) -> float:
    assert plan.certificate is not None  # from the optimiser
    return plan.certificate.plan_cost


def _table(cost: float, best: Mapping[Key, Plan], promises: pd.DataFrame) -> pd.DataFrame:
    least = _least_in_hand(promises).set_index("case")
    rows = []
    for key, plan in best.items():
        assert plan.certificate is not None  # from the optimiser
        rows.append(
            {
                "assumption": key[0],
                "factor": key[1],
                "least_cost": _cost(plan),
                "cost_change": _cost(plan) - cost,
                "missed": "; ".join(row.name for row in plan.certificate.missed),
                **least.loc[_label(key)].to_dict(),
            }
        )
    table = pd.DataFrame(rows)
    spread = table.groupby("assumption")["cost_change"].transform(lambda x: x.abs().max())
    order = spread.sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _least_in_hand(promises: pd.DataFrame) -> pd.DataFrame:
    """Give, case by case, the promise that has least in hand."""
    columns = ["case", "tier", "share_promised", "share_simulated", "share_low", "share_high",
               "kept"]  # fmt: skip
    table = promises[columns].copy()
    for name, share in (("margin", "share_simulated"), ("margin_low", "share_low"),
                        ("margin_high", "share_high")):  # fmt: skip
        table[name] = table[share] - table["share_promised"]
    return table.loc[table.groupby("case", sort=False)["margin"].idxmin()]

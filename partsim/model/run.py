"""Run: the whole answer to one scenario, decision and proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from partsim.model.arrays import table_markup
from partsim.model.demand import Demand
from partsim.model.grading_price import GradingPrice
from partsim.model.outcome import Outcome
from partsim.model.overload import overloads
from partsim.model.performance import Performance
from partsim.model.plan import Grading, Plan
from partsim.model.scenario import Scenario
from partsim.model.unmet import unmet_promises

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Judged:
    """A plan with its performance by formula and by simulation."""

    plan: Plan
    performance: Performance
    outcome: Outcome


@dataclass(frozen=True, eq=False)
class Run:
    """
    Everything that `run` found out.

    Attributes
    ----------
    scenario, demand, grading
        The question, the demand, the grades.
    plan, performance, outcome
        The plan, by formula and by simulation from fresh seeds.
    rounds : DataFrame
        One row for each round and tier: round, tier, share_target (what the optimiser was asked
        for), share_modelled, share_simulated, share_low, share_high, kept, share_best (without
        a wait for parts, as simulated), cost_simulated [money per year] with _low and _high, and
        chosen (whether the round's plan is the one reported).
    today : Judged, optional
        Today's stock, evaluated and simulated in the same way.
    orders : DataFrame, optional
        What to do from today's stock: part, depot, have, on_order, should, buy, move, excess.
    seconds : mapping of str to float
        CPU time of each stage.
    grading_price : GradingPrice, optional
        What the grades cost at the targets of the plan; none where no grades keep them.
    baselines : DataFrame, optional
        Plans by simpler rules for the same shares and random numbers, the plan itself first: rule,
        setting, tier, share_promised, share_modelled, share_simulated, share_low, share_high, kept,
        cost_modelled, cost_simulated [money per year] with _low and _high; one row for each rule
        and tier.
    target_rounds : DataFrame, optional
        One row for each round and target that is no promise and that a simulation judges: round,
        row, unit, target, aimed (what the optimiser was asked for), modelled, simulated,
        simulated_low, simulated_high, kept, chosen; in the unit of the target.
    allowed_miss : ndarray of float, shape (row,), optional
        What the plan was allowed by a correction, as `partsim.optimise` takes it; None where that
        is what the scenario asks for.
    """

    scenario: Scenario
    demand: Demand
    grading: Grading
    plan: Plan
    performance: Performance
    outcome: Outcome
    rounds: pd.DataFrame
    today: Judged | None
    orders: pd.DataFrame | None
    seconds: Mapping[str, float]
    grading_price: GradingPrice | None = None
    baselines: pd.DataFrame | None = None
    target_rounds: pd.DataFrame | None = None
    allowed_miss: NDArray[np.float64] | None = None

    @property
    def promises(self) -> pd.DataFrame:
        """The verdict: one row for each tier, promised, modelled and simulated."""
        columns = ["tier", "within_hours", "share_promised"]
        verdict = self.outcome.promises[
            [*columns, "share_simulated", "share_low", "share_high", "kept"]
        ].copy()
        verdict.insert(3, "share_modelled", self.performance.promises["share_modelled"].to_numpy())
        return verdict

    @property
    def targets(self) -> pd.DataFrame:
        """
        All targets that are no promise, by formula and simulated; often none.

        Returns
        -------
        DataFrame
            row, unit, target, modelled, reached (by the formulas), simulated, simulated_low,
            simulated_high and kept; the last four are empty for what needs no simulation (budget,
            storage, approvals) and where tiers are served by rank.
        """
        promises = {f"promise of {tier}" for tier in self.scenario.tier_ids}
        table = self.plan.rows[["row", "unit", "target", "value", "reached"]]
        table = table[~table["row"].isin(promises)].rename(columns={"value": "modelled"})
        seen = self.outcome.targets
        if seen is None:
            return table.assign(simulated=nan, simulated_low=nan, simulated_high=nan, kept="")
        seen = seen.drop(columns=["target", "without_waits"])
        table = table.merge(seen, how="left", on="row", validate="1:1")
        return table.assign(kept=table["kept"].astype(object).where(table["kept"].notna(), ""))

    @property
    def summary(self) -> dict[str, Any]:
        """The content of summary.json."""
        proof = self.plan.certificate
        assert proof is not None  # a Run's plan comes from the optimiser
        corrections = int(self.rounds.loc[self.rounds["chosen"], "round"].max()) - 1
        promises = self.promises.drop(columns="share_modelled").to_dict("records")
        summary: dict[str, Any] = {
            "name": self.scenario.name,
            "currency": self.scenario.currency,
            "plan_cost": proof.plan_cost,
            "lower_bound": proof.lower_bound,
            "gap": proof.gap,
            "status": proof.status,
            "bound_holds_for": proof.holds_for
            + (" and its corrected targets" if corrections else ""),
            "promises": promises,
            "targets": self.targets.to_dict("records"),
            "unmet_promises": unmet_promises(
                self.outcome, overloads(self.scenario, self.plan)
            ).to_dict("records"),
            "missed_targets": [
                {"row": row.name, "target": row.target, "best": row.best, "unit": row.unit}
                for row in proof.missed
            ],
            "grades": self.plan.grade_counts,
            **self.outcome.simulated_cost,
            "simulation": self.outcome.sampling
            | self.outcome.precision(self.scenario.simulation.precision),
            "corrections": corrections,
            "rounds": self.rounds.to_dict("records"),
            "seconds": dict(self.seconds),
        }
        if self.target_rounds is not None:
            summary["target_rounds"] = self.target_rounds.to_dict("records")
        if self.baselines is not None:
            summary["baselines"] = self.baselines.to_dict("records")
        if self.grading_price is not None:
            table = self.grading_price.table
            summary["price_of_grading"] = table.to_dict("records")
        if self.today is not None:
            summary["today"] = {
                "plan_cost": self.today.performance.plan_cost,
                **self.today.outcome.simulated_cost,
                "promises": self.today.outcome.promises[
                    ["tier", "share_simulated", "share_low", "share_high", "kept"]
                ].to_dict("records"),
            }
        return summary

    def __repr__(self) -> str:
        return f"Run({self.scenario.name!r}, {self.plan!r}, {self.outcome!r})"

    def _repr_html_(self) -> str:
        tables = {"Verdict": self.promises, "Stock": self.plan.stock, "Rounds": self.rounds}
        return table_markup(repr(self.plan), tables)

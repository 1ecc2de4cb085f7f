"""The next best units: which part, where, and what it buys for its money."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.analytic.argument_checks import whole
from partsim.demand.estimation import estimate_demand
from partsim.model.plan import Plan
from partsim.model.scenario import Scenario
from partsim.optimisation.assessment import assess
from partsim.optimisation.certified_plans import build_model
from partsim.optimisation.evaluation_model import EvaluationModel, RootNetwork
from partsim.optimisation.options import Options, evaluate_options
from partsim.optimisation.regional_network import RegionalNetwork
from partsim.optimisation.service_measure import measure_unit, service_rows, service_weights
from partsim.optimisation.settled_demand import settled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def next_units(
    scenario: Scenario, plan: Plan, *, measure: str = "promises", most: int = 20
) -> pd.DataFrame:
    """
    List the units to add to a plan one by one, each the one that buys most for its price.

    Each unit is judged by itself on what is there by then. Where the first unit buys nothing and
    two together would, neither is listed: `optimise_service` looks further.

    Parameters
    ----------
    scenario : Scenario
        The question.
    plan : Plan
        Where to start: today's stock, or the optimiser's plan.
    measure : str
        What to better, as for `optimise_service`: ``promises``, the share of all calls that keep
        theirs; ``backorders``, the machines that wait for a part; or one target by its name, such
        as ``waiting time at DEPOT``, which here is backorders over full demand.
    most : int
        Units to list at most.

    Returns
    -------
    DataFrame
        part, depot, base_stock (with the unit), price, cost_per_year (that it adds), gain (a
        share more, or so many units or hours less), gain_per_1000 (of money), investment
        (in this and all units before), value (of the measure after it). Fewer rows where no
        single unit gains.

    Raises
    ------
    ValueError
        If `most` is below 1 or the measure unknown.

    Examples
    --------
    >>> from partsim import optimise, read_scenario
    >>> case = read_scenario("scenarios/first_steps.yaml")
    >>> next_units(case, optimise(case), most=2)[["part", "investment"]].values.tolist()
    [['seal', 400.0], ['seal', 800.0]]
    """
    whole("most", most, 1)
    unit = measure_unit(scenario, measure)
    model = build_model(
        scenario,
        estimate_demand(scenario),
        plan.grades,
        lot=plan.order_quantity,
        least_levels=plan.base_stock + most,
    )
    model = settled(model, plan.base_stock)
    model = replace(model, targets=service_rows(model, measure))
    levels, weights = (
        plan.base_stock.copy(),
        service_weights(model, measure) * (24 if unit == "hours" else 1),
    )
    value = float(assess(model, levels).use @ weights)
    steps = _Steps(model, weights)
    for root in model.roots:
        steps.renew(root, root.parts, levels)
    rows, spent = [], 0.0
    for _ in range(most):
        worth = steps.gain / scenario.prices[:, None]
        p, d = np.unravel_index(int(worth.argmax()), worth.shape)
        gain, price = float(steps.gain[p, d]), float(scenario.prices[p])
        if gain <= 1e-12:
            break
        levels[p, d] += 1
        value, spent = value - gain, spent + price
        rows.append((scenario.part_ids[p], scenario.depot_ids[d], int(levels[p, d]), price,
                     float(steps.cost[p, d]), gain, 1e3 * gain / price, spent,
                     1 - value if unit == "share" else value))  # fmt: skip
        for root in model.roots:
            if d == root.depot or d in root.below:
                steps.renew(root, np.array([p]), levels)
    names = ["part", "depot", "base_stock", "price", "cost_per_year", "gain", "gain_per_1000",
             "investment", "value"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


@dataclass(eq=False)
class _Steps:
    """
    What one more unit of each cell gains and costs.

    Attributes
    ----------
    model : EvaluationModel
        With the rows of service.
    weights : ndarray of float, shape (row,)
        What is to fall: this sum of uses.
    gain, cost : ndarray of float, shape (part, depot)
        Fall of the sum, and money per year; no gain where the scenario's limits end.
    """

    model: EvaluationModel
    weights: Floats

    def __post_init__(self) -> None:
        self.gain = np.zeros(self.model.lot.shape)
        self.cost = np.zeros(self.model.lot.shape)

    def renew(self, root: RootNetwork, parts: Ints, levels: Ints) -> None:
        """Work out the steps of parts under one root, regions included, from new levels."""
        for depot in root.regions:
            now = levels[:, root.depot]
            self.renew(RegionalNetwork(self.model, int(depot), root, now), parts, levels)
        now = levels[parts, root.depot]
        both = self._at(root, np.tile(parts, 2), np.concatenate([now, now + 1]))
        for p in parts:
            s, fields = int(levels[p, root.depot]), levels[p, root.fields]
            before = self._sums(root, *both[p, s], fields)
            after = [self._sums(root, *both[p, s], fields + unit)
                     for unit in np.eye(len(fields), dtype=int)]  # fmt: skip
            after.append(self._sums(root, *both[p, s + 1], fields))
            depots = np.append(root.fields, root.depot)
            self.gain[p, depots] = [before[0] - there for there, _ in after]
            self.cost[p, depots] = [there - before[1] for _, there in after]
        for depot in root.regions:  # they gain from a unit above too
            here, there = (
                self._in_region(RegionalNetwork(self.model, int(depot), root, above), parts, levels)
                for above in (levels[:, root.depot], levels[:, root.depot] + 1)
            )
            self.gain[parts, root.depot] += (here - there)[:, 0]
            self.cost[parts, root.depot] += (there - here)[:, 1]
        full = levels >= self.model.scenario.most_stock
        self.gain[full] = 0.0

    def _at(
        self, root: RootNetwork, part: Ints, central: Ints
    ) -> dict[tuple[int, int], tuple[Options, int]]:
        """Give options by part and central level."""
        return {
            (int(options.part[i]), int(options.central_level[i])): (options, i)
            for options in evaluate_options(root, part, central)
            for i in range(len(options.part))
        }

    def _in_region(self, region: RegionalNetwork, parts: Ints, levels: Ints) -> Floats:
        """Give what a region sums up to for each part at given levels, shape (part, 2)."""
        options = self._at(region, parts, levels[parts, region.depot])
        return np.array([
            self._sums(region, *options[p, levels[p, region.depot]], levels[p, region.fields])
            for p in parts
        ])  # fmt: skip

    def _sums(
        self, root: RootNetwork, options: Options, i: int, levels: Ints
    ) -> tuple[float, float]:
        """Give the weighted uses, and the cost but for what no level changes."""
        fields = np.arange(len(root.fields))
        use = options.central_use[i] + options.use[:, i, fields, levels].sum(axis=1)
        short = options.central_shortage_cost[i] + options.shortage_cost[i, fields, levels].sum()
        units = int(options.central_level[i] + levels.sum())
        return float(use @ self.weights), float(self.model.holding[options.part[i]] * units + short)

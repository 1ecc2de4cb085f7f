"""Compare plans that were played out with the same random numbers, replication by replication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.simulation.control_variates import controlled
from partsim.simulation.statistics import Interval, Sample

if TYPE_CHECKING:
    from partsim.model.outcome import Outcome

Floats = NDArray[np.float64]
Key = tuple[str, str, str]
KEYS = ["measure", "group", "name"]


def compare(outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """
    Compare outcomes with the first, in costs, promises, service, waits and availability.

    Equal seeds give both plans the same failures, so that most of the chance is in both and
    falls out of the difference: its interval is far narrower than those of the values.

    Parameters
    ----------
    outcomes : mapping of str to Outcome
        By name, two or more, of one seed and one number of replications; the first is what the
        others are compared with. The scenarios may differ.

    Returns
    -------
    DataFrame
        One row for each other outcome and measure: plan, measure, group and name (as in
        `Outcome.samples`; the measure ``cost`` has the name ``plan_cost`` for the sum of all),
        base, value, difference (value less base), difference_low, difference_high (95 %, paired),
        change (``more``, ``less``, or ``open`` where the interval contains zero). Base and value
        are those of the outcomes' tables. Shares are between 0 and 1, costs money per year. What
        only one of the two knows is left out, and what neither has calls or demand of.

    Raises
    ------
    ValueError
        If there are fewer than two outcomes, or their seeds or numbers of replications differ.

    Examples
    --------
    >>> import numpy as np
    >>> from partsim import Plan, read_scenario, simulate
    >>> scenario = read_scenario("scenarios/first_steps.yaml")
    >>> parts, depots = scenario.part_ids, scenario.depot_ids
    >>> ones = np.ones((len(parts), len(depots)))
    >>> plans = {n: Plan(parts, depots, ("C",) * len(parts), n * ones, ones) for n in (2, 3)}
    >>> played = {n: simulate(scenario, plan, replications=3) for n, plan in plans.items()}
    >>> table = compare({f"{n} each": outcome for n, outcome in played.items()})
    >>> depots = table[table["group"] == "depot"].set_index("measure")
    >>> depots.loc[["fill_rate", "waiting_time_hours"], "change"].drop_duplicates().to_dict()
    {'fill_rate': 'more', 'waiting_time_hours': 'less'}
    """
    _check(outcomes)
    (_, base), *others = ((name, _counted(outcome)) for name, outcome in outcomes.items())
    return pd.concat([_rows(name, base, other) for name, other in others], ignore_index=True)


def _check(outcomes: Mapping[str, Outcome]) -> None:
    if len(outcomes) < 2:
        raise ValueError(f"outcomes: expected two or more to compare, got {len(outcomes)}")
    base_name, *_ = outcomes
    base = outcomes[base_name]
    for name, other in outcomes.items():
        for what in ("seed", "replications"):
            here, there = getattr(base, what), getattr(other, what)
            if here != there:
                raise ValueError(
                    f"outcomes: expected one {what}, or their random numbers are not the same; "
                    f"got {here} in {base_name!r} and {there} in {name!r}"
                )


def _rows(plan: str, base: Mapping[Key, Counted], other: Mapping[Key, Counted]) -> pd.DataFrame:
    """Compare one outcome with the base."""
    rows: list[dict[str, object]] = [
        {"plan": plan, **dict(zip(KEYS, key, strict=True)), **_difference(counted, other[key])}
        for key, counted in base.items()
        if key in other
    ]
    return pd.DataFrame(rows)


@dataclass(frozen=True, eq=False)
class Counted:
    """
    What the replications of one plan counted of one measure.

    Attributes
    ----------
    total, count : ndarray of float, shape (replication,)
        Such as calls in time and calls.
    sample : Sample
        For how many each replication counts.
    """

    total: Floats
    count: Floats
    sample: Sample

    @property
    def ratio(self) -> float:
        """Sum of the totals over that of the counts; NaN if that is 0."""
        return self.sample.ratio(self.total, self.count).value.item()

    @property
    def residuals(self) -> Floats:
        """What each replication adds to the ratio by chance, by the delta method."""
        away = (self.total - self.ratio * self.count) / self.sample.average(self.count)
        return self.sample.residuals(away)


def _counted(outcome: Outcome) -> dict[Key, Counted]:
    """Give what was counted of every measure, the sum of all costs included."""
    sample = controlled(outcome.weights["late_money"])
    tables = outcome.samples.groupby(KEYS, sort=False)[["total", "count"]]
    sums = {key: table.to_numpy().T for key, table in tables}
    costs = [total for (measure, _, _), (total, _) in sums.items() if measure == "cost"]
    sums["cost", "", "plan_cost"] = np.array([np.sum(costs, axis=0), np.ones_like(costs[0])])
    return {
        (str(measure), str(group), str(name)): Counted(total, count, sample)
        for (measure, group, name), (total, count) in sums.items()
        if count.any()
    }


def _difference(base: Counted, other: Counted) -> dict[str, object]:
    interval = paired_interval(base, other)
    low, high = interval.low.item(), interval.high.item()
    change = "more" if low > 0 else "less" if high < 0 else "open"
    return {
        "base": base.ratio,
        "value": other.ratio,
        "difference": interval.value.item(),
        "difference_low": low,
        "difference_high": high,
        "change": change,
    }


def paired_interval(base: Counted, other: Counted) -> Interval:
    """
    Estimate the difference of two ratios of sums whose replications are pairs.

    The delta method replaces each ratio by a residual for each replication, less what the plan's
    own control explains of it. By chance the two ratios vary as their residuals do together, times
    how much both count the same replications.

    Parameters
    ----------
    base, other : Counted
        Of as many replications.

    Returns
    -------
    Interval
        Second ratio less first, with a two-sided 95 % interval by Student's t; NaN where a count
        is zero in all replications.

    Examples
    --------
    >>> four, sample = np.full(3, 4.0), Sample.alike(3)
    >>> base, other = (Counted(np.arange(3.0) + x, four, sample) for x in (1, 2))
    >>> interval = paired_interval(base, other)
    >>> interval.value.item(), interval.low.item(), interval.high.item()
    (0.25, 0.25, 0.25)
    """
    if not (base.count.any() and other.count.any()):
        return Interval(*np.full(3, np.nan))
    pair = (base, other)
    strictest = min((one.sample for one in pair), key=lambda sample: sample.freedom)
    weights = np.array([-base.sample.weights, other.sample.weights]) / len(base.count)
    residuals = np.array([one.residuals for one in pair])
    variance = ((weights @ weights.T) * (residuals @ residuals.T)).sum() / strictest.freedom
    return strictest.student(np.asarray(other.ratio - base.ratio), np.maximum(variance, 0.0))

"""Compare plans that were played out with the same random numbers, replication by replication."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from partsim.simulation.statistics import Interval, mean_interval

if TYPE_CHECKING:
    from partsim.model.outcome import Outcome

Floats = NDArray[np.float64]


def compare(outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """
    Compare outcomes with the first, in the share of every promise and in every cost.

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
        One row for each other outcome and measure: plan, measure (``promise`` or ``cost``), name
        (tier, or kind of cost, with ``plan_cost`` for their sum), base, value, difference (value
        less base), difference_low, difference_high (95 %, paired), change (``more``, ``less``, or
        ``open`` where the interval contains zero). Shares are between 0 and 1, costs money per
        year. A tier or cost that only one of the two knows is left out.

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
    >>> table[["plan", "measure", "change"]].drop_duplicates().to_dict("list")
    {'plan': ['3 each', '3 each'], 'measure': ['promise', 'cost'], 'change': ['more', 'more']}
    """
    _check(outcomes)
    base, *_ = outcomes.values()
    return pd.concat(
        [_rows(name, base, other) for name, other in islice(outcomes.items(), 1, None)],
        ignore_index=True,
    )


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


def _rows(plan: str, base: Outcome, other: Outcome) -> pd.DataFrame:
    """Compare one outcome with the base."""
    left, right = _counted(base), _counted(other)
    rows: list[dict[str, object]] = [
        {"plan": plan, "measure": measure, "name": name}
        | _difference(left[measure, name], right[measure, name])
        for measure, name in left
        if (measure, name) in right
    ]
    return pd.DataFrame(rows)


def _counted(outcome: Outcome) -> dict[tuple[str, str], tuple[Floats, Floats]]:
    """Give totals and counts by replication of every measure, the sum of all costs included."""
    found = {
        (str(measure), str(name)): (table["total"].to_numpy(), table["count"].to_numpy())
        for (measure, name), table in outcome.samples.groupby(["measure", "name"], sort=False)
    }
    costs = [total for (measure, _), (total, _) in found.items() if measure == "cost"]
    found["cost", "plan_cost"] = (np.sum(costs, axis=0), np.ones(outcome.replications))
    return found


def _difference(base: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> dict[str, object]:
    interval = paired_interval(*base, *other)
    low, high = interval.low.item(), interval.high.item()
    change = "more" if low > 0 else "less" if high < 0 else "open"
    return {
        "base": base[0].sum() / base[1].sum() if base[1].sum() else np.nan,
        "value": other[0].sum() / other[1].sum() if other[1].sum() else np.nan,
        "difference": interval.value.item(),
        "difference_low": low,
        "difference_high": high,
        "change": change,
    }


def paired_interval(
    total: ArrayLike, count: ArrayLike, other_total: ArrayLike, other_count: ArrayLike
) -> Interval:
    """
    Estimate the difference of two ratios of sums whose replications are pairs.

    The delta method replaces each ratio by its mean and a residual for each replication; the
    residuals of a pair are subtracted before their variance is taken.

    Parameters
    ----------
    total, count, other_total, other_count : array of float, shape (replication,)
        Such as calls in time and calls.

    Returns
    -------
    Interval
        Second ratio less first, with a two-sided 95 % interval by Student's t; NaN where a count
        is zero in all replications.

    Examples
    --------
    >>> interval = paired_interval([1, 2, 3], [4, 4, 4], [2, 3, 4], [4, 4, 4])
    >>> interval.value.item(), interval.low.item(), interval.high.item()
    (0.25, 0.25, 0.25)
    """
    values = []
    for x, y in ((total, count), (other_total, other_count)):
        x, y = np.asarray(x, float), np.asarray(y, float)
        if not y.any():
            return mean_interval(np.full(len(y), np.nan))
        ratio = x.sum() / y.sum()
        values.append(ratio + (x - ratio * y) / y.mean())
    return mean_interval(values[1] - values[0])

"""Paired comparisons: against SciPy, their coverage, and what common random numbers are worth."""

import numpy as np
import pytest
from scipy import stats

from partsim.simulation.comparison import Counted, compare, paired_interval
from partsim.simulation.simulation import simulate
from partsim.simulation.statistics import Sample
from tests.builders import plan, scenario


@pytest.fixture(scope="module")
def outcomes():
    case = scenario(costs={"order": 50})
    return {f"{n} units": simulate(case, plan(case, n)) for n in (2, 3, 3)} | {
        "again": simulate(case, plan(case, 2))
    }


def pair(total, count, other_total, other_count):
    """Give what two plans counted in replications that count alike."""
    sample = Sample.alike(len(total))
    return Counted(total, count, sample), Counted(other_total, other_count, sample)


def test_over_equal_counts_the_interval_is_students_of_the_pairs():
    base, other = np.array([3.0, 5.0, 9.0, 4.0]), np.array([4.0, 7.0, 9.0, 6.0])
    expected = stats.ttest_rel(other / 2, base / 2).confidence_interval(0.95)
    interval = paired_interval(*pair(base, np.full(4, 2.0), other, np.full(4, 2.0)))
    assert interval.value == pytest.approx(np.mean(other - base) / 2, rel=1e-12)
    assert (interval.low, interval.high) == pytest.approx(tuple(expected), rel=1e-12)


def test_the_difference_of_ratios_is_covered_as_often_as_it_says():
    rng = np.random.default_rng(3)
    lift = np.exp(0.1**2 / 2)
    truth = 0.5 * lift * 81 / 101 + 1 - lift
    covered = 0
    for _ in range(2000):
        calls, common = rng.poisson(80, 10) + 1.0, rng.normal(size=10)
        more_calls = calls + rng.poisson(20, 10)
        base = rng.gamma(calls * np.exp(0.1 * common))
        interval = paired_interval(*pair(base, calls, base * 0.5 + more_calls, more_calls))
        covered += interval.low <= truth <= interval.high
    low, high = stats.binomtest(covered, 2000).proportion_ci(0.999)
    assert low <= 0.95 <= high


def test_the_row_of_each_measure_says_what_both_outcomes_say(outcomes):
    base, other = outcomes["2 units"], outcomes["3 units"]
    rows = compare({"base": base, "other": other}).set_index(["measure", "name"])
    share = rows.loc["promise", "everyone"]
    assert share["base"] == base.promises["share_simulated"].item()
    assert share["value"] == other.promises["share_simulated"].item()
    for cost, outcome in (("base", base), ("value", other)):
        spent = outcome.costs.set_index("cost")["per_year"]
        assert rows.loc["cost"].loc[cost_names(outcome), cost].tolist() == pytest.approx(
            spent.tolist(), rel=1e-12
        )
        assert rows.loc[("cost", "plan_cost"), cost] == pytest.approx(outcome.plan_cost, rel=1e-12)
    assert rows["difference"].to_numpy() == pytest.approx(rows["value"] - rows["base"], abs=1e-9)


def cost_names(outcome):
    return outcome.costs["cost"].tolist()


def test_one_more_unit_is_more_service_for_more_money_without_doubt(outcomes):
    table = compare(outcomes).set_index(["plan", "measure", "name"])
    more = table.loc["3 units"]
    assert (more.loc["promise", "everyone"]["change"], more.loc["cost", "holding"]["change"]) == (
        "more",
        "more",
    )


def test_the_same_plan_differs_in_nothing(outcomes):
    again = compare(outcomes).query("plan == 'again'")
    assert (again[["difference", "difference_low", "difference_high"]] == 0).all(axis=None)
    assert (again["change"] == "open").all()


def test_pairs_leave_less_to_chance_than_two_values_do(outcomes):
    base, other = outcomes["2 units"], outcomes["3 units"]
    row = compare({"base": base, "other": other}).iloc[0]
    paired = row["difference_high"] - row["difference_low"]
    alone = [(o.promises["share_high"] - o.promises["share_low"]).item() for o in (base, other)]
    assert paired < np.hypot(*alone) / 2


def test_tiers_that_one_side_does_not_know_are_left_out(outcomes):
    case = scenario()
    other = simulate(
        case.model_copy(update={"tiers": {"new": case.tiers["everyone"]}}), plan(case, 2)
    )
    names = compare({"base": outcomes["2 units"], "other": other})["name"].tolist()
    assert names == [*cost_names(other), "plan_cost"]


def test_what_has_other_random_numbers_is_refused(outcomes):
    case = scenario()
    for change, sentence in (
        ({"seed": 9}, r"one seed.*got 1 in 'base' and 9 in 'other'"),
        ({"replications": 3}, r"one replications.*got 10 in 'base' and 3 in 'other'"),
    ):
        other = simulate(case, plan(case, 2), **change)
        with pytest.raises(ValueError, match=sentence):
            compare({"base": outcomes["2 units"], "other": other})
    with pytest.raises(ValueError, match="two or more to compare, got 1"):
        compare({"base": outcomes["2 units"]})

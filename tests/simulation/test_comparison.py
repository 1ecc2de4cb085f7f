"""Paired comparisons: against SciPy, their coverage, and what common random numbers are worth."""

import numpy as np
import pytest
from scipy import stats

from partsim.simulation.comparison import Counted, compare, paired_interval
from partsim.simulation.replication import play
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


@pytest.fixture(scope="module")
def organisation():
    """Two depots with technicians, targets and random lead times; two plans, sixteen times."""
    case = scenario(
        service={
            "diagnosis_time": "1 h", "travel_time": {"exponential": {"mean": "6 h"}},
            "repair_time": "4 h", "wrong_diagnosis": "30 %", "phone_fix": "20 %",
        },
        suppliers={"plant": {"kind": "own", "lead_time": {"gamma": {"mean": "40 d", "cv": 0.5}}}},
        depots={
            "centre": {"supplied_by": "suppliers", "max_waiting_time": "10 d"},
            "north": {"market": "potential", "supplied_by": "centre", "transport_time": "1 d",
                      "min_fill_rate": "40 %"},
        },
        machines={"mixer": {"positions": {"pump": 1}, "min_availability": "80 %"}},
        fleets=[
            {"machine": "mixer", "depot": depot, "customers": "road", "count": 10}
            for depot in ("centre", "north")
        ],
        technicians={"all": {"depots": ["centre", "north"], "number": 2}},
        simulation={"years": 3, "replications": 16},
    )  # fmt: skip
    return case, {n: simulate(case, plan(case, n)) for n in (1, 2)}


def tables_of(outcome):
    """Give every figure of the tables of service, waits and availability, by its row and column."""
    found = {
        (group, names[0]): table.set_index(names)
        for group, table, names in (
            *((group, table, ["name"]) for group, table in outcome.service.groupby("group")),
            ("depot", outcome.depots, ["depot"]),
            ("fleet", outcome.fleets, ["fleet"]),
            ("technicians", outcome.technicians, ["technicians"]),
        )
        if group != "part"
    }
    figures = {
        (column, group, name): row[column]
        for (group, _), table in found.items()
        for name, row in table.iterrows()
        for column in table
        if f"{column}_low" in table and row[column] == row[column]
    }
    kinds = {"waiting": "waiting_time_hours", "fill": "fill_rate", "availability": "availability"}
    return figures | {
        (kinds[row.row.split()[0]], "target", row.row): row.simulated
        for row in outcome.targets.itertuples()
    }


def test_every_figure_of_service_is_compared_and_is_that_of_the_tables(organisation):
    _, played = organisation
    assert played[1].controlled  # so that weights count
    rows = compare(played).set_index(["measure", "group", "name"])
    more = rows[~rows.index.get_level_values("measure").isin(["promise", "cost"])]
    for outcome, column in ((played[1], "base"), (played[2], "value")):
        figures = tables_of(outcome)
        assert set(figures) == set(more.index)
        assert more[column].tolist() == pytest.approx(
            [figures[key] for key in more.index], rel=1e-9, abs=1e-12
        )
    assert len({"tier", "depot", "market", "fleet", "technicians", "target"} & {
        group for _, group, _ in more.index}) == 6  # fmt: skip


def test_the_interval_of_availability_is_students_of_what_was_played():
    case = scenario(simulation={"replications": 6})
    plans = [plan(case, n) for n in (1, 3)]
    base, other = ([play(case, p, 1, r).availability[0] for r in range(6)] for p in plans)
    expected = stats.ttest_rel(other, base).confidence_interval(0.95)
    table = compare({str(n): simulate(case, p) for n, p in enumerate(plans)})
    row = table.query("measure == 'availability' and group == 'fleet'").iloc[0]
    assert (row["difference_low"], row["difference_high"]) == pytest.approx(
        tuple(expected), rel=1e-9
    )
    assert row["change"] == "more"


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
    table = compare({"base": outcomes["2 units"], "other": other})
    assert table.query("group == ''")["name"].tolist() == [*cost_names(other), "plan_cost"]
    assert "tier" not in table["group"].tolist()


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

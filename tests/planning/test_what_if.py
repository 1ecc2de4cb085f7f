"""Cases answered alike: the same random numbers, each once, resumed, and the choice."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from partsim import evaluate, optimise, run, simulate
from partsim.model.what_if import Case
from partsim.planning import what_if
from partsim.planning.choice import cheapest_kept, choices
from partsim.planning.rounds import settle
from partsim.planning.today import plan_of_today
from partsim.planning.what_if import compare_cases
from partsim.simulation import simulation
from partsim.simulation.comparison import Counted, paired_interval
from partsim.simulation.statistics import Sample
from tests.builders import scenario


def short(share="80 %", seed=1, **changes):
    return scenario(
        service={"diagnosis_time": "1 h", "travel_time": "4 h", "repair_time": "2 h"},
        simulation={"years": 2, "replications": 4, "seed": seed},
        tiers={"everyone": {"promise": {"within": "24 h", "share": share}}},
        **changes,
    )


@pytest.fixture(scope="module")
def found():
    return compare_cases({f"{n} %": Case(short(f"{n} %", seed=n)) for n in (80, 50, 95)})


def test_each_case_is_optimised_and_played_with_the_seed_of_the_first(found):
    for number in (80, 50, 95):
        case = short(f"{number} %")
        plan = optimise(case)
        outcome = simulate(case, plan, seed=80)
        row = found.plans.set_index("case").loc[f"{number} %"]
        assert row["simulated_cost"] == pytest.approx(outcome.plan_cost, rel=1e-12)
        assert row["cost_by_formula"] == evaluate(case, plan).plan_cost
        assert row["gap"] == plan.certificate.gap
        share = found.promises.set_index("case").loc[f"{number} %", "share_simulated"]
        assert share == outcome.promises["share_simulated"].item()


def test_differences_of_cost_are_paired(found):
    totals = {
        name: judged.outcome.samples.query("measure == 'cost'").groupby("replication")["total"]
        .sum().to_numpy()
        for name, judged in found.answers.items()
    }  # fmt: skip
    base, other = (Counted(totals[name], np.ones(4), Sample.alike(4)) for name in ("80 %", "95 %"))
    by_hand = paired_interval(base, other)
    row = found.plans.set_index("case").loc["95 %"]
    assert row["difference"] == pytest.approx(by_hand.value.item(), rel=1e-9)
    assert row["difference_low"] == pytest.approx(by_hand.low.item(), rel=1e-9)


def test_equal_cases_are_answered_once_and_do_not_differ():
    twice = compare_cases({"one": Case(short()), "same": Case(short())})
    assert twice.answers["one"] is twice.answers["same"]
    assert twice.plans["difference_high"].tolist() == [0, 0]
    assert set(twice.differences["difference"]) == {0.0}


def test_a_plan_that_is_given_is_played_and_has_no_bound():
    case = short(today={"norms": {"pump": "1 per 10 machines"}})
    plan = plan_of_today(case)
    both = compare_cases({"today": Case(case, plan), "best": Case(case)})
    assert both.answers["today"].plan is plan
    assert both.plans["lower_bound"].isna().tolist() == [True, False]


def test_what_was_finished_is_not_played_again(tmp_path, monkeypatch):
    cases = {"one": Case(short()), "other": Case(short("95 %"))}
    first = compare_cases(cases, resume=tmp_path / "kept")

    def never(*_):
        raise AssertionError("played again")

    monkeypatch.setattr(simulation, "play", never)
    again = compare_cases(cases, resume=tmp_path / "kept")
    pd.testing.assert_frame_equal(first.plans, again.plans)


def test_corrected_plans_are_those_of_a_run_with_other_random_numbers(monkeypatch):
    seeds = []

    def noted(way):
        seeds.append(way.seed)
        return settle(way)

    monkeypatch.setattr(what_if, "settle", noted)
    cases = {"one": Case(short("90 %")), "other": Case(short("70 %"))}
    both = compare_cases(cases, correction="by simulation")
    expected = run(short("90 %"), seed=2).plan
    assert np.array_equal(both.answers["one"].plan.base_stock, expected.base_stock)
    assert seeds == [2, 2]
    assert both.answers["one"].outcome.seed == 1


@pytest.mark.parametrize(
    ("cases", "sentence"),
    [
        ({"one": Case(short())}, "expected two or more to compare, got 1"),
        (
            {"one": Case(short()), "other": Case(short(currency="EUR"))},
            "expected one currency, got .* in one, EUR in other",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(cases, sentence):
    with pytest.raises(ValueError, match=sentence):
        compare_cases(cases)


def with_verdicts(found, **columns):
    return replace(found, promises=found.promises.assign(**columns))


def test_the_choice_is_the_cheapest_of_those_that_keep_everything(found):
    costs = found.plans.set_index("case")["simulated_cost"]
    assert costs.idxmin() == "50 %"  # so that the choice below is not simply the cheapest
    choice = cheapest_kept(with_verdicts(found, kept=["yes", "open", "yes"]))
    assert (choice.case, choice.next_case) == ("80 %", "95 %")
    assert choice.saving == pytest.approx(costs["95 %"] - costs["80 %"], rel=1e-9)
    assert choice.saving_low < choice.saving < choice.saving_high
    assert choice.certain == (choice.saving_low > 0)


def test_at_each_given_value_the_choice_is_among_its_own_cases(found):
    given = {"80 %": ("rate=1",), "50 %": ("rate=2",), "95 %": ("rate=1",)}
    first, second = choices(with_verdicts(found, kept="yes"), given)
    assert (first.given, first.case, first.next_case) == (("rate=1",), "80 %", "95 %")
    assert (second.given, second.case, second.next_case) == (("rate=2",), "50 %", "")
    assert choices(with_verdicts(found, kept="yes"), dict.fromkeys(given, ())) == (
        cheapest_kept(with_verdicts(found, kept="yes")),
    )


def test_satisfaction_is_reached_by_the_low_end(found):
    table = with_verdicts(found, kept="yes", satisfaction_low=[0.2, 0.2, 0.4], satisfaction=0.5)
    assert cheapest_kept(table, 0.4).case == "95 %"
    assert cheapest_kept(table, 0.1).case == "50 %"
    nothing = cheapest_kept(table, 0.41)
    assert (nothing.case, nothing.in_the_way) == ("", ("satisfaction of everyone",))
    with pytest.raises(ValueError, match="expected a number from -1 to 1, got 2"):
        cheapest_kept(found, 2)

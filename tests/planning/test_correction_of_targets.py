"""Waits, fill rates and availabilities in the rounds of a run, beside the promises."""

from dataclasses import replace

import numpy as np
import pytest

from partsim import evaluate, optimise, run, simulate
from partsim.planning.correction import corrected_shares, good_rounds
from partsim.planning.evidence import Evidence, allowed_use, evidence_of
from partsim.planning.simpler_rules import judge_simpler_rules
from tests.builders import plan, scenario

EASY = {"within": "24 h", "share": "1 %"}


def ranked(**target):
    """Give a tier that is served last, so that it waits longer than the formulas know."""
    return scenario(
        fleets=[{"machine": "mixer", "depot": "centre", "customers": customers, "count": 20}
                for customers in ("road", "rail")],
        tiers={"everyone": {"reserved_stock": 2, "promise": EASY},
               "last": {"customers": ["rail"], "promise": EASY, "priority": 2, **target}},
        simulation={"years": 4, "replications": 10},
    )  # fmt: skip


def busy(technicians):
    """Give machines that run 97 % of the time only if somebody comes when they fail."""
    return scenario(
        parts={"pump": {"lifetime": {"exponential": {"mean": "20 d"}}}},
        machines={"mixer": {"min_availability": "97 %"}},
        fleets=[{"machine": "mixer", "depot": "centre", "customers": "road", "count": 40}],
        service={"diagnosis_time": "1 h", "travel_time": "2 h", "repair_time": "7 h"},
        tiers={"everyone": {"promise": EASY}},
        technicians={"all": {"depots": ["centre"], "number": technicians}},
        simulation={"years": 3, "replications": 6},
    )


def wait(modelled, factor, *, longest=14.0, half=0.4, best=0.5):
    """Give a round of one waiting time [hours] that is a factor longer than the formulas say."""
    simulated = best + factor * (modelled - best)
    hours = {"promised": longest, "aimed": modelled, "modelled": modelled, "simulated": simulated,
             "low": simulated + half, "modelled_best": best, "simulated_best": best}  # fmt: skip
    arrays = {name: np.array([-value]) for name, value in hours.items()}
    return Evidence(**arrays, prices=np.array([1.0]), reached=np.array([True]),
                    rows=np.array([3]), hours=np.array([True]), plan_cost=1.0,
                    replications=8)  # fmt: skip


@pytest.mark.parametrize("factor", [0.4, 1.0, 2.5])
def test_one_correction_of_a_constant_factor_lands_on_the_wait_it_aims_at(factor):
    (aimed,) = corrected_shares([wait(5.0 if factor < 1 else 14.0, factor)], 8)
    assert 0.5 + factor * (-aimed - 0.5) == pytest.approx(14 - 1.84 * 0.4, abs=1e-9)


def test_a_wait_is_kept_by_the_high_end_of_its_interval():
    assert corrected_shares([wait(13.2, 1.0)], 8) is None  # up to 13.6 h
    assert good_rounds([wait(13.9, 1.0), wait(13.2, 1.0), wait(13.9, 1.0)]) == [1]


def test_what_is_aimed_at_becomes_days_that_the_optimiser_may_use():
    given = wait(12.0, 1.0)
    allowed = allowed_use(given, given.aimed)
    assert np.isnan(allowed[:3]).all()
    assert allowed[3] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("asked", "allowed", "same"),
    [
        ({"min_fill_rate": "80 %"}, [np.nan, np.nan, 0.05], {"min_fill_rate": "95 %"}),
        ({"max_waiting_time": "30 h"}, [np.nan, np.nan, 3 / 24], {"max_waiting_time": "3 h"}),
        ({"min_fill_rate": "95 %"}, [0.99, 0.99, 0.2], {"min_fill_rate": "80 %"}),
    ],
)
def test_a_plan_for_a_corrected_target_is_that_for_a_stricter_or_laxer_one(asked, allowed, same):
    corrected, other = optimise(ranked(**asked), allowed_miss=np.array(allowed)), ranked(**same)
    assert np.array_equal(corrected.base_stock, optimise(other).base_stock)
    assert not np.array_equal(corrected.base_stock, optimise(ranked(**asked)).base_stock)
    row = corrected.certificate.rows[2]
    assert row.target == pytest.approx(optimise(ranked(**asked)).certificate.rows[2].target)
    assert row.reached


@pytest.mark.parametrize("target", [{"min_fill_rate": "90 %"}, {"max_waiting_time": "12 h"}])
def test_a_target_that_the_formulas_take_for_kept_is_corrected_until_it_is(target):
    case = ranked(**target)
    result, plain = run(case), optimise(case)
    assert not plain.certificate.missed  # by the formulas
    first = result.target_rounds.iloc[0]
    assert (first["round"], first["kept"], first["chosen"]) == (1, "no", False)
    assert result.targets["kept"].tolist() == ["yes"]
    assert result.plan.base_stock.sum() > plain.base_stock.sum()
    assert np.array_equal(
        result.plan.base_stock, optimise(case, allowed_miss=result.allowed_miss).base_stock
    )


def test_simpler_rules_are_given_the_same_corrected_targets():
    result = run(ranked(min_fill_rate="90 %"))
    table = judge_simpler_rules(result)
    ours = table["cost_modelled"].iloc[0]
    assert len(table) > 2
    assert (table["cost_modelled"] >= ours * (1 - 1e-9)).all()


def test_stock_is_bought_for_an_availability_unless_it_is_the_technicians():
    few, enough = run(busy(1)), run(busy(6))
    for result, reachable in ((few, False), (enough, True)):
        (seen,) = result.outcome.targets.to_dict("records")
        assert (seen["without_waits"] > 0.97) == reachable
        assert seen["simulated"] < seen["without_waits"]
    assert few.targets["kept"].tolist() == ["no"]
    assert few.target_rounds["round"].max() == 1
    assert np.array_equal(few.plan.base_stock, optimise(busy(1)).base_stock)
    assert enough.targets["kept"].tolist() == ["yes"]


@pytest.mark.parametrize(("units", "waits"), [(30, True), (200, False)])
def test_an_availability_without_waits_leaves_out_the_waits_for_parts(units, waits):
    case = busy(2)
    outcome = simulate(case, plan(case, units), replications=3)
    (seen,) = outcome.targets.to_dict("records")
    calls = outcome.service.set_index("name").loc["everyone"]
    share = calls["parts_hours"] * calls["calls_per_year"] / (40 * 8760)
    assert (share > 0.01) == waits
    assert seen["without_waits"] - seen["simulated"] == pytest.approx(share, abs=1e-12)


def test_a_target_of_which_nothing_is_counted_is_left_as_it_is():
    case = ranked(min_fill_rate="90 %")
    chosen = optimise(case)
    outcome = simulate(case, chosen, replications=2)
    outcome = replace(outcome, targets=outcome.targets.drop(index=0))
    known = evidence_of(chosen, None, evaluate(case, chosen), outcome)
    assert known.beyond_stock.tolist() == [False, False, True]

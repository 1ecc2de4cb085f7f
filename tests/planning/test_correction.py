"""The correction of what the optimiser aims at: exact where the formulas err by one factor."""

import numpy as np
import pytest

from partsim import optimise, run
from partsim.planning.correction import corrected_shares, good_rounds, replications_worth
from partsim.planning.evidence import Evidence
from tests.builders import scenario

FLOOR, BEST = 0.99, 0.98  # kept without waits for parts, by formula and as simulated


def evidence(modelled, factor, *, promised=0.9, half=0.004, price=1.0, best=BEST, played=8):
    """Give a round of one tier whose simulated misses are a factor times the modelled ones."""
    simulated = best - factor * (FLOOR - modelled)
    shares = {"promised": promised, "aimed": modelled, "modelled": modelled,
              "simulated": simulated, "low": simulated - half, "modelled_best": FLOOR,
              "simulated_best": best}  # fmt: skip
    arrays = {name: np.array([share]) for name, share in shares.items()}
    return Evidence(**arrays, prices=np.array([price]), reached=np.array([True]),
                    rows=np.array([0]), hours=np.array([False]), plan_cost=1.0,
                    replications=played)  # fmt: skip


@pytest.mark.parametrize("factor", [0.4, 1.0, 2.5])
def test_one_correction_of_a_constant_factor_lands_on_what_it_aims_at(factor):
    (aimed,) = corrected_shares([evidence(0.95 if factor < 1 else 0.9, factor)], 8)
    assert BEST - factor * (FLOOR - aimed) == pytest.approx(0.9 + 1.84 * 0.004, abs=1e-12)


def test_noise_up_and_down_cancels():
    first, second = evidence(0.92, 1.5 * 1.2**2), evidence(0.91, 1.5 / 1.2)  # weights 1 and 2
    (aimed,) = corrected_shares([first, second], 8)
    assert BEST - 1.5 * (FLOOR - aimed) == pytest.approx(0.9 + 1.84 * 0.004, abs=1e-12)


def test_what_is_kept_without_waste_is_left():
    assert corrected_shares([evidence(0.94, 1.5, half=0.004)], 8) is None  # 0.905 - 0.004
    assert corrected_shares([evidence(0.98, 1.5, half=0.004, price=0.0)], 8) is None


def test_waste_is_given_back():
    before = evidence(0.97, 1.0)  # 0.96 for 0.90
    (aimed,) = corrected_shares([before], 8)
    assert 0.9 < aimed < before.modelled[0]


def test_no_stock_is_bought_against_what_technicians_break():
    assert corrected_shares([evidence(0.91, 1.0, best=0.89)], 8) is None


def test_a_target_stays_away_from_the_best_however_little_room_is_left():
    (aimed,) = corrected_shares([evidence(0.93, 1.0, best=0.9075)], 8)
    assert aimed == pytest.approx(FLOOR - 0.05 * (FLOOR - 0.9), abs=1e-12)


def test_a_plan_that_the_other_rounds_call_lucky_is_passed_over():
    sure, lucky = evidence(0.95, 1.5), evidence(0.925, 1.0)  # 0.92; 0.915, but 0.894 by all
    assert good_rounds([sure, evidence(0.90, 1.5), lucky, evidence(0.90, 1.5)]) == [0]
    assert good_rounds([lucky]) == [0]


def test_without_a_plan_that_keeps_the_promise_the_last_one_is_taken():
    assert good_rounds([evidence(0.90, 1.5), evidence(0.91, 1.5)]) == [1]


def test_a_promise_beyond_stock_does_not_decide_which_plan_is_good():
    assert good_rounds([evidence(0.91, 1.0, best=0.89), evidence(0.91, 1.0, best=0.89)]) == [0, 1]


def test_no_stock_is_bought_against_a_short_simulation_that_missed_nothing():
    short = evidence(0.95, 0.0, half=0.1)
    assert not short.kept
    assert corrected_shares([short], 8) is None
    assert corrected_shares([evidence(0.95, 0.05, half=0.1)], 8) is not None


def test_a_run_of_few_calls_leaves_the_plan_of_the_formulas():
    """Six calls, none late, prove no 95 %, whatever is on the shelf."""
    few = scenario(
        tiers={"everyone": {"promise": {"within": "24 h", "share": "95 %"}}},
        simulation={"years": 0.05, "warm_up": "0 d", "replications": 4},
    )
    result, plan = run(few), optimise(few)
    assert (result.rounds["share_simulated"] == 1).all()
    assert result.rounds["kept"].tolist() == ["open"]
    assert np.array_equal(result.plan.base_stock, plan.base_stock)


def test_a_round_without_a_call_leaves_what_is_aimed_at():
    """Two machine years of a part that lives 900: there is nothing to correct by."""
    idle = scenario(
        parts={"pump": {"lifetime": {"exponential": {"mean": "900 years"}}}},
        simulation={"years": 0.1, "warm_up": "0 d", "replications": 2},
    )
    result, plan = run(idle), optimise(idle)
    assert result.rounds["share_simulated"].isna().all()
    assert result.rounds["share_target"].tolist() == [0.9]
    assert result.promises["kept"].tolist() == ["open"]
    assert np.array_equal(result.plan.base_stock, plan.base_stock)


def busy(number):
    """Ten machines that fail every 20 days, a call of ten hours, and technicians by day only."""
    return scenario(
        parts={"pump": {"lifetime": {"exponential": {"mean": "20 d"}}}},
        fleets=[{"machine": "mixer", "depot": "centre", "customers": "road", "count": 40}],
        service={"diagnosis_time": "1 h", "travel_time": "2 h", "repair_time": "7 h"},
        technicians={"all": {"depots": ["centre"], "number": number}},
        simulation={"years": 3, "replications": 6},
    )


def test_a_run_buys_no_stock_against_busy_technicians():
    result = run(busy(1))
    assert result.promises["kept"].tolist() == ["no"]
    assert result.rounds["round"].max() == 1
    assert np.array_equal(result.plan.base_stock, optimise(busy(1)).base_stock)
    late = result.outcome.service.iloc[0]
    assert late["late_for_technicians"] > 10 * late["late_for_parts"]


def test_a_run_keeps_the_promise_where_there_are_enough_of_them():
    result = run(busy(6))
    assert result.promises["kept"].tolist() == ["yes"]
    late = result.outcome.service.iloc[0]
    total = late["late_for_parts"] + late["late_for_technicians"] + late["late_anyway"]
    assert total == pytest.approx(1 - result.promises["share_simulated"].iloc[0], abs=1e-12)


def test_a_run_gives_back_what_the_formulas_asked_too_much(first_steps):
    result, plan = run(first_steps), optimise(first_steps)
    assert result.promises["kept"].tolist() == ["yes"]
    assert result.plan.certificate.plan_cost < plan.certificate.plan_cost
    assert not result.plan.certificate.missed


@pytest.fixture(scope="module")
def first_steps():
    from partsim import read_scenario

    return read_scenario("scenarios/first_steps.yaml")


def test_a_longer_simulation_is_aimed_at_with_a_smaller_margin():
    """Of Student's t with 7 and 31 degrees of freedom: 2.364624 and 2.039513."""
    shorter = 0.004 * (2.039513 / 32**0.5) / (2.364624 / 8**0.5)
    (aimed,) = corrected_shares([evidence(0.95, 1.0)], 32)
    assert BEST - (FLOOR - aimed) == pytest.approx(0.9 + 1.84 * shorter, abs=1e-8)


def test_a_plan_that_is_no_waste_for_a_short_simulation_is_one_for_a_long_one():
    kept = evidence(0.92, 1.0)  # 0.91: 2.5 half widths above
    assert corrected_shares([kept], 8) is None
    assert corrected_shares([kept], 32) is not None


def test_rounds_weigh_by_their_replications():
    first, second = evidence(0.92, 1.5 * 1.2**8), evidence(0.91, 1.5 / 1.2, played=32)
    (aimed,) = corrected_shares([first, second], 32)  # weights 8 and 2 times 32
    assert BEST - 1.5 * (FLOOR - aimed) == pytest.approx(0.9 + 1.84 * 0.004, abs=1e-12)


def test_replications_grow_until_chance_costs_a_hundredth_of_the_plan():
    def wanted(price, **rest):
        return replications_worth(evidence(0.95, 1.0, price=price, **rest), 8, 64)

    def costs(price, count):
        return price * 1.84 * evidence(0.95, 1.0).half_width_of(count)[0]

    for price in (2.0, 3.0):
        assert costs(price, wanted(price)) <= 0.01 < costs(price, wanted(price) - 1)
    assert (wanted(1.0), wanted(99.0)) == (8, 64)
    assert wanted(99.0, best=0.89) == 8  # no stock mends it


def test_the_last_simulation_of_a_run_is_as_long_as_chance_is_dear():
    case = scenario(
        service={"diagnosis_time": "1 h", "travel_time": "4 h", "repair_time": "2 h"},
        simulation={"years": 3, "replications": 3, "most_replications": 12},
        tiers={"everyone": {"promise": {"within": "24 h", "share": "80 %"}}},
    )
    assert run(case).outcome.replications == 12
    plain = case.simulation.model_copy(update={"most_replications": None})
    assert run(case.model_copy(update={"simulation": plain})).outcome.replications == 3

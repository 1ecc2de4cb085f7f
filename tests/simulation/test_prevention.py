"""Planned replacement and minimal repair against exact formulas, inside 99.9 % intervals."""

import numpy as np
import pytest

from partsim.demand.estimation import estimate_demand
from partsim.lifetimes import Gamma, Weibull
from partsim.lifetimes.replacement import age_replacement_cost, block_replacement_cost
from partsim.planning.evaluation import evaluate
from partsim.simulation.replication import play
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario
from tests.simulation.test_against_theory import agree

WEIBULL = {"weibull": {"mean": "100 d", "shape": 3}}
YEARS = 4
DAYS = YEARS * 365


def case(part, run=None, fleet=None, **changes):
    """Give twelve machines with two positions each, and stock for all."""
    entry = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 12}
    return scenario(
        parts={"pump": {"lifetime": WEIBULL} | part},
        machines={"mixer": {"positions": {"pump": 2}}},
        fleets=[entry | (fleet or {})],
        simulation={"years": YEARS, "warm_up": "0 d"} | (run or {}),
        **changes,
    )


def play_out(question, replications=100):
    decision = plan(question, 99)
    return [play(question, decision, 5, n) for n in range(replications)]


def counts(played):
    return [float(r.failures.sum()) for r in played], [float(r.planned.sum()) for r in played]


def check_demand(question, played, failures, planned):
    """The rates of both routes, and what the depot is asked for."""
    failed, replaced = counts(played)
    assert agree(failures, failed)
    assert agree(planned, replaced)
    total = [float(r.requests[0].sum()) for r in played]
    assert total == [f + p for f, p in zip(failed, replaced, strict=True)]
    demand = estimate_demand(question)
    assert demand.rate.sum() * DAYS == pytest.approx(failures + planned, abs=24e-4)
    assert demand.planned_rate.sum() * DAYS == pytest.approx(planned, abs=24e-4)


@pytest.mark.parametrize("ageing", ["operating", "calendar"])
def test_age_replacement_in_equilibrium_from_the_first_day(ageing):
    question = case({"replace_at": "80 d"}, ageing=ageing)
    life, age = Weibull(100.0, 3.0), 80.0
    # Barlow and Proschan 1965: a cycle costs c_p or c_f, and lasts E[min(X, T)].
    failures, planned = (
        24 * DAYS * float(age_replacement_cost(life, age, *costs)) for costs in ((0, 1), (1, 0))
    )
    played = play_out(question)
    check_demand(question, played, failures, planned)
    early = case({"replace_at": "80 d"}, {"years": 20 / 365}, ageing=ageing)
    assert agree(planned * 20 / DAYS, counts(play_out(early, 300))[1])


def test_age_replacement_of_new_machines_comes_at_the_age_and_not_before():
    question = case({"replace_at": "80 d"}, {"years": 79.9 / 365}, {"ages": "new"})
    assert counts(play_out(question, 3))[1] == [0, 0, 0]
    question = case({"replace_at": "80 d"}, {"years": 80.1 / 365}, {"ages": "new"})
    reached = 24 * float(Weibull(100.0, 3.0).survival(80.0))
    assert agree(reached, counts(play_out(question))[1])


@pytest.mark.parametrize("fleet", [{}, {"ages": "1 d"}])
def test_block_replacement(fleet):
    question = case({"replace_every": "146 d"}, fleet=fleet)
    life = Weibull(100.0, 3.0)
    failures = 24 * DAYS * float(block_replacement_cost(life, 146.0, 0, 1))
    played = play_out(question)
    # Ten whole blocks in the window, wherever it begins.
    replaced = counts(played)[1]
    assert set(replaced) == {240.0}
    check_demand(question, played, failures, 240.0)


@pytest.mark.parametrize("age", ["new", "300 d"])
def test_minimal_repair_of_known_ages_is_the_power_law_process(age):
    part = {"after_failure": "as_bad_as_old"}
    question = case(part, {"years": 0.5}, fleet={"ages": age})
    start, scale = 0.0 if age == "new" else 300.0, Weibull(100.0, 3.0).scale
    mean = 24 * (((start + 182.5) / scale) ** 3 - (start / scale) ** 3)
    decision = plan(question, 2000)
    used = [play(question, decision, 5, n).requests[0].sum() for n in range(60)]
    assert agree(mean, used)
    assert estimate_demand(question).rate.sum() * 182.5 == pytest.approx(mean)
    # Poisson counts: the variance is the mean.
    assert agree(mean, (np.array(used) - mean) ** 2)


@pytest.mark.parametrize("key", ["replace_at", "replace_every"])
def test_minimal_repair_with_replacement(key):
    question = case({"after_failure": "as_bad_as_old", key: "146 d"})
    # Barlow and Hunter 1960: H(T) failures in each interval T.
    failures = 24 * 10 * (146 / Weibull(100.0, 3.0).scale) ** 3
    check_demand(question, play_out(question), failures, 240.0)


def test_planned_replacements_are_no_calls_and_take_no_time():
    life = {"lifetime": {"fixed": "100 d"}, "replace_at": "50 d"}
    question = case(life, service={"diagnosis_time": "1 d", "travel_time": "1 d"})
    record = play(question, plan(question, 99), 1, 0)
    assert record.failures.sum() == 0
    assert record.planned.sum() == pytest.approx(24 * DAYS / 50, abs=24)
    assert len(record.responses[0]) == 0
    assert record.availability.tolist() == [1.0]


def test_failures_of_the_same_lives_are_fewer_with_replacement():
    lives = {"lifetime": {"gamma": {"mean": "100 d", "cv": 0.3}}}
    kept = case(lives | {"replace_at": "70 d"})
    failures, planned = (float(np.mean(x)) for x in counts(play_out(kept, 20)))
    share = float(Gamma.from_cv(100.0, 0.3).survival(70.0))
    assert planned / (planned + failures) == pytest.approx(share, abs=0.01)
    assert failures < 0.3 * 24 * DAYS / 100


def test_the_cost_and_the_effect_stand_in_the_tables_of_both_routes():
    costs = {"planned_replacement": 7}
    question = case({"replace_at": "80 d"}, costs=costs)
    decision = plan(question, 99)
    outcome = simulate(question, decision, replications=30)
    (row,) = outcome.prevention.to_dict("records")
    assert (row["fleet"], row["part"]) == ("mixer/centre/road", "pump")
    played = outcome.costs.set_index("cost").loc["planned_replacement"]
    assert played["per_year"] == pytest.approx(7 * row["planned_per_year"])
    performance = evaluate(question, decision)
    expected = performance.costs.set_index("cost").loc["planned_replacement", "per_year"]
    assert played["per_year_low"] < expected < played["per_year_high"]
    demand = estimate_demand(question)
    assert expected == pytest.approx(7 * 365 * demand.planned_rate.sum())
    plain = case({})
    assert simulate(plain, plan(plain, 99), replications=2).prevention is None

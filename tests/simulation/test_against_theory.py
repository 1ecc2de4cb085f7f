"""The simulation against formulas that are exact, each written here, inside 99.9 % intervals."""

import numpy as np
import pytest
from scipy import stats

from partsim.simulation.replication import build
from tests.builders import plan, scenario
from tests.simulation.agreement import agree, records


def poisson_shelf(base_stock, pipeline_mean):
    """On hand, backorders and fill rate when the pipeline is Poisson (Palm 1938)."""
    x = np.arange(200)
    p = stats.poisson.pmf(x, pipeline_mean)
    on_hand = np.maximum(base_stock - x, 0) @ p
    backorders = np.maximum(x - base_stock, 0) @ p
    return on_hand, backorders, p[:base_stock].sum()


def check_cell(played, depot, side, expected):
    on_hand, backorders, fill_rate = expected
    assert agree(on_hand, [r.on_hand[0, depot] for r in played])
    assert agree(backorders, [r.backorders[0, depot] for r in played])
    requests = [r.requests[side, 0, depot] for r in played]
    assert agree(fill_rate, [r.from_shelf[side, 0, depot] for r in played], requests)
    demand_rate = np.sum(requests) / (len(played) * 10 * 365)
    waits = [r.waited[side, 0, depot] for r in played]
    assert agree(backorders / demand_rate, waits, requests)  # Little


def open_case(**changes):
    return scenario(ageing="calendar", simulation={"years": 10, "warm_up": "1 year"}, **changes)


def test_the_open_model_agrees_with_palms_formula_for_gamma_lead_times():
    lead_time = {"gamma": {"mean": "20 d", "cv": 0.5}}
    case = open_case(suppliers={"plant": {"lead_time": lead_time}})
    played = records(case, plan(case, 3))
    check_cell(played, 0, 0, poisson_shelf(3, pipeline_mean=10 / 100 * 20))


def test_approval_time_lengthens_the_lead_time_of_its_grade_only():
    case = open_case(grading={"grades": {"A": {"approval_time": "10 d"}}})
    for grade, lead_time in (("A", 30), ("C", 20)):
        played = records(case, plan(case, 3, grades=(grade,)))
        check_cell(played, 0, 0, poisson_shelf(3, pipeline_mean=10 / 100 * lead_time))


def test_lots_agree_with_the_average_over_positions():
    case = open_case()
    played = records(case, plan(case, 6, 4))
    positions = [poisson_shelf(y, pipeline_mean=2.0) for y in (3, 4, 5, 6)]
    check_cell(played, 0, 0, np.mean(positions, axis=0))


def two_echelon_shelf(base_stock, central_stock, share, rate, lead_time, transport_time):
    """Exact field shelf under constant times: binomial share of the central backorders."""
    n = np.arange(80)
    central = stats.poisson.pmf(n, rate * lead_time)
    backorders = np.bincount(np.maximum(n - central_stock, 0), weights=central, minlength=80)
    owed = sum(p * stats.binom.pmf(n, b, share) for b, p in enumerate(backorders))
    pipeline = np.convolve(owed, stats.poisson.pmf(n, share * rate * transport_time))
    x = np.arange(len(pipeline))
    on_hand = np.maximum(base_stock - x, 0) @ pipeline
    return on_hand, np.maximum(x - base_stock, 0) @ pipeline, pipeline[:base_stock].sum()


def test_two_echelons_agree_with_the_exact_formula_of_simon_and_graves():
    fleets = [
        {"machine": "mixer", "depot": depot, "customers": "road", "count": count}
        for depot, count in (("north", 15), ("south", 5))
    ]
    depots = {d: {"supplied_by": "centre", "transport_time": "4 d"} for d in ("north", "south")}
    case = open_case(depots=depots, fleets=fleets)
    played = records(case, plan(case, [[3, 2, 1]]))
    check_cell(played, 0, 1, poisson_shelf(3, pipeline_mean=0.2 * 20))
    for depot, base_stock, share in ((1, 2, 0.75), (2, 1, 0.25)):
        expected = two_echelon_shelf(base_stock, 3, share, 0.2, 20, 4)
        check_cell(played, depot, 0, expected)


def test_operating_ageing_agrees_with_the_finite_source_birth_and_death_process():
    N, S, failure_rate, resupply_rate = 6, 2, 1 / 30, 1 / 20
    lead_time = {"exponential": {"mean": "20 d"}}
    case = scenario(
        parts={"pump": {"lifetime": {"exponential": {"mean": "30 d"}}}},
        suppliers={"plant": {"lead_time": lead_time}},
        fleets=[{"machine": "mixer", "depot": "centre", "customers": "road", "count": N}],
        simulation={"years": 10, "warm_up": "1 year"},
    )
    j = np.arange(N + S + 1)  # units in resupply
    births = failure_rate * np.minimum(N, N + S - j)
    weights = np.cumprod(np.concatenate([[1.0], births[:-1] / (resupply_rate * j[1:])]))
    p = weights / weights.sum()
    on_hand, backorders = np.maximum(S - j, 0) @ p, np.maximum(j - S, 0) @ p
    fill_rate = (births * p)[:S].sum() / (births @ p)
    played = records(case, plan(case, S))
    check_cell(played, 0, 0, (on_hand, backorders, fill_rate))
    assert agree(1 - backorders / N, [r.availability[0] for r in played])


def test_the_first_weeks_have_failures_at_the_long_run_rate():
    case = scenario(
        ageing="calendar",
        parts={"pump": {"lifetime": {"weibull": {"mean": "200 d", "shape": 1.5}}}},
        fleets=[{"machine": "mixer", "depot": "centre", "customers": "road", "count": 8000}],
        simulation={"years": 30 / 365, "warm_up": "0 d"},
    )
    network = build(case, plan(case, 9999), seed=1, replication=0)
    network.run()
    log = network.logs[0]
    began, machine = log.began, log.machine
    for start, end in ((0, 10), (10, 20), (20, 30)):
        counts = np.bincount(machine[(start <= began) & (began < end)], minlength=8000)
        assert agree(10 / 200, counts)


def test_phone_fixed_calls_are_their_share_of_all_calls():
    case = scenario(service={"phone_fix": "30 %"}, simulation={"years": 5})
    for ageing in ("operating", "calendar"):
        played = records(case.model_copy(update={"ageing": ageing}), plan(case, 2))
        calls = [len(r.responses[0]) for r in played]
        by_phone = [n - r.requests.sum() for n, r in zip(calls, played, strict=True)]
        assert agree(0.3, by_phone, calls)


@pytest.mark.parametrize("held", [0.2, 0.7])
def test_customers_hold_the_part_at_their_share_of_failures(held):
    case = scenario(
        parts={"pump": {"customer_held": f"{held:.0%}"}},
        service={"travel_time": "5 h"},
        simulation={"years": 5},
    )
    played = records(case, plan(case, 1))
    calls = [len(r.responses[0]) for r in played]
    at_once = [np.count_nonzero(r.responses[0].each() == 0) for r in played]
    assert agree(held, at_once, calls)

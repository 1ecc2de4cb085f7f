"""Inspections and seasons against exact formulas, inside 99.9 % intervals, and by hand."""

from itertools import islice

import numpy as np
import pytest

from partsim.demand.estimation import estimate_demand
from partsim.lifetimes import Weibull
from partsim.lifetimes.renewal_counts import renewal_count
from partsim.model.inspections import Inspection
from partsim.model.seasons import Season
from partsim.simulation.inspections import inspection_times
from partsim.simulation.replication import play
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario
from tests.simulation.test_against_theory import agree

EXPONENTIAL = {"exponential": {"mean": "100 d"}}
BUSY = [0, 0, 0.5, 1, 2, 2, 2, 1.5, 1, 1, 0.5, 0.5]


def case(inspection=None, part=None, run=None, fleet=None, season=None, **changes):
    entry = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 20}
    machine, depot = {"positions": {"pump": 2}}, {"supplied_by": "suppliers"}
    if inspection is not None:
        machine["inspection"], changes["inspections"] = "plan", {"plan": inspection}
    if season is not None:
        depot["season"], changes["seasons"] = "summer", {"summer": season}
    return scenario(
        parts={"pump": {"lifetime": EXPONENTIAL} | (part or {})},
        machines={"mixer": machine},
        depots={"centre": depot},
        fleets=[entry | (fleet or {})],
        simulation={"years": 2, "warm_up": "120 d"} | (run or {}),
        **changes,
    )


def played(question, replications=60):
    return [play(question, plan(question, 400), 9, n) for n in range(replications)]


@pytest.mark.parametrize("ageing", ["operating", "calendar"])
@pytest.mark.parametrize(("interval", "warning", "finds"), [(73, 20, 0.7), (36.5, 36.5, 1.0)])
def test_inspections_that_see_a_warning_in_memoryless_lives(interval, warning, finds, ageing):
    """
    A delay-time model by hand, for a failure rate r, warnings of h before, intervals T >= h.

    At each inspection the time to the failure has no memory. With the share p of 1 - exp(-r h)
    it is found; then r T failures follow until the next inspection as always, but without
    finding there would have been 1 + r (T - h*), h* the time to the failure within h. So each
    inspection finds p (1 - exp(-r h)) and prevents p r h exp(-r h) of them.
    """
    question = case(
        {"every": f"{interval} d", "warning": f"{warning} d", "finds": f"{finds * 100} %"},
        ageing=ageing,
    )
    looks, rate = 40 * 730 / interval, 1 / 100
    unseen = np.exp(-rate * warning)
    records = played(question)
    assert {r.inspections.sum() for r in records} == {looks / 2}  # one for both positions
    assert agree(looks * finds * (1 - unseen), [r.planned.sum() for r in records])
    failures = 40 * 730 * rate - looks * finds * rate * warning * unseen
    assert agree(failures, [r.failures.sum() for r in records])
    calls = [len(r.responses[0]) for r in records]
    assert calls == [r.failures.sum() for r in records]


def test_inspections_that_see_all_until_the_next_prevent_all():
    question = case({"every": "50 d"}, {"lifetime": {"weibull": {"mean": "200 d", "shape": 3}}})
    records = played(question, 10)
    # Only a unit that is put in and fails before the next inspection fails at all.
    assert sum(r.failures.sum() for r in records) < 0.02 * sum(r.planned.sum() for r in records)


def test_inspections_that_find_nothing_change_nothing():
    blind, none = case({"every": "50 d", "finds": "0 %"}), case()
    for first, second in zip(played(blind, 3), played(none, 3), strict=True):
        assert first.requests.tolist() == second.requests.tolist()
        assert first.failures.sum() == second.requests[0].sum()


def test_the_cost_of_inspections_stands_in_the_table():
    question = case({"months": [4, 10]}, costs={"inspection": 30})
    outcome = simulate(question, plan(question, 400), replications=2)
    cost = outcome.costs.set_index("cost").loc["inspection", "per_year"]
    assert cost == 30 * 20 * 2


@pytest.mark.parametrize(
    ("plan_of", "delivered", "times"),
    [
        ({"ages": ["30 d", "90 d"]}, 0.0, [30, 90, np.inf]),
        ({"ages": ["30 d", "90 d"]}, -60.0, [30, np.inf]),
        ({"ages": ["30 d"]}, -np.inf, [np.inf]),
        ({"every": "100 d"}, -250.0, [50, 150, 250]),
        ({"every": "100 d"}, 30.0, [130, 230, 330]),
        ({"every": "100 d"}, -np.inf, [25, 125, 225]),
        ({"months": [1, 7]}, 0.0, [151.5, 334, 516.5]),
        ({"months": [7], "ages": ["600 d"]}, 0.0, [151.5, 516.5, 600]),
    ],
)
def test_inspections_come_by_age_by_interval_and_by_month(plan_of, delivered, times):
    found = inspection_times(Inspection(**plan_of), delivered, 0.25, "2026-02-01")
    np.testing.assert_allclose(list(islice(found, 3)), times)


def test_working_time_and_moments_are_inverse():
    season = Season(BUSY, "2026-05-20")
    t = np.linspace(0.0, 1000.0, 5001)
    worked = season.worked(t)
    assert worked[0] == 0
    assert np.all(np.diff(worked) >= -1e-9)
    assert season.worked(365.0) == pytest.approx(sum(BUSY) * 365 / 12)
    np.testing.assert_allclose(season.worked(season.moment(worked)), worked, atol=1e-9)
    # By hand: 139 days of the year have passed; 5 months end at 152.08.
    assert float(season.worked(20.0)) == pytest.approx(2 * 20)


@pytest.mark.parametrize("ageing", ["operating", "calendar"])
def test_a_season_speeds_memoryless_failures_up_month_by_month(ageing):
    month = 365 / 12
    for number in (1, 5, 11):
        run = {"warm_up": f"{number - 1 + 12} months", "years": 1 / 12}
        question = case(season=BUSY, run=run, ageing=ageing)
        expected = 40 * BUSY[number - 1] * month / 100
        used = [r.requests[0].sum() for r in played(question)]
        assert agree(expected, used) or expected == max(used) == 0
        assert estimate_demand(question).rate.sum() * month == pytest.approx(expected, abs=1e-6)


def test_a_season_speeds_the_ageing_of_new_machines_up():
    life = {"lifetime": {"weibull": {"mean": "200 d", "shape": 3}}}
    run = {"warm_up": "0 d", "years": 0.5, "start_date": "2026-03-02"}
    question = case(None, life, run, {"ages": "new"}, BUSY)
    worked = float(Season(BUSY, "2026-03-02").worked(182.5))
    expected = 40 * float(renewal_count(Weibull(200.0, 3.0), worked).mean)
    assert agree(expected, [r.requests[0].sum() for r in played(question)])
    assert estimate_demand(question).rate.sum() * 182.5 == pytest.approx(expected, abs=40e-4)

"""The forecast against the simulation, month by month, and against renewal theory."""

import numpy as np
import pytest
from scipy import stats

from partsim.lifetimes import Exponential, Weibull
from partsim.lifetimes.renewal_counts import equilibrium_renewal_count, fleet_renewal_count
from partsim.planning.forecast import forecast_demand
from partsim.simulation.replication import play
from tests.builders import plan, scenario
from tests.simulation.test_against_theory import agree

MONTH = 365 / 12
LIFE = {"weibull": {"mean": "150 d", "shape": 3}}


def case(month=1, part=None, run=None, **fleet):
    """Forty machines; the window is one month."""
    entry = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 40}
    return scenario(
        parts={"pump": {"lifetime": LIFE} | (part or {})},
        fleets=[entry | fleet],
        simulation={"years": 1 / 12, "warm_up": f"{month - 1} months"} | (run or {}),
    )


@pytest.mark.parametrize("part", [{}, {"replace_at": "120 d"}])
@pytest.mark.parametrize("fleet", [{}, {"ages": ["20 d", "200 d"]}, {"ages": "new",
                         "deliveries_per_year": 60, "retire_at": "100 d"}])  # fmt: skip
def test_mean_spread_and_interval_are_those_of_the_simulation(part, fleet):
    month = 3
    question = case(month, part, **fleet)
    forecast = forecast_demand(question, months=4, share=0.8)
    row = forecast.demand.set_index("month").loc[month]
    decision = plan(question, 200)
    used = np.array([play(question, decision, 8, n).requests[0].sum() for n in range(300)])
    assert agree(row["expected"], used)
    within = np.mean((row["low"] <= used) & (used <= row["high"]))
    # At least the share, which whole units round up; 99.9 % of a binomial count below.
    assert within >= stats.binom.ppf(0.001, 300, 0.8) / 300


def test_variances_are_those_of_renewal_theory_and_of_a_poisson_process():
    from partsim.demand.use_variance import use_variances

    times = np.array([0.0, 90.0])
    life = Weibull(150.0, 3.0)
    aged = case(ages=["20 d", "200 d"])
    (base,) = aged.installed_bases
    upkeep = aged.parts["pump"].upkeep
    # A component's age is not its position's: of a new one they are the same.
    new = case(ages="new").installed_bases[0]
    expected = float(fleet_renewal_count(life, np.zeros(40), 90.0).variance)
    assert use_variances(upkeep, new, times) == pytest.approx(expected, rel=2e-3)
    steady = 40 * float(equilibrium_renewal_count(life, 90.0).variance)
    unknown = case().installed_bases[0]
    assert use_variances(upkeep, unknown, times) == pytest.approx(steady, rel=2e-3)
    memoryless = case(part={"lifetime": {"exponential": {"mean": "50 d"}}}).parts["pump"].upkeep
    assert isinstance(memoryless.lifetime, Exponential)
    for fleet in (base, new, unknown):
        assert use_variances(memoryless, fleet, times) == pytest.approx(40 * 90 / 50, rel=1e-3)


def test_blocks_are_certain_and_months_have_days():
    start = {"start_date": "2026-01-01"}
    question = case(1, {"replace_every": "45 d"}, start, ages="1 d")
    table = forecast_demand(question, months=3).demand
    assert table["begins"].tolist() == ["2026-01-01", "2026-01-31", "2026-03-03"]
    assert table["planned"].tolist() == [0, 40, 40]
    assert (table["low"] >= table["planned"]).all()


def test_machines_are_counted_month_by_month():
    days = {"2025-01-01": 4, "2026-02-20": 5}
    question = case(1, {}, {"start_date": "2026-01-01"}, count=9, delivered=days,
                    retire_at="460 d")  # fmt: skip
    forecast = forecast_demand(question, months=5)
    assert forecast.machines["machines"].tolist() == [4, 4, 9, 9, 5]
    assert forecast.demand["month"].tolist() == [1, 2, 3, 4, 5]


def test_the_forecast_reaches_beyond_the_measured_years():
    question = case(1, ages="new", deliveries_per_year=12)
    machines = forecast_demand(question, months=36).machines["machines"]
    assert machines.iloc[[0, 12, 24]].tolist() == [40, 52, 64]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [({"months": 0}, "months: expected 1 to 120, got 0"),
     ({"share": 1.0}, "share: expected a number above 0 and below 1, got 1")],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(wrong, problem):
    with pytest.raises(ValueError, match=problem):
        forecast_demand(case(), **wrong)


def test_orders_are_negative_binomial_month_by_month():
    row = {"part": "bolt", "depot": "centre", "customers": "road", "variance_to_mean": 3}
    question = scenario(
        parts={"bolt": {"price": 5, "supplier": "plant"}},
        demand=[row | {"rate": "24 per month"}],
    )
    forecast = forecast_demand(question, months=2, share=0.8)
    bolts = forecast.demand[forecast.demand["part"] == "bolt"]
    assert bolts["expected"].to_numpy() == pytest.approx(24)
    law = stats.nbinom(24 / 2, 1 / 3)
    assert (bolts["low"] == law.ppf(0.1)).all()
    assert (bolts["high"] == law.ppf(0.9)).all()

"""The repairman model against Feller's tables, the chain's own equations and the simulation."""

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.counts import count_table
from partsim.analytic.finite_source import machine_repair
from partsim.analytic.two_echelon import finite_source_backorders
from tests.builders import plan, scenario
from tests.simulation.test_against_theory import agree, check_cell, records


def test_fellers_six_machines_with_one_repairman():
    # Feller, vol. 1, 3rd ed., sec. XVII.7, table 1: failure rate a tenth of the repair rate
    model = machine_repair(6, 0, 1, mean_life=10.0, repair_time=1.0)
    published = [0.4845, 0.2907, 0.1454, 0.0582, 0.0175, 0.0035, 0.0003]
    np.testing.assert_allclose(model.probability, published, atol=1e-4)
    assert (model.failed - (1 - model.probability[0])) / 6 == pytest.approx(0.0549, abs=5e-5)


def test_fellers_twenty_machines_with_three_repairmen():
    # ibid., table 2
    model = machine_repair(20, 0, 3, mean_life=10.0, repair_time=1.0)
    published = [0.13625, 0.27250, 0.25888, 0.15533, 0.08802]
    np.testing.assert_allclose(model.probability[:5], published, atol=1e-5)
    waiting = np.maximum(np.arange(21) - 3, 0) @ model.probability
    assert waiting / 20 == pytest.approx(0.01694, abs=5e-6)


def stationary(generator):
    """Solve p Q = 0, sum p = 1."""
    n = len(generator)
    equations = np.vstack([generator.T, np.ones(n)])
    return np.linalg.lstsq(equations, np.append(np.zeros(n), 1.0), rcond=None)[0]


@pytest.mark.parametrize("M", [1, 4, 9])
@pytest.mark.parametrize("S", [0, 1, 5])
@pytest.mark.parametrize("c", [1, 2, 30])
def test_the_chain_of_failures_and_repairs_has_these_measures(M, S, c):
    most, life, repair = M + S, 12.0, 7.0
    Q = np.zeros((most + 1, most + 1))
    for n in range(most):
        Q[n, n + 1] = min(M, M + S - n) / life
        Q[n + 1, n] = min(n + 1, c) / repair
    Q -= np.diag(Q.sum(axis=1))
    p, n = stationary(Q), np.arange(most + 1)
    running = np.minimum(M, M + S - n)
    model = machine_repair(M, S, c, life, repair)
    close = pytest.approx
    np.testing.assert_allclose(model.probability, p, atol=1e-12)
    assert model.running == close(running @ p, rel=1e-10)
    at_least = [p[running >= k].sum() for k in range(M + 1)]
    np.testing.assert_allclose(model.at_least_running, at_least, atol=1e-12)
    assert model.availability == close(running @ p / M, rel=1e-10)
    assert model.failed == close(n @ p, rel=1e-10)
    assert model.backorders == close(M - running @ p, abs=1e-10)
    assert model.on_hand == close(np.maximum(S - n, 0) @ p, abs=1e-10)
    assert model.failure_rate == close(running @ p / life, rel=1e-10)
    assert model.fill_rate == close((running * p)[:S].sum() / (running @ p), abs=1e-10)


def test_many_cells_at_once_are_each_as_if_alone():
    M, S, c = np.array([[2], [30]]), np.array([0, 3, 8]), 2
    model = machine_repair(M, S, c, [10.0, 20.0, 30.0], 5.0)
    assert model.probability.shape == (2, 3, 39)
    for i, j in np.ndindex(2, 3):
        alone = machine_repair(M[i, 0], S[j], c, [10.0, 20.0, 30.0][j], 5.0)
        size = alone.probability.size
        np.testing.assert_allclose(model.probability[i, j, :size], alone.probability, rtol=1e-12)
        assert not model.probability[i, j, size:].any()
        fleet = alone.at_least_running.size
        np.testing.assert_allclose(
            model.at_least_running[i, j, :fleet], alone.at_least_running, rtol=1e-12
        )
        assert not model.at_least_running[i, j, fleet:].any()
        assert model.fill_rate[i, j] == pytest.approx(float(alone.fill_rate), rel=1e-12)


def test_thousands_of_machines_neither_overflow_nor_lose_a_unit():
    model = machine_repair(5000, 300, [10, 6000], mean_life=100.0, repair_time=5.0)
    assert np.isfinite(model.probability).all()
    np.testing.assert_allclose(model.failed + model.running + model.on_hand, 5300.0, rtol=1e-9)
    # ten servers are busy all the time
    assert model.failure_rate[0] == pytest.approx(10 / 5.0, rel=1e-9)


def test_without_repair_time_every_machine_runs():
    model = machine_repair(3, [0, 2], 1, 10.0, 0.0)
    assert model.availability.tolist() == [1, 1]
    assert model.backorders.tolist() == [0, 0]
    assert model.fill_rate.tolist() == [0, 1]  # without a spare a machine waits, for no time


@pytest.mark.parametrize("S", [1, 4])
def test_the_first_order_correction_is_as_near_as_it_says(S):
    n, load = np.array([2, 5, 20, 50]), 0.5
    table = count_table(n * load, n * load, S)
    short = finite_source_backorders(
        table.backorders[:, S], n * load, 1 - table.at_most[:, S - 1], n
    )
    exact = machine_repair(n, S, n + S, 1.0, load).backorders
    errors = (short - exact) / n
    assert errors.min() >= -0.002
    assert errors.max() <= 0.04


@pytest.mark.parametrize("law", ["exponential", "gamma"])
def test_ample_servers_agree_with_the_simulation_whatever_the_lead_time_law(law):
    # 150 replications of 10 years, operating ageing; 99.9 % intervals
    N, S = 6, 2
    lead_time = {law: {"mean": "20 d"} | ({"cv": 0.4} if law == "gamma" else {})}
    case = scenario(
        parts={"pump": {"lifetime": {"exponential": {"mean": "30 d"}}}},
        suppliers={"plant": {"lead_time": lead_time}},
        fleets=[{"machine": "mixer", "depot": "centre", "customers": "road", "count": N}],
        simulation={"years": 10, "warm_up": "1 year"},
    )
    played = records(case, plan(case, S))
    model = machine_repair(N, S, N + S, 30.0, 20.0)
    check_cell(played, 0, 0, (model.on_hand, model.backorders, model.fill_rate))
    assert agree(model.availability, [r.availability[0] for r in played])


def test_one_machine_without_spares_runs_and_waits_in_turn():
    model = machine_repair(1, 0, 1, mean_life=30.0, repair_time=10.0)
    assert model.availability == pytest.approx(0.75, rel=1e-14)


def test_an_endless_source_is_an_open_one():
    M, rate = 200_000, 2.0
    model = machine_repair(M, 4, 60, M / rate, 1.5)
    law = stats.poisson(rate * 1.5)
    x = np.arange(60)
    np.testing.assert_allclose(model.probability[:60], law.pmf(x), atol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 0, 1, 1.0, 1.0), "machines: expected whole numbers >= 1, got 0"),
        ((2, 1.5, 1, 1.0, 1.0), "spares: expected whole numbers >= 0, got 1.5"),
        ((2, 0, 0, 1.0, 1.0), "servers: expected whole numbers >= 1, got 0"),
        ((2, 0, 1, 0.0, 1.0), "mean_life: expected finite numbers > 0, got 0"),
        ((2, 0, 1, 1.0, np.nan), "repair_time: expected finite numbers >= 0, got nan"),
        (([2, 3], [0, 1, 2], 1, 1.0, 1.0), "expected shapes that broadcast, got machines"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        machine_repair(*arguments)

"""The exact two echelons against brute force and the simulation; errors of the two METRICs."""

from itertools import product

import numpy as np
import pytest
from scipy import integrate, stats

from partsim.analytic.exact_two_echelon import (
    poisson_law,
    split_backorders,
    two_echelon_exact,
    two_echelon_response,
)
from partsim.analytic.two_echelon import two_echelon_metric, two_echelon_vari_metric
from tests.builders import plan
from tests.simulation.test_against_theory import agree, check_cell, open_case, records

X = np.arange(140)


def brute_force(central, S0, share, moving):
    """Law of a field depot's units in resupply: a sum over central backorders, convolved."""
    p = stats.poisson.pmf(X, central)
    owed = np.bincount(np.maximum(X - S0, 0), weights=p, minlength=X.size)
    mine = owed @ stats.binom.pmf(X, X[:, None], share)
    return np.convolve(mine, stats.poisson.pmf(X, moving))


@pytest.mark.parametrize("share", [0.0, 0.07, 0.5, 1.0])
@pytest.mark.parametrize("central", [0.0, 0.3, 5.0, 20.0])
def test_the_exact_cells_equal_brute_force_convolution(central, share):
    S0, S = np.array([0, 1, 4, 20, 40])[:, None], np.array([0, 1, 3, 9, 25])
    got = two_echelon_exact(central, S0, share, 1.7, S)
    for i, j in product(range(5), range(5)):
        law = brute_force(central, int(S0[i, 0]), share, 1.7)
        x = np.arange(law.size)
        owed = np.maximum(x - S[j], 0)
        EBO = owed @ law
        expected = {
            "pipeline": x @ law,
            "pipeline_variance": (x - x @ law) ** 2 @ law,
            "expected_backorders": EBO,
            "backorder_variance": (owed - EBO) ** 2 @ law,
            "fill_rate": law[: S[j]].sum(),
        }
        for name, value in expected.items():
            assert abs(getattr(got, name)[i, j] - value) <= 1e-12 * max(1.0, value), name


def test_far_tails_keep_their_digits():
    # No central stock: Poisson, whose tail scipy sums without cancelling
    S = np.array([5, 10, 20, 30, 40])
    got = two_echelon_exact(6.0, 0, 0.5, 1.0, S).expected_backorders
    expected = [stats.poisson.sf(np.arange(s, s + 200), 4.0).sum() for s in S]
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    assert got[-1] < 1e-25


def test_limits_are_one_stock_point():
    never = two_echelon_exact(3.0, 60, 0.4, 2.0, 2)  # the centre never runs out
    alone = two_echelon_exact(0.0, 0, 0.4, 2.0, 2)
    assert never.expected_backorders == pytest.approx(float(alone.expected_backorders), rel=1e-13)
    nothing = two_echelon_exact(0.0, 0, 0.0, 0.0, 0)
    assert (float(nothing.expected_backorders), float(nothing.fill_rate)) == (0.0, 0.0)
    assert float(two_echelon_exact(0.0, 0, 0.0, 0.0, 1).fill_rate) == 1.0


def test_all_central_backorders_of_a_split_are_somebodys():
    law = poisson_law(4.0, 60)
    mine = split_backorders(law, np.array(2), np.array(1.0))
    np.testing.assert_allclose(mine[1:59], law[3:], rtol=1e-14)
    assert mine.sum() == pytest.approx(1.0, rel=1e-14)


def error_grid():
    """Central means of 0.5 to 32, stock from 1 deviation below to 2 above, field up to 3 above."""
    rows = []
    for m0, k0, f, ratio in product(
        (0.5, 2.0, 8.0, 32.0), (-1, -0.5, 0, 0.5, 1, 2), (0.02, 0.1, 0.25, 0.5, 1), (0.1, 0.5, 2)
    ):
        S0, moving = max(0, round(m0 + k0 * m0**0.5)), f * m0 * ratio
        mean = float(two_echelon_exact(m0, S0, f, moving, 0).pipeline)
        rows += [(m0, S0, f, moving, np.ceil(mean + k * mean**0.5)) for k in (0, 0.5, 1, 1.5, 2, 3)]
    return np.unique(rows, axis=0).T


def test_metric_and_vari_metric_err_as_their_notes_say():
    cells = error_grid()
    exact, share = two_echelon_exact(*cells), cells[2]
    by_metric, by_vari = two_echelon_metric(*cells), two_echelon_vari_metric(*cells)
    np.testing.assert_allclose(by_metric.pipeline, exact.pipeline, rtol=1e-12)
    np.testing.assert_allclose(by_vari.pipeline, exact.pipeline, rtol=1e-12)
    np.testing.assert_allclose(by_vari.pipeline_variance, exact.pipeline_variance, rtol=1e-11)
    counts = exact.expected_backorders >= 0.01
    METRIC = by_metric.expected_backorders / exact.expected_backorders - 1
    VARI = by_vari.expected_backorders / exact.expected_backorders - 1
    assert METRIC[counts].max() <= 1e-12  # never pessimistic
    for most, metric_error, metric_worst, vari_error, vari_worst in (
        (0.1, 0.34, 0.60, 0.019, 0.034),
        (0.5, 0.73, 0.96, 0.088, 0.53),
    ):
        here = counts & (share <= most)
        assert np.quantile(-METRIC[here], 0.95) <= metric_error
        assert -METRIC[here].min() <= metric_worst
        assert np.quantile(np.abs(VARI[here]), 0.95) <= vari_error
        assert np.abs(VARI[here]).max() <= vari_worst
    by_vari, exact = by_vari.expected_backorders.sum(), exact.expected_backorders.sum()
    assert -0.006 <= by_vari / exact - 1 <= 0


def network(lead_time):
    fleets = [
        {"machine": "mixer", "depot": depot, "customers": "road", "count": count}
        for depot, count in (("north", 15), ("south", 5))
    ]
    depots = {"north": {"supplied_by": "centre", "transport_time": "4 d"}}
    depots["south"] = {"supplied_by": "centre", "transport_time": "9 d"}
    return open_case(depots=depots, fleets=fleets, suppliers={"plant": {"lead_time": lead_time}})


@pytest.mark.parametrize("lead_time", ["20 d", {"gamma": {"mean": "20 d", "cv": 0.7}}])
def test_the_simulation_agrees_with_the_exact_cells(lead_time):
    case = network(lead_time)
    played = records(case, plan(case, [[3, 2, 1]]), replications=100)
    got = two_echelon_exact(4.0, 3, [0.75, 0.25], [0.15 * 4, 0.05 * 9], [2, 1])
    for depot, S in ((0, 2), (1, 1)):
        EBO, fill = float(got.expected_backorders[depot]), float(got.fill_rate[depot])
        check_cell(played, depot + 1, 0, (S - float(got.pipeline[depot]) + EBO, EBO, fill))


def test_the_simulation_agrees_with_the_response_window():
    case = network("20 d")
    played = records(case, plan(case, [[2, 2, 0]]), replications=100)
    for fleet, (share, transport, S) in enumerate(((0.75, 4.0, 2), (0.25, 9.0, 0))):
        for window in (0.5, 3.0, 5.0, 11.0, 16.0, 22.0, 28.0):
            kept = two_echelon_response(window, 0.2, 20.0, 2, share, transport, S)
            calls = [len(r.responses[fleet]) for r in played]
            in_time = [np.count_nonzero(r.responses[fleet].each() <= window) for r in played]
            assert agree(float(kept), in_time, calls), (fleet, window)


@pytest.mark.parametrize("S", [0, 1, 3])
@pytest.mark.parametrize(
    ("S0", "lead_time", "transport"), [(0, 9.0, 4.0), (2, 9.0, 4.0), (1, 0, 3)]
)
def test_waits_beyond_every_window_add_up_to_the_mean_wait(S0, lead_time, transport, S):
    # Little: the integral of P(W > u) is EBO over the rate
    def late(u):
        return 1 - float(two_echelon_response(u, 0.5, lead_time, S0, 0.6, transport, S))

    whole = integrate.quad(late, 0, lead_time + transport, points=[transport], epsabs=1e-11)[0]
    cell = two_echelon_exact(0.5 * lead_time, S0, 0.6, 0.3 * transport, S)
    assert whole == pytest.approx(float(cell.expected_backorders) / 0.3, abs=1e-8)


def test_a_window_of_nothing_is_the_fill_rate_and_a_long_one_certain():
    S = np.arange(5)
    cell = two_echelon_exact(4.0, 2, 0.5, 1.0, S)
    np.testing.assert_allclose(
        two_echelon_response(0.0, 0.2, 20.0, 2, 0.5, 10.0, S), cell.fill_rate, rtol=1e-13
    )
    assert (two_echelon_response(30.0, 0.2, 20.0, 2, 0.5, 10.0, S) >= 1 - 1e-14).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"central_demand": -1.0}, r"central_demand: expected finite numbers >= 0, got -1"),
        ({"central_level": 1.5}, r"central_level: expected whole numbers >= 0, got 1.5"),
        ({"share": 1.2}, r"share: expected numbers from 0 to 1, got 1.2"),
        ({"transport_demand": np.nan}, r"transport_demand: expected finite numbers >= 0, got nan"),
        ({"level": -1}, r"level: expected whole numbers >= 0, got -1"),
        ({"share": [0.1] * 3, "level": [1, 2]}, r"expected shapes that broadcast, got"),
    ],
)
@pytest.mark.parametrize("method", [two_echelon_metric, two_echelon_vari_metric, two_echelon_exact])
def test_wrong_arguments_are_refused_by_name_and_value(method, changed, message):
    right = {
        "central_demand": 4.0,
        "central_level": 2,
        "share": 0.5,
        "transport_demand": 1.0,
        "level": 1,
    }
    with pytest.raises(ValueError, match=message):
        method(**(right | changed))

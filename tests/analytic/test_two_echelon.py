"""Two echelons against brute force: sums over positions and states, binomial splits, chains."""

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.counts import count_table
from partsim.analytic.two_echelon import central_table, finite_source_backorders, vari_metric

X = np.arange(400)


def law(mean, variance):
    if mean == variance:
        return stats.poisson(mean).pmf(X)
    return stats.nbinom(mean**2 / (variance - mean), mean / variance).pmf(X)


@pytest.mark.parametrize("lot", [1, 3, 7])
@pytest.mark.parametrize(("mean", "variance"), [(0.4, 0.4), (6.0, 6.0), (12.0, 30.0)])
def test_a_stock_in_lots_is_the_average_over_its_inventory_positions(lot, mean, variance):
    p, levels = law(mean, variance), 30
    table = central_table([mean], [variance], lot, levels)
    for S in range(levels + 1):
        position = np.arange(S - lot + 1, S + 1)[:, None]
        owed = np.maximum(X - position, 0)
        backorders = (owed @ p).mean()
        spread = (owed**2 @ p).mean() - backorders**2
        ready = ((position > X) @ p).mean()
        assert table.backorders[0, S] == pytest.approx(backorders, abs=1e-9)
        assert table.backorder_variance[0, S] == pytest.approx(spread, abs=1e-8)
        assert table.ready[0, S] == pytest.approx(ready, abs=1e-9)


def test_lags_are_rows_that_do_not_touch_each_other():
    together = central_table([5.0, 2.0, 0.0], [7.0, 2.0, 0.0], 3, 9)
    for i, (mean, variance) in enumerate([(5.0, 7.0), (2.0, 2.0), (0.0, 0.0)]):
        alone = central_table([mean], [variance], 3, 9)
        np.testing.assert_array_equal(together.backorders[i], alone.backorders[0])
        np.testing.assert_array_equal(together.ready[i], alone.ready[0])


def test_without_demand_nothing_is_owed_and_half_a_lot_may_be_missing():
    table = central_table([0.0], [0.0], lot=2, levels=2)
    assert table.backorders.tolist() == [[0.5, 0.0, 0.0]]  # positions -1 and 0, 0 and 1, 1 and 2
    assert table.ready.tolist() == [[0.0, 0.5, 1.0]]


@pytest.mark.parametrize("S0", [0, 2, 5, 9])
@pytest.mark.parametrize("share", [0.05, 0.4, 1.0])
def test_the_moments_are_those_of_the_binomial_split_for_poisson_demand(S0, share):
    # Graves (1985): each central backorder is the depot's with probability f
    central, moving = 6.0, 1.7
    p = stats.poisson(central).pmf(X[:80])
    owed = np.maximum(X[:80] - S0, 0)
    mine = stats.binom(owed[:, None], share).pmf(X[:80]).T @ p
    resupply = np.convolve(mine, stats.poisson(moving).pmf(X[:80]))
    x = np.arange(len(resupply))
    table = count_table(central, central, S0)
    spread = table.squared_backorders[-1] - table.backorders[-1] ** 2
    mean, variance = vari_metric(moving, 1.0, share, table.backorders[-1], spread)
    assert float(mean) == pytest.approx(x @ resupply, abs=1e-9)
    assert float(variance) == pytest.approx((x - x @ resupply) ** 2 @ resupply, abs=1e-9)


def test_the_depots_own_all_central_backorders_together():
    shares = np.array([0.2, 0.5, 0.3])
    mean, _ = vari_metric([1.0, 2.0, 3.0], 1.0, shares, 4.0, 9.0)
    assert mean.sum() == pytest.approx(1 + 2 + 3 + 4.0, rel=1e-15)


def closed_chain_backorders(n, S, load):
    """Expected backorders of n machines and S spares, exponential, by detailed balance."""
    x = np.arange(n + S)
    up = (n - np.maximum(x - S, 0)) * load
    logs = np.append(0.0, np.cumsum(np.log(up) - np.log(x + 1)))
    p = np.exp(logs - logs.max())
    return np.maximum(np.arange(n + S + 1) - S, 0) @ p / p.sum()


def finite_source_error(n, S, load):
    """Error per machine position of the correction of Poisson backorders."""
    table = count_table(n * load, n * load, S)
    out_of_stock = 1 - (table.at_most[S - 1] if S else 0.0)
    got = finite_source_backorders(table.backorders[S], n * load, out_of_stock, n)
    return (float(got) - closed_chain_backorders(n, S, load)) / n


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 12, 20, 35, 50])
def test_machines_that_stand_still_fail_less_within_the_documented_error(n):
    for load in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0):
        errors = [finite_source_error(n, S, load) for S in range(11)]
        assert abs(errors[0]) <= 1e-12  # exact without stock
        assert min(errors) >= -0.002
        assert max(errors) <= (0.001 if load <= 0.1 else 0.04)


def test_an_open_source_keeps_the_backorders_of_the_open_model():
    got = finite_source_backorders(np.array([3.0, 1.0]), 4.0, 0.7, np.array([0, 0]))
    assert got.tolist() == [3.0, 1.0]

"""Plotting positions against scipy and by hand; correlation of straight and bent plots."""

import numpy as np
import pytest
from scipy import stats

from partsim.history.fitting import fit_lives
from partsim.history.goodness import plot_correlation, plotting_positions
from partsim.lifetimes import Lognormal, Weibull


def test_complete_lives_are_plotted_half_way_up_their_steps():
    time, share = plotting_positions([30, 10, 20, 40], [True] * 4)
    assert time == pytest.approx([10, 20, 30, 40])
    assert share == pytest.approx([1 / 8, 3 / 8, 5 / 8, 7 / 8])


def test_survival_under_censoring_is_scipys_product_limit():
    rng = np.random.default_rng(5)
    life, end = rng.weibull(2, 80), rng.uniform(0.2, 2, 80)
    time, failed = np.minimum(life, end), life <= end
    ecdf = stats.ecdf(stats.CensoredData.right_censored(time, ~failed)).cdf
    at, share = plotting_positions(time, failed)
    steps = ecdf.probabilities[np.isin(ecdf.quantiles, time[failed])]
    before = np.append(0, steps[:-1])
    assert at == pytest.approx(np.sort(time[failed]))
    assert share == pytest.approx((steps + before) / 2)


def test_a_life_is_at_risk_only_after_its_entry_and_up_to_its_end():
    # at 10: the second has not entered, one of two fails; at 20: two of two are at risk
    _, share = plotting_positions([10, 20, 20], [True, True, False], [0, 10, 5])
    assert share == pytest.approx([1 / 4, 1 - (1 / 2 + 1 / 4) / 2])


def test_counts_stand_for_repeated_rows():
    once = plotting_positions([10, 20], [True, False], 0, [2, 3])
    repeated = plotting_positions([10, 10, 20, 20, 20], [True, True, False, False, False])
    assert once[1] == pytest.approx(repeated[1])


@pytest.mark.parametrize(("family", "truth"), [("weibull", Weibull(100.0, 2.0)),
                                               ("lognormal", Lognormal(100.0, 1.0))])  # fmt: skip
def test_lives_at_the_quantiles_of_a_family_lie_on_a_line(family, truth):
    time = truth.quantile((np.arange(50) + 0.5) / 50)
    lives = time, np.full(50, True)
    assert plot_correlation(fit_lives(family, *lives), *lives) == pytest.approx(1, abs=1e-12)


def test_the_wrong_family_bends_the_plot():
    time = Lognormal(100.0, 2.0).quantile((np.arange(50) + 0.5) / 50)
    lives = time, np.full(50, True)
    right, wrong = (
        plot_correlation(fit_lives(f, *lives), *lives) for f in ("lognormal", "weibull")
    )
    assert wrong < 0.99 < right


def test_a_gamma_is_plotted_at_its_own_shape():
    time = stats.gamma(3).ppf((np.arange(200) + 0.5) / 200)
    lives = time, np.full(200, True)
    assert plot_correlation(fit_lives("gamma", *lives), *lives) > 0.9999


def test_two_failures_give_no_correlation():
    lives = [10, 20], [True, True]
    assert np.isnan(plot_correlation(fit_lives("weibull", *lives), *lives))


def test_late_entry_that_empties_the_plot_leaves_the_other_points():
    # the only life at risk fails at 5: by the product limit all have failed from there on
    lives = [5, 20, 30, 40], [True] * 4, [0, 6, 6, 6]
    assert plotting_positions(*lives)[1][-1] == 1
    assert np.isnan(plot_correlation(fit_lives("exponential", *lives), *lives))

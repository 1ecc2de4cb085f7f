"""Terms of the likelihood against scipy and closed forms."""

import numpy as np
import pytest
from scipy import stats

from partsim.history.likelihoods import log_likelihood, measure_of_unit, sample_of

LAWS = {"exponential": lambda k: stats.expon(), "weibull": stats.weibull_min, "gamma": stats.gamma,
        "lognormal": stats.lognorm}  # fmt: skip


@pytest.mark.parametrize("family", LAWS)
def test_mean_and_b10_of_the_scale_1_are_scipys(family):
    shape = 1.0 if family == "exponential" else 0.8
    law = LAWS[family](shape)
    assert measure_of_unit(family, "mean", shape) == pytest.approx(law.mean(), rel=1e-10)
    assert measure_of_unit(family, "b10", shape) == pytest.approx(law.ppf(0.1), rel=1e-10)


def test_a_censored_life_far_out_keeps_a_finite_gamma_term():
    # a gamma of shape 2 survives z with (1 + z) exp(-z), which underflows
    sample = sample_of([1.0, 2000.0], [True, False])
    scale = 1 / sample.unit
    failed = stats.gamma(2).logpdf(1.0)
    got = log_likelihood(sample, "gamma", np.log(scale), np.log(2))
    assert got == pytest.approx(failed + np.log1p(2000) - 2000, rel=1e-6)


def test_what_cannot_be_is_refused_by_a_huge_negative_number():
    sample = sample_of([1.0, 2.0], [True, True])
    assert log_likelihood(sample, "weibull", np.log(1e-9), np.log(100)) < -1e100

"""The curve of renewals against counts at single times, which come another way."""

import numpy as np
import pytest

from partsim.lifetimes import Exponential, Gamma, Lognormal, Weibull
from partsim.lifetimes.renewal_counts import renewal_count
from partsim.lifetimes.renewal_curve import RenewalCurve


@pytest.mark.parametrize("horizon", [5.0, 150.0, 3000.0])
@pytest.mark.parametrize(
    "life", [Weibull.from_cv(100.0, 0.1), Weibull(100.0, 0.6), Gamma(100.0, 0.25),
             Lognormal(100.0, 2.0)],
)  # fmt: skip
def test_the_curve_passes_through_the_counts(life, horizon):
    times = np.linspace(0.0, 1.0, 9) * horizon
    counts = renewal_count(life, times).mean
    np.testing.assert_allclose(RenewalCurve(life, horizon).mean(times), counts, atol=1e-4)


def test_the_curve_of_a_constant_hazard_is_a_line_and_never_falls():
    times = np.linspace(0.0, 777.0, 1000)
    curve = RenewalCurve(Exponential(33.0), 777.0).mean(times)
    np.testing.assert_allclose(curve, times / 33, atol=1e-5)
    assert np.all(np.diff(RenewalCurve(Weibull(50.0, 30.0), 777.0).mean(times)) >= 0)


@pytest.mark.parametrize("horizon", [0.0, -1.0, np.inf, np.nan])
def test_a_horizon_that_is_none_is_refused(horizon):
    with pytest.raises(ValueError, match="horizon: expected a finite number > 0"):
        RenewalCurve(Exponential(1.0), horizon)


def test_times_beyond_the_horizon_are_refused():
    with pytest.raises(ValueError, match="times: expected at most 10, got 11"):
        RenewalCurve(Exponential(1.0), 10.0).mean([11.0])

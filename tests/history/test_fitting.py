"""Estimates against published ones, scipy, brute force over a grid, and their own coverage."""

import csv

import numpy as np
import pytest
from scipy import optimize, stats

from partsim.history.fitting import FAMILIES, fit_lives, scale_interval, shape_interval
from partsim.lifetimes import Gamma, Lognormal, Weibull

# NIST/SEMATECH e-Handbook of Statistical Methods, 8.4.1.3: ten failures, ten units to 500 h.
NIST = ([54, 187, 216, 240, 244, 335, 361, 373, 375, 386] + [500] * 10, [True] * 10 + [False] * 10)
# Meeker and Escobar 1998, table C.5: bearing cages of aircraft engines (hours, failed, count).
CAGE_FAILURES = [230, 334, 423, 990, 1009, 1510]
CAGE_RUNNING = {50: 288, 150: 148, 250: 124, 350: 111, 450: 106, 550: 99, 650: 110, 750: 114,
                850: 119, 950: 127, 1050: 123, 1150: 93, 1250: 47, 1350: 41, 1450: 27, 1550: 11,
                1650: 6, 1850: 1, 2050: 2}  # fmt: skip
CAGES = (
    [*CAGE_FAILURES, *CAGE_RUNNING],
    [True] * 6 + [False] * len(CAGE_RUNNING),
    0.0,
    [1] * 6 + list(CAGE_RUNNING.values()),
)
TWO_NUMBERS = ("weibull", "lognormal", "gamma")


def frozen(distribution):
    """Give scipy's twin of one of our distributions."""
    match distribution:
        case Weibull():
            return stats.weibull_min(distribution.shape, scale=distribution.scale)
        case Gamma():
            return stats.gamma(distribution.shape, scale=distribution.scale)
        case Lognormal():
            return stats.lognorm(distribution.sigma, scale=np.exp(distribution.mu))
    return stats.expon(scale=distribution.mean)


def log_likelihood(distribution, time, failed, entry):
    """Add up the log-likelihood by scipy."""
    law = frozen(distribution)
    time, failed, entry = map(np.asarray, (time, failed, entry))
    ends = np.where(failed, law.logpdf(time), law.logsf(time))
    return (ends - law.logsf(entry)).sum()


def late_lives():
    """Give 60 lives, some of them entered late, some censored."""
    rng = np.random.default_rng(7)
    life, entry = 100 * rng.weibull(1.5, 200), rng.uniform(0, 80, 200) * rng.integers(0, 2, 200)
    seen = np.flatnonzero(life > entry)[:60]
    time = np.minimum(life, entry + 70)[seen]
    return time, (life <= entry + 70)[seen], entry[seen]


def test_weibull_of_the_nist_handbook():
    fit = fit_lives("weibull", *NIST)
    assert fit.distribution.shape == pytest.approx(1.7208, abs=5e-5)
    assert fit.distribution.scale == pytest.approx(606.528, abs=5e-4)
    assert fit.distribution.mean == pytest.approx(540.737, abs=5e-4)
    assert fit.aic == pytest.approx(154.27, abs=5e-3)


def test_lognormal_of_the_nist_handbook():
    assert fit_lives("lognormal", *NIST).aic == pytest.approx(154.39, abs=5e-3)


def test_bearing_cages_of_meeker_and_escobar():
    fit = fit_lives("weibull", *CAGES)
    assert (fit.failures, fit.lives) == (6, 1703)
    assert fit.distribution.shape == pytest.approx(2.035, abs=5e-4)
    assert float(fit.distribution.quantile(0.1)) == pytest.approx(3903, abs=0.5)


def test_interval_of_b10_of_the_bearing_cages():
    low, high = scale_interval(fit_lives("weibull", *CAGES), "b10", *CAGES)
    # Published as 2093 and 22144; scipy's likelihood has its lower end at 2094.3, as ours.
    assert high == pytest.approx(22144, abs=0.5)
    assert low == pytest.approx(2094.3, abs=0.05)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_likelihood_is_scipys_and_nothing_near_is_higher(family):
    lives = late_lives()
    fit = fit_lives(family, *lives)
    assert fit.log_likelihood == pytest.approx(log_likelihood(fit.distribution, *lives), rel=1e-10)
    for scale in (0.999, 1.001):
        beside = type(fit.distribution)(fit.distribution.mean * scale, *shape_of(fit.distribution))
        assert log_likelihood(beside, *lives) < fit.log_likelihood
    for scale in (0.999, 1.001) if family != "exponential" else ():
        (shape,) = shape_of(fit.distribution)
        beside = type(fit.distribution)(fit.distribution.mean, shape * scale)
        assert log_likelihood(beside, *lives) < fit.log_likelihood


def peak(distribution_of, lives, bounds):
    """Give the highest log-likelihood by scipy over one number."""
    found = optimize.minimize_scalar(
        lambda x: -log_likelihood(distribution_of(x), *lives), bounds=bounds, method="bounded"
    )
    return -found.fun


def shape_of(distribution):
    return tuple(vars(distribution)[key] for key in ("shape", "cv") if key in vars(distribution))


@pytest.mark.parametrize("family", TWO_NUMBERS)
def test_right_censored_fits_are_those_of_scipy(family):
    time, failed = np.array(NIST[0], float), np.array(NIST[1])
    data = stats.CensoredData.right_censored(time, ~failed)
    law = {"weibull": stats.weibull_min, "lognormal": stats.lognorm, "gamma": stats.gamma}[family]
    shape, _, scale = law.fit(data, floc=0)
    ours = frozen(fit_lives(family, time, failed).distribution)
    assert ours.args[0] == pytest.approx(shape, rel=1e-3)  # scipy stops at 1e-4 of its simplex
    assert ours.kwds["scale"] == pytest.approx(scale, rel=1e-3)


def test_exponential_mean_is_exposure_over_failures():
    fit = fit_lives("exponential", [10, 20, 60], [True, False, True], [0, 5, 30], [1, 2, 3])
    assert fit.distribution.mean == pytest.approx((10 + 2 * 15 + 3 * 30) / 4, rel=1e-12)


@pytest.mark.parametrize("family", TWO_NUMBERS)
def test_counts_stand_for_repeated_rows(family):
    time, failed = np.array([10, 20, 40, 60]), np.array([True, True, True, False])
    once = fit_lives(family, time, failed, 0.0, [1, 2, 3, 4])
    repeated = fit_lives(family, np.repeat(time, [1, 2, 3, 4]), np.repeat(failed, [1, 2, 3, 4]))
    assert once.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-12)
    assert once.distribution.mean == pytest.approx(repeated.distribution.mean, rel=1e-6)


@pytest.mark.parametrize("family", TWO_NUMBERS)
def test_the_unit_of_time_changes_nothing_but_the_unit(family):
    days = fit_lives(family, *NIST)
    # The peak is flat: its height to rounding, 1e-15, fixes its place to 1e-7 only.
    minutes = fit_lives(family, np.array(NIST[0]) * 1440, NIST[1])
    assert minutes.distribution.mean == pytest.approx(days.distribution.mean * 1440, rel=1e-7)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_ends_of_the_interval_lie_at_the_stated_height(family):
    lives = late_lives()
    fit = fit_lives(family, *lives)
    level = fit.log_likelihood - stats.chi2(1).ppf(0.95) / 2
    for end in scale_interval(fit, "mean", *lives):
        if family == "exponential":
            highest = log_likelihood(type(fit.distribution)(end), *lives)
        else:
            highest = peak(lambda k, end=end: type(fit.distribution)(end, k), lives, (0.2, 5))
        assert highest == pytest.approx(level, abs=1e-5)


@pytest.mark.parametrize("family", TWO_NUMBERS)
def test_the_interval_of_the_shape_holds_it_and_ends_at_the_stated_height(family):
    lives = late_lives()
    fit = fit_lives(family, *lives)
    low, high = shape_interval(fit, *lives)
    assert low < shape_of(fit.distribution)[0] < high
    level = fit.log_likelihood - stats.chi2(1).ppf(0.95) / 2
    means = fit.distribution.mean * np.array([0.3, 3])
    for end in (low, high):
        highest = peak(lambda m, end=end: type(fit.distribution)(m, end), lives, means)
        assert highest == pytest.approx(level, abs=1e-5)


def test_the_interval_of_the_mean_covers_the_true_one_as_often_as_stated():
    rng = np.random.default_rng(20261122)
    truth, repetitions = Weibull(100.0, 2.0), 200
    censored_at = float(truth.quantile(0.6))
    held = 0
    for _ in range(repetitions):
        life = truth.quantile(rng.uniform(size=50))
        lives = np.minimum(life, censored_at), life <= censored_at
        low, high = scale_interval(fit_lives("weibull", *lives), "mean", *lives)
        held += low <= truth.mean <= high
    # 99.9 % of the counts if the coverage is 0.95
    assert stats.binom(repetitions, 0.95).ppf(0.0005) <= held
    assert held <= stats.binom(repetitions, 0.95).ppf(0.9995)


def test_late_entry_left_out_would_bias_the_mean():
    rng = np.random.default_rng(3)
    truth = Weibull(100.0, 2.0)
    life, entry = truth.quantile(rng.uniform(size=4000)), rng.uniform(0, 150, 4000)
    seen = life > entry
    lives = life[seen], np.full(seen.sum(), True), entry[seen]
    low, high = scale_interval(fit_lives("weibull", *lives), "mean", *lives)
    assert low < 100 < high
    assert fit_lives("weibull", *lives[:2]).distribution.mean > high


def test_a_mean_without_lower_bound_is_said_to_have_none():
    # each life seen for its last day only: a high early hazard is not refuted
    time = np.array([100.0, 103, 110, 120, 130, 150])
    lives = time, np.full(6, True), time - 1
    assert scale_interval(fit_lives("weibull", *lives), "mean", *lives)[0] == 0


def test_a_mean_without_upper_bound_is_said_to_have_none():
    lives = [1.0, 2.0] + [2.1] * 2000, [True] * 2 + [False] * 2000
    assert scale_interval(fit_lives("weibull", *lives), "mean", *lives)[1] == np.inf


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.0, 1.0], [True, True]), "time: expected finite numbers > 0, got 0"),
        (([1.0, np.inf], [True, True]), "time: expected finite numbers > 0, got inf"),
        (([1.0, 2.0], [1, 2]), "failed: expected True or False, got 2"),
        (([1.0, 2.0], [True, True], [0.0, 2.0]), "entry: expected numbers from 0 to below time"),
        (([1.0, 2.0], [True, True], 0.0, [1, 0]), "count: expected finite numbers > 0, got 0"),
        (([1.0, 2.0], [False, False]), "failed: expected at least one failure, got none"),
        (([2.0, 2.0], [True, True]), "time: expected at least two different failure times"),
        (([1.0, 2.0], [True] * 3), r"expected shapes that broadcast, got time \(2,\)"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        fit_lives("weibull", *arguments)


def test_an_exponential_has_no_shape():
    with pytest.raises(ValueError, match="expected a family with a shape, got exponential"):
        shape_interval(fit_lives("exponential", *NIST), *NIST)


def test_shock_absorbers_have_the_shape_that_other_programs_find(real):
    with real("meeker_escobar/lifetimes.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["dataset"] == "shockabsorber"]
    time, failed = [float(row["time"]) for row in rows], [row["event"] == "1" for row in rows]
    shape, _, scale = stats.weibull_min.fit(
        stats.CensoredData.right_censored(np.array(time), ~np.array(failed)), floc=0
    )
    fit = fit_lives("weibull", time, failed)
    assert (fit.failures, fit.lives) == (11, 38)
    assert fit.distribution.shape == pytest.approx(shape, rel=1e-3)
    assert fit.distribution.scale == pytest.approx(scale, rel=1e-3)

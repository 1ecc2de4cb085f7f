"""Log-likelihood of censored lives with late entry, for families of a scale and a shape."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, pi, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
Family = Literal["exponential", "weibull", "lognormal", "gamma"]
Measure = Literal["mean", "b10"]

SHAPES: dict[Family, tuple[float, float]] = {
    "exponential": (1.0, 1.0),
    "weibull": (0.1, 100.0),
    "lognormal": (0.01, sqrt(log(1 + 20.0**2))),  # sigma of the logarithm; cv up to 20
    "gamma": (0.1, 100.0),
}
"""Shapes that are sought: those a scenario takes."""


@dataclass(frozen=True)
class Sample:
    """
    Lives in units of their mean exposure, sorted into the terms of the likelihood.

    Attributes
    ----------
    unit : float
        Exposure per failure [days].
    failed, ended, entered : tuple of ndarray
        Ages and numbers of lives: ended by failure, ended at all or censored, entered late.
    """

    unit: float
    failed: tuple[Floats, Floats]
    censored: tuple[Floats, Floats]
    entered: tuple[Floats, Floats]

    @property
    def failures(self) -> float:
        """Number of failures."""
        return float(self.failed[1].sum())

    @property
    def lives(self) -> float:
        """Number of lives, censored ones included."""
        return self.failures + float(self.censored[1].sum())


def sample_of(
    time: ArrayLike, failed: ArrayLike, entry: ArrayLike = 0.0, count: ArrayLike = 1.0
) -> Sample:
    """
    Check lives and sort them into the terms of the likelihood.

    Parameters
    ----------
    time, failed, entry, count : array_like
        As in `partsim.history.fitting.fit_lives`.

    Returns
    -------
    Sample
        With at least one failure.

    Raises
    ------
    ValueError
        Naming the argument, its value and what is allowed.

    Examples
    --------
    >>> sample_of([100, 300, 500], [True, True, False]).unit
    450.0
    """
    try:
        t, d, e, n = np.broadcast_arrays(
            np.atleast_1d(np.asarray(time, float)), np.asarray(failed, float),
            np.asarray(entry, float), np.asarray(count, float),
        )  # fmt: skip
    except ValueError:
        shapes = ", ".join(
            f"{name} {np.shape(values)}"
            for name, values in zip(("time", "failed", "entry", "count"),
                                    (time, failed, entry, count), strict=True)
        )  # fmt: skip
        raise ValueError(f"expected shapes that broadcast, got {shapes}") from None
    _refuse("time", t, ~((t > 0) & np.isfinite(t)), "finite numbers > 0")
    _refuse("failed", d, (d != 0) & (d != 1), "True or False")
    _refuse("entry", e, ~((e >= 0) & (e < t)), "numbers from 0 to below time")
    _refuse("count", n, ~((n > 0) & np.isfinite(n)), "finite numbers > 0")
    fails, late = d == 1, e > 0
    if not fails.any():
        raise ValueError("failed: expected at least one failure, got none")
    unit = float((n * (t - e)).sum() / n[fails].sum())
    return Sample(
        unit,
        (t[fails] / unit, n[fails]),
        (t[~fails] / unit, n[~fails]),
        (e[late] / unit, n[late]),
    )


def log_likelihood(sample: Sample, family: Family, log_scale: float, log_shape: float) -> float:
    """
    Compute the log-likelihood of a scale (in the sample's unit) and a shape.

    Parameters
    ----------
    sample : Sample
        Lives.
    family : {"exponential", "weibull", "lognormal", "gamma"}
        The shape of a lognormal is sigma, its scale the median.
    log_scale, log_shape : float
        Logarithms.

    Returns
    -------
    float
        Of densities per day; -inf where they underflow.

    Examples
    --------
    >>> round(log_likelihood(sample_of([100.0], [True]), "exponential", 0.0, 0.0), 4)  # -log(100)-1
    -5.6052
    """
    shape = exp(log_shape)

    def scaled(lives: tuple[Floats, Floats]) -> Floats:
        return lives[0] * exp(-log_scale)

    with np.errstate(all="ignore"):
        dense = _log_density(family, scaled(sample.failed), shape) - log_scale - log(sample.unit)
        total = (
            sample.failed[1] @ dense
            + sample.censored[1] @ _log_survival(family, scaled(sample.censored), shape)
            - sample.entered[1] @ _log_survival(family, scaled(sample.entered), shape)
        )
    return float(total) if np.isfinite(total) else -1e300


def measure_of_unit(family: Family, measure: Measure, shape: float) -> float:
    """
    Give the mean, or the age that one in ten does not reach, of the scale 1.

    Examples
    --------
    >>> measure_of_unit("weibull", "mean", 1.0)
    1.0
    """
    if family == "lognormal":
        return exp(shape**2 / 2) if measure == "mean" else exp(shape * float(special.ndtri(0.1)))
    if family == "gamma":
        return shape if measure == "mean" else float(special.gammaincinv(shape, 0.1))
    if measure == "mean":
        return float(special.gamma(1 + 1 / shape))
    return float((-log(0.9)) ** (1 / shape))


def _log_density(family: Family, z: Floats, shape: float) -> Floats:
    if family == "lognormal":
        return -((np.log(z) / shape) ** 2) / 2 - np.log(shape * z) - log(2 * pi) / 2
    if family == "gamma":
        return (shape - 1) * np.log(z) - z - special.gammaln(shape)
    return log(shape) + (shape - 1) * np.log(z) - z**shape


def _log_survival(family: Family, z: Floats, shape: float) -> Floats:
    if family == "lognormal":
        return np.asarray(special.log_ndtr(-np.log(z) / shape))
    if family == "gamma":
        survival = special.gammaincc(shape, z)
        far = (shape - 1) * np.log(z) - z - special.gammaln(shape)  # where survival underflows
        return np.where(survival > 1e-300, np.log(survival), far)
    return -(z**shape)


def _refuse(name: str, values: Floats, wrong: NDArray[np.bool_], allowed: str) -> None:
    if wrong.any():
        raise ValueError(f"{name}: expected {allowed}, got {values[wrong].flat[0]:g}")

"""Lifetime and duration distributions, and the renewal theory that turns them into demand."""

from partsim.lifetimes.distributions import (
    Distribution,
    Duration,
    Exponential,
    Fixed,
    Gamma,
    Lognormal,
    Shifted,
    Weibull,
)

__all__ = [
    "Distribution",
    "Duration",
    "Exponential",
    "Fixed",
    "Gamma",
    "Lognormal",
    "Shifted",
    "Weibull",
]

"""Lifetime and duration distributions, and the renewal theory that turns them into demand."""

from partsim.lifetimes.distributions import (
    Distribution,
    Exponential,
    Fixed,
    Gamma,
    Lognormal,
    Weibull,
)

__all__ = ["Distribution", "Exponential", "Fixed", "Gamma", "Lognormal", "Weibull"]

"""Records to inputs: repair records to lifetimes, order records to lead times."""

from partsim.history.estimates import Estimate, Estimates, fit_lead_times, fit_lifetimes
from partsim.history.fit_text import estimates_facts, estimates_text, fit_title
from partsim.history.fitting import Fit, fit_lives, scale_interval, shape_interval
from partsim.history.lives import RepairClock

__all__ = [
    "Estimate",
    "Estimates",
    "Fit",
    "RepairClock",
    "estimates_facts",
    "estimates_text",
    "fit_lead_times",
    "fit_lifetimes",
    "fit_lives",
    "fit_title",
    "scale_interval",
    "shape_interval",
]

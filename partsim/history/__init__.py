"""Records to inputs: repairs to lifetimes, orders to lead times, withdrawals to demand."""

from partsim.history.demand_estimates import DemandEstimates, demand_rows, fit_demand
from partsim.history.estimates import Estimate, Estimates, fit_lead_times, fit_lifetimes
from partsim.history.fit_text import estimates_facts, estimates_text, fit_title
from partsim.history.fitting import Fit, fit_lives, scale_interval, shape_interval
from partsim.history.lives import RepairClock

__all__ = [
    "DemandEstimates",
    "Estimate",
    "Estimates",
    "Fit",
    "RepairClock",
    "demand_rows",
    "estimates_facts",
    "estimates_text",
    "fit_demand",
    "fit_lead_times",
    "fit_lifetimes",
    "fit_lives",
    "fit_title",
    "scale_interval",
    "shape_interval",
]

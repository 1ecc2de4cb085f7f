"""Warranty: until when, and who pays for parts and visits in it and after it."""

from __future__ import annotations

from partsim.model.durations import Frozen
from partsim.model.fields import Money, Share


class WarrantyRules(Frozen):
    """Who pays for the calls of machines in warranty and after it."""

    visit_cost: Money = 0.0
    """Cost of one visit, which the maker bears in warranty."""
    visit_fee: Money = 0.0
    """What customers pay for one visit after it."""
    parts_margin: Share = 0.0
    """What customers pay for parts after it beyond their price, as a share of the price."""

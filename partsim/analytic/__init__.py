"""Formulas of spare-parts theory: pure functions on arrays."""

"""Compiled twins of formulas in `partsim.analytic`, for large arrays; imported late."""

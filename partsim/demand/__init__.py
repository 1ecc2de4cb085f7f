"""Scenario to demand: renewal theory over fleets."""

"""Grades A, B, C by weighted criteria."""

"""Grades by rules: facts of the parts, scores, cuts."""

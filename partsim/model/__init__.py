"""Every value: scenario, demand, grading, plan, performance, outcome, run; frozen and checked."""

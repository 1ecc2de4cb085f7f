"""Grades with stock at full scale, and the exact model; `extra_info` has units and gap."""

import time

import numpy as np
import pytest

from benchmarks.test_large_scale import SLOW, instance
from partsim.optimisation.full_grade_model import FullGradeModel
from partsim.optimisation.grade_choice import choose_grades
from partsim.optimisation.graded_stock import GradedStock, GradePolicy

FILL_RATES = 1 - np.geomspace(0.5, 0.001, 19)
POLICIES = [
    GradePolicy("none"),
    *(GradePolicy(f"{rate:.2%}", fill_rate=rate) for rate in FILL_RATES),
]


def choose(parts, depots, grades, gap=1e-3):
    stock = GradedStock.plain(instance(parts, depots, central=False))
    start = time.process_time()
    problem = stock.grade_problem(POLICIES, grades)
    tabulated = time.process_time() - start
    return problem, choose_grades(problem, gap), tabulated


@pytest.mark.parametrize(
    ("parts", "depots", "grades"),
    [
        (200, 5, 3),
        (1_000, 10, 3),
        (10_000, 10, 3),
        (10_000, 10, 5),
        pytest.param(100_000, 10, 3, marks=SLOW),
        pytest.param(100_000, 10, 4, marks=SLOW),
    ],
)
def test_choose_grades(benchmark, unit, parts, depots, grades):
    args = (parts, depots, grades)
    _, chosen, tabulated = benchmark.pedantic(choose, args, rounds=1, warmup_rounds=1)
    benchmark.extra_info["gap"] = chosen.gap
    benchmark.extra_info["units_tables"] = round(tabulated / unit, 1)
    benchmark.extra_info["units"] = round((tabulated + chosen.seconds) / unit, 1)
    assert chosen.gap <= 1e-3
    assert (chosen.use <= 1 + 1e-9).all()


def test_exact_model(benchmark, unit):
    problem, chosen, _ = choose(200, 5, 3, gap=1e-6)
    model = FullGradeModel(problem)
    start = time.process_time()
    _, cost, bound = benchmark.pedantic(model.solve, (1e-6, 100_000), rounds=1)
    benchmark.extra_info["units"] = round((time.process_time() - start) / unit, 1)
    benchmark.extra_info["gap_to_exact"] = chosen.cost / cost - 1
    assert chosen.cost <= cost * 1.005
    assert chosen.lower_bound <= cost * (1 + 1e-9)
    assert bound <= chosen.cost * (1 + 1e-9)

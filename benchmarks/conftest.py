"""The unit of all benchmarks: CPU seconds of a fixed piece of numpy work run beside them."""

import time

import numpy as np
import pytest


def one_unit():
    x = np.random.default_rng(1).random((40, 100_000)) + 0.5
    start = time.process_time()
    y = np.exp(-x) * np.log(x)
    y = np.cumsum(y, axis=0)
    y.sort(axis=1)
    np.maximum(y, 0.1, out=y)
    return time.process_time() - start


@pytest.fixture
def unit():
    """CPU seconds of one unit on this machine, now."""
    return sorted(one_unit() for _ in range(5))[2]


@pytest.fixture(autouse=True)
def _note_unit(request):
    if "benchmark" in request.fixturenames:
        benchmark = request.getfixturevalue("benchmark")
        benchmark.extra_info["unit_cpu_s"] = request.getfixturevalue("unit")

"""Searches of levels end, also where the rounding of a tail stops it above its limit."""

import subprocess
import sys

# Mean 650, variance 2.5 times that: the tail stops at 1.05e-13 and never falls below 1e-13.
SEARCH = """
import numpy as np
from partsim.kernels.pricing import Decision, Network, add_increments, fill_nearby

one = np.ones((1, 1))
network = Network(np.array([0, 1]), np.array([650.0]), np.array([1625.0]), np.array([0]),
                  np.array([0]), 0 * one, one, np.array([1.0]), np.array([0.0]))
family = np.zeros(1, np.int64)
decision = Decision(np.zeros(1, np.int64), np.zeros((1, 1), np.int64), np.zeros((1, 1)))
fill_nearby(network, 1e15 * one, family, decision)
assert 900 < decision.level[0, 0] < 2000, decision.level
cost, gain, base = np.zeros((1, 1, 4000)), np.zeros((1, 1, 4000)), np.zeros((1, 1))
add_increments(network, family, np.zeros(1, np.int64), 0 * one, 0.01, cost, gain, base)
assert abs(gain.sum() - 650) < 1e-6, gain.sum()
"""


def test_a_search_ends_where_a_tail_stops_falling():
    done = subprocess.run([sys.executable, "-c", SEARCH], timeout=900, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()

"""Whether replications agree with an exact value, inside a 99.9 % interval."""

import numpy as np
from scipy import stats

from partsim.simulation.replication import play

REPLICATIONS = 150


def records(case, decision, replications=REPLICATIONS):
    return [play(case, decision, 2, n) for n in range(replications)]


def agree(expected, numerator, denominator=None):
    """Tell whether the ratio of sums over replications has the expected value inside 99.9 %."""
    x = np.asarray(numerator, float)
    y = np.ones(len(x)) if denominator is None else np.asarray(denominator, float)
    ratio = x.sum() / y.sum()
    error = stats.sem(x - ratio * y) / y.mean()
    return abs(ratio - expected) <= stats.t.ppf(0.9995, len(x) - 1) * error

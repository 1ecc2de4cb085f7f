"""Walking down within bounds: against SciPy's L-BFGS-B."""

import numpy as np
import pytest
from scipy.optimize import minimize

from partsim.optimisation.bounded_minimum import bounded_minimum


def valley(seed, n=12):
    """A convex function of many curvatures, some of whose best points lie beyond the bounds."""
    random = np.random.default_rng(seed)
    slopes, middle = random.normal(0, 1, (3 * n, n)), random.normal(0, 2, 3 * n)
    weight = 10.0 ** random.uniform(-2, 2, 3 * n)

    def value(x):
        over = slopes @ x - middle
        soft = np.sqrt(1 + over**2)
        return float(weight @ soft), slopes.T @ (weight * over / soft)

    return value


@pytest.mark.parametrize("seed", range(8))
def test_the_least_value_is_scipys(seed):
    value, low, high = valley(seed), np.zeros(12), np.full(12, 1.5)
    high[::3] = np.inf
    found = bounded_minimum(value, np.ones(12), low, high, 500)
    assert ((found >= low) & (found <= high)).all()
    bounds = list(zip(low, np.where(np.isinf(high), None, high), strict=True))
    options = {"maxiter": 5000, "maxfun": 50_000, "ftol": 1e-15, "gtol": 1e-10}
    best = minimize(value, np.ones(12), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    assert value(found)[0] == pytest.approx(best.fun, rel=1e-9)
    assert (found == low).any()


def test_a_start_outside_the_bounds_is_brought_inside():
    found = bounded_minimum(
        lambda x: (float(x @ x), 2 * x), np.full(2, 9.0), np.ones(2), 2 * np.ones(2), 5
    )
    np.testing.assert_array_equal(found, 1.0)

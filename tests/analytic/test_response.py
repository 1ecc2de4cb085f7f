"""Response windows: by hand for fixed times, against Monte Carlo for random ones."""

import numpy as np
import pytest
from scipy import stats

from partsim.analytic.response import response_window
from partsim.lifetimes import Exponential, Fixed, Gamma, Lognormal

H = 1 / 24


def fixed(within, diagnosis, travel, delivery, repair, nodes=8):
    times = (Fixed(hours * H) for hours in (diagnosis, travel, delivery, repair))
    return response_window(within * H, *times, nodes=nodes)


def test_fixed_times_leave_one_tolerable_wait():
    window = fixed(24, diagnosis=1, travel=3, delivery=2, repair=4)
    assert window.at_once == window.by_customer == window.by_phone == 1.0
    np.testing.assert_allclose(window.waits, 17 * H, rtol=1e-10)
    assert window.weights.sum() == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize(
    "times", [(0.1, 3.3, 2.2, 4.6), (1.3, 5.1, 5.1, 1.6), (0.7, 0.2, 0.1, 7.1)]
)
def test_times_that_add_up_to_the_promise_exactly_keep_it(times):
    diagnosis, travel, delivery, repair = times
    assert fixed(diagnosis + travel + repair, *times).at_once == 1.0
    assert fixed(diagnosis + repair, *times).by_customer == 1.0
    assert fixed(diagnosis, *times).by_phone == 1.0
    way = max(travel, delivery)
    assert fixed(diagnosis + way + repair, *times).weights.sum() == pytest.approx(1.0)
    # 36 h of transport and a promise with just 36 h left: the wait is still tolerable
    assert fixed(diagnosis + way + repair + 36, *times).waits.min() >= (36 + way - delivery) * H


def test_the_last_bit_of_a_promise_does_not_break_it():
    times = [Fixed(hours * H) for hours in (2, 0, 0, 0)]
    assert response_window(np.nextafter(2 * H, 0), *times).by_phone == 1.0


def test_a_promise_shorter_than_everything_is_never_kept():
    window = fixed(0.5, diagnosis=1, travel=3, delivery=2, repair=4)
    assert (window.at_once, window.by_customer, window.by_phone) == (0, 0, 0)
    assert window.waits.size == window.weights.size == 0


def test_a_promise_too_short_for_the_delivery_needs_the_part_on_the_shelf():
    window = fixed(10, diagnosis=1, travel=3, delivery=8, repair=4)
    assert window.at_once == 1.0
    assert window.weights.size == 0


def test_instant_service_tolerates_a_wait_as_long_as_the_promise():
    window = fixed(24, 0, 0, 0, 0)
    np.testing.assert_allclose(window.waits, 1.0, rtol=1e-10)
    assert window.at_once == window.by_phone == 1.0


CASES = {
    "lognormal": [Lognormal(mean * H, 1.0) for mean in (0.5, 3, 3, 4)],
    "exponential": [Exponential(mean * H) for mean in (1, 4, 8, 4)],
    "mixed": [Fixed(H), Gamma(4 * H, 4.0), Fixed(6 * H), Gamma.from_cv(6 * H, 0.6)],
}


def inside(value, kept, documented):
    """Tell whether a probability is inside the 99.9 % interval plus the documented error."""
    share = kept.mean()
    half = stats.norm.ppf(0.9995) * np.sqrt(max(share * (1 - share), 1e-4) / kept.size)
    return abs(value - share) <= half + documented


@pytest.mark.parametrize("within", [8, 12, 24, 48])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_random_times_agree_with_drawn_responses_within_the_documented_error(case, within):
    rng = np.random.default_rng(5)
    n, promise = 200_000, within * H * (1 + 1e-12)
    diagnosis, travel, delivery, repair = (x.quantile(rng.random(n)) for x in case)
    wait = rng.exponential(0.5, n)
    window = response_window(within * H, *case)
    assert inside(window.by_phone, diagnosis <= promise, 0)
    assert inside(window.by_customer, diagnosis + repair <= promise, 0.015)
    assert inside(window.at_once, diagnosis + travel + repair <= promise, 0.01)
    sent = diagnosis + np.maximum(travel, delivery) + repair
    total = window.weights.sum()
    assert inside(total, sent <= promise, 0.02)
    late = diagnosis + np.maximum(travel, wait + delivery) + repair
    assert inside(window.weights @ (1 - np.exp(-window.waits / 0.5)), late <= promise, 0.01)
    for w in (1 * H, 6 * H, 12 * H):
        late = diagnosis + np.maximum(travel, w + delivery) + repair
        kept = window.weights[window.waits >= w].sum()
        assert inside(kept, late <= promise, 0.02 + total / 8)


def test_waits_rise_and_more_nodes_keep_the_same_probability():
    coarse, fine = (response_window(H * 24, *CASES["lognormal"], nodes=n) for n in (8, 64))
    assert (np.diff(coarse.waits) > 0).all()
    assert (coarse.waits >= 0).all()
    assert coarse.weights.sum() == pytest.approx(fine.weights.sum(), rel=1e-12)
    mean = coarse.waits @ coarse.weights
    assert mean == pytest.approx(fine.waits @ fine.weights, rel=1e-12)

"""Response times in classes against the times themselves: exact where promised, else close."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from partsim.model.outcome import judge
from partsim.simulation.call_log import ROUNDING
from partsim.simulation.response_times import FEWEST_TO_SORT, RESOLUTION, GrowingTimes, together
from partsim.simulation.statistics import Sample

PROMISE = 1.0
# Close to the promise and to each other, far apart, and the same again and again.
TIMES = st.one_of(
    st.floats(0, 1e4, allow_subnormal=False),
    st.floats(0.99, 1.01),
    st.sampled_from([0.0, 0.1, PROMISE, 1 + 1e-10]),
)
BLOCKS = st.lists(st.lists(TIMES, max_size=30), min_size=1, max_size=6)
SHARES = np.array([0.0, 0.07, 0.5, 0.9, 0.951, 1.0])


def in_classes(blocks, within=PROMISE):
    """Give the same times in classes, sorted again after every block."""
    growing = GrowingTimes(within)
    for block in blocks:
        growing.add(np.array(block, float))
        growing.so_far()
    return growing.so_far()


def all_of(blocks):
    return np.concatenate([np.array(block, float) for block in blocks])


@given(BLOCKS)
def test_what_is_promised_is_counted_exactly(blocks):
    raw, classes = all_of(blocks), in_classes(blocks)
    assert len(classes) == len(raw)
    assert classes.within(PROMISE) == np.count_nonzero(raw <= PROMISE + ROUNDING)
    assert np.isclose(classes.days, raw.sum(), rtol=1e-12)


@given(BLOCKS)
def test_no_time_is_shorter_or_more_than_the_resolution_longer(blocks):
    raw, classes = np.sort(all_of(blocks)), in_classes(blocks).each()
    assert np.all(raw <= classes)
    assert np.all(classes <= raw * (1 + RESOLUTION))


@given(BLOCKS)
def test_the_blocks_do_not_matter(blocks):
    one, other = in_classes(blocks), in_classes([all_of(blocks)[::-1]])
    assert np.array_equal(one.values, other.values)
    assert np.array_equal(one.calls, other.calls)


@given(BLOCKS.filter(any), st.integers(1, 5))
@example([[0.1] * 7], 3)
def test_quantiles_are_numpys_but_for_the_resolution(blocks, callers):
    raw, members = all_of(blocks), [in_classes(blocks[i::callers]) for i in range(callers)]
    times = together(members)
    least = [times.least_for(share) for share in SHARES]
    exact = np.quantile(raw, SHARES, method="inverted_cdf")
    np.testing.assert_allclose(least, exact, rtol=RESOLUTION)
    np.testing.assert_allclose(
        times.quantiles(SHARES), np.quantile(raw, SHARES), rtol=RESOLUTION, atol=1e-12
    )


@given(st.sets(st.integers(0, 10**6), min_size=1, max_size=50))
def test_times_that_lie_apart_are_exact(numbers):
    raw = np.array(sorted(numbers)) * 0.1
    raw = raw[np.append(np.diff(raw) > raw[1:] * RESOLUTION, True)]
    classes = in_classes([raw])
    assert np.array_equal(classes.each(), raw)
    np.testing.assert_allclose(classes.quantiles(SHARES), np.quantile(raw, SHARES), rtol=1e-14)


@given(BLOCKS.filter(any), st.sampled_from([0.5, 0.9, 1.0]))
def test_the_honest_promise_and_the_verdict_are_of_one_mind(blocks, promised):
    classes = in_classes(blocks)
    calls, kept = len(classes), classes.within(PROMISE)
    honest, _, _ = Sample.alike(2).quantile([classes] * 2, promised)
    exact = np.quantile(all_of(blocks), promised, method="inverted_cdf")
    assert (honest <= PROMISE + ROUNDING) == (exact <= PROMISE + ROUNDING)
    shares = Sample.alike(2).share([[kept]] * 2, [[calls]] * 2)
    if judge(promised, shares.low.item(), shares.high.item()) == "yes":
        assert honest <= PROMISE + ROUNDING


def test_ever_more_calls_take_no_more_memory():
    random, growing = np.random.default_rng(3), GrowingTimes(PROMISE)
    for _ in range(60):
        growing.add(random.uniform(0.5, 4.0, FEWEST_TO_SORT))
    # Three octaves, and the class of the promise, which two share.
    assert len(growing.so_far().values) <= 3 / RESOLUTION + 1
    assert len(growing.so_far()) == 60 * FEWEST_TO_SORT

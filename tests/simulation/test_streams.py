"""Random numbers depend on seed, replication, name and count, and on nothing else."""

import numpy as np
import pytest

from partsim.lifetimes import Exponential, Fixed
from partsim.simulation import streams
from partsim.simulation.streams import Streams


def test_the_same_name_gives_the_same_numbers():
    first, again = (Streams(7, 2).uniforms("life", "pump", shape=(50,)) for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.parametrize(
    ("seed", "replication", "name"),
    [(8, 2, ("life", "pump")), (7, 3, ("life", "pump")), (7, 2, ("lifepump",)), (7, 2, ("life",))],
)
def test_another_seed_replication_or_name_gives_other_numbers(seed, replication, name):
    here = Streams(7, 2).uniforms("life", "pump", shape=(50,))
    there = Streams(seed, replication).uniforms(*name, shape=(50,))
    assert not np.isin(here, there).any()


def test_more_rows_leave_the_first_rows_as_they_were():
    few, many = (Streams(1, 0).uniforms("life", shape=(rows, 8)) for rows in (3, 9))
    assert np.array_equal(few, many[:3])


@pytest.mark.parametrize("raw", [0, 2**64 - 1])
def test_uniforms_lie_inside_the_open_interval_at_both_ends(monkeypatch, raw):
    class Extreme:
        def __init__(self, key):
            pass

        def random_raw(self, size):
            return np.full(size, raw, np.uint64)

    monkeypatch.setattr(streams.np.random, "Philox", Extreme)
    assert 0 < Streams(1, 0).uniforms("life", shape=(1,)).item() < 1


def test_uniforms_are_uniform():
    from scipy import stats

    u = Streams(1, 0).uniforms("life", shape=(20_000,))
    assert stats.kstest(u, "uniform").pvalue > 0.001


def test_draws_do_not_depend_on_the_order_in_which_they_are_asked_for():
    forth, back = (Streams(1, 0).draws(Exponential(5.0).quantile, "life", rows=3) for _ in "ab")
    asked = [(row, k) for row in range(3) for k in range(20)]
    drawn = {place: forth.draw(*place) for place in asked}
    assert {place: back.draw(*place) for place in reversed(asked)} == drawn
    assert len(set(drawn.values())) == len(asked)


def test_a_row_far_behind_gets_its_own_draws_though_their_blocks_are_gone():
    far = 8 * (streams.KEPT_BLOCKS + 3)
    draws, again = (Streams(1, 0).draws(Exponential(5.0).quantile, "life", rows=2) for _ in "ab")
    ahead = [draws.draw(0, k) for k in range(far)]
    assert len(draws._blocks) == streams.KEPT_BLOCKS
    behind = [draws.draw(1, k) for k in range(far)]
    assert (behind, ahead) == tuple([again.draw(row, k) for k in range(far)] for row in (1, 0))


def test_a_distribution_of_one_value_uses_up_no_random_numbers(monkeypatch):
    monkeypatch.setattr(Streams, "uniforms", None)
    draws = Streams(1, 0).draws(Fixed(3.0).quantile, "life", rows=2)
    assert [draws.draw(row, k) for row in (0, 1) for k in (0, 99)] == [3.0] * 4


def test_a_row_that_begins_in_the_middle_gets_the_same_draws():
    whole, part = (Streams(1, 0).draws(Exponential(5.0).quantile, "life") for _ in "ab")
    assert [part.draw(0, k) for k in range(5, 20)] == [whole.draw(0, k) for k in range(20)][5:]


def test_a_block_that_all_rows_have_come_to_is_kept_no_longer():
    draws = Streams(1, 0).draws(Exponential(5.0).quantile, "life", rows=3)
    first = [[draws.draw(row, k) for k in range(20)] for row in (0, 1)]
    assert len(draws._blocks) == 3
    first.append([draws.draw(2, k) for k in range(20)])
    assert not draws._blocks
    assert [[draws.draw(row, k) for k in range(20)] for row in range(3)] == first


def test_a_replication_below_the_first_is_refused():
    with pytest.raises(ValueError, match="replication: expected a whole number from 0, got -1"):
        Streams(1, -1)

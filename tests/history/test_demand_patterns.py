"""Classes of demand: intervals and sizes by hand, the cut values, real parts."""

import numpy as np
import pytest

from partsim.history.demand_patterns import (
    demand_interval,
    demand_pattern,
    sba_beats_croston,
    size_variation,
)
from partsim.history.demand_records import read_demand


def test_the_interval_counts_recorded_periods():
    counts = [[0, 2, np.nan, 0, 1, 0], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]]
    assert list(demand_interval(counts)) == [2.5, 1.0, np.inf]
    assert list(demand_interval(counts, "gaps")) == [2.0, 1.0, np.inf]


def test_one_demand_has_no_gap():
    assert demand_interval([0, 3, 0], "gaps") == np.inf
    assert demand_interval([0, 3, 0]) == 3


def test_the_variation_of_sizes_equals_numpy():
    sizes = np.array([1.0, 4.0, 2.0, 9.0])
    counts = [0, 1, 0, 4, 2, np.nan, 9, 0]
    assert size_variation(counts) == pytest.approx(sizes.var(ddof=1) / sizes.mean() ** 2)
    assert size_variation(counts, ddof=0) == pytest.approx(sizes.var() / sizes.mean() ** 2)
    assert list(size_variation([[0, 5, 0], [0, 0, 0]])) == [0, 0]


def test_values_at_the_cut_are_on_the_regular_side():
    assert demand_pattern(1.32, 0.49) == "smooth"
    assert demand_pattern(np.nextafter(1.32, 2), 0.49) == "intermittent"
    assert demand_pattern(1.32, np.nextafter(0.49, 1)) == "erratic"
    assert demand_pattern(1.1, 0.3, longest_interval=1.0, largest_cv2=0.2) == "lumpy"


def test_the_line_of_kostenko_and_hyndman_passes_between_the_classes():
    assert not sba_beats_croston(1.0, 0.5)
    assert sba_beats_croston(4 / 3 + 1e-9, 0.0)
    assert not sba_beats_croston(4 / 3 - 1e-9, 0.0)


def test_unknown_conventions_are_refused():
    with pytest.raises(ValueError, match="convention: expected 'share' or 'gaps', got 'mean'"):
        demand_interval([1, 2], "mean")


@pytest.mark.parametrize(
    ("name", "period", "expected"),
    [
        ("carparts/demand.csv", None,
         {"smooth": 1, "erratic": 1, "intermittent": 1123, "lumpy": 212}),
        ("auto/demand.csv", "month",
         {"smooth": 1200, "erratic": 419, "intermittent": 1046, "lumpy": 335}),
    ],
)  # fmt: skip
def test_real_parts_fall_into_classes(real, name, period, expected):
    history = read_demand(real(name), {"part": "part_id"}, period=period)
    by_loop = {}
    for row in history.counts:
        known = row[~np.isnan(row)]
        sizes = known[known > 0]
        lumps = sizes.size > 1 and sizes.var(ddof=1) / sizes.mean() ** 2 > 0.49
        rare = known.size / sizes.size > 1.32
        kind = ("lumpy" if lumps else "intermittent") if rare else "erratic" if lumps else "smooth"
        by_loop[kind] = by_loop.get(kind, 0) + 1
    found = demand_pattern(demand_interval(history.counts), size_variation(history.counts))
    assert by_loop == expected
    assert {kind: int((found == kind).sum()) for kind in expected} == expected

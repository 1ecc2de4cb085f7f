"""What a position uses in the long run, by hand; and what is said of it."""

import pytest

from partsim.lifetimes import Exponential, Fixed, Weibull
from partsim.model.beyond_formulas import beyond_formulas
from partsim.model.upkeep import Upkeep
from tests.builders import scenario

NEW, OLD = "as_good_as_new", "as_bad_as_old"


@pytest.mark.parametrize(
    ("upkeep", "between_units", "planned"),
    [
        (Upkeep(Weibull(100.0, 3.0), NEW, None, None), 100.0, 0.0),
        (Upkeep(Fixed(100.0), NEW, 40.0, None), 40.0, 1.0),
        (Upkeep(Fixed(100.0), NEW, 140.0, None), 100.0, 0.0),
        (Upkeep(Exponential(100.0), NEW, None, 50.0), 50 / 1.5, 1 / 1.5),
        (Upkeep(Exponential(100.0), OLD, 50.0, None), 50 / 1.5, 1 / 1.5),
        (Upkeep(Weibull(100.0, 2.0), OLD, None, 200.0), 200 / (1 + 3.14159265), 1 / 4.14159265),
        (Upkeep(Weibull(100.0, 2.0), OLD, None, None), 100.0, 0.0),
    ],
)
def test_long_run_use_by_hand(upkeep, between_units, planned):
    assert upkeep.use.days_between_units == pytest.approx(between_units, rel=1e-6)
    assert upkeep.use.planned_share == pytest.approx(planned, rel=1e-6)
    if upkeep.replace_every is None or upkeep.is_minimal:
        assert upkeep.cycle.mean == pytest.approx(between_units, rel=1e-6)


def test_what_the_formulas_do_not_follow_is_said():
    assert beyond_formulas(scenario(parts={"pump": {"replace_at": "9 d"}})) == []
    (blocks,) = beyond_formulas(scenario(parts={"pump": {"replace_every": "9 d"}}))
    assert "blocks come all at once" in blocks
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 1}
    (ages,) = beyond_formulas(scenario(fleets=[fleet | {"ages": "new"}]))
    assert "how demand swings as machines age" in ages

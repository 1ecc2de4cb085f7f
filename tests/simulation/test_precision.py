"""Enough and no more: how many replications are played for a precision."""

import numpy as np
import pytest

from partsim.model.rules import FEWEST_FOR_PRECISION
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario
from tests.simulation.test_engines import Backwards
from tests.simulation.test_simulate import assert_same, case_with_all_features

LIMIT = 40


def half_widths(outcome):
    return (outcome.promises["share_high"] - outcome.promises["share_low"]).to_numpy() / 2


def asked(precision):
    case = case_with_all_features()
    rules = case.simulation.model_copy(update={"precision": precision, "replications": LIMIT})
    return case.model_copy(update={"simulation": rules})


@pytest.fixture(scope="module")
def free():
    """The widest half width after each number of replications, without a rule to stop."""
    case = asked(None)
    decision = plan(case, [[8, 2]], [[4, 1]])
    return {
        n: half_widths(simulate(case, decision, replications=n)).max() for n in (10, 14, 15, 16)
    }


def play(precision, **options):
    case = asked(precision)
    return simulate(case, plan(case, [[8, 2]], [[4, 1]]), **options)


def test_it_stops_with_the_first_replication_that_makes_every_interval_narrow_enough(free):
    outcome = play(free[15])
    assert outcome.replications == min(n for n, width in free.items() if width <= free[15])
    assert half_widths(outcome).max() <= free[15]
    assert_same(outcome, play(None, replications=outcome.replications))


def test_a_precision_soon_reached_waits_for_the_fewest_and_one_out_of_reach_for_the_limit():
    assert play(0.9).replications == FEWEST_FOR_PRECISION
    assert play(1e-6).replications == LIMIT


@pytest.mark.parametrize("engine", [{"jobs": 2}, {"engine": Backwards()}])
def test_who_plays_decides_nothing(free, engine):
    assert_same(play(free[15]), play(free[15], **engine))


def test_a_tier_without_a_call_keeps_it_going_to_the_limit():
    case = scenario(
        parts={"pump": {"lifetime": {"fixed": "1000000 years"}}},
        simulation={"precision": "1 %", "replications": LIMIT},
    )
    outcome = simulate(case, plan(case, 1))
    assert np.isnan(half_widths(outcome)).all()
    assert outcome.replications == LIMIT


def test_a_tier_that_plans_make_is_known_as_exactly_as_asked():
    promise = {"within": "24 h", "share": "90 %"}
    fleet = {"machine": "mixer", "customers": "road"}
    case = scenario(
        depots={"north": {"supplied_by": "suppliers"}},
        fleets=[fleet | {"depot": "centre", "count": 200}, fleet | {"depot": "north", "count": 2}],
        tiers={"remote": {"customers": ["air"], "promise": promise}},
        plans=[{"depots": ["north"], "tier": "remote"}],
        simulation={"precision": "2 %", "replications": LIMIT},
    )
    outcome = simulate(case, plan(case, [[200, 1]]))
    assert half_widths(outcome)[1] > 0.02  # few calls and little stock: wide to the last
    assert outcome.replications == LIMIT

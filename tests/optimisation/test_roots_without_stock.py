"""Calls that wait for a unit ordered for them, where the root keeps nothing."""

import numpy as np
import pytest

from partsim import evaluate, optimise, simulate
from tests.builders import plan, scenario
from tests.simulation.agreement import agree

FIELDS = {
    "depots": {
        "centre": {"supplied_by": "suppliers"},
        "north": {"supplied_by": "centre", "transport_time": "1 d"},
    },
    "fleets": [{"machine": "mixer", "depot": "north", "customers": "road", "count": 10}],
}


def case(lead_time, within, share="50 %", mean="2000 d", **changes):
    """Give machines that fail so seldom that orders hardly cross."""
    return scenario(
        parts={"pump": {"lifetime": {"exponential": {"mean": mean}}}},
        suppliers={"plant": {"lead_time": lead_time}},
        tiers={"everyone": {"promise": {"within": within, "share": share}}},
        ageing="calendar",
        simulation={"years": 30},
        **changes,
    )


def simulated(given, decision):
    samples = simulate(given, decision, seed=2, replications=40).samples
    kept = samples[samples["measure"] == "promise"]
    return kept["total"].to_numpy(), kept["count"].to_numpy()


@pytest.mark.parametrize("where", [{}, FIELDS], ids=["its own customers", "a field depot"])
@pytest.mark.parametrize(
    ("lead_time", "within"),
    [("20 d", "22 d"), ("20 d", "19 d"), ({"gamma": {"mean": "20 d", "cv": 0.3}}, "24 d")],
)
def test_the_share_that_a_root_without_stock_keeps_is_played(where, lead_time, within):
    given = case(lead_time, within, **where)
    none = plan(given, 0)
    share = evaluate(given, none).promises["share_modelled"].item()
    assert agree(round(share, 12), *simulated(given, none))
    assert (share > 0.6) == (within != "19 d")


@pytest.mark.parametrize("where", [{}, FIELDS], ids=["its own customers", "a field depot"])
@pytest.mark.parametrize("mean", ["60 d", "200 d"])
def test_more_stock_never_keeps_less_where_orders_cross(where, mean):
    given = case({"exponential": {"mean": "20 d"}}, "22 d", mean=mean, **where)
    plans = [plan(given, [[level, 0][: len(given.depots)]]) for level in range(5)]
    shares = [evaluate(given, one).promises["share_modelled"].item() for one in plans]
    assert (np.diff(shares) > -1e-12).all()
    kept, calls = simulated(given, plan(given, 0))
    # The safe side, or what was played but for chance.
    assert shares[0] <= kept.sum() / calls.sum() or agree(shares[0], kept, calls)
    assert shares[0] > 0.3


def test_nothing_is_kept_for_a_promise_that_the_supplier_keeps_alone():
    quick, slow = case("5 d", "6 d", "99 %"), case("7 d", "6 d", "99 %")
    assert optimise(quick).base_stock.sum() == 0
    assert optimise(quick).certificate.gap == pytest.approx(0, abs=1e-9)
    assert optimise(slow).base_stock.sum() > 0

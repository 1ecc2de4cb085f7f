"""Nothing is measured otherwise because receipts are foreseen instead of played as events."""

from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from partsim.model.scenario import Scenario
from partsim.simulation.replication import build, count_calls, record_of
from tests.builders import plan, scenario_tree
from tests.simulation.random_scenarios import decisions, organisations
from tests.simulation.test_conservation import ALL_CHECKS, plans, scenarios


def run(case, decision, *, eventful):
    """Give what was counted, and how many events it took."""
    network = build(case, decision, seed=2, replication=0, eventful=eventful)
    counts = count_calls(case, network)
    network.run()
    return record_of(case, network, counts), next(network.clock._eid)


def check_same(record, other):
    for field in fields(record):
        one, two = getattr(record, field.name), getattr(other, field.name)
        if field.name == "responses":
            for these, those in zip(one, two, strict=True):
                np.testing.assert_array_equal(these.each(), those.each())
        else:  # sums in another order: their rounding differs
            np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-9, err_msg=field.name)


@settings(max_examples=40)
@given(st.data())
def test_with_all_rules_mixed(data):
    case = data.draw(scenarios())
    decision = data.draw(plans(case))
    check_same(*(run(case, decision, eventful=way)[0] for way in (False, True)))


@settings(max_examples=40, suppress_health_check=ALL_CHECKS)
@given(st.data())
def test_in_whole_service_organisations(data):
    case = data.draw(organisations())
    decision = data.draw(decisions(case))
    check_same(*(run(case, decision, eventful=way)[0] for way in (False, True)))


@st.composite
def plain_scenarios(draw):
    """Give whole days everywhere, so that much falls on one instant; jobs of several parts."""
    days = st.sampled_from(["0 d", "1 d", "4 d", "7 d"])
    jobs = draw(st.sampled_from([{}, {"needs": {"seal": 2}}, {"may_need": {"seal": "50 %"}}]))
    crews = draw(st.sampled_from([{}, {"crew": {"depots": ["north", "south"], "number": 2}}]))
    tree = scenario_tree(
        parts={
            "pump": {"lifetime": {"fixed": "9 d"}} | jobs,
            "seal": {"price": 1, "supplier": "plant", "lifetime": {"fixed": "14 d"}},
        },
        suppliers={"plant": {"lead_time": draw(days)}},
        depots={
            name: {"supplied_by": "centre", "transport_time": draw(days)}
            for name in ("north", "south")
        },
        machines={"mixer": {"positions": {"pump": 1, "seal": 1}}},
        fleets=[
            {"machine": "mixer", "depot": depot, "customers": "road", "count": 5, "ages": "new"}
            for depot in ("north", "south")
        ],
        service={
            "diagnosis_time": draw(st.sampled_from(["0 d", "1 d"])),
            "delivery_time": "1 d",
            "parts_taken": draw(st.sampled_from(["needed", "expected"])),
        },
        grading={"grades": {"C": draw(st.sampled_from([{}, {"review_period": "5 d"}]))}},
        simulation={"years": 0.5, "warm_up": "10 d"},
        ageing=draw(st.sampled_from(["operating", "calendar"])),
        **({"technicians": crews} if crews else {}),
    )
    return Scenario.model_validate(tree)


@settings(max_examples=60)
@given(st.data())
def test_with_everything_on_whole_days(data):
    case = data.draw(plain_scenarios())
    cells = st.lists(st.integers(0, 3), min_size=3, max_size=3)
    levels = [data.draw(cells), data.draw(cells)]
    lots = [[data.draw(st.integers(1, row[0] + 1)), 1, 1] for row in levels]
    decision = plan(case, levels, lots)
    check_same(*(run(case, decision, eventful=way)[0] for way in (False, True)))


def test_a_call_is_one_event_where_everything_is_foreseen():
    case = Scenario.model_validate(
        scenario_tree(
            depots={"north": {"supplied_by": "centre", "transport_time": "3 d"}},
            fleets=[{"machine": "mixer", "depot": "north", "customers": "road", "count": 10}],
            simulation={"warm_up": "0 d"},
        )
    )
    decision = plan(case, [[1, 1]])
    record, events = run(case, decision, eventful=False)
    _, all_events = run(case, decision, eventful=True)
    calls, machines = record.requests[0].sum(), 10
    assert calls <= events <= calls + machines
    assert all_events > 3 * calls

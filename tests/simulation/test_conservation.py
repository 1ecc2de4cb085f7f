"""Units and requests are conserved after every event, in random scenarios with all rules mixed."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from partsim.model.scenario import Scenario
from partsim.simulation.call_log import STAGES, SUMS
from partsim.simulation.conservation import broken_laws, run_checked
from partsim.simulation.replication import build, play
from partsim.simulation.watched_calls import CallWatch
from tests.builders import plan, scenario_tree
from tests.simulation.random_scenarios import decisions, organisations

DAYS = st.sampled_from(["2 d", "9 d", "30 d", {"exponential": {"mean": "12 d"}}])
ALL_CHECKS = list(HealthCheck)
NO_PART = -1
"""The part of a call that is solved by phone."""
PROMISE = {"within": "2 d", "share": "90 %"}


def maybe(strategy):
    return st.none() | strategy


def given_keys(**values):
    return {key: value for key, value in values.items() if value is not None}


@st.composite
def suppliers(draw):
    disruptions = draw(maybe(st.just({"every": "60 d", "lasting": "20 d"})))
    second = draw(maybe(st.just({"supplier": "other", "longer_than": "10 d", "surcharge": "5 %"})))
    plant = given_keys(
        kind="own",
        lead_time=draw(DAYS),
        sequential=draw(maybe(st.just(True))),
        capacity=draw(maybe(st.just(30))),
        disruptions=disruptions,
        second_source=second,
    )
    return {"plant": plant, "other": {"kind": "own", "lead_time": draw(DAYS)}}


@st.composite
def depots(draw):
    """Give a centre, two field depots and one beside, with or without neighbours that help."""
    lateral = draw(st.booleans())
    held = st.sampled_from([None, 0, 1])
    centre = given_keys(supplied_by="suppliers", allocation=draw(maybe(st.just("priority"))))
    tree = {"centre": centre}
    for name, other in (("north", "south"), ("south", "north")):
        neighbours = {"lateral": [other, "west"]} if lateral else {}
        kept = given_keys(hold_back=draw(held)) if lateral else {}
        tree[name] = {"supplied_by": "centre", "transport_time": "3 d"} | neighbours | kept
    tree["west"] = {"supplied_by": "suppliers"}
    return tree, {"lateral": {"time": "1 d", "cost": 5}} if lateral else {}


@st.composite
def orders(draw, places):
    """Give what both customer groups order of seals at some depots."""
    cells = draw(st.sets(st.sampled_from(
        [(depot, group) for depot in places for group in ("road", "rail")]
    ), min_size=1))  # fmt: skip
    return [
        {"part": "seal", "depot": depot, "customers": group,
         "rate": draw(st.sampled_from(["10 per year", "2 per week"])),
         "variance_to_mean": draw(st.sampled_from([1, 3, 40]))}
        for depot, group in sorted(cells)
    ]  # fmt: skip


@st.composite
def scenarios(draw):
    places, rules = draw(depots())
    repair = draw(maybe(st.just({"shop": "bench", "work_time": "4 d", "condemned": "30 %",
                                 "return_time": "5 d", "cost": 7})))  # fmt: skip
    when = draw(maybe(st.sampled_from(["always", "promise"])))
    if when:
        far = draw(maybe(st.just({"time": "2 d", "cost": 9})))
        rules |= {"emergency": given_keys(when=when, central={"time": "1 d"}, outside=far)}
    if repair:
        rules |= {"repair_shops": {"bench": {"servers": 2}}}
    grade = draw(st.sampled_from([
        {}, {"approval_time": "2 d"}, {"review_period": "7 d"}, {"ordering": "up_to"},
        {"approvers": 1, "approval_work": "1 d", "approval_time": "3 d", "review_period": "11 d"},
    ]))  # fmt: skip
    tree = scenario_tree(
        parts={"pump": {"lifetime": {"weibull": {"mean": "60 d", "shape": 2}},
                        "customer_held": "20 %"} | given_keys(repair=repair),
               "seal": {"price": 50, "supplier": "plant"} | given_keys(repair=repair)},
        suppliers=draw(suppliers()),
        depots=places,
        fleets=[
            {"machine": "mixer", "depot": depot, "customers": group, "count": 4,
             "ages": ["0 d", "30 d"]}
            for depot in places for group in ("road", "rail")
        ],
        tiers={
            "everyone": {"customers": ["road"], "promise": PROMISE, "priority": 2},
            "key": {"customers": ["rail"], "promise": PROMISE,
                    "reserved_stock": draw(st.integers(0, 2))},
        },
        demand=draw(orders(places)),
        grading={"grades": {"C": grade}},
        machines={"mixer": {"positions": {"pump": 1}, "warranty": "60 d"}},
        plans=draw(st.sampled_from([(), [{"older_than": "70 d", "tier": "key"}],
                                    [{"warranty": "in", "customers": ["rail"],
                                      "tier": "everyone"}]])),
        simulation={"years": 0.4, "warm_up": "0 d"},
        ageing=draw(st.sampled_from(["operating", "calendar"])),
        **rules,
    )  # fmt: skip
    return Scenario.model_validate(tree)


@st.composite
def plans(draw, case):
    levels = [[draw(st.integers(0, 4)) for _ in case.depot_ids] for _ in case.part_ids]
    lots = [[draw(st.integers(1, level + 1)) for level in row] for row in levels]
    return plan(case, levels, lots)


def check_all(case, decision, seed, *, eventful):
    """Check the laws after every event of one replication; give the record of a plain run."""
    watch, record = CallWatch(case), play(case, decision, seed, 0)
    network = build(case, decision, seed=seed, replication=0, eventful=eventful, watch=watch)
    run_checked(network)
    assert network.clock.unfinished == 0
    for log in (*network.logs, *network.counters):
        stages = sum(log.column(stage) for stage in STAGES)
        np.testing.assert_allclose(stages, log.response, rtol=0, atol=1e-9)
        assert (log.table() >= NO_PART).all()  # nothing takes less than no time
    # Machines that are there run, or are down with a call that the watch has seen.
    for fleet, base in enumerate(case.installed_bases):
        there = base.machine_days(network.clock.start, network.clock.end).sum()
        down = watch.down_days(fleet, network.clock, base.retires.tolist())
        assert record.availability[fleet] == pytest.approx(1 - down / there, abs=1e-9)
    return record


@settings(max_examples=25)
@given(st.data())
def test_units_are_conserved_after_every_event_and_every_call_is_answered(data):
    case = data.draw(scenarios())
    decision = data.draw(plans(case))
    record = check_all(case, decision, seed=1, eventful=data.draw(st.booleans()))
    # No time passes between a failure and its request, so each call is one request; so is each
    # unit of an order.
    calls = sum(len(responses) for responses in record.responses)
    assert record.requests[0].sum() == calls
    assert (record.from_shelf <= record.requests).all()
    assert (record.on_hand >= -1e-9).all()
    assert (record.backorders >= -1e-9).all()


@settings(max_examples=25, suppress_health_check=ALL_CHECKS)
@given(st.data())
def test_the_laws_hold_in_whole_service_organisations(data):
    case = data.draw(organisations())
    decision = data.draw(decisions(case))
    record = check_all(case, decision, seed=3, eventful=data.draw(st.booleans()))
    assert ((record.availability >= -1e-12) & (record.availability <= 1 + 1e-12)).all()
    assert (record.from_shelf <= record.requests).all()
    assert (record.supply_costs >= -1e-9).all()
    calls = record.service[:, SUMS.index("calls")]
    assert calls.tolist() == [len(responses) for responses in record.responses]
    # The calls that no part has are those by phone.
    assert (calls.sum() == record.by_part[:, 0].sum()) or case.service.phone_fix


NOT_PLAYED = {
    "Group", "GradingRules", "Weights", "Where", "PartRule", "OptimisationRules", "StockLimit",
    "StockToday", "Today", "DurationSpec", "LifetimeSpec", "MeanAndCv",
    *(f"{entry}.name" for entry in ("Scenario", "Part", "Depot", "Machine", "PlanRule")),
    *(f"Scenario.{key}" for key in ("groups", "limits", "optimisation", "today")),
    *(f"Part.{key}" for key in ("criticality", "group", "volume")),
    *(f"Depot.{key}" for key in ("max_waiting_time", "min_fill_rate", "storage")),
    *(f"Tier.{key}" for key in ("max_waiting_time", "min_fill_rate")),
    *(f"GradeRules.{key}" for key in ("max_parts", "min_fill_rate", "wait_price")),
    *(f"SimulationRules.{key}" for key in ("most_replications", "precision")),
    "Machine.min_availability",
}  # fmt: skip
"""Names, targets, and what is for the choice of a plan: the simulation plays any plan."""


def keys_of(value):
    """Give the keys that a scenario has, entry by entry."""
    if isinstance(value, BaseModel):
        for key in value.model_fields_set:
            yield f"{type(value).__name__}.{key}"
            yield from keys_of(getattr(value, key))
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from keys_of(one)


def test_the_random_organisations_have_every_key_that_is_played():
    schema, found = Scenario.model_json_schema(), set()

    @seed(1)
    @settings(max_examples=150, phases=[Phase.generate], suppress_health_check=ALL_CHECKS)
    @given(organisations())
    def collect(case):
        found.update(keys_of(case))

    collect()
    entries = {"Scenario": schema} | schema["$defs"]
    known = {
        f"{name}.{key}" for name, entry in entries.items() for key in entry.get("properties", ())
    }
    missing = {key for key in known - found if not {key, key.split(".")[0]} & NOT_PLAYED}
    assert not missing, "draw them in tests/simulation/random_scenarios.py, or say why not"


@pytest.mark.parametrize("wrong", ["lost", "found", "late"])
def test_a_broken_law_is_named(wrong):
    case = Scenario.model_validate(scenario_tree())
    network = build(case, plan(case, 2), seed=1, replication=0)
    shelf = network.shelves[0][0]
    network.run()
    assert broken_laws(network.supply) == []
    if wrong == "lost":
        shelf.position += 1
    elif wrong == "found":
        shelf._on_hand = -1
    else:
        shelf._on_hand = 1
        shelf.waiting.append((0.0, print, shelf.machine_side))
    assert broken_laws(network.supply)
    network.clock.end += 50
    with pytest.raises(RuntimeError, match=r"days: part 0 at depot 0"):
        run_checked(network)

"""Random small service organisations with all features of the scenario file that are played."""

from hypothesis import strategies as st

from partsim.model.scenario import Scenario
from tests.builders import plan, scenario_tree

SHORT = st.sampled_from(["0 d", "0.25 d", {"exponential": {"mean": "0.5 d"}}])
LONG = st.sampled_from(["2 d", "9 d", {"gamma": {"mean": "12 d", "cv": 0.7}}])
SHARE = st.sampled_from(["20 %", "50 %", "90 %"])
LIVES = st.sampled_from([
    {"lifetime": {"weibull": {"mean": "60 d", "shape": 2}}},
    {"lifetime": {"weibull": {"mean": "90 d", "shape": 0.6}}},  # infant mortality
    {"lifetime": {"modes": [{"fixed": "70 d"}, {"weibull": {"mean": "90 d", "shape": 0.7}}]}},
    {"lifetime": {"fixed": "30 d"}},  # whole days: events of one instant
    {"lifetime": {"weibull": {"mean": "60 d", "shape": 3}}, "replace_at": "40 d"},
    {"lifetime": {"weibull": {"mean": "60 d", "shape": 3}}, "replace_every": "35 d"},
    {"lifetime": {"weibull": {"mean": "70 d", "shape": 2}}, "replace_every": "50 d",
     "after_failure": "as_bad_as_old"},
])  # fmt: skip
AGES = st.sampled_from([
    {},  # in equilibrium
    {"ages": "new", "deliveries_per_year": 9},
    {"ages": ["0 d", "30 d"], "retire_at": "120 d"},
    {"age_distribution": {"exponential": {"mean": "60 d"}}, "retires_on": "2026-04-30"},
    {"delivered": {"2025-11-20": 1, "2026-02-11": 1}},
])  # fmt: skip
INSPECTIONS = st.sampled_from([
    {"every": "20 d", "finds": "60 %", "warning": "15 d"},
    {"months": [2, 4], "every": "61 d"},
    {"ages": ["30 d", "90 d"], "finds": "30 %"},
])  # fmt: skip
SHIFTS = st.sampled_from([
    {"days": 5, "start": "8 h", "end": "18 h"}, {"days": 7, "start": "0 h", "end": "24 h"},
    {"days": 6, "start": "20 h", "end": "5 h"},
])  # fmt: skip
GRADES = st.sampled_from([
    {}, {"approval_time": "2 d"}, {"review_period": "7 d"}, {"ordering": "up_to"},
    {"approvers": 1, "approval_work": "1 d", "approval_time": "3 d", "review_period": "11 d"},
])  # fmt: skip
CLERKS = {"approval_cost": 2, "control_loss": "1 %", "counts_per_year": 4, "count_cost": 1}
PLANS = st.sampled_from([
    [{"older_than": "70 d", "tier": "key"}],
    [{"warranty": "in", "customers": ["rail"], "tier": "everyone"},
     {"younger_than": "40 d", "markets": ["mature"], "tier": "young"}],
    [{"machines": ["mixer"], "depots": ["north"], "tier": "key"},
     {"warranty": "after", "tier": "young"}],
])  # fmt: skip
FIELDS = ("north", "south", "west")
PARTS = ("pump", "hose", "seal")


def maybe(strategy):
    """Draw from a strategy, or None."""
    return st.none() | strategy


def drawn(draw, **strategies):
    """Draw some of the keys of a section."""
    values = {key: draw(maybe(strategy)) for key, strategy in strategies.items()}
    return {key: value for key, value in values.items() if value is not None}


@st.composite
def organisations(draw):
    """Draw a tree of depots, two machines with three parts, and any of the rules about them."""
    tree = scenario_tree(
        parts=draw(parts()), suppliers=draw(suppliers()), **draw(depots()),
        machines={
            "mixer": {"positions": {"pump": 1, "seal": 2}, "warranty": "60 d"}
            | drawn(draw, inspection=st.just("plan")),
            "paver": {"positions": {"hose": 2, "seal": 1}, "warranty": "90 d"},
        },
        demand=[
            {"part": "filter", "depot": depot, "customers": group, "rate": "30 per year",
             "variance_to_mean": draw(st.sampled_from([1, 3, 40]))}
            for depot, group in (("north", "road"), ("west", "rail"))
        ],
        warranty={"visit_cost": 3, "visit_fee": 4, "parts_margin": "20 %"},
        costs={"order": 1, "downtime": "10 per day", "planned_replacement": 3, "inspection": 2}
        | drawn(draw, internal_order=st.just(4), purchases=st.just(True)),
        grading={"grades": {"C": draw(GRADES) | CLERKS}},
        simulation={"years": 0.3, "warm_up": "20 d", "start_date": "2026-01-01"},
        ageing=draw(st.sampled_from(["operating", "calendar"])),
    ) | draw(people())  # fmt: skip
    fleets = [draw(fleet(machine, depot)) for machine in ("mixer", "paver") for depot in FIELDS]
    tree |= {"fleets": fleets, "inspections": {"plan": draw(INSPECTIONS)}} | drawn(
        draw, plans=PLANS
    )
    if draw(st.booleans()):
        _serve_first_come(tree)
    _keep_what_agrees(tree)
    return Scenario.model_validate(tree)


@st.composite
def parts(draw):
    """Draw three parts of machines that other parts may go with, and one that is ordered."""
    repair = {"shop": "bench", "work_time": "4 d", "return_time": "2 d", "condemned": "30 %",
              "cost": 7, "used_value": "40 %"}  # fmt: skip
    entries = {}
    for name, others in (("pump", ("hose", "seal")), ("hose", ("seal",)), ("seal", ())):
        entries[name] = {"price": 100, "supplier": "plant"} | draw(LIVES) | drawn(
            draw,
            difficulty=st.sampled_from(["low", "high"]),
            customer_held=SHARE,
            needs=st.sampled_from([{other: 2} for other in others[1:]] or [None]),
            may_need=st.sampled_from([{other: "40 %"} for other in others[:1]] or [None]),
            min_order=st.just(3),
            repair=st.just(repair),
        )  # fmt: skip
    ordered = drawn(draw, order_multiple=st.just(2), repair=st.just(repair))
    return entries | {"filter": {"price": 50, "supplier": "plant"} | ordered}


@st.composite
def suppliers(draw):
    """Draw a plant, calm or with troubles, and another that may help out."""
    if draw(st.booleans()):
        return {"plant": {"kind": "own", "lead_time": draw(st.sampled_from(["1 d", "9 d"]))}}
    second = {"supplier": "other", "longer_than": "10 d", "surcharge": "5 %"}
    troubles = drawn(
        draw,
        sequential=st.just(True),
        capacity=st.just(30),
        disruptions=st.just({"every": "60 d", "lasting": {"exponential": {"mean": "20 d"}}}),
        second_source=st.just(second),
    )
    plant = {"kind": "outsourced", "lead_time": draw(LONG), "warranty_claims": "50 %"}
    return {"plant": plant | troubles, "other": {"kind": "own", "lead_time": draw(LONG)}}


@st.composite
def depots(draw):
    """Draw two or three echelons with a depot beside, and what is done about shortages."""
    lateral = draw(st.booleans())
    tree = {
        "centre": {"supplied_by": "suppliers"}
        | drawn(draw, allocation=st.just("priority")),
        "region": {"supplied_by": "centre", "transport_time": "1 d"},
        "west": {"supplied_by": "suppliers"},
    }  # fmt: skip
    for name, other in (("north", "south"), ("south", "north")):
        above = draw(st.sampled_from(["centre", "region"]))
        neighbours = {"lateral": [other, "west"]} if lateral else {}
        tree[name] = (
            {"supplied_by": above, "transport_time": "3 d", "market": "mature"}
            | neighbours
            | (drawn(draw, hold_back=st.sampled_from([0, 1])) if lateral else {})
            | drawn(draw, travel_time=SHORT, season=st.just("wet"))
        )
    shipments = {"central": {"time": "1 d", "cost": 3}, "outside": {"time": "2 d", "cost": 9}}
    emergency = {"when": draw(st.sampled_from(["always", "promise"]))} | draw(
        st.sampled_from([shipments, {"central": shipments["central"]},
                         {"outside": shipments["outside"], "tiers": ["key"]}])
    )  # fmt: skip
    rules = {"lateral": {"time": "1 d", "cost": 5}} if lateral else {}
    return {"depots": tree} | rules | drawn(draw, emergency=st.just(emergency))


@st.composite
def people(draw):
    """Draw customers with their promises, what is done at a call, and by whom."""
    promise = {"within": "2 d", "share": "90 %"}
    leaves = draw(st.sampled_from([{"technician_leaves": "with_parts"}, {"delivery_time": "1 d"}]))
    service = leaves | {
        "diagnosis_time": draw(SHORT),
        "travel_time": draw(SHORT),
        "repair_time": {"low": "0 d", "medium": draw(SHORT), "high": "1 d"},
        "parts_taken": draw(st.sampled_from(["needed", "expected"])),
    } | drawn(
        draw, phone_fix=st.just("20 %"), answer_time=SHORT, check_time=SHORT,
        way_home=st.just(True), wrong_diagnosis=SHARE,
        guided_repair=st.just({"low": "80 %", "medium": "60 %", "high": "40 %"}),
    )  # fmt: skip
    if "wrong_diagnosis" in service:
        service |= drawn(draw, remote_support=SHARE)
    crews = {
        "field": {"depots": list(FIELDS), "queue": draw(st.sampled_from(["first_come", "by_tier"]))}
        | draw(st.sampled_from([{"number": 1}, {"norm": "1 per 4 machines"}, {}]))
        | drawn(draw, shift=SHIFTS),
        "helpers": {"depots": ["south"], "number": 1, "skills": ["low", "medium"],
                    "machines": ["paver"]},
    }  # fmt: skip
    return {
        "service": service,
        "standards": {"exceed": {"promise": promise, "recovery": 4}
                      | drawn(draw, technicians=st.just("1 per 5 machines"), priority=st.just(1),
                              reserved_stock=st.just(1), inspection=st.just("plan"))},
        "tiers": {
            "everyone": {"customers": ["road"], "promise": promise, "priority": 2},
            "key": {"customers": ["rail"], "standard": "exceed", "downtime": "50 per day"}
            | drawn(draw, reserved_stock=st.integers(1, 2), expected=st.just("1 d")),
            "young": {"standard": "exceed", "priority": 3, "reserved_stock": 0},
        },
    } | drawn(draw, technicians=st.just(crews))  # fmt: skip


@st.composite
def fleet(draw, machine, depot):
    """Draw two machines of one customer group."""
    part = "pump" if machine == "mixer" else "hose"
    return {
        "machine": machine, "depot": depot, "count": 2,
        "customers": draw(st.sampled_from(["road", "rail"])), **draw(AGES),
    } | drawn(
        draw,
        consignment=st.sampled_from([{part: 1}, {"seal": 2}]),
        inspection=st.just("plan"),
    )  # fmt: skip


def _serve_first_come(tree):
    """Give all customers the same rank, so that who waits may know when his unit comes."""
    for tier in tree["tiers"].values():
        tier.pop("priority", None)
        tier.pop("reserved_stock", None)
    tree["standards"]["exceed"].pop("reserved_stock", None)
    for depot in tree["depots"].values():
        depot.pop("allocation", None)


def _keep_what_agrees(tree):
    """Take out what would contradict the rest, and add what is referred to."""
    _keep_machines_known(tree)
    _keep_people_busy(tree)
    if any(depot.get("season") for depot in tree["depots"].values()):
        tree["seasons"] = {"wet": [0, 0.5, 1, 2, 2, 1, 1, 1, 2, 1.5, 0, 0]}
    if any(part.get("repair") for part in tree["parts"].values()):
        tree["repair_shops"] = {"bench": {"servers": 2}}
    for part in tree["parts"].values():
        if part.get("repair"):
            part.pop("min_order", None)
            part.pop("order_multiple", None)
    if tree["grading"]["grades"]["C"].get("ordering") == "up_to":
        for part in tree["parts"].values():
            part.pop("order_multiple", None)


def _keep_machines_known(tree):
    """Let ages be known where inspections or plans go by them."""
    standard = tree["standards"]["exceed"]
    if "plans" in tree:
        standard.pop("inspection", None)  # plans by age would change it
        tree["fleets"][0]["customers"] = "rail"  # so that every plan selects somebody
    inspected = (*tree["fleets"], tree["machines"]["mixer"], standard)
    if not any(entry.get("inspection") for entry in inspected):
        del tree["inspections"]
    by_age = "plans" in tree or "ages" in tree.get("inspections", {}).get("plan", ())
    for entry in tree["fleets"]:
        if not {"ages", "age_distribution", "delivered"} & entry.keys():
            entry |= {"ages": "new"} if by_age else {"in_warranty": "30 %"}
    if "'young'" not in str(tree.get("plans")):
        del tree["tiers"]["young"]


def _keep_people_busy(tree):
    """Let technicians be counted once, and their way home keep somebody busy."""
    crew, standard = tree.get("technicians", {}).get("field"), tree["standards"]["exceed"]
    if crew is None or {"number", "norm"} & crew.keys():
        standard.pop("technicians", None)
    elif "technicians" not in standard:
        crew["number"] = 2
    if crew is None and tree["service"]["parts_taken"] == "needed":
        tree["service"].pop("way_home", None)


@st.composite
def decisions(draw, case):
    """Draw a plan: levels, and lots at the depots that suppliers deliver to."""
    levels = [[draw(st.integers(0, 4)) for _ in case.depot_ids] for _ in case.part_ids]
    lots = [[draw(st.integers(1, level + 1)) for level in row] for row in levels]
    return plan(case, levels, lots)

"""Every kind of target and limit: against enumeration, by hand, and against the simulation."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from partsim import evaluate, from_pulp, optimise, simulate, to_pulp
from partsim.demand.estimation import estimate_demand
from partsim.errors import InputError
from partsim.grading.scoring import grade_parts
from partsim.model.scenario import Scenario
from partsim.optimisation import targets
from partsim.optimisation.assessment import assess
from partsim.optimisation.certified_plans import build_model
from partsim.optimisation.options import evaluate_options
from partsim.optimisation.pool import OptionPool
from partsim.optimisation.price_table import PriceTable
from partsim.optimisation.targets import response_windows
from tests.builders import merge, plan, scenario
from tests.optimisation.test_against_brute_force import best_of_all, two_echelons

GAP = 3e-4
"""Where the core model may stop."""


def asking(seed, **changes):
    """Two parts in two echelons with random numbers, and what is asked of them."""
    return Scenario.model_validate(merge(two_echelons(seed).to_tree(), changes))


def limit(depot, part="pump", **levels):
    return {"part": part, "depot": depot} | levels


def model_of(case):
    return build_model(case, estimate_demand(case), grade_parts(case).grades)


TARGETS = {
    "tier wait": {"tiers": {"express": {"max_waiting_time": "6 h"}}},
    "tier fill rate": {"tiers": {"express": {"min_fill_rate": "93 %"}}},
    "depot fill rate": {"depots": {"west": {"min_fill_rate": "90 %"}}},
    "group": {
        "groups": {"moving": {"min_fill_rate": "96 %"}},
        "parts": {"valve": {"group": "moving"}},
    },
    "availability": {"machines": {"mixer": {"min_availability": "99.2 %"}}},
    "storage": {
        "parts": {"pump": {"volume": 2}, "valve": {"volume": 1.5}},
        "depots": {"west": {"storage": 3}, "east": {"storage": 9}},
    },
    "central storage": {
        "parts": {"pump": {"volume": 2}, "valve": {"volume": 1.5}},
        "depots": {"centre": {"storage": 2}},
    },
    "limits": {
        "limits": [
            limit("west", max=0),
            limit("east", min=2, max=3),
            limit("west", "valve", min=1, max=1),
        ]
    },
    "central limits": {"limits": [limit("centre", max=0), limit("centre", "valve", min=2)]},
}
MIXED = (
    merge(merge(TARGETS["tier wait"], TARGETS["group"], 3), TARGETS["availability"], 3)
    | TARGETS["central limits"]
)
CASES = TARGETS | {"mixed": MIXED}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", [1, 3])
def test_the_plan_is_the_cheapest_of_all_and_the_bound_below_it(name, seed):
    case = asking(seed, **CASES[name])
    cheapest = best_of_all(case)
    proof = optimise(case).certificate
    assert not proof.missed
    assert proof.lower_bound <= cheapest * (1 + 1e-9)
    assert cheapest * (1 - 1e-9) <= proof.plan_cost <= cheapest * (1 + GAP)


@pytest.mark.parametrize("name", CASES)
def test_what_is_asked_costs_something(name):
    """The cases of the test above would be no test if the promises alone gave the same."""
    free, asked = optimise(two_echelons(3)), optimise(asking(3, **CASES[name]))
    assert asked.certificate.plan_cost > free.certificate.plan_cost * (1 + GAP)


CENTRE_SERVES = {
    "fleets": [
        {"machine": "mixer", "depot": depot, "customers": group, "count": 6}
        for depot, group in (("centre", "road"), ("west", "road"), ("east", "rail"))
    ],
    "depots": {"centre": {"min_fill_rate": "80 %", "max_waiting_time": "9 h", "storage": 9}},
    "parts": {"pump": {"volume": 2}},
}


@pytest.mark.parametrize("asked", [MIXED, CASES["storage"], CASES["limits"], CENTRE_SERVES])
def test_the_options_of_a_decision_add_up_to_its_assessment(asked):
    model = model_of(asking(4, **asked))
    pool = OptionPool(model)
    for price in (1e2, 1e4, 1e6):
        picks = pool.price(np.full(len(model.targets.limit), price)).picks
        stock = np.array([(pick.central_level, *pick.levels) for pick in picks])
        result = assess(replace(model, least_levels=stock), stock)
        use = np.sum([pick.use for pick in picks], axis=0) + model.targets.constant
        assert result.use == pytest.approx(use, rel=1e-12)


@pytest.mark.parametrize("name", ["mixed", "storage"])
def test_the_full_model_has_the_same_rows(name):
    import pulp

    case = asking(3, **CASES[name])
    problem = to_pulp(case)
    strict = {"mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9}
    problem.solve(pulp.HiGHS(msg=False, threads=1, gapRel=0.0, **strict))
    assert evaluate(case, from_pulp(case, problem)).plan_cost == pytest.approx(
        best_of_all(case), rel=1e-9
    )


def test_least_stock_that_storage_cannot_hold_is_named_with_the_least_that_it_takes():
    room = {"parts": {"pump": {"volume": 2}}, "depots": {"west": {"storage": 3}}}
    certificate = optimise(asking(1, **room, limits=[limit("west", min=2)])).certificate
    (row,) = certificate.missed
    assert (row.name, row.unit, row.target, row.value, row.best) == (
        "storage at west", "volume", 3.0, 4.0, 4.0,
    )  # fmt: skip


@pytest.mark.parametrize("depot", ["west", "centre"])
def test_a_limit_below_the_least_fill_rate_of_the_grade_is_refused_by_name(depot):
    rule = {"min_fill_rate": "70 %"}
    fleet = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 4}
    case = asking(
        1,
        grading={"grades": {"A": rule, "B": rule, "C": rule}},
        fleets=[*two_echelons(1).to_tree()["fleets"], fleet],
        limits=[limit(depot, max=0)],
    )
    with pytest.raises(InputError, match=rf"max of pump at {depot} that .*\(70 %\), got 0"):
        optimise(case)


def test_a_limit_at_a_depot_of_suppliers_makes_lots_smaller():
    parts = {"pump": {"price": 5.0}}
    free = optimise(scenario(parts=parts, costs={"order": 50}))
    assert free.order_quantity[0, 0] > 4
    tight = optimise(scenario(parts=parts, costs={"order": 50}, limits=[limit("centre", max=3)]))
    assert tight.order_quantity[0, 0] == 4
    assert tight.base_stock[0, 0] == 3


def test_least_stock_is_kept_where_nobody_asks_for_it_and_paid_for():
    parts = {"spare": {"price": 50, "lifetime": {"fixed": "9 d"}, "supplier": "plant"}}
    depots = {"attic": {"supplied_by": "centre", "transport_time": "1 d"}}
    rows = [limit("attic", min=3), limit("centre", "spare", min=2), limit("attic", "spare", min=1)]
    free = scenario(parts=parts, depots=depots)
    kept = Scenario.model_validate(free.to_tree() | {"limits": rows})
    plans = optimise(free), optimise(kept)
    assert np.array_equal(plans[1].base_stock - plans[0].base_stock, [[0, 3], [2, 1]])
    bound = [plan.certificate.lower_bound for plan in plans]
    assert bound[1] - bound[0] == pytest.approx(0.2 * (3 * 1000 + 3 * 50), rel=1e-6)
    cost = [evaluate(kept, plan).plan_cost for plan in plans]
    assert cost[1] - cost[0] == pytest.approx(0.2 * (3 * 1000 + 3 * 50), rel=1e-9)


def test_limits_far_beyond_the_need_change_nothing():
    wide = [limit(depot, max=1000) for depot in ("west", "centre")]
    free, asked = optimise(two_echelons(5)), optimise(asking(5, limits=wide))
    assert asked.base_stock.tolist() == free.base_stock.tolist()
    assert asked.certificate.lower_bound == pytest.approx(free.certificate.lower_bound, rel=1e-12)


@pytest.mark.parametrize("depot", ["west", "centre"])
def test_least_stock_far_beyond_the_need_is_kept(depot):
    case = asking(5, limits=[limit(depot, min=200)])
    found = optimise(case)
    assert found.base_stock[0, case.depot_ids.index(depot)] == 200
    proof = found.certificate
    assert proof.lower_bound <= proof.plan_cost <= proof.lower_bound * (1 + GAP)


@pytest.mark.parametrize("price", [1e3, 1e4])
def test_the_bound_with_a_price_on_central_stock_holds_over_levels_never_evaluated(price):
    case = asking(1, **TARGETS["central storage"])
    fleets = tuple(f.model_copy(update={"count": f.count * 50}) for f in case.fleets)
    model = model_of(case.model_copy(update={"fleets": fleets}))
    prices = np.array([1e8, 1e8, price])
    (root,) = model.roots
    unit = PriceTable(model, prices).unit_price[:, root.depot]
    assert unit == pytest.approx(model.holding + price * np.array([2, 1.5]), rel=1e-12)
    every_level = OptionPool(model)
    for p in root.parts:
        levels = np.arange(root.fewest[p], root.most[p] + 1)
        every_level.batches += [
            (root, batch) for batch in evaluate_options(root, np.full(len(levels), p), levels)
        ]
    picks = every_level.price(prices).picks
    truth = sum(pick.cost + np.dot(pick.use, prices) for pick in picks)
    assert OptionPool(model).price(prices, close=np.inf).bound <= truth * (1 + 1e-12)
    assert OptionPool(model).price(prices).bound == pytest.approx(truth, rel=2e-4)


def test_a_plan_outside_the_limits_is_evaluated_all_the_same():
    case = asking(1, limits=[limit("west", max=0), limit("centre", min=5)])
    given = plan(case, 2)
    assert evaluate(case, given).plan_cost == evaluate(two_echelons(1), given).plan_cost


def test_rows_are_the_measures_that_evaluate_gives():
    both = {"max_waiting_time": "6 h", "min_fill_rate": "90 %"}
    case = asking(2, ageing="calendar", depots={"east": both}, tiers={"express": both})
    rows = {row.name: row.value for row in optimise(case).certificate.rows}
    measures = evaluate(case, optimise(case)).depots.set_index("depot").loc["east"]
    assert rows["fill rate at east"] == pytest.approx(measures["fill_rate"], rel=1e-12)
    assert rows["waiting time at east"] == pytest.approx(measures["waiting_time_hours"], rel=1e-12)
    # Railways are served in the east only, and their machines take what all machines take.
    for measure in ("fill rate", "waiting time"):
        assert rows[f"{measure} of express"] == pytest.approx(rows[f"{measure} at east"], rel=1e-12)


@pytest.mark.parametrize("repair", [0, 5])
def test_availability_without_stock_is_up_time_over_up_time_repair_and_lead_time(repair):
    """Also where two types of machine share the part."""
    least = {"min_availability": "50 %"}
    fleets = [
        {"machine": machine, "depot": "centre", "customers": "road", "count": count}
        for machine, count in (("mixer", 10), ("crane", 4))
    ]
    case = scenario(
        machines={"mixer": least, "crane": {"positions": {"pump": 1}} | least},
        fleets=fleets,
        service={"repair_time": f"{repair} d"},
    )
    use = assess(model_of(case), np.zeros((1, 1), dtype=int)).use
    assert 1 - use[1:] == pytest.approx([100 / (100 + repair + 20)] * 2, rel=1e-12)


def test_rows_of_groups_and_storage_are_sums_over_cells():
    room = {"parts": {"pump": {"volume": 2}, "valve": {"volume": 1.5}}}
    room |= {"depots": {"east": {"storage": 50}}}
    case = asking(2, **merge(TARGETS["group"], room, 3))
    found = optimise(case)
    rows = {row.name: row.value for row in found.certificate.rows}
    assert rows["storage at east"] == pytest.approx([2, 1.5] @ found.base_stock[:, 2], rel=1e-12)
    cells = evaluate(case, found).cells
    mine = cells[(cells["part"] == "valve") & (cells["depot"] != "centre")]
    filled = np.average(mine["fill_rate"], weights=mine["demand_per_year"])
    assert rows["fill rate of moving"] == pytest.approx(filled, rel=1e-12)


def test_what_customers_hold_keeps_no_machine_waiting():
    case = scenario(
        parts={"pump": {"customer_held": "75 %"}}, machines={"mixer": {"min_availability": "50 %"}}
    )
    use = assess(model_of(case), np.zeros((1, 1), dtype=int)).use
    assert use[1] == pytest.approx(0.25 * 20 / 120, rel=1e-12)


def test_a_target_of_a_group_that_nobody_asks_for_is_no_row():
    case = scenario(
        parts={"spare": {"price": 5, "lifetime": "9 d", "supplier": "plant", "group": "idle"}},
        groups={"idle": {"min_fill_rate": "90 %"}},
        machines={"crane": {"positions": {"spare": 1}}},
    )
    assert [row.name for row in optimise(case).certificate.rows] == ["promise of everyone"]


def two_tiers():
    """Calendar ageing and exponential lives: demand is Poisson and the formulas are exact."""
    part = {"price": 1000, "supplier": "plant"}
    return scenario(
        ageing="calendar",
        parts={"pump": {}, "seal": part | {"lifetime": {"exponential": {"mean": "60 d"}}}},
        machines={"crane": {"positions": {"seal": 2, "pump": 1}}},
        fleets=[
            {"machine": "mixer", "depot": "centre", "customers": "road", "count": 6},
            {"machine": "crane", "depot": "centre", "customers": "rail", "count": 4},
        ],
        depots={"centre": {"min_fill_rate": "50 %"}},
        tiers={
            "everyone": {"max_waiting_time": "1 h"},
            "express": {
                "customers": ["rail"],
                "promise": {"within": "24 h", "share": "50 %"},
                "max_waiting_time": "1 h",
            },
        },
        simulation={"years": 20, "warm_up": "300 d"},
    )


def within(row, name, value, replications):
    """Widen a 95 % interval of replications to 99.9 %."""
    wider = student.ppf(0.9995, replications - 1) / student.ppf(0.975, replications - 1)
    return abs(value - row[name]) <= wider * (row[f"{name}_high"] - row[f"{name}_low"]) / 2


def test_fill_rates_and_waits_of_tiers_are_those_of_the_simulation():
    case = two_tiers()
    levels = np.array([[2], [3]])
    use = dict(zip(model_of(case).targets.names, assess(
        replace(model_of(case), least_levels=levels), levels).use, strict=True))  # fmt: skip
    outcome = simulate(case, plan(case, levels), replications=40)
    assert within(outcome.depots.iloc[0], "fill_rate", 1 - use["fill rate at centre"], 40)
    for row, tier in zip(outcome.promises.to_dict("records"), case.tier_ids, strict=True):
        hours = use[f"waiting time of {tier}"] * 24
        assert within(row, "mean_response_hours", hours, 40)
    assert use["waiting time of everyone"] != pytest.approx(use["waiting time of express"], rel=0.1)


def test_availability_is_that_of_the_simulation_where_it_is_exact():
    case = scenario(
        machines={"mixer": {"min_availability": "50 %"}},
        simulation={"years": 20, "warm_up": "300 d"},
    )
    outcome = simulate(case, plan(case, 0), replications=40)
    assert within(outcome.fleets.iloc[0], "availability", 100 / 120, 40)


def test_availability_is_of_the_machines_that_are_there():
    """Exact without stock: failures wait 20 days at the centre, 50 far from it.

    Far away are 40 machines for one year of 20: two.
    """
    ten = {"machine": "mixer", "depot": "centre", "customers": "road", "count": 10}
    case = scenario(
        machines={"mixer": {"min_availability": "50 %"}},
        depots={"far": {"supplied_by": "centre", "transport_time": "30 d"}},
        fleets=[ten, ten | {"depot": "far", "count": 40, "ages": "new", "retire_at": "730 d"}],
        simulation={"years": 20, "warm_up": "365 d"},
    )
    running = np.array([100 / 120, 100 / 150])
    use = assess(model_of(case), np.zeros((1, 2), dtype=int)).use
    # The renewal function's error is 1e-4 units for each machine.
    assert 1 - use[1] == pytest.approx(running @ [10, 2] / 12, abs=1e-4)
    outcome = simulate(case, plan(case, 0), replications=40)
    for f in (0, 1):
        assert within(outcome.fleets.iloc[f], "availability", running[f], 40)


def test_availability_knows_the_seasons():
    """A machine that works half the year waits a day for each of half its failures."""
    case = scenario(
        ageing="calendar",
        suppliers={"plant": {"lead_time": "1 d"}},
        seasons={"half": [0] * 6 + [1] * 6},
        depots={"centre": {"season": "half"}},
        machines={"mixer": {"min_availability": "50 %"}},
        simulation={"years": 20, "warm_up": "365 d"},
    )
    use = assess(model_of(case), np.zeros((1, 1), dtype=int)).use
    assert use[1] == pytest.approx(0.005, rel=1e-9)
    outcome = simulate(case, plan(case, 0), replications=40)
    together = (1 + np.exp(-0.01)) / 2  # waits that overlap count once there
    assert within(outcome.fleets.iloc[0], "availability", together, 40)


def test_planned_replacements_keep_no_machine_waiting():
    case = scenario(
        ageing="calendar",
        parts={"pump": {"replace_at": "100 d"}},
        machines={"mixer": {"min_availability": "50 %"}},
    )
    use = assess(model_of(case), np.zeros((1, 1), dtype=int)).use
    assert use[1] == pytest.approx(20 / 100, rel=1e-9)  # exponential lives fail at their rate


def test_windows_are_worked_out_once_for_each_promise_and_its_times():
    case = scenario(service={"repair_time": "3 h"})
    later = scenario(service={"repair_time": "4 h"})
    first, again, other = (response_windows(each) for each in (case, case, later))
    assert np.array_equal(first.waits, again.waits)
    assert first.waits.max() - other.waits.max() == pytest.approx(1 / 24, rel=1e-9)
    before = targets.known_window.cache_info().misses
    response_windows(Scenario.model_validate(case.to_tree()))
    assert targets.known_window.cache_info().misses == before


def test_no_share_is_above_one_where_nothing_can_be_late():
    case = scenario(tiers={"everyone": {"promise": {"within": "900 d", "share": "90 %"}}})
    chosen = optimise(case)
    assert evaluate(case, chosen).promises["share_modelled"].tolist() == [1.0]
    assert chosen.rows[["value", "best"]].to_numpy().tolist() == [[1.0, 1.0]]

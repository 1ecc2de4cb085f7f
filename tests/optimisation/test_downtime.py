"""Downtime that costs: cheapest of all plans, the newsvendor's level, the simulation's money."""

import numpy as np
import pytest
from scipy.stats import poisson

from partsim import evaluate, optimise, simulate
from partsim.optimisation.next_units import next_units
from partsim.optimisation.optimiser import model_of
from partsim.optimisation.pool import OptionPool
from tests.builders import plan, scenario
from tests.optimisation.test_against_brute_force import best_of_all, two_echelons
from tests.optimisation.test_rows import CENTRE_SERVES, GAP, asking, two_tiers, within

COSTS = {
    "all machines": {"costs": {"downtime": "60 per day"}},
    "one tier": {"tiers": {"express": {"downtime": "100 per day"}}},
    "all but one tier": {
        "costs": {"downtime": "50 per day"},
        "tiers": {"express": {"downtime": "0 per day"}},
    },
    "beside other targets": {
        "costs": {"downtime": "40 per day"},
        "depots": {"west": {"min_fill_rate": "90 %"}},
        "optimisation": {"budget": 1_500_000},
    },
    "the centre serves too": CENTRE_SERVES | {"costs": {"downtime": "60 per day"}},
}
ANY_PROMISE = {"everyone": {"promise": {"within": "24 h", "share": "1 %"}}}


@pytest.mark.parametrize("name", list(COSTS)[:-1])
@pytest.mark.parametrize("seed", [1, 3])
def test_the_plan_is_the_cheapest_of_all_and_the_bound_below_it(name, seed):
    case = asking(seed, **COSTS[name])
    cheapest, proof = best_of_all(case), optimise(case).certificate
    assert not proof.missed
    assert proof.lower_bound <= cheapest * (1 + 1e-9)
    assert cheapest * (1 - 1e-9) <= proof.plan_cost <= cheapest * (1 + GAP)


@pytest.mark.parametrize("name", COSTS)
def test_the_options_of_a_decision_add_up_to_what_evaluate_says(name):
    case = asking(4, **COSTS[name])
    model = model_of(case)
    for price in (1e2, 1e5):
        picks = OptionPool(model).price(np.full(len(model.targets.limit), price)).picks
        stock = np.array([(pick.central_level, *pick.levels) for pick in picks])
        cost = sum(pick.cost for pick in picks) + sum(model.fixed_costs.values())
        found = evaluate(case, plan(case, stock, grades=optimise(case).grades))
        assert found.plan_cost == pytest.approx(cost, rel=1e-12)


@pytest.mark.parametrize("money", [1, 20, 400, 100_000])
def test_one_depot_keeps_the_level_of_the_newsvendor(money):
    """Cost h (S + EBO) + c EBO: the least S that meets demand with probability c / (c + h)."""
    case = scenario(ageing="calendar", tiers=ANY_PROMISE, costs={"downtime": f"{money} per day"})
    h, c = 0.2 * 1000, 365 * money
    level = poisson.ppf(c / (c + h), 10 * 20 / 100)
    assert optimise(case).base_stock.item() == level


def test_downtime_pays_for_what_a_loose_promise_does_not_ask():
    free, dear = (
        optimise(scenario(tiers=ANY_PROMISE, costs={"downtime": f"{money} per day"}))
        for money in (0, 50)
    )
    assert free.base_stock.item() < dear.base_stock.item()


def test_without_a_cost_there_is_no_such_line():
    case = scenario()
    assert "downtime" not in set(evaluate(case, plan(case, 1)).costs["cost"])
    assert "downtime" not in set(simulate(case, plan(case, 1)).costs["cost"])


def downtime(table):
    return table.costs.set_index("cost").loc["downtime"]


def test_it_is_the_money_of_the_simulation_where_the_formulas_are_exact():
    tree = two_tiers().to_tree()
    tree["costs"]["downtime"] = "1 k per day"
    tree["tiers"]["express"]["downtime"] = "5 k per day"
    case = type(two_tiers()).model_validate(tree)
    given = plan(case, np.array([[2], [3]]))
    played = downtime(simulate(case, given, replications=40))
    assert within(played, "per_year", downtime(evaluate(case, given)).per_year, 40)
    assert played.per_year > 1e5


def test_it_is_backorders_times_money_but_for_what_customers_hold():
    case = scenario(
        ageing="calendar",
        parts={"pump": {"customer_held": "75 %"}},
        costs={"downtime": "100 per day"},
        simulation={"years": 20},
    )
    found, played = evaluate(case, plan(case, 1)), simulate(case, plan(case, 1), replications=40)
    waiting = found.cells["expected_backorders"].sum()
    assert downtime(found).per_year == pytest.approx(0.25 * 36_500 * waiting, rel=1e-12)
    assert within(downtime(played), "per_year", downtime(found).per_year, 40)


def test_parts_share_it_out():
    case = asking(2, **COSTS["all but one tier"])
    found = evaluate(case, optimise(case))
    assert found.parts["downtime"].sum() == pytest.approx(downtime(found).per_year, rel=1e-12)
    assert (found.parts["downtime"] > 0).all()


CREWS = {
    "technicians": {"crew": {"depots": ["centre"], "number": 1}},
    "service": {"travel_time": "2 d", "repair_time": "1 d"},
}


@pytest.mark.parametrize(
    "service", [{}, {"service": {"technician_leaves": "with_parts", "travel_time": "3 d"}}, CREWS]
)
def test_it_is_simulated_as_the_waits_of_the_calls(service):
    case = scenario(costs={"downtime": "100 per day"}, **service)
    outcome = simulate(case, plan(case, 1))
    cell = outcome.cells.iloc[0]
    waits = cell.waiting_time_hours / 24 * cell.demand_per_year / 365
    assert downtime(outcome).per_year == pytest.approx(36_500 * waits, rel=1e-9)


def test_a_budget_is_kept_however_dear_downtime_is():
    case = asking(1, costs={"downtime": "50 M per day"}, optimisation={"budget": 150_000})
    found = optimise(case)
    assert float(found.base_stock.sum(axis=1) @ case.prices) <= 150_000
    best = {row.name: row.best for row in found.certificate.rows}
    assert best["budget"] == 0


def test_what_a_unit_adds_to_the_cost_counts_what_it_saves():
    case = asking(3, costs={"downtime": "1 k per day"})
    given = plan(case, np.array([[1, 0, 0], [1, 1, 0]]))
    (row,) = next_units(case, given, most=1).to_dict("records")
    levels = given.base_stock.copy()
    levels[case.part_ids.index(row["part"]), case.depot_ids.index(row["depot"])] += 1
    more = evaluate(case, plan(case, levels)).plan_cost - evaluate(case, given).plan_cost
    assert row["cost_per_year"] == pytest.approx(more, rel=1e-9)
    assert more < 0


def test_wrong_money_per_time_is_refused_in_a_sentence():
    for text in ("4000", "4000 per", "4000 per fortnight", "20 % per year", "-1 per day"):
        with pytest.raises(ValueError, match=r"costs\.downtime\n.*expected "):
            two_echelons(1).model_validate(
                two_echelons(1).to_tree() | {"costs": {"holding": "1 % per d", "downtime": text}}
            )


def test_it_is_written_so_that_it_reads_back():
    case = scenario(costs={"downtime": "3 k per h"}, tiers={"everyone": {"downtime": "7 per d"}})
    assert case.model_validate(case.to_tree()) == case
    assert case.downtime_costs.tolist() == [7.0]
    assert case.costs.downtime == pytest.approx(72_000)
